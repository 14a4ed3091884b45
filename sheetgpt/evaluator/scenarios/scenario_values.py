"""What a caller gives for cells, one value or a value for each scenario, as cells hold it."""

from __future__ import annotations

import math

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import UsageError

_KINDS = "a cell holds a number, a text, True or False, an ErrorValue, or None"


def scenarios_of(name: str, rect: Rect, value: object) -> np.ndarray:
    """Values for the cells of an input [..., row, column]: before the last two axes are those of the scenarios.

    For one cell each value is a scenario. For several cells one value is for all of them; an array has their shape in
    its last two axes. Raises UsageError for another shape, and for a value that no cell can hold.
    """
    given = _cells(name, value)
    if rect.size == 1:
        return given[..., None, None]
    if given.ndim == 0:
        return np.broadcast_to(given, rect.shape)
    if given.ndim == 1 or given.shape[-2:] != rect.shape:
        raise UsageError(
            f"{name} is {rect.rows} x {rect.columns} cells, not {' x '.join(map(str, given.shape))}",
            f"give one value, or an array of the shape [{rect.rows}, {rect.columns}] or"
            f" [scenario, {rect.rows}, {rect.columns}]",
        )
    return given


def together(names: list[str], values: list[np.ndarray]) -> tuple[tuple[int, ...], list[np.ndarray]]:
    """The axes of the scenarios, and the values of each input [scenario, row, column]; raises UsageError."""
    shapes = [array.shape[:-2] for array in values]
    try:
        axes = np.broadcast_shapes(*shapes)
    except ValueError:
        listed = ", ".join(f"{name} {list(shape)}" for name, shape in zip(names, shapes, strict=True))
        raise UsageError(
            f"the scenarios of the inputs do not fit: {listed}", "numpy's broadcasting joins them"
        ) from None
    count = math.prod(axes)
    return axes, [np.broadcast_to(a, (*axes, *a.shape[-2:])).reshape(count, *a.shape[-2:]) for a in values]


def plain(values: np.ndarray) -> np.ndarray:
    """The same as float64 if all are numbers."""
    if values.dtype == object and all(type(value) is float for value in values.ravel().tolist()):
        return values.astype(np.float64)
    return values


def _cells(name: str, value: object) -> np.ndarray:
    given = value if isinstance(value, np.ndarray) else np.array(value, dtype=object)
    if given.dtype.kind in "iuf":
        numbers = given.astype(np.float64)
        if not np.isfinite(numbers).all():
            raise UsageError(f"{name} cannot hold an infinite number or NaN", _KINDS)
        return numbers
    cells = np.empty(given.size, dtype=object)
    cells[:] = [_cell(name, one) for one in given.astype(object).ravel().tolist()]
    return plain(cells.reshape(given.shape))


def _cell(name: str, value: object) -> Value:
    if value is None or isinstance(value, str | bool | ErrorValue):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, int | float | np.integer | np.floating) and math.isfinite(value):
        return float(value)
    raise UsageError(f"{name} cannot hold {value!r}", _KINDS)

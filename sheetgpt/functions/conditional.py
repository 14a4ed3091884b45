"""COUNTIF, SUMIFS, AVERAGEIF, MAXIFS and their kin: aggregates of the cells that meet criteria."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.broadcasting import FLOAT, first_error
from sheetgpt.functions.core.coercion import DIV0, VALUE
from sheetgpt.functions.core.criteria_cells import both, cells_of, count
from sheetgpt.functions.core.made_once import made_once
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift

Aggregate = Callable[[np.ndarray], Value]  # of the chosen numbers

_LONGEST = 255  # characters of a criterion; a longer one is #VALUE!, says Microsoft's page on COUNTIF


def _is_too_long(*criteria: Operand | Value) -> bool:
    return any(isinstance(criterion, str) and len(criterion) > _LONGEST for criterion in criteria)


def _met(criteria: tuple[Operand | Value, ...]) -> tuple[tuple[int, ...], np.ndarray] | None:
    """Which cells meet all criteria, given as range, criterion, range, criterion ...; None if sizes differ.

    The shape of the ranges, and what `criteria_cells` calls a selection.
    """
    met: np.ndarray | None = None
    shape: tuple[int, ...] = ()
    for cells, criterion in zip(criteria[::2], criteria[1::2], strict=True):
        assert isinstance(cells, Operand)
        assert not isinstance(criterion, Operand)
        if met is not None and cells.values.shape != shape:
            return None
        one = cells_of(cells.values).meeting(criterion)
        shape, met = cells.values.shape, one if met is None else both(met, one)
    return None if met is None else (shape, met)


def _chosen(values: np.ndarray, met: np.ndarray) -> np.ndarray | ErrorValue:
    """The numbers among the selected values, or the first error among them."""
    if values.dtype == FLOAT:
        picked: np.ndarray = values.reshape(-1)[met]
        return picked
    numbers, errors = made_once(values, "numbers and errors", lambda: _numbers_and_errors(values))
    error = first_error(values.reshape(-1)[met]) if errors else None
    picked = numbers[met]
    return error or picked[picked == picked]


def _numbers_and_errors(values: np.ndarray) -> tuple[np.ndarray, bool]:
    """Values as numbers, NaN where they are none, and whether there are errors among them."""
    several: list[Value] = values.ravel().tolist()
    numbers = np.array([value if type(value) is float else np.nan for value in several], dtype=FLOAT)
    return numbers, any(isinstance(value, ErrorValue) for value in several)


def _ifs(aggregate: Aggregate) -> Callable[..., Value]:
    """The form of SUMIFS: what to aggregate first, then pairs of range and criterion."""

    def function(cells: Operand, *criteria: Operand | Value) -> Value:
        met = None if len(criteria) % 2 or _is_too_long(*criteria) else _met(criteria)
        if met is None or met[0] != cells.values.shape:
            return VALUE
        numbers = _chosen(cells.values, met[1])
        return numbers if isinstance(numbers, ErrorValue) else aggregate(numbers)

    return function


def _if(aggregate: Aggregate) -> Callable[..., Value]:
    """The form of SUMIF: range, criterion, and maybe another range to aggregate, of the same size or larger."""

    def function(cells: Operand, criterion: Value, others: Operand | None = None) -> Value:
        shape = cells.values.shape
        values = cells.values if others is None else others.values
        if values.shape != shape:
            values = values[: shape[0], : shape[1]]
        if values.shape != shape or _is_too_long(criterion):
            return VALUE
        numbers = _chosen(values, cells_of(cells.values).meeting(criterion))
        return numbers if isinstance(numbers, ErrorValue) else aggregate(numbers)

    return function


def _count_if(cells: Operand, criterion: Value) -> Value:
    return VALUE if _is_too_long(criterion) else float(count(cells_of(cells.values).meeting(criterion)))


def _count_ifs(*criteria: Operand | Value) -> Value:
    met = None if len(criteria) % 2 or _is_too_long(*criteria) else _met(criteria)
    return VALUE if met is None else float(count(met[1]))


def _sum(numbers: np.ndarray) -> Value:
    return float(numbers.sum())


def _mean(numbers: np.ndarray) -> Value:
    return float(numbers.sum()) / numbers.size if numbers.size else DIV0


def _largest(numbers: np.ndarray) -> Value:
    return float(numbers.max()) if numbers.size else 0.0


def _smallest(numbers: np.ndarray) -> Value:
    return float(numbers.min()) if numbers.size else 0.0


def _one_criterion(aggregate: Aggregate, note: str) -> Function:
    function = lift(_if(aggregate), "array", "value", "array", optional=1, note=note)
    return function.replace(each_reference=True, follows_first=True)


def _criteria(aggregate: Aggregate) -> Function:
    return lift(_ifs(aggregate), "array", "array", "value", repeats=2, each_reference=True)


CONDITIONAL: dict[str, Function] = {
    "COUNTIF": lift(_count_if, "array", "value", sees_blanks=True, each_reference=True),
    "COUNTIFS": lift(
        _count_ifs, "array", "value", "array", "value", optional=2, repeats=2, sees_blanks=True, each_reference=True
    ),
    "SUMIF": _one_criterion(_sum, "the third range takes the size of the first, from its own first cell on"),
    "SUMIFS": _criteria(_sum),
    "AVERAGEIF": _one_criterion(_mean, "as SUMIF"),
    "AVERAGEIFS": _criteria(_mean),
    "MAXIFS": _criteria(_largest),
    "MINIFS": _criteria(_smallest),
}

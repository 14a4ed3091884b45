"""Arrays wrapped, widened and trimmed: WRAPROWS, WRAPCOLS, EXPAND, TRIMRANGE."""

from __future__ import annotations

import math

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS
from sheetgpt.book.values import Value
from sheetgpt.functions.core.broadcasting import OBJECT, first, is_blank, single, tidy
from sheetgpt.functions.core.coercion import NA, NUM, REF, VALUE
from sheetgpt.functions.core.options import option
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.sorting import guarded

_MOST_CELLS = 2**24


def _padding(operands: tuple[Operand | None, ...], place: int) -> Value:
    """What fills the cells that the array lacks: #N/A if nothing else is given."""
    operand = operands[place] if place < len(operands) else None
    return NA if operand is None else first(operand.values)


def _wrap_rows(*operands: Operand | None) -> np.ndarray:
    """WRAPROWS(row or column, how many in each row, filler)."""
    cells = operands[0]
    assert cells is not None
    if 1 not in cells.values.shape:
        return single(VALUE)
    width = math.floor(option(operands, 1, 0.0))
    if width < 1:
        return single(NUM)
    rows = -(-cells.values.size // width)
    if rows * width > _MOST_CELLS:
        return single(NUM)
    full = np.empty(rows * width, dtype=OBJECT)
    full[:] = [_padding(operands, 2)] * full.size
    full[: cells.values.size] = cells.values.ravel()
    return tidy(full.reshape(rows, width))


def _wrap_columns(*operands: Operand | None) -> np.ndarray:
    return _wrap_rows(*operands).T


def _expand(*operands: Operand | None) -> np.ndarray:
    """EXPAND(array, rows, columns, filler)."""
    cells = operands[0]
    assert cells is not None
    shape = cells.values.shape
    rows, columns = (math.floor(option(operands, place + 1, float(size))) for place, size in enumerate(shape))
    if rows < shape[0] or columns < shape[1]:
        return single(VALUE)
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > _MOST_CELLS:
        return single(NUM)
    full = np.empty((rows, columns), dtype=OBJECT)
    full[:] = np.array([[_padding(operands, 3)]], dtype=OBJECT)
    full[: shape[0], : shape[1]] = cells.values
    return tidy(full)


def _filled_part(filled: np.ndarray, mode: float) -> slice:
    """From the first to the last filled line; mode 0 keeps all, 1 trims before it, 2 after it, 3 both."""
    places = np.flatnonzero(filled)
    if not len(places):
        return slice(0, len(filled) if mode == 0 else 0)
    start = int(places[0]) if mode in (1, 3) else 0
    return slice(start, int(places[-1]) + 1 if mode in (2, 3) else len(filled))


def _trim_range(*operands: Operand | None) -> np.ndarray:
    """TRIMRANGE(range, rows, columns): without the blank lines around; #REF! where nothing is left."""
    cells = operands[0]
    assert cells is not None
    modes = [float(int(option(operands, place, 3.0))) for place in (1, 2)]
    if not all(0 <= mode <= 3 for mode in modes):
        return single(VALUE)
    values = cells.values
    filled = ~is_blank(values) if values.dtype == OBJECT else np.ones(values.shape, dtype=bool)
    rows, columns = (_filled_part(np.asarray(filled.any(axis=1 - axis)), mode) for axis, mode in enumerate(modes))
    kept: np.ndarray = values[rows, columns]
    return tidy(kept) if kept.size else single(REF)


RESHAPING: dict[str, Function] = {
    "WRAPROWS": Function(call=guarded(_wrap_rows), parameters=("array", "value", "value"), optional=1),
    "WRAPCOLS": Function(call=guarded(_wrap_columns), parameters=("array", "value", "value"), optional=1),
    "EXPAND": Function(call=guarded(_expand), parameters=("array", "value", "value", "value"), optional=2),
    "TRIMRANGE": Function(
        call=guarded(_trim_range),
        parameters=("array", "value", "value"),
        optional=2,
        note="the values, not a reference: ROW and OFFSET cannot take it",
    ),
}

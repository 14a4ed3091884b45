"""MATCH, LOOKUP, VLOOKUP, HLOOKUP, ADDRESS, and `index`, the kernel of INDEX on arrays.

Approximate matches search as Excel does, by halving, and so take it on trust that the values are sorted.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, column_letters, quote_sheet
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.aggregates import is_direct
from sheetgpt.functions.core import lookup_search
from sheetgpt.functions.core.broadcasting import FLOAT, align, each_of_batch, first, pack, single
from sheetgpt.functions.core.coercion import NA, REF, VALUE, to_number, to_text
from sheetgpt.functions.core.haystack import first_line, haystack
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift, numbers, with_defaults

LONGEST_SOUGHT = 255  # characters; MATCH, VLOOKUP and HLOOKUP give #VALUE! for a longer text
_MOST_PAIRS = 50_000_000  # needles times values compared at once


def index(values: np.ndarray, row: int, column: int) -> np.ndarray:
    """The cell (row, column) of an array, counted from 1; 0 takes the whole row or column; else #REF!."""
    rows, columns = values.shape[-2:]
    if not (0 <= row <= rows and 0 <= column <= columns):
        return single(REF if row >= 0 and column >= 0 else VALUE)
    down = slice(None) if row == 0 else slice(row - 1, row)
    across = slice(None) if column == 0 else slice(column - 1, column)
    return values[..., down, across]


def _match(*operands: Operand | None) -> np.ndarray:
    needles, cells = operands[:2]
    if len(operands) > 2 and operands[2] is not None and operands[2].values.size > 1:
        return each_of_batch(_match_by_mode, operands)
    mode = 1.0 if len(operands) == 2 else number_of(operands[2])
    if needles is None or cells is None or isinstance(mode, ErrorValue):
        return single(mode if isinstance(mode, ErrorValue) else NA)
    if 1 not in cells.values.shape[-2:]:
        return single(NA)
    if needles.values.dtype == cells.values.dtype == FLOAT:
        found = _match_numbers(needles.values, cells.values, mode)
        if found is not None:
            return _positions(found).reshape(_batch_shape(needles.values, cells.values))
    return each_of_batch(_match_values, (needles, cells, Operand(single(mode))))


def _match_by_mode(needles: Operand | None, cells: Operand | None, modes: Operand) -> np.ndarray:
    """MATCH with an array of match types: each goes with its own needle."""
    if modes.values.size == 1:
        return _match(needles, cells, modes)
    wanted, ways = align([single(None) if needles is None else needles.values, modes.values])
    pairs = zip(wanted.ravel().tolist(), ways.ravel().tolist(), strict=True)
    found = [first(_match(Operand(single(needle)), cells, Operand(single(way)))) for needle, way in pairs]
    return pack(found, wanted.shape)


def number_of(operand: Operand | None) -> float | ErrorValue:
    """The number of an argument, 0 for one left empty."""
    return 0.0 if operand is None else to_number(first(operand.values))


def _batch_shape(needles: np.ndarray, cells: np.ndarray) -> tuple[int, ...]:
    return np.broadcast_shapes(needles.shape[:-2], cells.shape[:-2]) + needles.shape[-2:]


def _match_numbers(needles: np.ndarray, cells: np.ndarray, mode: float) -> np.ndarray | None:
    """Positions of numbers among numbers, or None where this way does not fit."""
    if cells.ndim == 2:
        haystack = cells.ravel()
        if mode == 0:
            return lookup_search.exact_numbers(needles.ravel(), haystack)
        return lookup_search.ordered_numbers(needles.ravel(), haystack, descending=mode < 0)
    entries = needles.reshape(-1, needles.shape[-2] * needles.shape[-1]) if needles.ndim > 2 else needles.reshape(1, -1)
    if mode or entries.shape[-1] * cells.size > _MOST_PAIRS:
        return None
    return lookup_search.exact_numbers_by_batch(entries, cells.reshape(cells.shape[0], -1))


def _positions(found: np.ndarray) -> np.ndarray:
    """Positions from 0 as MATCH tells them: from 1, and #N/A for none."""
    positions = (found + 1).astype(FLOAT)
    if (found >= 0).all():
        return positions
    result = positions.astype(object)
    result[found < 0] = NA
    return result


def _match_values(needles: Operand, cells: Operand, mode: Operand) -> np.ndarray:
    way = first(mode.values)
    assert isinstance(way, float)
    wanted, line = needles.values.ravel().tolist(), haystack(cells.values)
    if way == 0:
        places = [line.exact(needle) for needle in wanted]
    else:
        places = [line.ordered(needle, descending=way < 0) for needle in wanted]
    values = [
        VALUE if isinstance(needle, str) and len(needle) > LONGEST_SOUGHT else told(needle, place)
        for needle, place in zip(wanted, places, strict=True)
    ]
    return pack(values, needles.values.shape)


def told(needle: Value, place: int) -> Value:
    """A position as MATCH tells it: from 1, #N/A for none; a needle that is an error stays it."""
    if isinstance(needle, ErrorValue):
        return needle
    return NA if place < 0 else float(place + 1)


def _look_down(needle: Value, table: Operand, column: Value, approximate: Value = True) -> Value:
    return VALUE if _is_text(table) else _look_in(needle, table.values, column, approximate, across=False)


def _look_across(needle: Value, table: Operand, row: Value, approximate: Value = True) -> Value:
    return VALUE if _is_text(table) else _look_in(needle, table.values, row, approximate, across=True)


def _is_text(table: Operand) -> bool:
    """Whether a single text stands where a table should."""
    return is_direct(table) and isinstance(first(table.values), str)


def _look_in(needle: Value, table: np.ndarray, column: Value, approximate: Value, across: bool) -> Value:
    """VLOOKUP: the value in a column of the row whose first value matches; `across` rows and columns are exchanged."""
    number, near = to_number(column), to_number(approximate)
    for value in (needle, number, near):
        if isinstance(value, ErrorValue):
            return value
    assert isinstance(number, float)
    if number < 1 or (isinstance(needle, str) and len(needle) > LONGEST_SOUGHT):
        return VALUE
    if int(number) > table.shape[0 if across else 1]:
        return REF
    line = first_line(table, across)
    place = line.ordered(needle) if near else line.exact(needle)
    return NA if place < 0 else item(table.T if across else table, place, int(number) - 1)


def item(values: np.ndarray, row: int, column: int) -> Value:
    """One value of an array, as a Python object."""
    value: Value = values[row : row + 1, column].tolist()[0]
    return value


def _lookup(needle: Value, cells: Operand, results: Operand | None = None) -> Value:
    """LOOKUP: in a vector, or in the longer side of an array with the result from its far edge."""
    if isinstance(needle, ErrorValue):
        return needle
    table = cells.values
    across = table.shape[1] > table.shape[0]
    place = first_line(table, across).ordered(needle)
    if place < 0:
        return NA
    if results is None:
        return item(table, table.shape[0] - 1, place) if across else item(table, place, table.shape[1] - 1)
    row = results.values.ravel()
    return item(row[None], 0, place) if place < row.size else NA


def _address(row: float, column: float, kind: float = 1.0, a1: Value = True, sheet: Value = None) -> Value:
    """ADDRESS: the text of a reference; kind 1 is absolute, 4 relative, 2 and 3 one of each."""
    r, c, way, style = int(row), int(column), int(kind), to_number(a1)
    if isinstance(style, ErrorValue) or not (1 <= r <= MAX_ROWS and 1 <= c <= MAX_COLUMNS and 1 <= way <= 4):
        return style if isinstance(style, ErrorValue) else VALUE
    name = to_text(sheet)
    if isinstance(name, ErrorValue):
        return name
    prefix = "" if sheet is None else f"{quote_sheet(name) if name else ''}!"
    if style:
        return f"{prefix}{'$' if way in (1, 3) else ''}{column_letters(c)}{'$' if way in (1, 2) else ''}{r}"
    return prefix + (f"R{r}" if way in (1, 2) else f"R[{r}]") + (f"C{c}" if way in (1, 3) else f"C[{c}]")


LOOKUP: dict[str, Function] = {
    "MATCH": Function(
        call=_match,
        parameters=("value", "array", "value"),
        optional=1,
        batched=True,
        note="type 1 searches by halving, as Excel does in unsorted cells too; 1 and -1 find the last of equal values",
    ),
    "VLOOKUP": lift(
        _look_down,
        "value",
        "array",
        "value",
        "value",
        optional=1,
        note="an approximate match searches by halving, in unsorted cells too",
    ),
    "HLOOKUP": lift(_look_across, "value", "array", "value", "value", optional=1, note="as VLOOKUP"),
    "LOOKUP": lift(_lookup, "value", "array", "array", optional=1, array_mode=True, note="as VLOOKUP"),
    "ADDRESS": with_defaults(lift(_address, *numbers(3), "value", "value", optional=3), {2: 1.0, 3: True}),
}

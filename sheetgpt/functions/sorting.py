"""Arrays put in order, and each of their rows once: SORT, SORTBY, UNIQUE.

Numbers come before texts, texts before FALSE and TRUE, errors after them, and blank cells last whatever the
order; equal ones stay as they stood (https://support.microsoft.com/office/sort-data-in-a-range-or-table).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from sheetgpt.book.values import Value
from sheetgpt.functions.core.broadcasting import FLOAT, OBJECT, first_error, is_blank, single, tidy, to_numbers
from sheetgpt.functions.core.coercion import CALC, VALUE, rank
from sheetgpt.functions.core.collation import SortKey, sort_key
from sheetgpt.functions.core.options import OptionError, option
from sheetgpt.functions.core.signature import Function, Operand

Call = Callable[..., np.ndarray]


def guarded(call: Call) -> Call:
    """The function with the error of an option, or of an array left out, as its value."""

    def guard(*operands: Operand | None) -> np.ndarray:
        try:
            return single(VALUE) if operands[0] is None else call(*operands)
        except OptionError as error:
            return single(error.value)

    return guard


def _order_key(value: Value) -> tuple[int, Value | SortKey]:
    kind = rank(value)
    if kind == 3:
        return kind, 0.0
    return kind, sort_key(value) if isinstance(value, str) else value


def _ordered(places: np.ndarray, keys: np.ndarray, descending: bool) -> np.ndarray:
    """Places put in the order of their keys, int (n,) and any (m,) -> int (n,)."""
    chosen = keys[places]
    if chosen.dtype == FLOAT:
        return places[np.argsort(-chosen if descending else chosen, kind="stable")]
    values: list[Value] = chosen.tolist()
    filled = [i for i, value in enumerate(values) if value is not None]
    filled.sort(key=lambda i: _order_key(values[i]), reverse=descending)
    return places[filled + [i for i, value in enumerate(values) if value is None]]


def _by_keys(keys: Sequence[np.ndarray], orders: Sequence[float]) -> np.ndarray:
    """The order of rows by several keys, the first one counting most; an order is 1 or -1."""
    if any(order not in (1, -1) for order in orders):
        raise OptionError(VALUE)
    places = np.arange(len(keys[0]))
    for key, order in zip(reversed(keys), reversed(orders), strict=True):
        places = _ordered(places, tidy(key), order < 0)
    return places


def _numbers_of(operand: Operand | None) -> list[float]:
    """An option of several numbers, 1 where it is left out."""
    if operand is None:
        return [1.0]
    numbers, errors = to_numbers(operand.values)
    if errors is not None:
        raise OptionError(first_error(errors) or VALUE)
    return [float(int(number)) for number in numbers.ravel().tolist()]


def _sort(*operands: Operand | None) -> np.ndarray:
    """SORT(array, numbers of the columns to sort by, 1 or -1 for each, whether it is columns that are sorted)."""
    cells, which, order = (*operands, None, None)[:3]
    assert cells is not None
    by_column = bool(option(operands, 3, 0.0))
    table = cells.values.T if by_column else cells.values
    columns, orders = _numbers_of(which), _numbers_of(order)
    orders = orders * len(columns) if len(orders) == 1 else orders
    if len(orders) != len(columns) or not all(1 <= column <= table.shape[1] for column in columns):
        return single(VALUE)
    ordered: np.ndarray = table[_by_keys([table[:, int(column) - 1] for column in columns], orders)]
    return ordered.T if by_column else ordered


def _sort_by(*operands: Operand | None) -> np.ndarray:
    """SORTBY(array, row or column to sort by, 1 or -1, another one ...)."""
    keys = [operand.values for operand in operands[1::2] if operand is not None]
    cells = operands[0]
    assert cells is not None
    shape = cells.values.shape
    if len(keys) < len(operands[1::2]) or len({key.shape for key in keys}) > 1:
        return single(VALUE)
    down, across = keys[0].shape == (shape[0], 1), keys[0].shape == (1, shape[1])
    if not (down or across):
        return single(VALUE)
    orders = [option(operands, place, 1.0) for place in range(2, 2 * len(keys) + 1, 2)]
    places = _by_keys([key.ravel() for key in keys], [float(int(order)) for order in orders])
    return cells.values[places] if down else cells.values[:, places]


def _same_key(value: Value) -> Hashable:
    if isinstance(value, str):
        return value.lower()
    return (type(value), value) if isinstance(value, bool) else value


def _row_keys(table: np.ndarray) -> list[Hashable]:
    if table.dtype == FLOAT and table.shape[1] == 1:
        return list(table[:, 0].tolist())
    return [tuple(map(_same_key, row)) for row in table.tolist()]


def _without_blank_end(table: np.ndarray) -> np.ndarray:
    """The table without the blank rows at its end but two: more of them change nothing, and a column has a million."""
    if table.dtype != OBJECT:
        return table
    filled = np.flatnonzero(np.asarray((~is_blank(table)).any(axis=1)))
    return table[: (int(filled[-1]) if len(filled) else -1) + 3]


def _unique(*operands: Operand | None) -> np.ndarray:
    """UNIQUE(array, whether columns are compared, whether only what is there once): texts without case."""
    cells = operands[0]
    assert cells is not None
    by_column, once = bool(option(operands, 1, 0.0)), bool(option(operands, 2, 0.0))
    table = _without_blank_end(cells.values.T if by_column else cells.values)
    seen: dict[Hashable, list[int]] = {}
    for place, key in enumerate(_row_keys(table)):
        seen.setdefault(key, []).append(place)
    places = [found[0] for found in seen.values() if len(found) == 1 or not once]
    if not places:
        return single(CALC)
    kept = tidy(table[places])
    return kept.T if by_column else kept


_TEXTS = "texts by their letters, without case; accents, hyphens and apostrophes count last"
SORTING: dict[str, Function] = {
    "SORT": Function(call=guarded(_sort), parameters=("array", "array", "array", "value"), optional=3, note=_TEXTS),
    "SORTBY": Function(
        call=guarded(_sort_by), parameters=("array", "array", "value"), optional=1, repeats=2, note="as SORT"
    ),
    "UNIQUE": Function(call=guarded(_unique), parameters=("array", "value", "value"), optional=2, sees_blanks=True),
}

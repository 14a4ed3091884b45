"""SUBTOTAL and AGGREGATE: other functions over cells of which some are left out.

What is left out counts as blank: rows hidden by hand or by a filter, cells that hold such a function themselves, and
for AGGREGATE also errors (https://support.microsoft.com/office/aggregate-function and .../subtotal-function).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator.batch.batch import Batch, References, Result, Step, common_label, no_function, single
from sheetgpt.evaluator.forms.form import Argument, Form, integers
from sheetgpt.evaluator.index.areas import Areas, stack
from sheetgpt.functions import FUNCTIONS
from sheetgpt.functions.core.broadcasting import FLOAT, each_of_batch, is_batched, pack
from sheetgpt.functions.core.signature import Operand

_NAMES = (  # by number, from 1
    *("AVERAGE", "COUNT", "COUNTA", "MAX", "MIN", "PRODUCT", "STDEV", "STDEVP", "SUM", "VAR", "VARP"),
    *("MEDIAN", "MODE.SNGL", "LARGE", "SMALL", "PERCENTILE.INC", "QUARTILE.INC", "PERCENTILE.EXC", "QUARTILE.EXC"),
)
_OF_SUBTOTAL, _OF_CELLS = 11, 13  # SUBTOTAL has the first 11; from 14 on arrays are taken too, and one number more


class _Left(NamedTuple):
    """What is left out."""

    hidden: bool
    filtered: bool
    nested: bool
    errors: bool


# AGGREGATE's options 0 to 7. Rows that a filter hides are left out only with the options that leave out hidden rows.
_OPTIONS = [_Left(bool(n & 1), False, n < 4, bool(n & 2)) for n in range(8)]


def _subtotal(arguments: Sequence[Argument], _array: bool) -> Step:
    number_step, sources = arguments[0].values, arguments[1:]

    def run(batch: Batch) -> Result:
        number = _one(number_step(batch))
        if isinstance(number, ErrorValue):
            return single(number)
        way = number - 100 if number > 100 else number
        if not 1 <= way <= _OF_SUBTOTAL:
            return single(ErrorValue.VALUE)
        return _of_cells(batch, way, sources, _Left(number > 100, True, True, False))

    return run


def _aggregate(arguments: Sequence[Argument], _array: bool) -> Step:
    number_step, option_step, sources = arguments[0].values, arguments[1], arguments[2:]

    def run(batch: Batch) -> Result:
        number = _one(number_step(batch))
        option = 0 if option_step.missing else _one(option_step.values(batch))
        for part in (number, option):
            if isinstance(part, ErrorValue):
                return single(part)
        if not (1 <= number <= len(_NAMES) and 0 <= option <= 7):  # type: ignore[operator]
            return single(ErrorValue.VALUE)
        left = _OPTIONS[option]  # type: ignore[index]
        return (_of_cells if number <= _OF_CELLS else _of_array)(batch, number, sources, left)  # type: ignore[operator, arg-type]

    return run


def _one(values: np.ndarray) -> int | ErrorValue:
    """A number that all members must have; the first of an array."""
    found = integers(values[..., :1, :1])
    return common_label(found.tolist()) if isinstance(found, np.ndarray) else found


def _of_cells(batch: Batch, number: int, sources: Sequence[Argument], left: _Left) -> Result:
    """Functions 1 to 13: of references only."""
    found = [source.result(batch) for source in sources]
    several: Any = next((one for one in found if hasattr(one, "parts")), None)
    if several is None:
        return _of_results(batch, number, found, left)
    each = [  # one value for each of several references at once, as those of OFFSET(A1,ROW(1:9),0)
        _of_results(batch, number, [part if one is several else one for one in found], left) for part in several.parts
    ]
    return pack([values.ravel().tolist()[0] for values in each], several.shape)


def _of_results(batch: Batch, number: int, found: Sequence[Result], left: _Left) -> np.ndarray:
    operands: list[Operand | None] = []
    for part in [part for one in found for part in (one if isinstance(one, tuple) else (one,))]:
        if not isinstance(part, Areas):
            return single(_error_of(part) if isinstance(part, np.ndarray) else ErrorValue.VALUE)
        operands.append(Operand(_values(batch, part, left), True))
    return _call(number, operands)


def _of_array(batch: Batch, number: int, sources: Sequence[Argument], left: _Left) -> Result:
    """Functions 14 to 19: of a reference or an array, and a number."""
    if len(sources) != 2 or sources[1].missing:
        return single(ErrorValue.VALUE)
    found, which = no_function(sources[0].result(batch)), sources[1].values(batch)
    if isinstance(found, tuple | References):
        return single(ErrorValue.VALUE)
    is_cells = isinstance(found, Areas)
    values = _values(batch, found, left) if isinstance(found, Areas) else _without_errors(found, left.errors)
    return _call(number, [Operand(values, is_cells), Operand(which)])


def _error_of(values: np.ndarray) -> ErrorValue:
    """What comes of values in the place of a reference."""
    first = values.ravel()[0]
    return first if isinstance(first, ErrorValue) else ErrorValue.VALUE


def _call(number: int, operands: Sequence[Operand | None]) -> np.ndarray:
    function = FUNCTIONS[_NAMES[number - 1]]
    if function.batched or not is_batched(operands):
        return function.call(*operands)
    return each_of_batch(function.call, operands)


def _values(batch: Batch, area: Areas, left: _Left) -> np.ndarray:
    """The values of cells, None where they are left out."""
    area = batch.workbook.clip(area)
    values = _without_errors(batch.whole(area, clip=False), left.errors)
    book = batch.workbook
    flags = [book.left_out.cells(sheet, rect, left.hidden, left.filtered, left.nested) for sheet, rect in area.rects()]
    if all(some is None for some in flags):
        return values
    shape = (area.rows, area.columns)
    full = stack([np.zeros(shape, dtype=bool) if some is None else some for some in flags])
    values = values.astype(object)  # a copy
    values[full if values.ndim > 2 else full[0]] = None
    return values


def _without_errors(values: np.ndarray, wanted: bool) -> np.ndarray:
    if not wanted or values.dtype == FLOAT or values.dtype == bool:
        return values
    cleaned = [None if isinstance(value, ErrorValue) else value for value in values.ravel().tolist()]
    without = np.empty(len(cleaned), dtype=object)
    without[:] = cleaned
    return without.reshape(values.shape)


SUBTOTALS: dict[str, Form] = {
    "SUBTOTAL": Form(build=_subtotal, parameters=("value", "array"), repeats=1),
    "AGGREGATE": Form(
        build=_aggregate,
        parameters=("value", "value", "array"),
        repeats=1,
        array_mode=True,
        note="functions 1 to 13 of references only, as in Excel",
    ),
}

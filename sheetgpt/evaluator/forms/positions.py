"""The forms that ask where cells lie and what is in them: ROW, COLUMNS, AREAS, SHEET, ISFORMULA, ..."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.evaluator.batch.batch import (
    Batch,
    References,
    Result,
    Step,
    common_label,
    is_single,
    members,
    no_function,
    no_reference,
    single,
)
from sheetgpt.evaluator.forms.form import Argument, Form
from sheetgpt.evaluator.index.areas import Areas, stack
from sheetgpt.functions.core.coercion import to_text

_REF = single(ErrorValue.REF)


def _numbers(first: int | np.ndarray, count: int, axis: int) -> np.ndarray:
    """first, first + 1, ... as a column (axis 0) or a row (axis 1), for each member."""
    line = np.arange(count, dtype=np.float64).reshape((-1, 1) if axis == 0 else (1, -1))
    return line + (first if isinstance(first, int) else first[:, None, None])


def _line_numbers(axis: int) -> Form:
    """ROW (axis 0) and COLUMN (axis 1)."""

    def build(arguments: Sequence[Argument], _array: bool) -> Step:
        def run(batch: Batch) -> Result:
            place = arguments[0].result(batch) if arguments else batch.position
            if not isinstance(place, Areas):
                return no_reference(place)
            first, count = (place.tops, place.rows) if axis == 0 else (place.lefts, place.columns)
            return _numbers(first, count, axis)

        return run

    return Form(build=build, parameters=("reference",), optional=1)


def _line_count(axis: int) -> Form:
    """ROWS (axis 0) and COLUMNS (axis 1)."""

    def build(arguments: Sequence[Argument], _array: bool) -> Step:
        def run(batch: Batch) -> Result:
            source = no_function(arguments[0].result(batch))
            if isinstance(source, tuple | References):
                return _REF
            if isinstance(source, Areas):
                return single(float((source.rows, source.columns)[axis]))
            if is_single(source):
                errors = [value if isinstance(value, ErrorValue) else None for value in members(source)]
                return single(common_label(errors) or 1.0)
            return single(float(source.shape[-2 + axis]))

        return run

    return Form(build=build, parameters=("reference",))


def _is_reference(arguments: Sequence[Argument], _array: bool) -> Step:
    def run(batch: Batch) -> Result:
        return single(not isinstance(arguments[0].result(batch), np.ndarray))

    return run


def _area_count(arguments: Sequence[Argument], _array: bool) -> Step:
    def run(batch: Batch) -> Result:
        source = arguments[0].result(batch)
        if isinstance(source, np.ndarray):
            return no_reference(source)
        return single(float(len(source)) if isinstance(source, tuple) else 1.0)

    return run


def _sheet(arguments: Sequence[Argument], _array: bool) -> Step:
    def run(batch: Batch) -> Result:
        source = no_function(arguments[0].result(batch)) if arguments else batch.position
        if isinstance(source, Areas):
            return _numbers(source.sheets + 1, 1, 0)
        if isinstance(source, tuple | References):
            return _REF
        found = [_sheet_number(batch, value) for value in members(source)]
        return stack([single(number) for number in found]) if source.ndim > 2 else single(found[0])

    return run


def _sheet_number(batch: Batch, name: Value) -> Value:
    text = to_text(name)
    if isinstance(text, ErrorValue):
        return text
    number = batch.workbook.sheet_number.get(text.lower())
    return ErrorValue.NA if number is None else number + 1.0


def _sheet_count(arguments: Sequence[Argument], _array: bool) -> Step:
    def run(batch: Batch) -> Result:
        return single(1.0 if arguments else float(len(batch.workbook.book.sheets)))

    return run


def _formula_form(as_text: bool) -> Form:
    """FORMULATEXT and ISFORMULA."""

    def build(arguments: Sequence[Argument], _array: bool) -> Step:
        def run(batch: Batch) -> Result:
            source = arguments[0].result(batch)
            if not isinstance(source, Areas):
                return no_reference(source)
            found = [_describe_formulas(batch, sheet, rect, as_text) for sheet, rect in source.rects()]
            return found[0] if isinstance(source.tops, int) else stack(found)

        return run

    return Form(build=build, parameters=("reference",))


def _describe_formulas(batch: Batch, sheet: int, rect: Rect, as_text: bool) -> np.ndarray:
    """For each cell its formula's text (or #N/A), or whether it has one."""
    book, shown = batch.workbook, np.empty(rect.shape, dtype=object)
    for row, column in rect.cells():
        fillers = book.fillers(sheet, Rect(row, column, row, column))
        text = book.shown(fillers[0]) if fillers else ErrorValue.NA
        shown[row - rect.top, column - rect.left] = text if as_text else bool(fillers)
    return shown


def _only_one(arguments: Sequence[Argument], _array: bool) -> Step:
    """SINGLE, which the sign @ stands for: implicit intersection, in array formulas too."""

    def run(batch: Batch) -> Result:
        return batch.intersected(arguments[0].result(batch))[..., :1, :1]

    return run


POSITIONS: dict[str, Form] = {
    "ROW": _line_numbers(0),
    "COLUMN": _line_numbers(1),
    "ROWS": _line_count(0),
    "COLUMNS": _line_count(1),
    "ISREF": Form(build=_is_reference, parameters=("reference",)),
    "AREAS": Form(build=_area_count, parameters=("reference",)),
    "SHEET": Form(build=_sheet, parameters=("reference",), optional=1),
    "SHEETS": Form(build=_sheet_count, parameters=("reference",), optional=1),
    "ISFORMULA": _formula_form(False),
    "FORMULATEXT": _formula_form(True),
    "SINGLE": Form(build=_only_one, parameters=("value",), note="the operator @"),
}

"""CELL and INFO: what the file says of a cell and of the workbook. What only Excel's window knows is not known here."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

import numpy as np

from sheetgpt.book.address import a1, at, quote_sheet
from sheetgpt.book.settings import CellLook
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import UnsupportedFunctionError
from sheetgpt.evaluator.batch.batch import Batch, Result, Step, members, no_reference, single
from sheetgpt.evaluator.forms.form import Argument, Form
from sheetgpt.evaluator.index.areas import Areas, stack
from sheetgpt.functions.core.coercion import to_text

MACHINE = "the file's place or the machine"
_HINT = "put what it shows in its place"
_COLOUR = re.compile(r"\[(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+)\]", re.IGNORECASE)
_MARKS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
# CELL's codes for formats of dates and times, https://support.microsoft.com/office/cell-function
_DATES = {
    "m/d/yy": "D4",
    "m/d/yyyy": "D4",
    "mm-dd-yy": "D4",
    "m/d/yyyy h:mm": "D4",
    "m/d/yy h:mm": "D4",
    "mm/dd/yy": "D4",
    "d-mmm-yy": "D1",
    "dd-mmm-yy": "D1",
    "d-mmm": "D2",
    "dd-mmm": "D2",
    "mmm-yy": "D3",
    "mm/dd": "D5",
    "h:mm am/pm": "D7",
    "h:mm:ss am/pm": "D6",
    "h:mm": "D9",
    "h:mm:ss": "D8",
}


def _cell(arguments: Sequence[Argument], _array: bool) -> Step:
    info, places = arguments[0].values, arguments[1:]

    def run(batch: Batch) -> Result:
        kinds = [to_text(value) for value in members(info(batch))]
        source = _place(batch, kinds) if not places or places[0].missing else places[0].result(batch)
        if isinstance(source, tuple):
            source = source[0]
        if not isinstance(source, Areas):
            return no_reference(source)
        corner = Areas(source.sheets, source.tops, source.lefts, 1, 1)
        found = [
            single(_describe(batch, kinds[number % len(kinds)], number, sheet, rect.top, rect.left))
            for number, (sheet, rect) in enumerate(corner.rects() * _times(corner, kinds))
        ]
        return found[0] if len(found) == 1 else stack(found)

    return run


def _times(corner: Areas, kinds: Sequence[object]) -> int:
    """How often the places are taken: for each member, where they share one but ask for different things."""
    return len(kinds) if corner.size == 1 else 1


def _place(batch: Batch, kinds: Sequence[str | ErrorValue]) -> Areas:
    """Without a reference Excel takes the cell changed last: known is only its file, if the book has one sheet."""
    if len(batch.workbook.sheets) == 1 and all(kind == "filename" for kind in kinds):
        return batch.position
    raise UnsupportedFunctionError("CELL without a reference asks for the cell that was changed last", _HINT)


def _describe(batch: Batch, kind: str | ErrorValue, member: int, sheet: int, row: int, column: int) -> Value:
    if isinstance(kind, ErrorValue):
        return kind
    known = _INFO.get(kind.lower())
    if known is not None:
        return known(batch, member, sheet, row, column)
    if kind.lower() in ("prefix", "width"):
        raise UnsupportedFunctionError(f'CELL("{kind}") is not known from the file', _HINT)
    return ErrorValue.VALUE


def _address(batch: Batch, member: int, sheet: int, row: int, column: int) -> Value:
    own = int(np.atleast_1d(batch.position.sheets)[member % batch.position.size])
    cell = a1(at(row, column), absolute=True)
    if sheet == own:
        return cell
    return f"{quote_sheet(f'[{_file(batch)[1]}]{batch.workbook.sheets[sheet]}')}!{cell}"


def _file(batch: Batch) -> tuple[str, str]:
    """The folder, with its last separator, and the name of the file; raises UnsupportedFunctionError."""
    path = batch.workbook.book.settings.path
    if not path:
        raise UnsupportedFunctionError("the book was read from no file, and CELL asks for its name", _HINT)
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(folder, ""), name


def _file_name(batch: Batch, _member: int, sheet: int, _row: int, _column: int) -> Value:
    folder, name = _file(batch)
    return f"{folder}[{name}]{batch.workbook.sheets[sheet]}"


def _contents(batch: Batch, _member: int, sheet: int, row: int, column: int) -> Value:
    values = batch.whole(Areas(sheet, row, column, 1, 1))
    value: Value = values.ravel().tolist()[0]
    return value


def _type(batch: Batch, member: int, sheet: int, row: int, column: int) -> Value:
    value = _contents(batch, member, sheet, row, column)
    return "b" if value is None else "l" if isinstance(value, str) else "v"


def _look(batch: Batch, sheet: int, row: int, column: int) -> CellLook:
    looks = batch.workbook.book.settings.looks
    if looks is None:
        raise UnsupportedFunctionError("the book was read from no file, and CELL asks for a cell's format", _HINT)
    return looks(batch.workbook.sheets[sheet], row, column)


def _of_format(describe: Callable[[str], Value]) -> Callable[[Batch, int, int, int, int], Value]:
    def run(batch: Batch, _member: int, sheet: int, row: int, column: int) -> Value:
        return describe(_look(batch, sheet, row, column).number_format)

    return run


def _is_coloured(layout: str) -> Value:
    """1 where negative numbers have a colour."""
    sections = layout.split(";")
    return 1.0 if len(sections) > 1 and _COLOUR.search(sections[1]) else 0.0


def _has_parentheses(layout: str) -> Value:
    """1 where positive numbers stand in parentheses."""
    return 1.0 if "(" in _MARKS.sub("", layout.split(";")[0]) else 0.0


def _code(layout: str) -> Value:
    """CELL's code of a number format."""
    first = layout.split(";")[0]
    base = _DATES.get(first.lower().strip()) or _number_code(first)
    return base + "-" * (_is_coloured(layout) == 1.0) + "()" * (_has_parentheses(layout) == 1.0)


def _number_code(section: str) -> str:
    money = "$" in section
    marks = _MARKS.sub("", section)
    digits = re.search(r"[0#?,]*[0#?](?:\.([0#?]+))?", marks)
    if not digits or "/" in marks or re.search("general|[ymdhs@]", marks, re.IGNORECASE):
        return "G"
    places = len(digits[1] or "")
    if "%" in marks:
        return f"P{places}"
    if "e" in marks.lower():
        return f"S{places}"
    return f"{'C' if money else ',' if ',' in digits[0] else 'F'}{places}"


_INFO: dict[str, Callable[[Batch, int, int, int, int], Value]] = {
    "address": _address,
    "col": lambda _batch, _member, _sheet, _row, column: float(column),
    "row": lambda _batch, _member, _sheet, row, _column: float(row),
    "filename": _file_name,
    "contents": _contents,
    "type": _type,
    "color": _of_format(_is_coloured),
    "parentheses": _of_format(_has_parentheses),
    "format": _of_format(_code),
    "protect": lambda batch, _member, sheet, row, column: float(_look(batch, sheet, row, column).locked),
}


def _info(arguments: Sequence[Argument], _array: bool) -> Step:
    def run(batch: Batch) -> Result:
        found = [single(_about(batch, to_text(value))) for value in members(arguments[0].values(batch))]
        return found[0] if len(found) == 1 else stack(found)

    return run


def _about(batch: Batch, kind: str | ErrorValue) -> Value:
    if isinstance(kind, ErrorValue):
        return kind
    match kind.lower():
        case "recalc":
            return "Manual" if batch.workbook.book.manual else "Automatic"
        case "directory":
            return _file(batch)[0]
        case "numfile" | "origin" | "osversion" | "release" | "system":
            raise UnsupportedFunctionError(f'INFO("{kind}") asks for what only Excel knows', _HINT)
        case "memavail" | "memused" | "totmem":
            return ErrorValue.NA  # Excel no longer says it
    return ErrorValue.VALUE


CELL_INFO: dict[str, Form] = {
    "CELL": Form(
        build=_cell,
        parameters=("value", "cells"),
        optional=1,
        volatile=True,
        source=MACHINE,
        note="`prefix`, `width` and a missing reference (but for `filename` in a book of one sheet) are not known",
    ),
    "INFO": Form(
        build=_info,
        parameters=("value",),
        volatile=True,
        source=MACHINE,
        note="`recalc` and `directory`; the rest only Excel knows",
    ),
}

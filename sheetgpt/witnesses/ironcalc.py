"""IronCalc, a spreadsheet engine written in Rust, through its Python package.

What it lacks (docs/engines.md) is reported in `Values.not_covered`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from sheetgpt.book.address import Rect, at, reference
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.comparison.result import Rules
from sheetgpt.errors import EngineError, OpeningError, SheetgptError
from sheetgpt.witnesses.canary import falsified_copy
from sheetgpt.witnesses.ironcalc_file import put_right
from sheetgpt.witnesses.values import Edits, Values, grid_of
from sheetgpt.xlsx.decode.shared_strings import unescape

_package: ModuleType | None
try:
    import ironcalc as _package
except ImportError:  # an extra of this project, not a dependency
    _package = None

how_to_install = 'pip install "ironcalc>=0.9"'
rules = Rules(error_kinds=False)  # it has #VALUE! for Excel's #N/A beyond an array's result, among others

ignores: Mapping[str, str] = {  # settings of a workbook by which it does not go
    "date1904": "dates that count from 1904",
    "as_displayed": "precision as displayed",
}

_DENSE = 4_000_000  # cells; up to here a sheet's whole rectangle is read

# Errors that say something of IronCalc, not of the workbook.
_NOT_COVERED = {
    "#NAME?": (ErrorValue.NAME, "#NAME?: a name or function that IronCalc does not know"),
    "#N/IMPL!": (ErrorValue.VALUE, "#N/IMPL!: not implemented in IronCalc"),
    "#ERROR!": (ErrorValue.VALUE, "#ERROR!: IronCalc does not understand the formula"),
    "#CIRC!": (ErrorValue.VALUE, "#CIRC!: IronCalc found a circular reference"),
}


def available() -> str | None:
    """The name and version, such as "IronCalc 0.9.1", or None where the package is missing; never raises."""
    if _package is None:
        return None
    try:
        return f"IronCalc {version('ironcalc')}"
    except PackageNotFoundError:
        return "IronCalc"


def recalculate(path: str | PathLike[str], edits: Edits | None = None, sheets: Sequence[str] | None = None) -> Values:
    """All values of `sheets` (default: those with formulas), after `edits` and a full calculation.

    Raises EngineError if IronCalc is missing, fails or shows stored values, WorkbookError if `path` is no .xlsx.
    """
    found: Values = _call(_recalculate, path, edits, sheets)
    return found


def _recalculate(path: str | PathLike[str], edits: Edits | None, sheets: Sequence[str] | None) -> Values:
    with tempfile.TemporaryDirectory(prefix="sheetgpt-") as folder:
        copy = Path(folder) / "copy.xlsx"
        canary = falsified_copy(Path(path), copy)
        put_right(copy)
        model = Model(copy)
    for sheet, cells in (edits or {}).items():
        for cell, value in cells.items():
            model.type_in(sheet, cell, value)
    model.calculate()
    values = Values()
    for sheet in canary.sheets if sheets is None else sheets:
        values[sheet] = model.read(sheet, values.not_covered)
    canary.check("IronCalc", values)
    return values


class Model:
    """A workbook open in IronCalc, with its stored values until it is calculated; failures become EngineError."""

    def __init__(self, path: str | PathLike[str]) -> None:
        if _package is None:
            raise EngineError("IronCalc is not installed", how_to_install)
        try:
            self._model: Any = _call(_package.load_from_xlsx, str(path))
        except EngineError as error:
            raise OpeningError(f"IronCalc cannot open the file: {error}") from error
        names = [sheet["name"] for sheet in self._model.get_worksheets_properties()]
        self._index = {name: position for position, name in enumerate(names)}

    def type_in(self, sheet: str, cell: tuple[int, int], value: Value) -> None:
        """Put a constant into a cell: text stays text, whatever it looks like."""
        index, model = self._sheet(sheet), self._model
        if value is None:
            _call(model.clear_cell_contents, index, *cell)
        elif isinstance(value, bool):
            _call(model.update_cell_with_bool, index, *cell, value)
        elif isinstance(value, str):
            _call(model.update_cell_with_text, index, *cell, value)
        elif isinstance(value, ErrorValue):
            raise EngineError(f"an error value cannot be typed into {reference(sheet, at(*cell), False)}")
        else:
            _call(model.update_cell_with_number, index, *cell, float(value))

    def calculate(self) -> None:
        _call(self._model.evaluate)

    def cell(self, sheet: str, row: int, column: int) -> Value:
        """The value of one cell; raises EngineError for an error that says something of IronCalc only."""
        not_covered: dict[tuple[str, int, int], str] = {}
        self._sheet(sheet)
        value = self._value(sheet, row, column, not_covered)
        if not_covered:
            raise EngineError(f"{reference(sheet, at(row, column), False)}: {', '.join(not_covered.values())}")
        return value

    def read(self, sheet: str, not_covered: dict[tuple[str, int, int], str]) -> Grid:
        """All values of a sheet; cells without a verdict are added to `not_covered`."""
        index = self._sheet(sheet)
        top, bottom, left, right = self._model.get_sheet_dimensions(index)
        rect = Rect(top, left, bottom, right)
        if rect.size > _DENSE:  # cells far apart: ask for the known ones only
            grid = Grid()
            for index_of_cell, row, column in self._model.get_all_cells():
                if index_of_cell == index:
                    grid[row, column] = self._value(sheet, row, column, not_covered)
            return grid
        numbers = np.full(rect.shape, np.nan)
        others: dict[tuple[int, int], Value] = {}
        for row, column in rect.cells():
            value = self._value(sheet, row, column, not_covered)
            if type(value) is float:
                numbers[row - top, column - left] = value
            elif value is not None:
                others[row, column] = value
        return grid_of([(rect, numbers, others)])

    def _value(self, sheet: str, row: int, column: int, not_covered: dict[tuple[str, int, int], str]) -> Value:
        value: Value = self._model.get_cell_value(self._index[sheet], row, column)
        if isinstance(value, str) and value.startswith("#") and self._is_error(self._index[sheet], row, column):
            value, reason = _error(value)
            if reason:
                not_covered[sheet, row, column] = reason
        # It keeps the file's escapes of control characters (_x000C_) as they are.
        return unescape(value) if isinstance(value, str) else value

    def _is_error(self, index: int, row: int, column: int) -> bool:
        """Whether "#N/A" in a cell is an error and not a text that looks like one."""
        return str(self._model.get_cell_type(index, row, column)).endswith("ErrorValue")

    def _sheet(self, name: str) -> int:
        if name not in self._index:
            raise EngineError(f"IronCalc sees no sheet {name!r}", "the book has: " + ", ".join(list(self._index)[:12]))
        return self._index[name]


def _error(text: str) -> tuple[ErrorValue, str]:
    """IronCalc's error text -> (Excel's error, why the cell is not covered, or "")."""
    if text in _NOT_COVERED:
        return _NOT_COVERED[text]
    try:
        return ErrorValue(text), ""
    except ValueError:
        return ErrorValue.VALUE, f"{text}: an error that only IronCalc has"


def _call(call: Any, *arguments: object) -> Any:
    """Call IronCalc; its errors and panics become EngineError."""
    try:
        return call(*arguments)
    except (KeyboardInterrupt, SystemExit, SheetgptError):
        raise
    except BaseException as failure:  # a Rust panic derives from BaseException
        name = getattr(call, "__name__", "call")
        raise EngineError(
            f"IronCalc failed in {name}: {failure}", "open the file in another program to see whether it is whole"
        ) from failure

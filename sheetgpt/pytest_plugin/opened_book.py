"""A workbook in a test: inputs are set, outputs are read and compared, calculated when somebody looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain

import numpy as np

from sheetgpt.book.address import Rect, at, reference
from sheetgpt.book.book import Book
from sheetgpt.book.places import locate
from sheetgpt.book.values import Value
from sheetgpt.errors import UsageError
from sheetgpt.evaluator import CLOCK, RANDOM, Calculator
from sheetgpt.evaluator.scenarios.function import BookFunction, refuse_unknown
from sheetgpt.pytest_plugin.agreement import agree, as_value
from sheetgpt.pytest_plugin.cell_text import value_text
from sheetgpt.pytest_plugin.explaining import explain, formula_of
from sheetgpt.pytest_plugin.raising import without_insides
from sheetgpt.pytest_plugin.snapshot_difference import difference_text
from sheetgpt.pytest_plugin.snapshots import Snapshots

_SHOWN = 10  # cells of one failure


class OpenedBook:
    """What the fixture `workbook` opens. Cells are "Sheet1!B7", ranges, or defined names.

    Without a sheet ("B7") they are those of the only sheet. Values are of Python's kinds: float, str, bool,
    `ErrorValue`, None for a blank; dates may be given as date or datetime, and are read as serial numbers.
    """

    def __init__(
        self, book: Book, name: str, snapshots: Snapshots, now: datetime | None, seed: int, strict: bool
    ) -> None:
        self.book, self.name = book, name
        self.calculator = Calculator(book, now=now, seed=seed, strict=strict)
        self._snapshots = snapshots
        self._known = {RANDOM} | ({CLOCK} if now else set())
        self._set: dict[str, str] = {}  # what the test has set
        self._places: list[tuple[str, Rect]] = []
        self.calculator.update()
        self._stale = False

    def __repr__(self) -> str:
        return f"<workbook {self.name}>"

    @without_insides
    def __getitem__(self, where: str) -> Value | list[list[Value]]:
        """The value of a cell; of a range a list of its rows."""
        sheet, rect = locate(self.book, where)
        values = self._values(sheet, rect)
        found: Value | list[list[Value]] = values[0][0] if rect.size == 1 else values
        return found

    @without_insides
    def __setitem__(self, where: str, value: object) -> None:
        """Put a value into cells that hold none of a formula, or a list of rows; None clears."""
        sheet, rect = locate(self.book, where)
        if formula := formula_of(self.calculator, sheet, rect):
            raise UsageError(
                f"{where} holds a formula: {formula}", "set an input, or put a value in its place: replace"
            )
        self._put(where, sheet, rect, value)

    @without_insides
    def replace(self, where: str, value: object) -> None:
        """Put a value into cells in place of their formulas."""
        self._put(where, *locate(self.book, where), value)

    @without_insides
    def array(self, where: str) -> np.ndarray:
        """The values of cells as an array [row, column]: float64 if all are numbers."""
        sheet, rect = locate(self.book, where)
        self._values(sheet, rect)
        return self.book.sheets[sheet].grid.read(rect).copy()

    @without_insides
    def formula(self, where: str) -> str | None:
        """The formula in a cell as the formula bar shows it; None if it holds none."""
        return formula_of(self.calculator, *locate(self.book, where)) or None

    @without_insides
    def function(self, inputs: Sequence[str], outputs: Sequence[str]) -> BookFunction:
        """The workbook as a function, for arrays of scenarios too: see `Calculator.function`."""
        return self.calculator.function(inputs, outputs)

    @without_insides
    def assert_cell(self, where: str, expected: object, tolerance: float | None = None) -> None:
        """Raise AssertionError, with the formula and what it reads, unless a cell holds a value.

        Numbers may differ by the tolerance; without one by 1e-9, of the number expected where that is larger than 1.
        """
        if locate(self.book, where)[1].size > 1:
            raise UsageError(f"{where} is several cells", "compare them with assert_cells")
        self._compare({where: expected}, tolerance)

    @without_insides
    def assert_cells(
        self, expected: Mapping[str, object] | str, rows: object = None, tolerance: float | None = None
    ) -> None:
        """The same for several cells, all of which are named that differ: {cell: value}, or a range and its rows."""
        if isinstance(expected, str):
            expected = self._each(expected, *locate(self.book, expected), rows)
        self._compare(expected, tolerance)

    @without_insides
    def assert_snapshot(self, name: str = "", cells: Sequence[str] = (), tolerance: float | None = None) -> None:
        """Raise AssertionError unless cells, by default all with formulas, hold what a file beside the tests says.

        The option --update-workbooks writes the file. A second snapshot of a test needs a name. Tolerance as in
        `assert_cell`; a file that agrees is left alone.
        """
        wanted = [cells] if isinstance(cells, str) else cells
        places = [locate(self.book, cell) for cell in wanted] or self._formula_cells()
        self._refuse_volatile(places)
        values = {
            reference(sheet, at(*cell), absolute=False): value
            for sheet, rect in places
            for cell, value in zip(rect.cells(), chain.from_iterable(self._values(sheet, rect)), strict=True)
        }
        expected = self._snapshots.compare(name, [f"{self.name}, calculated", *self._settings()], values, tolerance)
        if expected is not None:
            file, settings = self._snapshots.shown(name), (self._places, self._settings())
            raise AssertionError(
                difference_text(self.calculator, self.name, file, (values, expected), settings, tolerance)
            )

    def _settings(self) -> list[str]:
        return [f"set in the test: {where} = {text}" for where, text in self._set.items()]

    def _put(self, where: str, sheet: str, rect: Rect, value: object) -> None:
        values = np.empty(rect.shape, dtype=object)
        values[...] = [[as_value(one, self._date1904) for one in row] for row in self._rows(where, rect, value)]
        self.calculator.set((sheet, rect), values if rect.size > 1 else values[0, 0])
        shown = value_text(values[0, 0]) if rect.size == 1 else f"{rect.size} cells"
        self._set[reference(sheet, rect, absolute=False)] = shown
        self._places.append((sheet, rect))
        self._stale = True

    @property
    def _date1904(self) -> bool:
        return self.book.settings.date1904

    def _rows(self, where: str, rect: Rect, value: object) -> list[list[object]]:
        """A value for each cell, row by row; raises UsageError unless there are as many as cells."""
        if not isinstance(value, list | tuple | np.ndarray):
            return [[value] * rect.columns for _ in range(rect.rows)]
        given = np.array(value, dtype=object)
        if given.ndim == 1 and min(rect.shape) == 1 and given.size == rect.size:
            given = given.reshape(rect.shape)
        if given.shape != rect.shape:
            shape = " x ".join(map(str, given.shape))
            raise UsageError(f"{where} is {rect.rows} x {rect.columns} cells, not {shape}", "give a list of its rows")
        rows: list[list[object]] = given.tolist()
        return rows

    def _values(self, sheet: str, rect: Rect) -> list[list[Value]]:
        if self._stale:
            self.calculator.update()
            self._stale = False
        refuse_unknown(self.calculator, sheet, rect)
        values: list[list[Value]] = self.book.sheets[sheet].grid.read(rect).tolist()
        return values

    def _refuse_volatile(self, places: list[tuple[str, Rect]]) -> None:
        """Raise UsageError for cells whose values are others tomorrow."""
        found = self.calculator.unrepeatable(self._known)
        for sheet, rect in places:
            for cells in found.get(sheet, ()):
                if cells.intersect(rect):
                    where = reference(sheet, cells, absolute=False)
                    raise UsageError(
                        f"{where} in {self.name} depends on more than cells, such as the time",
                        f'give the time, workbook("{self.name}", now=datetime(...)), or choose other cells',
                    )

    def _formula_cells(self) -> list[tuple[str, Rect]]:
        return [
            (name, formula.rect)
            for name, sheet in self.book.sheets.items()
            for formula in sorted(sheet.formulas, key=lambda formula: formula.rect)
        ]

    def _each(self, where: str, sheet: str, rect: Rect, rows: object) -> dict[str, object]:
        given = chain.from_iterable(self._rows(where, rect, rows))
        cells = [reference(sheet, at(*cell), absolute=False) for cell in rect.cells()]
        return dict(zip(cells, given, strict=True))

    def _compare(self, expected: Mapping[str, object], tolerance: float | None) -> None:
        lines: list[str] = []
        for where, value in expected.items():
            sheet, rect = locate(self.book, where)
            found, wanted = self._values(sheet, rect)[0][0], as_value(value, self._date1904)
            if rect.size > 1 or not agree(found, wanted, tolerance):
                lines.append(self._difference(where, (sheet, rect), wanted, tolerance))
        if lines:
            count = (
                f"{self.name}: {len(lines)} of {len(expected)} cells differ\n" if len(lines) > 1 else f"{self.name}: "
            )
            more = f"\n... and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
            raise AssertionError(count + "\n".join(lines[:_SHOWN]) + more)

    def _difference(self, where: str, place: tuple[str, Rect], wanted: object, tolerance: float | None) -> str:
        if place[1].size > 1:
            raise UsageError(f"{where} is several cells", 'compare them with assert_cells("A1:B2", rows)')
        return explain(self.calculator, place, wanted, self._places, where=where, tolerance=tolerance)

"""A workbook in memory: sheets of values and formulas, and defined names. Excel's model, no more.

A cell's value is a float, a str, a bool, an `ErrorValue`, or None where it is blank. Blocks of
cells are 2-D numpy arrays: float64 where every cell holds a number, else objects of those kinds.
A sheet holds the values of all its cells (a formula's last value included) in a `Grid`, and beside
them its formulas. How a sheet looks is kept apart, in `Appearance`, and does not count when books are
compared: read(write(book)) == book speaks of values, formulas and names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from sheetgpt.book.address import Rect, parse_a1, reference, split_sheet
from sheetgpt.book.appearance import Appearance
from sheetgpt.book.grid import Grid
from sheetgpt.book.links import Iteration, Link
from sheetgpt.book.settings import DataTable, Settings
from sheetgpt.book.table import Table
from sheetgpt.errors import AddressError, WorkbookError

_Entry = TypeVar("_Entry")
_SHOWN = 3  # sheets that the repr of a book names


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and the cells that it fills: one cell, or for an array formula ({=...}) any rectangle.

    `text` is without the leading "=". A `dynamic` one is an array formula as Excel 365 has them: it fills as many cells
    as its result has values, from its own cell on to the right and down.
    """

    rect: Rect
    text: str
    array: bool = False
    dynamic: bool = False


@dataclass(repr=False)
class Sheet:
    """A sheet: its name, the values of its cells, its formulas.

    `beyond` says what else the file has of it from which it was read, in words; `write` would lose that. Of
    `hidden_rows` those in `filters`, the ranges of filters in use, count as filtered.
    """

    name: str
    grid: Grid = field(default_factory=Grid)
    formulas: list[Formula] = field(default_factory=list)
    look: Appearance = field(default_factory=Appearance, compare=False)
    beyond: list[str] = field(default_factory=list, compare=False)
    hidden_rows: frozenset[int] = field(default=frozenset(), compare=False)
    filters: list[Rect] = field(default_factory=list, compare=False)
    data_tables: list[DataTable] = field(default_factory=list, compare=False)
    date1904: bool = field(default=False, compare=False)  # as the settings of its book say

    def __repr__(self) -> str:
        cells = "no cells" if self.grid.extent is None else str(self.grid.extent)
        return f"<Sheet {self.name!r}: {cells}, {len(self.formulas):,} formula{'s' * (len(self.formulas) != 1)}>"

    def put(self, rect: Rect, content: object, style: str = "") -> Rect:
        """Fill `rect` with values (one, or an array that broadcasts) and give it a style."""
        self.grid.write(rect, content)
        if style:
            self.look.styles.append((rect, style))
        return rect

    def put_formula(self, rect: Rect, text: str, style: str = "", array: bool = False) -> Rect:
        """Put one formula (text without "=") into `rect`; its value stays blank until calculated."""
        self.formulas.append(Formula(rect, text, array))
        if style:
            self.look.styles.append((rect, style))
        return rect

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sheet):
            return NotImplemented
        return (
            self.name == other.name
            and sorted(self.formulas, key=lambda f: f.rect) == sorted(other.formulas, key=lambda f: f.rect)
            and self.grid == other.grid
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(repr=False)
class Book:
    """A workbook: sheets in order, names and what they refer to (without "="); `manual`: calculated when asked.

    `tables` are those of its sheets by name, for formulas that refer to them; `write` does not write them.
    `iteration` is how circles are calculated, None where they are mistakes; `links` are the workbooks that formulas
    call [1], [2], ... `beyond` is as in `Sheet`, of the file as a whole.
    """

    sheets: dict[str, Sheet] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    manual: bool = False
    beyond: list[str] = field(default_factory=list, compare=False)
    tables: dict[str, Table] = field(default_factory=dict, compare=False)
    settings: Settings = field(default_factory=Settings, compare=False)
    iteration: Iteration | None = field(default=None, compare=False)
    links: list[Link] = field(default_factory=list, compare=False)

    def __repr__(self) -> str:
        names, count = ", ".join(list(self.sheets)[:_SHOWN]), len(self.sheets)
        return f"<Book of {count} sheet{'s' * (count != 1)}: {names or 'none'}{', ...' * (count > _SHOWN)}>"

    def add(self, name: str) -> Sheet:
        """A new, empty sheet at the end; raises WorkbookError if the name is taken."""
        if name.lower() in (known.lower() for known in self.sheets):
            raise WorkbookError(f"there is a sheet {name!r} already")
        sheet = self.sheets[name] = Sheet(name)
        return sheet

    def define(self, name: str, sheet: str, rect: Rect) -> None:
        """Give a range a name of the whole book; raises WorkbookError if it is taken."""
        if name in self.names:
            raise WorkbookError(f"there is a name {name!r} already")
        self.names[name] = reference(sheet, rect)

    def locate(self, text: str) -> tuple[str, Rect]:
        """A defined name, "Sheet!A1:B2", a table or part of one (Sales, Sales[Net]) -> (sheet, rectangle).

        Raises AddressError, of a name that stands for a formula too.
        """
        target = self.names.get(text) or _of_any_case(self.names, text)
        if target is None:
            return self._cells(text)
        try:
            return self._cells(target)
        except AddressError:
            raise AddressError(f"{text} is a name for ={target}, not for cells", "name cells, like Sheet1!B7") from None

    def _cells(self, text: str) -> tuple[str, Rect]:
        name, bracket, part = text.partition("[")
        if "!" not in name and (table := self.tables.get(name) or _of_any_case(self.tables, name)):
            return table.sheet, table.part(bracket + part)
        sheet, cells = split_sheet(text)
        if sheet is None:
            raise AddressError(
                f"{text!r} is neither a defined name nor a cell with its sheet", "write it like Sheet1!B7"
            )
        found = self.sheets.get(sheet) or _of_any_case(self.sheets, sheet)
        if found is None:
            raise AddressError(f"there is no sheet {sheet!r}", "the book has: " + ", ".join(list(self.sheets)[:12]))
        return found.name, parse_a1(cells)

    def read(self, text: str) -> np.ndarray:
        """The values of a defined name or of "Sheet!A1:B2"; float64 if all are numbers."""
        sheet, rect = self.locate(text)
        return self.sheets[sheet].grid.read(rect)


def _of_any_case(entries: Mapping[str, _Entry], name: str) -> _Entry | None:
    """The first entry whose key is a name but for capital letters."""
    return next((entry for key, entry in entries.items() if key.lower() == name.lower()), None)

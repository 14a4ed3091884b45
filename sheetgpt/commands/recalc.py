"""New values in a copy of any workbook: `sheetgpt recalc` as a library call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sheetgpt.book.address import MAX_TEXT, Rect
from sheetgpt.book.book import Book
from sheetgpt.book.edits import CellEdits
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import Value
from sheetgpt.commands.calculation import calculate, resized, spills_of, values_of
from sheetgpt.errors import UsageError
from sheetgpt.evaluator import DEFAULT_SEED, Sources, TakenOver
from sheetgpt.evaluator.data_tables import refuse_part
from sheetgpt.schema.switches import check_switch
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read


@dataclass(frozen=True)
class Recalculated:
    """How many formulas a workbook has, how many were calculated, which were not, and what else the values come of."""

    formulas: int
    calculated: int
    taken_over: TakenOver
    sources: Sources

    @property
    def complete(self) -> bool:
        """Whether every formula was calculated."""
        return self.taken_over.complete

    def text(self) -> str:
        """In words: "7 formulas calculated", "5 of 7 formulas calculated"."""
        count = f"{self.calculated} of {self.formulas}" if self.calculated < self.formulas else f"{self.formulas}"
        return f"{count} formula{'' if self.formulas == 1 else 's'} calculated"

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        counts = {"formulas": self.formulas, "calculated": self.calculated, "complete": self.complete}
        return {**counts, "taken_over": self.taken_over.as_dict(), **self.sources.as_dict()}


def recalc(
    path: Path | str,
    output: Path | str,
    set: Mapping[str, Value | int] | None = None,  # noqa: A002 - the option of the command line, with its name
    cached: bool = True,
    now: datetime | None = None,
    seed: int = DEFAULT_SEED,
    strict: bool = False,
) -> Recalculated:
    """Write a copy in which every formula has the value that the evaluator gives it; says what became of the formulas.

    `now` is the time for NOW and TODAY, by default the present; RAND and its kin draw by the `seed`.

    A formula that cannot be calculated keeps the value that the file holds, and so does what depends on it;
    `taken_over` of the answer names them. With `strict` such a workbook is refused.

    Any workbook will do: all else that the file holds (charts, formats, comments, macros ...) stays as it is, byte for
    byte, and `output` may be `path` itself. `set` types values into cells ("Sheet1!B7" or a defined name) before. They
    are of Python's kinds: a number, True or False, an ErrorValue, None for a blank; a str is always text, whatever it
    looks like ("1,5", "=B2"). Raises WorkbookError, UsageError (no single cell, or one with a formula; no value that a
    cell can hold), FormulaError.
    """
    book = read(path, cached)
    edits = typed_cells(book, set or {})
    before = spills_of(book)
    calculator = calculate(book, edits, now, seed, strict)
    as_before = calculator.as_before()
    patch(path, output, values_of(book, edits, before, as_before), resized(book, before))
    places = [(name, formula.rect) for name, sheet in book.sheets.items() for formula in sheet.formulas]
    calculated = sum(place not in as_before for place in places)
    return Recalculated(len(places), calculated, calculator.taken_over, calculator.sources)


def typed_cells(book: Book, values: Mapping[str, Value | int]) -> CellEdits:
    """Values to be typed into cells ("Sheet1!B7" or a defined name).

    Raises UsageError for what is no single cell, holds a formula, or for a value that no cell can hold.
    """
    edits = CellEdits()
    for text, value in values.items():
        check_switch(book, text, value)
        sheet, rect = book.locate(text)
        if rect.size != 1:
            raise UsageError(f"{text} is {rect.size} cells", "set one cell at a time")
        edits.set(sheet, (rect.top, rect.left), _cell_value(text, value))
        refuse_part(book, sheet, rect)
        _refuse_heading(book, text, sheet, rect)
        for formula in book.sheets[sheet].formulas:
            if formula.rect.intersect(rect):
                whole = f", the one of {formula.rect}" if formula.rect.size > 1 else ""
                raise UsageError(f"{text} holds a formula{whole}", "set cells that hold values")
    return edits


def _refuse_heading(book: Book, text: str, sheet: str, rect: Rect) -> None:
    """Raise UsageError for a heading of a table, by which formulas and the table itself call its column."""
    for name, table in book.tables.items():
        if table.sheet == sheet and table.headers and table.headers.contains(rect):
            raise UsageError(f"{text} is a heading of the table {name}", "rename the column in Excel or LibreOffice")


def _cell_value(cell: str, value: Value | int) -> Value:
    """The value as a cell holds it: a whole number is a float; raises UsageError if a cell cannot hold it."""
    if isinstance(value, str) and len(value.encode("utf-16-le", "surrogatepass")) // 2 > MAX_TEXT:
        raise UsageError(f"{cell}: a text of {len(value):,} characters, and a cell holds {MAX_TEXT:,}", "shorten it")
    grid = Grid()
    try:
        if isinstance(value, str):
            value.encode()  # half of a pair of surrogates is no character
        grid[1, 1] = value
    except (TypeError, ValueError, OverflowError):
        kinds = "a cell holds a number, a text, True or False, an ErrorValue, or None"
        raise UsageError(f"{cell} cannot hold {value!r}", kinds) from None
    return grid[1, 1]

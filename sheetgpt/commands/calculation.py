"""A book with edits calculated, and the values that a file then is to hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.book.edits import Cell, CellEdits
from sheetgpt.evaluator import DEFAULT_SEED, Calculator
from sheetgpt.functions.core.displayed import as_displayed

Spills = dict[str, dict[Cell, Rect]]  # sheet -> the cell of a dynamic formula -> the cells that it fills


def calculate(
    book: Book, edits: CellEdits, now: datetime | None = None, seed: int = DEFAULT_SEED, strict: bool = True
) -> Calculator:
    """Type values into cells and calculate every formula of the book, or all that can be, with a time and a seed."""
    _round(book, edits)
    if strict:
        edits.apply(book)
    calculator = Calculator(book, now=now, seed=seed, strict=strict)
    if not strict:  # what the edits change has to be known
        for sheet, cells in edits.items():
            for cell, value in cells.items():
                calculator.set((sheet, at(*cell)), value)
    calculator.recalculate()
    return calculator


def spills_of(book: Book) -> Spills:
    """The cells that dynamic formulas fill."""
    found: Spills = {}
    for name, sheet in book.sheets.items():
        for formula in sheet.formulas:
            if formula.dynamic:
                found.setdefault(name, {})[formula.rect.top, formula.rect.left] = formula.rect
    return found


def resized(book: Book, before: Spills) -> Spills:
    """The dynamic formulas that fill other cells than before."""
    changed = {
        name: {cell: rect for cell, rect in cells.items() if rect != before[name][cell]}
        for name, cells in spills_of(book).items()
    }
    return {name: cells for name, cells in changed.items() if cells}


def values_of(
    book: Book, edits: CellEdits, before: Spills | None = None, as_before: Collection[tuple[str, Rect]] = ()
) -> CellEdits:
    """The values of all formula cells, of the cells that were edited, and of those that formulas filled `before`.

    The cells of formulas `as_before` are left out.
    """
    values = CellEdits()
    values.add(edits)
    rects = [(name, rect) for name, cells in (before or {}).items() for rect in cells.values()]
    for name, rect in [*rects, *_formula_cells(book)]:
        if (name, rect) not in as_before:
            values.fill(name, rect, book.sheets[name].grid.read(rect).ravel().tolist())
    return values


def _formula_cells(book: Book) -> Iterator[tuple[str, Rect]]:
    for name, sheet in book.sheets.items():
        for rect in [*[formula.rect for formula in sheet.formulas], *[table.rect for table in sheet.data_tables]]:
            yield name, rect


def _round(book: Book, edits: CellEdits) -> None:
    """Where precision is as displayed, typed numbers become what their cells show."""
    looks = book.settings.looks
    if book.settings.as_displayed and looks:
        for sheet, cells in edits.items():
            for (row, column), value in cells.items():
                if type(value) is float:
                    cells[row, column] = as_displayed(value, looks(sheet, row, column).number_format)

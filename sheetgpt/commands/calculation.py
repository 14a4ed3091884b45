"""A book with edits calculated, and the values that a file then is to hold."""

from __future__ import annotations

from datetime import datetime

from sheetgpt.book.book import Book
from sheetgpt.book.edits import CellEdits
from sheetgpt.evaluator import DEFAULT_SEED, Calculator
from sheetgpt.functions.core.displayed import as_displayed


def calculate(book: Book, edits: CellEdits, now: datetime | None = None, seed: int = DEFAULT_SEED) -> Calculator:
    """Type values into cells and calculate every formula of the book, with a time and a seed."""
    _round(book, edits)
    edits.apply(book)
    calculator = Calculator(book, now=now, seed=seed)
    calculator.recalculate()
    return calculator


def values_of(book: Book, edits: CellEdits) -> CellEdits:
    """The values of all formula cells, and of the cells that were edited."""
    values = CellEdits()
    values.add(edits)
    for name, sheet in book.sheets.items():
        for formula in sheet.formulas:
            values.fill(name, formula.rect, sheet.grid.read(formula.rect).ravel().tolist())
        for table in sheet.data_tables:
            values.fill(name, table.rect, sheet.grid.read(table.rect).ravel().tolist())
    return values


def _round(book: Book, edits: CellEdits) -> None:
    """Where precision is as displayed, typed numbers become what their cells show."""
    looks = book.settings.looks
    if book.settings.as_displayed and looks:
        for sheet, cells in edits.items():
            for (row, column), value in cells.items():
                if type(value) is float:
                    cells[row, column] = as_displayed(value, looks(sheet, row, column).number_format)

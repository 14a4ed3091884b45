"""A book with edits calculated, and the values that a file then is to hold."""

from __future__ import annotations

from sheetgpt.book.book import Book
from sheetgpt.book.edits import CellEdits
from sheetgpt.evaluator import Calculator


def calculate(book: Book, edits: CellEdits) -> None:
    """Type values into cells and calculate every formula of the book."""
    edits.apply(book)
    Calculator(book).recalculate()


def values_of(book: Book, edits: CellEdits) -> CellEdits:
    """The values of all formula cells, and of the cells that were edited."""
    values = CellEdits()
    values.add(edits)
    for name, sheet in book.sheets.items():
        for formula in sheet.formulas:
            values.fill(name, formula.rect, sheet.grid.read(formula.rect).ravel().tolist())
    return values

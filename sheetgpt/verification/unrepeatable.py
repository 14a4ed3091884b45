"""The formula cells that no witness can be held against: those that depend on the clock, chance, or the machine."""

from __future__ import annotations

import re
from collections.abc import Collection

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book
from sheetgpt.comparison.compare import Cell
from sheetgpt.errors import SheetgptError
from sheetgpt.evaluator import Calculator
from sheetgpt.evaluator.compile.known import FORMS

_NAMES = "|".join(name for name, spec in FORMS.items() if spec.source)
_CALLS = re.compile(rf"(?<![\w.])(?:_xlfn\.)?(?:{_NAMES})\(", re.IGNORECASE)


def unrepeatable_cells(book: Book, known: Collection[str] = ()) -> list[Cell]:
    """Formula cells whose value another calculation may not give again; `known` sources are the same in it."""
    texts = [formula.text for sheet in book.sheets.values() for formula in sheet.formulas]
    if not any(_CALLS.search(text) for text in (*texts, *book.names.values())):
        return []
    try:
        found = Calculator(book, calculated=True).unrepeatable(known)
    except SheetgptError:  # formulas that cannot be calculated: what depends on others is not known
        found = _by_their_texts(book)
    return [(sheet, row, column) for sheet, rects in found.items() for rect in rects for row, column in rect.cells()]


def _by_their_texts(book: Book) -> dict[str, list[Rect]]:
    return {
        name: [formula.rect for formula in sheet.formulas if _CALLS.search(formula.text)]
        for name, sheet in book.sheets.items()
    }

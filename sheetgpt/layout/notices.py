"""Lines that nobody should miss, and how a book is calculated: at every change, or on request."""

from __future__ import annotations

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet

SLOW_ABOVE = 5_000_000  # numbers and formula cells: beyond it every change takes seconds
NOTICE_ROW = 10  # on the Map
ON_REQUEST = (
    "Calculated on request. Excel: F9 after a change. LibreOffice: Ctrl+Shift+F9 after opening and after every change; "
    "numbers are wrong before."
)


def notice(sheet: Sheet, row: int, words: str) -> None:
    """A line over the width of the Map that nobody should miss; nothing for no words."""
    if words:
        sheet.put(at(row, 1), words, "notice")
        sheet.look.merges.append(Rect(row, 1, row, 5))
        sheet.look.heights[row] = 36


def say_calculation(book: Book, numbers: int) -> None:
    """Say on the first sheets of a laid out book what to know of its calculation, on request or at every change.

    Automatic calculation is right in every program as the file opens. In manual mode LibreOffice (7.4) calculates
    array formulas that it shows from others that it has not calculated, so its numbers are wrong until everything is
    calculated (Ctrl+Shift+F9). `numbers` are the weights of the book.
    """
    cells = numbers + sum(formula.rect.size for sheet in book.sheets.values() for formula in sheet.formulas)
    if book.manual:
        notice(book.sheets["Map"], NOTICE_ROW, ON_REQUEST)
        if "prompt.message" in book.names:
            sheet, message = book.locate("prompt.message")
            book.sheets[sheet].put(at(message.top - 2, 1), ON_REQUEST, "message")
    elif cells > SLOW_ABOVE:
        notice(
            book.sheets["Map"],
            NOTICE_ROW,
            f"With {cells:,} numbers and formula cells this workbook takes seconds to minutes for a change. Excel: to "
            "collect changes, switch to Formulas > Calculation Options > Manual and press F9. LibreOffice: leave "
            "Data > Calculate > AutoCalculate on; without it array formulas show wrong numbers until Ctrl+Shift+F9.",
        )

"""Places in a book as people write them: a name, a cell with its sheet, or without where there is one sheet only."""

from __future__ import annotations

from sheetgpt.book.address import Rect, parse_a1
from sheetgpt.book.book import Book
from sheetgpt.errors import AddressError


def locate(book: Book, text: str) -> tuple[str, Rect]:
    """A defined name, "Sheet1!A1:B2", or "A1:B2" in a book of one sheet -> (sheet, rectangle); raises AddressError."""
    if not isinstance(text, str):
        raise AddressError(f"{text!r} is no place in a workbook", 'write it like "Sheet1!B7"')
    try:
        return book.locate(text)
    except AddressError:
        if "!" in text or len(book.sheets) != 1:
            raise
        return next(iter(book.sheets)), parse_a1(text)

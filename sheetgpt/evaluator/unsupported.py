"""Which functions of a book cannot be calculated."""

from __future__ import annotations

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book
from sheetgpt.evaluator.compile.bulk_binder import bind_all
from sheetgpt.evaluator.index.indexed_book import IndexedBook


def find_unsupported(book: Book) -> dict[str, list[tuple[str, Rect]]]:
    """The functions in a book that cannot be calculated, with the (sheet, cells) of each formula that uses them."""
    workbook = IndexedBook(book)
    return {name: list(map(workbook.place, numbers)) for name, numbers in bind_all(workbook).missing().items()}

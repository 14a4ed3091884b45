"""Lines on the Map that nobody should miss, and when a book is so large that it calculates on request only."""

from __future__ import annotations

from sheetgpt.address import Rect, at
from sheetgpt.book import Book, Sheet

MANUAL_ABOVE = 5_000_000  # numbers and formula cells: beyond it every keystroke would wait for seconds


def notice(sheet: Sheet, row: int, words: str) -> None:
    """A line over the width of the Map that nobody should miss; nothing for no words."""
    if words:
        sheet.put(at(row, 1), words, "notice")
        sheet.look.merges.append(Rect(row, 1, row, 5))
        sheet.look.heights[row] = 36


def calculation(book: Book, numbers: int) -> str:
    """Let a large book calculate on request only, and say how; "" for one that calculates at every change."""
    cells = numbers + sum(formula.rect.size for sheet in book.sheets.values() for formula in sheet.formulas)
    book.manual = cells > MANUAL_ABOVE
    if not book.manual:
        return ""
    return (
        f"With {cells:,} numbers and formula cells this workbook calculates only when asked: press F9 after a change "
        "(Excel: Formulas > Calculate Now; LibreOffice: Data > Calculate > Recalculate). Everything anew: "
        "Ctrl+Alt+F9 in Excel, Ctrl+Shift+F9 (Recalculate Hard) in LibreOffice."
    )

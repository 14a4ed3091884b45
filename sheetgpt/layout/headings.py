"""Two rows of headings over a table: what each column is called, and in small letters what stands in it."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Sheet

_HEIGHTS = {1: 17.0, 2: 32.0}  # points, of headings of so many lines
_WORDS_HEIGHT = 36.0  # three lines of small letters

Head = tuple[str, str]  # a column's name, and a few words on it


def headings(
    sheet: Sheet, row: int, left: int, heads: Sequence[Head], helpers: Sequence[int] = (), lines: int = 1
) -> None:
    """Headings in `row` and their words below; `helpers` are the heads (from 0) that only formulas need."""
    for k, (head, words) in enumerate(heads):
        sheet.put(at(row, left + k), head, "heading_helper" if k in helpers else "heading_wrapped")
        sheet.put(at(row + 1, left + k), words or None, "heading_words")
    sheet.look.heights |= {row: _HEIGHTS[lines], row + 1: _WORDS_HEIGHT}


def caption(sheet: Sheet, row: int, left: int, right: int, title: str) -> None:
    """A dark bar over some columns."""
    sheet.put(at(row, left), title)
    sheet.look.styles.append((Rect(row, left, row, right), "caption"))


def odd(cell: str) -> str:
    """A formula for tints: whether a whole number is odd."""
    return f"{cell}-2*INT({cell}/2)=1"

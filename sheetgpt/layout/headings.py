"""Two rows of headings over a table: what each column is called, and in small letters what stands in it."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.address import Rect, at
from sheetgpt.book import Sheet

WORDS_HEIGHT = 46.0  # points: four lines of small letters

Head = tuple[str, str]  # a column's name, and a few words on it


def headings(sheet: Sheet, row: int, left: int, heads: Sequence[Head], helpers: Sequence[int] = ()) -> None:
    """Headings in `row` and their words below; `helpers` are the heads (from 0) that only formulas need."""
    for k, (head, words) in enumerate(heads):
        sheet.put(at(row, left + k), head, "heading_helper" if k in helpers else "heading_wrapped")
        sheet.put(at(row + 1, left + k), words or None, "heading_words")
    sheet.look.heights |= {row: 30.0, row + 1: WORDS_HEIGHT}


def caption(sheet: Sheet, row: int, left: int, right: int, title: str) -> None:
    """A dark bar over some columns."""
    sheet.put(at(row, left), title)
    sheet.look.styles.append((Rect(row, left, row, right), "caption"))

"""Small heat maps of all heads: one row of maps for each block, coloured cells without numbers, tokens beside them."""

from __future__ import annotations

from collections.abc import Iterator

from sheetgpt.book.address import Rect, at, quote_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.page import link

GREEN = "#57AE5B"


def small_maps(book: Book, sheet: Sheet, config: Config, size: int, first: Rect) -> None:
    """The maps [size, size] of the first tokens; `first` is the place of the first one, with what is free around it.

    In the two rows above it stand the heads' numbers and the tokens, in the column on its left the tokens again.
    Defined names: story.maps.L for each block, its maps side by side; story.tokens.L, story.tokens_across.
    """
    top, left, across = first.top, first.left, first.columns
    place, shown = book.locate("token.shown")
    tokens = f"{quote_sheet(place)}!{Rect(shown.top, shown.left, shown.top + size - 1, shown.left)}"
    width = config.n_head * across
    for head, column in enumerate(range(left, left + width, across)):
        link(sheet, top - 2, column, f"{_place(book, 0, head)}", f"head {head}")
        line = Rect(top - 1, column, top - 1, column + size - 1)
        sheet.put_formula(line, f"TRANSPOSE({tokens})", "token_up", array=True)
    book.define("story.tokens_across", sheet.name, Rect(top - 1, left, top - 1, left + width - 1))
    for layer in range(config.n_layer):
        here = top + layer * first.rows
        beside = Rect(here, left - 1, here + size - 1, left - 1)
        sheet.put_formula(beside, tokens, "token_small", array=True)
        sheet.look.tints.append((beside, f"ROW()-{here - 1}=prompt.length", "answering"))
        book.define(f"story.tokens.{layer}", sheet.name, beside)
        area = Rect(here, left, here + size - 1, left + width - 1)
        book.define(f"story.maps.{layer}", sheet.name, area)
        for head, column in enumerate(range(left, left + width, across)):
            cells = Rect(here, column, here + size - 1, column + size - 1)
            sheet.look.styles.append((cells, "map"))
            sheet.look.scales.append((cells, GREEN))
            for line, source in _rows(book, layer, head, cells):
                sheet.put_formula(line, source, "map_past", array=True)


def _place(book: Book, layer: int, head: int) -> str:
    """Where step 7 of a head stands."""
    sheet, area = book.locate(step(f"h.{layer}", 7, head))
    return f"{quote_sheet(sheet)}!{at(area.top, area.left)}"


def _rows(book: Book, layer: int, head: int, cells: Rect) -> Iterator[tuple[Rect, str]]:
    """The cells of each row of a map up to the diagonal, and the cells of step 7 that they show."""
    place, weights = book.locate(step(f"h.{layer}", 7, head))
    for t in range(cells.rows):
        row, source = cells.top + t, weights.top + t
        line = Rect(row, cells.left, row, cells.left + t)
        yield line, f"{quote_sheet(place)}!{Rect(source, weights.left, source, weights.left + t)}"

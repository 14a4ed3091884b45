"""The sheet `Attention`: which head looked where.

A map of one head, chosen by block and number; for every head how much it looks at the first token, at the one before,
and at itself; and attention rollout. `gpt2.lenses` says the same in numpy.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, a1, at, quote_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, typed_whole, unless_refused

_INPUTS = TITLE_ROWS + 2  # block and head, below the links
_MAP = _INPUTS + 5  # first row of the map; above it positions and tokens
_TO_DO = "Now do this: 1. Type a prompt. 2. Find below a head that looks at the token before. 3. Type its numbers here."
_SCORES = {"first": "at the first token", "previous": "at the one before", "self": "at itself"}
_GREEN = "#57AE5B"


def attention(book: Book, config: Config, rows: int) -> None:
    """Add the sheet, for a window of so many rows."""
    sheet = add_titled_sheet(
        book,
        "Attention",
        "Attention: which head looked where",
        "How much each token (a row) takes from each up to it. Type a block and a head into the yellow cells.",
        "activation",
    )
    sheet.look.widths = {(1, 1): 10, (2, 2): 16, (LEFT, LEFT + max(rows, 3 * config.n_head + 2)): 6.5}
    sheet.look.freeze = (_MAP, LEFT)
    _inputs(book, sheet, config)
    _map(book, sheet, config, rows)
    top = _scores(book, sheet, config, rows, _MAP + rows + 2) if rows > 1 else _MAP + rows + 2
    _rollout(book, sheet, config, rows, top)


def _inputs(book: Book, sheet: Sheet, config: Config) -> None:
    for row, (name, count) in enumerate((("block", config.n_layer), ("head", config.n_head)), _INPUTS):
        cell = at(row, 2)
        sheet.put(at(row, 1), name.capitalize(), "heading")
        sheet.put(cell, None, "input_number")
        sheet.put_formula(at(row, LEFT), unless_refused(book, typed_whole(cell, 0, count - 1, "0")), "whole")
        sheet.put(at(row, LEFT + 1), f"in use: 0 to {count - 1}; blank: 0", "note")
        book.define(f"attention.typed_{name}", sheet.name, cell)
        book.define(f"attention.{name}", sheet.name, at(row, LEFT))
    sheet.put(at(_INPUTS + 2, LEFT), _TO_DO, "note")


def _map(book: Book, sheet: Sheet, config: Config, rows: int) -> None:
    """Step 7 of the chosen head [n, n]; the future stays blank."""
    region = _square(book, sheet, "attention.map", _MAP, rows)
    for t in range(rows):
        sources = []
        for layer in range(config.n_layer):
            place, first = book.locate(step(f"h.{layer}", 7, 0))
            line = Rect(first.top + t, first.left, first.top + t, first.left + config.n_head * rows - 1)
            sources.append(f"{quote_sheet(place)}!{line}")
        chosen = f"CHOOSE(attention.block+1,{','.join(sources)})"
        for k in range(t + 1):
            sheet.put_formula(at(_MAP + t, LEFT + k), f"INDEX({chosen},1,attention.head*{rows}+{k + 1})", "share")
    sheet.look.scales.append((region, _GREEN))


def _square(book: Book, sheet: Sheet, name: str, top: int, rows: int) -> Rect:
    """Where a table [n, n] of token against token stands, with the tokens beside it and above."""
    region = Rect(top, LEFT, top + rows - 1, LEFT + rows - 1)
    across, down = Rect(top - 2, LEFT, top - 2, region.right), Rect(top, 1, region.bottom, 1)
    numbers = np.arange(1.0, rows + 1)
    sheet.put(across, numbers[None, :], "index")
    sheet.put_formula(across.shift(rows=1), "TRANSPOSE(token.shown)", "token_column", array=True)
    sheet.look.heights[top - 1] = 24
    sheet.put(down, numbers[:, None], "position")
    sheet.put_formula(down.shift(columns=1), "token.shown", "token", array=True)
    sheet.look.styles.append((region, "future"))
    book.define(name, sheet.name, region)
    return region


def _scores(book: Book, sheet: Sheet, config: Config, rows: int, top: int) -> int:
    """A table [layers, heads] for each score: the mean over all rows but the first; returns the next free row."""
    down, across = _positions(rows)
    sheet.put(at(top, LEFT), "How much each head looks, on average over all tokens but the first ...")
    sheet.look.styles.append((Rect(top, 1, top, LEFT + 3 * config.n_head + 1), "caption"))
    conditions = {"first": f"{across}=1", "previous": f"{across}={down}-1", "self": f"{across}={down}"}
    for number, (name, words) in enumerate(_SCORES.items()):
        left = LEFT + number * (config.n_head + 1)
        sheet.put(at(top + 1, left), words, "heading")
        sheet.put(
            Rect(top + 2, left, top + 2, left + config.n_head - 1), np.arange(config.n_head * 1.0)[None, :], "index"
        )
        area = Rect(top + 3, left, top + 2 + config.n_layer, left + config.n_head - 1)
        for layer in range(config.n_layer):
            sheet.put(at(area.top + layer, 2), f"block {layer}", "row_name")
            for head in range(config.n_head):
                weights = step(f"h.{layer}", 7, head)
                text = f"SUM(IF(({conditions[name]})*({down}>1),{weights},0))/{rows - 1}"
                sheet.put_formula(at(area.top + layer, left + head), text, "share", array=True)
        sheet.look.scales.append((area, _GREEN))
        book.define(f"attention.{name}", sheet.name, area)
    sheet.put(at(top + 2, 2), "head", "side")
    return top + 5 + config.n_layer


def _rollout(book: Book, sheet: Sheet, config: Config, rows: int, top: int) -> None:
    """Attention rollout, after the last block: R = (mean of the heads / 2 + 1/2) x R of the block before.

    Abnar and Zuidema, "Quantifying Attention Flow in Transformers", 2020. A picture, not a cause.
    """
    words = "Attention rollout, after the last block: in each block half the mean of its heads, half the row itself"
    sheet.put(at(top, LEFT), words)
    sheet.look.styles.append((Rect(top, 1, top, LEFT + max(rows, 16) - 1), "caption"))
    region = _square(book, sheet, "attention.rollout", top + 3, rows)
    working = region.right + 3  # right of it, the blocks one below the other
    sheet.put(at(top + 2, working), "after each block", "heading")
    down, across = _positions(rows)
    before = ""
    for layer in range(config.n_layer):
        heads = "+".join(step(f"h.{layer}", 7, head) for head in range(config.n_head))
        mixed = f"({heads})/{2 * config.n_head}+IF({down}={across},0.5,0)"
        last = layer == config.n_layer - 1
        area = region if last else region.shift(rows=layer * (rows + 1), columns=working - LEFT)
        text = f"MMULT({mixed},{before})" if before else mixed
        sheet.put_formula(area, text, "probability", array=True)
        if not last:
            book.define(f"attention.rollout_{layer}", sheet.name, area)
        before = str(area)
    sheet.look.scales.append((region, _GREEN))


def _positions(rows: int) -> tuple[str, str]:
    """The positions beside the map, and those above it."""
    beside, above = Rect(_MAP, 1, _MAP + rows - 1, 1), Rect(_MAP - 2, LEFT, _MAP - 2, LEFT + rows - 1)
    return a1(beside, absolute=True), a1(above, absolute=True)

"""The sheet `Attention`: which head looked where.

A map of one head, chosen by block and number; for every head how much it looks at the first token, at the one before,
at itself, and behind the same token further up (induction); and attention rollout. `gpt2.lenses` says the same in
numpy.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, a1, at, quote_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, link, typed_whole, unless_refused

_INPUTS = TITLE_ROWS + 2  # block and head, below the links
_MAP = _INPUTS + 5  # first row of the map; above it positions and tokens
_TO_DO = (
    "Now do this: 1. Type a text that says something twice. 2. Find below the head with the most induction. "
    "3. Choose it here."
)
_SCORES = {"first": "at the first token", "previous": "at the one before", "self": "at itself"}
_GREEN = "#57AE5B"


def attention(book: Book, config: Config, rows: int) -> None:
    """Add the sheet, for a window of so many rows."""
    sheet = add_titled_sheet(
        book,
        "Attention",
        "Attention: which head looked where",
        "How much each token (a row) takes from each up to it. Choose a block and a head in the yellow cells.",
        "activation",
    )
    sheet.look.widths = {(1, 1): 8, (2, 2): 13, (LEFT, LEFT + max(rows + 1, 4 * config.n_head + 3)): 5}
    sheet.look.freeze = (_MAP, LEFT)
    _inputs(book, sheet, config)
    _map(book, sheet, config, rows)
    top = _MAP + rows + 2
    if rows > 1:
        _repeats(book, sheet, rows)
        _induction(book, sheet, config, rows, top + 1)
        top = _scores(book, sheet, config, rows, top + 1)
    _rollout(book, sheet, config, rows, top)


def _inputs(book: Book, sheet: Sheet, config: Config) -> None:
    for row, (name, count) in enumerate((("block", config.n_layer), ("head", config.n_head)), _INPUTS):
        cell = at(row, 2)
        sheet.put(at(row, 1), name.capitalize(), "heading")
        sheet.put(cell, None, "input_number")
        sheet.look.lists.append((cell, tuple(map(str, range(count)))))
        sheet.put_formula(at(row, LEFT), unless_refused(book, typed_whole(cell, 0, count - 1, "0")), "whole")
        sheet.put(at(row, LEFT + 1), f"in use: 0 to {count - 1}; blank: 0", "note")
        book.define(f"attention.typed_{name}", sheet.name, cell)
        book.define(f"attention.{name}", sheet.name, at(row, LEFT))
    sheet.put(at(_INPUTS + 2, LEFT), _TO_DO, "note")
    if "Story" in book.sheets:
        link(sheet, _INPUTS, LEFT + 8, "Story", "all heads ›")


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


def _repeats(book: Book, sheet: Sheet, rows: int) -> None:
    """Below the map the id of the token before each one, and right of it a 1 for each token that is there twice."""
    across = _positions(rows)[1]
    line, beside = (
        Rect(_MAP + rows, LEFT, _MAP + rows, LEFT + rows - 1),
        Rect(_MAP, LEFT + rows, _MAP + rows - 1, LEFT + rows),
    )
    sheet.put(at(line.top, LEFT - 1), "id before", "side")
    sheet.put(at(line.top, LEFT), -1.0, "index")
    sheet.put(at(_MAP - 1, beside.left), "again", "side")
    for t in range(rows):
        if t:
            sheet.put_formula(at(line.top, LEFT + t), f"INDEX(token.ids,{t})", "index")
        found = f"SUM(({line}=INDEX(token.ids,{t + 1}))*({across}<={t + 1}))"
        sheet.put_formula(at(_MAP + t, beside.left), f"IF({found}>0,1,0)", "symbol", array=True)
    book.define("attention.before_ids", sheet.name, line)
    book.define("attention.repeats", sheet.name, beside)


def _induction(book: Book, sheet: Sheet, config: Config, rows: int, top: int) -> None:
    """The induction score of each head [layers, heads], right of the other scores; "-" where no token is there twice.

    Of the rows whose token has been there before the mean of how much they look at the tokens behind those places; for
    random tokens twice it is the induction score of the literature, mean of A[i, i - (n - 1)] (Olsson and others,
    "In-context Learning and Induction Heads", 2022).
    """
    left = LEFT + len(_SCORES) * (config.n_head + 1)
    area = _score_table(book, sheet, config, "induction", "induction", (top, left))
    down, across = _positions(rows)
    behind = f"(attention.before_ids=token.ids)*({across}<={down})"
    for row, column in area.cells():
        weights = step(f"h.{row - area.top}", 7, column - area.left)
        mean = f"SUM(IF({behind},{weights},0))/SUM(attention.repeats)"
        sheet.put_formula(at(row, column), f'IF(SUM(attention.repeats)=0,"-",{mean})', "share", array=True)


def _score_table(book: Book, sheet: Sheet, config: Config, name: str, words: str, corner: tuple[int, int]) -> Rect:
    """Headings and place of a table of scores [layers, heads]; `corner` is that of all the tables' caption."""
    top, left = corner
    area = Rect(top + 3, left, top + 2 + config.n_layer, left + config.n_head - 1)
    sheet.put(at(top + 1, left), words, "heading")
    sheet.put(Rect(top + 2, left, top + 2, area.right), np.arange(config.n_head * 1.0)[None, :], "index")
    sheet.look.scales.append((area, _GREEN))
    book.define(f"attention.{name}", sheet.name, area)
    return area


def _scores(book: Book, sheet: Sheet, config: Config, rows: int, top: int) -> int:
    """A table [layers, heads] for each score: the mean over all rows but the first; returns the next free row."""
    down, across = _positions(rows)
    sheet.put(
        at(top, LEFT),
        "How much each head looks, on average; induction: of tokens that are there again, behind the earlier one",
    )
    sheet.look.styles.append((Rect(top, 1, top, LEFT + 4 * config.n_head + 2), "caption"))
    conditions = {"first": f"{across}=1", "previous": f"{across}={down}-1", "self": f"{across}={down}"}
    for number, (name, words) in enumerate(_SCORES.items()):
        left = LEFT + number * (config.n_head + 1)
        area = _score_table(book, sheet, config, name, words, (top, left))
        for layer in range(config.n_layer):
            sheet.put(at(area.top + layer, 2), f"block {layer}", "row_name")
            for head in range(config.n_head):
                weights = step(f"h.{layer}", 7, head)
                text = f"SUM(IF(({conditions[name]})*({down}>1),{weights},0))/{rows - 1}"
                sheet.put_formula(at(area.top + layer, left + head), text, "share", array=True)
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

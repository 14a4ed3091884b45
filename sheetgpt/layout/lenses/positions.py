"""The sheet `Positions`: what is added to a token's embedding to say where it stands: wpe, nothing, or sinusoids.

`embedding.position` holds what is added. Without it the model does not become blind to order altogether: a row of block
0 sees only which tokens came before it, not in which order, but from block 1 on it reads rows of which each has seen
only those before it.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.interventions import POSITIONS
from sheetgpt.layout.headings import caption
from sheetgpt.layout.lenses.choice import choose_word, show_next
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, unless_refused

_INPUTS = TITLE_ROWS + 2
_LENGTHS = _INPUTS + 7  # first row of lengths
_PROMPTS = '" dog chases cat." and " cat chases dog."'
_TO_DO = f"Now do this: 1. Choose off. 2. Type the prompts {_PROMPTS} with their spaces. 3. Compare below."
_ALIKE = (
    "With positions off both prompts give the same after block 0: a row there sees which tokens came before it, not",
    "in which order. From block 1 on they differ all the same: each earlier row has seen only the rows before it.",
)


def positions(book: Book, config: Config, rows: int) -> None:
    """Add the sheet, for a window of so many rows, before the blocks."""
    sheet = add_titled_sheet(
        book,
        "Positions",
        "Positions: how a token knows where it stands",
        "wpe is a trained row for each position, added to the token's. Choose off: nothing, or sinusoids: a fixed code",
        "input",
    )
    sheet.look.widths = {(1, 1): 12, (2, 2): 16, (LEFT, LEFT + max(config.n_embd, 16)): 9}
    choose_word(book, sheet, "positions", _INPUTS, "code", POSITIONS, "what is added; blank: wpe")
    used, message = Rect(_INPUTS, LEFT + 5, _INPUTS, LEFT + 6), at(_INPUTS + 4, LEFT)
    sheet.put(at(_INPUTS, LEFT + 4), "wpe, sinusoids", "side")
    for column, word in ((used.left, "wpe"), (used.right, "sinusoids")):
        sheet.put_formula(at(_INPUTS, column), f'IF(positions.code="{word}",1,0)', "whole")
    told = '"Positions: "&positions.code&". "'
    sheet.put_formula(message, f'IF(positions.code="wpe","",{told})', "message")
    book.define("positions.used", sheet.name, used)
    book.define("positions.message", sheet.name, message)
    show_next(book, sheet, "positions", _INPUTS + 1)
    sheet.put(at(_INPUTS + 3, LEFT), _TO_DO, "note")
    _lengths(book, sheet, config)
    _sinusoids(book, sheet, config, rows, _LENGTHS + config.n_layer + 2)


def position_row(position: str, row: int) -> str:
    """The formula for what is added in a token row, from 1, where the sheet is there; `position` is a cell."""
    wpe, fixed = f"INDEX(wpe.weight,{position},0)", f"INDEX(positions.sinusoids,{row},0)"
    return f"{wpe}*INDEX(positions.used,1,1)+{fixed}*INDEX(positions.used,1,2)"


def _lengths(book: Book, sheet: Sheet, config: Config) -> None:
    """The length of the row of the prompt's last token after each block: a number that shows whether rows are alike."""
    caption(
        sheet, _LENGTHS - 1, 1, LEFT + 15, "Length of the row of the prompt's last token: root of the sum of squares"
    )
    area = Rect(_LENGTHS, LEFT, _LENGTHS + config.n_layer, LEFT)
    for depth in range(config.n_layer + 1):
        name = step(f"h.{depth}", 1) if depth < config.n_layer else step(f"h.{depth - 1}", 16)
        sheet.put(at(area.top + depth, 2), f"after block {depth - 1}" if depth else "embedding", "row_name")
        text = f"SQRT(SUM(INDEX({name},prompt.length,0)^2))"
        sheet.put_formula(at(area.top + depth, LEFT), unless_refused(book, text), "length", array=True)
    for row, words in enumerate(_ALIKE, area.top):
        sheet.put(at(row, LEFT + 1), words, "note")
    book.define("positions.lengths", sheet.name, area)


def _sinusoids(book: Book, sheet: Sheet, config: Config, rows: int, top: int) -> None:
    """The fixed code [rows, d]: sine in even columns, cosine in odd ones, of wavelengths from 2 pi to 20,000 pi."""
    d = config.n_embd
    area = Rect(top + 2, LEFT, top + 1 + rows, LEFT + d - 1)
    index = Rect(top + 1, LEFT, top + 1, area.right)
    title = "Sinusoids: sin(p / 10000^(k/d)) in column k, and its cos in column k + 1, k even, p the position from 0"
    caption(sheet, top, 1, max(area.right, LEFT + 15), title)
    sheet.put(index, np.arange(float(d))[None, :], "index")
    even, odd = f"10000^({index}/{d})", f"10000^(({index}-1)/{d})"
    for t in range(rows):
        row = area.top + t
        sheet.put(at(row, 1), float(t + 1), "position")
        text = f"IF({index}-2*INT({index}/2)=0,SIN((A{row}-1)/{even}),COS((A{row}-1)/{odd}))"
        sheet.put_formula(Rect(row, LEFT, row, area.right), text, "effect", array=True)
    sheet.put_formula(Rect(area.top, 2, area.bottom, 2), "token.shown", "token", array=True)
    sheet.look.marks.append((area, "signed"))
    book.define("positions.sinusoids", sheet.name, area)

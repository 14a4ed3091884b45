"""The sheet `Endoftext`: one switch that puts the token <|endoftext|> in front of the prompt.

GPT-2 was trained on texts with this token between them. A head that has nothing to look at looks at the first token;
without <|endoftext|> in front that is the first word. All published figures of GPT-2's heads have it in front. With
the switch on all tokens move down by a row: their positions, the predictions and the continuation with them.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.layout.headings import caption
from sheetgpt.layout.lenses.choice import show_next
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, typed_whole

TOKEN = "<|endoftext|>"
_INPUTS = TITLE_ROWS + 2
_TABLE = _INPUTS + 8  # first row of scores
_GREEN = "#57AE5B"
_TO_DO = (
    "Now do this: 1. See below how much heads look at the first token. 2. Type 1 above. 3. Compare, and the answer too."
)


def endoftext(book: Book, config: Config, rows: int) -> None:
    """Add the sheet, for a window of so many rows."""
    sheet = add_titled_sheet(
        book,
        "Endoftext",
        f"{TOKEN} in front of the prompt",
        "1 puts the token that ended each training text into row 1; all others move down. Idle heads rest on it.",
        "input",
    )
    sheet.look.widths = {(1, 1): 12, (2, 2): 16, (LEFT, LEFT + max(config.n_head, 16)): 9}
    _inputs(book, sheet, config)
    show_next(book, sheet, "endoftext", _INPUTS + 2)
    sheet.put(at(_INPUTS + 4, LEFT), _TO_DO, "note")
    if rows > 1:
        _first(book, sheet, config, rows)


def token_in_front(tokenizer: Tokenizer | None) -> float | None:
    """The id of <|endoftext|> in a model's own vocabulary; None where it has none."""
    token = tokenizer.ids.get(TOKEN) if tokenizer else None
    return None if token is None else float(token)


def _inputs(book: Book, sheet: Sheet, config: Config) -> None:
    """The switch, and the token: its id is a number that the build knows, and may be changed."""
    typed, number = at(_INPUTS, 2), at(_INPUTS + 1, 2)
    cells = {"typed": typed, "on": at(_INPUTS, LEFT), "id": number, "token": at(_INPUTS + 1, LEFT)}
    for row, title in ((_INPUTS, "In front"), (_INPUTS + 1, "Token")):
        sheet.put(at(row, 1), title, "heading")
        sheet.put(at(row, 2), None, "input_number")
    sheet.look.lists.append((typed, ("0", "1")))
    on = f"IF(endoftext.token<0,0,IF(ISNUMBER({typed}),IF({typed}=0,0,1),0))"
    sheet.put_formula(cells["on"], on, "whole")
    sheet.put(at(_INPUTS, LEFT + 1), "1: in front, 0 or blank: not. The prompt may have a token less then", "note")
    sheet.put_formula(cells["token"], typed_whole(number, 0, config.vocab_size - 1, "-1"), "whole")
    shown = 'IF(endoftext.token<0,"",INDEX(vocabulary.shown,endoftext.token+1))'
    sheet.put_formula(at(_INPUTS + 1, LEFT + 1), shown, "token")
    words = "its id in this vocabulary (blank: it has none); any other token may stand there instead"
    sheet.put(at(_INPUTS + 1, LEFT + 3), words, "note")
    cells["shown"] = at(_INPUTS + 1, LEFT + 1)
    message = at(_INPUTS + 6, LEFT)
    told = '"Endoftext: in front. "'
    sheet.put_formula(message, f'IF(endoftext.on=1,{told},"")', "message")
    for name, cell in (cells | {"message": message}).items():
        book.define(f"endoftext.{name}", sheet.name, cell)


def _first(book: Book, sheet: Sheet, config: Config, rows: int) -> None:
    """How much each head looks at the first token [layers, heads]: the mean over all rows but the first."""
    area = Rect(_TABLE + 1, LEFT, _TABLE + config.n_layer, LEFT + config.n_head - 1)
    title = "How much each head looks at the first token, on average over all rows but the first"
    caption(sheet, _TABLE - 1, 1, LEFT + max(config.n_head, 12) - 1, title)
    sheet.put(at(_TABLE, 2), "head", "side")
    sheet.put(Rect(_TABLE, LEFT, _TABLE, area.right), np.arange(float(config.n_head))[None, :], "index")
    for layer in range(config.n_layer):
        sheet.put(at(area.top + layer, 2), f"block {layer}", "row_name")
        for head in range(config.n_head):
            text = f"(SUM(INDEX({step(f'h.{layer}', 7, head)},0,1))-1)/{rows - 1}"  # its first row is 1
            sheet.put_formula(at(area.top + layer, LEFT + head), text, "share", array=True)
    sheet.look.scales.append((area, _GREEN))
    book.define("endoftext.first", sheet.name, area)

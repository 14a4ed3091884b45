"""The sheet `Switches`: a 1 for every head, every MLP and every block; 0 takes its contribution out, as an ablation.

A head's switch scales its z in step 8 (the bias of c_proj stays), an MLP's switch scales step 15, a block's switch both
what its attention adds (step 9) and what its MLP adds (step 15). The blocks read the switches in use, so everything
after them changes. `gpt2.forward.Switches` is the same in numpy.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.lenses.choice import choose_position_and_token
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, unless_refused

_INPUTS = TITLE_ROWS + 2  # position and token, below the links
_TABLE = _INPUTS + 7  # first row of switches
_TO_DO = "Now do this: 1. Copy the id of the token into the yellow cell beside it. 2. Type 0 over a 1. 3. Watch."


def switches(book: Book, config: Config, rows: int) -> None:
    """Add the sheet, before the blocks, which read it."""
    sheet = add_titled_sheet(
        book,
        "Switches",
        "Switches: take parts out and watch",
        "Each 1 is a part of the model that is on. 0 takes out what it adds, 0.5 halves it. No number counts as 1.",
        "input",
    )
    width = config.n_head + 2
    sheet.look.widths = {(1, 1): 10, (2, 2): 16, (LEFT, LEFT + 2 * width + 2): 9}
    choose_position_and_token(book, sheet, "switch", _INPUTS, rows, config.vocab_size)
    for row, (name, style) in enumerate((("probability", "output_percent"), ("logit", "effect")), _INPUTS + 2):
        table = "probabilities" if name == "probability" else "logits"
        sheet.put(at(row, 2), f"its {name}", "heading")
        text = unless_refused(book, f"INDEX({table},switch.token+1,switch.position)")
        sheet.put_formula(at(row, LEFT), text, style)
        book.define(f"switch.{name}", sheet.name, at(row, LEFT))
    sheet.put(at(_INPUTS + 4, LEFT), _TO_DO, "note")
    _table(book, sheet, config, LEFT, typed=True)
    _table(book, sheet, config, LEFT + width + 1, typed=False)


def _table(book: Book, sheet: Sheet, config: Config, left: int, typed: bool) -> None:
    """The switches as typed, or as they are in use, one row for each block."""
    heads, layers = config.n_head, config.n_layer
    titles = [*(f"head {head}" for head in range(heads)), "MLP", "block"]
    for column, title in enumerate(titles, left):
        sheet.put(at(_TABLE - 1, column), title, "heading_center")
    sheet.put(at(_TABLE - 2, left), "1: on, 0: off" if typed else "what the blocks read", "note")
    area = Rect(_TABLE, left, _TABLE + layers - 1, left + heads + 1)
    groups = (("heads", left, heads), ("mlp", left + heads, 1), ("block", left + heads + 1, 1))
    for name, first, count in groups:
        cells = Rect(area.top, first, area.bottom, first + count - 1)
        book.define(f"switch.{'typed_' * typed}{name}", sheet.name, cells)
    if typed:
        sheet.look.marks.append((area, "off"))
        sheet.put(area, np.ones(area.shape), "input_number")
        for layer in range(layers):
            sheet.put(at(_TABLE + layer, 2), f"block {layer}", "row_name")
    else:
        for row, column in area.cells():  # each by itself: IronCalc takes ISNUMBER of an array for FALSE
            source = at(row, column - heads - 3)
            sheet.put_formula(at(row, column), f"IF(ISNUMBER({source}),{source},1)", "activation_center")
        changed, told = f"SUM(IF({area}=1,0,1))", at(_TABLE - 2, area.right + 2)
        text = f'"Not the whole model. Switches that are off or changed: "&{changed}&" (sheet Switches)."'
        sheet.put_formula(told, f'IF({changed}=0,"",{text})', "message", array=True)
        book.define("switch.message", sheet.name, told)

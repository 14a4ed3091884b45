"""The sheet `Steering`: a direction, times a strength, is added to the rows before a block.

x := x + strength * direction at step 1 of the block (TransformerLens: `hook_resid_pre`), in all rows or in those from
a first to a last position. The direction is a row that was typed, pasted or written by `sheetgpt steer` or `sheetgpt
fetch-sae`, or the difference of the embeddings of two tokens. `gpt2.interventions.Steering` is the same in numpy.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from sheetgpt.book.address import Rect, a1, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.headings import caption
from sheetgpt.layout.lenses.choice import choose_number, choose_word, show_next
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, typed_token, typed_whole

_INPUTS = TITLE_ROWS + 2
_TABLE = _INPUTS + 14  # the direction
SOURCES = ("typed row", "two words")
TYPED = ("strength", "block", "first", "last", "source", "plus", "minus", "centred", "note", "direction")
_TO_DO = (
    "Now do this: 1. Choose two words as source, type one as plus, one as minus. 2. Type the last block, strength 2. "
    "3. Watch."
)


def steering(book: Book, config: Config, rows: int) -> None:
    """Add the sheet, for a window of so many rows, before the blocks, which read it."""
    sheet = add_titled_sheet(
        book,
        "Steering",
        "Steering: push the rows in a direction",
        "Strength x direction is added to the rows before a block. Type a strength, and a direction: "
        "two words, or a row of numbers.",
        "input",
    )
    sheet.look.widths = {(1, 1): 12, (2, 2): 16, (LEFT, LEFT + max(config.n_embd, 16)): 9}
    _inputs(book, sheet, config, rows)
    show_next(book, sheet, "steering", _INPUTS + 9)
    sheet.put(at(_INPUTS + 11, LEFT), _TO_DO, "note")
    _direction(book, sheet, config)
    _strengths(book, sheet, config, rows, _TABLE + 7)


def steered(formula: str, row: int, layer: int) -> str:
    """The formula of step 1 of a block in a token row, from 0, where the sheet is there."""
    return f"{formula}+INDEX(steering.strengths,{row + 1},{layer + 1})*steering.direction"


def _inputs(book: Book, sheet: Sheet, config: Config, rows: int) -> None:
    last = config.n_layer - 1
    numbers = (
        (
            "strength",
            lambda cell: f"IF(ISNUMBER({cell}),{cell},0)",
            "0 or blank: nothing is added; below 0: away from it",
        ),
        ("block", lambda cell: typed_whole(cell, 0, last, "0"), f"before which block, 0 to {last}; blank: 0"),
        ("first", lambda cell: typed_whole(cell, 1, rows, "1"), "first position, from 1; blank: 1"),
        ("last", lambda cell: typed_whole(cell, 1, rows, str(rows)), "last position; blank: the end of the window"),
    )
    for row, (name, formula, words) in enumerate(numbers, _INPUTS):
        style = "activation_center" if name == "strength" else "whole"
        choose_number(book, sheet, row, f"steering.{name}", formula, words, style)
    where = "the direction: the typed row below, or the embedding of token plus minus that of token minus"
    choose_word(book, sheet, "steering", _INPUTS + 4, "source", SOURCES, where)
    for row, name in enumerate(("plus", "minus"), _INPUTS + 5):
        _word(book, sheet, config, row, name)
    words = "yes: take its mean from the direction, as for a direction of an encoder that saw rows without their mean"
    choose_word(book, sheet, "steering", _INPUTS + 7, "centred", ("no", "yes"), words)
    sheet.put(at(_INPUTS + 8, 1), "The row is", "heading")
    sheet.put(at(_INPUTS + 8, 2), None, "input_note")
    sheet.put(at(_INPUTS + 8, LEFT + 1), "a word on where the typed row comes from, for you to remember", "note")
    book.define("steering.typed_note", sheet.name, at(_INPUTS + 8, 2))
    message = at(_INPUTS + 12, LEFT)
    told = '"Steering: before block "&steering.block&". "'
    sheet.put_formula(message, f'IF(steering.strength=0,"",{told})', "message")
    book.define("steering.message", sheet.name, message)


def _word(book: Book, sheet: Sheet, config: Config, row: int, name: str) -> None:
    """A row for the id of a token whose embedding makes the direction; -1 stands for none."""
    formula = partial(typed_token, vocabulary=config.vocab_size, blank="-1")
    choose_number(book, sheet, row, f"steering.{name}", formula, "", "whole_or_none")
    shown = f'IF(steering.{name}<0,"",INDEX(vocabulary.shown,steering.{name}+1))'
    sheet.put_formula(at(row, LEFT + 1), shown, "token")
    sheet.put(at(row, LEFT + 2), "text or id of a token; blank: none", "note")
    book.define(f"steering.{name}_shown", sheet.name, at(row, LEFT + 1))


def _direction(book: Book, sheet: Sheet, config: Config) -> None:
    """The typed row, that row with blanks as 0, the direction before its mean is taken off, and as it is in use."""
    d, top = config.n_embd, _TABLE
    right = LEFT + d - 1
    caption(sheet, top, 1, max(right, LEFT + 15), "The direction")
    sheet.put(Rect(top + 1, LEFT, top + 1, right), np.arange(float(d))[None, :], "index")
    lines = {"typed_direction": 2, "typed_row": 3, "raw_direction": 4, "direction": 5}
    areas = {name: Rect(top + k, LEFT, top + k, right) for name, k in lines.items()}
    titles = ("typed row", "blank as 0", "before its mean", "in use")
    for (name, area), title in zip(areas.items(), titles, strict=True):
        sheet.put(at(area.top, 2), title, "row_name")
        book.define(f"steering.{name}", sheet.name, area)
    typed = areas["typed_direction"]
    sheet.look.styles.append((typed, "copied"))
    for row, column in areas["typed_row"].cells():  # each by itself: IronCalc takes ISNUMBER of an array for FALSE
        source = at(typed.top, column)
        sheet.put_formula(at(row, column), f"IF(ISNUMBER({source}),{source},0)", "activation")
    used = Rect(_INPUTS + 4, LEFT + 12, _INPUTS + 7, LEFT + 12)  # beside the rows that they belong to
    sheet.put(at(used.top - 1, used.left), "1: used", "side")
    book.define("steering.used", sheet.name, used)
    words = 'IF(steering.source="two words",1,0)'
    shares = (
        f"1-{words}",
        f"{words}*IF(steering.plus<0,0,1)",
        f"{words}*IF(steering.minus<0,0,1)",
        'IF(steering.centred="yes",1,0)',
    )
    for row, share in enumerate(shares, used.top):
        sheet.put_formula(at(row, used.left), share, "whole")
    rows = {name: f"INDEX(wte.weight,MAX(0,steering.{name})+1,0)" for name in ("plus", "minus")}
    raw = f"steering.typed_row*INDEX(steering.used,1)+{rows['plus']}*INDEX(steering.used,2)"
    raw += f"-{rows['minus']}*INDEX(steering.used,3)"
    sheet.put_formula(areas["raw_direction"], raw, "activation", array=True)
    centred = "steering.raw_direction-AVERAGE(steering.raw_direction)*INDEX(steering.used,4)"
    sheet.put_formula(areas["direction"], centred, "activation", array=True)


def _strengths(book: Book, sheet: Sheet, config: Config, rows: int, top: int) -> None:
    """Where it is added: the strength for each row before each block [rows, layers]."""
    area = Rect(top + 2, LEFT, top + 1 + rows, LEFT + config.n_layer - 1)
    caption(sheet, top, 1, LEFT + 15, "Where it is added, and how strongly: token by block")
    sheet.put(at(top + 1, 2), "before block", "side")
    sheet.put(Rect(top + 1, LEFT, top + 1, area.right), np.arange(float(config.n_layer))[None, :], "index")
    for t in range(rows):
        row = area.top + t
        sheet.put(at(row, 1), float(t + 1), "position")
        inside = f"(A{row}>=steering.first)*(A{row}<=steering.last)"
        blocks = Rect(top + 1, LEFT, top + 1, area.right)
        text = f"IF({inside}*({blocks}=steering.block)=1,steering.strength,0)"
        sheet.put_formula(Rect(row, LEFT, row, area.right), text, "effect", array=True)
    sheet.put_formula(Rect(area.top, 2, area.bottom, 2), "token.shown", "token", array=True)
    sheet.look.tints.append((area, f"{a1(at(area.top, area.left))}<>0", "pair"))
    book.define("steering.strengths", sheet.name, area)

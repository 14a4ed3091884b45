"""From the prompt to embeddings: Type_Prompt_Here, Prompt_to_Tokens, Token_to_Text_Embeddings.

With a tokenizer the prompt is cut into tokens by formulas, on the sheets of `words` and `passes`; without one,
the ids stand in `prompt.ids` as numbers. `prompt.message` says what is wrong with a prompt; while it does,
`prompt.length` is #N/A and so is every prediction.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.address import Rect, at
from sheetgpt.book import Book, Sheet
from sheetgpt.layout.page import LEFT, TITLE_ROWS, Page, Region, page
from sheetgpt.layout.passes import NONE
from sheetgpt.limits import EMPTY, Limits
from sheetgpt.spec import Config

IDS_TOP = TITLE_ROWS + 3  # first token row on Prompt_to_Tokens
WIDTHS = {(1, 1): 14, (2, 6): 16, (7, 7): 3, (8, 8): 9, (9, 12): 14}  # of the columns, in characters
NO_IDS = "There are no token ids: type them on Prompt_to_Tokens."


def type_prompt_here(book: Book, config: Config, rows: int, prompt: str, limits: Limits | None = None) -> None:
    """The sheet that people look at first: prompt, continuation, the ten best next tokens, the whole window.

    With `limits` the prompt is read by formulas, else its ids are numbers on Prompt_to_Tokens.
    """
    this = page(book, "Type_Prompt_Here", rows, "Prompt and continuation", "what goes in and what comes out", "input")
    sheet = this.sheet
    prompt_text(this, prompt, limits)
    answer(book, sheet, config, rows)


def answer(book: Book, sheet: Sheet, config: Config, rows: int) -> None:
    """Below the prompt: continuation, next token, settings, the ten best, the window."""
    wide(book, sheet, "continuation.text", 7, "Continuation", "output_text")
    sheet.put_formula(at(7, 2), f"Predicted_Token!G{TITLE_ROWS + 2 + rows}")
    for row, title, name, text, style in (
        (9, "Next token", "next.shown", "INDEX(predicted.shown,prompt.length)", "output"),
        (10, "Probability", "next.probability", "INDEX(predicted.probability,prompt.length)", "output_percent"),
        (11, "Prompt tokens", "next.position", "prompt.length", "whole"),
    ):
        sheet.put(at(row, 1), title, "heading")
        sheet.put_formula(at(row, 2), text, style)
        book.define(name, sheet.name, at(row, 2))
    _settings(book, sheet, 9)
    _best(book, sheet, config, 13)
    _window(book, sheet, rows, 13)


def prompt_text(this: Page, prompt: str, limits: Limits | None) -> None:
    """The cell for the prompt, what is wrong with it, and a note on how to use it."""
    sheet = this.sheet
    sheet.look.widths = dict(WIDTHS)
    wide(this.book, sheet, "prompt.text", 4, "Prompt", "input_text")
    sheet.put(at(4, 2), prompt)
    if limits is None:
        problem = f'IF(COUNT(prompt.ids)=0,"{NO_IDS}","")'
        note = "The tokens of this text are the ids on Prompt_to_Tokens, typed as numbers: change them there."
    else:
        problem = _problem(this.rows, limits)
        note = f"Type any text of up to {limits.characters} characters: formulas cut it into tokens."
    sheet.put_formula(at(5, 2), problem, "message")
    sheet.put(at(6, 2), note, "note")
    this.book.define("prompt.message", sheet.name, at(5, 2))


def _problem(rows: int, limits: Limits) -> str:
    """The formula for what is wrong with a prompt, the first of these that is; or ""."""
    units = 'COUNTIF(words.code,">=0")+COUNTIF(words.code,">65535")'  # an emoji is two, whatever program counts
    cases = (
        ("LEN(prompt.text)=0", EMPTY),
        (f"LEN(prompt.text)>{limits.characters}", limits.too_long),
        (f"{units}>{limits.characters}", limits.too_long),
        (f"SUM(words.bytes)>{limits.bytes}", limits.too_many_bytes),
        (f"MIN(merged.ranks)<{NONE}", limits.too_many_passes),
        (f"MAX(merged.counts)>{rows}", limits.too_many_tokens(rows)),
    )
    return "".join(f'IF({wrong},"{text}",' for wrong, text in cases) + '""' + ")" * len(cases)


def wide(book: Book, sheet: Sheet, name: str, row: int, title: str, style: str) -> None:
    """A named cell for a text, over the width of the sheet."""
    sheet.put(at(row, 1), title, "heading")
    area = Rect(row, 2, row, 12)
    sheet.look.styles.append((area, style))
    sheet.look.merges.append(area)
    sheet.look.heights[row] = 48
    book.define(name, sheet.name, at(row, 2))


def _settings(book: Book, sheet: Sheet, top: int) -> None:
    """The inputs for sampling, and which position the list of best tokens and the chart show."""
    entries = (
        ("temperature", 0.0, "0: the likeliest token; 1: as the model says; more: wilder"),
        ("top_k", None, "draw from so many of the best; blank: from all candidates, never from the tail beyond"),
        ("top_p", None, "draw from the likeliest that make up this share; blank: 1"),
        ("seed", 1.0, "another whole number, another text"),
    )
    for row, (name, value, words) in enumerate(entries, top):
        sheet.put(at(row, 4), name.replace("_", "-"), "heading")
        sheet.put(at(row, 5), value, "input_number")
        sheet.put(at(row, 6), words, "note")
        book.define(f"sampling.{name}", sheet.name, at(row, 5))
    sheet.put(at(row, 1), "List position", "heading")
    sheet.put(at(row, 2), None, "input_number")
    sheet.put_formula(at(row, 3), f"IF(ISNUMBER(B{row}),B{row},prompt.length)", "whole")
    book.define("list.typed", sheet.name, at(row, 2))
    book.define("list.position", sheet.name, at(row, 3))


def _best(book: Book, sheet: Sheet, config: Config, row: int) -> None:
    for column, head in enumerate(("Best next", "token", "probability", "logit", "id"), 1):
        sheet.put(at(row, column), head, "heading" if head == "token" else "heading_center")
    columns = (("top.shown", "output"), ("top.probabilities", "output_percent"),
               ("top.logits", "activation"), ("top.ids", "output_whole"))  # fmt: skip
    for k in range(1, config.top + 1):
        sheet.put(at(row + k, 1), float(k), "position")
        for column, (name, style) in enumerate(columns, 2):
            sheet.put_formula(at(row + k, column), f"INDEX({name},list.position,{k})", style)
    for column, (name, _) in enumerate(columns, 2):
        book.define(f"next.{name}", sheet.name, Rect(row + 1, column, row + config.top, column))
    last = row + config.top
    sheet.look.charts.append(
        (last + 2, 1, "Probability of the best next tokens", Rect(row + 1, 2, last, 2), Rect(row + 1, 3, last, 3))
    )


def _window(book: Book, sheet: Sheet, rows: int, row: int) -> None:
    for column, head in enumerate(("position", "id", "token", "written by", "probability"), 8):
        sheet.put(at(row, column), head, "heading" if head in ("token", "written by") else "heading_center")
    for t in range(1, rows + 1):
        sheet.put(at(row + t, 8), float(t), "position")
        here = row + t
        sheet.put_formula(at(here, 9), f"INDEX(token.ids,H{here})", "whole")
        sheet.put_formula(at(here, 10), f"INDEX(token.shown,H{here})", "token")
        sheet.put_formula(at(here, 11), f'IF(H{here}<=prompt.length,"you","the model")', "note")
        if t > 1:
            text = f'IF(H{here}<=prompt.length,"",INDEX(predicted.probability,H{here}-1))'
            sheet.put_formula(at(here, 12), text, "output_percent")
    for column, name in enumerate(("ids", "shown", "written_by", "probability"), 9):
        first = row + 1 + (name == "probability" and rows > 1)
        book.define(f"window.{name}", sheet.name, Rect(first, column, row + rows, column))


def prompt_to_tokens(book: Book, rows: int, ids: Sequence[int] | None = None) -> None:
    """The token ids of the prompt, and how many there are; typed numbers, or where `ids` is None formulas."""
    words = "each token of the prompt by its id in the vocabulary"
    words += "" if ids is None else "; clear or type ids to change them"
    this = page(book, "Prompt_to_Tokens", rows, "From text to tokens", words, "input")
    sheet, bottom = this.sheet, IDS_TOP + rows - 1
    sheet.look.widths = {(1, 1): 10, (2, 3): 16, (4, 4): 30, (5, 5): 12}
    for column, head in enumerate(("position", "token id", "token"), 1):
        sheet.put(at(IDS_TOP - 1, column), head, "heading")
    positions, cells = Rect(IDS_TOP, 1, bottom, 1), Rect(IDS_TOP, 2, bottom, 2)
    sheet.put(positions, np.arange(1.0, rows + 1)[:, None], "position")
    book.define("prompt.ids", sheet.name, cells)
    if ids is not None:
        sheet.look.styles.append((cells, "input"))
        sheet.put(Rect(IDS_TOP, 2, IDS_TOP + len(ids) - 1, 2), np.array(ids, dtype=float)[:, None])
    for row in range(IDS_TOP, bottom + 1):
        if ids is None:
            found = f"INDEX(merged.ids,MATCH(A{row},merged.counts,0))"
            none = f'OR(prompt.message<>"",A{row}>MAX(merged.counts))'
            sheet.put_formula(at(row, 2), f'IF({none},"",{found})', "whole")
        sheet.put_formula(at(row, 3), f'IF(ISNUMBER(B{row}),INDEX(vocabulary.shown,B{row}+1),"")', "token")
    book.define("prompt.shown", sheet.name, cells.shift(columns=1))
    sheet.put(at(IDS_TOP - 1, 5), "prompt tokens", "heading")
    sheet.put_formula(at(IDS_TOP, 5), 'IF(prompt.message="",COUNT(prompt.ids),NA())', "whole")
    book.define("prompt.length", sheet.name, at(IDS_TOP, 5))


def embeddings(book: Book, config: Config, rows: int) -> list[Region]:
    """Token ids of every row, the prompt's or the sheet's own; then the rows of wte and wpe for them, [n, d] each."""
    this = page(book, "Token_to_Text_Embeddings", rows, "From tokens to embeddings",
                "after the prompt, the token of a row is the one predicted from the row before")  # fmt: skip
    sheet = this.sheet
    top, bottom = this.next_row + 2, this.next_row + 1 + rows
    sheet.put(at(top - 2, 1), "Tokens of the window")
    sheet.look.styles.append((Rect(top - 2, 1, top - 2, LEFT + 11), "caption"))
    for column, head in enumerate(("pos.", "token", "id"), 1):
        sheet.put(at(top - 1, column), head, "heading" if head == "token" else "heading_center")
    sheet.put(Rect(top, 1, bottom, 1), np.arange(1.0, rows + 1)[:, None], "position")
    for t in range(rows):
        row, typed = top + t, f"Prompt_to_Tokens!B{IDS_TOP + t}"
        otherwise = f"Predicted_Token!C{TITLE_ROWS + 3 + t - 1}" if t else "NA()"  # there is no prompt without a token
        sheet.put_formula(at(row, 3), f"IF(A{row}<=prompt.length,{typed},{otherwise})", "whole")
        sheet.put_formula(at(row, 2), f"INDEX(vocabulary.shown,C{row}+1)", "token")
    book.define("token.ids", sheet.name, Rect(top, 3, bottom, 3))
    book.define("token.shown", sheet.name, Rect(top, 2, bottom, 2))
    this.next_row = bottom + 2
    return [
        this.table("Token embedding", "the row of wte.weight for the token's id", "embedding.token",
                   config.n_embd, lambda t: f"INDEX(wte.weight,C{top + t}+1,0)", tensors=("wte.weight",)),
        this.table("Position embedding", "the row of wpe.weight for the position", "embedding.position",
                   config.n_embd, lambda t: f"INDEX(wpe.weight,A{top + t},0)", tensors=("wpe.weight",)),
    ]  # fmt: skip

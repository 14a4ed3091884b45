"""From the prompt to embeddings: Type_Prompt_Here, Prompt_to_Tokens, Token_to_Text_Embeddings.

With a tokenizer the prompt is cut into tokens by formulas, on the sheets of `pretokenizer` and `bpe_merges`; without,
the ids stand in `prompt.ids` as numbers. `prompt.message` says what is wrong with a prompt; while it does,
`prompt.length` is #N/A and so is every prediction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.chart import Chart, Series
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.bpe_merges import NONE
from sheetgpt.layout.lenses.positions import position_row
from sheetgpt.layout.page import LEFT, NEXT_ID, TITLE_ROWS, Columns, Page, Region, page, typed_whole, unless_refused
from sheetgpt.schema.prompt_limits import EMPTY, Limits, too_many_beside

IDS_TOP = TITLE_ROWS + 3  # first token row on Prompt_to_Tokens
RIGHT = 12  # last column of Type_Prompt_Here
# Widths of its columns, in characters: together they fill a window of 1440 pixels where fonts are wide.
WIDTHS = {
    (1, 1): 16,
    (2, 2): 14,
    (3, 3): 10,
    (4, 4): 7,
    (5, 5): 9,
    (6, 6): 24,
    (7, 7): 2,
    (8, 8): 5,
    (9, 9): 15,
    (10, 10): 10,
    (11, 11): 9,
    (12, 12): 6,
}
PROMPT_ROW, MESSAGE_ROW, ANSWER_ROW, FACTS_ROW, TABLES_ROW = 4, 5, 6, 8, 13
NO_IDS = "There are no token ids: type them on Prompt_to_Tokens."


def type_prompt_here(
    book: Book, config: Config, rows: int, prompt: str, limits: Limits | None = None, front: bool = False
) -> None:
    """The sheet that people look at first: prompt, continuation, the ten best next tokens, the whole window.

    With `limits` the prompt is read by formulas, else its ids are numbers on Prompt_to_Tokens. `front`: the sheet
    Endoftext will be there, so a token may stand in front of it.
    """
    this = page(book, "Type_Prompt_Here", rows, "Prompt and continuation", how_to_type(limits, rows), "input")
    prompt_text(this, prompt, limits, front)
    answer(book, this.sheet, config, rows)


def how_to_type(limits: Limits | None, rows: int) -> str:
    """A note on what to do with the cell for the prompt."""
    if limits is None:
        return "The tokens of the prompt are the ids on Prompt_to_Tokens, typed as numbers: change them there."
    room = f"{limits.characters} characters and {rows} tokens"
    return f"Type a text of up to {room} into the yellow cell: formulas cut it into tokens."


def answer(book: Book, sheet: Sheet, config: Config, rows: int) -> None:
    """Below the prompt: continuation, next token, settings, the ten best, the window.

    `head.continuation` puts the formula into the cell of the continuation.
    """
    wide(book, sheet, "continuation.text", ANSWER_ROW, "Continuation", "output_text")
    for row, (title, name, text, style) in enumerate(
        (
            ("Next token", "next.shown", "INDEX(predicted.shown,prompt.length)", "output"),
            ("Probability", "next.probability", "INDEX(predicted.probability,prompt.length)", "output_percent"),
            ("Prompt tokens", "next.position", "prompt.length", "whole"),
        ),
        FACTS_ROW,
    ):
        sheet.put(at(row, 1), title, "heading")
        sheet.put_formula(at(row, 2), unless_refused(book, text), style)
        book.define(name, sheet.name, at(row, 2))
    _settings(book, sheet, FACTS_ROW)
    _best(book, sheet, config, rows)
    _window(book, sheet, rows)
    sheet.look.printed = Rect(1, 1, TABLES_ROW + 1 + max(rows, config.top), RIGHT)


def prompt_text(this: Page, prompt: str, limits: Limits | None, front: bool = False) -> None:
    """The cell for the prompt, and below it what is wrong with it, if anything is."""
    sheet = this.sheet
    sheet.look.widths = dict(WIDTHS)
    sheet.look.freeze = (TITLE_ROWS + 1, 1)
    wide(this.book, sheet, "prompt.text", PROMPT_ROW, "Prompt", "input_text")
    sheet.put(at(PROMPT_ROW, 2), prompt)
    problem = _problem(this.rows, limits, front) if limits else _problem_of_ids(this.rows, front)
    sheet.put_formula(at(MESSAGE_ROW, 2), problem, "message")
    sheet.look.marks.append((Rect(MESSAGE_ROW, 2, MESSAGE_ROW, RIGHT), "message"))
    this.book.define("prompt.message", sheet.name, at(MESSAGE_ROW, 2))


def _problem_of_ids(rows: int, front: bool) -> str:
    """The formula for what is wrong with typed ids; or ""."""
    beside = f'IF(COUNT(prompt.ids)+endoftext.on>{rows},"{too_many_beside(rows)}","")' if front else '""'
    return f'IF(COUNT(prompt.ids)=0,"{NO_IDS}",{beside})'


def _problem(rows: int, limits: Limits, front: bool) -> str:
    """The formula for what is wrong with a prompt, the first of these that is; or ""."""
    units = 'COUNTIF(words.code,">=0")+COUNTIF(words.code,">65535")'  # an emoji is two, whatever program counts
    cases = [
        ("LEN(prompt.text)=0", EMPTY),
        (f"LEN(prompt.text)>{limits.characters}", limits.too_long),
        (f"{units}>{limits.characters}", limits.too_long),
        (f"SUM(words.bytes)>{limits.bytes}", limits.too_many_bytes),
        (f"MIN(merged.ranks)<{NONE}", limits.too_many_passes),
        (f"MAX(merged.counts)>{rows}", limits.too_many_tokens(rows)),
    ]
    if front:
        cases[-1:] = [(f"(endoftext.on=1)*(MAX(merged.counts)>{rows - 1})=1", too_many_beside(rows)), cases[-1]]
    return "".join(f'IF({wrong},"{text}",' for wrong, text in cases) + '""' + ")" * len(cases)


def wide(book: Book, sheet: Sheet, name: str, row: int, title: str, style: str) -> None:
    """A named cell for a text, over the width of the sheet."""
    sheet.put(at(row, 1), title, "heading")
    area = Rect(row, 2, row, RIGHT)
    sheet.look.styles.append((area, style))
    sheet.look.merges.append(area)
    sheet.look.heights[row] = 44
    book.define(name, sheet.name, at(row, 2))


def _settings(book: Book, sheet: Sheet, top: int) -> None:
    """The inputs for sampling."""
    entries = (
        ("temperature", 0.0, "0: the likeliest token; 1: as the model says; more: wilder"),
        ("top_k", None, "draw from so many of the best; blank: from all candidates, never from the tail beyond"),
        ("top_p", None, "draw from the likeliest that make up this share; blank: 1"),
        ("seed", 1.0, "another whole number, another text (where temperature is above 0)"),
    )
    for row, (name, value, words) in enumerate(entries, top):
        sheet.put(at(row, 3), name.replace("_", "-"), "heading")
        sheet.look.styles.append((at(row, 4), "heading"))
        sheet.put(at(row, 5), value, "input_number")
        sheet.put(at(row, 6), words, "note")
        book.define(f"sampling.{name}", sheet.name, at(row, 5))


def _best(book: Book, sheet: Sheet, config: Config, rows: int) -> None:
    """The best tokens after one position, which may be typed, and a chart of them."""
    row = TABLES_ROW
    sheet.put(at(row, 1), "Best tokens after position", "heading")
    sheet.look.styles.append((at(row, 2), "heading"))
    sheet.put(at(row, 3), None, "input_number")
    sheet.put_formula(at(row, 4), unless_refused(book, typed_whole(at(row, 3), 1, rows, "prompt.length")), "whole")
    sheet.put(at(row, 5), "type a position; blank: the prompt's last", "note")
    book.define("list.typed", sheet.name, at(row, 3))
    book.define("list.position", sheet.name, at(row, 4))
    columns = (
        ("top.shown", "output", "token"),
        ("top.probabilities", "output_percent", "probability"),
        ("top.logits", "activation", "logit"),
        ("top.ids", "output_whole", "id"),
    )
    first, last = row + 2, row + 1 + config.top
    for column, (name, style, head) in enumerate(columns, 1):
        sheet.put(at(row + 1, column), head, "heading" if column == 1 else "heading_center")
        for k in range(1, config.top + 1):
            text = unless_refused(book, f"INDEX({name},list.position,{k})")
            sheet.put_formula(at(row + 1 + k, column), text, style)
        book.define(f"next.{name}", sheet.name, Rect(first, column, last, column))
    area = Rect(row + 1, 5, last, 6)
    bars = Series(values=Rect(first, 2, last, 2), across=Rect(first, 1, last, 1))
    sheet.look.charts.append(Chart("bar", area, "Probability of the best tokens", (bars,)))


def _window(book: Book, sheet: Sheet, rows: int) -> None:
    """Every token of the window, who wrote it, and how likely the model found it after those before it."""
    sheet.put(at(TABLES_ROW, 8), "The window, and how likely each token was", "heading")
    sheet.look.styles.append((Rect(TABLES_ROW, 9, TABLES_ROW, RIGHT), "heading"))
    for column, head in enumerate(("pos.", "token", "written by", "likely", "id"), 8):
        style = "heading" if head in ("token", "written by") else "heading_center"
        sheet.put(at(TABLES_ROW + 1, column), head, style)
    for t in range(1, rows + 1):
        here = TABLES_ROW + 1 + t
        by = f'IF(H{here}<=prompt.length,"you","the model")'
        likely = f"INDEX(probabilities,L{here}+1,H{here}-1)"  # in the column of the position before
        sheet.put(at(here, 8), float(t), "position")
        sheet.put_formula(at(here, 9), unless_refused(book, f"INDEX(token.shown,H{here})"), "token")
        sheet.put_formula(at(here, 10), unless_refused(book, by), "note")
        if t > 1:
            sheet.put_formula(at(here, 11), unless_refused(book, likely), "share")
        sheet.put_formula(at(here, 12), unless_refused(book, f"INDEX(token.ids,H{here})"), "whole")
    first, last = TABLES_ROW + 2, TABLES_ROW + 1 + rows
    names = {"shown": 9, "written_by": 10, "ids": 12} | ({"probability": 11} if rows > 1 else {})
    for name, column in names.items():
        top = first + (name == "probability")
        book.define(f"window.{name}", sheet.name, Rect(top, column, last, column))
    sheet.look.scales.append((Rect(first, 11, last, 11), "#F0772B"))


def prompt_to_tokens(book: Book, rows: int, ids: Sequence[int] | None = None, front: bool = False) -> None:
    """The token ids of the prompt, and how many there are; typed numbers, or where `ids` is None formulas.

    With a token in `front`, that is counted too; it is no token of the prompt's text, so it is not listed.
    """
    words = "each token of the prompt by its id in the vocabulary"
    words += "" if ids is None else "; clear or type ids to change them"
    this = page(book, "Prompt_to_Tokens", rows, "From text to tokens", words, "input")
    sheet, bottom = this.sheet, IDS_TOP + rows - 1
    sheet.look.widths = {(1, 1): 10, (2, 3): 16, (4, 4): 3, (5, 5): 16}
    sheet.look.freeze = (IDS_TOP, 1)
    sheet.look.printed = Rect(1, 1, bottom, 8)
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
    count = "COUNT(prompt.ids)" + "+endoftext.on" * front
    sheet.put_formula(at(IDS_TOP, 5), f'IF(prompt.message="",{count},NA())', "whole")
    book.define("prompt.length", sheet.name, at(IDS_TOP, 5))


def embeddings(book: Book, config: Config, rows: int, lenses: Collection[str] = ()) -> list[Region]:
    """Token ids of every row, the prompt's or the sheet's own; then the rows of wte and wpe for them, [n, d] each.

    `lenses` are the names of those that the book will have: Endoftext and Positions change what stands here.
    """
    this = page(
        book,
        "Token_to_Text_Embeddings",
        rows,
        "From tokens to embeddings",
        "after the prompt, the token of a row is the one predicted from the row before",
    )
    sheet = this.sheet
    top, bottom = this.next_row + 2, this.next_row + 1 + rows
    sheet.put(at(top - 2, 1), "Tokens of the window")
    sheet.look.styles.append((Rect(top - 2, 1, top - 2, LEFT + 11), "caption"))
    for column, head in enumerate(("pos.", "token", "id"), 1):
        sheet.put(at(top - 1, column), head, "heading" if head == "token" else "heading_center")
    sheet.put(Rect(top, 1, bottom, 1), np.arange(1.0, rows + 1)[:, None], "position")
    for t in range(rows):
        row, typed = top + t, f"Prompt_to_Tokens!B{IDS_TOP + t}"
        if "endoftext" in lenses:
            before = f"Prompt_to_Tokens!B{IDS_TOP + t - 1}" if t else "endoftext.token"
            typed = f"IF(endoftext.on=1,{before},{typed})"
        otherwise = (
            f"Predicted_Token!{NEXT_ID}{TITLE_ROWS + 3 + t - 1}" if t else "NA()"
        )  # there is no prompt without a token
        sheet.put_formula(at(row, 3), f"IF(A{row}<=prompt.length,{typed},{otherwise})", "whole")
        sheet.put_formula(at(row, 2), f"INDEX(vocabulary.shown,C{row}+1)", "token")
    book.define("token.ids", sheet.name, Rect(top, 3, bottom, 3))
    book.define("token.shown", sheet.name, Rect(top, 2, bottom, 2))

    def position(t: int) -> str:
        return position_row(f"A{top + t}", t + 1) if "positions" in lenses else f"INDEX(wpe.weight,A{top + t},0)"

    this.next_row = bottom + 2
    return [
        this.table(
            "Token embedding",
            "the row of wte.weight for the token's id",
            "embedding.token",
            Columns(config.n_embd),
            lambda t: f"INDEX(wte.weight,C{top + t}+1,0)",
            tensors=("wte.weight",),
        ),
        this.table(
            "Position embedding",
            "the row of wpe.weight for the position" + ", or what Positions says" * ("positions" in lenses),
            "embedding.position",
            Columns(config.n_embd),
            position,
            tensors=("wpe.weight",),
        ),
    ]

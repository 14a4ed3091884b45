"""The sheet `Loss`: how much each token of the prompt surprises the model, and which of several choices it prefers.

The loss of a token is minus the log of the probability that it had after the tokens before it. `gpt2.loss` says it in
numpy.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at, quote_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.chart import Axis, Chart, Series
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, typed_token, typed_whole, unless_refused

CHOICES = 5  # tokens that are compared
_INPUTS = TITLE_ROWS + 2  # where the continuation begins, then what is known of the whole text
_TABLE = _INPUTS + 13  # first row of the table: the token of position 1
_CHOICES = LEFT + 7  # first column of the choices
_CHARTED = 24  # tokens that the chart shows
_WIDTHS = (11, 12, 10, 8, 7, 7, 11, 7, 2, 7, 6, 12, 7, 8, 8)  # together they fill a window of 1440 pixels
_TO_DO = (
    "Now do this: 1. Type a prompt and find the token that surprises most. 2. Type where its ending begins. "
    "3. Type another ending.",
    "With a longer window (--context 48 --max-chars 200): solved examples before a question, TL;DR: behind a text.",
)
_COLUMNS = {  # name -> heading, style
    "probability": ("probability", "share"),
    "nats": ("loss", "effect"),
    "logit": ("its logit", "effect"),
    "log_total": ("total", "effect"),
    "best_shown": ("likeliest", "token"),
    "best_probability": ("its p", "share"),
}


def loss(book: Book, config: Config, rows: int) -> None:
    """Add the sheet, for a window of so many rows."""
    sheet = add_titled_sheet(
        book,
        "Loss",
        "Loss: how much each token surprises",
        "How likely the model found each token of the prompt after those before it. Orange tokens surprise it. "
        "Type tokens to compare as choices.",
        "activation",
    )
    sheet.look.widths = {(column, column): width for column, width in enumerate(_WIDTHS, 1)}
    sheet.look.freeze = (TITLE_ROWS + 1, 1)
    if rows > 1:
        _table(book, sheet, rows)
        _start(book, sheet, rows)
        _text(book, sheet)
        _continuation(book, sheet, rows)
        _chart(sheet, rows)
    for row, words in enumerate(_TO_DO, _INPUTS + 8):
        sheet.put(at(row, LEFT), words, "note")
    _choices(book, sheet, config)


def _table(book: Book, sheet: Sheet, rows: int) -> None:
    """One row for each position: the token, its probability and loss, and what they come from."""
    bottom = _TABLE + rows - 1
    for column, head in enumerate(("position", "token", *(head for head, _ in _COLUMNS.values())), 1):
        sheet.put(at(_TABLE - 1, column), head, "heading")
    sheet.put(Rect(_TABLE, 1, bottom, 1), np.arange(1.0, rows + 1)[:, None], "position")
    for row in range(_TABLE, bottom + 1):  # with <|endoftext|> in front it is not the prompt's own token
        shown = f'IF(A{row}<=prompt.length,INDEX(token.shown,{row - _TABLE + 1}),"")'
        sheet.put_formula(at(row, 2), unless_refused(book, shown), "token")
    book.define("loss.shown", sheet.name, Rect(_TABLE, 2, bottom, 2))
    for column, (name, (_, style)) in enumerate(_COLUMNS.items(), LEFT):
        area = Rect(_TABLE + 1, column, bottom, column)
        sheet.look.styles.append((area, style))
        book.define(f"loss.{name}", sheet.name, area)
    sheet.put(at(_TABLE, LEFT), "nothing predicts the first token", "note")
    for t in range(1, rows):
        _row(book, sheet, t)
    first = at(_TABLE, LEFT)
    for limit, style in ((0.01, "surprise_3"), (0.1, "surprise_2"), (0.5, "surprise_1")):
        likely = f"$C{first.top}"
        sheet.look.tints.append((Rect(_TABLE, 2, bottom, 2), f"AND(ISNUMBER({likely}),{likely}<{limit})", style))
        column = LEFT + 3 - ("surprise_3", "surprise_2", "surprise_1").index(style)
        sheet.put(at(_TABLE - 2, column), f"< {limit:.0%}", style)
    sheet.put(at(_TABLE - 2, 2), "probability of the token", "side")
    sheet.put(at(_TABLE - 2, LEFT + 5), "loss = total - logit", "side")


def _row(book: Book, sheet: Sheet, t: int) -> None:
    """The row of position t + 1, which the logits of position t predict."""
    here = _TABLE + t
    place, area = book.locate("logits")
    scored = f"{quote_sheet(place)}!{Rect(area.top, area.left + t - 1, area.bottom, area.left + t - 1)}"
    token = f"INDEX(token.ids,{t + 1})+1"
    texts = {
        "probability": f"INDEX(probabilities,{token},{t})",
        "nats": f"F{here}-E{here}",
        "logit": f"INDEX(logits,{token},{t})",
        "log_total": f"MAX({scored})+LN(SUM(EXP({scored}-MAX({scored}))))",
        "best_shown": f"INDEX(top.shown,{t},1)",
        "best_probability": f"INDEX(top.probabilities,{t},1)",
    }
    for column, name in enumerate(_COLUMNS, LEFT):
        text = f'IF(A{here}<=prompt.length,{texts[name]},"")'
        sheet.put_formula(at(here, column), unless_refused(book, text), array=True)


def _start(book: Book, sheet: Sheet, rows: int) -> None:
    """The position where the continuation begins, typed and in use, and its token."""
    row = _INPUTS
    sheet.put(at(row, 1), "Begins at", "heading")
    sheet.put(at(row, 2), None, "input_number")
    sheet.put_formula(at(row, LEFT), unless_refused(book, typed_whole(at(row, 2), 2, rows, "2")), "whole")
    sheet.put_formula(at(row, LEFT + 1), unless_refused(book, "INDEX(loss.shown,loss.start)"), "token")
    sheet.put(at(row, LEFT + 2), "position of the ending's first token; blank: 2", "note")
    for column, name in ((2, "typed_start"), (LEFT, "start"), (LEFT + 1, "start_shown")):
        book.define(f"loss.{name}", sheet.name, at(row, column))


def _text(book: Book, sheet: Sheet) -> None:
    """What is known of the whole text: tokens that were predicted, mean loss, perplexity, bits per character."""
    entries = [
        ("tokens", "Tokens", "prompt.length-1", "whole", "all but the first"),
        ("mean", "Mean loss", _if_any("SUM(loss.nats)/loss.tokens"), "effect", "cross-entropy, nats per token"),
        ("perplexity", "Perplexity", _if_any("EXP(loss.mean)"), "effect", "as unsure as between so many tokens"),
    ]
    if "words.code" in book.names:  # the formulas know the text
        first = "LEN(INDEX(vocabulary.text,INDEX(token.ids,1)+1))"
        first = f"IF(endoftext.on=1,0,{first})" if "endoftext.on" in book.names else first
        bits = 'IF(loss.characters>0,SUM(loss.nats)/LN(2)/loss.characters,"")'
        entries += [
            ("characters", "Characters", f'COUNTIF(words.code,">=0")-{first}', "whole", "without the first token's"),
            ("bits_per_character", "Bits per char.", bits, "effect", "does not depend on the tokenizer"),
        ]
    for row, entry in enumerate(entries, _INPUTS + 1):
        _fact(book, sheet, row, entry)


def _if_any(text: str) -> str:
    return f'IF(loss.tokens>0,{text},"")'


def _fact(book: Book, sheet: Sheet, row: int, entry: tuple[str, str, str, str, str]) -> None:
    """A heading, a named cell with a formula, and a few words."""
    name, head, text, style, words = entry
    sheet.put(at(row, 1), head, "heading")
    sheet.put_formula(at(row, LEFT), unless_refused(book, text), style)
    sheet.put(at(row, LEFT + 1), words, "note")
    book.define(f"loss.{name}", sheet.name, at(row, LEFT))


def _continuation(book: Book, sheet: Sheet, rows: int) -> None:
    """The joint log probability of the tokens from a position on, and for each of them."""
    positions = Rect(_TABLE + 1, 1, _TABLE + rows - 1, 1)
    counted = f"({positions}>=loss.start)*({positions}<=prompt.length)"
    joint = f'IF(prompt.length<loss.start,"",-SUM(IF({counted},loss.nats,0)))'
    each = 'IF(prompt.length<loss.start,"",loss.joint/(prompt.length-loss.start+1))'
    _fact(book, sheet, _INPUTS + 6, ("joint", "Joint log p", joint, "effect", "of the ending, after what is before it"))
    _fact(book, sheet, _INPUTS + 7, ("per_token", "Per token", each, "effect", "compares endings of any length"))


def _chart(sheet: Sheet, rows: int) -> None:
    last = _TABLE + min(rows, _CHARTED) - 1
    names, values = (Rect(_TABLE + 1, column, last, column) for column in (2, LEFT + 1))
    area = Rect(_TABLE - 2, _CHOICES, max(last, _TABLE + 14), _CHOICES + 5)
    sheet.look.charts.append(
        Chart("bar", area, "Loss of each token", (Series(values, names),), Axis("nats", "0", least=0))
    )


def _choices(book: Book, sheet: Sheet, config: Config) -> None:
    """A few tokens of choice after the prompt: log p, p, and their shares among themselves."""
    count, top, left = min(CHOICES, config.top), _INPUTS + 2, _CHOICES
    bottom = top + count - 1
    sheet.put(at(_INPUTS, left), "Choices of one token after the prompt: type some", "note")
    heads = ("id", "in use", "token", "log p", "p", "share")
    for column, head in enumerate(heads, left):
        sheet.put(at(top - 1, column), head, "heading" if head == "token" else "heading_center")
    columns = ("typed_choices", "choice_ids", "choice_shown", "choice_log_p", "choice_probability", "choice_share")
    for column, name in enumerate(columns, left):
        book.define(f"loss.{name}", sheet.name, Rect(top, column, bottom, column))
    last = "INDEX(logits,0,prompt.length)"
    total, named = f"MAX({last})+LN(SUM(EXP({last}-MAX({last}))))", at(bottom + 1, left + 5)
    for k in range(count):
        row = top + k
        typed, token, log_p, likely = (at(row, left + column) for column in (0, 1, 3, 4))
        used = typed_token(typed, config.vocab_size, f"INDEX(top.ids,prompt.length,{k + 1})")
        sheet.put(typed, None, "input_number")
        texts = (
            (used, "whole"),
            (f"INDEX(vocabulary.shown,{token}+1)", "token"),
            (f"INDEX(logits,{token}+1,prompt.length)-loss.last_total", "effect"),
            (f"EXP({log_p})", "output_percent"),
            (f"{likely}/SUM(loss.choice_probability)", "share"),
        )
        for column, (text, style) in enumerate(texts, left + 1):
            sheet.put_formula(at(row, column), unless_refused(book, text), style, array=True)
    sheet.put(at(bottom + 1, left + 1), "likeliest", "side")
    sheet.put(at(bottom + 1, left + 4), "total: log of sum of exp", "side")
    chosen = "INDEX(loss.choice_shown,MATCH(MAX(loss.choice_log_p),loss.choice_log_p,0))"
    sheet.put_formula(at(bottom + 1, left + 2), unless_refused(book, chosen), "token_output", array=True)
    sheet.put_formula(named, unless_refused(book, total), "effect", array=True)
    book.define("loss.chosen", sheet.name, at(bottom + 1, left + 2))
    book.define("loss.last_total", sheet.name, named)

"""The cells by which a lens is told what to look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.layout.page import LEFT, typed_token, typed_whole, unless_refused
from sheetgpt.schema.names import messages_of

_BEST = 5  # next tokens that a lens shows; every model has as many


def choose_position_and_token(book: Book, sheet: Sheet, lens: str, top: int, rows: int, vocabulary: int) -> None:
    """Two rows: a position and a token that may be typed, what is used, and the tokens themselves.

    Blank cells stand for the prompt's last position and for the token that comes next there. Defined names:
    LENS.typed_position, LENS.position, LENS.position_shown, the same of the token, and LENS.token_note.
    """
    position, token = at(top, 2), at(top + 1, 2)
    entries = (
        (
            "position",
            typed_whole(position, 1, rows, "prompt.length"),
            f"INDEX(token.shown,{lens}.position)",
            "whose row is followed; blank: the prompt's last",
        ),
        (
            "token",
            typed_token(token, vocabulary, f"INDEX(predicted.ids,{lens}.position)"),
            f"INDEX(vocabulary.shown,{lens}.token+1)",
            "its text or id; blank: the one that comes next there",
        ),
    )
    for row, (name, used, shown, words) in enumerate(entries, top):
        sheet.put(at(row, 1), name.capitalize(), "heading")
        sheet.put(at(row, 2), None, "input_number")
        sheet.put_formula(at(row, LEFT), unless_refused(book, used), "whole")
        sheet.put_formula(at(row, LEFT + 1), unless_refused(book, shown), "token")
        if name == "position":
            sheet.look.numbers.append((at(row, 2), 1, rows))
            sheet.put(at(row, LEFT + 2), words, "note")
        for column, kind in ((2, f"typed_{name}"), (LEFT, name), (LEFT + 1, f"{name}_shown")):
            book.define(f"{lens}.{kind}", sheet.name, at(row, column))
    text = f'SUBSTITUTE({token}," ","·")'
    there = at(top + 1, LEFT + 1)
    found = f'IF(ISTEXT({token}),EXACT({there},{text})+EXACT({there},"·"&{text}),1)'
    told = f'IF({found}>0,"{entries[1][3]}","No token has this text. Taken: the one that comes next there")'
    sheet.put_formula(at(top + 1, LEFT + 2), unless_refused(book, told), "note")
    book.define(f"{lens}.token_note", sheet.name, at(top + 1, LEFT + 2))


def nothing_else(book: Book, own: str = "") -> str:
    """A formula, 1 where nothing is done to the model but what the lens `own` does, else 0."""
    told = [name for name in messages_of(book) if name != f"{own}.message"]
    return f'IF({"&".join(told)}="",1,0)' if told else "1"


def choose_word(book: Book, sheet: Sheet, lens: str, row: int, name: str, choices: Sequence[str], words: str) -> None:
    """A row with a word from a list: typed, and in use. What is none of them counts as the first.

    Defined names: LENS.typed_NAME and LENS.NAME.
    """
    typed, used = at(row, 2), at(row, LEFT)
    formula = f'"{choices[0]}"'
    for choice in reversed(choices[1:]):
        formula = f'IF({typed}="{choice}","{choice}",{formula})'
    sheet.put(at(row, 1), name.capitalize(), "heading")
    sheet.put(typed, None, "input_number")
    sheet.look.lists.append((typed, tuple(choices)))
    sheet.put_formula(used, formula, "words")
    sheet.put(at(row, LEFT + 1), words, "note")
    for kind, cell in ((f"typed_{name}", typed), (name, used)):
        book.define(f"{lens}.{kind}", sheet.name, cell)


def choose_number(
    book: Book, sheet: Sheet, row: int, name: str, formula: Callable[[object], str], words: str, style: str = "whole"
) -> None:
    """A row with a number that may be typed, LENS.typed_NAME, and the one in use; `name` is LENS.NAME."""
    lens, _, short = name.partition(".")
    typed, used = at(row, 2), at(row, LEFT)
    sheet.put(at(row, 1), short.capitalize(), "heading")
    sheet.put(typed, None, "input_number")
    sheet.put_formula(used, formula(typed), style)
    if words:
        sheet.put(at(row, LEFT + 1), words, "note")
    for kind, cell in ((f"typed_{short}", typed), (short, used)):
        book.define(f"{lens}.{kind}", sheet.name, cell)


def show_next(book: Book, sheet: Sheet, lens: str, row: int) -> None:
    """Two rows, the best tokens after the prompt and their probabilities: LENS.next_shown, LENS.next_probability."""
    for name, title, style in (("shown", "Next tokens", "token_output"), ("probabilities", "likely", "output_percent")):
        sheet.put(at(row, 1), title, "heading")
        for k in range(_BEST):
            text = unless_refused(book, f"INDEX(top.{name},prompt.length,{k + 1})")
            sheet.put_formula(at(row, LEFT + k), text, style)
        book.define(f"{lens}.next_{name}", sheet.name, Rect(row, LEFT, row, LEFT + _BEST - 1))
        row += 1

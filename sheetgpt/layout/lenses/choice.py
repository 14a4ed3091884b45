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
        ),
        (
            "token",
            typed_token(token, vocabulary, f"INDEX(predicted.ids,{lens}.position)"),
            f"INDEX(vocabulary.shown,{lens}.token+1)",
        ),
    )
    for row, (name, used, shown) in enumerate(entries, top):
        sheet.put(at(row, 1), name.capitalize(), "heading")
        sheet.put(at(row, 2), None, "input_number")
        sheet.put_formula(at(row, LEFT), unless_refused(book, used), "whole")
        sheet.put_formula(at(row, LEFT + 1), unless_refused(book, shown), "token")
        for column, kind in ((2, f"typed_{name}"), (LEFT, name), (LEFT + 1, f"{name}_shown")):
            book.define(f"{lens}.{kind}", sheet.name, at(row, column))
    sheet.look.numbers.append((position, 1, rows))
    sheet.put(at(top, LEFT + 2), "whose row is followed; blank: the prompt's last", "note")
    _token_note(book, sheet, lens, token)


def _token_note(book: Book, sheet: Sheet, lens: str, typed: Rect) -> None:
    """What may be typed as a token, or that no token has the text that is typed."""
    shown, note = typed.shift(columns=2), typed.shift(columns=3)
    text = f'SUBSTITUTE({typed}," ","·")'
    found = f'IF(ISTEXT({typed}),EXACT({shown},{text})+EXACT({shown},"·"&{text}),1)'
    words = "its text or id; blank: the one that comes next there"
    told = f'IF({found}>0,"{words}","No token has this text. Taken: the one that comes next there")'
    sheet.put_formula(note, unless_refused(book, told), "note")
    book.define(f"{lens}.token_note", sheet.name, note)


def fits_stored_prompt(book: Book, lens: str) -> str:
    """A formula, 1 where what a lens shows is of the prompt of the build, LENS.stored_ids, else 0.

    It is so at the last position of the same prompt, while nothing is done to the model but what the lens itself does.
    """
    told = [name for name in messages_of(book) if name != f"{lens}.message"]
    whole = f'IF({"&".join(told)}="",1,0)' if told else "1"
    other = f"SUM(({lens}.stored_ids>=0)*IF(prompt.ids={lens}.stored_ids,0,1))"
    count = f"COUNT(prompt.ids)=SUM(IF({lens}.stored_ids>=0,1,0))"
    return f"IF({count},IF({other}=0,IF({lens}.position=prompt.length,{whole},0),0),0)"


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

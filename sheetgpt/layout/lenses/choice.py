"""The cells by which a lens is told what to look at."""

from __future__ import annotations

from sheetgpt.book.address import at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.layout.page import LEFT, typed_whole, unless_refused


def choose_position_and_token(book: Book, sheet: Sheet, lens: str, top: int, rows: int, vocabulary: int) -> None:
    """Two rows: a position and a token that may be typed, what is used, and the tokens themselves.

    Blank cells stand for the prompt's last position and for the token that comes next there. Defined names:
    LENS.typed_position, LENS.position, LENS.position_shown, and the same of the token.
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
            typed_whole(token, 0, vocabulary - 1, f"INDEX(predicted.ids,{lens}.position)"),
            f"INDEX(vocabulary.shown,{lens}.token+1)",
            "its id (see Vocabulary); blank: the one that comes next there",
        ),
    )
    for row, (name, used, shown, words) in enumerate(entries, top):
        sheet.put(at(row, 1), name.capitalize(), "heading")
        sheet.put(at(row, 2), None, "input_number")
        sheet.put_formula(at(row, LEFT), unless_refused(book, used), "whole")
        sheet.put_formula(at(row, LEFT + 1), unless_refused(book, shown), "token")
        sheet.put(at(row, LEFT + 2), words, "note")
        for column, kind in ((2, f"typed_{name}"), (LEFT, name), (LEFT + 1, f"{name}_shown")):
            book.define(f"{lens}.{kind}", sheet.name, at(row, column))

"""The sheet `Quiz`: sentences with a gap. What is right can be told from a digest, and not be read in the sheet."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, a1, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.lenses.network import show_verdict
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, link
from sheetgpt.schema.quiz import ALPHABET, FACTORS, LONGEST, QUESTIONS, Question, digest

_LINES = TITLE_ROWS + 2  # what to do, the score
_TABLE = _LINES + 4  # first question
_FACTS = _TABLE + len(QUESTIONS) + 25  # first paragraph, below the first screen
_SENTENCE, _TYPED, _VERDICT, _PLACE = 2, 3, 4, 5
_COUNTS, _DIGEST = 8, 9  # what a verdict is calculated from
_WORKING = 11  # first column of positions and factors
_TO_DO = "Now do this: 1. Type a word into each gap. 2. Not sure? Follow the link. 3. Explain the answer to somebody."


def quiz(book: Book, config: Config, rows: int) -> None:  # noqa: ARG001 - other lenses need them
    """Add the sheet; links lead to sheets that are there already."""
    sheet = add_titled_sheet(
        book,
        "Quiz",
        "Quiz: fill the gaps",
        "What the workbook shows, in sentences with a gap. Type what is missing into the yellow cells.",
        "input",
    )
    sheet.look.widths = {(1, 1): 12, (2, 2): 68, (3, 3): 18, (4, 4): 11, (5, 5): 21, (6, 7): 3, (8, 9): 14}
    sheet.look.freeze = (_TABLE, 2)
    sheet.put(at(_LINES, 2), _TO_DO, "note")
    for column, head in enumerate(("", "sentence", "the gap", "verdict", "where to look"), 1):
        sheet.put(at(_TABLE - 1, column), head or None, "heading")
    for column, head in ((_COUNTS, "what counts"), (_DIGEST, "digest")):
        sheet.put(at(_TABLE - 1, column), head, "heading")
    _factors(book, sheet)
    facts = 0
    for k, question in enumerate(QUESTIONS):
        place = _place(book, question, _FACTS + facts)
        facts += bool(question.fact)
        _ask(sheet, _TABLE + k, k, question, place)
    _name(book, sheet)
    _facts(sheet)


def _factors(book: Book, sheet: Sheet) -> None:
    """The positions in an answer, and the factor of each."""
    positions = Rect(_TABLE - 2, _WORKING, _TABLE - 2, _WORKING + LONGEST - 1)
    sheet.put(positions, np.arange(1.0, LONGEST + 1)[None, :], "index")
    sheet.put(positions.shift(rows=1), np.array([FACTORS], dtype=float), "index")
    book.define("quiz.positions", sheet.name, positions)
    book.define("quiz.factors", sheet.name, positions.shift(rows=1))


def _ask(sheet: Sheet, row: int, k: int, question: Question, place: str) -> None:
    typed, counts, found = (at(row, column) for column in (_TYPED, _COUNTS, _DIGEST))
    sheet.put(at(row, 1), float(k + 1), "position")
    sheet.put(at(row, _SENTENCE), question.sentence)
    sheet.look.styles.append((typed, "input_number"))
    link(sheet, row, _PLACE, place, _name_place(question, place))
    sheet.put_formula(counts, f'SUBSTITUTE(SUBSTITUTE(UPPER({typed})," ",""),"-","")', "words")
    letters = f'IFERROR(FIND(MID({counts},quiz.positions,1),"{ALPHABET}"),0)'
    total = f"SUM({letters}*IF(quiz.positions<=LEN({counts}),1,0)*quiz.factors)"
    sheet.put_formula(found, total, "whole", array=True)
    right = ",".join(f"{found}={known}" for known in dict.fromkeys(map(digest, question.answers)))
    verdict = at(row, _VERDICT)
    text = f'IFERROR(IF({counts}="","to do",IF(OR({right}),"✓ right","✗ not yet")),"✗ not yet")'
    sheet.put_formula(verdict, text, "words")
    show_verdict(sheet, typed, verdict)


def _name_place(question: Question, place: str) -> str:
    step = f", step {question.place}" if isinstance(question.place, int) else ""
    return "below, on this sheet" if question.fact else place.partition("!")[0] + step


def _name(book: Book, sheet: Sheet) -> None:
    """Defined names of the columns, and the score above them."""
    columns = {"typed": _TYPED, "verdicts": _VERDICT, "counts": _COUNTS, "digests": _DIGEST}
    for name, column in columns.items():
        book.define(f"quiz.{name}", sheet.name, Rect(_TABLE, column, _TABLE + len(QUESTIONS) - 1, column))
    area = a1(Rect(_TABLE, _VERDICT, _TABLE + len(QUESTIONS) - 1, _VERDICT))
    text = f'SUM(IF({area}="✓ right",1,0))&" of {len(QUESTIONS)} right"'
    book.define("quiz.score", sheet.name, sheet.put_formula(at(_LINES + 1, 2), text, "score", array=True))


def _place(book: Book, question: Question, row: int) -> str:
    """The sheet, or the step of block 0, or the row of this sheet, that a link leads to."""
    if question.fact:
        return f"Quiz!{at(row, 1)}"
    if isinstance(question.place, str):
        return question.place
    wanted = TITLE_ROWS + 1, LEFT + question.place - 1
    return next(target for row, column, target in book.sheets["Block_0"].look.links if (row, column) == wanted)


def _facts(sheet: Sheet) -> None:
    """Below the questions, what no other sheet says."""
    sheet.put(at(_FACTS - 1, 2), "To read up on it", "heading")
    facts = [question.fact for question in QUESTIONS if question.fact]
    for row, fact in enumerate(facts, _FACTS):
        sheet.put(at(row, 2), fact, "wrapped")
        sheet.look.merges.append(Rect(row, 2, row, 5))
        sheet.look.heights[row] = 34

"""The sheet `Exercise`, the second of the book: the task, a hint, the score by rows, and room to try things out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.book.address import Rect, a1, at, quote_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.activations import STEPS
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.exercise.hints import hint
from sheetgpt.layout.headings import Head, headings
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet, link, unless_refused

_TO_DO = "Now do this: 1. Go to the step. 2. Write a formula for a cell, or a row (Ctrl+Shift+Enter). 3. Copy it down."
_MEANWHILE = "The steps after it go on with the right values (sheet Answers): the model answers as always."
# An ordinary formula that reads array formulas keeps its stored value there: docs/engines.md.
_REOPENED = "After opening a file that you saved, press Ctrl+Shift+F9 once, or your formulas keep old values."
_LINES = TITLE_ROWS + 2  # first line below the links
_TABLE = _LINES + 9  # first row of the table
_WORKING = 8  # columns to try things out in
_HEADS: tuple[Head, ...] = (
    ("position", ""),
    ("token", ""),
    ("cells", "to fill"),
    ("right", "green, ✓"),
    ("wrong", "orange, ✗"),
    ("to do", "blank"),
    ("verdict", "of the row"),
)
_COLUMNS = {"cells": LEFT, "right": LEFT + 1, "wrong": LEFT + 2, "todo": LEFT + 3, "verdict": LEFT + 4}


def exercise_sheet(
    book: Book, config: Config, rows: int, number: int, verdicts: Sequence[Rect], cells: np.ndarray
) -> None:
    """Add the sheet; `verdicts` stand on Block_0, `cells` [n, 1] says how many cells each row has to fill."""
    sheet = add_titled_sheet(
        book,
        "Exercise",
        f"Exercise: step {number} of block 0, {STEPS[number][0]}",
        "The formulas of one step are yours to write. A right cell turns green and shows ✓, a wrong one orange and ✗.",
        "input",
    )
    sheet.look.widths = {(1, 1): 11, (2, 2): 16, (LEFT, LEFT + 3): 8, (LEFT + 4, LEFT + 4): 14, (8, 8): 3, (9, 16): 9}
    place = _place_of_step(book, number)
    sheet.put(at(_LINES, 1), "Step", "heading")
    book.define("exercise.step", sheet.name, sheet.put(at(_LINES, 2), float(number), "left"))
    sheet.put(at(_LINES, LEFT), _TO_DO, "note")
    link(sheet, _LINES + 1, LEFT, place, f"Go to step {number}: {STEPS[number][0]}")
    for row, (title, words) in enumerate((("Hint", hint(config, number)), ("Meanwhile", _MEANWHILE)), _LINES + 2):
        sheet.put(at(row, 1), title, "heading")
        sheet.put(at(row, LEFT), words, "wrapped")
        sheet.look.merges.append(Rect(row, LEFT, row, LEFT + 10))
    sheet.look.heights[_LINES + 2] = 32
    sheet.put(at(_LINES + 4, 1), "Score", "heading")
    sheet.put(at(_LINES + 5, 1), "LibreOffice", "heading")
    sheet.put(at(_LINES + 5, LEFT), _REOPENED, "note")
    _table(book, sheet, rows, verdicts, cells)
    _score(book, sheet, int(cells.sum()))
    _place_sheets(book)


def _place_of_step(book: Book, number: int) -> str:
    """Where the link of the block to its step leads."""
    wanted = TITLE_ROWS + 1, LEFT + number - 1
    return next(target for row, column, target in book.sheets["Block_0"].look.links if (row, column) == wanted)


def _table(book: Book, sheet: Sheet, rows: int, verdicts: Sequence[Rect], cells: np.ndarray) -> None:
    """A row for each token: how many cells, how many of them are right, wrong, to do; and the working beside it."""
    headings(sheet, _TABLE - 2, 1, _HEADS)
    down = Rect(_TABLE, 1, _TABLE + rows - 1, 1)
    sheet.put(down, np.arange(1.0, rows + 1)[:, None], "position")
    sheet.put_formula(down.shift(columns=1), "token.shown", "token", array=True)
    columns = {name: down.shift(columns=column - 1) for name, column in _COLUMNS.items()}
    sheet.put(columns["cells"], cells, "whole")
    for name, area in columns.items():
        book.define(f"exercise.{name}", sheet.name, area)
    for t in range(rows):
        lines = [f"{quote_sheet('Block_0')}!{Rect(v.top + t, v.left, v.top + t, v.right)}" for v in verdicts]
        for name, code in (("right", 1), ("wrong", -1), ("todo", 0)):
            text = "+".join(f"SUM(IF({line}={code},1,0))" for line in lines)
            sheet.put_formula(at(_TABLE + t, _COLUMNS[name]), unless_refused(book, text), "whole", array=True)
        _verdict(book, sheet, _TABLE + t)
    working = Rect(_TABLE, LEFT + 6, down.bottom, LEFT + 5 + _WORKING)
    sheet.put(at(_TABLE - 1, working.left), "room for your own working, a row for each token", "heading")
    sheet.look.styles += [(Rect(_TABLE - 1, working.left, _TABLE - 1, working.right), "heading"), (working, "exercise")]
    book.define("exercise.working", sheet.name, working)


def _verdict(book: Book, sheet: Sheet, row: int) -> None:
    cells, right, wrong = (str(at(row, _COLUMNS[name])) for name in ("cells", "right", "wrong"))
    cell = at(row, _COLUMNS["verdict"])
    text = f'IF({wrong}>0,"✗ not yet",IF({right}={cells},"✓ right",IF({right}=0,"to do","✓ so far")))'
    sheet.put_formula(cell, unless_refused(book, text), "words")
    sheet.look.tints += [(cell, f'{cell}="✓ right"', "right_words"), (cell, f'{cell}="✗ not yet"', "wrong_words")]


def _score(book: Book, sheet: Sheet, cells: int) -> None:
    cell = at(_LINES + 4, LEFT)
    right, wrong, todo = (f"SUM(exercise.{name})" for name in ("right", "wrong", "todo"))
    counted = f'{right}&" of {cells} right, "&{wrong}&" wrong, "&{todo}&" to do"'
    text = f'IF({right}={cells},IF({wrong}=0,"✓ All {cells} cells are right.",{counted}),{counted})'
    sheet.put_formula(cell, unless_refused(book, text), "score")
    line = Rect(cell.top, cell.left, cell.top, cell.left + 4)
    sheet.look.tints.append((line, f'{a1(cell, absolute=True)}="✓ All {cells} cells are right."', "right_words"))
    book.define("exercise.message", sheet.name, cell)


def _place_sheets(book: Book) -> None:
    """Exercise is the second sheet, Answers stands before the vocabulary."""
    order = [name for name in book.sheets if name not in ("Exercise", "Answers")]
    order.insert(1, "Exercise")
    order.insert(order.index("Vocabulary"), "Answers")
    book.sheets = {name: book.sheets[name] for name in order}

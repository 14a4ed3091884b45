"""The sheet `Network`: a network of three units whose formulas are left to the learner, the first exercise of all.

The numbers are such that A = sigmoid(0.6), B = sigmoid(-0.3) and C = sigmoid(2 A + B + 1).
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.page import LEFT, TITLE_ROWS, add_titled_sheet

INPUTS = np.array([[1.0, 0.5]])
WEIGHTS = np.array([[0.5, 0.4], [-0.6, 0.2], [2.0, 1.0]])  # of A, B, C
BIASES = np.array([[-0.1], [0.2], [1.0]])
_LINES = TITLE_ROWS + 2  # what to do, and the hints
_INPUTS = _LINES + 6  # row of the inputs
_UNITS = _INPUTS + 4  # first row of the units
_TYPED = LEFT + 3
_TO_DO = "Now do this: 1. Write the formulas of A and B. 2. Then C, which reads A and B. 3. Change an input: still so?"
_HINT = "A unit adds up what it reads, times its weights, and its bias: z. It gives the sigmoid of it, 1 / (1 + e^-z)."
_VALUES = "With the numbers as they came A is 0.6457, B is 0.4256 and C is 0.9380."


def network(book: Book, config: Config, rows: int) -> None:  # noqa: ARG001 - other lenses need them
    """Add the sheet."""
    sheet = add_titled_sheet(
        book,
        "Network",
        "Network: three units to calculate",
        "The smallest network that has something hidden: inputs, two units, one answer. Its three formulas are yours.",
        "input",
    )
    sheet.look.widths = {(1, 1): 10, (2, 2): 16, (LEFT, LEFT + 2): 13, (_TYPED, _TYPED + 1): 16}
    for row, words in enumerate((_TO_DO, _HINT, _VALUES), _LINES):
        sheet.put(at(row, LEFT), words, "note")
    _numbers(book, sheet)
    typed = Rect(_UNITS, _TYPED, _UNITS + 2, _TYPED)
    sheet.look.styles.append((typed, "exercise_number"))
    book.define("network.typed", sheet.name, typed)
    book.define("network.verdicts", sheet.name, typed.shift(columns=1))
    for unit in range(3):
        verdict(sheet, at(_UNITS + unit, _TYPED), _right(unit))


def _numbers(book: Book, sheet: Sheet) -> None:
    """Inputs, weights and biases with their headings: all may be changed."""
    for column, name in enumerate(("x1", "x2"), LEFT):
        sheet.put(at(_INPUTS - 1, column), name, "heading_center")
    sheet.put(at(_INPUTS, 2), "inputs", "row_name")
    heads = ("reads", "1st weight", "2nd weight", "bias", "your formula", "verdict")
    for column, head in enumerate(heads, LEFT - 1):
        sheet.put(at(_UNITS - 1, column), head, "heading_center" if column >= LEFT else "heading")
    for row, (name, reads) in enumerate((("A", "x1, x2"), ("B", "x1, x2"), ("C", "A, B")), _UNITS):
        sheet.put(at(row, 1), name, "heading")
        sheet.put(at(row, 2), reads, "row_name")
    for name, cell, values, style in (
        ("inputs", at(_INPUTS, LEFT), INPUTS, "input_number"),
        ("weights", at(_UNITS, LEFT), WEIGHTS, "weight_number"),
        ("biases", at(_UNITS, LEFT + 2), BIASES, "weight_number"),
    ):
        rows, columns = values.shape
        area = Rect(cell.top, cell.left, cell.top + rows - 1, cell.left + columns - 1)
        book.define(f"network.{name}", sheet.name, sheet.put(area, values, style))


def _right(unit: int) -> str:
    """What a unit gives, in a form that nobody copies: sigmoid(z) is 1/2 + tanh(z / 2) / 2."""
    reads = [str(at(_INPUTS, LEFT + k)) for k in range(2)] if unit < 2 else [_right(0), _right(1)]
    row = _UNITS + unit
    terms = [f"{at(row, LEFT + k)}*{read}" for k, read in enumerate(reads)]
    return f"(0.5+0.5*TANH(({'+'.join([*terms, str(at(row, LEFT + 2))])})/2))"


def verdict(sheet: Sheet, cell: Rect, right: str) -> None:
    """Beside a cell whether it holds the right number; right within 1e-12, a thousand roundings of a number below 1."""
    place = cell.shift(columns=1)
    near = f'IF(ABS({cell}-{right})<=1E-12,"✓ right","✗ not yet")'
    text = f'IFERROR(IF({cell}="","to do",IF(ISNUMBER({cell}),{near},"✗ not yet")),"✗ not yet")'
    sheet.put_formula(place, text, "words")
    show_verdict(sheet, cell, place)


def show_verdict(sheet: Sheet, cell: Rect, place: Rect) -> None:
    """Colour a cell, and the verdict on it in another place, by that verdict."""
    for style, words in (("right_words", "✓ right"), ("wrong_words", "✗ not yet")):
        for where in (cell, place):
            sheet.look.tints.append((where, f'{place}="{words}"', style))

"""A small book that formulas in tests read."""

import numpy as np

from sheetgpt.book.address import Rect, parse_a1
from sheetgpt.book.book import Book
from sheetgpt.evaluator import recalculate


def example() -> Book:
    """A1:C3 holds 1 to 9; E1:E4 a text, TRUE, a numeric text and nothing; another sheet 10, 20, 30."""
    book = Book()
    sheet, other = book.add("S"), book.add("My sheet")
    sheet.put(Rect(1, 1, 3, 3), np.arange(1.0, 10.0).reshape(3, 3))
    sheet.grid[1, 5], sheet.grid[2, 5], sheet.grid[3, 5] = "text", True, "7"
    other.put(Rect(1, 1, 3, 1), np.array([[10.0], [20.0], [30.0]]))
    book.names |= {
        "model.weight": "S!$A$1:$C$3",
        "tens": "'My sheet'!$A$1:$A$3",
        "two": "2",
        "twice": "=S!$B$2*two",
        "doubled": "S!$A$1:$A$3*2",
        "Block.0": "S!$A$2",
    }
    return book


def value(text: str, where: str = "H2", array: bool = False) -> object:
    """What a formula shows in a cell, or an array formula in a range, of the example."""
    book, rect = example(), parse_a1(where)
    book.sheets["S"].put_formula(rect, text, array=array)
    recalculate(book)
    shown = book.sheets["S"].grid.read(rect).tolist()
    return shown if array else shown[0][0]

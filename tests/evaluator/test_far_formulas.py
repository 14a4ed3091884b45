"""Formulas far from each other, and many look-ups in one table: what they take grows with the cells alone."""

import numpy as np
import pytest

from sheetgpt import Book, Calculator
from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect, at
from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator.index.near_part import near_part


def rects(*cells: tuple[int, int]) -> np.ndarray:
    return np.array([(row, column, row, column) for row, column in cells], dtype=np.int64).reshape(-1, 4)


FAR = [(1, MAX_COLUMNS), (MAX_ROWS, 1), (MAX_ROWS, MAX_COLUMNS)]
LEDGER = [(row, column) for row in range(1, 50_001) for column in (3, 4)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([], None),
        ([(3, 4)], Rect(1, 1, 3, 4)),
        ([(1, 1), *FAR], Rect(1, 1, 1, MAX_COLUMNS)),
        (LEDGER, Rect(1, 1, 50_000, 4)),
        ([*LEDGER, *FAR], Rect(1, 1, 50_000, 4)),
        ([(MAX_ROWS, MAX_COLUMNS)], None),
    ],
)
def test_the_near_part(cells: list[tuple[int, int]], expected: Rect | None) -> None:
    assert near_part(rects(*cells)) == expected


def test_far_formulas_are_calculated_without_the_cells_between() -> None:
    book = Book()
    sheet = book.add("Sheet1")
    sheet.grid[1, 1] = 1.0
    before = (1, 1)
    for row, column in [(1, MAX_COLUMNS), (200_000, 1), (MAX_ROWS, MAX_COLUMNS), (7, 7), (500_000, 9000)]:
        sheet.put_formula(at(row, column), f"{at(*before)}+1")
        before = row, column
    sheet.put_formula(at(2, 2), f"{at(*before)}*2")
    calculator = Calculator(book)
    calculator.recalculate()
    assert sheet.grid[500_000, 9000] == 6.0
    assert sheet.grid[2, 2] == 12.0
    assert sheet.grid.numbers.size < 2_000_000
    calculator.set("Sheet1!A1", 11.0)
    calculator.update()
    assert sheet.grid[2, 2] == 32.0


def test_look_ups_follow_changes_of_their_table() -> None:
    book = Book()
    table, asked = book.add("Table"), book.add("Asked")
    for row in range(1, 51):
        table.grid[row, 1], table.grid[row, 2] = f"key {row}", float(row)
        asked.grid[row, 1] = f"KEY {51 - row}"
        asked.put_formula(at(row, 2), f"VLOOKUP(A{row},Table!$A$1:$B$50,2,FALSE)")
        asked.put_formula(at(row, 3), f"SUMIFS(Table!$B$1:$B$50,Table!$A$1:$A$50,A{row})")
    calculator = Calculator(book)
    calculator.update()
    found = asked.grid.read(Rect(1, 2, 50, 3))
    assert found.tolist() == [[51.0 - row, 51.0 - row] for row in range(1, 51)]
    calculator.set("Table!A50", "other")
    calculator.set("Table!B49", 490.0)
    calculator.update()
    assert asked.grid.read(Rect(1, 2, 2, 3)).tolist() == [[ErrorValue.NA, 0.0], [490.0, 490.0]]
    table.grid[50, 1] = "key 50"
    calculator.recalculate()
    assert asked.grid.read(Rect(1, 2, 1, 3)).tolist() == [[50.0, 50.0]]

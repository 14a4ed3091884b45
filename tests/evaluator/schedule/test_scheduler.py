"""The order of calculation: rows together, a sheet that writes, and only what a change reaches."""

import random

import numpy as np
import pytest

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.evaluator import Calculator
from support.exact import exact
from support.writing_book import ROWS, WIDTH, WORDS, formulas_of, model, words_of, writing_book, written_by_numpy

STEPS = 6  # of one row: token, embedding, linear, heads, logits, prediction


@pytest.mark.parametrize("prompt", range(ROWS + 1))
def test_a_sheet_writes_what_numpy_writes(prompt: int) -> None:
    book = writing_book(prompt)
    Calculator(book).recalculate()
    assert words_of(book) == written_by_numpy(prompt)


def test_rows_of_the_prompt_are_calculated_together_and_the_others_one_by_one() -> None:
    for prompt in (1, 4, ROWS):
        calculator = Calculator(writing_book(prompt))
        calculator.recalculate()
        assert calculator.statistics.formulas == formulas_of(calculator.book)
        tokens = prompt  # each tried alone: its other branch, the prediction of the row before, is not known yet
        together = tokens + 2 + prompt + 2  # embedding, linear; heads have a shape for each row; logits, prediction
        assert calculator.statistics.batches == together + (ROWS - prompt) * STEPS
        assert calculator.statistics.waits == ROWS - prompt


def test_the_order_in_the_file_changes_neither_values_nor_batches() -> None:
    expected = writing_book(5)
    calculator = Calculator(expected)
    calculator.recalculate()
    for seed in range(5):
        book = writing_book(5)
        for sheet in book.sheets.values():
            random.Random(seed).shuffle(sheet.formulas)
        shuffled = Calculator(book)
        shuffled.recalculate()
        assert shuffled.statistics == calculator.statistics
        assert exact(book) == exact(expected)


def table(rows: int, text: str) -> Book:
    """A column of numbers, and beside it the same array formula in each row."""
    book = Book()
    sheet = book.add("S")
    sheet.put(Rect(1, 1, rows, 2), np.arange(2.0 * rows).reshape(rows, 2))
    for row in range(1, rows + 1):
        sheet.put_formula(Rect(row, 4, row, 5), text.format(row=row), array=True)
    return book


def test_rows_of_one_step_are_one_batch() -> None:
    book = table(50, "A{row}:B{row}*2+SUM($A$1:$A$50)")
    calculator = Calculator(book)
    calculator.recalculate()
    assert (calculator.statistics.formulas, calculator.statistics.batches) == (50, 1)
    values = np.arange(100.0).reshape(50, 2)
    assert (book.sheets["S"].grid.read(Rect(1, 4, 50, 5)) == values * 2 + values[:, 0].sum()).all()


def test_rows_with_texts_among_their_numbers_are_one_batch_too() -> None:
    book = table(50, 'A{row}:B{row}&"!"')
    book.sheets["S"].grid[7, 1] = "seven"
    calculator = Calculator(book)
    calculator.recalculate()
    assert calculator.statistics.batches == 1
    assert book.sheets["S"].grid[7, 4] == "seven!"
    assert book.sheets["S"].grid[50, 5] == "99!"


def test_steps_wait_for_all_rows_though_the_first_step_runs_from_row_to_row() -> None:
    book, rows = Book(), 30
    sheet = book.add("S")
    sheet.put(Rect(1, 1, rows, 1), np.ones((rows, 1)))
    for row in range(1, rows + 1):
        sheet.put_formula(at(row, 2), f"B{row - 1}+A{row}" if row > 1 else "A1")  # a running sum
        sheet.put_formula(at(row, 3), f"B{row}*2")
        sheet.put_formula(at(row, 4), f"SQRT(C{row})")
    calculator = Calculator(book)
    calculator.recalculate()
    assert calculator.statistics.batches == 4  # B1, the sums one after the other, C, D
    assert sheet.grid[rows, 4] == np.sqrt(2.0 * rows)


def test_rows_stay_together_where_two_steps_touch_and_look_like_one_run() -> None:
    book, rows = Book(), 6
    sheet = book.add("S")
    sheet.put(Rect(1, 1, rows, 1), np.ones((rows, 1)))
    for row in range(1, rows + 1):
        sheet.put_formula(at(row, 4), f"A{row}+A{row}")
        sheet.put_formula(at(row, 5), f"SUM(D$1:D{row})")  # a shape for each row
        sheet.put_formula(at(row, 6), f"SQRT(E{row})")
        sheet.put_formula(at(rows + row, 4), f"F{row}+F{row}")  # right below the first step
    calculator = Calculator(book)
    calculator.recalculate()
    assert calculator.statistics.batches == 1 + rows + 1 + 1
    assert sheet.grid[2 * rows, 4] == 2 * np.sqrt(2.0 * rows)


def test_different_weight_matrices_are_different_batches() -> None:
    book = Book()
    sheet, data = book.add("S"), book.add("W")
    data.put(Rect(1, 1, 100, 200), np.ones((100, 200)))
    book.define("a.weight", "W", Rect(1, 1, 100, 100))
    book.define("b.weight", "W", Rect(1, 101, 100, 200))
    for row in range(1, 5):
        sheet.put_formula(at(row, 1), f"SUM({'ab'[row % 2]}.weight)*{row}")
        sheet.put_formula(at(row, 2), f"SUM({'ab'[row % 2]}.weight)")
    calculator = Calculator(book)
    calculator.recalculate()
    assert calculator.statistics.batches == 4 + 2
    assert sheet.grid.read(Rect(1, 2, 4, 2)).ravel().tolist() == [10_000.0] * 4


def test_update_calculates_what_a_change_reaches_and_nothing_else() -> None:
    book = writing_book(ROWS)
    calculator = Calculator(book)
    assert calculator.update() == formulas_of(book)
    assert calculator.update() == 0
    calculator.set("Model!B18", 19.0)  # row 8 of 12: its token, then all that comes of rows 8 to 12
    reached = 3 + 5 * 3  # token, embedding, linear of row 8; heads, logits, prediction of rows 8 to 12
    assert calculator.update() == reached + len(range(9, ROWS + 1))  # the IFs that might have read a prediction
    fresh = writing_book(ROWS)
    fresh.sheets["Model"].grid[18, 2] = 19.0
    Calculator(fresh).recalculate()
    assert words_of(book) == words_of(fresh)


def test_update_stops_where_values_stay() -> None:
    book = table(10, "A{row}:B{row}*0")
    for row in range(1, 11):
        book.sheets["S"].put_formula(at(row, 7), f"D{row}+1")
    calculator = Calculator(book)
    assert calculator.update() == 20
    calculator.set("S!A3", 77.0)
    assert calculator.update() == 1
    calculator.set(("S", Rect(1, 1, 10, 1)), 5.0)
    assert calculator.update() == 10
    assert calculator.statistics.batches == 1


def test_values_of_a_file_may_be_taken_as_they_are() -> None:
    book = table(10, "A{row}:B{row}+1")
    Calculator(book).recalculate()
    again = Calculator(book, calculated=True)
    assert again.update() == 0
    again.set("S!A3", 77.0)
    assert again.update() == 1
    assert book.sheets["S"].grid[3, 4] == 78.0


def test_a_value_in_place_of_a_formula() -> None:
    book = table(3, "A{row}:B{row}+1")
    book.sheets["S"].put_formula(at(1, 7), "SUM(D1:E3)")
    calculator = Calculator(book)
    calculator.recalculate()
    calculator.set(("S", Rect(2, 4, 2, 5)), np.array([[100.0, 200.0]]))
    assert calculator.update() == 1
    assert book.sheets["S"].grid[1, 7] == (0 + 1 + 4 + 5 + 4) + 300
    calculator.set("S!A2", 50.0)  # what it fed has become a value
    assert calculator.update() == 0
    assert [formula.rect for formula in book.sheets["S"].formulas] == [Rect(1, 4, 1, 5), Rect(3, 4, 3, 5), at(1, 7)]
    calculator.recalculate()
    assert book.sheets["S"].grid[2, 5] == 200.0


def test_a_formula_in_place_of_a_value() -> None:
    book = table(3, "A{row}:B{row}+1")
    calculator = Calculator(book)
    calculator.recalculate()
    calculator.set_formula("S!A2", "A1+10")
    assert calculator.update() == 2
    assert book.sheets["S"].grid.read(Rect(2, 4, 2, 5)).tolist() == [[11.0, 4.0]]
    with pytest.raises(FormulaSyntaxError):
        calculator.set_formula("S!A2", "A1+")
    calculator.set("S!A1", 1.0)
    assert calculator.update() == 3
    assert book.sheets["S"].grid[2, 1] == 11.0


def test_references_known_only_when_calculated_are_waited_for_and_kept_up_to_date() -> None:
    book = Book()
    sheet = book.add("S")
    sheet.grid[1, 1] = 3.0
    sheet.put_formula(at(1, 2), "SUM(OFFSET(D1,0,0,A1,1))")
    sheet.put_formula(at(2, 2), 'INDIRECT("D"&A1)')
    sheet.put_formula(at(3, 2), "SUM(D1:INDEX(D1:D5,A1))")
    for row in range(1, 6):
        sheet.put_formula(at(row, 4), f"F{row}*10")
        sheet.put_formula(at(row, 6), f"{row}+$A$2")
    calculator = Calculator(book)
    calculator.recalculate()
    assert sheet.grid.read(Rect(1, 2, 3, 2)).ravel().tolist() == [60.0, 30.0, 60.0]
    calculator.set("S!A1", 5.0)
    calculator.set("S!A2", 1.0)
    calculator.update()
    assert sheet.grid.read(Rect(1, 2, 3, 2)).ravel().tolist() == [200.0, 60.0, 200.0]


def test_cells_changed_past_the_calculator_count_at_the_next_recalculation() -> None:
    book = writing_book(ROWS)
    calculator = Calculator(book)
    calculator.recalculate()
    before = words_of(book)
    book.sheets["words"].grid.write(Rect(1, 1, WORDS, WIDTH), -model()[0])
    calculator.recalculate()
    fresh = writing_book(ROWS)
    fresh.sheets["words"].grid.write(Rect(1, 1, WORDS, WIDTH), -model()[0])
    Calculator(fresh).recalculate()
    assert words_of(book) == words_of(fresh) != before


def test_a_changed_weight_reaches_all_that_use_it() -> None:
    book = writing_book(ROWS)
    calculator = Calculator(book)
    calculator.recalculate()
    before = book.read("Model!J11:O22").copy()
    calculator.set("bias!B1", 100.0)
    calculator.update()
    after = book.read("Model!J11:O22")
    assert (after[:, 1] == 1.0).all()  # tanh of about 100
    assert (np.delete(after, 1, axis=1) == np.delete(before, 1, axis=1)).all()


def test_precedents_and_dependents() -> None:
    calculator = Calculator(writing_book(4))
    assert calculator.precedents("Model", at(13, 12)) == [
        ("Model", Rect(13, 4, 13, 9)),
        ("matrix", Rect(1, 1, WIDTH, WIDTH)),
        ("bias", Rect(1, 1, 1, WIDTH)),
    ]
    assert calculator.precedents("Model", at(1, 1)) == []
    assert calculator.dependents("Model", at(21, 12)) == [
        ("Model", Rect(21, 16, 21, 21)),
        ("Model", Rect(22, 16, 22, 21)),
    ]
    assert len(calculator.dependents("matrix", at(1, 1))) == ROWS

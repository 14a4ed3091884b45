"""What a calculation leaves in the cells: what was there, a larger extent, values of another kind."""

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator import Calculator, recalculate
from support.exact import exact
from support.example_book import example

NA = ErrorValue.NA


def test_books_without_formulas_or_sheets() -> None:
    for book, same in ((Book(), Book()), (example(), example())):
        calculator = Calculator(book)
        calculator.recalculate()
        assert calculator.statistics.formulas == calculator.update() == 0
        assert exact(book) == exact(same)


def test_what_formulas_fill_counts_as_extent() -> None:
    book = Book()
    sheet = book.add("S")
    sheet.put_formula(Rect(3, 2, 5, 4), "1", array=True)
    recalculate(book)
    recalculate(book)
    assert sheet.grid.extent == Rect(3, 2, 5, 4)


def test_values_of_another_kind_replace_what_was_there() -> None:
    book = Book()
    sheet = book.add("S")
    sheet.put_formula(Rect(1, 2, 1, 4), 'IF(A1=0,{"a",TRUE,#N/A},{1,2,3})', array=True)
    calculator = Calculator(book)
    for number, expected in ((0.0, ["a", True, NA]), (1.0, [1.0, 2.0, 3.0]), (0.0, ["a", True, NA])):
        calculator.set("S!A1", number)
        assert calculator.update() == 1
        assert exact(sheet.grid.read(Rect(1, 2, 1, 4))) == exact([expected])
        assert len(sheet.grid.others) == sum(not isinstance(cell, float) for cell in expected)

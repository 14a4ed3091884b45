"""What cannot be calculated is refused with its cells: missing functions, bad syntax, circles, overlaps."""

import pytest

from sheetgpt.book.address import Rect, at, parse_a1
from sheetgpt.book.book import Book
from sheetgpt.errors import (
    CircularReferenceError,
    FormulaSyntaxError,
    UnsupportedFunctionError,
    UsageError,
    WorkbookError,
)
from sheetgpt.evaluator import Calculator, find_unsupported, recalculate
from support.example_book import example, value


def test_missing_functions_are_named_with_their_cells_before_anything_is_calculated() -> None:
    book = example()
    sheet = book.sheets["S"]
    sheet.put_formula(at(1, 8), "1+1")
    sheet.put_formula(at(2, 8), "NOSUCH(A1)+NEITHER(2)")
    book.sheets["My sheet"].put_formula(at(5, 5), "_xlfn.NOSUCH()")
    with pytest.raises(UnsupportedFunctionError) as caught:
        recalculate(book)
    assert "NEITHER in S!H2; NOSUCH in S!H2, My sheet!E5" in str(caught.value)
    assert sheet.grid[1, 8] is None
    assert find_unsupported(book) == {"NOSUCH": [("S", at(2, 8)), ("My sheet", at(5, 5))], "NEITHER": [("S", at(2, 8))]}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("1+", "ends too early"),
        ("IF(1)", "IF takes 2 to 3 arguments, not 1"),
        ("IFS(1)", "pairs"),
        ("PI(1)", "PI takes 0"),
    ],
)
def test_syntax_errors_name_the_cell(text: str, what: str) -> None:
    book = example()
    book.sheets["My sheet"].put_formula(at(5, 5), text)
    with pytest.raises(FormulaSyntaxError, match="My sheet!E5: ") as caught:
        Calculator(book)
    assert what in str(caught.value)


def test_a_name_defined_by_itself_is_refused() -> None:
    book = example()
    book.names |= {"a.b": "c.d+1", "c.d": "a.b+1"}
    book.sheets["S"].put_formula(at(5, 5), "a.b")
    with pytest.raises(FormulaSyntaxError, match=r"'a\.b' is defined by itself"):
        Calculator(book)


def test_circles_are_named_after_all_else_is_calculated() -> None:
    book = example()
    sheet = book.sheets["S"]
    for cell, text in (("H1", "H2+1"), ("H2", "SUM(H3:H4)"), ("H4", "H1*2"), ("I1", "H1+A1"), ("I2", "A1+1")):
        sheet.put_formula(parse_a1(cell), text)
    with pytest.raises(CircularReferenceError) as caught:
        recalculate(book)
    assert "S!H1 =H2+1 -> S!H2 =SUM(H3:H4) -> S!H4 =H1*2 -> S!H1\n" in str(caught.value)
    assert sheet.grid[2, 9] == 2.0
    assert sheet.grid[1, 9] is None


def test_a_circle_can_be_broken() -> None:
    book = example()
    book.sheets["S"].put_formula(at(1, 8), "H2+1")
    book.sheets["S"].put_formula(at(2, 8), "H1+1")
    calculator = Calculator(book)
    with pytest.raises(CircularReferenceError):
        calculator.recalculate()
    calculator.set("S!H2", 5.0)
    assert calculator.update() == 1
    assert book.sheets["S"].grid[1, 8] == 6.0


def test_a_formula_that_reads_itself_only_where_it_does_not_need_to() -> None:
    assert value("IF(A1=1,5,H2)") == 5.0
    assert value("ROW(H2)+COLUMNS(H2:I2)") == 4.0
    with pytest.raises(CircularReferenceError, match="S!H2 =IF"):
        value("IF(A1=1,H2,5)")


def test_overlapping_formulas_are_refused() -> None:
    for second in (Rect(1, 8, 1, 12), Rect(1, 9, 20, 9)):
        book = example()
        book.sheets["S"].put_formula(Rect(1, 8, 2, 9), "A1:B2", array=True)
        book.sheets["S"].put_formula(second, "A1", array=True)
        with pytest.raises(WorkbookError, match="two formulas fill the same cells"):
            Calculator(book)


def test_a_failure_inside_names_cell_and_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    book = example()
    book.sheets["S"].put_formula(at(2, 8), "A1+1")
    calculator = Calculator(book)
    monkeypatch.setattr(type(book.sheets["S"].grid), "read", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError) as caught:
        calculator.recalculate()
    assert caught.value.__notes__ == ["while calculating S!H2: =A1+1"]


def test_parts_of_array_formulas_cannot_be_changed() -> None:
    book = Book()
    book.add("S").put_formula(Rect(1, 1, 2, 2), "{1,2;3,4}", array=True)
    calculator = Calculator(book)
    with pytest.raises(UsageError, match="part of the array formula in S!A1:B2"):
        calculator.set("S!B2", 1.0)
    with pytest.raises(UsageError, match="part of the array formula in S!A1:B2"):
        calculator.set_formula("S!B2", "1")
    with pytest.raises(UsageError, match="no sheet 'T'"):
        calculator.set(("T", at(1, 1)), 1.0)

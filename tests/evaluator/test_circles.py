"""Circles that the book allows: closed forms, LibreOffice, and what comes to no rest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from sheetgpt.book.address import parse_a1
from sheetgpt.book.book import Book
from sheetgpt.book.links import Iteration
from sheetgpt.errors import CircularReferenceError
from sheetgpt.evaluator import Calculator
from sheetgpt.witnesses import libreoffice
from sheetgpt.xlsx.reader import read
from support.package import Content, F, write_package

ITERATE = '<calcPr calcId="191029" iterate="1" iterateCount="200" iterateDelta="1E-9"/>'
CLOSE = 1e-6  # what is left when a step of a circle that halves its error at least is below 1e-9, and far more

# Interest on the average balance of a year, five years after one another; each year is a circle.
LOAN: dict[str, F | Content] = {"A1": 1000.0, "A2": 0.08, "A3": 250.0}
for before, here in zip(["", *"BCDE"], "BCDEF", strict=True):
    LOAN |= {
        f"{here}4": F(f"{before}7") if before else F("$A$1"),
        f"{here}5": F(f"AVERAGE({here}4,{here}7)*$A$2"),
        f"{here}6": F(f"$A$3-{here}5"),
        f"{here}7": F(f"{here}4-{here}6"),
    }
# Fees that are a share of the total that they are a part of.
FEES: dict[str, F | Content] = {"A1": 5000.0, "A2": 0.03, "A3": F("A2*A4"), "A4": F("A1+A3"), "A5": F("ROUND(A4,2)")}
# A bonus after tax and a tax after the bonus, on two sheets, through a name and a range.
BONUS: dict[str, F | Content] = {"A1": 900000.0, "A2": F("(A1-tax)*0.1"), "A4": F("A1-SUM(A2:A2)-tax")}
TAX: dict[str, F | Content] = {"B2": F("(Bonus!A1-Bonus!A2)*0.25")}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sheets = {"Loan": LOAN, "Fees": FEES, "Bonus": BONUS, "Tax": TAX}
    folder = tmp_path_factory.mktemp("circles")
    return write_package(folder / "a.xlsx", sheets, {"tax": "Tax!$B$2"}, ITERATE)


@pytest.fixture(scope="module")
def book(path: Path) -> Book:
    book = read(path)
    Calculator(book).recalculate()
    return book


def at_cell(book: Book, text: str) -> object:
    return book.read(text).item()


def test_the_file_says_how(path: Path, book: Book) -> None:
    assert book.iteration == (200, 1e-9)
    assert Iteration() == (100, 0.001)


def test_closed_forms(book: Book) -> None:
    assert at_cell(book, "Fees!A4") == pytest.approx(5000 / 0.97, abs=CLOSE)
    assert at_cell(book, "Fees!A5") == 5154.64
    balance = 1000.0
    for column in "BCDEF":
        balance = (balance * 1.04 - 250) / 0.96  # b = a - 250 + 0.08 (a + b) / 2
        assert at_cell(book, f"Loan!{column}7") == pytest.approx(balance, abs=CLOSE)
    bonus = 0.1 * 0.75 * 900000 / (1 - 0.025)
    assert at_cell(book, "Bonus!A2") == pytest.approx(bonus, abs=CLOSE)
    assert at_cell(book, "Bonus!A4") == pytest.approx((900000 - bonus) * 0.75, abs=CLOSE)


@pytest.mark.skipif(libreoffice.available() is None, reason="needs LibreOffice")
def test_libreoffice_comes_to_the_same(path: Path, book: Book) -> None:
    found = libreoffice.recalculate(path)
    for name, sheet in book.sheets.items():
        for formula in sheet.formulas:
            cell = formula.rect.top, formula.rect.left
            assert found[name][cell] == pytest.approx(sheet.grid[cell], abs=CLOSE), (name, formula.text)


def test_a_change_goes_around_again(path: Path) -> None:
    book = read(path)
    for strict in (True, False):
        calculator = Calculator(book, strict=strict)
        calculator.recalculate()
        calculator.set("Fees!A2", 0.5)
        calculator.update()
        assert at_cell(book, "Fees!A4") == pytest.approx(10000, abs=CLOSE)
        calculator.set("Fees!A2", 0.03)
        calculator.update()
        assert at_cell(book, "Fees!A5") == 5154.64
        assert calculator.taken_over.complete


def circle(cells: Mapping[str, tuple[str, float | None]], iteration: Iteration | None) -> Book:
    book = Book(iteration=iteration)
    sheet = book.add("S")
    for cell, (text, stored) in cells.items():
        sheet.put_formula(parse_a1(cell), text)
        sheet.put(parse_a1(cell), stored)
    return book


def test_a_counter_counts_as_often_as_the_book_allows() -> None:
    """=A1+1 in A1 is Excel's own example of a circle; with at most 5 times it goes on by 5 from what is stored."""
    book = circle({"A1": ("A1+1", 3.0), "B1": ("A1*2", 6.0)}, Iteration(5, 0.001))
    calculator = Calculator(book)
    calculator.recalculate()
    assert (at_cell(book, "S!A1"), at_cell(book, "S!B1")) == (8.0, 16.0)
    assert calculator.taken_over.restless == (1, ["S!A1"])
    assert not calculator.taken_over.complete
    assert "NOT AT REST: 1 formula" in calculator.taken_over.lines()[0]


def test_each_formula_sees_what_those_before_it_have_become() -> None:
    """Rows from left to right, one after the other: B1 after one round is 2 * 1, and not 2 * 0."""
    book = circle({"A1": ("C1+1", 0.0), "B1": ("A1*2", 0.0), "C1": ("B1+0", 0.0)}, Iteration(1, 0.001))
    Calculator(book).recalculate()
    assert book.read("S!A1:C1").tolist() == [[1.0, 2.0, 2.0]]


def test_a_circle_at_rest_stays_as_it_is_stored() -> None:
    """Excel stops when a step is below the limit; what it stored then is not to be moved by yet another step."""
    stored = {"A3": ("0.5*A4", 99.9999), "A4": ("100+A3/2", 149.99995)}
    book = circle(stored, Iteration(100, 0.001))
    calculator = Calculator(book, strict=False)
    calculator.recalculate()
    far = circle({"A3": ("0.5*A4", 90.0), "A4": ("100+A3/2", 149.0)}, Iteration(100, 0.001))
    Calculator(far, strict=False).recalculate()
    assert at_cell(far, "S!A3") == pytest.approx(200 / 3, abs=0.002)
    assert at_cell(book, "S!A3") == pytest.approx(200 / 3, abs=0.002)  # 99.9999 was not at rest
    again = at_cell(book, "S!A3")
    Calculator(book, strict=False).recalculate()
    assert at_cell(book, "S!A3") == again


def test_without_the_setting_a_circle_is_refused_or_taken_over() -> None:
    book = circle({"A1": ("A2+1", 1.0), "A2": ("A1+1", 2.0)}, None)
    with pytest.raises(CircularReferenceError):
        Calculator(book).recalculate()
    calculator = Calculator(book, strict=False)
    calculator.recalculate()
    assert calculator.taken_over.reasons == {"a circular reference": (2, ["S!A1:A2"])}


def test_a_circle_with_a_switch_in_it() -> None:
    """The usual way to reset a circle: IF(switch, 0, ...)."""
    cells = {"A2": ("IF(A1=1,0,B2*0.1)", 5.0), "B2": ("100+A2", 105.0)}
    book = circle(cells, Iteration(100, 1e-9))
    calculator = Calculator(book)
    calculator.recalculate()
    assert at_cell(book, "S!B2") == pytest.approx(100 / 0.9, abs=CLOSE)
    calculator.set("S!A1", 1.0)
    calculator.update()
    assert at_cell(book, "S!B2") == 100.0

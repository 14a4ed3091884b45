"""What tests lean on: comparisons that must not let anything pass."""

import numpy as np
import pytest

from sheetgpt.book.address import at
from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue
from support.exact import exact

VALUES = [
    None,
    True,
    False,
    1.0,
    0.0,
    -0.0,
    "",
    "1.0",
    "True",
    ErrorValue.NA,
    "#N/A",
    0.1,
    0.1 + 2**-56,
    1,
    np.float64(1),
]


@pytest.mark.parametrize("one", range(len(VALUES)))
def test_values_are_exactly_themselves_and_no_others(one: int) -> None:
    for other, value in enumerate(VALUES):
        assert (exact(value) == exact(VALUES[one])) == (other == one), (value, VALUES[one])
        assert (exact([[value]]) == exact([[VALUES[one]]])) == (other == one)
        assert (exact({1: (value,)}) == exact({1: (VALUES[one],)})) == (other == one)


def test_not_a_number_is_itself() -> None:
    assert exact(np.array([[np.nan, -0.0]])) == exact([[float("nan"), -0.0]]) != exact([[float("nan"), 0.0]])


def book_of(value: object, text: str = "A1") -> Book:
    book = Book()
    book.add("S").put(at(1, 1), value)
    book.sheets["S"].put_formula(at(1, 2), text)
    return book


def test_books_are_compared_by_cells_and_formulas() -> None:
    assert exact(book_of(0.0)) == exact(book_of(0.0))
    assert exact(book_of(0.0)) != exact(book_of(-0.0))
    assert exact(book_of(1.0)) != exact(book_of(True))
    assert exact(book_of(1.0)) != exact(book_of(1.0, "A2"))
    assert exact(book_of(1.0).sheets["S"].grid) != exact(book_of(2.0).sheets["S"].grid)

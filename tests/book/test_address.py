"""Cells and rectangles in A1 notation."""

import pytest

from sheetgpt.book.address import (
    MAX_COLUMNS,
    Rect,
    a1,
    at,
    column_letters,
    column_number,
    parse_a1,
    quote_sheet,
    reference,
    split_sheet,
)
from sheetgpt.errors import AddressError


@pytest.mark.parametrize(
    ("number", "letters"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA"), (16384, "XFD")]
)
def test_columns(number: int, letters: str) -> None:
    assert column_letters(number) == letters
    assert column_number(letters) == column_number(letters.lower()) == number


def test_every_column_has_letters_of_its_own() -> None:
    letters = [column_letters(k) for k in range(1, MAX_COLUMNS + 1)]
    assert [column_number(text) for text in letters] == list(range(1, MAX_COLUMNS + 1))


@pytest.mark.parametrize(
    ("text", "rect"),
    [("A1", (1, 1, 1, 1)), ("$B$2:C$9", (2, 2, 9, 3)), ("c9:b2", (2, 2, 9, 3)), ("XFD1048576", (1048576, 16384) * 2)],
)
def test_parse(text: str, rect: tuple[int, int, int, int]) -> None:
    assert parse_a1(text) == Rect(*rect)


@pytest.mark.parametrize("text", ["", "A", "1", "A0", "XFE1", "A1048577", "A1:B2:C3", "A1:", "h.0.ln_1", "=A1", "A-1"])
def test_what_is_no_range_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(AddressError, match=r"no cell or range|no column|outside"):
        parse_a1(text)


def test_a1_is_the_inverse_of_parse() -> None:
    for rect in (at(1, 1), Rect(3, 2, 70, 900), Rect(5, 5, 5, 6)):
        assert parse_a1(a1(rect)) == parse_a1(a1(rect, absolute=True)) == rect
    assert a1(Rect(3, 2, 4, 3), absolute=True) == "$B$3:$C$4"


@pytest.mark.parametrize(
    ("name", "quoted"),
    [
        ("Logits", "Logits"),
        ("My sheet", "'My sheet'"),
        ("it's", "'it''s'"),
        ("h.0.ln_1.weight", "'h.0.ln_1.weight'"),
        ("A1", "'A1'"),
        ("Block_0", "Block_0"),
        ("R1C1", "'R1C1'"),
        ("1st", "'1st'"),
        ("Übung", "Übung"),
    ],
)
def test_sheets_are_quoted_where_formulas_need_it(name: str, quoted: str) -> None:
    assert quote_sheet(name) == quoted
    assert split_sheet(reference(name, at(2, 3))) == (name, "$C$2")


def test_rectangles_meet() -> None:
    a, b = Rect(1, 1, 4, 4), Rect(3, 3, 9, 9)
    assert a.intersect(b) == Rect(3, 3, 4, 4)
    assert a.union(b) == Rect(1, 1, 9, 9)
    assert a.intersect(Rect(5, 1, 6, 1)) is None
    assert a.contains(Rect(2, 2, 3, 3))
    assert not a.contains(b)
    assert list(Rect(1, 1, 2, 2).cells()) == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert a.size == 16

"""Rows and columns put in or taken out: found, told in one line, and what they shift is no change."""

from __future__ import annotations

import random

import numpy as np
import pytest

from sheetgpt.book.address import Rect, at, column_letters
from sheetgpt.book.book import Book
from sheetgpt.comparison.carry import Carrier
from sheetgpt.comparison.diff import diff_books
from sheetgpt.comparison.diff_report import diff_text
from sheetgpt.comparison.lines import Lines, Move


def ledger(items: list[str], more: list[str] = [], before: int = 0) -> Book:  # noqa: B006 - never written to
    """A list with totals, as someone types it; `more` are columns between count and price. Another sheet reads it."""
    book = Book()
    sheet = book.add("Data")
    price, total = column_letters(3 + len(more)), column_letters(4 + len(more))
    for column, title in enumerate(["item", "count", *more, "price", "value"], 1):
        sheet.put(at(before + 1, column), title)
    for row, item in enumerate(items, before + 2):
        sheet.put(at(row, 1), item)
        sheet.put(at(row, 2), float(len(item) + ord(item[-1])))
        for column, title in enumerate(more, 3):
            sheet.put(at(row, column), f"{title} {item}")
        sheet.put(at(row, 3 + len(more)), float(ord(item[0]) * 3 % 7))
        sheet.put_formula(at(row, 4 + len(more)), f"B{row}*{price}{row}")
    last = before + len(items) + 1
    sheet.put_formula(at(last + 1, 4 + len(more)), f"SUM({total}{before + 2}:{total}{last})")
    sheet.put_formula(at(last + 2, 1), f"COUNTA(A${before + 2}:$A{last})&INDEX(B:B,{1})")
    book.add("Report").put_formula(at(1, 1), f"Data!{total}{last + 1}/'Data'!$B${before + 2}")
    book.define("counts", "Data", Rect(before + 2, 2, last, 2))
    return book


ITEMS = [f"{word} {number}" for number in range(3) for word in ("bolt", "nut", "pin", "cam", "cog")]


def told(a: Book, b: Book) -> list[str]:
    return [change.where for change in diff_books(a, b)]


def test_a_row_put_in_is_one_line_with_what_stands_in_it() -> None:
    a, b = ledger(ITEMS), ledger([*ITEMS[:4], "new", *ITEMS[4:]])
    text = diff_text(diff_books(a, b)).splitlines()
    assert text[2:] == ["@@ Data: row 6 inserted @@", '+"new" 122 1 =B6*C6']
    text = diff_text(diff_books(b, a)).splitlines()
    assert text[2:] == ["@@ Data: row 6 deleted @@", '-"new" 122 1 =B6*C6']


@pytest.mark.parametrize(
    ("items", "where"),
    [
        ([*ITEMS[:2], "x", "y", *ITEMS[2:]], ["Data: rows 4:5 inserted"]),
        (["x", *ITEMS[:7], "y", *ITEMS[7:]], ["name counts", "Data: row 2 inserted", "Data: row 10 inserted"]),
        ([*ITEMS[:2], *ITEMS[4:]], ["Data: rows 4:5 deleted"]),
        ([*ITEMS[:3], "x", *ITEMS[3:9], *ITEMS[10:]], ["Data: row 11 deleted", "Data: row 5 inserted"]),
    ],
)
def test_several_rows(items: list[str], where: list[str]) -> None:
    found = told(ledger(ITEMS), ledger(items))
    assert [one for one in found if one.startswith(("Data: ", "name"))] == where


def test_a_row_put_in_above_the_first_one_of_a_range_is_not_in_it() -> None:
    """As in Excel: the range moves down. Here it was made larger by hand, and that is a change of the formulas."""
    found = told(ledger(ITEMS), ledger(["x", *ITEMS]))
    assert found[:2] == ["name counts", "Data: row 2 inserted"]
    assert "Data!D18" in found


def test_columns_and_rows_at_once() -> None:
    a, b = ledger(ITEMS), ledger([*ITEMS[:4], "new", *ITEMS[4:]], ["maker", "place"], before=2)
    where = [one for one in told(a, b) if not one.startswith("name")]
    assert where == ["Data: rows 1:2 inserted", "Data: row 8 inserted", "Data: columns C:D inserted"]
    back = [one for one in told(b, a) if not one.startswith("name")]
    assert back == ["Data: rows 1:2 deleted", "Data: row 8 deleted", "Data: columns C:D deleted"]


def test_a_changed_cell_beside_a_row_put_in() -> None:
    b = ledger([*ITEMS[:4], "new", *ITEMS[4:]])
    b.sheets["Data"].put(at(7, 3), 99.0)
    b.sheets["Data"].formulas[9] = type(b.sheets["Data"].formulas[9])(at(11, 4), "B11*C11*2")
    text = diff_text(diff_books(ledger(ITEMS), b))
    assert text.splitlines()[2:] == [
        "@@ Data: row 6 inserted @@",
        '+"new" 122 1 =B6*C6',
        "@@ Data!D11 @@",
        "-=B11*C11",
        "+=B11*C11*2",
        "@@ Data!C7 @@",
        "-3",
        "+99",
    ]


def test_rows_that_were_typed_at_the_end_are_cells() -> None:
    a, b = Book(), Book()
    for book, rows in ((a, 5), (b, 6)):
        book.add("S").put(Rect(1, 1, rows, 2), np.arange(rows * 2.0).reshape(rows, 2))
    assert told(a, b) == ["S!A6:B6"]


def test_formulas_changed_down_a_column_are_one_change() -> None:
    a, b = ledger(ITEMS), ledger(ITEMS)
    sheet = b.sheets["Data"]
    sheet.formulas = [type(f)(f.rect, f.text.replace("*", "+"), f.array) for f in sheet.formulas]
    (change,) = diff_books(a, b)
    assert (change.where, change.a, change.b) == ("Data!D2:D16", "=B2*C2", "=B2+C2")


def test_a_renamed_sheet() -> None:
    a, b = ledger(ITEMS), ledger(ITEMS)
    b.sheets = {"All items": b.sheets["Data"], "Report": b.sheets["Report"]}
    b.sheets["All items"].name = "All items"
    b.sheets["Report"].formulas = [
        type(f)(f.rect, "'All items'!D17/'All items'!$B$2", f.array) for f in b.sheets["Report"].formulas
    ]
    b.names = {"counts": "'All items'!$B$2:$B$16"}
    (change,) = diff_books(a, b)
    assert (change.kind, change.a, change.b) == ("renamed", "Data", "All items")


def test_random_rows_and_columns_are_found_again() -> None:
    """Sheets of distinct cells, with formulas that read anywhere; the other one is made by carrying, cell by cell."""
    chance = random.Random(5)
    for _ in range(25):
        rows, columns = chance.randint(8, 30), chance.randint(4, 8)
        book = Book()
        sheet = book.add("S")
        for row in range(1, rows + 1):
            for column in range(1, columns + 1):
                sheet.put(at(row, column), f"{row} {column} {chance.random()}")
            sheet.put_formula(at(row, columns + 1), f'SUM(A{row}:$C{chance.randint(1, rows)})&"{row}"')
        gone = sorted(chance.sample(range(1, rows + 1), chance.randint(0, 3)))
        kept = [(old, new) for new, old in enumerate((one for one in range(1, rows + 1) if one not in gone), 1)]
        wide = chance.randint(1, columns)
        across = [(old, old + (old >= wide)) for old in range(1, columns + 2)]
        carrier = Carrier({"s": Move("S", Lines(kept), Lines(across))})
        other = Book(sheets={"S": carrier.sheet(sheet)})
        found = [change for change in diff_books(book, other) if change.kind in ("rows", "columns")]
        gone_found = [
            row for one in found if one.kind == "rows" and one.rect for row in range(one.rect.top, one.rect.bottom + 1)
        ]
        trailing = [row for row in gone if all(one in gone for one in range(row, rows + 1))]
        assert gone_found == [row for row in gone if row not in trailing]
        assert [one.rect.left for one in found if one.kind == "columns" and one.rect] == [wide]


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("SUM(A1:A10)", "SUM(A1:A11)"),  # row 6 is put in: a range takes it in
        ("SUM(A6:A10)", "SUM(A7:A11)"),
        ("SUM(A1:A5)", "SUM(A1:A5)"),
        ("$A$7+a7", "$A$8+A8"),
        ("SUM(A:A)+SUM(6:6)", "SUM(A:A)+SUM(7:7)"),
        ("Other!A7", "Other!A7"),
        ('"A7"&LOG10(A7)', '"A7"&LOG10(A8)'),
        ("INDEX(A7:B9,1):C9", "INDEX(A8:B10,1):C10"),
    ],
)
def test_how_references_move(text: str, moved: str) -> None:
    """As Excel moves them where a row is put in."""
    put_in = Lines([*((row, row) for row in range(1, 6)), (6, 7)])
    carrier = Carrier({"s": Move("S", put_in, Lines()), "other": Move("Other", Lines(), Lines())})
    assert carrier.text(text, "S") == moved


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("SUM(A1:A10)", "SUM(A1:A8)"),  # rows 3 and 4 are taken out
        ("SUM(A3:A10)", "SUM(A3:A8)"),
        ("SUM(A1:A4)", "SUM(A1:A2)"),
        ("A3+1", "#REF!+1"),
        ("SUM(S!A3:A4)", "SUM(#REF!)"),
        ("$A5", "$A3"),
    ],
)
def test_how_references_move_where_rows_are_taken_out(text: str, moved: str) -> None:
    carrier = Carrier({"s": Move("S", Lines([(1, 1), (2, 2), (5, 3)]), Lines())})
    assert carrier.text(text, "S") == moved


def test_a_sheet_too_large_is_compared_cell_by_cell_and_says_so() -> None:
    a, b = Book(), Book()
    numbers = np.random.default_rng(1).random((4_100_000, 1)).reshape(-1, 100)
    a.add("S").put(Rect(1, 1, *numbers.shape), numbers)
    shifted = np.concatenate((numbers[:1], numbers[:99], numbers[100:]))
    b.add("S").put(Rect(1, 1, *shifted.shape), shifted)
    changes = diff_books(a, b)
    assert ("cell by cell", "S") in [(change.kind, change.sheet) for change in changes]


def test_a_sheet_that_was_renamed_and_changed() -> None:
    a, b = ledger(ITEMS), ledger(ITEMS)
    b.sheets = {"Stock": b.sheets["Data"]}
    b.sheets["Stock"].name = "Stock"
    b.sheets["Stock"].put(at(3, 2), 7.0)
    b.names = {}
    assert told(a, b) == ["sheet Report", "sheet renamed", "name counts", "Stock!B3"]


def test_sheets_that_have_little_in_common_are_others() -> None:
    a, b = ledger(ITEMS), ledger([f"other {number}" for number in range(15)])
    b.sheets = {"Stock": b.sheets["Data"]}
    assert told(a, b)[:3] == ["sheet Data", "sheet Report", "sheet Stock"]

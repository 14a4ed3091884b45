"""Parts of tables and the same cells of several sheets in formulas, calculated."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgpt.book.address import Rect, at, parse_a1
from sheetgpt.book.book import Book
from sheetgpt.book.table import Table
from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator import Calculator, recalculate
from sheetgpt.evaluator.compile.bulk_binder import bind_all
from sheetgpt.evaluator.index.indexed_book import IndexedBook

REF, VALUE, NAME, NULL = ErrorValue.REF, ErrorValue.VALUE, ErrorValue.NAME, ErrorValue.NULL


def book_with_tables() -> Book:
    """Sales in A1:C6 with headings and totals (90 and 9), Bare in H2:I4 without; B2 of Jan, Feb, Mar 1, 20, 300."""
    book = Book()
    sheet = book.add("S")
    sheet.put(Rect(1, 1, 1, 3), np.array([["Item", "Net [$]", "two\nlines"]], dtype=object))
    sheet.put(Rect(2, 2, 5, 3), np.array([[10.0, 1.0], [20.0, 2.0], [30.0, 3.0], [40.0, 4.0]]))
    sheet.put(Rect(6, 2, 6, 3), np.array([[90.0, 9.0]]))
    sheet.put(Rect(2, 8, 4, 9), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]))
    book.tables["Sales"] = Table("S", parse_a1("A1:C6"), ("Item", "Net [$]", "two\nlines"), 1, 1)
    book.tables["Bare"] = Table("S", parse_a1("H2:I4"), ("v", "w"), header_rows=0)
    for title, number in (("Jan", 1.0), ("Feb", 20.0), ("Mar b", 300.0)):
        book.add(title).put(at(2, 2), number)
        book.sheets[title].put(at(3, 2), -number)
    book.names |= {
        "net": "Sales[Net '[$']]",
        "own": "Sales[[#This Row],[Net '[$']]]",
        "year": "'Jan:Mar b'!$B$2",
        "beside": "Jan:Feb!B1",
        "apart": "S!$B$2,S!$B$4:$C$5",
        "S!local": "Bare[w]",
    }
    return book


def values(texts: dict[str, str]) -> list[object]:
    """What formulas come to in cells of the sheet S."""
    book = book_with_tables()
    for cell, text in texts.items():
        book.sheets["S"].put_formula(parse_a1(cell), text)
    recalculate(book)
    grid = book.sheets["S"].grid
    return [grid[rect.top, rect.left] for rect in map(parse_a1, texts)]


CASES = [
    # Microsoft's page "Using structured references with Excel tables" says which cells each form means.
    ("SUM(Sales[Net '[$']])", 100.0),
    ("SUM(sales[NET '[$']])", 100.0),
    ("SUM(Sales[two\nlines])", 10.0),
    ("SUM(Sales[[Net '[$']]:[two\nlines]])", 110.0),
    ("SUM(Sales[[two\nlines]:[Net '[$']]])", 110.0),
    ("SUM(Sales[#All])", 209.0),
    ("SUM(Sales[#Data])", 110.0),
    ("SUM(Sales[])", 110.0),
    ("SUM(Sales)", 110.0),
    ("ROWS(Sales)&COLUMNS(Sales)", "43"),
    ("Sales[[#Headers],[Net '[$']]]", "Net [$]"),
    ("Sales[[#Totals],[Net '[$']]]", 90.0),
    ("SUM(Sales[[#Data],[#Totals],[two\nlines]])", 19.0),
    ("ROWS(Sales[[#Headers],[#Data],[Item]])", 5.0),
    ("SUM(Sales[@])", 22.0),
    ("Sales[[#This Row],[Net '[$']]]*2", 40.0),
    ("SUM(Sales[@[Net '[$']]:[two\nlines]])", 22.0),
    ("Sales[Net '[$']]+1", 21.0),  # the value in its own row
    ("SUM(Sales[Net '[$']] Sales[@])", 20.0),
    ("SUM(INDEX(Sales[Net '[$']],2):INDEX(Sales[Net '[$']],3))", 50.0),
    ("SUM(Bare)", 21.0),
    ("SUM(Bare[#All])", 21.0),
    ("Bare[#Headers]", REF),
    ("Bare[[#Totals],[v]]", REF),
    ("SUM(Bare[[#Data],[#Totals],[v]])", 9.0),
    ("Sales[nothing]", REF),
    ("Sales[#REF!]", REF),
    ("Nothing[v]", NAME),
    ("SUM(Bare[v] Sales[Item])", NULL),
    ("SUM([v])", NAME),  # in no table
    ("SUM(net)", 100.0),
    ("own", 20.0),
    ("SUM(local)", 12.0),
    ("SUM(INDIRECT(\"Sales[Net '[$']]\"))", 100.0),
    ('SUM(INDIRECT("Bare"))', 21.0),
    ('SUM(INDIRECT("net"))', 100.0),
    ('INDIRECT("Sales[x]")', REF),
    ("MATCH(30,Sales[Net '[$']],0)", 3.0),
    ("SUMIF(Sales[Net '[$']],\">15\",Sales[two\nlines])", 9.0),
    # Microsoft's page "Create a reference to the same cell range on multiple worksheets".
    ("SUM('Jan:Mar b'!B2)", 321.0),
    ("SUM(Jan:'Mar b'!B2)", 321.0),
    ("SUM('mar b:JAN'!B2)", 321.0),
    ("SUM(Jan:Feb!$B$2:$B$3,5)", 5.0),
    ("COUNT('Jan:Mar b'!B:B)", 6.0),
    ("AVERAGE(Jan:Feb!B2)", 10.5),
    ("MAX('Jan:Mar b'!B2:B3)", 300.0),
    ("STDEV.P(Jan:Feb!B2)", 9.5),
    ("LARGE('Jan:Mar b'!B2:B3,2)", 20.0),
    ("RANK(20,'Jan:Mar b'!B2)", 2.0),
    ("PERCENTILE('Jan:Mar b'!B2,0.5)", 20.0),
    ("AND(Jan:Feb!B2>0)", VALUE),  # not with operators
    ("AND(Jan:Feb!B2)", True),
    ('TEXTJOIN("-",TRUE,Jan:Feb!B2:B3)', "1--1-20--20"),
    ("SUM(VSTACK('Jan:Mar b'!B2:B3)*{1;0;1;0;1;0})", 321.0),
    ("COLUMNS(HSTACK('Jan:Mar b'!B2:B3))", 3.0),
    ("ROWS(TOCOL('Jan:Mar b'!B2:B3))", 6.0),
    ("SHEETS('Jan:Mar b'!A1)", 3.0),
    ("SUM(year)", 321.0),
    ("Jan:Feb!B2", VALUE),
    ("Jan:Feb!B2+1", VALUE),
    ("SUMPRODUCT(Jan:Feb!B2)", VALUE),
    ("SUMIF(Jan:Feb!B2,1)", VALUE),
    ("IFERROR(ROWS(Jan:Feb!B2),7)", 7.0),
    ("SUM(Jan:Nothing!B2)", REF),
    ('SUM(INDIRECT("Jan:Feb!B2"))', REF),
    # Names of several areas, and what stands apart.
    ("SUM(apart)", 87.0),
    ("INDEX(apart,2,1,2)", 40.0),
    ("AREAS(apart)", 2.0),
    ("apart", VALUE),
    ("SUM (B2:B3)", 30.0),
    ("IF (B2>5 , 1,2)", 1.0),
    ("SUM(@B2:B5)", 20.0),
    ("SUM(#REF!)", REF),
    ("#REF!$A$1", REF),
    ("IFERROR(#REF!A1:B2,4)", 4.0),
    ("ISREF(A1)&TRUE()", "TRUETRUE"),
]


@pytest.fixture(scope="module")
def results() -> dict[str, object]:
    """All cases in row 3, each in a column of its own."""
    texts = [text for text, _ in CASES]
    cells = [str(at(3, column)) for column in range(30, 30 + len(texts))]
    return dict(zip(texts, values(dict(zip(cells, texts, strict=True))), strict=True))


@pytest.mark.parametrize(("text", "right"), CASES)
def test_values(results: dict[str, object], text: str, right: object) -> None:
    assert type(results[text]) is type(right)
    assert results[text] == right


def test_relative_cells_of_several_sheets_in_a_name() -> None:
    assert values({"A9": "SUM(beside)"}) == [0.0]
    book = book_with_tables()
    book.sheets["S"].put_formula(at(2, 1), "SUM(beside)")  # B1 as seen from A1 is B2 as seen from A2
    recalculate(book)
    assert book.sheets["S"].grid[2, 1] == 21.0


def test_this_row_is_a_row_of_the_data() -> None:
    """In headings, totals and elsewhere it is #VALUE!, as Excel says on its page about structured references."""
    text = "Sales[@[Net '[$']]]"
    assert values({f"E{row}": text for row in range(1, 8)}) == [VALUE, 10.0, 20.0, 30.0, 40.0, VALUE, VALUE]


def test_without_a_name_it_is_the_table_around() -> None:
    assert values(
        {"A2": "[@[Net '[$']]]*2", "A3": "SUM([two\nlines])", "A6": "SUM([Net '[$']])", "E2": "SUM([v])"}
    ) == [
        20.0,
        10.0,
        100.0,
        NAME,
    ]


def test_filled_down_in_a_table() -> None:
    """One plan for all rows of the data; changes of one cell reach its row only."""
    rows = 500
    book = Book()
    sheet = book.add("S")
    book.tables["T"] = Table("S", Rect(2, 1, rows + 1, 3), ("Q1", "Q2", "sum"))
    sheet.put(Rect(3, 1, rows + 1, 2), np.arange(2.0 * (rows - 1)).reshape(-1, 2))
    for row in range(1, rows + 4):
        sheet.put_formula(at(row, 3), f"T[[#This Row],[Q1]]*2+T[[#This Row],[Q2]]+B{row}")
    calculator = Calculator(book)
    calculator.recalculate()
    given = sheet.grid.read(Rect(3, 1, rows + 1, 2))
    assert (sheet.grid.read(Rect(3, 3, rows + 1, 3))[:, 0] == given @ [2.0, 2.0]).all()
    outside = [sheet.grid[row, 3] for row in (1, 2, rows + 2, rows + 3)]
    assert outside == [VALUE] * 4
    assert len(bind_all(IndexedBook(book)).plans) == 2
    calculator.set("S!A7", 1000.0)
    assert calculator.update() == 1
    assert sheet.grid[7, 3] == 2000.0 + 2 * given[4, 1]


def test_filled_down_over_several_sheets() -> None:
    book = book_with_tables()
    for row in range(1, 40):
        book.sheets["S"].put_formula(at(row, 20), f"SUM('Jan:Mar b'!B{row})")
    recalculate(book)
    assert [book.sheets["S"].grid[row, 20] for row in (1, 2, 3, 4)] == [0.0, 321.0, -321.0, 0.0]
    assert len(bind_all(IndexedBook(book)).plans) == 1


def test_all_sheets_between_are_read_when_they_change() -> None:
    book = book_with_tables()
    book.sheets["S"].put_formula(at(1, 20), "SUM(year)")
    calculator = Calculator(book)
    calculator.recalculate()
    calculator.set("Feb!B2", 50.0)
    assert calculator.update() == 1
    assert book.sheets["S"].grid[1, 20] == 351.0

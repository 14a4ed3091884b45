"""Tables and other people's formulas in files: what the reader makes of them; LibreOffice calculates the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
import xlsxwriter

from sheetgpt.book.address import Rect, at, parse_a1
from sheetgpt.book.book import Book
from sheetgpt.book.table import Table
from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator import Calculator
from sheetgpt.witnesses import libreoffice
from sheetgpt.xlsx.reader import read
from support.command_line import assert_refused, call

HEADINGS = ["Item", "Net [$]", "it's #1", "größe", "two\nlines"]
ROWS = [["a", 10, 1, 5, 2], ["b", 20, 2, 6, 3], ["c", 30, 3, 7, 4]]
SINGLE = [  # for column J
    "=SUM(Sales[Net '[$']])",
    "=SUM(Sales[it''s '#1])",
    "=SUM(Sales[größe])+SUM(SALES[GRÖßE])*0",
    "=SUM(Sales[two\nlines])",
    "=SUM(Sales[[it''s '#1]:[größe]])",
    "=SUM(Sales[[#Totals],[Net '[$']]])",
    "=SUM(Sales[[#Data],[#Totals],[Net '[$']]])",
    "=Sales[[#Headers],[Net '[$']]]",
    "=INDEX(Sales[Item],MATCH(20,Sales[Net '[$']],0))",
    "=SUMIFS(Sales[Net '[$']],Sales[Item],\"<>b\")",
    "=SUM(Jan:Mar!B2)",
    "=MAX(Jan:Mar!B2:B3)-MIN(Jan:Mar!B2:B3)",
    "=SUM(apart)",
    "=SUM(net)",
    "=SUM (B2:B4)",
    "=SUM(B2:INDEX(B:B,3))",
    "=SUM(OFFSET(B2,1,0):B4)",
    "=SUM(CHOOSE(2,B2,B3):B4)",
    "=SUM((B2:B4,C2) )",
    "=SUM(B2:C4 A3:F3)",
    "=--B2%%+-B3^2",
    "=SUM({-1,2;+3,4}*{1;2})",
    "=AND(ISERROR(SUM(#REF!)),TRUE(),TRUE)*1",
    "=SUM(B:B)-SUM(45:45)+SUM($C:$D)",
    "=SUM(Plain[a])&SUM(Plain)",
]
OTHERS = {  # for column K: what LibreOffice 7.4 gives another value for, and the value by Microsoft's pages
    "=SUM(Sales[#Data])": 93.0,  # #NAME?; it knows the form Sales[[#Data],[Column]] only
    "=SUM(Sales[#All])": 186.0,
    "=SUM(Sales)": 93.0,  # with the totals
    "=SUM('Jan:Mar'!$B$2:$B$3)*2": 2232.0,  # #NAME?, for the marks around names that need none
    "=COUNT(Jan!_xy.z?)": 2.0,  # no name there
}


def write_tables(path: Path) -> Path:
    """By xlsxwriter: a table with headings and totals in A1:E5, one without in L2:L4, and formulas about them."""
    with xlsxwriter.Workbook(path) as workbook:
        sheet, months = (
            workbook.add_worksheet("Data"),
            [workbook.add_worksheet(title) for title in ("Jan", "Feb", "Mar")],
        )
        columns = [{"header": heading} for heading in HEADINGS]
        sheet.add_table(0, 0, 4, 4, {"name": "Sales", "columns": columns, "data": ROWS, "total_row": True})
        for column, name in enumerate(["Net '[$']", "it''s '#1", "größe", "two\nlines"], 1):
            sheet.write_formula(4, column, f"=SUM(Sales[{name}])")
        plain = {"name": "Plain", "header_row": False, "columns": [{"header": "a"}], "data": [[1], [2], [4]]}
        sheet.add_table(1, 11, 3, 11, plain)
        for number, month in enumerate(months, 1):
            month.write_column(1, 1, [number, 10.0**number])
        workbook.define_name("apart", "=Data!$B$2,Data!$B$4")
        workbook.define_name("net", "=Sales[Net '[$']]")
        workbook.define_name("Jan!_xy.z?", "=Jan!$A$1:$C$9")
        for row, text in enumerate(SINGLE):
            sheet.write_formula(row, 9, text)
        for row, text in enumerate(OTHERS):
            sheet.write_formula(row, 10, text)
        for row in range(1, 4):
            sheet.write_formula(row, 6, "=Sales[[#This Row],[Net '[$']]]*2+Sales[[#This Row],[größe]]")
            sheet.write_formula(row, 7, "=SUM(Sales[[#This Row],[Net '[$']]:[two\nlines]])")
        sheet.write_formula(8, 6, "=Sales[[#This Row],[größe]]")
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tables(tmp_path_factory.mktemp("tables") / "tables.xlsx")


@pytest.fixture(scope="module")
def book(path: Path) -> Book:
    found = read(path)
    Calculator(found).recalculate()
    return found


def test_tables_are_read(book: Book) -> None:
    assert book.tables == {
        "Sales": Table("Data", parse_a1("A1:E5"), tuple(HEADINGS), 1, 1),
        "Plain": Table("Data", parse_a1("L2:L4"), ("a",), 0, 0),
    }
    assert "tables" in book.beyond


def test_formulas_in_rows_of_a_table(book: Book) -> None:
    grid = book.sheets["Data"].grid
    assert grid.read(Rect(2, 7, 4, 8)).tolist() == [[25.0, 18.0], [46.0, 31.0], [67.0, 44.0]]
    assert grid[9, 7] is ErrorValue.VALUE


def test_what_libreoffice_does_not_know(book: Book) -> None:
    assert [book.sheets["Data"].grid[row, 11] for row in range(1, len(OTHERS) + 1)] == list(OTHERS.values())


@pytest.mark.skipif(libreoffice.available() is None, reason=f"needs LibreOffice: {libreoffice.how_to_install}")
def test_as_libreoffice_calculates(book: Book, path: Path) -> None:
    found = libreoffice.recalculate(path)["Data"]
    grid = book.sheets["Data"].grid
    cells = [at(row, 10) for row in range(1, len(SINGLE) + 1)] + [
        at(row, column) for row in (2, 3, 4) for column in (7, 8)
    ]
    pairs = {str(cell): (grid[cell.top, cell.left], found[cell.top, cell.left]) for cell in cells}
    assert {cell: pair for cell, pair in pairs.items() if pair[0] != pair[1]} == {}


def package(path: Path, rows: str) -> Path:
    """A workbook of xlsxwriter with the XML of other rows in it."""
    plain = path.with_suffix(".plain.xlsx")
    with xlsxwriter.Workbook(plain) as workbook:
        workbook.add_worksheet("S")
    with ZipFile(plain) as given, ZipFile(path, "w") as made:
        for name in given.namelist():
            text = given.read(name)
            made.writestr(name, text.replace(b"<sheetData/>", f"<sheetData>{rows}</sheetData>".encode()))
    return path


SHARED = [
    # what stands in cells, by their formulas; `-` is a cell of the shared formula without a text
    ({"B2": "si=0 ref=B2:B4 SUM(A2:INDEX(A:A,4))", "B3": "si=0", "B4": "si=0"}, {"B4": "SUM(A4:INDEX(A:A,4))"}),
    ({"B2": "si=0", "B3": "si=0 ref=B2:B4 A3*2", "B4": "si=0"}, {"B2": "A2*2", "B4": "A4*2"}),  # the text comes later
    ({"B2": "si=0 ref=B2:B4 A2", "B3": "si=0 A1+1", "B4": "si=0"}, {"B3": "A1+1", "B4": "A4"}),  # a text of its own
    ({"B2": "si=0 ref=B2:B2 A2", "B3": "si=0 ref=B3:B4 A2*3", "B4": "si=0"}, {"B2": "A2", "B4": "A3*3"}),  # again
    ({"B2": "si=1 ref=B2:B4 LOG10(YTD2024)+A$1", "C3": "si=1"}, {"C3": "LOG10(YTD2024)+B$1"}),
    ({"B2": "si=1 ref=B1:C4 A1", "B1": "si=1", "A2": "si=1"}, {"B1": "#REF!", "A2": "#REF!"}),
]


@pytest.mark.parametrize(("cells", "right"), SHARED)
def test_shared_formulas(tmp_path: Path, cells: dict[str, str], right: dict[str, str]) -> None:
    book = read(package(tmp_path / "s.xlsx", "".join(_rows(cells))))
    found = {str(formula.rect): formula.text for formula in book.sheets["S"].formulas}
    assert set(found) == set(cells)
    assert {cell: found[cell] for cell in right} == right


def _rows(cells: dict[str, str]) -> Iterator[str]:
    for cell in sorted(cells, key=lambda cell: (int(cell[1:]), cell)):
        index, *rest = cells[cell].split(" ")
        ref = rest.pop(0)[4:] if rest and rest[0].startswith("ref=") else ""
        attributes = f'si="{index[3:]}" ref="{ref}"' if ref else f'si="{index[3:]}"'
        formula = f'<f t="shared" {attributes}>{"".join(rest)}</f>'
        yield f'<row r="{cell[1:]}"><c r="{cell}">{formula}<v>5</v></c></row>'


def test_a_shared_formula_of_which_no_text_comes(tmp_path: Path) -> None:
    book = read(package(tmp_path / "s.xlsx", "".join(_rows({"B2": "si=0", "B3": "si=1 A1"}))))
    sheet = book.sheets["S"]
    assert [str(formula.rect) for formula in sheet.formulas] == ["B3"]
    assert sheet.grid[2, 2] == 5.0
    assert sheet.beyond == ["shared formulas without a text"]


@pytest.mark.parametrize("text", ["=A1+2", "A1+2"])
@pytest.mark.parametrize("kind", ["", ' t="array" ref="B1"', ' t="shared" si="0" ref="B1"', ' ca="1"'])
def test_the_sign_in_front_of_a_formula(tmp_path: Path, text: str, kind: str) -> None:
    rows = f'<row r="1"><c r="A1"><v>1</v></c><c r="B1"><f{kind}>{text}</f><v>9</v></c></row>'
    book = read(package(tmp_path / "s.xlsx", rows))
    assert book.sheets["S"].formulas[0].text == "A1+2"
    Calculator(book).recalculate()
    assert book.sheets["S"].grid[1, 2] == 3.0


def test_a_heading_of_a_table_is_not_typed_over(tmp_path: Path) -> None:
    path = write_tables(tmp_path / "a.xlsx")
    result = call("recalc", path, "-o", tmp_path / "b.xlsx", "--set", "Data!A1=Thing")
    assert_refused(result, "Data!A1 is a heading of the table Sales")
    assert call("recalc", path, "-o", tmp_path / "b.xlsx", "--set", "Data!A2=Thing").exit_code in (0, 3)

"""References to other workbooks: by the values that the file keeps of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.evaluator import Calculator
from sheetgpt.xlsx.reader import read
from support.package import Content, F, Other, write_package

PRICES = Other(
    "file:///C:/work/Price%20list.xlsx",
    '<sheetNames><sheetName val="Data"/><sheetName val="My sheet"/><sheetName val="Never read"/><sheetName val="Gone"/>'
    '</sheetNames><definedNames><definedName name="rate" refersTo="=\'My sheet\'!$B$1"/>'
    '<definedName name="local" refersTo="=Data!$A$2" sheetId="0"/><definedName name="odd" refersTo="=1+1"/>'
    "</definedNames><sheetDataSet>"
    '<sheetData sheetId="0"><row r="1"><cell r="A1"><v>10</v></cell><cell r="B1" t="str"><v>pear</v></cell></row>'
    '<row r="2"><cell r="A2"><v>20.5</v></cell><cell r="B2" t="b"><v>1</v></cell></row>'
    '<row r="4"><cell r="A4"><v>40</v></cell><cell r="B4" t="e"><v>#N/A</v></cell></row></sheetData>'
    '<sheetData sheetId="1"><row r="1"><cell r="B1"><v>0.25</v></cell></row></sheetData>'
    '<sheetData sheetId="3" refreshError="1"/></sheetDataSet>',
)
SECOND = Other("Rates.xlsx", '<sheetNames><sheetName val="S"/></sheetNames>')

# Formula -> what Excel shows, which calculates from the same kept values; a cell of a kept sheet that is not kept is
# blank.
RIGHT = {
    "[1]Data!A1": 10.0,
    "[1]Data!$A$2*2": 41.0,
    "SUM([1]Data!A1:A4)": 70.5,
    "SUM([1]Data!A:A)": 70.5,
    "COUNTA([1]Data!A1:B9)": 6.0,
    "'[1]My sheet'!B1": 0.25,
    "'[1]My sheet'!A1&\"\"": "",
    "[1]!rate*4": 1.0,
    "[1]Data!local": 20.5,
    "[1]Data!B2": True,
    "[1]Data!B4": ErrorValue.NA,
    "VLOOKUP(20.5,[1]Data!A1:B4,2,FALSE)": True,
    "INDEX([1]Data!A1:A4,4)": 40.0,
    'IF(A1=5,[1]Data!B1,"")': "pear",
    "'C:\\work\\[Price list.xlsx]Data'!A1": 10.0,
    "'[Price list.xlsx]My sheet'!B1": 0.25,
    "[0]!own+1": 6.0,
    "there+1": 11.0,
    "SHEETS()": 2.0,
    'INDIRECT("[1]Data!A1")': ErrorValue.REF,  # INDIRECT reaches workbooks that are open, and no others
}
NOT_KEPT = ["'[1]Never read'!A1", "[1]Gone!A1", "[2]S!A1", "[3]S!A1", "[1]!odd", "[1]!nothing", "'C:\\[b.xlsx]S'!A1"]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    formulas: dict[str, F | Content] = {f"B{row}": F(text, 77.0) for row, text in enumerate([*RIGHT, *NOT_KEPT], 1)}
    path = tmp_path_factory.mktemp("links") / "a.xlsx"
    names = {"own": "Sheet1!$A$1", "there": "[1]Data!$A$1"}
    return read(write_package(path, {"Sheet1": {"A1": 5.0, **formulas}, "Two": {}}, names, others=[PRICES, SECOND]))


@pytest.fixture(scope="module")
def calculator(book: Book) -> Calculator:
    calculator = Calculator(book, strict=False)
    calculator.recalculate()
    return calculator


def test_what_the_file_keeps_is_read(book: Book) -> None:
    assert [link.target for link in book.links] == ["file:///C:/work/Price list.xlsx", "Rates.xlsx"]
    assert [link.file for link in book.links] == ["Price list.xlsx", "Rates.xlsx"]
    assert {name for name, grid in book.links[0].sheets.items() if grid is None} == {"Never read", "Gone"}


@pytest.mark.parametrize(("row", "text"), list(enumerate(RIGHT, 1)))
def test_formulas_are_calculated_from_what_is_kept(book: Book, calculator: Calculator, row: int, text: str) -> None:
    found = book.sheets["Sheet1"].grid[row, 2]
    assert found == RIGHT[text]
    assert type(found) is type(RIGHT[text])


def test_what_is_not_kept_is_taken_over(book: Book, calculator: Calculator) -> None:
    first, last = len(RIGHT) + 1, len(RIGHT) + len(NOT_KEPT)
    assert calculator.taken_over.taken == (len(NOT_KEPT), [f"Sheet1!B{first}:B{last}"])
    assert list(calculator.taken_over.reasons) == ["a reference to another workbook of which the file keeps no values"]
    assert {book.sheets["Sheet1"].grid[row, 2] for row in range(first, last + 1)} == {77.0}


def test_a_notice_says_so(calculator: Calculator) -> None:
    found = calculator.taken_over.other_books
    assert list(found) == ["Price list.xlsx"]
    assert found["Price list.xlsx"].formulas == len(RIGHT) - 3  # not [0]!, SHEETS() and INDIRECT
    assert any(
        line.startswith("from Price list.xlsx, as this file keeps its values:")
        for line in calculator.taken_over.lines()
    )


def test_it_is_no_reason_to_refuse(tmp_path: Path) -> None:
    path = write_package(tmp_path / "a.xlsx", {"S": {"A1": F("[1]Data!A1*2", 20.0)}}, others=[PRICES])
    calculator = Calculator(read(path))
    calculator.recalculate()
    assert calculator.taken_over.complete
    assert calculator.taken_over.other_books == {"Price list.xlsx": (1, ["S!A1"])}
    path = write_package(tmp_path / "a.xlsx", {"S": {"A1": F("[2]S!A1*2", 20.0)}}, others=[PRICES, SECOND])
    with pytest.raises(FormulaSyntaxError, match=r"S!A1: \[2\]S is another workbook"):
        Calculator(read(path))


def test_a_part_that_is_broken_holds_up_no_other_formula(tmp_path: Path) -> None:
    cells: dict[str, F | Content] = {"A1": F("[1]Data!A1*2", 20.0), "A2": F("1+1", 0.0)}
    path = write_package(tmp_path / "a.xlsx", {"S": cells}, others=[Other("b.xlsx", "<sheetDataSet")])
    book = read(path)
    calculator = Calculator(book, strict=False)
    calculator.recalculate()
    assert book.read("S!A1:A2").tolist() == [[20.0], [2.0]]
    assert calculator.taken_over.taken.ranges == ["S!A1"]


def test_files_of_one_name_are_not_mistaken_for_one_another(tmp_path: Path) -> None:
    kept = '<sheetNames><sheetName val="S"/></sheetNames><sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1">'
    others = [
        Other(f"C:/{folder}/b.xlsx", f"{kept}<v>{folder}</v></cell></row></sheetData></sheetDataSet>")
        for folder in (1, 2)
    ]
    cells: dict[str, F | Content] = {"A1": F("[2]S!A1", 0.0), "A2": F("'C:\\1\\[b.xlsx]S'!A1", 7.0)}
    book = read(write_package(tmp_path / "a.xlsx", {"S": cells}, others=others))
    calculator = Calculator(book, strict=False)
    calculator.recalculate()
    assert book.read("S!A1:A2").tolist() == [[2.0], [7.0]]
    assert calculator.taken_over.taken.ranges == ["S!A2"]


def test_precedents_name_the_other_book(tmp_path: Path) -> None:
    path = write_package(tmp_path / "a.xlsx", {"S": {"A1": F("[1]Data!A1*2", 20.0)}}, others=[PRICES])
    assert [sheet for sheet, _ in Calculator(read(path)).precedents("S", read(path).sheets["S"].formulas[0].rect)] == [
        "[Price list.xlsx]Data"
    ]

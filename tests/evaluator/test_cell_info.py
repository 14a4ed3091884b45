"""CELL and INFO: what a file says of a cell; https://support.microsoft.com/office/cell-function, .../info-function."""

from pathlib import Path

import pytest

from sheetgpt import Calculator, read
from sheetgpt.book.address import parse_a1
from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import UnsupportedFunctionError
from support.packages import package, rows, styles

# Number formats and CELL's code for them, by the table in Microsoft's description of CELL.
CODES = {
    "General": "G",
    "0": "F0",
    "#,##0": ",0",
    "0.00": "F2",
    "#,##0.00": ",2",
    "$#,##0_);($#,##0)": "C0",
    "$#,##0_);[Red]($#,##0)": "C0-",
    "$#,##0.00_);($#,##0.00)": "C2",
    "$#,##0.00_);[Red]($#,##0.00)": "C2-",
    "0%": "P0",
    "0.00%": "P2",
    "0.00E+00": "S2",
    "# ?/?": "G",
    "# ??/??": "G",
    "m/d/yy": "D4",
    "m/d/yy h:mm": "D4",
    "mm/dd/yy": "D4",
    "d-mmm-yy": "D1",
    "dd-mmm-yy": "D1",
    "d-mmm": "D2",
    "dd-mmm": "D2",
    "mmm-yy": "D3",
    "mm/dd": "D5",
    "h:mm AM/PM": "D7",
    "h:mm:ss AM/PM": "D6",
    "h:mm": "D9",
    "h:mm:ss": "D8",
    "(0)": "F0()",
}
CELLS: dict[str, object] = {"A1": 1.0, "A2": "text", "A3": True, "A4": "=1/0", "A6": '=""'}
CASES: list[tuple[str, object]] = [
    ('CELL("address",B7)', "$B$7"),
    ('CELL("address",B7:D9)', "$B$7"),
    ("CELL(\"ADDRESS\",'Other one'!C3)", "'[a.xlsx]Other one'!$C$3"),
    ('CELL("address",OFFSET(A1,2,3))', "$D$3"),
    ('CELL("col",C1)', 3.0),
    ('CELL("row",C5:C9)', 5.0),
    ('CELL("contents",A2)', "text"),
    ('CELL("contents",A4)', ErrorValue.DIV0),
    ('CELL("contents",A9)', 0.0),
    ('CELL("type",A1)', "v"),
    ('CELL("type",A2)', "l"),
    ('CELL("type",A3)', "v"),
    ('CELL("type",A5)', "b"),
    ('CELL("type",A6)', "l"),
    ('CELL("protect",A1)', 1.0),
    ('CELL("protect",Y28)', 0.0),
    ('CELL("color",Y7)', 1.0),
    ('CELL("color",Y6)', 0.0),
    ('CELL("parentheses",Y28)', 1.0),
    ('CELL("parentheses",Y6)', 0.0),
    ('CELL("format",Z99)', "G"),
    ('CELL("nothing",A1)', ErrorValue.VALUE),
    ("CELL(NA(),A1)", ErrorValue.NA),
    ('CELL("row","text")', ErrorValue.VALUE),
    ('MID(CELL("filename",A1),FIND("]",CELL("filename",A1))+1,255)', "S"),
    ('INFO("recalc")', "Automatic"),
    ('INFO("memused")', ErrorValue.NA),
    ('INFO("nothing")', ErrorValue.VALUE),
]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    cells, formats = dict(CELLS), {}
    for row in range(1, len(CODES) + 1):
        cells |= {f"Y{row}": 1.0, f"X{row}": f'=CELL("format",Y{row})'}
        formats[f"Y{row}"] = row
    cells |= {f"C{row}": f"={text}" for row, (text, _) in enumerate(CASES, 30)}
    sheets = {"S": rows(cells, {}, formats), "Other one": rows({"C3": 1.0})}
    path = tmp_path_factory.mktemp("cell") / "a.xlsx"
    book = read(package(path, sheets, style=styles(*CODES, unlocked=True)))
    Calculator(book).update()
    return book


@pytest.mark.parametrize(("row", "case"), list(enumerate(CASES, 30)), ids=[text for text, _ in CASES])
def test_value(book: Book, row: int, case: tuple[str, object]) -> None:
    assert book.sheets["S"].grid[row, 3] == case[1]


def test_codes_of_formats(book: Book) -> None:
    found = book.read(f"S!X1:X{len(CODES)}").ravel().tolist()
    assert dict(zip(CODES, found, strict=True)) == CODES


def test_the_name_of_the_file(tmp_path: Path) -> None:
    path = package(tmp_path / "plan 1.xlsx", {"S": rows({"A1": '=CELL("filename",B1)', "A2": '=CELL("filename")'})})
    book = read(path)
    Calculator(book).update()
    assert book.read("S!A1:A2").ravel().tolist() == [f"{tmp_path}/[plan 1.xlsx]S"] * 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('CELL("row")', "changed last"),
        ('CELL("width",A1)', "not known from the file"),
        ('CELL("prefix",A1)', "not known from the file"),
        ('CELL("filename",A1)', "read from no file"),
        ('CELL("format",A1)', "read from no file"),
        ('INFO("osversion")', "only Excel knows"),
    ],
)
def test_what_is_not_known_is_said_so(text: str, words: str) -> None:
    book = Book()
    book.add("S").put_formula(parse_a1("B1"), text)
    with pytest.raises(UnsupportedFunctionError, match=words):
        Calculator(book).update()

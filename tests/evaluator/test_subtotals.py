"""SUBTOTAL and AGGREGATE over hidden and filtered rows, nested, with errors.

Expected values are plain arithmetic by Microsoft's description (https://support.microsoft.com/office/subtotal-function,
.../aggregate-function); LibreOffice calculates the same file once, where it follows Excel.
"""

import math
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetgpt import Calculator, read
from sheetgpt.book.address import parse_a1
from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue
from sheetgpt.witnesses import libreoffice
from support.packages import package, rows

DIV0, NA, NUM, VALUE = ErrorValue.DIV0, ErrorValue.NA, ErrorValue.NUM, ErrorValue.VALUE

# Column A of each sheet, rows 2 to 9; rows 4 and 7 are hidden. B the same with an error in row 3 and one in row 7.
A = [3.0, 1.0, 4.0, 1.5, 9.0, 2.0, 6.0, 5.0]
HIDDEN = {4: 'hidden="1"', 7: 'hidden="1"'}
VISIBLE = [value for row, value in enumerate(A, 2) if row not in HIDDEN]
DATA: dict[str, object] = {"A1": "value", "B1": "value"}
DATA |= {f"A{row}": value for row, value in enumerate(A, 2)}
DATA |= {f"B{row}": value for row, value in enumerate(A, 2)} | {"B3": "=1/0", "B7": "=NA()"}
WITHOUT_ERRORS = [value for row, value in enumerate(A, 2) if row not in (3, 7)]
# Column C: numbers, texts, booleans and blanks; a subtotal of the first rows in C4 and one, deep in a formula, in C8.
DATA |= {
    "C2": 10.0,
    "C3": 20.0,
    "C4": "=SUBTOTAL(9,C2:C3)",
    "C5": "text",
    "C6": True,
    "C8": "=1+IF(1,_xlfn.AGGREGATE(9,0,C2:C3))",
}

BY_NUMBER: dict[int, Callable[[list[float]], float]] = {
    1: statistics.fmean,
    2: len,
    3: len,
    4: max,
    5: min,
    6: math.prod,
    7: statistics.stdev,
    8: statistics.pstdev,
    9: sum,
    10: statistics.variance,
    11: statistics.pvariance,
    12: statistics.median,
}

CASES: dict[str, dict[str, object]] = {"plain": {}, "filtered": {}}
for number, calculate in BY_NUMBER.items():
    if number <= 11:
        CASES["plain"][f"SUBTOTAL({number},A2:A9)"] = calculate(A)
        CASES["plain"][f"SUBTOTAL({100 + number},A2:A9)"] = calculate(VISIBLE)
        CASES["filtered"][f"SUBTOTAL({number},A2:A9)"] = calculate(VISIBLE)
        CASES["filtered"][f"SUBTOTAL({100 + number},A2:A9)"] = calculate(VISIBLE)
    for option, left in enumerate([A, VISIBLE] * 4):
        CASES["plain"][f"AGGREGATE({number},{option},A2:A9)"] = calculate(left)
    if number > 3:
        CASES["plain"][f"AGGREGATE({number},2,B2:B9)"] = calculate(WITHOUT_ERRORS)
        CASES["plain"][f"AGGREGATE({number},6,B2:B9)"] = calculate(WITHOUT_ERRORS)
        CASES["plain"][f"AGGREGATE({number},0,B2:B9)"] = DIV0
        CASES["plain"][f"AGGREGATE({number},1,B2:B9)"] = DIV0
CASES["plain"] |= {
    "AGGREGATE(13,4,D2:D9)": 2.0,
    "AGGREGATE(13,5,D2:D9)": 1.0,
    "AGGREGATE(14,4,A2:A9,2)": 6.0,
    "AGGREGATE(14,5,A2:A9,5)": 1.5,
    "AGGREGATE(15,4,A2:A9,2)": 1.5,
    "AGGREGATE(15,6,B2:B9,1)": 1.5,
    "AGGREGATE(16,4,A2:A9,0.5)": 3.5,
    "AGGREGATE(17,4,A2:A9,2)": 3.5,
    "AGGREGATE(18,4,A2:A9,0.5)": 3.5,
    "AGGREGATE(19,4,A2:A9,2)": 3.5,
    "AGGREGATE(14,6,A2:A9/(A2:A9<5),1)": 4.0,
    "AGGREGATE(15,6,ROW(A2:A9)/(A2:A9>4),2)": 8.0,
    "AGGREGATE(14,4,A2:A9,9)": NUM,
    "SUBTOTAL(9,A2:A4,A8:A9)": 19.0,
    "SUBTOTAL(109,A2:A4,A8:A9)": 15.0,
    "SUBTOTAL(2,B2:B9)": 6.0,
    "SUBTOTAL(3,B2:B9)": 8.0,
    "AGGREGATE(3,6,B2:B9)": 6.0,
    "AGGREGATE(2,6,B2:B9)": 6.0,
    "SUBTOTAL(9,B2:B9)": DIV0,
    "SUBTOTAL(109,A:A)": sum(VISIBLE),
    "SUBTOTAL(9,E2:E9)": 0.0,
    "SUBTOTAL(1,E2:E9)": DIV0,
    "SUBTOTAL(9,C2:C9)": 30.0,
    "SUBTOTAL(3,C2:C9)": 4.0,
    "SUBTOTAL(2,C2:C9)": 2.0,
    "AGGREGATE(9,0,C2:C9)": 30.0,
    "AGGREGATE(9,4,C2:C9)": 91.0,
    "AGGREGATE(9,3,C2:C9)": 30.0,
    "C4": 30.0,
    "C8": 31.0,
    "SUBTOTAL(0,A2:A9)": VALUE,
    "SUBTOTAL(12,A2:A9)": VALUE,
    "SUBTOTAL(112,A2:A9)": VALUE,
    "AGGREGATE(20,0,A2:A9)": VALUE,
    "AGGREGATE(9,8,A2:A9)": VALUE,
    "AGGREGATE(14,0,A2:A9)": VALUE,
    "SUBTOTAL(NA(),A2:A9)": NA,
    "SUBTOTAL(9.9,A2:A9)": sum(A),
    "AGGREGATE(9,,A2:A9)": sum(A),
}
CASES["filtered"] |= {"AGGREGATE(9,0,A2:A9)": sum(A), "AGGREGATE(9,5,A2:A9)": sum(VISIBLE), "SUM(A2:A9)": sum(A)}
DATA |= {f"D{row}": value for row, value in enumerate([1.0, 2.0, 2.0, 1.0, 3.0, 2.0, 1.0, 2.0], 2)}

# What LibreOffice 7.4 makes of it otherwise than Excel, by Microsoft's description.
OTHERWISE = {
    **dict.fromkeys(("SUBTOTAL(9,C2:C9)", "SUBTOTAL(2,C2:C9)", "AGGREGATE(9,0,C2:C9)"), "TRUE in a cell counts as 1"),
    **dict.fromkeys(("AGGREGATE(9,3,C2:C9)", "AGGREGATE(9,4,C2:C9)"), "TRUE in a cell counts as 1"),
    "AGGREGATE(14,4,A2:A9,9)": "#VALUE! where LARGE gives #NUM!",
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sheets = {}
    for name, cases in CASES.items():
        formulas = {f"H{row}": f"={text}".replace("AGGREGATE", "_xlfn.AGGREGATE") for row, text in enumerate(cases, 20)}
        shown = "".join(f'<filter val="{value:g}"/>' for value in VISIBLE)
        criteria = f'<filterColumn colId="0"><filters>{shown}</filters></filterColumn>'
        filters = f'<autoFilter ref="A1:A9">{criteria}</autoFilter>' if name == "filtered" else ""
        sheets[name] = rows(DATA | formulas, HIDDEN) + filters
    name = '<definedName name="_xlnm._FilterDatabase" localSheetId="1" hidden="1">filtered!$A$1:$A$9</definedName>'
    path = tmp_path_factory.mktemp("subtotals") / "a.xlsx"
    return package(path, sheets, after=f"<definedNames>{name}</definedNames>")


@pytest.fixture(scope="module")
def book(file: Path) -> Book:
    book = read(file)
    Calculator(book).update()
    return book


EACH = [(sheet, f"H{row}", text) for sheet, cases in CASES.items() for row, text in enumerate(cases, 20)]


@pytest.mark.parametrize(("sheet", "cell", "text"), EACH)
def test_value(book: Book, sheet: str, cell: str, text: str) -> None:
    found, expected = book.read(f"{sheet}!{cell}").tolist()[0][0], CASES[sheet][text]
    assert found == pytest.approx(expected, rel=1e-13) if isinstance(expected, float | int) else found is expected


@pytest.mark.skipif(libreoffice.available() is None, reason=f"needs LibreOffice: {libreoffice.how_to_install}")
def test_libreoffice_says_the_same(file: Path, book: Book) -> None:
    values = libreoffice.recalculate(file)
    differing = []
    for sheet, cell, text in EACH:
        rect = parse_a1(cell)
        ours, theirs = book.sheets[sheet].grid[rect.top, rect.left], values[sheet][rect.top, rect.left]
        same = ours == pytest.approx(theirs, rel=1e-12) if type(ours) is type(theirs) is float else ours is theirs
        if not same and text not in OTHERWISE:
            differing.append((sheet, text, ours, theirs))
    assert not differing, "\n".join(map(str, differing))


TABLE = """<table xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" id="1" name="T" displayName="T"
 ref="A1:A9"><autoFilter ref="A1:A9"><filterColumn colId="0"><filters><filter val="1"/></filters></filterColumn>
</autoFilter><tableColumns count="1"><tableColumn id="1" name="value"/></tableColumns></table>"""
IN_USE = '<autoFilter ref="A1:A9"><filterColumn colId="0"><top10 val="3"/></filterColumn></autoFilter>'
FILTER_NAME = '<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">S!$A$1:$A$9</definedName>'


@pytest.mark.parametrize(
    ("inside", "names", "table", "total"),
    [
        ("", "", "", sum(A)),
        ('<autoFilter ref="A1:A9"/>', FILTER_NAME, "", sum(A)),
        ("", "", TABLE, sum(VISIBLE)),
        ("", "", TABLE.replace('<filters><filter val="1"/></filters>', ""), sum(A)),
        ('<autoFilter ref="A1:A9"><filterColumn colId="0" hiddenButton="1"/></autoFilter>', FILTER_NAME, "", sum(A)),
        ('<autoFilter ref="#REF!"><filterColumn colId="0"><filters/></filterColumn></autoFilter>', "", "", sum(A)),
        (f"<customSheetViews><customSheetView>{IN_USE}</customSheetView></customSheetViews>", "", "", sum(A)),
        ('<sheetPr filterMode="1"/>', FILTER_NAME, "", sum(VISIBLE)),
        ("<sheetPr/>", FILTER_NAME, "", sum(A)),
    ],
    ids=[
        "by hand",
        "filter not in use",
        "table",
        "table not filtered",
        "no button",
        "lost range",
        "a view",
        "advanced filter",
        "advanced filter no more",
    ],
)
def test_what_counts_as_filtered(tmp_path: Path, inside: str, names: str, table: str, total: float) -> None:
    before, after = (inside, "") if "sheetPr" in inside else ("", inside)
    data = {f"A{row}": value for row, value in enumerate(A, 2)} | {"C1": "=SUBTOTAL(9,A2:A9)", "A1": "value"}
    path = package(
        tmp_path / "a.xlsx",
        {"S": before + rows(data, HIDDEN) + after},
        after=f"<definedNames>{names}</definedNames>" if names else "",
        tables={"S": table} if table else {},
    )
    book = read(path)
    Calculator(book).update()
    assert book.sheets["S"].hidden_rows == {4, 7}
    assert book.read("S!C1").tolist() == [[total]]


def test_rows_without_height_are_hidden(tmp_path: Path) -> None:
    data = {"A1": 1.0, "A2": 2.0, "B3": "=SUBTOTAL(109,A1:A2)"}
    book = read(package(tmp_path / "a.xlsx", {"S": rows(data, {2: 'ht="0" customHeight="1"', 1: 'hidden="0"'})}))
    Calculator(book).update()
    assert book.read("S!B3").tolist() == [[1.0]]


def test_many_at_once_and_a_subtotal_that_goes() -> None:
    """Groups of three with a subtotal below each, and a grand total over all: 40 formulas of one batch."""
    book = Book()
    sheet = book.add("S")
    for group in range(40):
        top = 4 * group + 1
        for row in range(top, top + 3):
            sheet.grid[row, 1] = float(row)
        sheet.put_formula(parse_a1(f"A{top + 3}"), f"SUBTOTAL(9,A{top}:A{top + 2})")
    sheet.put_formula(parse_a1("B1"), "SUBTOTAL(9,A1:A160)")
    sheet.put_formula(parse_a1("B2"), 'SUM(A1:A160)&"SUBTOTAL(9)"')
    sheet.put_formula(parse_a1("B3"), "SUBTOTAL(3,B1:B2)")
    calculator = Calculator(book)
    calculator.update()
    total = float(sum(row for row in range(1, 161) if row % 4))
    assert book.read("S!A4:A160").ravel()[::4].tolist() == [float(12 * group + 6) for group in range(40)]
    assert book.read("S!B1:B3").ravel().tolist() == [total, f"{2 * total:.0f}SUBTOTAL(9)", 1.0]
    calculator.set("S!A4", 1000.0)
    calculator.update()
    assert book.read("S!B1").tolist() == [[total + 1000]]

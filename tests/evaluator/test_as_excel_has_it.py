"""Kinds of formulas in which engines are often wrong: one book, calculated once, with Excel's values.

Sources: Microsoft's pages on the functions, values that Excel saved (as reported to other projects), and Excel's known
rules where a remark says which. LibreOffice 7.4 and IronCalc 0.9 were asked for all; what they have otherwise is wrong.
"""

from __future__ import annotations

from typing import Any

import pytest

from sheetgpt.book.address import Rect, parse_a1
from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.evaluator import Calculator
from support.calling import check

DIV0, NA, NUM, REF, VALUE = ErrorValue.DIV0, ErrorValue.NA, ErrorValue.NUM, ErrorValue.REF, ErrorValue.VALUE

CELLS: dict[str, list[Value]] = {
    "A": [1.0, 2.0, "2", "abc", "", None, True, NA, 0.5, "a*c"],
    "B": [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0],
    "C": [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0],
    "D": [6.0, 2.0, 9.0, 1.0, 7.0, 3.0],  # in no order
    "E": [2.0, NA, 4.0, "x", 6.0, True],  # of all kinds
    "F": [DIV0, 1.0, DIV0, 1.0, DIV0],
    "G": ["B1:B2", "C1:C2", "R2C2"],
}

# SUMIF and AVERAGEIF: the third range takes the size of the first.
SIZES = [
    ('SUMIF(B1:B4,">1",C1)', 90.0),
    ('SUMIF(B1:B4,">1",C1:C2)', 90.0),
    ('SUMIF(B1:B2,">0",C2:C9)', 50.0),
    ('SUMIF(B1:C2,">1",B3)', 8.0 + 30.0 + 40.0),
    ('SUMIF(B1:C1,">0",C1:C9)', 16.0),
    ('SUMIF(B:B,">100",C1)', 270.0),
    ('SUMIF(B1:B3,">1",INDEX(C1:C9,4))', 110.0),
    ('AVERAGEIF(B1:B4,">1",C2)', 40.0),
    ("SUMIF(A1:A8,A8,B1:B2)", 128.0),
    ('SUMIF(B1:B4,">0",Other!A1)', 600.0),
    ('SUMIF(B:B,">1",Other!A:A)', 500.0),
    ('SUMIFS(Other!A:A,B:B,">1")', 500.0),
    ('SUMIF(INDIRECT("nowhere 1"),">1")', REF),
    ('COUNTIFS(B1:B4,">0",OFFSET(B1:B4,-1,0),">0")', REF),
    ('COUNTIF(Nosheet!A1:A4,">0")', REF),
    ('SUMIFS(B1:B4,C1:C3,">0")', VALUE),
    ('COUNTIFS(B1:B4,">0",C1:C3,">0")', VALUE),
]

# Several references at once: for each its own value, in functions that take references one by one.
SEVERAL = [
    ('SUMPRODUCT(SUMIF(INDIRECT({"B1:B2","C1:C2"}),">1"))', 32.0),
    ('SUMPRODUCT(SUMIF(INDIRECT(G1:G2),">1"))', 32.0),
    ('SUMPRODUCT(COUNTIF(OFFSET(B1:B2,{0;1;2},0),">2"))', 0.0 + 1.0 + 2.0),
    ('SUMPRODUCT(SUMIF(OFFSET(B1,0,0,{1,2,3}),">0"))', 1.0 + 3.0 + 7.0),
    ("SUMPRODUCT(N(OFFSET(B1,{0,2,4},0)))", 21.0),
    ('SUMPRODUCT(SUMIFS(OFFSET(B1:B2,0,{0,1}),OFFSET(B1:B2,0,{0,1}),">1"))', 32.0),
    ('SUMPRODUCT(SUMIF(INDIRECT({"B1:B2","C1:C2"}),{">1",">10"}))', 2.0 + 20.0),
    ('SUMPRODUCT(SUMIF(INDIRECT({"B1:B2","nowhere 1"}),">1"))', REF),
    ("SUM(OFFSET(B1,{0,1},0))", VALUE),
]

# Single values of functions that take arrays elsewhere, in the formula's own column (F is its column).
INTERSECTED = [
    ("INDEX(B3:G3,1,B1:G1)", DIV0),
    ("INDEX({5,6,7},1,B2:G2)", 5.0),
    ("INDEX({5,6,7},1,B2:C2)", VALUE),
    ("LOOKUP(B2:G2,B1:B6,C1:C6)", 10.0),
    ("SUMPRODUCT(INDEX(B1:B4,N(IF(1,{2,3}))))", 6.0),
    ("LOOKUP(2,1/(B1:B4<5),C1:C4)", 30.0),
    ("MATCH(1,INDEX((B1:B4=4)*(C1:C4=30),0),0)", 3.0),
    ("FORECAST(B2:F2,{2,4,6},{1,2,3})", 2.0),
]

# The Analysis ToolPak's functions: no ranges, no booleans, nothing left empty.
TOOLPAK = [
    ("ISODD(B1:B2)", VALUE),
    ("EOMONTH(B1:B2,1)", VALUE),
    ("WEEKNUM(B1:B2)", VALUE),
    ("NETWORKDAYS(B1:B2,C1)", VALUE),
    ("ISODD(B1:B1)", True),
    ("SUMPRODUCT(--ISODD(+B1:B3))", 1.0),
    ("QUOTIENT(A7,1)", VALUE),
    ("MROUND(A7,1)", VALUE),
    ("HEX2DEC(A7)", VALUE),
    ("DEC2HEX(TRUE)", VALUE),
    ("DEC2OCT(-8,0)", NUM),
    ("DEC2OCT(-8,11)", NUM),
    ("DEC2OCT(-8,1)", "7777777770"),
    ("DEC2BIN(5,2)", NUM),
    ('HEX2BIN("FFFFFFFFFF",3)', "1111111111"),
]

# MATCH by order halves: the lower one of two middles, over values of other kinds to the next of the same.
HALVING = [
    ("MATCH(6,D1:D6)", 1.0),
    ("MATCH(5,D1:D6)", NA),
    ("MATCH(8,D1:D6)", 2.0),
    ("MATCH(9,D1:D6)", 3.0),
    ("MATCH(1E+300,D1:D6)", 6.0),
    ("VLOOKUP(8,D1:D6,1)", 2.0),
    ("MATCH(5,E1:E6)", 3.0),
    ("MATCH(9,E1:E6)", 5.0),
    ('MATCH("x",E1:E6)', 4.0),
    ("MATCH(TRUE,E1:E6)", 6.0),
    ("LOOKUP(2,F1:F5,C1:C5)", 40.0),
    ("MATCH(4,{1,4,4,4,4,9})", 5.0),
    ("MATCH(4,{9,4,4,1},-1)", 3.0),
    ("MATCH(4,{9,5,1,7},-1)", 2.0),
    ('MATCH("a*",{"a","b","c"},1)', 1.0),
    ('MATCH("a~*c",A1:A10,0)', 10.0),
    ('MATCH("2",A1:A10,0)', 3.0),
    ('MATCH(REPT("a",256),A1:A10,0)', VALUE),
    ('VLOOKUP(REPT("a",256),A1:B10,2,FALSE)', VALUE),
    ('XMATCH(REPT("a",256),A1:A10,0)', NA),
    ('XMATCH("^[b-z]",{"abc","Bcd","bcd"},3)', 3.0),
    ('XLOOKUP("\\d",{"x","y7"},{1,2},0,3)', 2.0),
    ('XMATCH("(",{"x"},3)', VALUE),
    ("SUM(XLOOKUP(2,B1:B10,C1:C10):XLOOKUP(8,B1:B10,C1:C10))", 90.0),  # as on Microsoft's page of XLOOKUP
    ("SUM(C1:XLOOKUP(3,B1:B10,C1:C10,,-1))", 30.0),
    ("SUM(C1:XLOOKUP(3,B1:B10,C1:C10))", NA),
]

CRITERIA = [
    ('SUMIF(A1:A10,"2",B1:B10)', 6.0),
    ('SUMIF(A1:A10,"<>2",B1:B10)', 1021.0),
    ('SUMIF(A1:A10,"",B1:B10)', 48.0),
    ('SUMIF(A1:A10,"=",B1:B10)', 32.0),
    ('SUMIF(A1:A10,"<>",B1:B10)', 991.0),
    ('SUMIF(A1:A10,"*",B1:B10)', 4.0 + 8.0 + 16.0 + 512.0),
    ('SUMIF(A1:A10,"a~*c",B1:B10)', 512.0),
    ('SUMIF(A1:A10,"#N/A",B1:B10)', 128.0),
    ("COUNTIF(A1:A10,A8)", 1.0),
    ("SUMIF(A1:A10,TRUE,B1:B10)", 64.0),
    ("SUMIF(A1:A10,A6,B1:B10)", 0.0),
    ('SUMIF(A1:A10,">=abc",B1:B10)', 8.0),
    ('SUMIF(A1:A10,"> 1",B1:B10)', 2.0),
    ('COUNTIF(A1:A10,REPT("a",256))', VALUE),
    ('COUNTIF(A1:A10,REPT("a",255))', 0.0),
    ('SUMIFS(B1:B10,A1:A10,REPT("a",256))', VALUE),
]

# The last sum of a formula (Microsoft, "Floating-point arithmetic may give inaccurate results in Excel").
LAST_SUM = [
    ("1.333+1.225-1.333-1.225", 0.0),
    ("(1.333+1.225-1.333-1.225)", -2.220446049250313e-16),
    ("1*(0.5-0.4-0.1)", -2.7755575615628914e-17),
    ("0.5-0.4-0.1", 0.0),
    ("(0.5-0.4)-0.1", 0.0),
    ("0.5-0.4-0.1+0", -2.7755575615628914e-17),
    ('LEN("(")-(1.1-0.1)', 0.0),
    ("A9-0.4-0.1", 0.0),
    ("10.1-10-0.1", -3.608224830031759e-16),
    ("1E-20+1E-20", 2e-20),
    ("B1-C1", -9.0),
    ("A4-1", VALUE),
]

TEXT_TO_NUMBER = [
    ('TIMEVALUE("1:75")', 2.25 / 24),
    ('TIMEVALUE("0:00:90")', 90 / 86400),
    ('TIMEVALUE("1:75:75")', VALUE),
    ('TIMEVALUE("1:75 PM")', VALUE),
    ('"2 3/4"+0', 2.75),
    ('"-1 1/2"+0', -1.5),
    ('"1 1/0"+0', VALUE),
    ('"Feb 2024"+0', 45323.0),
    ('DATEVALUE("2/2024")', 45323.0),
    ('VALUE("13/2024")', VALUE),
]

TEXTS = [
    ('TEXTAFTER("a-b+c-d",{"-","+"},2)', "c-d"),
    ('TEXTAFTER("a-b+c-d",{"-","+"},-1)', "d"),
    ('TEXTBEFORE("a-b+c-d",{"+","-"},3)', "a-b+c"),
    ('TEXTBEFORE("a<=b",{"<","<="})', "a"),
    ('TEXTAFTER("a<=b",{"<","<="})', "b"),
    # Arguments left empty are not given here (ECMA-376 has ADDRESS(5,7,,,"Sheet1")).
    ('TEXTAFTER("abc","x",,,,"q")', "q"),
    ('TEXTAFTER("a","--",,,,"q")', "q"),
    ('TEXTBEFORE("a-b","-",,1)', "a"),
    ('ADDRESS(5,7,,,"Sheet1")', "Sheet1!$G$5"),
    ('ADDRESS(5,7,4,,"S")', "S!G5"),
    ("ADDRESS(5,7,,FALSE)", "R5C7"),
    ("CEILING.MATH(24.3,,1)", 25.0),
    ('TEXTBEFORE("abc",{"x","y"})', NA),
    ('INDEX(TEXTSPLIT("a-b+c",{"-","+"}),3)', "c"),
]

FUNCTIONS = [
    ("MROUND(6.05,0.1)", 6.0),  # both from Microsoft's page
    ("MROUND(7.05,0.1)", 7.1),
    ('MODE(2,"2",3)', VALUE),
    ("MODE(2,2,TRUE)", VALUE),
    ('AVERAGEA({2;4;"x";TRUE})', 2.0),
    ("AVERAGEA(2,TRUE)", 1.5),
    ("MAXA({-1,TRUE})", -1.0),
    ("LARGE(B1:B4,1.5)", 4.0),
    ("LARGE(B1:B4,0.5)", NUM),
    ("SUM(SMALL(B1:B4,{0.5,1}))", NUM),
    ("ISOWEEKNUM(0)", 52.0),
    ("ISOWEEKNUM(2)", 1.0),
    ("TIME(32767.5,0,0)", 7 / 24),
    ("TIME(32768,0,0)", NUM),
    ("HYPGEOM.DIST(0,0,3,5,TRUE)", 1.0),
    ("BETA.INV(1,2,3)", NUM),
    ("SUM(TREND({1,2,6},{7,7,7},{9}))", 3.0),
    ("SUM(TREND({1;2;3},{1,2;2,4;3,6},{5,10}))", 5.0),
    ("SUM(GROWTH({2,8},{3,3},{4}))", 4.0),
    ("AREAS((A1:F20,H1))", 2.0),  # its own cell among them: they are not read
    ("AREAS(A1:F200)", 1.0),
    ('INDIRECT("R2C2",FALSE)', 2.0),
    ('SUM(INDIRECT("R1C2:R3C2",FALSE))', 7.0),
    ("INDIRECT(G3,FALSE)", 2.0),
    ('SUM(INDIRECT("C2",FALSE))', 1023.0),
    ('SUM(INDIRECT("S!R1",FALSE))', ErrorValue.DIV0),
    ('INDIRECT("R0C1",FALSE)', REF),
    ('INDIRECT("B1",FALSE)', REF),
    ('ROW(INDIRECT("R[2]C",FALSE))-ROW()', 2.0),
    ('COLUMN(INDIRECT("RC[-3]",FALSE))', 3.0),
]

ALL = [
    *SIZES,
    *SEVERAL,
    *INTERSECTED,
    *TOOLPAK,
    *HALVING,
    *CRITERIA,
    *LAST_SUM,
    *TEXT_TO_NUMBER,
    *TEXTS,
    *FUNCTIONS,
]
FIRST = 20  # the row of the first formula


def book() -> Book:
    book = Book()
    sheet, other = book.add("S"), book.add("Other")
    for letter, values in CELLS.items():
        for row, value in enumerate(values, 1):
            sheet.put(parse_a1(f"{letter}{row}"), value)
    for row in range(1, 4):
        other.put(parse_a1(f"A{row}"), 100.0 * row)
    return book


@pytest.fixture(scope="module")
def values() -> dict[str, object]:
    filled = book()
    for row, (text, _) in enumerate(ALL, FIRST):
        filled.sheets["S"].put_formula(parse_a1(f"F{row}"), text)
    Calculator(filled).update()
    return {text: filled.sheets["S"].grid[row, 6] for row, (text, _) in enumerate(ALL, FIRST)}


@pytest.mark.parametrize(("text", "expected"), ALL)
def test_formula(values: dict[str, object], text: str, expected: Any) -> None:
    check(values[text], expected)


def test_what_a_smaller_range_reaches_is_followed() -> None:
    """SUMIF(B1:B3,...,C1) reads C3: a change there must reach it, filled down and alone."""
    filled = book()
    for row in range(1, 5):
        filled.sheets["S"].put_formula(Rect(row, 9, row, 9), f'SUMIF(B{row}:B{row + 2},">0",C{row})')
    calculator = Calculator(filled)
    calculator.update()
    assert filled.sheets["S"].grid.read(Rect(1, 9, 4, 9)).ravel().tolist() == [60.0, 90.0, 120.0, 150.0]
    calculator.set("S!C3", 1030.0)
    assert calculator.update() == 3
    assert filled.sheets["S"].grid.read(Rect(1, 9, 4, 9)).ravel().tolist() == [1060.0, 1090.0, 1120.0, 150.0]


def test_array_formulas_keep_the_last_digits() -> None:
    filled = book()
    filled.sheets["S"].put_formula(parse_a1("I1"), "A9-0.4-0.1", array=True)
    Calculator(filled).update()
    assert filled.sheets["S"].grid[1, 9] == -2.7755575615628914e-17


def test_indirect_goes_by_the_cell_of_each_formula() -> None:
    filled = book()
    for row in range(1, 6):
        filled.sheets["S"].put_formula(Rect(row, 9, row, 9), 'INDIRECT("RC[-7]",FALSE)')
    Calculator(filled).update()
    assert filled.sheets["S"].grid.read(Rect(1, 9, 5, 9)).ravel().tolist() == [1.0, 2.0, 4.0, 8.0, 16.0]

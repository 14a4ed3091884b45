"""What formulas come to: precedence, coercion, references, names, array formulas, forms, errors.

The expected values are Excel's: by its documentation, by its saved workbooks in ../shared/excel-cases, or
plain arithmetic.
"""

from typing import Any

import numpy as np
import pytest

from sheetgpt.book.address import Rect, at, parse_a1
from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.evaluator import recalculate
from support.exact import exact
from support.example_book import example, value

DIV0, NA, NAME, NULL, NUM = ErrorValue.DIV0, ErrorValue.NA, ErrorValue.NAME, ErrorValue.NULL, ErrorValue.NUM
REF, VALUE = ErrorValue.REF, ErrorValue.VALUE


ORDINARY = [
    # operators
    ("-2^2", 4.0),
    ("2^3^2", 64.0),
    ("1-2-3", -4.0),
    ("2+3*4", 14.0),
    ("50%", 0.5),
    ("2%^2", 0.0004),
    ("-A1^2", 1.0),
    ("1&2+3", "15"),
    ("1+1=2", True),
    ("1=1=1", False),
    ("(1=1)=TRUE", True),
    ("2<>2", False),
    ("-(1+2)", -3.0),
    # coercion
    ("E2+1", 2.0),
    ("E3*2", 14.0),
    ("E1+1", VALUE),
    ("E4+1", 1.0),
    ("E4", 0.0),
    ('E4&"x"', "x"),
    ('E1&"!"', "text!"),
    ("E4=0", True),
    ('E4=""', True),
    ('"a"="A"', True),
    ("E2>E1", True),
    ("E1>1000", True),
    ('"3"+"4"', 7.0),
    # errors pass on, the left one first
    ("1/0+#N/A", DIV0),
    ("#N/A+1/0", NA),
    ("SUM(A1,1/0)", DIV0),
    ("nobody", NAME),
    ("Nosheet!A1", REF),
    ("#REF!+1", REF),
    ("10^200*10^200", NUM),
    ("LN(0)", NUM),
    # references: other sheets, names, whole columns and rows, implicit intersection from H2
    ("'My sheet'!A2+1", 21.0),
    ("SUM(model.weight)", 45.0),
    ("SUM(MODEL.Weight)", 45.0),
    ("two*A2", 8.0),
    ("twice", 10.0),
    ("SUM(doubled)", 24.0),
    ("Block.0", 4.0),
    ("SUM(A:A)", 12.0),
    ("A1:A3", 4.0),
    ("A1:A3*10", 40.0),
    ("tens", 20.0),
    ("ABS(A1:A3)", 4.0),
    ("A1:C1", VALUE),
    ("A5:A9", VALUE),
    ("A1:C3", VALUE),
    ("SUM(A1:A3*B1:B3)", 20.0),
    ("SUMPRODUCT(A1:A3*B1:B3)", 78.0),
    ("SUM(MMULT(A1:C3,A1:C3))", 729.0),
    ("SUM({1,2;3,4}*2)", 20.0),
    ("{5,6}", 5.0),
    ("COUNTBLANK(K:K)", 1048576.0),
    ("ROWS(A:A)", 1048576.0),
    # operators of references
    ("SUM(A1:B2 B1:C3)", 7.0),
    ("A1:B1 B2:C2", NULL),
    ("SUM((A1,B2:C3))", 29.0),
    ("AREAS((A1,B2:C3))", 2.0),
    ("SUM(A1:INDEX(A1:A3,2))", 5.0),
    ("SUM(INDEX(A1:C1,2):C2)", 16.0),
    ("SUM(B2:A1:C1)", 21.0),
    ("A1:INDEX(A1:A3,9)", REF),
    # IF and its kin
    ("IF(A1=1,B1,1/0)", 2.0),
    ("IF(A1=2,1/0,B1)", 2.0),
    ("IF(A1=2,5)", False),
    ("IF(A1,,5)", 0.0),
    ('IF("x",1,2)', VALUE),
    ('IF("true",1,2)', 1.0),
    ("IF(1/0,1,2)", DIV0),
    ("SUM(IF(A1=1,A1:A3,B1:B3))", 12.0),
    ("IFERROR(1/0,7)", 7.0),
    ("IFERROR(A1,1/0)", 1.0),
    ("IFNA(1/0,7)", DIV0),
    ("IFNA(#N/A,7)", 7.0),
    ("IFERROR(1/0,)", 0.0),
    ("IFS(A1>1,1,A1>0,2)", 2.0),
    ("IFS(A1>1,1)", NA),
    ('SWITCH(A2,1,"one",4,"four")', "four"),
    ("SWITCH(A2,1,2,3)", 3.0),
    ("SWITCH(A2,1,2)", NA),
    ("CHOOSE(2,A1,B1,1/0)", 2.0),
    ("CHOOSE(2.9,1,2,3)", 2.0),
    ("CHOOSE(0,1)", VALUE),
    ("CHOOSE(4,1,2,3)", VALUE),
    ("SUM(CHOOSE(2,A1:A3,B1:B3))", 15.0),
    ("CHOOSE(E1,1,2)", VALUE),
    # INDEX, OFFSET, INDIRECT
    ("INDEX(A1:C3,2,3)", 6.0),
    ("SUM(INDEX(A1:C3,0,2))", 15.0),
    ("SUM(INDEX(A1:C3,2,0))", 15.0),
    ("INDEX(A1:C1,3)", 3.0),
    ("SUM(INDEX(A1:C3,2))", 15.0),
    ("INDEX(A1:C3,4,1)", REF),
    ("INDEX(A1:C3,-1,1)", VALUE),
    ("INDEX({1,2;3,4},2,1)", 3.0),
    ("INDEX((A1:A3,B1:B3),2,1,2)", 5.0),
    ("INDEX((A1:A3,B1:B3),2,1,3)", REF),
    ("INDEX(A1:A3*B1:B3,3)", 56.0),
    ("ISREF(INDEX(A1:C3,1,1))", True),
    ("SUM(OFFSET(A1,1,1,2,2))", 28.0),
    ("OFFSET(A1,-1,0)", REF),
    ("SUM(OFFSET(C3,0,0,-2,-2))", 28.0),
    ("OFFSET(C3,-1.9,-1.9)", 5.0),
    ("SUM(OFFSET(A1,0,0,2,0.9))", 5.0),
    ("SUM(OFFSET(A1,0,0,0,1))", REF),
    ("OFFSET(5,0,0)", VALUE),
    ('INDIRECT("A"&2)', 4.0),
    ('SUM(INDIRECT("tens"))', 60.0),
    ("INDIRECT(\"'My sheet'!A3\")", 30.0),
    ('INDIRECT("nothing at all")', REF),
    ('SUM(INDIRECT("B:B"))', 15.0),
    # where cells lie
    ("ROW()", 2.0),
    ("COLUMN()", 8.0),
    ("ROW(C3)", 3.0),
    ("COLUMN(B:C)", 2.0),
    ("ROWS(A1:C2)", 2.0),
    ("COLUMNS({1,2,3})", 3.0),
    ("ROWS(1/0)", DIV0),
    ("ROW(5)", VALUE),
    ("SUM(ROW(A1:A4))", 10.0),
    ("ISREF(A1)", True),
    ("ISREF(5)", False),
    ("SHEET()", 1.0),
    ("SHEET(tens)", 2.0),
    ('SHEET("my SHEET")', 2.0),
    ('SHEET("x")', NA),
    ("SHEETS()", 2.0),
    ("ISFORMULA(A1)", False),
    ("ISFORMULA(H2)", True),
    ("FORMULATEXT(H2)", "=FORMULATEXT(H2)"),
    ("FORMULATEXT(A1)", NA),
    ("SINGLE(A1:A3)", 4.0),
    ("ROW(H2)", 2.0),
]


@pytest.mark.parametrize(("text", "expected"), ORDINARY)
def test_ordinary_formula(text: str, expected: Any) -> None:
    found = value(text)
    assert type(found) is type(expected)
    assert found == (pytest.approx(expected, rel=1e-15) if isinstance(expected, float) else expected)


ARRAYS = [
    ("A1:C3*2", "K1:M3", [[2.0, 4.0, 6.0], [8.0, 10.0, 12.0], [14.0, 16.0, 18.0]]),
    ("A1:C1", "K1:M2", [[1.0, 2.0, 3.0]] * 2),
    ("A1:A2", "K1:M2", [[1.0] * 3, [4.0] * 3]),
    ("A1", "K1:L2", [[1.0, 1.0], [1.0, 1.0]]),
    ("A1:B2", "K1:M3", [[1.0, 2.0, NA], [4.0, 5.0, NA], [NA, NA, NA]]),
    ("A1:C3", "K1:L2", [[1.0, 2.0], [4.0, 5.0]]),
    ("A1:A3+A1:C1", "K1:M3", [[2.0, 3.0, 4.0], [5.0, 6.0, 7.0], [8.0, 9.0, 10.0]]),
    ("A1:B1+A1:C1", "K1:M1", [[2.0, 4.0, NA]]),
    ("MMULT(A1:C1,TRANSPOSE(A2:C3))", "K1:L1", [[32.0, 50.0]]),
    ("IF(A1:C1>1,A2:C2,0)", "K1:M1", [[0.0, 5.0, 6.0]]),
    ("IF(A1:C1>1,A1:A2)", "K1:M2", [[False, 1.0, 1.0], [False, 4.0, 4.0]]),
    ("IFERROR(1/(A1:C1-2),-1)", "K1:M1", [[-1.0, -1.0, 1.0]]),
    ("CHOOSE({1,2,1},A1,B1:B3)", "K1:M2", [[1.0, 2.0, 1.0], [1.0, 5.0, 1.0]]),
    ("SUM(A1:A3*B1:B3)", "K1:K1", [[78.0]]),
    ("ROW()", "K2:K3", [[2.0], [3.0]]),
    ("COLUMN(A1:C1)", "K1:M1", [[1.0, 2.0, 3.0]]),
    ("INDEX(A1:C3,{3;1},2)", "K1:K2", [[8.0], [2.0]]),
    ("E1:E4", "K1:K4", [["text"], [True], ["7"], [0.0]]),
    ("A1:A3=4", "K1:K3", [[False], [True], [False]]),
    ("SINGLE(A1:A3)", "K2:K2", [[4.0]]),
]


@pytest.mark.parametrize(("text", "where", "expected"), ARRAYS)
def test_array_formula(text: str, where: str, expected: Any) -> None:
    found = value(text, where, array=True)
    assert exact(found) == exact(expected)


def test_relative_names_move_with_the_formula() -> None:
    book = example()
    book.names["above"] = "S!A1048576"  # one row up, as seen from A1
    for cell in ("H2", "H3", "I3"):
        book.sheets["S"].put_formula(parse_a1(cell), "above")
    book.sheets["S"].grid[1, 8] = 5.0
    book.sheets["S"].grid[2, 9] = 6.0
    recalculate(book)
    assert [book.sheets["S"].grid[cell] for cell in ((2, 8), (3, 8), (3, 9))] == [5.0, 5.0, 6.0]


LOCAL: dict[str, dict[str, Value]] = {
    "One": {"here+0": 1.0, "'Two words'!here*10": 20.0, "Three!here": 3.0, "Here&twice": "16", "alone": NAME},
    "Two words": {"here+0": 2.0, "One!here": 1.0, "alone": 2.0, 'INDIRECT("here")': 2.0},
    "Three": {"here+0": 3.0, "'Two words'!Alone": 2.0, 'INDIRECT("One!here")': 1.0, "SUM(here,One!here)": 4.0},
}


def local_names() -> Book:
    """A name of the workbook, and names of two sheets that are spelled like it."""
    book = Book()
    for number, name in enumerate(("One", "Two words", "Three"), 1):
        book.add(name).put(at(1, 1), float(number))
    book.names |= {
        "here": "Three!$A$1",
        "One!here": "One!$A$1",
        "'Two words'!HERE": "'Two words'!$A$1",
        "'Two words'!alone": "'Two words'!$A$1",
        "twice": "Three!$A$1*2",
    }
    for name, texts in LOCAL.items():
        for row, text in enumerate(texts, 3):
            book.sheets[name].put_formula(at(row, 1), text)
    return book


def test_a_name_of_a_sheet_goes_before_one_of_the_workbook() -> None:
    book = local_names()
    recalculate(book)
    for name, texts in LOCAL.items():
        for row, (text, expected) in enumerate(texts.items(), 3):
            assert exact(book.sheets[name].grid[row, 1]) == exact(expected), f"{name}: {text}"


def test_formulas_of_one_shape_with_different_results_split_their_batch() -> None:
    book = Book()
    sheet = book.add("S")
    sheet.put(Rect(1, 1, 6, 1), np.array([[1.0], [0.0], [2.0], [0.0], [-1.0], [9.0]]))
    for row in range(1, 7):
        sheet.put_formula(at(row, 2), f"IF(A{row}>0,SUM(OFFSET(A{row},0,0,A{row},1)),1/A{row})")
        sheet.put_formula(at(row, 3), f"CHOOSE(A{row}+1,10,20)")
        sheet.put_formula(at(row, 4), f"INDEX($A$1:$B$6,A{row},1)")
    recalculate(book)
    shown = sheet.grid.read(Rect(1, 2, 6, 4)).tolist()
    assert [row[0] for row in shown] == [1.0, DIV0, 2.0, DIV0, -1.0, 9.0]
    assert [row[1] for row in shown] == [20.0, 10.0, VALUE, 10.0, VALUE, VALUE]
    assert [row[2] for row in shown] == [1.0, 0.0, 0.0, 0.0, VALUE, REF]  # 0: all rows, so its own

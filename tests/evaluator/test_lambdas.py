"""LET, LAMBDA and the functions that take one, against values of Microsoft's documentation or worked out by hand."""

from __future__ import annotations

from math import factorial

import pytest

from sheetgpt.book.address import Rect, parse_a1
from sheetgpt.book.book import Book, Formula
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import FormulaSyntaxError, UnsupportedFunctionError
from sheetgpt.evaluator import Calculator, recalculate

CALC, VALUE, NAME, NUM, NA, DIV0 = map(ErrorValue, ("#CALC!", "#VALUE!", "#NAME?", "#NUM!", "#N/A", "#DIV/0!"))

NAMES = {
    "Factorial": "_xlfn.LAMBDA(_xlpm.n,IF(_xlpm.n<2,1,_xlpm.n*Factorial(_xlpm.n-1)))",
    "IsEven2": "LAMBDA(n,IF(n=0,TRUE,IsOdd2(n-1)))",
    "IsOdd2": "LAMBDA(n,IF(n=0,FALSE,IsEven2(n-1)))",
    "Endless": "LAMBDA(n,1+Endless(n+1))",
    "Rate": "S!$B$1",
    "Plus": "LAMBDA(x,x+Rate)",
    "Again": "Plus",
    "Depth": "LAMBDA(n,IF(n=0,0,1+Depth(n-1)))",
    "Backwards": 'LAMBDA(t,IF(LEN(t)=0,"",Backwards(MID(t,2,99))&LEFT(t)))',
    "Curried": "LET(k,10,LAMBDA(x,x*k))",
    "Left": "S!A1048576",  # the cell above, as seen from A1
}

# B1:B5 hold 10 to 50; C1:C3 are 1, C4:C5 0; D1:D3 hold "Fri", TRUE and nothing.
CASES: dict[str, Value | list[Value]] = {
    # LET
    "_xlfn.LET(_xlpm.x,5,SUM(_xlpm.x,1))": 6,  # Microsoft, LET
    "LET(x,B1,y,x+1,x*y)": 110,
    "LET(x,1,x+1)+LET(x,2,x+1)": 5,
    "LET(x,1,LET(x,x+1,x*10)+x)": 21,
    "LET(Rate,5,Rate+1)+Rate": 16,
    "LET(X,2,x*x)": 4,
    "LET(r,B1:B3,SUM(OFFSET(r,1,0)))": 90,
    "LET(r,B1,SUM(r:B3))": 60,
    "LET(r,B1:B3,s,B2:B5,SUM(r s))": 50,
    "LET(r,B1:B3,ROWS(r)+COUNT(r))": 6,
    "LET(r,B1:B2,r*2)": [20, 40],
    "LET(x,1,y)": NAME,
    "LET(x,1/0,IFERROR(x,7))": 7,
    "LET(f,SUM,f(B1:B3))": NAME,  # without the prefix _xleta. it is a name that is not defined
    "LET(f,_xleta.SUM,f(B1:B3))": 60,
    "LET(sum,SUM(B1:B3),SUM(sum,1))": 61,  # a name that a function has too
    "_xlfn.LET(_xlpm.sum,_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1),_xlpm.sum(SUM(B1:B3)))": 61,
    "_xlfn.LET(_xlpm.Max,_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1),_xlpm.max(MAX(B1:B3)))": 31,
    "_xlpm.f(2)": NAME,
    # LAMBDA
    "LAMBDA(x,y,x+y)(3,4)": 7,
    "_xlfn.LAMBDA(_xlpm.a,_xlop.b,IF(_xlfn.ISOMITTED(_xlpm.b),_xlpm.a,_xlpm.b))(1)": 1,
    "LAMBDA(a,[b],IF(ISOMITTED(b),a,b))(1,2)": 2,
    'LAMBDA(a,b,IF(ISOMITTED(b),"none",a+b))(1,)': "none",
    "LAMBDA(a,_xlop.b,a+b)(1)": 1,
    "LAMBDA(x,x)": CALC,
    "LAMBDA(x,y,x)(1)": VALUE,
    "LAMBDA(x,x)(1,2)": VALUE,
    "LAMBDA(5)()": 5,
    "LAMBDA(x,x*2)({1,2,3})": [2, 4, 6],
    "LAMBDA(r,ROW(r))(B4)": 4,
    "LAMBDA(r,SUM(r))((B1:B2,B5))": 80,
    "SUM(LAMBDA(r,r)(B1:B3))": 60,
    "LET(f,LAMBDA(x,x+1),f(f(1)))": 3,
    "LET(add,LAMBDA(x,LAMBDA(y,x+y)),add(1)(2))": 3,
    "LET(k,3,f,LAMBDA(x,x*k),k,100,f(2))": 6,  # names are found where the function stands
    "LET(g,LAMBDA(f,f(3)),g(LAMBDA(x,x*x)))": 9,
    "IF(TRUE,LAMBDA(x,x+1),LAMBDA(x,x-1))(5)": 6,
    "ERROR.TYPE(LAMBDA(x,x))": 14,
    "LAMBDA(x,x)(1/0)": DIV0,
    # Functions of the book
    "Factorial(5)": 120,
    "MAP({1,2,3;4,5,6},LAMBDA(n,Factorial(n)))": [1, 2, 6, 24, 120, 720],
    "MAP({1,2,3},Factorial)": [1, 2, 6],
    "IsEven2(10)": True,
    "IsEven2(7)": False,
    "Plus(1)+Again(2)": 23,
    "S!Plus(1)": 11,
    "Depth(2000)": 2000,
    'Backwards("hello")': "olleh",
    "Curried(4)": 40,
    "Endless(1)": NUM,
    "IFERROR(Endless(1),7)": 7,
    "Plus": CALC,
    "Plus(1,2)": VALUE,
    # MAP
    "MAP(B1:B3,LAMBDA(x,x*2))": [20, 40, 60],
    "MAP(B1:B3,C1:C3,LAMBDA(a,b,a+b))": [11, 21, 31],
    "MAP(B1:B5,C1:C5,LAMBDA(a,b,IF(b>0,a,-a)))": [10, 20, 30, -40, -50],
    "MAP(B1:B3,LAMBDA(x,ROW(x)))": [1, 2, 3],
    "MAP(B1:B3,LAMBDA(x,SUM(B1:x)))": [10, 30, 60],
    "MAP(D1:D3,LAMBDA(x,ISBLANK(x)))": [False, False, True],
    "MAP(D1:D2,LAMBDA(x,x))": ["Fri", True],
    "MAP({1;2},{5;6;7},LAMBDA(a,b,b-a))": [4, 4, NA],
    "MAP(B1:B3,LAMBDA(x,10/(x-20)))": [-1, DIV0, 1],
    "MAP(B1:B3,LAMBDA(x,SEQUENCE(2)))": CALC,
    "MAP(B1:B3,LAMBDA(x,B1:B2))": CALC,
    "MAP(B1:B3,LAMBDA(a,b,a))": VALUE,
    "MAP(B1:B3,5)": VALUE,
    "MAP(B1:B3,LAMBDA(x,SUM(MAP(B1:B3,LAMBDA(y,x*y)))))": [600, 1200, 1800],
    "MAP({1,2,3},LAMBDA(n,SUM(SEQUENCE(n))))": [1, 3, 6],
    'MAP(B1:B3,LAMBDA(x,IF(x>15,"big",x)))': [10, "big", "big"],
    'MAP(B1:B2,LAMBDA(x,INDIRECT("B"&ROW(x)+1)))': [20, 30],
    "MAP(1/0,LAMBDA(x,IFERROR(x,3)))": 3,
    # BYROW, BYCOL, MAKEARRAY
    "BYROW(B1:C3,LAMBDA(r,SUM(r)))": [11, 21, 31],
    "BYROW(B1:C3,_xleta.MAX)": [10, 20, 30],
    "BYROW(B1:C3,SUM)": [11, 21, 31],
    "BYCOL(B1:C3,LAMBDA(c,SUM(c)))": [60, 3],
    "BYCOL({1,2;3,4},LAMBDA(c,PRODUCT(c)))": [3, 8],
    "BYROW({1,2;3,4},LAMBDA(r,PRODUCT(r)))": [2, 12],
    "BYROW(B1:C3,LAMBDA(r,ROW(r)*COLUMNS(r)))": [2, 4, 6],
    "BYROW(B1:C3,LAMBDA(r,r))": CALC,
    "MAKEARRAY(2,3,LAMBDA(r,c,r*10+c))": [11, 12, 13, 21, 22, 23],
    "MAKEARRAY(0,3,LAMBDA(r,c,r))": VALUE,
    'MAKEARRAY("a",3,LAMBDA(r,c,r))': VALUE,
    "MAKEARRAY(1/0,3,LAMBDA(r,c,r))": DIV0,
    "MAKEARRAY(1,2,LAMBDA(r,r))": VALUE,
    # REDUCE, SCAN
    "REDUCE(0,B1:B5,LAMBDA(a,x,a+x))": 150,
    "REDUCE(,B1:B3,LAMBDA(a,x,a&x))": "102030",
    "REDUCE(1,{1,2;3,4},LAMBDA(a,x,a*10+x))": 11234,
    "ROWS(REDUCE(0,B1:B3,LAMBDA(a,x,VSTACK(a,x))))": 4,
    "REDUCE(LAMBDA(x,x),{1,2,3},LAMBDA(f,k,LAMBDA(x,f(x)+k)))(10)": 16,
    "REDUCE(0,B1:B3,LAMBDA(a,a))": VALUE,
    "SCAN(1,{1,2,3;4,5,6},LAMBDA(a,b,a*b))": [1, 2, 6, 24, 120, 720],  # Microsoft, SCAN
    'SCAN("",{"a","b","c"},LAMBDA(a,b,a&b))': ["a", "ab", "abc"],  # Microsoft, SCAN
    "SCAN(,B1:B3,LAMBDA(a,x,a+x))": [10, 30, 60],
    "SCAN(0,B1:B3,LAMBDA(a,x,a+ROW(x)))": [1, 3, 6],
    "SCAN(0,B1:B3,LAMBDA(a,x,VSTACK(a,x)))": CALC,
    "SCAN(0,B1:B3,5)": VALUE,
    "SUM(SCAN(0,B1:B3,LAMBDA(a,x,a+x)))": 100,
}


def filled() -> Book:
    book = Book()
    sheet = book.add("S")
    for row in range(1, 6):
        sheet.grid[row, 2], sheet.grid[row, 3] = row * 10.0, float(row <= 3)
    sheet.grid[1, 4], sheet.grid[2, 4] = "Fri", True
    book.names.update(NAMES)
    return book


@pytest.fixture(scope="module")
def values() -> dict[str, list[Value]]:
    """What each formula comes to, all in one book."""
    book = filled()
    sheet = book.sheets["S"]
    places = {text: Rect(1 + 10 * k, 7, 1 + 10 * k, 7) for k, text in enumerate(CASES)}
    sheet.formulas = [Formula(rect, text, True, True) for text, rect in places.items()]
    recalculate(book)
    return {formula.text: sheet.grid.read(formula.rect).ravel().tolist() for formula in sheet.formulas}


@pytest.mark.parametrize("text", CASES)
def test_values(values: dict[str, list[Value]], text: str) -> None:
    found = CASES[text]
    right = found if isinstance(found, list) else [found]
    assert values[text] == right
    assert [type(value) is bool for value in values[text]] == [type(value) is bool for value in right]


def test_filled_down_in_one_batch() -> None:
    """Ordinary formulas with names and functions of their own are as many batches as others."""
    book = filled()
    sheet = book.sheets["S"]
    for row in range(1, 101):
        sheet.grid[row, 1] = float(row % 9)
        sheet.put_formula(Rect(row, 6, row, 6), f"LET(x,A{row}*2,IF(MOD(x,4)=0,x/2,x+1))")
        sheet.put_formula(Rect(row, 7, row, 7), f"Factorial(A{row})")
        sheet.put_formula(Rect(row, 8, row, 8), f"SUM(MAP(A{row}:B{row},LAMBDA(x,x+A{row})))")
    calculator = Calculator(book)
    calculator.recalculate()
    assert calculator.statistics.batches < 10
    for row in range(1, 101):
        a, b = row % 9, 10 * row if row <= 5 else 0
        x = 2 * a
        assert sheet.grid[row, 6] == (x / 2 if x % 4 == 0 else x + 1)
        assert sheet.grid[row, 7] == factorial(a)
        assert sheet.grid[row, 8] == 2 * a + (b + a)
    calculator.set("S!A7", 8.0)
    assert calculator.update() == 3
    assert sheet.grid[7, 7] == factorial(8)


def test_what_a_function_reads_is_calculated_before() -> None:
    book = filled()
    sheet = book.sheets["S"]
    book.names["FromSheet"] = "LAMBDA(x,x+S!$F$9)"
    for cell, text in {"F1": "FromSheet(1)", "F2": "SUM(MAP(F3:F4,LAMBDA(x,x+F9)))", "F3": "F9*2", "F4": "1"}.items():
        sheet.put_formula(parse_a1(cell), text)
    sheet.put_formula(parse_a1("F9"), "LET(f,LAMBDA(k,B1+k),f(1))")
    calculator = Calculator(book)
    calculator.recalculate()
    assert sheet.grid.read(parse_a1("F1:F4")).ravel().tolist() == [12, 11 + 22 + 11 + 1, 22, 1]
    calculator.set("S!B1", 100.0)
    calculator.update()
    assert sheet.grid.read(parse_a1("F1:F4")).ravel().tolist() == [102, 101 + 202 + 101 + 1, 202, 1]


def test_each_element_draws_for_itself() -> None:
    book = filled()
    sheet = book.sheets["S"]
    sheet.formulas = [Formula(parse_a1("G1"), "MAP(B1:B5,LAMBDA(x,RAND()))", True, True)]
    sheet.formulas += [Formula(parse_a1("H1"), "MAKEARRAY(20,1,LAMBDA(r,c,RANDBETWEEN(1,1000000)))", True, True)]
    recalculate(book)
    for cells in ("G1:G5", "H1:H20"):
        drawn = sheet.grid.read(parse_a1(cells)).ravel().tolist()
        assert len(set(drawn)) == len(drawn)


def test_relative_references_in_functions_of_the_book() -> None:
    book = filled()
    book.names["FromLeft"] = "LAMBDA(k,S!A1+k)"  # as seen from A1: the cell itself, so as seen from F2 it is F2
    book.names["TwoLeft"] = "LAMBDA(k,S!XFC1+k)"  # two to the left
    sheet = book.sheets["S"]
    sheet.put_formula(parse_a1("D4"), "TwoLeft(1)")
    sheet.put_formula(parse_a1("D5"), "TwoLeft(1)")
    recalculate(book)
    assert sheet.grid.read(parse_a1("D4:D5")).ravel().tolist() == [41, 51]


@pytest.mark.parametrize("text", ["LET(A1,1,A1)", "LET(x,1)", "LET(x,1,y,2)", "LAMBDA(5,x)", "LAMBDA()", "ISOMITTED()"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    book = filled()
    book.sheets["S"].put_formula(parse_a1("G1"), text)
    with pytest.raises(FormulaSyntaxError):
        Calculator(book)


def test_functions_that_nobody_knows_are_named() -> None:
    book = filled()
    book.sheets["S"].put_formula(parse_a1("G1"), "LET(x,1,NOSUCH(x))")
    with pytest.raises(UnsupportedFunctionError, match="NOSUCH in S!G1"):
        Calculator(book)

"""What the formula bar of Excel shows of what files hold; the pairs are those of Excel (its help on "_xlfn.")."""

from __future__ import annotations

import pytest

from sheetgpt.book.address import at
from sheetgpt.book.book import Book, Formula
from sheetgpt.evaluator import recalculate
from sheetgpt.formula.formula_bar import shown

PAIRS = {
    "SUM(A1:A3)": "SUM(A1:A3)",
    "_xlfn.STDEV.S(A1:A3)": "STDEV.S(A1:A3)",
    "_xlfn._xlws.SORT(_xlfn.UNIQUE(B2:B9),,-1)": "SORT(UNIQUE(B2:B9),,-1)",
    "_xlfn.LET(_xlpm.x,A1,_xlpm.x*2)": "LET(x,A1,x*2)",
    "_xlfn.LAMBDA(_xlpm.a,_xlop.b,_xlpm.a)(1)": "LAMBDA(a,b,a)(1)",
    "SUM(_xlfn.ANCHORARRAY(A1))": "SUM(A1#)",
    "SUM(_xlfn.ANCHORARRAY('It''s a sheet'!$A$1),1)": "SUM('It''s a sheet'!$A$1#,1)",
    "_xlfn.ANCHORARRAY(Names.of_cells)": "Names.of_cells#",
    "_xlfn.SINGLE(A1:A9)*2": "@A1:A9*2",
    "_xlfn.SINGLE(Sheet2!B:B)": "@Sheet2!B:B",
    '"_xlfn.SORT("&_xlfn.CONCAT(A1)&"""_xlpm."': '"_xlfn.SORT("&CONCAT(A1)&"""_xlpm."',
    "'_xlfn.'!A1+_xlfn.DAYS(A1,A2)": "'_xlfn.'!A1+DAYS(A1,A2)",
    "Sales[_xlfn.Net]+_xlfn.DAYS(A1,A2)": "Sales[_xlfn.Net]+DAYS(A1,A2)",
    "my_xlfn.x+1": "my_xlfn.x+1",
    "Sales[[#This Row],[Net]]*Sales[[#This Row],[Unit price]]": "[@Net]*[@[Unit price]]",
    "SUM(sales[[#this row],[A]:[C]])": "SUM([@[A]:[C]])",
    "Other[[#This Row],[Net]]+Other[[#Headers],[Net]]": "Other[@Net]+Other[[#Headers],[Net]]",
    "ROWS(Sales[#This Row])+ROWS(Sales[[#This Row]])": "ROWS(Sales[#This Row])+ROWS([@])",
    "[1]Sheet1!A1+Sales[[#This Row],[It's]]": "[1]Sheet1!A1+[@[It's]]",
    '"Sales[[#This Row],[Net]]"&A1': '"Sales[[#This Row],[Net]]"&A1',
}


@pytest.mark.parametrize("text", PAIRS)
def test_the_formula_bar_shows(text: str) -> None:
    assert shown(text, ["Sales"]) == PAIRS[text]


def test_formulatext_gives_what_the_formula_bar_shows() -> None:
    book = Book()
    sheet = book.add("Sheet1")
    sheet.formulas = [
        Formula(at(1, 1), '_xlfn.CONCAT(B1,"_xlfn.")'),
        Formula(at(1, 3), "_xlfn.FORMULATEXT(A1)"),
    ]
    recalculate(book)
    assert sheet.grid[1, 3] == '=CONCAT(B1,"_xlfn.")'

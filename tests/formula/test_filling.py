"""Formulas filled into other cells: what moves, and what only looks as if it did."""

from __future__ import annotations

import pytest
from openpyxl.formula.translate import Translator

from sheetgpt.formula.filling import Filling

# From B2 to C4: one column to the right, two rows down.
MOVED = [
    ("A1", "B3"),
    ("$A1+A$1+$A$1", "$A3+B$1+$A$1"),
    ("a1:b$2", "B3:C$2"),
    ("SUM(A1:INDEX(A:A,4))", "SUM(B3:INDEX(B:B,4))"),
    ("INDEX(A1:A9,1):INDEX($B:$B,B2)", "INDEX(B3:B11,1):INDEX($B:$B,C4)"),
    ("A:$C+1:1+$2:3", "B:$C+3:3+$2:5"),
    ("YTD2024+tax+_A1+A1_+B.1", "YTD2024+tax+_A1+A1_+B.1"),  # names; there is no column YTD
    ("LOG10(A1)+ATAN2(B1,2)+DEC2BIN(A1)+LOG10 (A1)", "LOG10(B3)+ATAN2(C3,2)+DEC2BIN(B3)+LOG10 (B3)"),
    ('"A1 ▢"&A1&"""A1"', '"A1 ▢"&B3&"""A1"'),
    ("'A1'!A1+'it''s A1'!$A1+Q1!A1", "'A1'!B3+'it''s A1'!$A3+Q1!B3"),
    ("'A1:B2'!C3+a:b!A$1", "'A1:B2'!D5+a:b!B$1"),
    ("T[[#This Row],[A1]]*T[A1]+[@A1]+A1", "T[[#This Row],[A1]]*T[A1]+[@A1]+B3"),
    ("#REF!A1+Sheet1!#REF!+#REF!+A1#", "#REF!A1+Sheet1!#REF!+#REF!+B3#"),
    ("(A1,B1:B2) A1:C3", "(B3,C3:C4) B3:D5"),
    ("{1,2}*1E3+A1%", "{1,2}*1E3+B3%"),
    ("XFD1+A1048575+XFD:XFD+$XFD1", "#REF!+#REF!+#REF!+$XFD3"),  # beyond the edges
    ("Data!XFC1:XFD1", "Data!#REF!"),
    (" A1 + \n B1 ", " B3 + \n C3 "),
]


@pytest.mark.parametrize(("text", "moved"), MOVED)
def test_right_and_down(text: str, moved: str) -> None:
    found = Filling(text, 2, 2).at(4, 3)
    assert found.upper() == moved.upper()
    assert Filling(text, 2, 2).at(2, 2).upper() == text.upper()


def test_up_and_left_out_of_the_sheet() -> None:
    filling = Filling("A2+Data!$B1+$A2+1:2+B:C", 5, 5)
    assert filling.at(4, 5) == "A1+Data!#REF!+$A1+#REF!+B:C"
    assert filling.at(5, 4) == "#REF!+Data!$B1+$A2+1:2+A:B"


@pytest.mark.parametrize("text", ["A1+B$2*$C3", "SUM(A1:B2,$A$1:C$9)", "'a b'!A1&Data!$B2", 'IF(A1="B2",C3,1)'])
def test_as_openpyxl_moves_what_it_moves_rightly(text: str) -> None:
    expected = Translator("=" + text, "D7").translate_formula("F19")[1:]
    assert Filling(text, 7, 4).at(19, 6) == expected


def test_a_formula_that_is_none_stays_as_it_is() -> None:
    assert Filling('A1&"', 1, 1).at(2, 2) == 'A1&"'

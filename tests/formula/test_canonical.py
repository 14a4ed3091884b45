"""What formulas mean: which texts are one formula, and which are not."""

from __future__ import annotations

import pytest

from sheetgpt.formula.canonical import mean_the_same, meaning, plain_cells, plain_text, relative_meaning

SAME = [
    ("IF(A1>0,TRUE,FALSE)", "if( a1 > 0 , TRUE(), False() )"),
    ("'Data'!A1+1", "DATA!A1 + 1"),
    ("Sheet1!A1*2", "A1*2"),  # on Sheet1
    ("1E+20*A1", "100000000000000000000*A1"),
    ("0.50", ".5"),
    ("_xlfn.STDEV.S(A1:A1)", "STDEV.S(A1)"),
    ("_xlfn.LET(_xlpm.x,1,_xlpm.x+1)", "LET(x,1,X+1)"),
    ("SUM(B2:A1)", "SUM((A1:B2))"),
    ("SUM(B1:A$2)", "SUM(A1:B$2)"),
    ("+A1+B1", "A1+B1"),
    ("+A1", "A1"),
    ("A1*+B1", "A1*B1"),
    ("SUM(A:A)", "SUM(A1:A1048576)"),
    ("SUM(1:1)", "SUM(A1:XFD1)"),
    ("(A1*2)+1", "A1*2+1"),
    ("A1 : B2", "A1:B2"),
    ("T[Amount]", "t[amount]"),
    ("Rate*2", "RATE*2"),
    ("A1\n +2", "A1+2"),
    ("IF(A1,,2)", "IF( A1 , , 2 )"),
]
OTHER = [
    ("$A$1", "A1"),
    ('"a"', '"A"'),
    ('"a b"', '"ab"'),
    ("A1:A2", "A1:A3"),
    ("-A1^2", "-(A1^2)"),  # Excel's sign binds tighter
    ("SUM(+A1)", "SUM(A1)"),  # TRUE in A1 counts with a plus
    ("+A1&B1", "-A1&B1"),
    ("1", '"1"'),
    ("TRUE", '"TRUE"'),
    ("A1-(B1-C1)", "A1-B1-C1"),
    ("SUM((A1,B1))", "SUM(A1,B1)"),
    ("Other!A1", "A1"),
    ("#N/A", "#REF!"),
    ("@A1:A3", "A1:A3"),
    ("IF(A1,,2)", "IF(A1,2)"),
    ("{1,2}", "{1;2}"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_the_same_formula(a: str, b: str) -> None:
    assert meaning(a, "Sheet1") == meaning(b, "sheet1")
    assert mean_the_same(a, b, "Sheet1")
    assert plain_text(a, "Sheet1") == plain_text(b, "Sheet1")


@pytest.mark.parametrize(("a", "b"), OTHER)
def test_another_formula(a: str, b: str) -> None:
    assert meaning(a, "Sheet1") != meaning(b, "Sheet1")
    assert not mean_the_same(a, b, "Sheet1")


@pytest.mark.parametrize("text", [a for pair in SAME + OTHER for a in pair])
def test_the_plain_text_means_the_same(text: str) -> None:
    assert meaning(plain_text(text, "Sheet1"), "Sheet1") == meaning(text, "Sheet1")


def test_what_is_no_formula_is_its_text() -> None:
    assert meaning("SUM(A1") == ("SUM(A1", ())
    assert meaning("'[1]Sheet 1'!A1 '") != meaning("'[1]Sheet 2'!A1 '")


def test_filled_formulas_are_alike_as_seen_from_their_cells() -> None:
    one, other = (relative_meaning(f"A{row}*$B$1+SUM(C:C)+A$2", "S", (row, 3)) for row in (2, 3))
    assert one == other
    assert one != relative_meaning("A4*$B$1+SUM(C:C)+A$2", "S", (3, 3))


@pytest.mark.parametrize(
    ("cells", "seen"),
    [("A1:$B$2", "C[-1]R[-1]:$B$2"), ("A:A", "C[-1]:C[-1]"), ("1:$3", "R[-1]:$3"), ("b2", "C[0]R[0]")],
)
def test_cells_seen_from_b2(cells: str, seen: str) -> None:
    assert plain_cells(cells, (2, 2)) == seen


def test_a_long_chain() -> None:
    assert meaning("+".join(["A1"] * 2000)) == meaning(" + ".join(["a1"] * 2000))

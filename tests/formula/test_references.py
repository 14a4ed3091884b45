"""References other than A1:B2: parts of tables, several sheets, A1#, deleted cells; calls of what names hold."""

from __future__ import annotations

import pytest

from sheetgpt.book.address import Rect
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.evaluator.compile.known import known_functions
from sheetgpt.formula import (
    Apply,
    Array,
    Binary,
    Boolean,
    Call,
    Error,
    Name,
    Node,
    Number,
    Reference,
    Reference3D,
    TableReference,
    Text,
    operand,
    parse,
)
from sheetgpt.formula.function_names import is_function

A1, B2 = (Reference(None, cell, Rect(1, 1, 1, 1)) for cell in ("A1", "B2"))
REF = Error(ErrorValue.REF)
ONE, TWO, X = Number(1.0), Number(2.0), Name("x")
ROW = "#This Row"

# Microsoft's page "Using structured references with Excel tables" has the forms; [@A] is [[#This Row],[A]] in files.
TABLES = [
    ("Sales[Amount]", TableReference("Sales", (), ("Amount",))),
    ("Sales[[Amount]]", TableReference("Sales", (), ("Amount",))),
    ("Sales[Sales Amount]", TableReference("Sales", (), ("Sales Amount",))),
    ("Sales[]", TableReference("Sales")),
    ("Sales[#All]", TableReference("Sales", ("#All",))),
    ("Sales[#ALL]", TableReference("Sales", ("#All",))),
    ("Sales[[#Headers],[% rate]]", TableReference("Sales", ("#Headers",), ("% rate",))),
    ("Sales[[#All],[a]:[b c]]", TableReference("Sales", ("#All",), ("a", "b c"))),
    ("Sales[ [#Headers], [#Data], [a]:[b] ]", TableReference("Sales", ("#Headers", "#Data"), ("a", "b"))),
    ("Sales[[a]:[b]]", TableReference("Sales", (), ("a", "b"))),
    ("Sales[[#This Row],[a]]", TableReference("Sales", (ROW,), ("a",))),
    ("Sales[@a]", TableReference("Sales", (ROW,), ("a",))),
    ("Sales[@[a b]]", TableReference("Sales", (ROW,), ("a b",))),
    ("Sales[@[a b]:[c]]", TableReference("Sales", (ROW,), ("a b", "c"))),
    ("Sales[@]", TableReference("Sales", (ROW,))),
    ("[@a]", TableReference("", (ROW,), ("a",))),
    ("[a]", TableReference("", (), ("a",))),
    ("Sales['[x'] '#1 it''s '@]", TableReference("Sales", (), ("[x] #1 it's @",))),
    ("Sales[[#This Row],['#]]", TableReference("Sales", (ROW,), ("#",))),
    ("Sales[two\nlines]", TableReference("Sales", (), ("two\nlines",))),
    ("Sales[a, b; (c)]", TableReference("Sales", (), ("a, b; (c)",))),
    ("Verkäufe[größe]", TableReference("Verkäufe", (), ("größe",))),
    ("売上[数量]", TableReference("売上", (), ("数量",))),
    ("ZZZ1[a]", TableReference("ZZZ1", (), ("a",))),  # no cell
    ("_x.y\\?[a]", TableReference("_x.y\\?", (), ("a",))),
    ("Sales[#REF!]", REF),
    ("#REF![a]", REF),
]
OTHERS = [
    ("Sheet1:Sheet3!A1", Reference3D("Sheet1", "Sheet3", "A1", Rect(1, 1, 1, 1))),
    ("'First:Last one'!A1:B2", Reference3D("First", "Last one", "A1:B2", Rect(1, 1, 2, 2))),
    ("'it''s:b'!$A:$B", Reference3D("it's", "b", "$A:$B", Rect(1, 1, 1, 2))),
    ("First:'Last one'!A1", Reference3D("First", "Last one", "A1", Rect(1, 1, 1, 1))),
    ("A1#", Call("ANCHORARRAY", (A1,))),
    ("_xlfn.ANCHORARRAY(A1)", Call("ANCHORARRAY", (A1,))),
    ("A1#:B2", Binary(":", Call("ANCHORARRAY", (A1,)), B2)),
    ("@A1", Call("SINGLE", (A1,))),
    ("_xlfn.SINGLE(A1)", Call("SINGLE", (A1,))),
    ("@f(A1)", Call("SINGLE", (Call("F", (A1,)),))),
    ("LAMBDA(x,x)(2)", Apply(Call("LAMBDA", (X, X)), (TWO,))),
    ("_xlfn.LAMBDA(_xlpm.x,_xlpm.x)(1)(2)", Apply(Apply(Call("LAMBDA", (X, X)), (ONE,)), (TWO,))),
    ("_xlfn.LAMBDA(_xlop.y,_xlpm.x)", Call("LAMBDA", (TableReference("", (), ("y",)), X))),
    ("_xlfn.LET(_xlpm.x,1,_xlpm.x(2))", Call("LET", (X, ONE, Apply(Name("x"), (TWO,))))),
    ("Sheet1!x(2)", Apply(Name("x", "Sheet1"), (TWO,))),
    ("x(2)", Call("X", (TWO,))),
    ("_xleta.SUM", Name("_xleta.SUM")),
    ("A1,B2", Binary(",", A1, B2)),
    ("SUM (A1)", Call("SUM", (A1,))),
    ("sum \n (A1)", Call("SUM", (A1,))),
    ("LOG10 (A1)", Call("LOG10", (A1,))),
    ("_xlfn.NEWER (A1)", Call("NEWER", (A1,))),
    ("x (A1)", Binary(" ", X, A1)),
    ("B2 (A1)", Binary(" ", B2, A1)),
    ("TRUE ()", Call("TRUE", ())),
    ('IF (A1=" (",1,2)', Call("IF", (Binary("=", A1, Text(" (")), ONE, TWO))),
    ("#REF!A1", REF),
    ("#REF!$A$1:B2", REF),
    ("#REF!x", REF),
    ("#REF!#REF!", REF),
    ("Sheet1!#REF!", REF),
    ("'a b'!#REF!", REF),
    ("SUM(#REF!,A1)", Call("SUM", (REF, A1))),
    ("#REF!:A1", Binary(":", REF, A1)),
    ("A1 #REF!", Binary(" ", A1, REF)),
    ("#NAME?+#NULL!", Binary("+", Error(ErrorValue.NAME), Error(ErrorValue.NULL))),
    ("A1 : B2", Reference(None, "A1:B2", Rect(1, 1, 2, 2))),
    ("हिंदी", Name("हिंदी")),  # its vowels are marks
    ("ราคา.รวม?", Name("ราคา.รวม?")),
    ("\\x.1?", Name("\\x.1?")),
    ("R1C1x", Name("R1C1x")),
    ("'R1C1'!A1", Reference("R1C1", "A1", Rect(1, 1, 1, 1))),
    ("'2020!x'!A1", Reference("2020!x", "A1", Rect(1, 1, 1, 1))),
    ("日本!A1", Reference("日本", "A1", Rect(1, 1, 1, 1))),
    ('{-1%,TRUE;#N/A,"a"}', Array(((Number(-0.01), Boolean(True)), (Error(ErrorValue.NA), Text("a"))))),
]


@pytest.mark.parametrize(("text", "tree"), TABLES + OTHERS)
def test_trees(text: str, tree: Node) -> None:
    found = parse(text)
    assert found == tree
    assert parse(str(found)) == found


def test_the_cells_of_a_range_of_sheets() -> None:
    found = operand("a:b!C3:$B$2")
    assert isinstance(found, Reference3D)
    assert found.rect == Rect(2, 2, 3, 3)


@pytest.mark.parametrize(
    "text", ["Sales[#Nothing]", "Sales[[a]x]", "Sales[[a],[b]]", "a:b!name", "1(2)", "{1}(2)", "(1,2)", "A1[x]y"]
)
def test_what_is_no_reference_is_a_mistake(text: str) -> None:
    with pytest.raises(FormulaSyntaxError, match="character"):
        parse(text)


def test_all_our_functions_are_known_as_functions() -> None:
    assert all(map(is_function, known_functions()))


@pytest.mark.parametrize(
    "text", ["(" * 4000 + "A1" + ")" * 4000, "+".join(["A1"] * 2700), "IF(A1>0,((" * 64 + "1" + ")),2)" * 64]
)
def test_long_and_deep(text: str) -> None:
    assert str(parse(str(parse(text)))) == str(parse(text))  # == of trees goes no deeper than Python does


def test_too_deep_is_a_mistake() -> None:
    with pytest.raises(FormulaSyntaxError, match="nested too deeply"):
        parse("-(" * 2500 + "A1" + ")" * 2500)

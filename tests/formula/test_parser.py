"""The grammar: what Excel makes of a formula's text, and that `str` of a tree parses back to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgpt.book.address import Rect, a1
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.formula import (
    Apply,
    Array,
    Binary,
    Boolean,
    Call,
    Error,
    Missing,
    Name,
    Number,
    Percent,
    Reference,
    Reference3D,
    Sign,
    TableReference,
    Text,
    cut,
    operand,
    parse,
)
from sheetgpt.formula.nodes import Node

ONE, TWO, THREE = Number(1.0), Number(2.0), Number(3.0)


def cells(text: str) -> Reference:
    node = operand(text)
    assert isinstance(node, Reference)
    return node


GROUPS = [
    ("-2^2", Binary("^", Sign("-", TWO), TWO)),
    ("2^3^2", Binary("^", Binary("^", TWO, THREE), TWO)),
    ("2^-3", Binary("^", TWO, Sign("-", THREE))),
    ("-2%", Percent(Sign("-", TWO))),
    ("2%^3", Binary("^", Percent(TWO), THREE)),
    ("2^3%", Binary("^", TWO, Percent(THREE))),
    ("2%%", Percent(Percent(TWO))),
    ("1-2-3", Binary("-", Binary("-", ONE, TWO), THREE)),
    ("1-(2-3)", Binary("-", ONE, Binary("-", TWO, THREE))),
    ("1+2*3", Binary("+", ONE, Binary("*", TWO, THREE))),
    ("1&2+3", Binary("&", ONE, Binary("+", TWO, THREE))),
    ("1=2&3", Binary("=", ONE, Binary("&", TWO, THREE))),
    ("1<2=3", Binary("=", Binary("<", ONE, TWO), THREE)),
    ("--1", Sign("-", Sign("-", ONE))),
    ("+1", Sign("+", ONE)),
    ("-A1:B2", Sign("-", cells("A1:B2"))),
    ("A1:B2 B1:C3", Binary(" ", cells("A1:B2"), cells("B1:C3"))),
    ("F((A1,B1 C1))", Call("F", (Binary(",", cells("A1"), Binary(" ", cells("B1"), cells("C1"))),))),
    ("A1:F(B1)", Binary(":", cells("A1"), Call("F", (cells("B1"),)))),
    ("(A1):B2", cells("A1:B2")),
    ("A1:B2:C3", Binary(":", cells("A1:B2"), cells("C3"))),
]


@pytest.mark.parametrize(("text", "tree"), GROUPS)
def test_operators_group_as_in_excel(text: str, tree: Node) -> None:
    assert parse(text) == tree


ATOMS = [
    ("1.5e3", Number(1500.0)),
    (".5", Number(0.5)),
    ("5.", Number(5.0)),
    ('"say ""hi"""', Text('say "hi"')),
    ('"A1+▢"', Text("A1+▢")),
    ("TRUE", Boolean(True)),
    ("false", Boolean(False)),
    ("#DIV/0!", Error(ErrorValue.DIV0)),
    ("Sheet1!#REF!", Error(ErrorValue.REF)),
    ("h.0.attn.c_attn.weight", Name("h.0.attn.c_attn.weight")),
    ("XFE1", Name("XFE1")),  # there is no column XFE
    ("A1048577", Name("A1048577")),
    ("truely", Name("truely")),
    ("Data!name", Name("name", "Data")),
    ("'It''s'!$A$1:B$2", Reference("It's", "$A$1:B$2", Rect(1, 1, 2, 2))),
    ("xfd1", Reference(None, "XFD1", Rect(1, 16384, 1, 16384))),
    ("C:$A", Reference(None, "C:$A", Rect(1, 1, 1_048_576, 3))),
    ("$2:1", Reference(None, "$2:1", Rect(1, 1, 2, 16384))),
    ('{1,-2;"a",#N/A}', Array(((ONE, Number(-2.0)), (Text("a"), Error(ErrorValue.NA))))),
    ("PI()", Call("PI", ())),
    ("LOG10(A1)", Call("LOG10", (cells("A1"),))),
    ("_xlfn.STDEV.S(A1)", Call("STDEV.S", (cells("A1"),))),
    ("_xlfn._xlws.FILTER(A1)", Call("FILTER", (cells("A1"),))),
    ("if(A1,,2)", Call("IF", (cells("A1"), Missing(), TWO))),
    ("F(,)", Call("F", (Missing(), Missing()))),
    (" 1 \n", ONE),
]


@pytest.mark.parametrize(("text", "tree"), ATOMS)
def test_atoms(text: str, tree: Node) -> None:
    assert parse(text) == tree
    if isinstance(tree, Reference):
        found = parse(text)
        assert isinstance(found, Reference)
        assert found.rect == tree.rect


@pytest.mark.parametrize("text", [text for text, _ in GROUPS + ATOMS])
def test_text_of_a_tree_parses_back(text: str) -> None:
    assert parse(str(parse(text))) == parse(text)


def test_white_space_stands_anywhere_but_only_between_references_it_means_something() -> None:
    assert parse("SUM( A1 , 2 )\n+ 3") == parse("SUM(A1,2)+3")
    assert parse("A1 (B1)") == Binary(" ", cells("A1"), cells("B1"))


MISTAKES = [
    ("1+", 4, "ends too early"),
    ("SUM(A1", 8, "ends too early"),
    ("A1+B1)", 7, "unexpected ')'"),
    ("1 2", 4, "unexpected '2'"),
    ("A1+wte.weight+*2", 16, "unexpected '*'"),
    ('A1&"abc', 5, "not closed"),
    ("▢+A1", 2, "unexpected '▢'"),
    ("{1,2;3}", 3, "different lengths"),
    ("{A1}", 3, "unexpected"),
    ("1:A1", 2, "a reference is expected"),
    ("1E400", 2, "too large"),
    ("1#", 3, "unexpected '#'"),
    ("$XFE$1", 2, "beyond row"),
    ("Table1[[#Totals]", 8, "is not closed"),
    ("Table1[#Nothing]", 2, "parts of a table"),
    ("Sheet1:Sheet3!name", 2, "several sheets"),
    ("'[1]Sheet1:Sheet3'!A1", 2, "other files"),
    ("", 2, "ends too early"),
]


@pytest.mark.parametrize(("text", "position", "what"), MISTAKES)
def test_mistakes_are_named_with_their_place(text: str, position: int, what: str) -> None:
    with pytest.raises(FormulaSyntaxError) as caught:
        parse(text)
    message = str(caught.value)
    if what not in (
        "beyond row",
        "other files",
        "several sheets",
        "parts of a table",
    ):  # those are about an operand as a whole
        assert f"={text}:" in message
    assert what in message
    assert f"at character {position}" in message


def test_cells_and_names_of_other_workbooks() -> None:
    for text, sheet in {
        "[1]Data!A1:B2": "[1]Data",
        "'[2]My sheet'!A1": "[2]My sheet",
        "'C:\\work\\[Price list.xlsx]Data'!$A$1": "[price list.xlsx]Data",
        "[1]!rate": "[1]",
        "[1]Data!rate": "[1]Data",
        "[0]!rate": None,
        "[0]Data!A1": "Data",
    }.items():
        node = parse(text)
        assert isinstance(node, Reference | Name)
        assert node.sheet == sheet
        assert parse(str(node)) == node


def test_cutting_leaves_strings_numbers_and_functions_in_the_skeleton() -> None:
    pieces = cut('IF(LOG10(A1)>1E5,"A1:B2 ""x""",wte.weight)&\'a b\'!C:D')
    assert pieces.skeleton == 'IF(LOG10(▢)>1E5,"A1:B2 ""x""",▢)&▢'
    assert pieces.operands == ("A1", "wte.weight", "'a b'!C:D")


def test_formulas_of_one_shape_share_their_skeleton() -> None:
    first = cut("MMULT(C14:BN14,h.0.attn.c_attn.weight)+h.0.attn.c_attn.bias")
    second = cut("MMULT(C15:BN15,h.11.attn.c_proj.weight)+h.11.attn.c_proj.bias")
    assert first.skeleton == second.skeleton == "MMULT(▢,▢)+▢"


def test_long_chains_and_deep_brackets_are_read() -> None:
    chain = "+".join(["A1"] * 2700)  # as many as fit into Excel's 8,192 characters
    assert str(parse(chain)) == chain
    assert parse("(" * 64 + "A1" + ")" * 64) == cells("A1")


numbers = st.floats(min_value=0, allow_nan=False, allow_infinity=False).map(Number)
texts = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8).map(Text)
constants = numbers | texts | st.booleans().map(Boolean) | st.sampled_from(ErrorValue).map(Error)
signed = constants | st.floats(max_value=0, allow_nan=False, allow_infinity=False).map(Number)
sheets = st.none() | st.sampled_from(["Sheet1", "My sheet", "It's", "h.0.ln_1.weight", "A1", "数"])
corner = st.tuples(st.integers(1, 1_048_576), st.integers(1, 16_384))


def rectangle(corners: tuple[tuple[int, int], tuple[int, int]]) -> Rect:
    (row_1, column_1), (row_2, column_2) = corners
    top, bottom = sorted((row_1, row_2))
    left, right = sorted((column_1, column_2))
    return Rect(top, left, bottom, right)


def _reference(sheet: str | None, rect: Rect, absolute: bool) -> Reference:
    return Reference(sheet, a1(rect, absolute), rect)


references = st.builds(_reference, sheets, st.tuples(corner, corner).map(rectangle), st.booleans())
names = st.builds(Name, st.sampled_from(["wte.weight", "h.0.ln_1.bias", "x_", "\\a", "été"]), sheets)
columns = st.text(st.sampled_from("aB1 #[]'@\n,:"), min_size=1, max_size=5)
parts = st.lists(st.sampled_from(["#All", "#Data", "#Headers", "#Totals", "#This Row"]), max_size=2).map(tuple)
tables = st.builds(
    TableReference, st.sampled_from(["", "Sales", "ZZZ1"]), parts, st.lists(columns, max_size=2).map(tuple)
)
sheet_ranges = st.builds(
    lambda first, last, rect: Reference3D(first, last, a1(rect), rect),
    sheets.filter(bool),
    sheets.filter(bool),
    st.tuples(corner, corner).map(rectangle),
)
arrays = st.integers(1, 3).flatmap(
    lambda width: st.lists(st.tuples(*[signed] * width), min_size=1, max_size=3).map(lambda rows: Array(tuple(rows)))
)
functions = st.sampled_from(["SUM", "STDEV.S", "LOG10", "INDEX"])


def _single(node: Node) -> bool:
    """Two single cells with a colon would be one reference."""
    return isinstance(node, Reference) and ":" not in node.cells


def _ranges(left: Node, right: Node) -> Binary:
    if _single(left) and _single(right) and isinstance(right, Reference) and right.sheet is None:
        right = Name("x_")
    return Binary(":", left, right)


@st.composite
def _joined(draw: st.DrawFn, depth: int = 2) -> Node:
    """References with operators between them."""
    kind = draw(st.sampled_from([None, None, ":", " ", ","])) if depth else None
    if kind is None:
        return draw(references | names | tables | sheet_ranges)
    left, right = draw(_joined(depth - 1)), draw(_joined(depth - 1))
    return _ranges(left, right) if kind == ":" else Binary(kind, left, right)


@st.composite
def _trees(draw: st.DrawFn, depth: int = 4) -> Node:
    """Formulas of any kind."""
    kind = draw(st.integers(0, 3 if depth else 0))
    if kind == 0:
        return draw(st.one_of(constants, _joined(), arrays))
    if kind == 1:
        return Binary(draw(operators), draw(_trees(depth - 1)), draw(_trees(depth - 1)))
    if kind == 2:
        operand = draw(_trees(depth - 1))
        signs: list[Node] = [Sign("-", operand), Sign("+", operand), Percent(operand)]
        return draw(st.sampled_from(signs))
    arguments = [Missing() if draw(st.booleans()) else draw(_trees(depth - 1)) for _ in range(draw(st.integers(0, 3)))]
    if draw(st.integers(0, 9)) == 0:
        return Apply(Call(draw(functions), (draw(names),)), tuple(arguments) if arguments != [Missing()] else ())
    return Call(draw(functions), tuple(arguments) if arguments != [Missing()] else ())


operators = st.sampled_from(["+", "-", "*", "/", "^", "&", "=", "<>", "<", "<=", ">", ">="])


@settings(max_examples=500, deadline=None)
@given(_trees())
def test_every_tree_is_written_so_that_it_parses_back(tree: Node) -> None:
    assert parse(str(tree)) == tree

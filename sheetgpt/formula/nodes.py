"""The nodes of a syntax tree. `str` of a tree is text that parses back to the same tree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from sheetgpt.book.address import Rect, quote_sheet
from sheetgpt.book.values import ErrorValue
from sheetgpt.formula.table_reference import TableReference

HOLE = "▢"  # stands for an operand in a skeleton; never part of a formula outside strings

# How tightly operators bind, loosest first. Excel's surprises: the sign binds tighter than ^ and %.
COMPARISON, CONCATENATION, ADDITION, MULTIPLICATION, POWER, PERCENT, SIGN, UNION, INTERSECTION, RANGE, ATOM = range(11)
BINARY = {
    "=": COMPARISON,
    "<>": COMPARISON,
    "<": COMPARISON,
    "<=": COMPARISON,
    ">": COMPARISON,
    ">=": COMPARISON,
    "&": CONCATENATION,
    "+": ADDITION,
    "-": ADDITION,
    "*": MULTIPLICATION,
    "/": MULTIPLICATION,
    "^": POWER,
    ",": UNION,
    " ": INTERSECTION,
    ":": RANGE,
}


@dataclass(frozen=True, slots=True)
class Number:
    """A number, finite; without a sign except in array constants."""

    value: float
    binds: ClassVar[int] = ATOM

    def __str__(self) -> str:
        return repr(self.value).removesuffix(".0").upper()


@dataclass(frozen=True, slots=True)
class Text:
    """A string in double quotes."""

    value: str
    binds: ClassVar[int] = ATOM

    def __str__(self) -> str:
        return '"' + self.value.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Boolean:
    """TRUE or FALSE."""

    value: bool
    binds: ClassVar[int] = ATOM

    def __str__(self) -> str:
        return "TRUE" if self.value else "FALSE"


@dataclass(frozen=True, slots=True)
class Error:
    """An error written out, such as #N/A."""

    value: ErrorValue
    binds: ClassVar[int] = ATOM

    def __str__(self) -> str:
        return str(self.value)


Constant = Number | Text | Boolean | Error


@dataclass(frozen=True, slots=True)
class Array:
    """An array constant: {1,2;3,4}; all rows are of one length."""

    rows: tuple[tuple[Constant, ...], ...]
    binds: ClassVar[int] = ATOM

    def __str__(self) -> str:
        return "{" + ";".join(",".join(map(str, row)) for row in self.rows) + "}"


@dataclass(frozen=True, slots=True)
class Reference:
    """Cells, as the formula writes them ("$A$1:B2", "A:A", "1:1"), maybe on another sheet."""

    sheet: str | None
    cells: str
    rect: Rect = field(compare=False, repr=False)

    @property
    def binds(self) -> int:
        """A range such as A1:B2 in one piece binds like the operator that it contains."""
        return RANGE if ":" in self.cells else ATOM

    def __str__(self) -> str:
        return self.cells if self.sheet is None else f"{quote_sheet(self.sheet)}!{self.cells}"


@dataclass(frozen=True, slots=True)
class Reference3D:
    """The same cells on each sheet from one to another: Sheet1:Sheet3!A1."""

    first: str
    last: str
    cells: str
    rect: Rect = field(compare=False, repr=False)
    binds: ClassVar[int] = RANGE  # like the operator that it may contain

    def __str__(self) -> str:
        first, last = (quote_sheet(sheet) for sheet in (self.first, self.last))
        if "'" in first + last:
            first, last = ("'" + self.first.replace("'", "''"), self.last.replace("'", "''") + "'")
        return f"{first}:{last}!{self.cells}"


@dataclass(frozen=True, slots=True)
class Name:
    """A defined name, maybe with a sheet before it."""

    name: str
    sheet: str | None = None
    binds: ClassVar[int] = ATOM

    def __str__(self) -> str:
        return self.name if self.sheet is None else f"{quote_sheet(self.sheet)}!{self.name}"


@dataclass(frozen=True, slots=True)
class Hole:
    """The place of an operand in a skeleton; they count from 0 in the order of the text."""

    index: int
    binds: ClassVar[int] = ATOM

    def __str__(self) -> str:
        return HOLE


@dataclass(frozen=True, slots=True)
class Missing:
    """An argument left empty, as the second one in IF(A1,,2)."""

    binds: ClassVar[int] = ATOM

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign before its operand: - or +."""

    sign: str
    operand: Node
    binds: ClassVar[int] = SIGN

    def __str__(self) -> str:
        return self.sign + _wrap(self.operand, SIGN)


@dataclass(frozen=True, slots=True)
class Percent:
    """The mark % behind its operand."""

    operand: Node
    binds: ClassVar[int] = PERCENT

    def __str__(self) -> str:
        return _wrap(self.operand, PERCENT) + "%"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands with an operator between them, one of `BINARY`; all group from the left."""

    operator: str
    left: Node
    right: Node

    @property
    def binds(self) -> int:
        """A union is always written in brackets, so it binds like an atom."""
        return ATOM if self.operator == "," else BINARY[self.operator]

    def __str__(self) -> str:
        node, steps = spine(self)
        text, binds, last = str(node), node.binds, ""
        for operator, right in steps:
            outer = BINARY[operator]
            text = f"({text})" if binds < outer or (operator == last == ":") else text
            text, binds, last = f"{text}{operator}{_right(operator, right)}", outer, operator
            if operator == ",":
                text, binds = f"({text})", ATOM
        return text


def _right(operator: str, operand: Node) -> str:
    """The text of a right operand; in brackets too where A1:Sheet2!B1 would read as a range of sheets."""
    if operator == ":" and (
        isinstance(operand, Reference3D) or (isinstance(operand, Reference | Name) and operand.sheet)
    ):
        return f"({operand})"
    return _wrap(operand, BINARY[operator] + 1)


@dataclass(frozen=True, slots=True)
class Call:
    """A function and its arguments; the name in upper case, without the prefix _xlfn. of files."""

    function: str
    arguments: tuple[Node, ...]
    binds: ClassVar[int] = ATOM

    def __str__(self) -> str:
        return f"{self.function}({','.join(_wrap(argument, COMPARISON) for argument in self.arguments)})"


@dataclass(frozen=True, slots=True)
class Apply:
    """A call of what an expression gives, such as LAMBDA(x,x+1)(2) or Sheet1!name(2)."""

    function: Node
    arguments: tuple[Node, ...]
    binds: ClassVar[int] = ATOM

    def __str__(self) -> str:
        plain = isinstance(self.function, Call | Apply) or (isinstance(self.function, Name) and self.function.sheet)
        called = str(self.function) if plain else f"({self.function})"
        return f"{called}({','.join(_wrap(argument, COMPARISON) for argument in self.arguments)})"


Operand = Reference | Reference3D | TableReference | Name
Node = Number | Text | Boolean | Error | Array | Operand | Hole | Missing | Sign | Percent | Binary | Call | Apply


def _wrap(node: Node, least: int) -> str:
    """The text of an operand, in brackets where it binds less tightly than needed."""
    return f"({node})" if node.binds < least else str(node)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes right below a node, from left to right."""
    if isinstance(node, Binary):
        return (node.left, node.right)
    if isinstance(node, Sign | Percent):
        return (node.operand,)
    if isinstance(node, Apply):
        return (node.function, *node.arguments)
    return node.arguments if isinstance(node, Call) else ()


def spine(tree: Node, until: frozenset[str] = frozenset()) -> tuple[Node, list[tuple[str, Node]]]:
    """A chain of binary nodes from its leftmost operand on: a+b*c-d -> a, [("+", b*c), ("-", d)].

    It ends before a node with an operator of `until`. A formula may join thousands of cells in one
    chain, more than Python's recursion can follow.
    """
    steps = []
    while isinstance(tree, Binary) and tree.operator not in until:
        steps.append((tree.operator, tree.right))
        tree = tree.left
    return tree, steps[::-1]

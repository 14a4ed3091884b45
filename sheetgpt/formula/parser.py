"""The grammar of formulas, and the parser.

    formula      = comparison { "," comparison }             a union, as names of several areas are stored
    comparison   = joined { ("=" | "<>" | "<" | "<=" | ">" | ">=") joined }
    joined       = sum { "&" sum }
    sum          = product { ("+" | "-") product }
    product      = power { ("*" | "/") power }
    power        = hundredth { "^" hundredth }               2^3^2 = 64: it groups from the left
    hundredth    = signed { "%" }                            2%^2 = 0.0004
    signed       = { "-" | "+" | "@" } intersection          -2^2 = 4: the sign binds tighter; @A1:A3 is SINGLE(A1:A3)
    intersection = range { SPACE range }                     a space between two references
    range        = called { ":" called }                     A1:INDEX(B:B,3); A1:B2 is one operand
    called       = atom { "#" | "(" arguments ")" }          A1# is ANCHORARRAY(A1); LAMBDA(x,x+1)(2), Sheet1!name(2)
    atom         = number | string | TRUE | FALSE | error | array | operand
                 | FUNCTION "(" arguments ")"
                 | "(" comparison { "," comparison } ")"     more than one: a union of references
    arguments    = [ argument { "," argument } ]
    argument     = [ comparison ]                            IF(A1,,2) leaves one empty
    array        = "{" row { ";" row } "}"
    row          = constant { "," constant }                 a number may have a sign and % here
    operand      = [ sheet [ ":" sheet ] "!" ] ( cell [ ":" cell ] | columns | rows | name ) | table
    table        = [ name ] "[" ... "]"                      Table1[[#Totals],[A]:[B]], see `table_reference`

Operands are cut out of the text before (see `skeleton`), so that they are holes here. White space and
line breaks may stand between tokens. In files functions that came after Excel 2007 have the prefix _xlfn.,
parameters of LAMBDA and LET _xlpm.: they are dropped.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from functools import lru_cache
from math import isfinite

from sheetgpt.book.address import MAX_FORMULA
from sheetgpt.book.values import ErrorValue
from sheetgpt.formula.lexer import MisfitError, Token, tokens
from sheetgpt.formula.nodes import (
    BINARY,
    COMPARISON,
    HOLE,
    INTERSECTION,
    PERCENT,
    UNION,
    Apply,
    Array,
    Binary,
    Boolean,
    Call,
    Constant,
    Error,
    Hole,
    Missing,
    Name,
    Node,
    Number,
    Percent,
    Reference,
    Sign,
    Text,
    spine,
)
from sheetgpt.formula.skeleton import Cut, cells_rect, cut, operand, syntax_error

_FRAMES = 8  # of the parser, for a bracket
_FILE_PREFIX = re.compile(r"^_xlfn\.(?:_xlws\.)?", re.IGNORECASE)
_PARAMETER = re.compile(r"^_xlpm\.", re.IGNORECASE)


def parse(text: str) -> Node:
    """A formula's text (without the leading "=") as a tree; raises FormulaSyntaxError."""
    pieces = cut(text)
    try:
        return fill(skeleton_tree(pieces, text), [operand(part) for part in pieces.operands])
    except RecursionError:
        raise syntax_error(text, 0, "the formula is nested too deeply") from None


def skeleton_tree(pieces: Cut, text: str) -> Node:
    """The tree of a skeleton, with `Hole`s for operands; raises FormulaSyntaxError about `text`."""
    try:
        return _parse_deep(pieces.skeleton)
    except MisfitError as misfit:
        holes = _TOKEN_HOLES.findall(pieces.skeleton[: misfit.position])
        before = sum(len(part) - 1 for part in pieces.operands[: sum(map(bool, holes))])
        raise syntax_error(text, misfit.position + before, misfit.what) from None


_TOKEN_HOLES = re.compile(rf'"(?:[^"]|"")*"|({HOLE})')


def _parse_deep(skeleton: str) -> Node:
    """The tree of a skeleton, with as many brackets in one another as its length allows."""
    try:
        return _parse_skeleton(skeleton)
    except RecursionError:
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(limit + _FRAMES * MAX_FORMULA)
        try:
            return _parse_skeleton(skeleton)
        finally:
            sys.setrecursionlimit(limit)


@lru_cache(maxsize=1 << 14)
def _parse_skeleton(skeleton: str) -> Node:
    return _Parser(tokens(skeleton), len(skeleton)).formula()


def fill(tree: Node, operands: Sequence[Node]) -> Node:
    """A skeleton's tree with a node for each of its holes."""
    match tree:
        case Hole(index):
            return operands[index]
        case Sign(sign, operand):
            return Sign(sign, fill(operand, operands))
        case Percent(operand):
            return Percent(fill(operand, operands))
        case Call(function, arguments):
            return Call(function, tuple([fill(argument, operands) for argument in arguments]))
        case Apply(called, arguments):
            return Apply(fill(called, operands), tuple([fill(argument, operands) for argument in arguments]))
        case Binary():
            first, steps = spine(tree)
            filled = fill(first, operands)
            for operator, right in steps:
                filled = _join(operator, filled, fill(right, operands))
            return filled
    return tree


def _join(operator: str, left: Node, right: Node) -> Node:
    """A binary node; two cells with a colon between them are one reference."""
    if operator == ":" and isinstance(left, Reference) and isinstance(right, Reference) and right.sheet is None:
        cells = f"{left.cells}:{right.cells}"
        if cells.count(":") == 1 and (rect := cells_rect(cells)):
            return Reference(left.sheet, cells, rect)
    return Binary(operator, left, right)


class _Parser:
    """Recursive descent over the tokens of one skeleton, with operators by how tightly they bind."""

    def __init__(self, tokens: list[Token], length: int) -> None:
        self.tokens = [*tokens, Token("end", "", length)]
        self.next = 0
        self.holes = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def formula(self) -> Node:
        tree = self.union()
        if self.token.kind != "end":
            raise self.unexpected()
        return tree

    def union(self) -> Node:
        start = self.token
        tree = self.expression(COMPARISON)
        while self.accept(","):
            right_start = self.token
            tree = _join_references(",", (tree, start), (self.expression(COMPARISON), right_start))
        return tree

    def expression(self, least: int) -> Node:
        """Operands with operators between them that bind at least so tightly, from comparison to percent."""
        tree = self.signed()
        while self.token.kind == "operator":
            operator = self.token.text
            binds = PERCENT if operator == "%" else BINARY.get(operator, UNION)
            if binds < least or binds >= UNION:
                break
            self.take()
            tree = Percent(tree) if operator == "%" else Binary(operator, tree, self.expression(binds + 1))
        return tree

    def signed(self) -> Node:
        signs = []
        while self.token.text in ("-", "+", "@"):
            signs.append(self.take().text)
        tree = self.reference(INTERSECTION)
        for sign in reversed(signs):
            tree = Call("SINGLE", (tree,)) if sign == "@" else Sign(sign, tree)
        return tree

    def reference(self, least: int) -> Node:
        """Atoms, or references with the operators space and colon between them."""
        start = self.token
        tree = self.called()
        while self.token.kind == "operator" and BINARY.get(self.token.text, COMPARISON) >= least:
            operator, right_start = self.take().text, self.token
            right = self.reference(BINARY[operator] + 1)
            tree = _join_references(operator, (tree, start), (right, right_start))
        return tree

    def called(self) -> Node:
        """An atom, maybe with the mark # behind it, or with brackets in which are arguments for what it gives."""
        tree = self.atom()
        while self.token.text in ("#", "(") and not isinstance(tree, Constant | Array):
            tree = Apply(tree, self.arguments()) if self.take().text == "(" else Call("ANCHORARRAY", (tree,))
        return tree

    def atom(self) -> Node:
        token = self.token
        if token.kind == "hole":
            self.take()
            self.holes += 1
            return Hole(self.holes - 1)
        if token.kind == "function":
            return self.call()
        if self.accept("{"):
            return self.array()
        if self.accept("("):
            return self.bracket()
        return self.constant()

    def call(self) -> Node:
        name = self.take().text[:-1].rstrip()
        if _PARAMETER.match(name):  # not Excel's function of this name: LET(sum,LAMBDA(x,x),sum(SUM(A1:A2)))
            return Apply(Name(_PARAMETER.sub("", name)), self.arguments())
        return Call(_FILE_PREFIX.sub("", name).upper(), self.arguments())

    def arguments(self) -> tuple[Node, ...]:
        if self.accept(")"):
            return ()
        arguments = [self.argument()]
        while self.accept(","):
            arguments.append(self.argument())
        self.expect(")")
        return tuple(arguments)

    def argument(self) -> Node:
        return Missing() if self.token.text in (",", ")") else self.expression(COMPARISON)

    def bracket(self) -> Node:
        tree = self.union()
        self.expect(")")
        return tree

    def array(self) -> Node:
        start = self.token
        rows = [self.row()]
        while self.accept(";"):
            rows.append(self.row())
        self.expect("}")
        if len({len(row) for row in rows}) > 1:
            raise MisfitError(start.position, "rows of different lengths in an array")
        return Array(tuple(rows))

    def row(self) -> tuple[Constant, ...]:
        constants = [self.array_constant()]
        while self.accept(","):
            constants.append(self.array_constant())
        return tuple(constants)

    def array_constant(self) -> Constant:
        sign = self.take().text if self.token.text in ("-", "+") else ""
        constant = self.constant()
        if isinstance(constant, Number) and self.accept("%"):
            constant = Number(constant.value / 100)
        if not sign:
            return constant
        if not isinstance(constant, Number):
            raise MisfitError(self.token.position, "a sign before something that is no number")
        return Number(-constant.value) if sign == "-" else constant

    def constant(self) -> Constant:
        token = self.token
        if token.kind not in ("number", "text", "boolean", "error"):
            raise self.unexpected()
        self.take()
        if token.kind == "text":
            return Text(token.text[1:-1].replace('""', '"'))
        if token.kind == "boolean":
            return Boolean(token.text.upper() == "TRUE")
        if token.kind == "error":
            return Error(ErrorValue(token.text.upper()))
        if not isfinite(float(token.text)):
            raise MisfitError(token.position, "a number too large")
        return Number(float(token.text))

    def take(self) -> Token:
        self.next += 1
        return self.tokens[self.next - 1]

    def accept(self, text: str) -> bool:
        if self.token.kind == "operator" and self.token.text == text:
            self.next += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.unexpected()

    def unexpected(self) -> MisfitError:
        what = "the formula ends too early" if self.token.kind == "end" else f"unexpected {self.token.text.strip()!r}"
        return MisfitError(self.token.position, what)


def _join_references(operator: str, *sides: tuple[Node, Token]) -> Node:
    """An operator between references: names, functions, and other such operators may stand for them."""
    for node, start in sides:
        joined = isinstance(node, Binary) and node.binds >= UNION
        if not joined and not isinstance(node, Hole | Call | Apply | Error):
            raise MisfitError(start.position, "a reference is expected")
    (left, _), (right, _) = sides
    return Binary(operator, left, right)

"""Scopes: which operands and calls of a formula are names of LET and LAMBDA, and which functions are the book's own.

In a skeleton all names are holes. Here those are found that no defined name stands behind: in LET(x,2,x*rate) the
first and the third, not the fourth. A declared name becomes a `Text`, one that is used a `Name`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.evaluator.compile.known import FUNCTION, OWN, find_function
from sheetgpt.evaluator.forms.higher_order import HIGHER_ORDER
from sheetgpt.evaluator.forms.lambdas import OPTIONAL
from sheetgpt.formula import (
    Apply,
    Binary,
    Call,
    Error,
    Hole,
    Name,
    Node,
    Percent,
    Sign,
    TableReference,
    Text,
    children,
    spine,
)

_FUNCTION = re.compile(r"_xleta\.", re.IGNORECASE)  # before a function that is given to another one, in files

_MAKES_FUNCTION = re.compile(r"\s*(?:_xlfn\.)?(?:LAMBDA|LET)\s*\(", re.IGNORECASE)

Names = frozenset[str]


def has_scopes(tree: Node) -> bool:
    """Whether a skeleton has names or functions of its own, or a mark #; others need not be looked at."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Apply):
            return True
        if isinstance(node, Call) and (node.function in _SCOPING or find_function(node.function) is None):
            return True
        stack += children(node)
    return False


_SCOPING = frozenset(["LET", "LAMBDA", "ANCHORARRAY", *HIGHER_ORDER])


@dataclass
class Scopes:
    """What a look at a skeleton with its operands finds.

    `names` has for each hole that is no defined name what stands there; `anchors` are the holes with a mark # behind.
    `own` finds a function of the book by its name (None: there is none), as a node.
    """

    operands: Sequence[Node]
    own: Callable[[str], Node | None]
    names: dict[int, Node] = field(default_factory=dict)
    anchors: set[int] = field(default_factory=set)

    def look(self, tree: Node, known: Names = frozenset()) -> Node:
        """The tree with calls of variables and of the book's own functions as such; raises FormulaSyntaxError."""
        match tree:
            case Hole(index):
                self._use(index, known)
                return tree
            case Name(name):
                return Name(_plain(name)) if _plain(name) in known else Error(ErrorValue.NAME)
            case Call("LET", arguments):
                return Call("LET", self._let(arguments, known))
            case Call("LAMBDA", arguments):
                return Call("LAMBDA", self._lambda(arguments, known))
            case Call(function, arguments):
                return self._call(function, arguments, known)
            case Apply(function, arguments):
                return Apply(self.look(function, known), self._all(arguments, known))
            case Sign(sign, operand):
                return Sign(sign, self.look(operand, known))
            case Percent(operand):
                return Percent(self.look(operand, known))
            case Binary():
                first, steps = spine(tree)
                seen = self.look(first, known)
                for operator, right in steps:
                    seen = Binary(operator, seen, self.look(right, known))
                return seen
        return tree

    def _all(self, arguments: Sequence[Node], known: Names) -> tuple[Node, ...]:
        return tuple([self.look(argument, known) for argument in arguments])

    def _use(self, index: int, known: Names) -> None:
        name = self.operands[index]
        if isinstance(name, Name) and name.sheet is None:
            plain = _plain(name.name)
            if plain in known:
                self.names[index] = Name(plain)
            elif prefix := _FUNCTION.match(name.name):
                self.names[index] = Call(FUNCTION, (Text(name.name[prefix.end() :].upper()),))

    def _call(self, function: str, arguments: Sequence[Node], known: Names) -> Node:
        given = self._all(arguments, known)
        if find_function(function) is None and _plain(function) in known:
            return Apply(Name(_plain(function)), given)
        if find_function(function) is None and (own := self.own(function)) is not None:
            return Apply(own, given)
        if function == "ANCHORARRAY" and len(arguments) == 1 and isinstance(arguments[0], Hole):
            self.anchors.add(arguments[0].index)
        if function in HIGHER_ORDER and arguments and isinstance(arguments[-1], Hole):
            self._given(arguments[-1].index)
        return Call(function, given)

    def _given(self, index: int) -> None:
        """A function of Excel's own given to another one by its name alone: BYROW(A1:B3,SUM)."""
        name = self.operands[index]
        if index not in self.names and isinstance(name, Name) and name.sheet is None:
            function = name.name.upper()
            if find_function(function) is not None and self.own(function) is None:
                self.names[index] = Call(FUNCTION, (Text(function),))

    def _let(self, arguments: Sequence[Node], known: Names) -> tuple[Node, ...]:
        if len(arguments) < 3 or len(arguments) % 2 == 0:
            raise FormulaSyntaxError(f"LET takes pairs of a name and a value, and what it gives, not {len(arguments)}")
        seen: list[Node] = []
        for name, value in zip(arguments[:-1:2], arguments[1:-1:2], strict=True):
            seen += [name, self.look(value, known)]
            known |= {self._declare(name)}
        return (*seen, self.look(arguments[-1], known))

    def _lambda(self, arguments: Sequence[Node], known: Names) -> tuple[Node, ...]:
        if not arguments:
            raise FormulaSyntaxError("LAMBDA takes 1 or more arguments, not 0")
        known = known.union([self._declare(name) for name in arguments[:-1]])
        return (*arguments[:-1], self.look(arguments[-1], known))

    def _declare(self, node: Node) -> str:
        """Note the name that LET or LAMBDA declares; raises FormulaSyntaxError where there is none."""
        name = self.operands[node.index] if isinstance(node, Hole) else None
        optional = isinstance(name, TableReference)  # [x] looks like a column of the table that the formula is in
        if isinstance(name, TableReference) and not name.table and not name.items and len(name.columns) == 1:
            name = Name(name.columns[0])
        if not isinstance(node, Hole) or not isinstance(name, Name) or name.sheet is not None:
            raise FormulaSyntaxError("LET and LAMBDA need names, such as x", "A1 and 5 are no names")
        plain = _plain(name.name)
        self.names[node.index] = Text(OPTIONAL * optional + plain)
        return plain


def _plain(name: str) -> str:
    """A name as it is compared with others."""
    return name.lower()


def with_functions(tree: Node, functions: Sequence[tuple[str, Node]]) -> Node:
    """A formula's tree, and those of the book's own functions that it calls, by their names."""
    return Call(OWN, (*[part for name, body in functions for part in (Text(name), body)], tree)) if functions else tree


def is_function(text: str) -> bool:
    """Whether what a defined name stands for is (perhaps) a function: LAMBDA(...), or LET(...) that may give one."""
    return _MAKES_FUNCTION.match(text) is not None


def function_name(key: tuple[str, str]) -> str:
    """The name under which the trees of formulas have a function of the book: no name that a formula could contain."""
    return "=" + "!".join(key)


def functions_in(trees: Iterable[Node | None]) -> list[str]:
    """The names of the book's own functions that trees mention."""
    found: dict[str, None] = {}
    stack = [tree for tree in trees if tree is not None]
    while stack:
        node = stack.pop()
        if isinstance(node, Name) and node.name.startswith("="):
            found[node.name] = None
        stack += children(node)
    return list(found)

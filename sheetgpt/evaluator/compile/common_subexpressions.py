"""Common subexpressions: EXP(A1:A9-MAX(A1:A9)) in EXP(...)/SUM(EXP(...)) is calculated once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from sheetgpt.formula import Array, Binary, Boolean, Call, Error, Hole, Node, Number, Percent, Sign, Text, children


class Numbering:
    """A number for each different part of a tree; equal parts, wherever they stand, have the same one."""

    def __init__(self, tree: Node) -> None:
        self._of: dict[int, int] = {}  # by the identity of the node
        self._counts: Counter[int] = Counter()
        known: dict[Hashable, int] = {}
        stack = [(tree, False)]
        while stack:
            node, below_done = stack.pop()
            if not below_done:
                stack.append((node, True))
                stack += [(child, False) for child in children(node)]
                continue
            key = (type(node), _own(node), tuple([self._of[id(child)] for child in children(node)]))
            number = self._of[id(node)] = known.setdefault(key, len(known))
            self._counts[number] += 1

    def of(self, node: Node) -> int:
        """The number of a node of the tree."""
        return self._of[id(node)]

    def is_repeated(self, node: Node) -> bool:
        """Whether the tree has such a part more than once."""
        return self._counts[self._of[id(node)]] > 1


def _own(node: Node) -> Hashable:
    """What distinguishes a node from others of its kind with the same nodes below."""
    match node:
        case Number(value) | Text(value) | Boolean(value) | Error(value):
            return value
        case Array(rows):
            return rows
        case Hole(index):
            return index
        case Sign(sign):
            return sign
        case Binary(operator):
            return operator
        case Call(function):
            return function
        case Percent():
            return "%"
    return str(node)

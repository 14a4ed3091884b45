"""Plans: what is known of a formula from its skeleton alone, made once for each skeleton.

A plan says how to calculate the formula, which of its references are read for certain and which
perhaps, and what keeps it from being calculated.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import chain, repeat

from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.evaluator.batch.batch import ValueStep
from sheetgpt.evaluator.compile.compiler import final_step
from sheetgpt.evaluator.compile.dates_1904 import dates_from_1904
from sheetgpt.evaluator.compile.draws import number_draws
from sheetgpt.evaluator.compile.known import count_text, find_function
from sheetgpt.evaluator.compile.scalar import Scalar, scalar_of
from sheetgpt.evaluator.forms.form import Rewrite
from sheetgpt.formula import Apply, Binary, Call, Hole, Node, Percent, Sign, children, spine
from sheetgpt.functions.core.signature import ArgumentKind, FunctionSpec


class Reading(IntEnum):
    """Whether the cells of a reference are read."""

    NEVER = 0
    PERHAPS = 1
    CERTAINLY = 2


# What of an argument is read, where not all: of the values of a formula in its place, and of cells it refers to.
_OF_VALUES: dict[ArgumentKind, Reading] = {"branch": Reading.PERHAPS}
_OF_CELLS: dict[ArgumentKind, Reading] = {
    "branch": Reading.PERHAPS,
    "cells": Reading.PERHAPS,
    "reference": Reading.NEVER,
}
_OF_OPERANDS: dict[str, ArgumentKind] = {":": "reference", " ": "cells"}


@dataclass(frozen=True, slots=True)
class Plan:
    """How to calculate the formulas of one skeleton; `reads` has an entry for each hole."""

    number: int
    calculate: ValueStep | None  # None where functions are missing
    reads: tuple[Reading, ...]
    missing: tuple[str, ...]
    volatile: bool
    sources: frozenset[str] = frozenset()  # what else than cells the values come of: the clock, random numbers
    sized: tuple[tuple[int, int], ...] = ()  # pairs of holes: the first takes the size of the second, as in SUMIF
    dynamic: bool = False
    scalar: Scalar | None = None  # how to calculate one formula from plain numbers, where there is such a way


def make_plan(number: int, tree: Node, holes: int, array: bool, date1904: bool = False, dynamic: bool = False) -> Plan:
    """The plan for a skeleton's tree; raises FormulaSyntaxError if a function has too few or many arguments."""
    tree = number_draws(tree, (node for node in _walk(tree) if isinstance(node, Call)), array)
    tree = dates_from_1904(_rewrite(tree)) if date1904 else _rewrite(tree)
    calls = [node for node in _walk(tree) if isinstance(node, Call)]
    functions = [find_function(call.function) for call in calls]
    pairs = list(zip(calls, functions, strict=True))
    missing = tuple(dict.fromkeys(call.function for call, function in pairs if function is None))
    for call, function in pairs:
        if function:
            _check_arguments(call, function)
    reads = _readings(tree, holes)
    volatile = any(function.volatile for function in functions if function)
    volatile = volatile or any(isinstance(node, Binary) and node.operator == ":" for node in _walk(tree))
    third = [(call.arguments[2], call.arguments[0]) for call, function in pairs if _follows_first(call, function)]
    sized = tuple([(a.index, b.index) for a, b in third if isinstance(a, Hole) and isinstance(b, Hole)])
    volatile = volatile or len(sized) < len(third)  # which cells are read is then not known beforehand
    sources = frozenset(function.source for function in functions if function and function.source)
    calculate = None if missing else final_step(tree, array)
    scalar = None if array or dynamic or volatile or missing else scalar_of(tree)
    return Plan(number, calculate, reads, missing, volatile, sources, sized, dynamic, scalar)


def _follows_first(call: Call, function: FunctionSpec | None) -> bool:
    return isinstance(function, FunctionSpec) and function.follows_first and len(call.arguments) > 2


def _walk(tree: Node) -> Iterator[Node]:
    """All nodes, in no particular order."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack += children(node)


def _check_arguments(call: Call, function: FunctionSpec) -> None:
    count, least, most = len(call.arguments), function.minimum, function.maximum
    if count < least or (most is not None and count > most):
        raise FormulaSyntaxError(f"{call.function} takes {count_text(least, most)} arguments, not {count}")


def _readings(tree: Node, holes: int) -> tuple[Reading, ...]:
    """Whether the cells of each hole are read in calculating the tree."""
    reads = [Reading.NEVER] * holes
    stack: list[tuple[Node, Reading, ArgumentKind]] = [(tree, Reading.CERTAINLY, "value")]
    while stack:
        node, reading, kind = stack.pop()
        if isinstance(node, Hole):
            reads[node.index] = max(reads[node.index], reading)
        stack += [(child, min(reading, own), taken) for child, own, taken in _children_read(node, kind)]
    return tuple(reads)


def _children_read(node: Node, taken: ArgumentKind) -> Iterator[tuple[Node, Reading, ArgumentKind]]:
    """The nodes below a node, whether they are read if its value is needed, and how each is taken."""
    for child, kind in zip(children(node), _kinds(node, taken), strict=False):
        yield child, (_OF_CELLS if isinstance(child, Hole) else _OF_VALUES).get(kind, Reading.CERTAINLY), kind


def _kinds(node: Node, taken: ArgumentKind) -> Iterable[ArgumentKind]:
    """How a function or an operator takes each of its arguments; areas side by side are taken as they all are."""
    if isinstance(node, Call) and (function := find_function(node.function)):
        return function.kinds(len(node.arguments))
    if isinstance(node, Binary) and node.operator == ",":
        return repeat(taken)
    if isinstance(node, Apply):
        return chain(["branch"], repeat("cells"))
    return repeat(_OF_OPERANDS.get(node.operator, "value") if isinstance(node, Binary) else "value")


def _as_reference(tree: Node) -> Node:
    """XLOOKUP as an end of a range, XLOOKUP(...):XLOOKUP(...), written with INDEX, which gives the cell itself."""
    if not isinstance(tree, Call) or tree.function != "XLOOKUP" or len(tree.arguments) < 3:
        return tree
    sought, cells, results = tree.arguments[:3]
    return Call("INDEX", (results, Call("XMATCH", (sought, cells, *tree.arguments[4:]))))


def _rewrite(tree: Node) -> Node:
    """The tree with IFS and SWITCH written as IF."""
    match tree:
        case Call(name, arguments):
            rewritten_arguments = tuple(_rewrite(argument) for argument in arguments)
            function = find_function(name)
            if isinstance(function, Rewrite):
                return function.rewrite(rewritten_arguments)
            return Call(name, rewritten_arguments)
        case Apply(called, arguments):
            return Apply(_rewrite(called), tuple([_rewrite(argument) for argument in arguments]))
        case Binary():
            first, steps = spine(tree)
            rewritten = _rewrite(first)
            for operator, right in steps:
                sides = rewritten, _rewrite(right)
                rewritten = Binary(operator, *(map(_as_reference, sides) if operator == ":" else sides))
            return rewritten
        case Sign() | Percent():
            return replace(tree, operand=_rewrite(tree.operand))
    return tree

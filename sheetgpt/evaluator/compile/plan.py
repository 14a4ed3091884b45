"""Plans: what is known of a formula from its skeleton alone, made once for each skeleton.

A plan says how to calculate the formula, which of its references are read for certain and which
perhaps, and what keeps it from being calculated.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.evaluator.batch.batch import ValueStep
from sheetgpt.evaluator.compile.compiler import FORMS, arity, final_step, is_known
from sheetgpt.formula import Binary, Call, Error, Hole, Node, Percent, Sign, children, spine

# Their references, or values, are only known when they are calculated: so they are, at each change.
_VOLATILE = frozenset(("OFFSET", "INDIRECT", "NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY", "CELL", "INFO"))


class Reading(IntEnum):
    """Whether the cells of a reference are read."""

    NEVER = 0
    PERHAPS = 1
    CERTAINLY = 2


_LETTERS = {"s": Reading.CERTAINLY, "l": Reading.PERHAPS, "p": Reading.CERTAINLY, "u": Reading.CERTAINLY}
_DIRECT = _LETTERS | {"p": Reading.PERHAPS, "u": Reading.NEVER}  # where the argument is the reference itself


@dataclass(frozen=True, slots=True)
class Plan:
    """How to calculate the formulas of one skeleton; `reads` has an entry for each hole."""

    number: int
    calculate: ValueStep | None  # None where functions are missing
    reads: tuple[Reading, ...]
    missing: tuple[str, ...]
    volatile: bool


def make_plan(number: int, tree: Node, holes: int, array: bool) -> Plan:
    """The plan for a skeleton's tree; raises FormulaSyntaxError if a function has too few or many arguments."""
    tree = _rewrite(tree)
    calls = [node for node in _walk(tree) if isinstance(node, Call)]
    missing = tuple(dict.fromkeys(call.function for call in calls if not is_known(call.function)))
    for call in calls:
        if call.function not in missing:
            _check_arguments(call)
    reads = _readings(tree, holes)
    volatile = any(call.function in _VOLATILE for call in calls)
    volatile = volatile or any(isinstance(node, Binary) and node.operator == ":" for node in _walk(tree))
    return Plan(number, None if missing else final_step(tree, array), reads, missing, volatile)


def _walk(tree: Node) -> Iterator[Node]:
    """All nodes, in no particular order."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        stack += children(node)


def _check_arguments(call: Call) -> None:
    least, most = arity(call.function)
    count = len(call.arguments)
    if count < least or (most is not None and count > most):
        takes = f"{least}" if least == most else f"{least} or more" if most is None else f"{least} to {most}"
        raise FormulaSyntaxError(f"{call.function} takes {takes} arguments, not {count}")


def _readings(tree: Node, holes: int) -> tuple[Reading, ...]:
    """Whether the cells of each hole are read in calculating the tree."""
    reads = [Reading.NEVER] * holes
    stack = [(tree, Reading.CERTAINLY)]
    while stack:
        node, reading = stack.pop()
        if isinstance(node, Hole):
            reads[node.index] = max(reads[node.index], reading)
        stack += [(child, min(reading, own)) for child, own in _children_read(node)]
    return tuple(reads)


def _children_read(node: Node) -> Iterator[tuple[Node, Reading]]:
    """The nodes below a node, and whether they are read if its value is needed."""
    form = FORMS.get(node.function) if isinstance(node, Call) else None
    for number, child in enumerate(children(node)):
        letter = "s"
        if form:
            letter = form.reads[min(number, len(form.reads) - 1)]
        elif isinstance(node, Binary) and node.operator in ": ":
            letter = "u" if node.operator == ":" else "p"
        yield child, (_DIRECT if isinstance(child, Hole) else _LETTERS)[letter]


def _rewrite(tree: Node) -> Node:
    """The tree with IFS and SWITCH written as IF."""
    match tree:
        case Call("IFS", arguments):
            return _ifs([_rewrite(argument) for argument in arguments])
        case Call("SWITCH", arguments):
            return _switch([_rewrite(argument) for argument in arguments])
        case Call(function, arguments):
            return Call(function, tuple(_rewrite(argument) for argument in arguments))
        case Binary():
            first, steps = spine(tree)
            rewritten = _rewrite(first)
            for operator, right in steps:
                rewritten = Binary(operator, rewritten, _rewrite(right))
            return rewritten
        case Sign() | Percent():
            return replace(tree, operand=_rewrite(tree.operand))
    return tree


def _ifs(arguments: Sequence[Node]) -> Node:
    if not arguments or len(arguments) % 2:
        raise FormulaSyntaxError(f"IFS takes pairs of arguments, not {len(arguments)} arguments")
    tree: Node = Error(ErrorValue.NA)
    for position in range(len(arguments) - 2, -1, -2):
        tree = Call("IF", (arguments[position], arguments[position + 1], tree))
    return tree


def _switch(arguments: Sequence[Node]) -> Node:
    if len(arguments) < 3:
        raise FormulaSyntaxError(f"SWITCH takes 3 or more arguments, not {len(arguments)}")
    value, *cases = arguments
    default: Node = cases[-1] if len(cases) % 2 else Error(ErrorValue.NA)
    tree = default
    for position in range(len(cases) - len(cases) % 2 - 2, -1, -2):
        tree = Call("IF", (Binary("=", value, cases[position]), cases[position + 1], tree))
    return tree

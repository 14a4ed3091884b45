"""Draws: each RAND, RANDBETWEEN and RANDARRAY of a formula gets a number, so that RAND()-RAND() is not 0."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from itertools import count
from typing import Any

from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.evaluator.compile.known import count_text
from sheetgpt.evaluator.forms.volatile import DRAW_EACH, DRAWS, VOLATILE
from sheetgpt.formula import Binary, Call, Node, Number, Percent, Sign, children, spine


def number_draws(tree: Node, calls: Iterable[Call], array: bool) -> Node:
    """The tree with its draws numbered; raises FormulaSyntaxError for a wrong number of arguments."""
    if not any(call.function in DRAWS for call in calls):
        return tree
    if array and tree == Call("RAND", ()):
        return Call(DRAW_EACH, (Number(0.0),))
    numbers = count()

    def numbered(call: Call) -> Node:
        if call.function not in DRAWS:
            return call
        spec, given = VOLATILE[call.function], len(call.arguments)
        if not spec.minimum <= given <= (spec.maximum or 0):
            takes = count_text(spec.minimum, spec.maximum)
            raise FormulaSyntaxError(f"{call.function} takes {takes} arguments, not {given}")
        return Call(DRAWS[call.function], (Number(float(next(numbers))), *call.arguments))

    return each_call(tree, numbered)


def each_call(tree: Node, change: Callable[[Call], Node], operand: Callable[[str, Node], Node] | None = None) -> Node:
    """The tree with each call changed, and (with `operand`) what stands beside operators, from the leaves up."""
    beside = operand or (lambda _operator, node: node)
    if isinstance(tree, Binary):
        first, steps = spine(tree)
        built = each_call(first, change, operand)
        for operator, right in steps:
            built = Binary(operator, beside(operator, built), beside(operator, each_call(right, change, operand)))
        return built
    if not children(tree):
        return change(tree) if isinstance(tree, Call) else tree
    parts = {part.name: _each_in(getattr(tree, part.name), change, operand) for part in fields(tree)}
    if isinstance(tree, Sign | Percent):
        parts["operand"] = beside("%" if isinstance(tree, Percent) else tree.sign, parts["operand"])
    built = replace(tree, **parts)
    return change(built) if isinstance(built, Call) else built


def _each_in(part: Any, change: Callable[[Call], Node], operand: Callable[[str, Node], Node] | None) -> Any:
    """What a node holds, with the calls in it changed."""
    if isinstance(part, tuple):
        return tuple([_each_in(one, change, operand) for one in part])
    return each_call(part, change, operand) if isinstance(part, Node) else part

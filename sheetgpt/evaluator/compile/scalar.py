"""Plans for one member at a time: arithmetic on plain floats, for chains in which each formula needs the one before.

The values are those that the plan's arrays give, to the last bit. What is no number, or no finite one, is left to the
arrays: then ArithmeticError is raised.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import itemgetter

from sheetgpt.formula import Binary, Hole, Node, Number, Percent, Sign
from sheetgpt.functions.operators import ROUNDING

Scalar = Callable[[Sequence[float]], float]  # of the values of all holes

_DEEPEST = 32  # formulas with more in one another are left to the arrays


def scalar_of(tree: Node) -> Scalar | None:
    """How an ordinary formula is calculated from the numbers of its holes; None where more than arithmetic is in it."""
    if isinstance(tree, Binary) and tree.operator in ("+", "-"):
        left, right = _step(tree.left, 1), _step(tree.right, 1)
        return _last(tree.operator, left, right) if left and right else None
    return _step(tree, 0)


def _step(tree: Node, depth: int) -> Scalar | None:
    if depth > _DEEPEST:
        return None
    match tree:
        case Hole(index):
            return itemgetter(index)
        case Number(value):
            return lambda _values: value
        case Sign(_, operand) | Percent(operand):
            inner = _step(operand, depth + 1)
            return _one(tree, inner) if inner else None
        case Binary(operator, left, right) if operator in _OPERATORS:
            one, other = _step(left, depth + 1), _step(right, depth + 1)
            return _OPERATORS[operator](one, other) if one and other else None
    return None


def _one(tree: Sign | Percent, inner: Scalar) -> Scalar:
    if isinstance(tree, Percent):
        return lambda values: inner(values) / 100.0
    return inner if tree.sign == "+" else lambda values: -inner(values)


def _plus(left: Scalar, right: Scalar) -> Scalar:
    return lambda values: left(values) + right(values)


def _minus(left: Scalar, right: Scalar) -> Scalar:
    return lambda values: left(values) - right(values)


def _times(left: Scalar, right: Scalar) -> Scalar:
    return lambda values: left(values) * right(values)


def _divided(left: Scalar, right: Scalar) -> Scalar:
    def run(values: Sequence[float]) -> float:
        divisor = right(values)
        if math.isinf(divisor):  # an overflow before, which the quotient would hide
            raise OverflowError
        return left(values) / divisor

    return run


def _last(operator: str, left: Scalar, right: Scalar) -> Scalar:
    """See `operators.at_the_end`."""

    def add(values: Sequence[float]) -> float:
        first = left(values)
        result = first + right(values)
        return result if abs(result) > ROUNDING * abs(first) else _nothing(first, result)

    def subtract(values: Sequence[float]) -> float:
        first = left(values)
        result = first - right(values)
        return result if abs(result) > ROUNDING * abs(first) else _nothing(first, result)

    return add if operator == "+" else subtract


def _nothing(*numbers: float) -> float:
    """0 if these are finite; else they tell of an overflow."""
    if all(map(math.isfinite, numbers)):
        return 0.0
    raise OverflowError


_OPERATORS = {"+": _plus, "-": _minus, "*": _times, "/": _divided}

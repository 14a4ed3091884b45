"""Angles and hyperbolas, in radians."""

from __future__ import annotations

import math

import numpy as np

from sheetgpt.book.values import Value
from sheetgpt.functions.core.broadcasting import Numbers
from sheetgpt.functions.core.coercion import DIV0, NUM
from sheetgpt.functions.core.signature import Function
from sheetgpt.functions.core.vectorize import Kernel, numeric

# Excel's SIN, COS, TAN and their kin fail from here on.
LARGEST_ANGLE = float(2**27)


def _angle(kernel: Kernel) -> Kernel:
    """The kernel, failing for angles too large to be reduced."""

    def limited(angles: np.ndarray) -> np.ndarray:
        if (np.abs(angles) >= LARGEST_ANGLE).any():
            raise FloatingPointError("the angle is too large")
        return kernel(angles)

    return limited


def _reciprocal(kernel: Kernel) -> Kernel:
    def inverted(numbers: np.ndarray) -> np.ndarray:
        return 1 / kernel(numbers)

    return inverted


def _judge_reciprocal(number: float) -> Value:
    return DIV0 if number == 0 else NUM


def _judge_hyperbolic_reciprocal(number: float) -> Value:
    return DIV0 if number == 0 else 0.0  # the hyperbola itself overflows


def _judge_hyperbolic_cotangent(number: float) -> Value:
    return DIV0 if number == 0 else math.copysign(1.0, number)


def _arc_cotangent(numbers: Numbers) -> Numbers:
    return np.arctan2(1.0, numbers)


def _arc_cotangent_hyperbolic(numbers: Numbers) -> Numbers:
    return np.arctanh(1 / numbers)


def _arc_tangent_2(x: Numbers, y: Numbers) -> Numbers:
    """ATAN2 takes x before y; #DIV/0! where both are 0."""
    if np.any((x == 0) & (y == 0)):
        raise FloatingPointError("the origin has no angle")
    return np.arctan2(y, x)


def _judge_arc_tangent_2(_x: float, _y: float) -> Value:
    return DIV0


TRIGONOMETRY: dict[str, Function] = {
    "SIN": numeric(
        _angle(np.sin),
        note="`#NUM!` from 2^27 on; near multiples of pi/2 Excel is off by its rounding of pi, this is not",
    ),
    "COS": numeric(_angle(np.cos), note="as SIN"),
    "TAN": numeric(_angle(np.tan), note="as SIN"),
    "SEC": numeric(_angle(_reciprocal(np.cos))),
    "CSC": numeric(_angle(_reciprocal(np.sin)), judge=_judge_reciprocal),
    "COT": numeric(_angle(_reciprocal(np.tan)), judge=_judge_reciprocal),
    "ASIN": numeric(np.arcsin),
    "ACOS": numeric(np.arccos),
    "ATAN": numeric(np.arctan),
    "ACOT": numeric(_arc_cotangent),
    "ATAN2": numeric(_arc_tangent_2, 2, judge=_judge_arc_tangent_2),
    "SINH": numeric(np.sinh),
    "COSH": numeric(np.cosh),
    "TANH": numeric(np.tanh),
    "SECH": numeric(_reciprocal(np.cosh), judge=_judge_hyperbolic_reciprocal),
    "CSCH": numeric(_reciprocal(np.sinh), judge=_judge_hyperbolic_reciprocal),
    "COTH": numeric(_reciprocal(np.tanh), judge=_judge_hyperbolic_cotangent),
    "ASINH": numeric(np.arcsinh),
    "ACOSH": numeric(np.arccosh),
    "ATANH": numeric(np.arctanh),
    "ACOTH": numeric(_arc_cotangent_hyperbolic),
    "DEGREES": numeric(np.degrees),
    "RADIANS": numeric(np.radians),
}

"""Powers, logarithms, signs and remainders."""

from __future__ import annotations

import math

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.broadcasting import FLOAT, Numbers, pack
from sheetgpt.functions.core.coercion import DIV0, NUM, VALUE, to_number
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift, numbers, numeric, strict
from sheetgpt.functions.operators import judge_division, judge_power, power

# Excel's MOD fails where the quotient is larger (measured in Excel 2010 and newer: 2^50 / 1000).
MOD_LIMIT = 1_125_900_000_000


def _pi() -> np.ndarray:
    return np.array([[math.pi]])


def _mod(number: Numbers, divisor: Numbers) -> Numbers:
    """The exact remainder, with the divisor's sign."""
    if (np.abs(number / divisor) >= MOD_LIMIT).any():
        raise FloatingPointError("the quotient is too large for MOD")
    return np.mod(number, divisor)


def _quotient(number: Numbers, divisor: Numbers) -> Numbers:
    return np.trunc(number / divisor)


def _logarithm(number: Numbers, base: Numbers | None = None) -> Numbers:
    return np.log10(number) if base is None else np.log(number) / np.log(base)


def _judge_logarithm(number: float, base: float = 10.0) -> Value:
    return DIV0 if base == 1 and number > 0 else NUM


def _square_root_of_pi_times(number: Numbers) -> Numbers:
    return np.sqrt(number * math.pi)


def _series_sum(x: float, first: float, step: float, coefficients: Operand) -> Value:
    """SERIESSUM: the coefficients times x ^ first, x ^ (first + step) ..."""
    result = 0.0
    for i, value in enumerate(coefficients.values.ravel().tolist()):
        number = to_number(value)
        if isinstance(number, ErrorValue):
            return number
        result += number * math.pow(x, first + i * step)
    return result


def _refused(values: np.ndarray) -> np.ndarray:
    """The values with #VALUE! in place of booleans."""
    if values.dtype == FLOAT:
        return values
    return pack([VALUE if isinstance(value, bool) else value for value in values.ravel().tolist()], values.shape)


def _not_boolean(function: Function) -> Function:
    """The function with #VALUE! for booleans, as those of the Analysis ToolPak have it."""

    def call(*operands: Operand | None) -> np.ndarray:
        return function.call(*[operand and Operand(_refused(operand.values)) for operand in operands])

    return strict(function.replace(call=call))


MATH: dict[str, Function] = {
    "PI": numeric(_pi, 0),
    "ABS": numeric(np.abs),
    "SIGN": numeric(np.sign),
    "SQRT": numeric(np.sqrt),
    "SQRTPI": _not_boolean(numeric(_square_root_of_pi_times)),
    "EXP": numeric(np.exp),
    "LN": numeric(np.log),
    "LOG10": numeric(np.log10),
    "LOG": numeric(_logarithm, 2, optional=1, judge=_judge_logarithm),
    "POWER": numeric(power, 2, judge=judge_power, note="`(-8)^(1/3)` is -2"),
    "MOD": numeric(
        _mod,
        2,
        judge=judge_division,
        note="`#NUM!` where the quotient is above about 1.1e12, as in Excel 2010 and newer",
    ),
    "QUOTIENT": _not_boolean(numeric(_quotient, 2, judge=judge_division)),
    "SERIESSUM": lift(_series_sum, *numbers(3), "array", refuses_ranges=True),
}

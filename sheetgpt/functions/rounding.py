"""Rounding. Excel rounds what the 15 digits it shows say: ROUND(2.675, 2) is 2.68."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sheetgpt.book.values import Value
from sheetgpt.functions.core.broadcasting import Numbers
from sheetgpt.functions.core.coercion import DIV0, NUM, round_digits
from sheetgpt.functions.core.signature import Function
from sheetgpt.functions.core.vectorize import lift, numbers, numeric, strict, with_defaults

_WHOLE = 2.0**52  # from here on every double is a whole number
_SLACK = 4 * np.finfo(np.float64).eps  # a decimal fraction scaled up may miss its half by this much


def half_away(scaled: Numbers) -> Numbers:
    """Numbers rounded to whole ones, halves (also those missed by a rounding error) away from zero."""
    size = np.abs(scaled)
    whole = np.floor(size)
    up = (size - whole >= 0.5 - _SLACK * size) & (size < _WHOLE)
    rounded: Numbers = np.copysign(whole + up, scaled)
    return rounded


def _round(number: Numbers, digits: Numbers) -> Numbers:
    places = np.clip(np.trunc(digits), -308, 308)
    with np.errstate(over="ignore"):
        scale = 10.0 ** np.abs(places)
        scaled = np.where(places >= 0, number * scale, number / scale)
    exact = ~np.isfinite(scaled) | (np.abs(scaled) >= _WHOLE)
    rounded = half_away(np.where(exact, 0.0, scaled))
    return np.where(exact, number, np.where(places >= 0, rounded / scale, rounded * scale))


def _toward_zero(number: float, digits: float = 0.0) -> float:
    return _cut(number, digits, math.floor)


def _away_from_zero(number: float, digits: float) -> float:
    return _cut(number, digits, math.ceil)


def _cut(number: float, digits: float, direction: Callable[[float], int]) -> float:
    places = max(-308, min(308, int(digits)))
    scale = 10.0 ** abs(places)
    scaled = abs(number) * scale if places >= 0 else abs(number) / scale
    if not scaled < _WHOLE:
        return number
    whole = float(direction(round_digits(scaled)))
    return math.copysign(whole / scale if places >= 0 else whole * scale, number)


def _multiple(number: float, multiple: float) -> Value:
    """MROUND; #NUM! where the signs differ."""
    if multiple == 0 or number == 0:
        return 0.0
    if number * multiple < 0:
        return NUM
    return math.floor(number / multiple + 0.5) * multiple  # as it is: 6.05 to 0.1 is 6.0, says Microsoft


def _steps(number: float, significance: float, direction: Callable[[float], int]) -> float:
    """The whole multiple of the significance in one direction, as the quotient's 15 digits say."""
    return direction(round_digits(number / significance)) * significance


def _floor(number: float, significance: float) -> Value:
    if significance == 0:
        return 0.0 if number == 0 else DIV0
    if number > 0 > significance:
        return NUM
    return _steps(number, significance, math.floor)


def _ceiling(number: float, significance: float) -> Value:
    if significance == 0:
        return 0.0
    if number > 0 > significance:
        return NUM
    return _steps(number, significance, math.ceil)


def _floor_math(number: float, significance: float = 1.0, mode: float = 0.0) -> Value:
    """Down, or with a mode toward zero for negative numbers; the sign of the significance does not count."""
    step = abs(significance)
    if step == 0:
        return 0.0
    return _steps(number, step, math.ceil if number < 0 and mode else math.floor)


def _ceiling_math(number: float, significance: float = 1.0, mode: float = 0.0) -> Value:
    """Up, or with a mode away from zero for negative numbers; the sign of the significance does not count."""
    step = abs(significance)
    if step == 0:
        return 0.0
    return _steps(number, step, math.floor if number < 0 and mode else math.ceil)


def _floor_precise(number: float, significance: float = 1.0) -> Value:
    return _floor_math(number, significance)


def _ceiling_precise(number: float, significance: float = 1.0) -> Value:
    return _ceiling_math(number, significance)


def _even(number: float) -> float:
    return math.copysign(math.ceil(abs(number) / 2) * 2, number)


def _odd(number: float) -> float:
    return math.copysign(math.ceil((abs(number) - 1) / 2) * 2 + 1 if number else 1, number)


ROUNDING: dict[str, Function] = {
    "INT": numeric(np.floor),
    "TRUNC": lift(_toward_zero, "number", "number", optional=1, note="as ROUND"),
    "ROUND": numeric(_round, 2, note="what 15 digits say: ROUND(2.675, 2) is 2.68"),
    "ROUNDDOWN": lift(_toward_zero, "number", "number", note="as ROUND"),
    "ROUNDUP": lift(_away_from_zero, "number", "number", note="as ROUND"),
    "MROUND": strict(lift(_multiple, "strict number", "strict number")),
    "EVEN": lift(_even, "number"),
    "ODD": lift(_odd, "number"),
    "FLOOR": lift(_floor, "number", "number", note="the quotient is taken to 15 digits, as in Excel"),
    "CEILING": lift(_ceiling, "number", "number", note="as FLOOR"),
    "FLOOR.MATH": with_defaults(lift(_floor_math, *numbers(3), optional=2), {1: 1.0}),
    "CEILING.MATH": with_defaults(lift(_ceiling_math, *numbers(3), optional=2), {1: 1.0}),
    "FLOOR.PRECISE": lift(_floor_precise, "number", "number", optional=1),
    "CEILING.PRECISE": lift(_ceiling_precise, "number", "number", optional=1),
    "ISO.CEILING": lift(_ceiling_precise, "number", "number", optional=1),
}

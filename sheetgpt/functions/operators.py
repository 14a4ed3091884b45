"""Excel's operators on arrays: + - * / ^ & = <> < <= > >=, the signs, and %.

Arithmetic on float64 arrays is one numpy call. Comparisons see 15 significant digits, as Excel's do:
0.1 + 0.2 = 0.3 is TRUE. The last sum of a formula is 0 where it is nearly so, see `at_the_end`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgpt.book.address import MAX_TEXT
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.broadcasting import FLOAT, Numbers, align, pack, to_numbers
from sheetgpt.functions.core.coercion import DIV0, NUM, VALUE, compare, to_number, to_text
from sheetgpt.functions.core.vectorize import Judge, Kernel, always_num, apply

Binary = Callable[[np.ndarray, np.ndarray], np.ndarray]
Unary = Callable[[np.ndarray], np.ndarray]

# Numbers that agree to 15 digits differ by less than this, relative to the larger one.
_NEAR = 1.1e-14
ROUNDING = 2.0**-50  # of the larger operand


def judge_division(_dividend: float, divisor: float) -> Value:
    """#DIV/0! for a divisor of 0, #NUM! for a quotient too large."""
    return DIV0 if divisor == 0 else NUM


def power(base: Numbers, exponent: Numbers) -> Numbers:
    """base ^ exponent; raises FloatingPointError where Excel gives an error, for 0^0 too."""
    result = np.power(base, exponent)
    if not exponent.all() and np.any((base == 0) & (exponent == 0)):
        raise FloatingPointError("0^0")
    return result


def _square(base: Numbers, _exponent: Numbers) -> Numbers:
    return base * base


def _cube(base: Numbers, _exponent: Numbers) -> Numbers:
    return base * base * base


def judge_power(base: float, exponent: float) -> Value:
    """The value where `power` fails: #DIV/0! for 0^-1, an odd root such as -2 for (-8)^(1/3), else #NUM!."""
    if base == 0 and exponent < 0:
        return DIV0
    if base < 0 and 0 < abs(exponent) < 1:
        root = round(1 / exponent)
        if root % 2 and abs(root * exponent - 1) < 1e-14:
            return float(-np.power(-base, exponent))
    return NUM


def _arithmetic(kernel: Kernel, judge: Judge = always_num) -> Binary:
    def operator(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if a.dtype == FLOAT and b.dtype == FLOAT:
            try:
                return kernel(a, b)
            except (FloatingPointError, ValueError):
                pass
        return apply(kernel, judge, (a, b))

    return operator


def _comparison(kernel: Kernel, holds: Callable[[int], bool]) -> Binary:
    def operator(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        if a.dtype == FLOAT and b.dtype == FLOAT:
            try:
                if not _nearly_equal(a, b):
                    return kernel(a, b)
            except (FloatingPointError, ValueError):
                pass
        return _by_element(lambda x, y: holds(compare(x, y)), a, b)

    return operator


def at_the_end(operator: Binary) -> Binary:
    """+ or - as the last operation of a formula: 0 where the result is but the rounding error of its operands.

    So Excel has it since 1997 (Microsoft, "Floating-point arithmetic may give inaccurate results in Excel"):
    =0.5-0.4-0.1 is 0, =(0.5-0.4-0.1) is not. How near is not documented; this takes four units in the last place.
    """

    def run(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        result = operator(a, b)
        if result.dtype == a.dtype == b.dtype == FLOAT and result.size == 1:  # many a chain has one formula at a time
            return result if abs(result.item()) > ROUNDING * abs(a.item()) else np.zeros_like(result)
        if result.dtype == FLOAT:
            tiny = np.abs(result) <= ROUNDING * np.abs(to_numbers(a)[0])  # then the other operand is as large
            return np.where(tiny, 0.0, result) if tiny.any() else result
        values = [_without_rounding(*three) for three in zip(*map(_listed, (result, *align((a, b)))), strict=True)]
        return pack(values, result.shape)

    return run


def _listed(values: np.ndarray) -> list[Value]:
    listed: list[Value] = values.ravel().tolist()
    return listed


def _without_rounding(result: Value, left: Value, right: Value) -> Value:
    sizes = [abs(number) for number in map(to_number, (left, right)) if isinstance(number, float)]
    return 0.0 if isinstance(result, float) and abs(result) <= ROUNDING * max(sizes, default=0.0) else result


def _nearly_equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether any two numbers differ so little that 15 digits might not show it."""
    if a.size < b.size:
        a, b = b, a
    if b.size == 1 and a.size > 1:  # one number: no array has to be made but those of comparisons
        number = float(b.flat[0])
        reach = 2 * _NEAR * abs(number)
        if np.count_nonzero((a >= number - reach) & (a <= number + reach)) == np.count_nonzero(a == number):
            return False
    difference = np.abs(a - b)
    near = (difference < _NEAR * np.abs(a)) & (difference > 0)
    return bool(near.any())


def _by_element(function: Callable[[Value, Value], Value], a: np.ndarray, b: np.ndarray) -> np.ndarray:
    a, b = align((a, b))
    results: list[Value] = []
    for x, y in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True):
        if isinstance(x, ErrorValue):
            results.append(x)
        else:
            results.append(y if isinstance(y, ErrorValue) else function(x, y))
    return pack(results, a.shape)


def _join(x: Value, y: Value) -> Value:
    text = f"{to_text(x)}{to_text(y)}"
    return text if len(text) <= MAX_TEXT else VALUE


def concatenate(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The operator &; #VALUE! beyond 32,767 characters."""
    return _by_element(_join, a, b)


def plus(values: np.ndarray) -> np.ndarray:
    """The sign +, which changes nothing, not even text."""
    return values


def minus(values: np.ndarray) -> np.ndarray:
    """The sign -."""
    return apply(np.negative, always_num, (values,))


def percent(values: np.ndarray) -> np.ndarray:
    """The mark % behind a value: a hundredth of it."""
    return apply(_hundredth, always_num, (values,))


def _hundredth(values: Numbers) -> Numbers:
    return values / 100.0


OPERATORS: dict[str, Binary] = {
    "+": _arithmetic(np.add),
    "-": _arithmetic(np.subtract),
    "*": _arithmetic(np.multiply),
    "/": _arithmetic(np.divide, judge_division),
    "^": _arithmetic(power, judge_power),
    "&": concatenate,
    "=": _comparison(np.equal, lambda order: order == 0),
    "<>": _comparison(np.not_equal, lambda order: order != 0),
    "<": _comparison(np.less, lambda order: order < 0),
    "<=": _comparison(np.less_equal, lambda order: order <= 0),
    ">": _comparison(np.greater, lambda order: order > 0),
    ">=": _comparison(np.greater_equal, lambda order: order >= 0),
}
# Where the formula itself says 2 or 3: many times faster than `power`, and the same up to the last digit or two.
POWERS: dict[float, Binary] = {2.0: _arithmetic(_square, judge_power), 3.0: _arithmetic(_cube, judge_power)}
PREFIX: dict[str, Unary] = {"+": plus, "-": minus}
POSTFIX: dict[str, Unary] = {"%": percent}

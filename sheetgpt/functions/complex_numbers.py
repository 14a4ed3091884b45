"""Complex numbers, which Excel writes as texts such as "3+4i" with 15 digits: COMPLEX, IMABS, IMSUM ...

Calculated by the formulas of Excel's documentation: powers, roots and logarithms from modulus and argument.
"""

from __future__ import annotations

import cmath
import math
import re
from collections.abc import Callable
from functools import reduce
from typing import NamedTuple

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.coercion import DIV0, NUM, VALUE, general, to_number
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift, strict

_UNSIGNED = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_REAL = re.compile(rf"[+-]?{_UNSIGNED}", re.ASCII)
_IMAGINARY = re.compile(rf"([+-]?(?:{_UNSIGNED})?)([ij])", re.ASCII)
_BOTH = re.compile(rf"([+-]?{_UNSIGNED})([+-](?:{_UNSIGNED})?)([ij])", re.ASCII)


class Number(NamedTuple):
    """A complex number and its letter, "" where it is real."""

    value: complex
    letter: str = ""


def parse(value: Value) -> Number | ErrorValue:
    """The complex number of a value; #NUM! for a text that is none, #VALUE! for a boolean."""
    if isinstance(value, ErrorValue | bool):
        return VALUE if isinstance(value, bool) else value
    if not isinstance(value, str):
        return Number(complex(value or 0.0))
    if _REAL.fullmatch(value):
        return _finite(Number(complex(float(value))))
    if match := _IMAGINARY.fullmatch(value):
        return _finite(Number(complex(0.0, _coefficient(match[1])), match[2]))
    if match := _BOTH.fullmatch(value):
        return _finite(Number(complex(float(match[1]), _coefficient(match[2])), match[3]))
    return NUM


def _coefficient(text: str) -> float:
    return float(text + "1" if text in ("", "+", "-") else text)


def _finite(number: Number) -> Number | ErrorValue:
    return number if cmath.isfinite(number.value) else NUM


def write(value: complex, letter: str) -> Value:
    """The text of a complex number; #NUM! where it is not finite."""
    if not cmath.isfinite(value):
        return NUM
    real, imaginary = general(value.real), general(value.imag)
    if imaginary == "0":
        return real
    factor = {"1": "", "-1": "-"}.get(imaginary, imaginary)
    plus = "" if real == "0" or factor.startswith("-") else "+"
    return f"{'' if real == '0' else real}{plus}{factor}{letter or 'i'}"


def _of_one(function: Callable[[complex], float | complex]) -> Function:
    """A function of one complex number; what is infinite or not defined is #NUM!."""

    def call(value: Value) -> Value:
        number = parse(value)
        if isinstance(number, ErrorValue):
            return number
        try:
            result = function(number.value)
        except ZeroDivisionError:
            return NUM
        return write(result, number.letter) if isinstance(result, complex) else result

    return strict(lift(call, "value"))


def _of_two(function: Callable[[complex, complex], complex]) -> Function:
    def call(first: Value, second: Value) -> Value:
        pair = _one_letter([first, second])
        if isinstance(pair, ErrorValue):
            return pair
        numbers, letter = pair
        return write(function(*numbers), letter) if function is not _divide or numbers[1] else NUM

    return strict(lift(call, "value", "value"))


def _one_letter(values: list[Value]) -> tuple[list[complex], str] | ErrorValue:
    """The numbers and the letter that they share; #VALUE! where one has i and another j."""
    numbers = []
    letters = set()
    for value in values:
        number = parse(value)
        if isinstance(number, ErrorValue):
            return number
        numbers.append(number.value)
        letters.add(number.letter)
    letters.discard("")
    return VALUE if len(letters) > 1 else (numbers, "".join(letters))


def _of_many(combine: Callable[[complex, complex], complex]) -> Function:
    """IMSUM and IMPRODUCT: of all values given; blank cells do not count."""

    def call(*operands: Operand | None) -> Value:
        values = [value for operand in operands if operand for value in operand.values.ravel().tolist()]
        pair = _one_letter([value for value in values if value is not None])
        if isinstance(pair, ErrorValue):
            return pair
        numbers, letter = pair
        return write(reduce(combine, numbers), letter) if numbers else "0"

    return lift(call, "array", repeats=1)


def _add(a: complex, b: complex) -> complex:
    return a + b


def _subtract(a: complex, b: complex) -> complex:
    return a - b


def _multiply(a: complex, b: complex) -> complex:
    return a * b


def _divide(a: complex, b: complex) -> complex:
    return a / b


def _complex(real: float, imaginary: float, letter: Value = None) -> Value:
    if isinstance(letter, ErrorValue):
        return letter
    suffix = "i" if letter in (None, "") else letter
    return write(complex(real, imaginary), suffix) if isinstance(suffix, str) and suffix in ("i", "j") else VALUE


def _argument(value: Value) -> Value:
    number = parse(value)
    if isinstance(number, ErrorValue):
        return number
    return cmath.phase(number.value) if number.value else DIV0


def _power(value: Value, exponent: Value) -> Value:
    number, power = parse(value), VALUE if isinstance(exponent, bool) else to_number(exponent)
    for given in (number, power):
        if isinstance(given, ErrorValue):
            return given
    assert isinstance(number, Number)
    assert isinstance(power, float)
    if not number.value:
        return "0" if power > 0 else NUM
    size = math.pow(abs(number.value), power)
    angle = power * cmath.phase(number.value)
    return write(complex(size * math.cos(angle), size * math.sin(angle)), number.letter)


def _root(number: complex) -> complex:
    size, angle = math.sqrt(abs(number)), cmath.phase(number) / 2
    return complex(size * math.cos(angle), size * math.sin(angle))


def _logarithm(scale: float) -> Callable[[complex], complex]:
    def logarithm(number: complex) -> complex:
        value = complex(math.log(abs(number)), cmath.phase(number))
        return complex(value.real / scale, value.imag / scale)

    return logarithm


def _reciprocal(function: Callable[[complex], complex]) -> Callable[[complex], complex]:
    return lambda number: 1 / function(number)


COMPLEX_NUMBERS: dict[str, Function] = {
    "COMPLEX": strict(lift(_complex, "strict number", "strict number", "value", optional=1)),
    "IMREAL": _of_one(lambda number: number.real),
    "IMAGINARY": _of_one(lambda number: number.imag),
    "IMABS": _of_one(abs),
    "IMARGUMENT": strict(lift(_argument, "value")),
    "IMCONJUGATE": _of_one(lambda number: number.conjugate()),
    "IMSUM": _of_many(_add),
    "IMSUB": _of_two(_subtract),
    "IMPRODUCT": _of_many(_multiply),
    "IMDIV": _of_two(_divide),
    "IMPOWER": strict(lift(_power, "value", "value")),
    "IMSQRT": _of_one(_root),
    "IMEXP": _of_one(cmath.exp),
    "IMLN": _of_one(_logarithm(1.0)),
    "IMLOG10": _of_one(_logarithm(math.log(10))),
    "IMLOG2": _of_one(_logarithm(math.log(2))),
    "IMSIN": _of_one(cmath.sin),
    "IMCOS": _of_one(cmath.cos),
    "IMTAN": _of_one(cmath.tan),
    "IMCOT": _of_one(_reciprocal(cmath.tan)),
    "IMSEC": _of_one(_reciprocal(cmath.cos)),
    "IMCSC": _of_one(_reciprocal(cmath.sin)),
    "IMSINH": _of_one(cmath.sinh),
    "IMCOSH": _of_one(cmath.cosh),
    "IMSECH": _of_one(_reciprocal(cmath.cosh)),
    "IMCSCH": _of_one(_reciprocal(cmath.sinh)),
}

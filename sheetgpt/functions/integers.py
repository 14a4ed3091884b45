"""Whole numbers: divisors, factorials, combinations, bits, and numbers written in other bases."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.broadcasting import each_of_batch, single
from sheetgpt.functions.core.coercion import NA, NUM, VALUE, to_number, to_text
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift, numbers, strict

_EXACT = 2**53  # larger whole numbers are not exact in a double
_BITS = 2**48  # limit of the bit functions
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _of_whole_numbers(combine: Callable[..., int]) -> Function:
    """GCD and LCM: every value given, from cells too, must be readable as a number of 0 or more.

    Blank cells do not count, and blank cells alone are #VALUE!.
    """

    def one(*operands: Operand | None) -> np.ndarray:
        whole: list[int] = []
        for operand in operands:
            for value in [NA] if operand is None else operand.values.ravel().tolist():
                if value is None:
                    continue
                number = VALUE if isinstance(value, bool) else to_number(value)
                if isinstance(number, ErrorValue):
                    return single(number)
                whole.append(math.floor(number))
        if not whole or not all(0 <= number < _EXACT for number in whole):
            return single(NUM if whole else VALUE)
        result = combine(*whole)
        return single(float(result) if result < _EXACT else NUM)

    def call(*operands: Operand | None) -> np.ndarray:
        return each_of_batch(one, operands)

    return Function(call=call, parameters=("array",), repeats=1, batched=True)


def _factorial(number: float) -> Value:
    return NUM if number < 0 or number >= 171 else float(math.factorial(int(number)))


def _double_factorial(number: float) -> Value:
    if number < -1 or number >= 301:
        return NUM
    return float(math.prod(range(int(number), 0, -2)))


def _choose(n: int, k: int) -> Value:
    """The number of ways to choose k of n, #NUM! where it is too large for a double."""
    k = min(k, n - k)
    if math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) > 710:
        return NUM
    return float(math.comb(n, k))


def _combinations(n: float, k: float) -> Value:
    return NUM if n < 0 or k < 0 or int(n) < int(k) else _choose(int(n), int(k))


def _combinations_repeated(n: float, k: float) -> Value:
    if n < 0 or k < 0 or (int(n) == 0 and int(k) > 0):
        return NUM
    return _choose(int(n) + int(k) - 1, int(k)) if int(n) else 1.0


def _permutations(n: float, k: float) -> Value:
    if n <= 0 or k < 0 or int(n) < int(k):
        return NUM
    if math.lgamma(int(n) + 1) - math.lgamma(int(n) - int(k) + 1) > 710:
        return NUM
    return float(math.perm(int(n), int(k)))


def _permutations_repeated(n: float, k: float) -> Value:
    return NUM if n < 0 or k < 0 else float(int(n)) ** int(k)


def _bitwise(combine: Callable[[int, int], int]) -> Callable[[float, float], Value]:
    def function(a: float, b: float) -> Value:
        if not all(0 <= number < _BITS and number == int(number) for number in (a, b)):
            return NUM
        return float(combine(int(a), int(b)))

    return function


def _shift_left(number: float, by: float) -> Value:
    if not 0 <= number < _BITS or number != int(number) or abs(by) > 53:
        return NUM
    shifted = int(number) << int(by) if by >= 0 else int(number) >> int(-by)
    return float(shifted) if shifted < _BITS else NUM


def _shift_right(number: float, by: float) -> Value:
    return _shift_left(number, -by)


def in_base(number: int, base: int) -> str:
    """The digits of a whole number of 0 or more."""
    digits = ""
    while number:
        number, digit = divmod(number, base)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _base(number: float, base: float, length: float = 0.0) -> Value:
    if not (0 <= number < _EXACT and 2 <= int(base) <= 36 and 0 <= length < 256):
        return NUM
    return in_base(int(number), int(base)).rjust(int(length), "0")


def _decimal(text: str, base: float) -> Value:
    body = text.strip()
    if not 2 <= int(base) <= 36 or len(text) > 255:
        return NUM
    if int(base) == 16:
        body = body.upper().removeprefix("0X").removeprefix("X").removesuffix("H")
    if int(base) == 2:
        body = body.upper().removesuffix("B")
    return float(int(body, int(base))) if body.isalnum() else (NUM if body else 0.0)


def _from_base(base: int) -> Callable[[Value], Value]:
    """The number of ten digits at most, the tenth saying the sign (two's complement); a boolean is #VALUE!."""

    def function(value: Value) -> Value:
        text = VALUE if isinstance(value, bool) else to_text(value)
        if isinstance(text, ErrorValue):
            return text
        if len(text) > 10 or (text and not text.isalnum()):
            return NUM
        number = int(text, base) if text else 0
        return float(number - base**10 if number >= base**10 // 2 else number)

    return function


def _to_base(base: int) -> Callable[..., Value]:
    def function(number: float, places: float | None = None) -> Value:
        whole = int(number)
        if not -(base**10) // 2 <= whole < base**10 // 2:
            return NUM
        digits = in_base(whole % base**10, base)
        if places is None:
            return digits
        if not 1 <= int(places) <= 10 or (whole >= 0 and len(digits) > int(places)):
            return NUM
        return digits.rjust(int(places), "0") if whole >= 0 else digits

    return function


def _between(source: int, target: int) -> Function:
    read, write = _from_base(source), _to_base(target)

    def function(value: Value, places: float | None = None) -> Value:
        number = read(value)
        return write(number, places) if isinstance(number, float) else number

    return lift(function, "value", "strict number", optional=1)


INTEGERS: dict[str, Function] = {
    "GCD": _of_whole_numbers(math.gcd),
    "LCM": _of_whole_numbers(math.lcm),
    "FACT": lift(_factorial, "number"),
    "FACTDOUBLE": strict(lift(_double_factorial, "strict number")),
    "COMBIN": lift(_combinations, "number", "number"),
    "COMBINA": lift(_combinations_repeated, "number", "number"),
    "PERMUT": lift(_permutations, "number", "number"),
    "PERMUTATIONA": lift(_permutations_repeated, "number", "number"),
    "BITAND": lift(_bitwise(int.__and__), "number", "number"),
    "BITOR": lift(_bitwise(int.__or__), "number", "number"),
    "BITXOR": lift(_bitwise(int.__xor__), "number", "number"),
    "BITLSHIFT": lift(_shift_left, "number", "number"),
    "BITRSHIFT": lift(_shift_right, "number", "number"),
    "BASE": lift(_base, *numbers(3), optional=1),
    "DECIMAL": lift(_decimal, "text", "number"),
    "BIN2DEC": strict(lift(_from_base(2), "value")),
    "OCT2DEC": strict(lift(_from_base(8), "value")),
    "HEX2DEC": strict(lift(_from_base(16), "value")),
    "DEC2BIN": strict(lift(_to_base(2), "strict number", "strict number", optional=1)),
    "DEC2OCT": strict(lift(_to_base(8), "strict number", "strict number", optional=1)),
    "DEC2HEX": strict(lift(_to_base(16), "strict number", "strict number", optional=1)),
    "BIN2HEX": strict(_between(2, 16)),
    "BIN2OCT": strict(_between(2, 8)),
    "HEX2BIN": strict(_between(16, 2)),
    "HEX2OCT": strict(_between(16, 8)),
    "OCT2BIN": strict(_between(8, 2)),
    "OCT2HEX": strict(_between(8, 16)),
}

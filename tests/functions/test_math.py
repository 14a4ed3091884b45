"""Arithmetic, trigonometry, rounding, whole numbers; values from Excel's documentation or arithmetic."""

import decimal
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgpt.functions.roman import roman
from support.calling import DIV0, NA, NUM, VALUE, Case, check, excel

MATH: list[Case] = [
    ("PI", [], math.pi),
    ("ABS", [-2], 2.0),
    ("ABS", [[[-1, "x"], [None, True]]], [[1.0, VALUE], [0.0, 1.0]]),
    ("SIGN", [-0.5], -1.0),
    ("SQRT", [16], 4.0),
    ("SQRT", [-1], NUM),
    ("SQRT", ["4"], 2.0),
    ("SQRT", [None], 0.0),
    ("SQRTPI", [2], math.sqrt(2 * math.pi)),
    ("SQRTPI", [True], VALUE),
    ("EXP", [1], math.e),
    ("EXP", [710], NUM),
    ("EXP", [[1, 710]], [[math.e, NUM]]),
    ("LN", [math.e], 1.0),
    ("LN", [0], NUM),
    ("LOG", [8, 2], 3.0),
    ("LOG", [1000], 3.0),
    ("LOG", [5, 1], DIV0),
    ("LOG", [-5, 1], NUM),
    ("LOG10", [1e5], 5.0),
    ("POWER", [98.6, 3.2], 2401077.2220695773),
    ("POWER", [0, 0], NUM),
    ("MOD", [3, 2], 1.0),
    ("MOD", [-3, 2], 1.0),
    ("MOD", [3, -2], -1.0),
    ("MOD", [5, 0], DIV0),
    ("MOD", [1e12, 7], float(10**12 % 7)),
    ("MOD", [1e16, 7], NUM),
    ("QUOTIENT", [-10, 3], -3.0),
    ("QUOTIENT", [1, 0], DIV0),
    ("SERIESSUM", [2, 0, 1, [1, 1, 1]], 7.0),
    ("COMBIN", [8, 2], 28.0),
    ("COMBIN", [2, 8], NUM),
    ("COMBIN", [2000, 1000], NUM),
    ("COMBINA", [4, 3], 20.0),
    ("PERMUT", [100, 3], 970200.0),
    ("PERMUTATIONA", [3, 2], 9.0),
    ("FACT", [5], 120.0),
    ("FACT", [170], float(math.factorial(170))),
    ("FACT", [171], NUM),
    ("FACT", [-1], NUM),
    ("FACTDOUBLE", [7], 105.0),
    ("GCD", [24, 36], 12.0),
    ("GCD", [[24, None, 36]], 12.0),
    ("GCD", [-1], NUM),
    ("GCD", [None, 3], NA),
    ("LCM", [24, 36], 72.0),
    ("LCM", [True], VALUE),
]

TRIGONOMETRY: list[Case] = [
    ("SIN", [math.pi / 2], 1.0),
    ("SIN", [2**27], NUM),
    ("COS", [1.047], 0.5001710745970701),
    ("TAN", [0.785], 0.99920399010505),
    ("COT", [0], DIV0),
    ("COT", [30], 1 / math.tan(30)),
    ("SEC", [0], 1.0),
    ("CSC", [0], DIV0),
    ("ATAN2", [1, 1], math.pi / 4),
    ("ATAN2", [-1, -1], -3 * math.pi / 4),
    ("ATAN2", [0, 0], DIV0),
    ("ASIN", [2], NUM),
    ("ACOT", [2], 0.4636476090008061),
    ("ACOS", [-0.5], 2.0943951023931957),
    ("SINH", [800], NUM),
    ("TANH", [800], 1.0),
    ("COTH", [800], 1.0),
    ("SECH", [800], 0.0),
    ("CSCH", [0], DIV0),
    ("ACOSH", [1], 0.0),
    ("ACOSH", [0.5], NUM),
    ("ATANH", [1], NUM),
    ("ACOTH", [6], 0.16823611831060642),
    ("DEGREES", [math.pi], 180.0),
    ("RADIANS", [270], 4.71238898038469),
]

ROUNDING: list[Case] = [
    ("ROUND", [2.15, 1], 2.2),
    ("ROUND", [2.149, 1], 2.1),
    ("ROUND", [-1.475, 2], -1.48),
    ("ROUND", [2.675, 2], 2.68),
    ("ROUND", [1.005, 2], 1.01),
    ("ROUND", [21.5, -1], 20.0),
    ("ROUND", [626.3, -3], 1000.0),
    ("ROUND", [1.98, -1], 0.0),
    ("ROUND", [-50.55, -2], -100.0),
    ("ROUND", [0.4999999999999, 0], 0.0),
    ("ROUND", [1e300, 5], 1e300),
    ("ROUND", [1.5e-10, 400], 1.5e-10),
    ("ROUND", [2.5, None], 3.0),
    ("ROUNDUP", [3.14159, 3], 3.142),
    ("ROUNDUP", [-3.14159, 1], -3.2),
    ("ROUNDUP", [31415.92654, -2], 31500.0),
    ("ROUNDUP", [0.1 + 0.2, 1], 0.3),
    ("ROUNDDOWN", [3.14159, 3], 3.141),
    ("ROUNDDOWN", [0.29 * 100, 0], 29.0),
    ("TRUNC", [-8.9], -8.0),
    ("INT", [-8.9], -9.0),
    ("MROUND", [10, 3], 9.0),
    ("MROUND", [-10, -3], -9.0),
    ("MROUND", [1.3, 0.2], 1.4),
    ("MROUND", [5, -2], NUM),
    ("EVEN", [-1], -2.0),
    ("EVEN", [1.5], 2.0),
    ("EVEN", [2], 2.0),
    ("ODD", [1.5], 3.0),
    ("ODD", [-2], -3.0),
    ("ODD", [0], 1.0),
    ("FLOOR", [3.7, 2], 2.0),
    ("FLOOR", [-2.5, -2], -2.0),
    ("FLOOR", [2.5, -2], NUM),
    ("FLOOR", [7.1, 0.1], 7.1),
    ("FLOOR", [1, 0], DIV0),
    ("CEILING", [2.5, 1], 3.0),
    ("CEILING", [-2.5, 2], -2.0),
    ("CEILING", [-2.5, -2], -4.0),
    ("CEILING", [1.5, 0.1], 1.5),
    ("FLOOR.MATH", [-8.1, 2], -10.0),
    ("FLOOR.MATH", [-5.5, 2, -1], -4.0),
    ("CEILING.MATH", [-5.5, 2, -1], -6.0),
    ("CEILING.MATH", [24.3, 5], 25.0),
    ("ISO.CEILING", [-4.3, -2], -4.0),
]

BASES: list[Case] = [
    ("BASE", [15, 2, 10], "0000001111"),
    ("BASE", [100, 16], "64"),
    ("BASE", [-1, 16], NUM),
    ("DECIMAL", ["FF", 16], 255.0),
    ("DECIMAL", ["zap", 36], 45745.0),
    ("DECIMAL", ["9", 8], NUM),
    ("DEC2HEX", [100, 4], "0064"),
    ("DEC2HEX", [-54], "FFFFFFFFCA"),
    ("DEC2BIN", [512], NUM),
    ("DEC2BIN", [-100], "1110011100"),
    ("DEC2BIN", [9, 2], NUM),
    ("BIN2DEC", ["1111111111"], -1.0),
    ("HEX2DEC", ["FFFFFFFF5B"], -165.0),
    ("HEX2DEC", ["xyz"], NUM),
    ("OCT2DEC", ["54"], 44.0),
    ("BIN2HEX", ["11111011", 4], "00FB"),
    ("HEX2BIN", ["F", 8], "00001111"),
    ("OCT2HEX", ["100", 4], "0040"),
    ("BITAND", [13, 25], 9.0),
    ("BITOR", [23, 10], 31.0),
    ("BITXOR", [5, 3], 6.0),
    ("BITAND", [1.5, 1], NUM),
    ("BITAND", [-1, 1], NUM),
    ("BITLSHIFT", [4, 2], 16.0),
    ("BITRSHIFT", [13, 2], 3.0),
    ("BITLSHIFT", [2**47, 1], NUM),
    ("ROMAN", [499], "CDXCIX"),
    ("ROMAN", [499, 1], "LDVLIV"),
    ("ROMAN", [499, 2], "XDIX"),
    ("ROMAN", [499, 3], "VDIV"),
    ("ROMAN", [499, 4], "ID"),
    ("ROMAN", [499, False], "ID"),
    ("ROMAN", [4000], VALUE),
    ("ARABIC", ["mcmxii"], 1912.0),
    ("ARABIC", ["-X"], -10.0),
    ("ARABIC", ["A"], VALUE),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), MATH + TRIGONOMETRY + ROUNDING + BASES)
def test_function(name, arguments, expected):
    check(excel(name, *arguments), expected)


@given(st.integers(0, 3999), st.integers(0, 4))
def test_roman_numerals_of_every_form_read_back(number, form):
    assert excel("ARABIC", roman(number, form)) == number


@given(st.integers(0, 2**53 - 1), st.integers(2, 36))
def test_numbers_in_every_base_read_back(number, base):
    assert excel("DECIMAL", excel("BASE", number, base), base) == number


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4))
def test_mod_and_quotients_of_whole_numbers_are_exact(number, divisor):
    assert excel("MOD", number, divisor) == number % divisor
    assert excel("MOD", number, -divisor) == number % -divisor


@given(st.decimals(-1000, 1000, places=5), st.integers(0, 4))
def test_round_is_the_rounding_of_decimals_taught_at_school(number, places):
    expected = number.quantize(decimal.Decimal(10) ** -places, rounding=decimal.ROUND_HALF_UP)
    assert excel("ROUND", float(number), places) == pytest.approx(float(expected), rel=1e-15, abs=0)

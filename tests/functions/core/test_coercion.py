"""Coercions, the format General, and Excel's order of values."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgpt.functions.core.coercion import compare, general, parse_number, to_boolean, to_number, to_text
from support.calling import NA, VALUE

GENERAL = [
    (0.0, "0"),
    (-0.0, "0"),
    (1.0, "1"),
    (-2.5, "-2.5"),
    (0.1 + 0.2, "0.3"),
    (1 / 3, "0.333333333333333"),
    (100.0, "100"),
    (123456789012345678.0, "123456789012346000"),
    (1e20, "100000000000000000000"),
    (1e21, "1E+21"),
    (1.5e300, "1.5E+300"),
    (1e-9, "0.000000001"),
    (1.23456789012345e-5, "1.23456789012345E-05"),
    (1e-20, "1E-20"),
    (-1e-20, "-1E-20"),
    (0.999999999999999, "0.999999999999999"),
    (0.99999999999999989, "1"),
]


@pytest.mark.parametrize(("number", "text"), GENERAL)
def test_general_writes_15_digits(number, text):
    assert general(number) == text


@given(st.floats(-1e308, 1e308, allow_subnormal=False))
def test_general_reads_back_as_the_number_to_15_digits(number):
    back = parse_number(general(number))
    assert back == pytest.approx(number, rel=5e-15, abs=0)  # half of the last of 15 digits


NUMBERS = [
    ("12", 12),
    (" 12 ", 12),
    ("-1.5e3", -1500),
    (".5", 0.5),
    ("5.", 5),
    ("1,234.5", 1234.5),
    ("12,34", None),
    ("50%", 0.5),
    ("$5", 5),
    ("-$5", -5),
    ("(5)", -5),
    ("1e999", None),
    ("", None),
    ("abc", None),
    ("--8", None),
    ("1 2", None),
    ("nan", None),
    ("inf", None),
    ("0x10", None),
    ("1_000", None),
    ("٣", None),
    ("2024-01-10", 45301),
    (" 2024-01-10 ", None),
    ("1/10/2024", 45301),
    ("10-Jan-2024", 45301),
    ("January 10, 2024", 45301),
    ("12:00", 0.5),
    ("6:00 PM", 0.75),
    ("2024-01-10 12:00", 45301.5),
    ("2024-02-30", None),
    ("25:30", 25.5 / 24),
    ("13:00 PM", None),
]


@pytest.mark.parametrize(("text", "number"), NUMBERS)
def test_text_is_read_as_a_number(text, number):
    assert parse_number(text) == (None if number is None else pytest.approx(number, rel=1e-15))


@given(st.text())
def test_reading_any_text_as_a_number_gives_a_finite_one_or_none(text):
    number = parse_number(text)
    assert number is None or math.isfinite(number)


def test_coercions():
    assert [to_number(value) for value in (None, True, "7", "x", NA, 2.5)] == [0.0, 1.0, 7.0, VALUE, NA, 2.5]
    assert [to_text(value) for value in (None, True, "7", NA, 2.5)] == ["", "TRUE", "7", NA, "2.5"]
    assert [to_boolean(value) for value in (None, 0.0, 2.0, "true", "1", NA)] == [False, False, True, True, VALUE, NA]


ORDER = [-1e9, -1.0, 0.0, 0.5, 1e9, "", "1", "a", "B", "c", False, True]


@pytest.mark.parametrize("i", range(len(ORDER)))
def test_numbers_come_before_texts_and_texts_before_booleans(i):
    for j in range(len(ORDER)):
        assert compare(ORDER[i], ORDER[j]) == (i > j) - (i < j)


def test_comparison_ignores_case_and_the_16th_digit_and_fills_in_blanks():
    assert compare("Apple", "aPPLE") == 0
    assert compare(0.1 + 0.2, 0.3) == 0
    assert compare(1.0, 1 + 1e-14) == -1
    assert [compare(None, value) for value in (0.0, "", False, None, 1.0, "a")] == [0, 0, 0, 0, -1, -1]

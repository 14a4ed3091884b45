"""Operators: arithmetic, comparison, text, broadcasting, errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sheetgpt.functions import OPERATORS, POSTFIX, PREFIX
from sheetgpt.functions.operators import POWERS
from support.calling import DIV0, NA, NUM, REF, VALUE, array, check, operate, plain, strictly

CASES = [
    ("+", 1, 2, 3.0),
    ("+", "1", True, 2.0),
    ("-", "3", "1", 2.0),
    ("+", "x", 1, VALUE),
    ("+", [None], 1, 1.0),
    ("*", 1e200, 1e200, NUM),
    ("/", 1, 0, DIV0),
    ("/", 0, 0, DIV0),
    ("/", 1e300, 1e-300, NUM),
    ("^", 2, 0.5, 2**0.5),
    ("^", 0, 0, NUM),
    ("^", 0, -1, DIV0),
    ("^", 0, 2, 0.0),
    ("^", 2, 0, 1.0),
    ("^", -8, 1 / 3, -2.0),
    ("^", -8, 0.5, NUM),
    ("^", -2, 3, -8.0),
    ("^", 10, 400, NUM),
    ("+", REF, DIV0, REF),
    ("+", 1, DIV0, DIV0),
    ("+", "x", DIV0, VALUE),
    ("&", 1, "a", "1a"),
    ("&", True, [None], "TRUE"),
    ("&", 0.1, NA, NA),
    ("&", "x" * 20000, "y" * 20000, VALUE),
    ("=", "Ab", "aB", True),
    ("=", 0.1 + 0.2, 0.3, True),
    ("<", 0.3, 0.1 + 0.2, False),
    ("<>", 1, 1 + 1e-14, True),
    (">=", 1e308, -1e308, True),
    ("=", "1", 1, False),
    ("<", 1e9, "a", True),
    ("<", "zzz", False, True),
    ("=", [None], 0, True),
    ("=", [None], "", True),
    (">", True, 5, True),
    ("=", NA, NA, NA),
]


@pytest.mark.parametrize(("operator", "left", "right", "expected"), CASES)
def test_operator(operator, left, right, expected):
    check(operate(operator, left, right), expected)


def test_a_row_and_a_column_make_a_table():
    assert operate("+", [1, 2, 3], [[10], [20]]) == [[11.0, 12.0, 13.0], [21.0, 22.0, 23.0]]


def test_what_one_side_lacks_is_not_available():
    assert operate("+", [1, 2, 3], [10, 20]) == [[11.0, 22.0, NA]]
    assert operate("*", [[1], [2], [3]], [[1, 2], [3, 4]]) == [[1.0, 2.0], [6.0, 8.0], [NA, NA]]


def test_one_bad_element_leaves_the_others_alone():
    assert operate("/", [4, 9, 16], [2, 0, 4]) == [[2.0, DIV0, 4.0]]
    assert operate("+", [1, "x", NA], 1) == [[2.0, VALUE, NA]]


def test_signs_and_percent():
    with strictly():
        assert plain(PREFIX["-"](array(["5"]))) == -5.0
        assert plain(PREFIX["-"](array(["x"]))) == VALUE
        assert plain(PREFIX["+"](array(["x"]))) == "x"
        assert plain(POSTFIX["%"](array([50]))) == 0.5


numbers = arrays(np.float64, (3, 4), elements=st.floats(-1e6, 1e6))


@pytest.mark.parametrize("operator", ["+", "-", "*", "/", "=", "<>", "<", "<=", ">", ">="])
@given(a=numbers, b=numbers)
def test_the_path_by_element_agrees_with_the_fast_one(operator, a, b):
    """The same numbers, once as float64 and once as objects, and beside a text that forces the slow path."""
    with strictly():
        fast = OPERATORS[operator](a, b).astype(object)
        slow = OPERATORS[operator](a.astype(object), b.astype(object)).astype(object)
    assert fast.tolist() == slow.tolist()


@pytest.mark.parametrize("operator", list(OPERATORS))
def test_a_batch_gives_what_its_entries_give(operator):
    random = np.random.default_rng(7)
    a, b = random.normal(size=(5, 1, 3)).round(1), random.normal(size=(2, 1)).round(1)
    with strictly():
        batch = OPERATORS[operator](a, b)
        entries = [OPERATORS[operator](entry, b) for entry in a]
    assert batch.shape == (5, 2, 3)
    assert batch.tolist() == [entry.tolist() for entry in entries]


@pytest.mark.parametrize("operator", ["=", "<>", "<", "<=", ">", ">="])
@given(a=numbers, ulps=st.lists(st.integers(-40, 40), min_size=12, max_size=12))
def test_many_numbers_against_one_are_compared_to_15_digits(operator, a, ulps):
    """Numbers some units in the last place around the one, on either side of the operator, among others."""
    one = np.array([[float(a[0, 0]) or 0.3]])
    near = one * (1 + np.array(ulps).reshape(3, 4) * 2.0**-52)
    with strictly():
        for many in (near, np.where(np.array(ulps).reshape(3, 4) > 0, near, a)):
            for left, right in ((many, one), (one, many)):
                fast = OPERATORS[operator](left, right).astype(object)
                slow = OPERATORS[operator](left.astype(object), right.astype(object)).astype(object)
                assert fast.tolist() == slow.tolist()


@pytest.mark.parametrize("exponent", list(POWERS))
@pytest.mark.parametrize("base", [[-3, 0, 0.1, 1e100], ["2", True, None, "x", NA], 1e160, [[-1e-200], [7]]])
def test_squares_and_cubes_are_powers(base, exponent):
    values = array(base) if isinstance(base, list) else array([base])
    with strictly():
        plainly = OPERATORS["^"](values, np.array([[exponent]])).astype(object)
        shortly = POWERS[exponent](values, np.array([[exponent]])).astype(object)
    for one, other in zip(plainly.ravel().tolist(), shortly.ravel().tolist(), strict=True):
        assert one == other or one == pytest.approx(other, rel=4e-16)

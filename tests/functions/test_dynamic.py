"""Functions of Excel 365 that reshape arrays."""

import pytest

from sheetgpt.book.values import ErrorValue
from support.calling import NA, VALUE, Case, check, excel

CALC = ErrorValue.CALC
TABLE = [[1, 2, 3], [4, 5, 6]]

CASES: list[Case] = [
    ("SEQUENCE", [2, 3], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    ("SEQUENCE", [2, None, 5, -1], [[5.0], [4.0]]),
    ("SEQUENCE", [0], CALC),
    ("SEQUENCE", [-1], VALUE),
    ("TAKE", [TABLE, 1], [[1.0, 2.0, 3.0]]),
    ("TAKE", [TABLE, None, -1], [[3.0], [6.0]]),
    ("TAKE", [TABLE, 9], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    ("TAKE", [TABLE, 0], CALC),
    ("DROP", [TABLE, 1, 1], [[5.0, 6.0]]),
    ("DROP", [TABLE, -1, -2], 1.0),
    ("DROP", [TABLE, 2], CALC),
    ("TOCOL", [[[1, None], [NA, "x"]]], [[1.0], [None], [NA], ["x"]]),
    ("TOCOL", [[[1, None], [NA, "x"]], 3, True], [[1.0], ["x"]]),
    ("TOROW", [[[1, 2], [3, 4]], 0, True], [[1.0, 3.0, 2.0, 4.0]]),
    ("FILTER", [[[1], [2], [3]], [[True], [False], [True]]], [[1.0], [3.0]]),
    ("FILTER", [TABLE, [0, 1, 1]], [[2.0, 3.0], [5.0, 6.0]]),
    ("FILTER", [TABLE, [0, 0, 0]], CALC),
    ("FILTER", [TABLE, [0, 0, 0], "none"], "none"),
    ("FILTER", [TABLE, [0, "x", 0]], VALUE),
    ("VSTACK", [TABLE, [7]], [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, NA, NA]]),
    ("HSTACK", [TABLE, [[7], [8]]], [[1.0, 2.0, 3.0, 7.0], [4.0, 5.0, 6.0, 8.0]]),
    ("CHOOSEROWS", [TABLE, -1, 1], [[4.0, 5.0, 6.0], [1.0, 2.0, 3.0]]),
    ("CHOOSECOLS", [TABLE, [3, 1]], [[3.0, 1.0], [6.0, 4.0]]),
    ("CHOOSECOLS", [TABLE, 4], VALUE),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_function(name, arguments, expected):
    check(excel(name, *arguments), expected)

"""Sums, means, variances, counts, matrices, and aggregates under criteria."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sheetgpt.functions import FUNCTIONS, Operand
from support.calling import DIV0, NA, NUM, REF, VALUE, Case, array, check, excel, operand, strictly

# The breaking strengths of Excel's documentation of VAR, STDEV and their kin.
STRENGTHS = [[1345], [1301], [1368], [1322], [1310], [1370], [1318], [1350], [1303], [1299]]
MIXED = [[1, "2", True], [None, "x", 4]]

AGGREGATES: list[Case] = [
    ("SUM", [MIXED], 5.0),
    ("SUM", ["3", True, 4], 8.0),
    ("SUM", [("3", True, 4)], 4.0),
    ("SUM", ["x"], VALUE),
    ("SUM", [[1, NA, REF], DIV0], NA),
    ("SUM", [1, None], 1.0),
    ("SUM", [[None]], 0.0),
    ("SUM", [[1e308, 1e308]], NUM),
    ("SUMSQ", [3, 4], 25.0),
    ("PRODUCT", [[5, None, 15], 30], 2250.0),
    ("PRODUCT", [["x"]], 0.0),
    ("AVERAGE", [[10, 7, 9, 27, 2]], 11.0),
    ("AVERAGE", [["x", None]], DIV0),
    ("AVERAGE", [2, None], 1.0),
    ("AVERAGEA", [[10, 7, 9, 2, "x"]], 5.6),
    ("AVERAGEA", [[True, False]], 0.5),
    ("MAX", [[-5, -7, True]], -5.0),
    ("MAX", [["x"]], 0.0),
    ("MAXA", [[0, 0.2, 0.5, 0.4, True]], 1.0),
    ("MIN", [[10, 7, 9], 27, "2"], 2.0),
    ("MINA", [[3, "x"]], 0.0),
    ("MEDIAN", [[1, 2, 3, 4, 5]], 3.0),
    ("MEDIAN", [[1, 2, 3, 4, 5, 6]], 3.5),
    ("MEDIAN", [["x"]], NUM),
    ("GEOMEAN", [[4, 5, 8, 7, 11, 4, 3]], 5.476986969656962),
    ("GEOMEAN", [[1, 0]], NUM),
    ("HARMEAN", [[4, 5, 8, 7, 11, 4, 3]], 5.028375962061728),
    ("DEVSQ", [[4, 5, 8, 7, 11, 4, 3]], 48.0),
    ("AVEDEV", [[4, 5, 6, 7, 5, 4, 3]], 1.0204081632653061),
    ("VAR.S", [STRENGTHS], 754.2666666666667),
    ("VAR.P", [STRENGTHS], 678.84),
    ("STDEV.S", [STRENGTHS], 27.46391571984349),
    ("STDEV.P", [STRENGTHS], 26.054558142482477),
    ("VAR.S", [5], DIV0),
    ("VARP", [5], 0.0),
    ("VARA", [[1, True]], 0.0),
    ("STDEVPA", [[1, "x"]], 0.5),
    ("SKEW", [[3, 4, 5, 2, 3, 4, 5, 6, 4, 7]], 0.3595430714067974),
    ("KURT", [[3, 4, 5, 2, 3, 4, 5, 6, 4, 7]], -0.1517996372084168),
    ("COUNT", [MIXED], 2.0),
    ("COUNT", ["1", True, "x", NA], 2.0),
    ("COUNT", [[[1, 2], [3, 4]], None], 5.0),
    ("COUNTA", [MIXED, ""], 6.0),
    ("COUNTBLANK", [[None, "", 0]], 2.0),
    ("SUMPRODUCT", [[[3, 4], [8, 6], [1, 9]], [[2, 7], [6, 7], [5, 3]]], 156.0),
    ("SUMPRODUCT", [[1, True, "3"], [1, 1, 1]], 1.0),
    ("SUMPRODUCT", [[1, 2], [[1], [2]]], VALUE),
    ("SUMPRODUCT", [[1, NA], [1, 1]], NA),
    ("SUMPRODUCT", [[1e200], [1e200]], NUM),
]

MATRICES: list[Case] = [
    ("MMULT", [[[1, 3], [7, 2]], [[2, 0], [0, 2]]], [[2.0, 6.0], [14.0, 4.0]]),
    ("MMULT", [[1, 2], [1, 2]], VALUE),
    ("MMULT", [[1, None], [[1], [2]]], VALUE),
    ("MMULT", [[1, True], [[1], [2]]], VALUE),
    ("MMULT", [[1, "2"], [[1], [2]]], VALUE),
    ("MMULT", [[1, DIV0], [[1], [2]]], DIV0),
    ("MMULT", [[1e200], [1e200]], NUM),
    ("TRANSPOSE", [[[1, "a"], [None, True]]], [[1.0, 0.0], ["a", True]]),
    ("MINVERSE", [[[4, -1], [2, 0]]], [[0.0, 0.5], [-1.0, 2.0]]),
    ("MINVERSE", [[[1, 2], [2, 4]]], NUM),
    ("MINVERSE", [[1, 2]], VALUE),
    ("MDETERM", [[[1, 3, 8, 5], [1, 3, 6, 1], [1, 1, 1, 0], [7, 3, 10, 2]]], 88.0),
    ("MDETERM", [[[3, 6], [1, 2]]], 0.0),
    ("MUNIT", [2], [[1.0, 0.0], [0.0, 1.0]]),
    ("MUNIT", [0], VALUE),
    ("SUMX2MY2", [[2, 3, 9, 1, 8, 7, 5], [6, 5, 11, 7, 5, 4, 4]], -55.0),
    ("SUMX2PY2", [[2, 3, 9, 1, 8, 7, 5], [6, 5, 11, 7, 5, 4, 4]], 521.0),
    ("SUMXMY2", [[2, 3, 9, 1, 8, 7, 5], [6, 5, 11, 7, 5, 4, 4]], 79.0),
    ("SUMXMY2", [[1, 2], [1, 2, 3]], NA),
    ("SUMXMY2", [[1, "x"], [3, 5]], 4.0),
]

FRUIT = [["apples"], ["oranges"], ["peaches"], ["apples"]]
STOCK = [[32], [54], [75], [86]]
ODD_CELLS = [[23], ["23"], [True], [None], [""], ["x"], [NA]]

CONDITIONAL: list[Case] = [
    ("COUNTIF", [FRUIT, "APPLES"], 2.0),
    ("COUNTIF", [FRUIT, "*es"], 4.0),
    ("COUNTIF", [FRUIT, "?????es"], 2.0),
    ("COUNTIF", [STOCK, ">55"], 2.0),
    ("COUNTIF", [STOCK, "<>75"], 3.0),
    ("COUNTIF", [STOCK, [[32], [99]]], [[1.0], [0.0]]),
    ("COUNTIF", [ODD_CELLS, 23], 2.0),
    ("COUNTIF", [ODD_CELLS, "=23"], 2.0),
    ("COUNTIF", [ODD_CELLS, "<>23"], 6.0),
    ("COUNTIF", [ODD_CELLS, "<>"], 6.0),
    ("COUNTIF", [ODD_CELLS, "="], 1.0),
    ("COUNTIF", [ODD_CELLS, ""], 2.0),
    ("COUNTIF", [ODD_CELLS, "TRUE"], 1.0),
    ("COUNTIF", [ODD_CELLS, "#N/A"], 1.0),
    ("COUNTIF", [ODD_CELLS, "~*"], 0.0),
    ("COUNTIF", [[["a*"], ["ab"]], "a~*"], 1.0),
    ("COUNTIF", [[["b"], ["C"], [5]], ">=c"], 1.0),
    ("COUNTIFS", [FRUIT, "apples", STOCK, ">50"], 1.0),
    ("COUNTIFS", [FRUIT, "apples", [[1], [2]], ">50"], VALUE),
    ("SUMIF", [FRUIT, "apples", STOCK], 118.0),
    ("SUMIF", [STOCK, ">60"], 161.0),
    ("SUMIF", [[[1], [NA], [3]], ">0"], 4.0),
    ("SUMIF", [[[1], [2]], ">0", [[1], [NA]]], NA),
    ("SUMIFS", [STOCK, FRUIT, "a*", STOCK, "<50"], 32.0),
    ("AVERAGEIF", [STOCK, "<60"], 43.0),
    ("AVERAGEIF", [STOCK, "<0"], DIV0),
    ("AVERAGEIFS", [STOCK, FRUIT, "apples"], 59.0),
    ("MAXIFS", [STOCK, FRUIT, "apples"], 86.0),
    ("MINIFS", [STOCK, FRUIT, "pears"], 0.0),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), AGGREGATES + MATRICES + CONDITIONAL)
def test_function(name: str, arguments: list, expected: Any) -> None:
    check(excel(name, *arguments), expected)


_FAST_AND_SLOW = [
    "SUM",
    "SUMSQ",
    "PRODUCT",
    "AVERAGE",
    "MAX",
    "MIN",
    "MEDIAN",
    "DEVSQ",
    "AVEDEV",
    "VAR.S",
    "VAR.P",
    "STDEV.S",
    "STDEV.P",
    "COUNT",
]


@pytest.mark.parametrize("name", _FAST_AND_SLOW)
@given(numbers=arrays(np.float64, (2, 3), elements=st.floats(-1e3, 1e3)))
def test_numbers_among_texts_count_as_numbers_alone(name: str, numbers: Any) -> None:
    """The path by value, which a text in the last row forces, agrees with the fast one."""
    beside = np.vstack([numbers.astype(object), [["text", None, "7"]]])
    fast = excel(name, numbers)
    with strictly():
        slow = FUNCTIONS[name].call(Operand(array(beside.tolist()), True))
    assert slow.tolist() == [[fast]]


def test_a_batch_of_matrices_is_one_product_with_a_shared_factor() -> None:
    random = np.random.default_rng(3)
    a, b = random.normal(size=(4, 2, 5)), random.normal(size=(5, 3))
    with strictly():
        product = FUNCTIONS["MMULT"].call(operand(a), operand(b))
    # Factors may be summed in another order: a few units in the last place of sums of 5 products.
    np.testing.assert_allclose(product, np.einsum("brk,kc->brc", a, b), rtol=1e-13, atol=1e-14)


def test_an_error_in_one_entry_of_a_batch_stays_there() -> None:
    a = np.arange(8.0).reshape(2, 2, 2).astype(object)
    a[1, 0, 0] = "text"
    with strictly():
        product = FUNCTIONS["MMULT"].call(operand(a), operand(np.eye(2)))
    assert product.tolist() == [[[0.0, 1.0], [2.0, 3.0]], [[VALUE, VALUE], [VALUE, VALUE]]]

"""MATCH, the lookups, INDEX on arrays, ADDRESS; AND, IF's kernel, and questions about kinds of values."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgpt.book.values import ErrorValue
from sheetgpt.functions import FUNCTIONS
from sheetgpt.functions.core import lookup_search
from sheetgpt.functions.logic import select
from sheetgpt.functions.lookup import index
from support.calling import DIV0, NA, NUM, REF, VALUE, Case, array, check, excel, operand, plain, strictly

TABLE = [[0.457, 3.55, 500], [0.525, 3.25, 400], [0.616, 2.93, 300], [0.675, 2.75, 250], [0.746, 2.57, 200]]
COUNTS = [[25], [38], [40], [41]]
COLOURS = [["red"], ["orange"], ["yellow"], ["green"], ["blue"]]
FREQUENCIES = [[4.14], [4.19], [5.17], [5.77], [6.39]]

LOOKUPS: list[Case] = [
    ("MATCH", [39, COUNTS, 1], 2.0),
    ("MATCH", [39, COUNTS], 2.0),
    ("MATCH", [41, COUNTS, 0], 4.0),
    ("MATCH", [40, COUNTS, -1], NA),
    ("MATCH", [40, [41, 40, 40, 25], -1], 3.0),
    ("MATCH", [30, [41, 40, 40, 25], -1], 3.0),
    ("MATCH", [50, [41, 40, 25], -1], NA),
    ("MATCH", [24, COUNTS, 1], NA),
    ("MATCH", [2, [1, 2, 2, 2, 3], 1], 4.0),
    ("MATCH", [2, [1, 2, 2, 2, 3], 0], 2.0),
    ("MATCH", [2, [1, 2, 2, 3], None], 2.0),
    ("MATCH", [[25, 41], COUNTS, 0], [[1.0, 4.0]]),
    ("MATCH", [[25, 1], COUNTS, 0], [[1.0, NA]]),
    ("MATCH", ["GREEN", COLOURS, 0], 4.0),
    ("MATCH", ["*e*n", COLOURS, 0], 4.0),
    ("MATCH", ["~*", [["a"], ["*"]], 0], 2.0),
    ("MATCH", ["b", [1, "a", 2, "c"], 1], 2.0),
    ("MATCH", [3, ["a", 1, "b", 2], 1], 4.0),
    ("MATCH", [True, [1, "TRUE", True], 0], 3.0),
    ("MATCH", ["1", [1, 2], 0], NA),
    ("MATCH", [0.3, [0.1 + 0.2], 0], NA),
    ("MATCH", [DIV0, COUNTS, 0], DIV0),
    ("MATCH", [1, [[1, 2], [3, 4]], 0], NA),
    ("VLOOKUP", [0.7, TABLE, 3], 250.0),
    ("VLOOKUP", [0.7, TABLE, 3, False], NA),
    ("VLOOKUP", [0.675, TABLE, 2, False], 2.75),
    ("VLOOKUP", [0.1, TABLE, 2], NA),
    ("VLOOKUP", [0.7, TABLE, 4], REF),
    ("VLOOKUP", [0.7, TABLE, 0], VALUE),
    ("VLOOKUP", ["gr*", [[*colour, i] for i, colour in enumerate(COLOURS)], 2, False], 3.0),
    ("HLOOKUP", ["Axles", [["Axles", "Bearings", "Bolts"], [4, 4, 9], [5, 7, 10]], 2, True], 4.0),
    ("HLOOKUP", ["B", [["Axles", "Bearings", "Bolts"], [4, 4, 9], [5, 7, 10]], 3, True], 5.0),
    ("LOOKUP", [4.19, FREQUENCIES, COLOURS], "orange"),
    ("LOOKUP", [5.75, FREQUENCIES, COLOURS], "yellow"),
    ("LOOKUP", [0, FREQUENCIES, COLOURS], NA),
    ("LOOKUP", ["C", [["a", "b", "c", "d"], [1, 2, 3, 4]]], 3.0),
    ("LOOKUP", ["bump", [["a", 1], ["b", 2], ["c", 3]]], 2.0),
    ("XMATCH", [2, [1, 2, 2, 3]], 2.0),
    ("XMATCH", [2, [1, 2, 2, 3], 0, -1], 3.0),
    ("XMATCH", [2.5, [3, 1, 2], 1], 1.0),
    ("XMATCH", [2.5, [3, 1, 2], -1], 3.0),
    ("XLOOKUP", [2, [1, 2, 3], ["a", "b", "c"]], "b"),
    ("XLOOKUP", [9, [1, 2, 3], ["a", "b", "c"], "none"], "none"),
    ("XLOOKUP", ["b*", [["ab"], ["ba"]], [[1, 2], [3, 4]], None, 2], [[3.0, 4.0]]),
    ("ADDRESS", [2, 3], "$C$2"),
    ("ADDRESS", [2, 3, 2], "C$2"),
    ("ADDRESS", [2, 3, 2, False], "R2C[3]"),
    ("ADDRESS", [2, 3, 1, True, "EXCEL SHEET"], "'EXCEL SHEET'!$C$2"),
    ("ADDRESS", [0, 1], VALUE),
]

LOGIC: list[Case] = [
    ("AND", [True, 1, "TRUE"], True),
    ("AND", [[True, "x", None, False]], False),
    ("AND", [["x"]], VALUE),
    ("AND", ["x"], VALUE),
    ("OR", [False, [0, 2]], True),
    ("OR", [NA, True], NA),
    ("XOR", [True, True, True], True),
    ("XOR", [[1, 1]], False),
    ("NOT", [0], True),
    ("NOT", ["x"], VALUE),
    ("TRUE", [], True),
    ("FALSE", [], False),
]

INFORMATION: list[Case] = [
    ("ISNUMBER", [[1, "1", True, None, NA]], [[True, False, False, False, False]]),
    ("ISTEXT", [[1, "1", True, None, NA]], [[False, True, False, False, False]]),
    ("ISNONTEXT", [[1, "1", True, None, NA]], [[True, False, True, True, True]]),
    ("ISLOGICAL", [[1, "1", True, None, NA]], [[False, False, True, False, False]]),
    ("ISBLANK", [["", None, 0]], [[False, True, False]]),
    ("ISERROR", [[1, DIV0, NA]], [[False, True, True]]),
    ("ISERR", [[1, DIV0, NA]], [[False, True, False]]),
    ("ISNA", [[1, DIV0, NA]], [[False, False, True]]),
    ("ISEVEN", [-2.9], True),
    ("ISODD", [True], VALUE),
    ("N", [[7, "7", True, NA]], [[7.0, 0.0, 1.0, NA]]),
    ("T", [[7, "7", True]], [["", "7", ""]]),
    ("TYPE", ["x"], 2.0),
    ("TYPE", [1], 1.0),
    ("TYPE", [True], 4.0),
    ("TYPE", [NA], 16.0),
    ("TYPE", [[1, 2]], 64.0),
    ("ERROR.TYPE", [[NUM, NA, DIV0, 1]], [[6.0, 7.0, 2.0, NA]]),
    ("NA", [], NA),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), LOOKUPS + LOGIC + INFORMATION)
def test_function(name: str, arguments: list, expected: Any) -> None:
    check(excel(name, *arguments), expected)


def test_every_documented_error_has_a_number() -> None:
    assert {excel("ERROR.TYPE", error) for error in list(ErrorValue)[:14]} == set(map(float, range(1, 15)))


def test_index_takes_cells_rows_columns_and_all() -> None:
    values = array([[1, 2], [3, 4]])
    assert plain(index(values, 2, 1)) == 3.0
    assert plain(index(values, 0, 2)) == [[2.0], [4.0]]
    assert plain(index(values, 1, 0)) == [[1.0, 2.0]]
    assert plain(index(values, 0, 0)) == [[1.0, 2.0], [3.0, 4.0]]
    assert plain(index(values, 3, 1)) == REF
    assert plain(index(values, -1, 1)) == VALUE


def test_select_chooses_by_element_and_keeps_errors_of_the_branch_not_taken_out() -> None:
    choice = select(array([True, False, "x", NA, None]), array([NA, 2, 3, 4, 5]), array([[10], [20]]))
    assert plain(choice) == [[NA, 10.0, VALUE, NA, 10.0], [NA, 20.0, VALUE, NA, 20.0]]
    assert plain(select(array([1, 0]), array([1, 2]), array([3, 4]))) == [[1.0, 4.0]]


@given(st.lists(st.integers(-5, 5), min_size=1, max_size=12), st.integers(-6, 6))
def test_match_finds_what_a_search_from_left_to_right_finds(values: list, needle: Any) -> None:
    exact = next((i + 1.0 for i, value in enumerate(values) if value == needle), NA)
    assert excel("MATCH", needle, values, 0) == exact
    rising = sorted(values)
    below = sum(value <= needle for value in rising)
    assert excel("MATCH", needle, rising, 1) == (float(below) if below else NA)
    falling = rising[::-1]
    above = sum(value >= needle for value in falling)
    assert excel("MATCH", needle, falling, -1) == (float(above) if above else NA)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=9), st.integers(-4, 4), st.sampled_from([1, 0, -1]))
def test_match_among_mixed_cells_agrees_with_match_among_numbers(values: list, needle: Any, mode: Any) -> None:
    ordered = sorted(values, reverse=mode < 0)
    assert excel("MATCH", needle, [*ordered, "text"], mode) == excel("MATCH", needle, ordered, mode)


def test_many_needles_are_found_by_sorting_as_by_comparing() -> None:
    random = np.random.default_rng(11)
    haystack, needles = (
        random.integers(0, 5000, (1, 4000)).astype(float),
        random.integers(0, 6000, (2000, 1)).astype(float),
    )
    with strictly():
        found = FUNCTIONS["MATCH"].call(operand(needles), operand(haystack), operand(0))
    first: dict[float, float] = {}
    for i, value in enumerate(haystack[0].tolist()):
        first.setdefault(value, i + 1.0)
    assert found.ravel().tolist() == [first.get(needle, NA) for needle in needles.ravel().tolist()]


def test_numbers_are_found_among_many_as_among_few() -> None:
    random = np.random.default_rng(2)
    haystack = random.integers(-400, 400, 5000).astype(float)
    places = {number: place for place, number in reversed(list(enumerate(haystack.tolist())))}
    for needles in ([0.0], [-400.0, 399.0, 3.5], [1e9, -1e9], [1000.0], random.integers(-500, 500, 900).astype(float)):
        found = lookup_search.exact_numbers(np.array(needles), haystack)
        assert found.tolist() == [places.get(float(needle), -1) for needle in needles]

"""Indexes of values against going through all of them, on random values of all kinds."""

import gc
import random
import re
from typing import Any

import numpy as np
import pytest

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core import made_once
from sheetgpt.functions.core.coercion import parse_number
from sheetgpt.functions.core.criteria import plain_pieces, wildcard_expression
from sheetgpt.functions.core.criteria_cells import Cells, both, cells_of, count
from sheetgpt.functions.core.haystack import Haystack, haystack
from sheetgpt.functions.core.lookup_search import key

KINDS: dict[str, list[Value]] = {
    "numbers": [*map(float, range(9)), 2.5, -1.0],
    "texts": ["a", "A", "b", "ab", "aB", "Öl", "öl", "a*b", "a~b", "x?", "zz", "12", "1E3", "", "2.5"],
    "all": [
        1.0,
        2.0,
        2.5,
        12.0,
        "a",
        "B",
        "12",
        "",
        True,
        False,
        None,
        ErrorValue.NA,
        ErrorValue.DIV0,
        "a*b",
        "3-Jan-2020",
    ],
}
NEEDLES: list[Value] = [
    1.0,
    2.4,
    100.0,
    -5.0,
    0.0,
    "a",
    "B",
    "ö*",
    "*b",
    "a~*b",
    "?b",
    "12",
    "zzz",
    "",
    True,
    False,
    None,
    ErrorValue.NA,
]


def values(kind: str, size: int, seed: int) -> np.ndarray:
    drawn = random.Random(seed).choices(KINDS[kind], k=size)
    if kind == "numbers":
        return np.array(drawn).reshape(-1, 1)
    array = np.empty((size, 1), dtype=object)
    array[:, 0] = drawn
    return array


def fits(pattern: str, text: str) -> bool:
    return re.fullmatch(wildcard_expression(pattern), text, re.IGNORECASE | re.DOTALL) is not None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [1, 7, 60])
def test_look_ups_find_what_going_through_all_finds(kind: str, size: int) -> None:
    for seed in range(5):
        listed = values(kind, size, seed).ravel().tolist()
        index = Haystack(values(kind, size, seed))
        for needle in NEEDLES * 2:  # numbers are sorted when they are asked for again and again
            same = [place for place, value in enumerate(listed) if value is not None and key(value) == key(needle)]
            assert index.exact(needle, wildcards=False) == (same[0] if same else -1)
            if isinstance(needle, str):
                same = [place for place, value in enumerate(listed) if isinstance(value, str) and fits(needle, value)]
                assert index.exact(needle) == (same[0] if same else -1), needle
            if needle is None or isinstance(needle, ErrorValue):
                continue
            known = [
                (key(value), place) for place, value in enumerate(listed) if not isinstance(value, ErrorValue | None)
            ]
            above = min([pair for pair in known if pair[0] >= key(needle)], default=(None, -1))
            below = max([(pair[0], -pair[1]) for pair in known if pair[0] <= key(needle)], default=(None, 1))
            assert index.nearest(needle, larger=True) == above[1]
            assert index.nearest(needle, larger=False) == -below[1]


@pytest.mark.parametrize("kind", ["numbers", "texts"])
def test_sorted_values_are_found_by_order(kind: str) -> None:
    rising = sorted(KINDS[kind] * 3, key=key)
    for listed in (rising, rising[::-1]):
        array = np.empty(len(listed), dtype=object)
        array[:] = listed
        index = Haystack(array)
        for needle in NEEDLES * 2:
            if type(needle) is not type(listed[0]):
                continue
            descending = listed is not rising
            wanted = [
                p
                for p, value in enumerate(listed)
                if (key(value) >= key(needle) if descending else key(value) <= key(needle))
            ]
            assert index.ordered(needle, descending) == (wanted[-1] if wanted else -1), needle


def meets(value: Any, operator: str, target: Any) -> bool:
    """The rules of criteria, told again for one value."""
    if operator in ("<", "<=", ">", ">="):
        if type(value) is not type(target) or target == "" or isinstance(value, ErrorValue):
            return False
        a, b = (value.lower(), target.lower()) if isinstance(value, str) else (value, target)
        return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator])
    if operator == "<>" and isinstance(target, float):
        return not (type(value) is float and value == target)
    if isinstance(target, float):
        equal = value == target if type(value) is float else isinstance(value, str) and parse_number(value) == target
    elif target == "":
        equal = value is None or (value == "" and not operator)
    elif isinstance(target, str):
        equal = isinstance(value, str) and fits(target, value)
    else:
        equal = type(value) is type(target) and value == target
    return equal != (operator == "<>")


CRITERIA: list[Value] = [1.0, 2.5, 12.0, "a", "A*", "?b", "a~*b", "", True, ErrorValue.NA, 43833.0]


@pytest.mark.parametrize("kind", KINDS)
def test_criteria_choose_what_meets_them(kind: str) -> None:
    for seed in range(5):
        array = values(kind, 40, seed)
        cells = Cells(array)
        for operator in ("", "=", "<>", "<", "<=", ">", ">="):
            for target in CRITERIA * 3:
                shown = "TRUE" if target is True else str(target)
                criterion = f"{operator}{shown}" if operator else target
                chosen = cells.meeting(criterion)
                expected = [meets(value, operator, target) for value in array.ravel().tolist()]
                assert cells.mask(chosen).tolist() == expected, criterion
                assert count(chosen) == sum(expected)


def test_selections_meet() -> None:
    draw = np.random.default_rng(1)
    for _ in range(50):
        one, other = draw.random(30) < draw.random(), draw.random(30) < draw.random()
        expected = np.flatnonzero(one & other).tolist()
        for a in (one, np.flatnonzero(one)):
            for b in (other, np.flatnonzero(other)):
                found = both(a, b)
                assert (np.flatnonzero(found) if found.dtype == bool else found).tolist() == expected


def test_an_index_lives_as_long_as_its_array() -> None:
    array = values("all", 30, 1)
    assert haystack(array) is haystack(array)
    assert cells_of(array) is cells_of(array)
    number = id(array)
    assert number in made_once._KNOWN
    del array
    gc.collect()
    assert number not in made_once._KNOWN


def test_plain_pieces_of_a_pattern() -> None:
    assert list(plain_pieces("ab*c~*d?~~~x")) == ["ab", "c*d", "~~x"]
    assert list(plain_pieces("*?")) == []

"""A row or column in which many values are looked up: made once for an array, and each way to search when it is used.

What is found is what `lookup_search` says; here it is found without going through all values for each needle.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core import lookup_search
from sheetgpt.functions.core.broadcasting import FLOAT, tidy
from sheetgpt.functions.core.criteria import has_wildcard
from sheetgpt.functions.core.lookup_search import Key, key
from sheetgpt.functions.core.made_once import made_once
from sheetgpt.functions.core.text_search import TextSearch

_FEW = 8  # numbers that are looked up before it pays to sort those among which they are


class Haystack:
    """Values in their order; positions count from 0, -1 is none."""

    def __init__(self, values: np.ndarray) -> None:
        flat = tidy(values.ravel())
        self._numbers: np.ndarray | None = np.array(flat) if flat.dtype == FLOAT and flat.size else None
        self._flat: list[Value] | None = None if self._numbers is not None else flat.tolist()
        self._used = 0

    @cached_property
    def values(self) -> list[Value]:
        """All values as Python objects."""
        return self._numbers.tolist() if self._numbers is not None else self._flat or []

    def exact(self, needle: Value, wildcards: bool = True) -> int:
        """The position of the first value equal to the needle; with wildcards text is a pattern."""
        if self._numbers is not None:
            return self._exact_number(0.0 if needle is None else needle)
        if not isinstance(needle, str):
            return self._others.get(key(needle), -1)
        if wildcards and has_wildcard(needle):
            return next((self._places[number] for number in self._search.fits(needle)), -1)
        return self._texts.get(needle.lower(), -1)

    def ordered(self, needle: Value, descending: bool = False) -> int:
        """The position that MATCH finds by order."""
        if self._numbers is not None and self._is_seldom_used() and type(needle) is float and not descending:
            found = lookup_search.ordered_numbers(np.array([needle]), self._numbers, False)
            if found is not None:
                return int(found[0])
        keys = self._falling if descending else self._rising
        if keys is None:
            return lookup_search.ordered(needle, self.values, descending)
        target = key(needle)
        if not keys or keys[0][0] != target[0]:
            return -1
        return len(keys) - bisect_left(keys, target) - 1 if descending else bisect_right(keys, target) - 1

    def nearest(self, needle: Value, larger: bool) -> int:
        """The position of the nearest value not below (`larger`) or not above the needle, in any order."""
        order, keys = self._sorted
        target = key(needle)
        at = bisect_left(keys, target)
        if at < len(keys) and (larger or keys[at] == target):
            return order[at]
        return -1 if larger or not at else order[bisect_left(keys, keys[at - 1])]

    def halving(self, needle: Value, mode: int, descending: bool) -> int:
        """Binary search among values of all kinds in one order; mode -1 takes the next smaller, 1 the next larger."""
        places = self._filled[descending]
        target = key(needle)
        at = bisect_left(places, target, key=lambda place: key(self.values[place]))
        hit = at < len(places) and key(self.values[places[at]]) == target
        if not hit and mode <= 0:
            at = at - 1 if mode < 0 else -1
        return places[at] if 0 <= at < len(places) else -1

    @cached_property
    def first_blank(self) -> int:
        """The position of the first blank."""
        return self.values.index(None) if None in self.values else -1

    def _is_seldom_used(self) -> bool:
        self._used += 1
        return self._used <= _FEW

    def _exact_number(self, needle: Value) -> int:
        assert self._numbers is not None
        if type(needle) is not float:
            return -1
        if self._is_seldom_used():
            return int(lookup_search.exact_numbers(np.array([needle]), self._numbers)[0])
        order, numbers = self._sorted_numbers
        at = bisect_left(numbers, needle)
        return order[at] if at < len(numbers) and numbers[at] == needle else -1

    @cached_property
    def _sorted_numbers(self) -> tuple[list[int], list[float]]:
        assert self._numbers is not None
        order = np.argsort(self._numbers, kind="stable")
        return order.tolist(), self._numbers[order].tolist()

    @cached_property
    def _texts(self) -> dict[str, int]:
        """The first position of each text, without case."""
        found: dict[str, int] = {}
        for place, value in enumerate(self.values):
            if type(value) is str:
                found.setdefault(value.lower(), place)
        return found

    @cached_property
    def _others(self) -> dict[Key, int]:
        """The first position of each value that is no text."""
        found: dict[Key, int] = {}
        for place, value in enumerate(self.values):
            if value is not None and type(value) is not str:
                found.setdefault(key(value), place)
        return found

    @cached_property
    def _search(self) -> TextSearch:
        return TextSearch(list(self._texts))

    @cached_property
    def _places(self) -> list[int]:
        return list(self._texts.values())

    @cached_property
    def _rising(self) -> list[Key] | None:
        """The keys of all values if they are of one kind and in order."""
        return _in_order(self.values)

    @cached_property
    def _falling(self) -> list[Key] | None:
        """The same of falling values, from the last one on."""
        return _in_order(self.values[::-1])

    @cached_property
    def _sorted(self) -> tuple[list[int], list[Key]]:
        """Positions and keys in the order of the keys; neither blanks nor errors."""
        places = [p for p, value in enumerate(self.values) if value is not None and not isinstance(value, ErrorValue)]
        places.sort(key=lambda place: key(self.values[place]))
        return places, [key(self.values[place]) for place in places]

    @cached_property
    def _filled(self) -> tuple[list[int], list[int]]:
        """The positions of all that is not blank, upwards and downwards."""
        places = [place for place, value in enumerate(self.values) if value is not None]
        return places, places[::-1]


def _in_order(values: Sequence[Value]) -> list[Key] | None:
    keys: list[Key] = []
    for value in values:
        if value is None or isinstance(value, ErrorValue):
            return None
        own = key(value)
        if keys and (own[0] != keys[-1][0] or own < keys[-1]):
            return None
        keys.append(own)
    return keys


def haystack(values: np.ndarray, backwards: bool = False) -> Haystack:
    """The values of an array, row by row, to look up values in."""
    return made_once(values, ("values", backwards), lambda: Haystack(values.ravel()[::-1] if backwards else values))


def first_line(table: np.ndarray, across: bool) -> Haystack:
    """The first row of a table (`across`) or its first column, to look up values in."""
    return made_once(table, ("first line", across), lambda: Haystack(table[0] if across else table[:, 0]))

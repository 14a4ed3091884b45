"""Cells under criteria: what is in which of them, found once, so that many criteria cost little each.

A selection says which of some cells, counted row by row from 0, meet a criterion: an array of their numbers in
ascending order where these are likely few, else of truth values with one for each cell.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property

import numpy as np

from sheetgpt.book.values import Value
from sheetgpt.functions.core.broadcasting import BOOL, FLOAT, is_blank
from sheetgpt.functions.core.coercion import parse_number
from sheetgpt.functions.core.criteria import has_wildcard, split_criterion
from sheetgpt.functions.core.made_once import made_once
from sheetgpt.functions.core.text_search import TextSearch

_FEW = 8  # numbers that are asked for before it pays to sort those among which they are
_REMEMBERED = 1 << 24  # cells in all the selections that took a search and are kept

Places = list[int] | np.ndarray
Order = Callable[[np.ndarray, float], np.ndarray]
_ORDERS: dict[str, Order] = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
_NONE = np.empty(0, dtype=np.int64)
_GONE = np.empty(0)


class Cells:
    """The values of some cells, by kind: numbers with their places, and the places of each other value."""

    def __init__(self, values: np.ndarray) -> None:
        flat = values.ravel()
        self.size = flat.size
        self._places: np.ndarray | None = None  # of the numbers; None where all are numbers
        self._numbers = np.array(flat, dtype=FLOAT) if flat.dtype == FLOAT else _GONE
        self._texts: dict[Value, Places] = {}  # in lower case
        self._others: dict[Value, Places] = {}
        self._blanks = _NONE
        self._used = 0
        self._remembered: dict[tuple[str, type, Value], np.ndarray] = {}
        if flat.dtype != FLOAT:
            self._sort_out(flat.astype(object) if flat.dtype == BOOL else flat)

    def _sort_out(self, flat: np.ndarray) -> None:
        blank = is_blank(flat)
        self._blanks = np.flatnonzero(blank)
        filled = np.flatnonzero(~blank)
        places: list[int] = []
        numbers: list[float] = []
        elsewhere: dict[bool, dict[Value, list[int]]] = {True: {}, False: {}}
        for place, value in zip(filled.tolist(), flat[filled].tolist(), strict=True):
            if type(value) is float:
                places.append(place)
                numbers.append(value)
            elif isinstance(value, str):
                elsewhere[True].setdefault(value.lower(), []).append(place)
            else:
                elsewhere[False].setdefault(value, []).append(place)
        self._places, self._numbers = np.array(places, dtype=np.int64), np.array(numbers, dtype=FLOAT)
        self._texts.update(elsewhere[True])
        self._others.update(elsewhere[False])

    def meeting(self, criterion: Value) -> np.ndarray:
        """The selection of the cells that meet a criterion."""
        operator, target = split_criterion(criterion)
        if operator in ("", "=") and not (isinstance(target, str) and has_wildcard(target)):
            return self._equal(operator, target)
        key = operator, type(target), target
        found = self._remembered.get(key)
        if found is None:
            found = self._sought(operator, target)
            if len(self._remembered) * self.size < _REMEMBERED:
                self._remembered[key] = found
        return found

    def _sought(self, operator: str, target: Value) -> np.ndarray:
        if operator in _ORDERS:
            return self._in_order(operator, target)
        if operator != "<>":
            return self._equal(operator, target)
        equal = self._with_number(target) if isinstance(target, float) else self._equal(operator, target)
        return ~self.mask(equal)

    def mask(self, selection: np.ndarray) -> np.ndarray:
        """A selection as truth values."""
        if selection.dtype == BOOL:
            return selection
        chosen = np.zeros(self.size, dtype=bool)
        chosen[selection] = True
        return chosen

    def _equal(self, operator: str, target: Value) -> np.ndarray:
        if isinstance(target, float):  # text that reads as the number counts as that number
            said = self._said.get(target) if self._texts else None
            return _merged([self._with_number(target), *said]) if said else self._with_number(target)
        if not isinstance(target, str):
            return _of(self._others, target)
        if target == "":  # "=" and "<>" ask for blank cells, an empty criterion for empty texts too
            empty = None if operator else self._texts.get("")
            return self._blanks if empty is None else _merged([self._blanks, empty])
        if not has_wildcard(target):
            return _of(self._texts, target.lower())
        return _merged([self._by_number[number] for number in self._search.fits(target)])

    def _with_number(self, target: float) -> np.ndarray:
        self._used += 1
        if self._used <= _FEW:
            return self._on_cells(np.flatnonzero(self._numbers == target))
        order, numbers = self._sorted_numbers
        found: np.ndarray = order[np.searchsorted(numbers, target, "left") : np.searchsorted(numbers, target, "right")]
        return self._on_cells(found)

    def _on_cells(self, found: np.ndarray) -> np.ndarray:
        """Places among the numbers as places among the cells."""
        return found if self._places is None else self._places[found]

    def _in_order(self, operator: str, target: Value) -> np.ndarray:
        """Order counts between values of one kind only; nothing comes before or after no value at all."""
        if isinstance(target, float):
            met = _ORDERS[operator](self._numbers, target)
            return met if self._places is None else self._places[met]
        if isinstance(target, bool):
            chosen = [value for value in (False, True) if _ORDERS[operator](np.array(value), target)]
            return _merged([self._others[value] for value in chosen if value in self._others])
        if not isinstance(target, str) or target == "":
            return _NONE
        order = self._search.order
        bisect = bisect_left if operator in ("<", ">=") else bisect_right
        at = bisect(order, target.lower(), key=self._search.texts.__getitem__)
        return _merged([self._by_number[number] for number in (order[:at] if operator[0] == "<" else order[at:])])

    @cached_property
    def _sorted_numbers(self) -> tuple[np.ndarray, np.ndarray]:
        order = np.argsort(self._numbers, kind="stable")
        return order, self._numbers[order]

    @cached_property
    def _said(self) -> Mapping[float, list[Places]]:
        """The places of the texts that read as each number."""
        found: dict[float, list[Places]] = {}
        for text, places in self._texts.items():
            number = parse_number(str(text)) if text else None
            if number is not None:
                found.setdefault(number, []).append(places)
        return found

    @cached_property
    def _search(self) -> TextSearch:
        return TextSearch([str(text) for text in self._texts])

    @cached_property
    def _by_number(self) -> list[Places]:
        return list(self._texts.values())


def _of(places: dict[Value, Places], value: Value) -> np.ndarray:
    """The places of a value, made an array when they are asked for."""
    found = places.get(value)
    if isinstance(found, list):
        found = places[value] = np.array(found, dtype=np.int64)
    return _NONE if found is None else found


def _merged(parts: Iterable[Places]) -> np.ndarray:
    """Places from several lists without common ones, in ascending order."""
    arrays = [np.asarray(part, dtype=np.int64) for part in parts]
    return np.sort(np.concatenate(arrays)) if arrays else _NONE


def both(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """What lies in two selections of the same cells."""
    if one.dtype == other.dtype == BOOL:
        chosen: np.ndarray = one & other
        return chosen
    if one.dtype == BOOL or (other.dtype != BOOL and len(other) < len(one)):
        one, other = other, one
    if other.dtype == BOOL:
        chosen = one[other[one]]
        return chosen
    if not len(one):
        return one
    at = np.minimum(np.searchsorted(other, one), len(other) - 1)
    common: np.ndarray = one[other[at] == one]
    return common


def count(selection: np.ndarray) -> int:
    """How many cells are selected."""
    return int(np.count_nonzero(selection)) if selection.dtype == BOOL else len(selection)


def cells_of(values: np.ndarray) -> Cells:
    """The cells with these values."""
    return made_once(values, "cells", lambda: Cells(values))

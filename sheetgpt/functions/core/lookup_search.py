"""Finding values in a row or column: exactly, by pattern, or by order. Positions count from 0, -1 is none.

Numbers match by their exact value, unlike with the operator "=", and texts without case. Only values of
the same kind match or are put in order; a blank looks for 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.book.values import Value
from sheetgpt.functions.core.coercion import rank

Key = tuple[int, Value]

_MANY = 1000  # values among which it pays to look first which lie between the needles
_MOST_PAIRS = 4_000_000  # more comparisons than these are slower than sorting


def exact_numbers(needles: np.ndarray, haystack: np.ndarray) -> np.ndarray:
    """For each of n numbers the position of its first occurrence among m; float64 (n,) and (m,) -> int (n,)."""
    if needles.size and haystack.size > _MANY:
        inside = np.flatnonzero((haystack >= needles.min()) & (haystack <= needles.max()))
        found = _exact_numbers(needles, haystack[inside])
        return np.where(found < 0, -1, inside[found] if len(inside) else -1)
    return _exact_numbers(needles, haystack)


def _exact_numbers(needles: np.ndarray, haystack: np.ndarray) -> np.ndarray:
    if needles.size * haystack.size <= _MOST_PAIRS:
        return _first(needles[:, None] == haystack)
    order = np.argsort(haystack, kind="stable")
    places = np.minimum(np.searchsorted(haystack, needles, sorter=order), haystack.size - 1)
    found = order[places]
    return np.where(haystack[found] == needles, found, -1)


def exact_numbers_by_batch(needles: np.ndarray, haystacks: np.ndarray) -> np.ndarray:
    """The same with a haystack for each entry of the batch: float64 (b, n) and (b, m) -> int (b, n)."""
    return _first(needles[:, :, None] == haystacks[:, None, :])


def _first(equal: np.ndarray) -> np.ndarray:
    if not equal.shape[-1]:
        return np.full(equal.shape[:-1], -1)
    places = equal.argmax(axis=-1)
    return np.where(np.take_along_axis(equal, places[..., None], axis=-1)[..., 0], places, -1)


def ordered_numbers(needles: np.ndarray, haystack: np.ndarray, descending: bool) -> np.ndarray | None:
    """The positions that MATCH finds in sorted numbers, for n needles at once; None if they are not sorted."""
    if descending:
        needles, haystack = -needles, -haystack
    if (haystack[1:] < haystack[:-1]).any():
        return None
    return np.searchsorted(haystack, needles, side="right") - 1


def key(value: Value) -> Key:
    """What sorts values in Excel's order and is equal for those that match; a blank is 0."""
    if value is None:
        return 0, 0.0
    return rank(value), value.lower() if isinstance(value, str) else value


def ordered(needle: Value, haystack: Sequence[Value], descending: bool = False) -> int:
    """The position that MATCH finds by order, among sorted values that of the last one not after the needle.

    Among unsorted ones it is where Excel's halving ends. With `descending` values fall: then they are gone through
    from the first on, and it is the last one before one that is below the needle.
    """
    return _last_not_below(key(needle), haystack) if descending else _by_halving(key(needle), haystack)


def _last_not_below(needle: Key, haystack: Sequence[Value]) -> int:
    found = -1
    for place, value in enumerate(haystack):
        if value is not None and rank(value) == needle[0]:
            if key(value) < needle:
                break
            found = place
    return found


def _by_halving(needle: Key, haystack: Sequence[Value]) -> int:
    """Halve what lies between `low` (not after the needle) and `high` (after it), as Excel is known to do.

    The middle is the lower one of two. From values of other kinds it goes on to the next of the needle's kind; where
    there is none before `high`, the search goes on below the middle. Of equal values the last in a row is taken.
    """
    low, high = -1, len(haystack)
    while high - low > 1:
        middle = (low + high) // 2
        at = middle
        while at < high and (haystack[at] is None or rank(haystack[at]) != needle[0]):
            at += 1
        if at == high:
            high = middle
        elif key(haystack[at]) == needle:
            while at + 1 < high and key(haystack[at + 1]) == needle:
                at += 1
            return at
        elif key(haystack[at]) < needle:
            low = at
        else:
            high = middle if at == high - 1 else at
    return low

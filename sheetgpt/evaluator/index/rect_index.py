"""An index of rectangles: which of one sheet overlap which, so which formulas fill the cells of a reference.

Formulas fill cells without overlapping one another. Along each row (or, for those that are taller than
wide, each column) they lie side by side, so those that meet a stretch of it are found by two binary
searches, and all references of a sheet are looked up in a few numpy calls. A column of 50,257 logits
costs one entry, not 50,257.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

TOP, LEFT, BOTTOM, RIGHT = range(4)
_SPAN = 1 << 21  # more than the rows or columns of a sheet


class Pairs(NamedTuple):
    """Two integer arrays of one length: number of a query, number of what it meets."""

    queries: np.ndarray
    found: np.ndarray


def expand(starts: np.ndarray, counts: np.ndarray) -> Pairs:
    """For each i the numbers starts[i], starts[i] + 1, ..., counts[i] of them, with i beside each."""
    owners = np.arange(len(counts)).repeat(counts)
    ends = counts.cumsum()
    return Pairs(owners, np.arange(len(owners)) - (ends - counts - starts)[owners])


def distinct(keys: np.ndarray) -> np.ndarray:
    """Integers in ascending order, each once; quick where they are so already. (np.unique would import np.ma.)"""
    if (keys[1:] > keys[:-1]).all():
        return keys
    keys = np.sort(keys)
    return keys[np.concatenate(([True], keys[1:] != keys[:-1]))]


def distinct_rows(*columns: np.ndarray) -> np.ndarray:
    """The rows of a table of small integers (columns of 0 and up) in ascending order, each once."""
    sizes = [int(column.max(initial=0)) + 1 for column in columns]
    keys = np.zeros(len(columns[0]), dtype=np.int64)
    for column, size in zip(columns, sizes, strict=True):
        keys = keys * size + column
    keys = distinct(keys)
    parts = []
    for size in reversed(sizes):
        keys, part = np.divmod(keys, size)
        parts.append(part)
    return np.stack(parts[::-1], axis=1)


def pair_numbers(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """A number for each pair of integers, equal for equal pairs, in the order in which they are first seen."""
    kinds, second = np.unique(second, return_inverse=True)
    _, seen, numbers = np.unique(first * len(kinds) + second, return_index=True, return_inverse=True)
    order = np.empty(len(seen), dtype=np.int64)
    order[np.argsort(seen)] = np.arange(len(seen))
    return order[numbers]


class _Lines:
    """Rectangles cut into lines along one axis: 0 for rows, 1 for columns."""

    def __init__(self, rects: np.ndarray, numbers: np.ndarray, axis: int) -> None:
        self.axis = axis
        self.numbers = numbers
        starts, ends = rects[:, TOP + axis], rects[:, BOTTOM + axis]
        owners, lines = expand(starts, ends - starts + 1)
        self.lines, where = np.unique(lines, return_inverse=True)
        low = where * _SPAN + rects[owners, LEFT - axis]
        order = np.argsort(low, kind="stable")
        self.owners = owners[order]
        self.low = low[order]
        self.high = (where * _SPAN + rects[owners, RIGHT - axis])[order]

    def clash(self) -> tuple[int, int] | None:
        """Two rectangles that overlap, if any do."""
        found = np.flatnonzero(self.low[1:] <= self.high[:-1])
        if not len(found):
            return None
        first, second = self.owners[found[0]], self.owners[found[0] + 1]
        return int(self.numbers[first]), int(self.numbers[second])

    def pairs(self, queries: np.ndarray) -> Pairs:
        """Which of the rectangles each query (top, left, bottom, right) meets; some pairs come twice."""
        first = np.searchsorted(self.lines, queries[:, TOP + self.axis], "left")
        last = np.searchsorted(self.lines, queries[:, BOTTOM + self.axis], "right")
        owners, lines = expand(first, last - first)
        begin = np.searchsorted(self.high, lines * _SPAN + queries[owners, LEFT - self.axis], "left")
        end = np.searchsorted(self.low, lines * _SPAN + queries[owners, RIGHT - self.axis], "right")
        hits, entries = expand(begin, end - begin)
        return Pairs(owners[hits], self.numbers[self.owners[entries]])


class RectIndex:
    """Rectangles of one sheet, an (n, 4) array, each with a number, to be looked up by overlap."""

    def __init__(self, rects: np.ndarray, numbers: np.ndarray) -> None:
        tall = rects[:, BOTTOM] - rects[:, TOP] > rects[:, RIGHT] - rects[:, LEFT]
        self.parts = [
            _Lines(rects[which], numbers[which], axis) for axis, which in ((0, ~tall), (1, tall)) if which.any()
        ]
        self.tall = numbers[tall], rects[tall]

    def clash(self) -> tuple[int, int] | None:
        """The numbers of two rectangles that overlap, if any do."""
        for part in self.parts:
            if found := part.clash():
                return found
        wide = [part for part in self.parts if part.axis == 0]
        numbers, rects = self.tall
        if wide and len(numbers):
            queries, found_wide = wide[0].pairs(rects)
            if len(queries):
                return int(numbers[queries[0]]), int(found_wide[0])
        return None

    def pairs(self, queries: np.ndarray) -> Pairs:
        """Which rectangles each of the queries, an (m, 4) array, meets; sorted, each pair once."""
        found = [part.pairs(queries) for part in self.parts]
        both = np.concatenate([np.stack(pairs) for pairs in found], axis=1) if found else np.empty((2, 0), np.int64)
        keys = distinct(both[0] * (1 << 32) + both[1])
        return Pairs(keys >> 32, keys & ((1 << 32) - 1))

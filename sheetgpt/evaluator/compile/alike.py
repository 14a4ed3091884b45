"""Formulas that differ in their numbers only, found in bulk: =A1+B$2*2 and =A7+B$2*3, not =A1+C$2*2.

A workbook has thousands of formulas that were filled down. What is left of a text without its digits says which are
alike, and one pass over the bytes of all texts gives that and the numbers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

_MOST_DIGITS = 17  # of a number, so that number and length fit into 63 bits
_LENGTHS = 1 << 5
_POWERS = np.array([10**k for k in range(_MOST_DIGITS + 1)], dtype=np.int64)


class Alike(NamedTuple):
    """Texts (by their places in a list) that are alike; their numbers and how many digits these have [text, number]."""

    members: np.ndarray
    numbers: np.ndarray
    digits: np.ndarray

    def part(self, members: np.ndarray) -> Alike:
        """Some of them only."""
        return Alike(self.members[members], self.numbers[members], self.digits[members])

    def by_numbers(self, which: Sequence[int]) -> Iterator[Alike]:
        """Those that have the same digits in some places, together."""
        if not which:
            yield self
            return
        chosen = self.numbers[:, which] * _LENGTHS + self.digits[:, which]
        if (chosen == chosen[0]).all():
            yield self
            return
        parts: dict[tuple[int, ...], list[int]] = {}
        for place, key in enumerate(map(tuple, chosen.tolist())):
            parts.setdefault(key, []).append(place)
        for places in parts.values():
            yield self.part(np.array(places))


def alike(texts: Sequence[str], kinds: Sequence[Hashable]) -> tuple[list[Alike], list[int]]:
    """Texts of one kind that are alike, in the order of the first of each; and those that are like no other."""
    data = np.frombuffer("\0".join([*texts, ""]).encode("utf-8", "surrogatepass"), np.uint8)
    ends_of_texts = np.flatnonzero(data == 0)
    if len(ends_of_texts) != len(texts):
        return [], list(range(len(texts)))  # some text has the character that was to separate them
    digit = data - np.uint8(48) < 10
    begins = digit.copy()
    begins[1:] &= ~digit[:-1]
    starts = np.flatnonzero(begins)
    ends = np.flatnonzero(digit[:-1] & ~digit[1:]) + 1
    numbers, digits = _numbers(data, starts, ends), ends - starts
    shapes = np.where(digit, np.uint8(48), data)[begins | ~digit].tobytes().split(b"\0")
    first = np.searchsorted(starts, np.concatenate(([0], ends_of_texts)))
    count = np.diff(first)
    long = np.zeros(len(texts), dtype=bool)
    long[np.searchsorted(ends_of_texts, starts[digits > _MOST_DIGITS])] = True
    found: dict[Hashable, list[int]] = {}
    for text, key in enumerate(zip(kinds, shapes, strict=False)):
        found.setdefault(key, []).append(text)
    groups, alone = [], np.flatnonzero(long).tolist()
    for several in found.values():
        members = np.array(several)
        members = members[~long[members]]
        if len(members) == 1:
            alone.append(int(members[0]))
        elif len(members):
            places = first[members][:, None] + np.arange(count[members[0]])
            groups.append(Alike(members, numbers[places], digits[places]))
    return groups, sorted(alone)


def _numbers(data: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The numbers whose digits lie from `starts` to `ends`; 0 for those that are too long."""
    if not len(starts):
        return np.empty(0, dtype=np.int64)
    lengths = ends - starts
    first = lengths.cumsum() - lengths  # among all digits
    power = ends.repeat(lengths) - 1 - np.flatnonzero(data - np.uint8(48) < 10)
    values = (data[data - np.uint8(48) < 10] - np.uint8(48)) * _POWERS.take(power, mode="clip")
    numbers: np.ndarray = np.add.reduceat(values, first)
    numbers[lengths > _MOST_DIGITS] = 0
    return numbers

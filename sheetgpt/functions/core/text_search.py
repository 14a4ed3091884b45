"""Distinct texts, without case, in which patterns with wildcards are sought.

A pattern is tried only on texts that hold its longest run of plain characters, which are found in one search through
all texts set one after the other.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate

from sheetgpt.functions.core.criteria import pattern, plain_pieces

_BETWEEN = "\0"  # stands between texts; no cell can hold it


class TextSearch:
    """Texts in lower case, each with its number from 0."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    @cached_property
    def _all(self) -> str:
        return _BETWEEN.join(self.texts)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(text) + 1 for text in self.texts)]

    @cached_property
    def order(self) -> list[int]:
        """The numbers of the texts, in the order of their characters."""
        return sorted(range(len(self.texts)), key=self.texts.__getitem__)

    def fits(self, wildcards: str) -> Iterator[int]:
        """The numbers of the texts that a pattern fits, in ascending order."""
        expression = pattern(wildcards.lower())
        piece = max(plain_pieces(wildcards.lower()), key=len, default="")
        for number in self._holding(piece) if piece else range(len(self.texts)):
            if expression.fullmatch(self.texts[number]):
                yield number

    def _holding(self, piece: str) -> Iterator[int]:
        place = self._all.find(piece)
        while place >= 0:
            number = bisect_right(self._starts, place) - 1
            yield number
            place = self._all.find(piece, self._starts[number + 1])

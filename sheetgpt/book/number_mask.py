"""Masks: which cells of a block hold numbers and which do not, remembered for large blocks."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np

from sheetgpt.book.address import Rect

_LARGE = 1 << 16  # cells of a rectangle that is worth remembering


class Filled:
    """What is known of the array of numbers behind a grid."""

    def __init__(self) -> None:
        self._numbers: np.ndarray | None = None  # the array of which `_rects` speaks
        self._rects: set[Rect] = set()

    def forget(self) -> None:
        """A cell has become something else than a number."""
        self._rects.clear()

    def holds(self, numbers: np.ndarray, rect: Rect) -> bool:
        """Whether all cells of a rectangle inside the array hold numbers."""
        block = numbers[rect.top - 1 : rect.bottom, rect.left - 1 : rect.right]
        if block.size < _LARGE:
            return not np.count_nonzero(np.isnan(block))
        if self._numbers is not numbers:
            self._numbers = numbers
            self._rects.clear()
        if rect not in self._rects:
            rows = max(1, _LARGE // block.shape[1])  # at a time, so that no large array of truth values is made
            if any(np.count_nonzero(np.isnan(block[row : row + rows])) for row in range(0, len(block), rows)):
                return False
            self._rects.add(rect)
        return True


def alone(value: object) -> np.ndarray:
    """An array of one value. (np.full would lose a null character at the end of a text.)"""
    block = np.empty((1, 1), dtype=object)
    block[0, 0] = value
    return block


def texts_only(block: np.ndarray, shape: tuple[int, int]) -> list[Any] | None:
    """The values of a block of several cells, row by row, if none of them is a number or blank."""
    if block.dtype != object or shape == (1, 1):
        return None
    values: list[Any] = np.broadcast_to(block, shape).ravel().tolist()
    return values if all(issubclass(kind, str | bool | Enum) for kind in set(map(type, values))) else None

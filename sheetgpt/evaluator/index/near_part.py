"""Which part of a sheet its formulas fill densely enough for an array of numbers; those far from it need none."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.evaluator.index.rect_index import BOTTOM, LEFT, RIGHT, TOP

_SMALL = 1_000_000  # cells that an array may have however few of them are filled
_EMPTY = 8  # times as many cells as are filled that it may have beyond that


def near_part(rects: np.ndarray) -> Rect | None:
    """The rectangle from A1 that holds most of the cells of rectangles, an (n, 4) array, and is not mostly empty."""
    if not len(rects):
        return None
    sizes = (rects[:, BOTTOM] - rects[:, TOP] + 1) * (rects[:, RIGHT] - rects[:, LEFT] + 1)
    bottom, right = rects[:, BOTTOM], rects[:, RIGHT]
    if bottom.max() * right.max() <= max(_SMALL, _EMPTY * sizes.sum()):
        return Rect(1, 1, int(bottom.max()), int(right.max()))
    best, found = 0, None
    for low in _limits(bottom):
        for far in _limits(right):
            filled = int(sizes[(bottom <= low) & (right <= far)].sum())
            if filled > best and low * far <= max(_SMALL, _EMPTY * filled):
                best, found = filled, Rect(1, 1, low, far)
    return found


def _limits(ends: np.ndarray) -> list[int]:
    """Where rectangles end, the farthest places first; without the farthest, the two farthest, the four farthest ..."""
    places = np.unique(ends)[::-1]
    found: list[int] = places[[0, *(1 << power for power in range(int(len(places) - 1).bit_length()))]].tolist()
    return found

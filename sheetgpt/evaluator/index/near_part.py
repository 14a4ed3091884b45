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
    found = [_densest(bottom, right, sizes, np.argsort(side, kind="stable")) for side in (right, bottom)]
    _, rect = max(found, key=lambda part: part[0])
    return rect


def _densest(bottom: np.ndarray, right: np.ndarray, sizes: np.ndarray, order: np.ndarray) -> tuple[int, Rect | None]:
    """The last part, as they grow in an order, that is not mostly empty: how many cells are filled, and its cells."""
    filled = np.cumsum(sizes[order])
    bottoms, rights = np.maximum.accumulate(bottom[order]), np.maximum.accumulate(right[order])
    fits = np.flatnonzero(bottoms * rights <= np.maximum(_SMALL, _EMPTY * filled))
    if not len(fits):
        return 0, None
    last = fits[-1]
    return int(filled[last]), Rect(1, 1, int(bottoms[last]), int(rights[last]))

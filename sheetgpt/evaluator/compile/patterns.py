"""Which of the areas that formulas mention are the same, for many formulas at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sheetgpt.evaluator.batch.batch import group_by_label

ROW_BITS = 20  # of a row from 0, in the key of an area


def patterns_of(keys: np.ndarray) -> Iterator[tuple[np.ndarray, tuple[int, ...]]]:
    """Formulas by which of the areas that they mention are the same: places, and the number of each area's hole."""
    likely = keys[0].tolist()
    if len(set(likely)) == len(likely) and not _meet(keys):
        yield np.arange(len(keys)), tuple(range(len(likely)))
        return
    order = np.argsort(keys, axis=1, kind="stable")
    ordered = np.take_along_axis(keys, order, axis=1)
    begins = np.tile(np.arange(keys.shape[1]), (len(keys), 1))  # where the run of equal keys begins
    begins[:, 1:][ordered[:, 1:] == ordered[:, :-1]] = 0
    begins = np.maximum.accumulate(begins, axis=1)
    first = np.empty_like(order)
    np.put_along_axis(first, order, np.take_along_axis(order, begins, axis=1), axis=1)
    if (first == first[:1]).all():
        yield np.arange(len(keys)), _number_areas(first[0].tolist())
        return
    for kind, places in group_by_label(list(map(tuple, first.tolist()))).items():
        yield places, _number_areas(kind)


def _meet(keys: np.ndarray) -> bool:
    """Whether two areas of a formula may be the same: only those of the same sheet and columns can."""
    shapes = (keys[0] >> 2 * ROW_BITS).tolist()
    for later, shape in enumerate(shapes):
        for earlier in range(later):
            if shapes[earlier] == shape and (keys[:, earlier] == keys[:, later]).any():
                return True
    return False


def _number_areas(first: Sequence[int]) -> tuple[int, ...]:
    """Which hole each area is, from the place where the same area was mentioned first."""
    holes: dict[int, int] = {}
    return tuple([holes.setdefault(place, len(holes)) for place in first])

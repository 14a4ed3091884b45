"""From what a formula comes to, to the values of its cells."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.values import ErrorValue


def fit(values: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Values as a formula shows them in so many cells; blanks become 0.

    A single row is repeated down, a single column across; cells beyond the values are #N/A.
    """
    height, width = values.shape[-2:]
    if values.dtype == object and any(value is None for value in values.ravel().tolist()):
        values = np.where(np.equal(values, None), 0.0, values)  # type: ignore[call-overload]
    if (height, width) == (rows, columns):
        return values
    down, across = rows if height == 1 else min(height, rows), columns if width == 1 else min(width, columns)
    shown = np.broadcast_to(values[..., :rows, :columns], (*values.shape[:-2], down, across))
    if (down, across) == (rows, columns):
        return shown
    padded = np.full((*values.shape[:-2], rows, columns), ErrorValue.NA, dtype=object)
    padded[..., :down, :across] = shown
    return padded


def differs(old: np.ndarray, new: np.ndarray, members: int) -> list[bool]:
    """For each member of a batch whether its values have changed, in kind or in size."""
    if old.dtype == new.dtype == np.float64:
        unequal = old != new
        if not np.count_nonzero(unequal):
            return [False] * members
        if members == 1 or unequal.ndim == 2:
            return [True] * members
        changed: list[bool] = unequal.any(axis=(1, 2)).tolist()
        return changed
    old, new = np.broadcast_arrays(old, new)
    if old.ndim == 2:
        old, new = old[None], new[None]
    changed = [_differ(*pair) for pair in zip(old, new, strict=True)]
    return changed * members if len(changed) < members else changed


def _differ(old: np.ndarray, new: np.ndarray) -> bool:
    pairs = zip(old.ravel().tolist(), new.ravel().tolist(), strict=True)
    return any(type(before) is not type(after) or before != after for before, after in pairs)

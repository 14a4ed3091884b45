"""Values as they have to be when a test says "exactly": TRUE is not 1, and 0.0 is not -0.0."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.book.grid import Grid


def exact(value: object) -> object:
    """A value, or lists, tuples, dicts, arrays, grids or books of them, in a form for `exact(a) == exact(b)`.

    Python's own == takes True for 1.0 and 0.0 for -0.0, and says that NaN is not NaN.
    """
    if isinstance(value, Book):
        return {n: (exact(s.grid), sorted(s.formulas, key=lambda f: f.rect)) for n, s in value.sheets.items()}
    if isinstance(value, Grid):
        return exact(dict(value.items()))
    if isinstance(value, np.ndarray):
        return exact(value.tolist())
    if isinstance(value, Mapping):
        return {key: exact(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)([exact(one) for one in value])
    return type(value).__name__, value if isinstance(value, str) else repr(value)

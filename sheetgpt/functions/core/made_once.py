"""What is made of an array of values once and serves all who ask, for as long as the array lives.

The values of cells come as one array to all formulas of a batch that read the same cells, and to the next batches too
where the sheet keeps it. Nobody writes into such an array, so an index of it stays true.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import numpy as np

Made = TypeVar("Made")

_KNOWN: dict[int, tuple[weakref.ref[np.ndarray], dict[Hashable, Any]]] = {}


def made_once(values: np.ndarray, what: Hashable, make: Callable[[], Made]) -> Made:
    """What `make` gives, called once for each array and each `what`; it must not keep the array itself."""
    made = _of(values)
    if what not in made:
        made[what] = make()
    found: Made = made[what]
    return found


def _of(values: np.ndarray) -> dict[Hashable, Any]:
    number = id(values)
    known = _KNOWN.get(number)
    if known is None or known[0]() is not values:
        known = _KNOWN[number] = weakref.ref(values, lambda _: _KNOWN.pop(number, None)), {}
    return known[1]

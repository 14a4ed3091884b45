"""The operators between references: the colon, the space, and the comma in brackets."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator.batch.batch import (
    References,
    Result,
    Union,
    areas_of,
    common_label,
    no_function,
    no_reference,
    single,
)
from sheetgpt.evaluator.index.areas import Areas


def span(left: Result, right: Result) -> Result:
    """The operator ":": the smallest range that holds both."""
    if not isinstance(left, Areas) or not isinstance(right, Areas):
        return no_reference(left, right)
    top, first = np.minimum(left.tops, right.tops), np.minimum(left.lefts, right.lefts)
    bottom = np.maximum(np.add(left.tops, left.rows), np.add(right.tops, right.rows))
    end = np.maximum(np.add(left.lefts, left.columns), np.add(right.lefts, right.columns))
    return _rectangle(left, right, top, first, bottom, end, ErrorValue.VALUE)


def intersection(left: Result, right: Result) -> Result:
    """The operator space: the cells that both have, or #NULL!."""
    if not isinstance(left, Areas) or not isinstance(right, Areas):
        return no_reference(left, right)
    top, first = np.maximum(left.tops, right.tops), np.maximum(left.lefts, right.lefts)
    bottom = np.minimum(np.add(left.tops, left.rows), np.add(right.tops, right.rows))
    end = np.minimum(np.add(left.lefts, left.columns), np.add(right.lefts, right.columns))
    return _rectangle(left, right, top, first, bottom, end, ErrorValue.NULL)


def _rectangle(left: Areas, right: Areas, *corners_and_error: object) -> Result:
    top, first, bottom, end, error = corners_and_error
    rows, columns = np.subtract(bottom, top), np.subtract(end, first)  # type: ignore[call-overload]
    valid = np.equal(left.sheets, right.sheets) & (rows > 0) & (columns > 0)
    shapes = [part.tolist() for part in np.broadcast_arrays(*map(np.atleast_1d, (valid, rows, columns)))]
    is_valid, height, width = common_label(list(zip(*shapes, strict=True)))
    if not is_valid:
        return single(error)  # type: ignore[arg-type]
    if isinstance(left.tops, int) and isinstance(right.tops, int):
        return Areas(left.sheets, int(top), int(first), height, width)  # type: ignore[call-overload]
    return areas_of(left.sheets, top, first, height, width)  # type: ignore[arg-type]


def union(left: Result, right: Result) -> Result:
    """The operator ",": several areas."""
    parts: Union = ()
    for side in map(no_function, (left, right)):
        if isinstance(side, np.ndarray | References):
            return no_reference(left, right)
        parts += side if isinstance(side, tuple) else (side,)
    return parts

"""Functions that take several references at once, one by one, and ranges that take the size of another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeGuard

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS
from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator.batch.batch import Batch, References, Result, Step, areas_of, single
from sheetgpt.evaluator.index.areas import Areas
from sheetgpt.functions.core.broadcasting import first, pack
from sheetgpt.functions.core.signature import ArgumentKind, Function, Operand

Give = Callable[[Batch, Result], Operand | None]  # what of an argument's result a function is given


def apply_each(
    function: Function, steps: Sequence[Step | None], kinds: Sequence[ArgumentKind], gives: Sequence[Give]
) -> Step:
    """A call of a function to which several references may be given; None is an argument left empty."""

    def call(batch: Batch, found: Sequence[Result | None]) -> np.ndarray:
        if function.follows_first and len(found) > 2:
            found = [*found[:2], same_size(found[2], found[0])]
        found = [one if function.sees_blanks else _clipped(batch, one, found) for one in found]
        if error := _error_in_place_of_cells(found, kinds):
            return single(error)
        return function.call(
            *[None if one is None else give(batch, one) for one, give in zip(found, gives, strict=True)]
        )

    def run(batch: Batch) -> np.ndarray:
        found = [None if step is None else step(batch) for step in steps]
        if not any(isinstance(one, References) for one in found):
            return call(batch, found)
        varied = [_is_varied(one, kind) for one, kind in zip(found, kinds, strict=True)]
        shapes = [one.shape[-2:] for one, varies in zip(found, varied, strict=True) if varies]  # type: ignore[union-attr]
        shape = np.broadcast_shapes(*shapes)
        values = []
        for place in np.ndindex(shape):
            parts = [_part(one, place) if varies else one for one, varies in zip(found, varied, strict=True)]
            values.append(first(call(batch, parts)))
        return pack(values, shape)

    return run


def _is_varied(found: Result | None, kind: ArgumentKind) -> bool:
    """Whether there is one for each place: several references, or an array where a single value is expected."""
    return isinstance(found, References) or (isinstance(found, np.ndarray) and kind != "array")


def _part(found: Result | None, place: tuple[int, ...]) -> Result:
    assert isinstance(found, References | np.ndarray)
    row, column = (min(at, size - 1) for at, size in zip(place, found.shape[-2:], strict=True))
    if isinstance(found, References):
        chosen: Result = found.parts[row * int(found.shape[1]) + column]
        return chosen
    part: np.ndarray = found[..., row : row + 1, column : column + 1]
    return part


def _error_in_place_of_cells(found: Sequence[Result | None], kinds: Sequence[ArgumentKind]) -> ErrorValue | None:
    """The first error where a range was to be: SUMIF(#REF!,1) is #REF!, though SUMIF counts no errors in cells."""
    for one, kind in zip(found, kinds, strict=True):
        if kind == "array" and isinstance(one, np.ndarray) and one.shape == (1, 1) and one.dtype == object:
            value = first(one)
            if isinstance(value, ErrorValue):
                return value
    return None


def _clipped(batch: Batch, one: Result | None, found: Sequence[Result | None]) -> Result | None:
    """Whole columns of several sheets cut off at one row, where the longest of them ends."""
    if not _is_whole(one):
        return one
    sheets = {sheet for other in found if _is_whole(other) for sheet in np.atleast_1d(other.sheets).tolist()}
    return batch.workbook.clip(one, sheets)


def _is_whole(found: Result | None) -> TypeGuard[Areas]:
    return isinstance(found, Areas) and (found.rows == MAX_ROWS or found.columns == MAX_COLUMNS)


def same_size(found: Result | None, like: Result | None) -> Result | None:
    """The cells from the first one of a reference on, in the size of another; what is no reference stays."""
    if not isinstance(found, Areas) or not isinstance(like, Areas):
        return found
    if (found.rows, found.columns) == (like.rows, like.columns):
        return found
    if np.max(found.tops) + like.rows - 1 > MAX_ROWS or np.max(found.lefts) + like.columns - 1 > MAX_COLUMNS:
        return found
    return areas_of(found.sheets, found.tops, found.lefts, like.rows, like.columns)

"""A batch: formulas of one shape that are calculated together, and how they read their cells.

What a part of a formula comes to is a `Result`: an array of values, the cells that a reference stands
for, a union of several, or a function (`variables` has them). Arrays have the shape (rows, columns) where all members
of the batch have the same values, else (members, rows, columns).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from sheetgpt.book.number_mask import alone
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.evaluator.batch.variables import Closure, only_of, part_of
from sheetgpt.evaluator.batch.variables import References as References
from sheetgpt.evaluator.batch.variables import Result as Result
from sheetgpt.evaluator.batch.variables import Union as Union
from sheetgpt.evaluator.index.areas import Areas
from sheetgpt.evaluator.index.indexed_book import IndexedBook

Step = Callable[["Batch"], Result]
ValueStep = Callable[["Batch"], np.ndarray]
_MOST_READ = 256  # areas whose values are kept for the functions that a formula calls

Label = TypeVar("Label", bound=Hashable)


class SplitError(Exception):
    """The members of a batch do not go the same way: `labels` says who stays together."""

    def __init__(self, labels: Sequence[Hashable]) -> None:
        super().__init__(labels)
        self.labels = labels


class NotReadyError(Exception):
    """Cells are needed that the formulas with these numbers have yet to fill."""

    def __init__(self, formulas: list[int]) -> None:
        super().__init__(formulas)
        self.formulas = formulas


class Batch:
    """Members of one shape: the cells that they fill, and those that their references stand for.

    `guard` is called with cells before they are read; it raises NotReadyError if they are not known yet.
    """

    def __init__(
        self, workbook: IndexedBook, position: Areas, holes: list[Areas], guard: Callable[[Areas], None] | None = None
    ) -> None:
        self.workbook = workbook
        self.position = position
        self.holes = holes
        self.guard = guard
        self.size = position.size  # how many members there are
        self.variables: Mapping[str, Result] = {}  # names of LET and LAMBDA, and what they stand for
        self.depth = 0  # of calls of functions within functions
        self.known: dict[int, Result] = {}  # parts of the formula that it has more than once, by their number
        self._read: dict[int, tuple[Areas, np.ndarray]] = {}  # what was read, by the identity of its areas

    def part(self, members: np.ndarray) -> Batch:
        """A batch of some of the members only."""
        part = Batch(
            self.workbook, self.position.part(members), [hole.part(members) for hole in self.holes], self.guard
        )
        part.size, part.depth = len(members), self.depth
        if self.variables:
            part.variables = {name: part_of(result, members) for name, result in self.variables.items()}
        return part

    def only(self, member: int) -> Batch:
        """A batch of one member, its cells and values in the form in which members share them."""
        holes = [only_of(hole, member) for hole in self.holes]
        one = Batch(self.workbook, only_of(self.position, member), holes, self.guard)  # type: ignore[arg-type]
        one.depth = self.depth
        one.variables = {name: only_of(result, member) for name, result in self.variables.items()}
        return one

    def with_variables(self, variables: Mapping[str, Result], size: int | None = None) -> Batch:
        """The same members, for whom names stand for other things; with a `size`, so many times one member."""
        other = Batch.__new__(Batch)
        other.workbook, other.position, other.holes, other.guard = self.workbook, self.position, self.holes, self.guard
        other.size = self.size if size is None else size
        other.variables, other.depth, other.known = variables, self.depth, {}
        other._read = self._read if len(self._read) < _MOST_READ else {}
        return other

    def values_of_part(self, members: np.ndarray, step: ValueStep) -> np.ndarray:
        """What a step gives for some of the members; if these must be split, so must the whole batch."""
        try:
            return step(self.part(members))
        except SplitError as split:
            labels: list[Hashable] = [None] * self.size
            for member, label in zip(members.tolist(), split.labels, strict=True):
                labels[member] = (type(label), label)
            raise SplitError(labels) from None

    def whole(self, result: Result, clip: bool = True) -> np.ndarray:
        """All values of a result; those of a union in one column.

        With `clip`, whole columns and rows end where the used part of the sheet does.
        """
        if isinstance(result, np.ndarray):
            return result
        if isinstance(result, References):
            return _values_of_references(result)
        if isinstance(result, tuple):
            return self._column([self.whole(part, clip) for part in result])
        if isinstance(result, Closure):
            return single(ErrorValue.CALC)
        if clip:
            result = self.workbook.clip(result)
        known = self._read.get(id(result))
        if known is None:
            if self.guard:
                self.guard(result)
            known = self._read[id(result)] = result, self.workbook.read(result)
        return known[1]

    def intersected(self, result: Result) -> np.ndarray:
        """The one value that an ordinary formula takes from a range: the one in its own row or column."""
        if isinstance(result, np.ndarray):
            return result
        if isinstance(result, References):
            return _values_of_references(result)
        if isinstance(result, tuple | Closure):
            return single(ErrorValue.CALC if isinstance(result, Closure) else ErrorValue.VALUE)
        if result.rows == 1 and result.columns == 1:
            return self.whole(result)
        tops, lefts = self.position.tops, self.position.lefts
        if result.columns == 1:
            inside = (result.tops <= tops) & (tops < result.tops + result.rows)
            chosen = areas_of(result.sheets, tops, result.lefts)
        elif result.rows == 1:
            inside = (result.lefts <= lefts) & (lefts < result.lefts + result.columns)
            chosen = areas_of(result.sheets, result.tops, lefts)
        else:
            return single(ErrorValue.VALUE)
        return self.whole(chosen) if common_label(np.atleast_1d(inside).tolist()) else single(ErrorValue.VALUE)

    def _column(self, parts: list[np.ndarray]) -> np.ndarray:
        """Arrays below one another, each as a column."""
        batched = any(part.ndim > 2 for part in parts)
        columns = [part.reshape(*part.shape[:-2], -1, 1) for part in parts]
        if batched:
            columns = [np.broadcast_to(part, (self.size, *part.shape[-2:])) for part in columns]
        return np.concatenate(columns, axis=-2)


def _values_of_references(result: References) -> np.ndarray:
    values = np.full(result.shape, ErrorValue.VALUE, dtype=object)
    for place, part in zip(np.ndindex(result.shape), result.parts, strict=True):
        if isinstance(part, np.ndarray):
            values[place] = part[0, 0]
    return values


def areas_of(
    sheets: int | np.ndarray, tops: int | np.ndarray, lefts: int | np.ndarray, rows: int = 1, columns: int = 1
) -> Areas:
    """Areas from ints and arrays in any mixture."""
    if isinstance(sheets, int) and isinstance(tops, int) and isinstance(lefts, int):
        return Areas(sheets, tops, lefts, rows, columns)
    sheet_array, top_array, left_array = np.broadcast_arrays(sheets, tops, lefts)
    return Areas(sheet_array, top_array, left_array, rows, columns)


def group_by_label(labels: Sequence[Label]) -> dict[Label, np.ndarray]:
    """The members that have each label."""
    places: dict[Label, list[int]] = {}
    for member, label in enumerate(labels):
        places.setdefault(label, []).append(member)
    return {label: np.array(members) for label, members in places.items()}


def common_label(labels: Sequence[Label]) -> Label:
    """The label that all members (or the one value for all of them) have; else raises SplitError."""
    first = labels[0]
    if any(label != first for label in labels):
        raise SplitError(labels)
    return first


def members(values: np.ndarray) -> list[Value]:
    """The single value of each member (one if they share it) in an array of 1 x 1 values."""
    first: list[Value] = values[..., 0, 0].ravel().tolist()
    return first


def merge(size: int, parts: Sequence[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """One array for all members from (members, their values); raises SplitError where shapes differ."""
    shape = parts[0][1].shape[-2:]
    if any(values.shape[-2:] != shape for _, values in parts):
        labels: list[Hashable] = [None] * size
        for members, values in parts:
            for member in members.tolist():
                labels[member] = values.shape[-2:]
        raise SplitError(labels)
    kinds = {values.dtype for _, values in parts}
    merged = np.empty((size, *shape), dtype=kinds.pop() if len(kinds) == 1 else object)
    for members, values in parts:
        merged[members] = values
    return merged


def single(value: Value) -> np.ndarray:
    """A 1 x 1 array."""
    if type(value) is float or type(value) is bool:
        return np.array([[value]])
    return alone(value)


def is_single(values: np.ndarray) -> bool:
    """Whether each member has one value only."""
    return values.shape[-2:] == (1, 1)


def is_one_cell(result: Result) -> bool:
    """Whether a result is a single value or stands for a single cell."""
    if isinstance(result, Areas):
        return result.rows == result.columns == 1
    return isinstance(result, np.ndarray) and is_single(result)


def no_function(result: Result) -> np.ndarray | Areas | Union | References:
    """What something comes to where a function is of no use: #CALC! in place of one."""
    return single(ErrorValue.CALC) if isinstance(result, Closure) else result


def no_reference(*results: Result) -> np.ndarray:
    """What comes of values where references are needed: the error that they hold, else #VALUE!."""
    for result in results:
        if isinstance(result, np.ndarray):
            error = common_label([value if isinstance(value, ErrorValue) else None for value in members(result)])
            if error is not None:
                return single(error)
    return single(ErrorValue.VALUE)

"""The forms that call a function for each element, row or column of an array: MAP, BYROW, REDUCE and their kin.

The elements of one formula are calculated as a batch calculates its members: with one numpy call for all of them, and
apart only where they do not go the same way. Elements of a range are references to its cells, as in Excel:
BYROW(A1:C9,LAMBDA(row,SUBTOTAL(103,row))).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator.batch.batch import (
    Batch,
    Result,
    SplitError,
    Step,
    common_label,
    group_by_label,
    is_single,
    single,
)
from sheetgpt.evaluator.batch.variables import Closure, first_error
from sheetgpt.evaluator.forms.form import Argument, Form, integers
from sheetgpt.evaluator.forms.lambdas import call, call_values
from sheetgpt.evaluator.index.areas import Areas, stack
from sheetgpt.functions.core.signature import ArgumentKind

_CALC, _VALUE = single(ErrorValue.CALC), single(ErrorValue.VALUE)
_MOST = 1 << 16  # elements calculated together
_MOST_CELLS = 2**24  # of an array that is made


class _NestedError(Exception):
    """A function gave an array where one value is wanted."""


def _for_each_member(one: Callable[[Batch], np.ndarray]) -> Step:
    """A step that is calculated for each member of a batch by itself."""

    def run(batch: Batch) -> Result:
        found = [one(batch.only(member)) for member in range(batch.size)]
        if batch.size == 1:
            return found[0]
        common_label([values.shape for values in found])
        return stack(found)

    return run


def _each(batch: Batch, function: Result, count: int, given: Callable[[np.ndarray], list[Result]]) -> np.ndarray:
    """The value that a function gives for each of so many elements [element]; `given` has the arguments of some.

    Raises _NestedError.
    """
    found = np.empty(count, dtype=object)
    for start in range(0, count, _MOST):
        elements = np.arange(start, min(start + _MOST, count))
        parts = [elements]
        while parts:
            some = parts.pop()
            try:
                found[some] = _together(batch, function, some, given(some))
            except SplitError as split:
                parts += [some[members] for members in group_by_label([(type(x), x) for x in split.labels]).values()]
    return found


def _together(batch: Batch, function: Result, elements: np.ndarray, given: list[Result]) -> np.ndarray | object:
    inner = batch.with_variables(batch.variables, len(elements))
    values = call_values(function, inner, given)
    if not is_single(values):
        raise _NestedError
    return values[..., 0, 0]


def _tidy(values: np.ndarray) -> np.ndarray:
    """Values as numbers where all are numbers."""
    kinds = set(map(type, values.ravel().tolist()))
    return values.astype(np.float64) if kinds == {float} else values


def _shape(source: Result) -> tuple[int, int]:
    return (source.rows, source.columns) if isinstance(source, Areas) else source.shape[-2:]  # type: ignore[union-attr]


def _array(batch: Batch, source: Result) -> Areas | np.ndarray:
    """An array to be gone through: cells as they are, several areas as their values."""
    return source if isinstance(source, Areas) else batch.whole(source)


def _elements(source: Areas | np.ndarray, shape: tuple[int, int], which: np.ndarray) -> Result:
    """Some of the elements of an array, counted row by row in a larger shape; #N/A where it has none."""
    rows, columns = np.divmod(which, shape[1])
    if isinstance(source, Areas):
        sheets = np.full(len(which), source.sheets)
        return Areas(sheets, source.tops + rows, source.lefts + columns, 1, 1)
    return source[rows, columns][:, None, None]


def _padded(batch: Batch, source: Areas | np.ndarray, shape: tuple[int, int]) -> Areas | np.ndarray:
    """An array in a larger shape."""
    if _shape(source) == shape:
        return source
    padded = np.full(shape, ErrorValue.NA, dtype=object)
    rows, columns = _shape(source)
    padded[:rows, :columns] = batch.whole(source)
    return padded


def _map(arguments: Sequence[Argument], _in_array: bool) -> Step:
    *arrays, function = arguments

    def one(batch: Batch) -> np.ndarray:
        sources = [_array(batch, argument.result(batch)) for argument in arrays]
        shape = max(_shape(x)[0] for x in sources), max(_shape(x)[1] for x in sources)
        sources = [_padded(batch, source, shape) for source in sources]

        def given(which: np.ndarray) -> list[Result]:
            return [_elements(source, shape, which) for source in sources]

        return _made(batch, function.result(batch), shape, given)

    return _for_each_member(one)


def _made(
    batch: Batch, function: Result, shape: tuple[int, int], given: Callable[[np.ndarray], list[Result]]
) -> np.ndarray:
    """The array of what a function gives for each element of a shape, or the one error that it is."""
    if not isinstance(function, Closure) or function.body(len(given(np.zeros(1, dtype=np.int64)))) is None:
        return single(first_error(function))
    try:
        return _tidy(_each(batch, function, shape[0] * shape[1], given).reshape(shape))
    except _NestedError:
        return _CALC


def _lines(axis: int) -> Form:
    """BYROW (axis 0) and BYCOL (axis 1)."""

    def build(arguments: Sequence[Argument], _in_array: bool) -> Step:
        array, function = arguments

        def one(batch: Batch) -> np.ndarray:
            source = _array(batch, array.result(batch))
            count = _shape(source)[axis]

            def given(which: np.ndarray) -> list[Result]:
                return [_some_lines(source, which, axis)]

            return _made(batch, function.result(batch), (count, 1) if axis == 0 else (1, count), given)

        return _for_each_member(one)

    return Form(build=build, parameters=("cells", "cells"), array_mode=True)


def _some_lines(source: Areas | np.ndarray, which: np.ndarray, axis: int) -> Result:
    """Some rows or columns of an array."""
    if isinstance(source, np.ndarray):
        return source[which][:, None, :] if axis == 0 else source[:, which].T[:, :, None]
    sheets, none = np.full(len(which), source.sheets), np.zeros(len(which), dtype=np.int64)
    tops, lefts = source.tops + (which if axis == 0 else none), source.lefts + (none if axis == 0 else which)
    return Areas(sheets, tops, lefts, 1 if axis == 0 else source.rows, source.columns if axis == 0 else 1)


def _make_array(arguments: Sequence[Argument], _in_array: bool) -> Step:
    *sizes, function = arguments

    def one(batch: Batch) -> np.ndarray:
        numbers = [integers(size.values(batch)[:1, :1]) for size in sizes]
        if error := next((number for number in numbers if isinstance(number, ErrorValue)), None):
            return single(error)
        rows, columns = [int(number) for number in numbers if isinstance(number, int)]
        if rows < 1 or columns < 1 or rows * columns > _MOST_CELLS:
            return _VALUE

        def given(which: np.ndarray) -> list[Result]:
            return [(part + 1.0)[:, None, None] for part in np.divmod(which, columns)]

        return _made(batch, function.result(batch), (rows, columns), given)

    return _for_each_member(one)


def _in_turn(batch: Batch, arguments: Sequence[Argument]) -> Iterator[Result]:
    """What REDUCE comes to after each element; #VALUE! where its function does not take two arguments."""
    start, array, last = arguments
    source, function = _array(batch, array.result(batch)), last.result(batch)
    shape = _shape(source)
    if not isinstance(function, Closure) or function.body(2) is None:
        yield single(first_error(function))
        return
    total: Result | None = None if start.missing else start.result(batch)
    for number in range(shape[0] * shape[1]):
        row, column = divmod(number, shape[1])
        if isinstance(source, Areas):
            element: Result = Areas(source.sheets, source.tops + row, source.lefts + column, 1, 1)
        else:
            element = source[row : row + 1, column : column + 1]
        total = element if total is None else call(function, batch, [total, element])
        yield total


def _reduce(arguments: Sequence[Argument], _in_array: bool) -> Step:
    def one(batch: Batch) -> Result:
        return deque(_in_turn(batch, arguments), maxlen=1)[0]

    def run(batch: Batch) -> Result:
        if batch.size == 1:
            return one(batch.only(0))
        found = [batch.whole(one(batch.only(member))) for member in range(batch.size)]
        common_label([values.shape for values in found])
        return stack(found)

    return run


def _scan(arguments: Sequence[Argument], _in_array: bool) -> Step:
    def one(batch: Batch) -> np.ndarray:
        found = []
        for total in _in_turn(batch, arguments):
            values = batch.whole(total)
            if not is_single(values):
                return _CALC
            found.append(values.item(0))
        shape = _shape(_array(batch, arguments[1].result(batch)))
        if len(found) != shape[0] * shape[1]:
            return single(found[0])
        scanned = np.empty(len(found), dtype=object)
        scanned[:] = found
        return _tidy(scanned.reshape(shape))

    return _for_each_member(one)


_FOLD: tuple[ArgumentKind, ...] = ("cells", "cells", "cells")
HIGHER_ORDER: dict[str, Form] = {
    "MAP": Form(build=_map, parameters=("cells", "cells"), repeats=1, array_mode=True),
    "REDUCE": Form(build=_reduce, parameters=_FOLD, array_mode=True),
    "SCAN": Form(build=_scan, parameters=_FOLD, array_mode=True),
    "BYROW": _lines(0),
    "BYCOL": _lines(1),
    "MAKEARRAY": Form(build=_make_array, parameters=("value", "value", "cells"), array_mode=True),
}

"""The forms that find cells: INDEX, OFFSET, INDIRECT. Their results are references, as in Excel.

So A1:INDEX(...) and SUM(OFFSET(...)) work, and only the cells that are used in the end are read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.evaluator.batch.batch import (
    Batch,
    References,
    Result,
    SplitError,
    Step,
    ValueStep,
    areas_of,
    common_label,
    is_single,
    members,
    no_function,
    no_reference,
    single,
)
from sheetgpt.evaluator.forms.form import Argument, Form, integers
from sheetgpt.evaluator.index.areas import Areas, stack
from sheetgpt.formula import to_a1
from sheetgpt.functions.core.broadcasting import align, pack
from sheetgpt.functions.core.coercion import to_boolean, to_number, to_text
from sheetgpt.functions.lookup import index as index_array

Whole = int | np.ndarray
_REF = single(ErrorValue.REF)


def _zero(_batch: Batch) -> np.ndarray:
    return single(0.0)


def _optional(arguments: Sequence[Argument], number: int, default: ValueStep = _zero) -> ValueStep:
    """The values of an argument that may be left out or empty."""
    given = len(arguments) > number and not arguments[number].missing
    return arguments[number].values if given else default


def _index(arguments: Sequence[Argument], _array: bool) -> Step:
    source = arguments[0]
    row_step, column_step = _optional(arguments, 1), _optional(arguments, 2)
    part_step = _optional(arguments, 3, lambda _batch: single(1.0))

    def run(batch: Batch) -> Result:
        part = integers(part_step(batch))
        found = _part(source.result(batch), common_label(part.tolist()) if isinstance(part, np.ndarray) else part)
        if isinstance(found, ErrorValue):
            return single(found)
        rows, columns = row_step(batch), column_step(batch)
        height, _ = found.shape[-2:] if isinstance(found, np.ndarray) else (found.rows, found.columns)
        if len(arguments) == 2 and height == 1:
            rows, columns = columns, rows
        if not (is_single(rows) and is_single(columns)):
            return _index_each(batch.whole(found), rows, columns)
        row, column = integers(rows), integers(columns)
        if isinstance(row, ErrorValue) or isinstance(column, ErrorValue):
            return single(row if isinstance(row, ErrorValue) else column)  # type: ignore[arg-type]
        return _pick_cells(found, row, column) if isinstance(found, Areas) else _pick_values(found, row, column)

    return run


def _part(source: Result, number: int | ErrorValue) -> np.ndarray | Areas | ErrorValue:
    """The area of a union with a number, from 1."""
    if isinstance(number, ErrorValue):
        return number
    cells = no_function(source)
    if isinstance(cells, References):
        return ErrorValue.VALUE
    parts = cells if isinstance(cells, tuple) else (cells,)
    return parts[number - 1] if 1 <= number <= len(parts) else ErrorValue.REF


def _fault(row: Whole, column: Whole, rows: int, columns: int) -> ErrorValue | None:
    """What is wrong with a row and a column, the same for all members; else raises SplitError."""
    if _all_within(row, rows) and _all_within(column, columns):
        return None
    negative = np.less(row, 0) | np.less(column, 0)
    inside = np.less_equal(row, rows) & np.less_equal(column, columns)
    aspects = (negative, inside, np.equal(row, 0), np.equal(column, 0))  # 0 stands for all rows or columns
    labels = zip(*[aspect.tolist() for aspect in np.broadcast_arrays(*map(np.atleast_1d, aspects))], strict=True)
    is_negative, is_inside, _, _ = common_label(list(labels))
    if is_negative:
        return ErrorValue.VALUE
    return None if is_inside else ErrorValue.REF


def _all_within(numbers: Whole, most: int) -> bool:
    """Whether all numbers are 0, or all lie between 1 and the largest."""
    if isinstance(numbers, int):
        return 0 <= numbers <= most
    return bool(numbers.min() >= 1 and numbers.max() <= most) or not np.count_nonzero(numbers)


def _pick_cells(source: Areas, row: Whole, column: Whole) -> Result:
    """The cells of INDEX: row or column 0 stands for all of them."""
    if fault := _fault(row, column, source.rows, source.columns):
        return single(fault)
    whole_rows, whole_columns = not np.any(row), not np.any(column)
    top = source.tops if whole_rows else source.tops + row - 1
    left = source.lefts if whole_columns else source.lefts + column - 1
    return areas_of(source.sheets, top, left, source.rows if whole_rows else 1, source.columns if whole_columns else 1)


def _pick_values(source: np.ndarray, row: Whole, column: Whole) -> np.ndarray:
    if isinstance(row, int) and isinstance(column, int):
        return index_array(source, row, column)
    pairs = np.broadcast_arrays(np.atleast_1d(row), np.atleast_1d(column))
    found = [
        index_array(source if source.ndim == 2 else source[number], *pair)
        for number, pair in enumerate(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True))
    ]
    common_label([values.shape for values in found])
    return stack(found)


def _index_each(source: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """INDEX with an array of rows or columns: a value for each of them."""
    if source.ndim > 2 or rows.ndim > 2 or columns.ndim > 2:
        size = max(part.shape[0] for part in (source, rows, columns) if part.ndim > 2)
        each = [np.broadcast_to(part, (size, *part.shape[-2:])) for part in (source, rows, columns)]
        return stack([_index_each(*parts) for parts in zip(*each, strict=True)])
    rows, columns = align((rows, columns))
    pairs = zip(rows.ravel().tolist(), columns.ravel().tolist(), strict=True)
    return pack([_index_one(source, *pair) for pair in pairs], rows.shape)


def _index_one(source: np.ndarray, row: Value, column: Value) -> Value:
    numbers = [to_number(row), to_number(column)]
    error = next((number for number in numbers if isinstance(number, ErrorValue)), None)
    if error is not None:
        return error
    found: Value = index_array(source, *[int(number) for number in numbers if isinstance(number, float)]).item(0)
    return found


def _offset(arguments: Sequence[Argument], _array: bool) -> Step:
    start = arguments[0].result
    steps = [_optional(arguments, 1), _optional(arguments, 2)]
    sizes = [_optional(arguments, number) if len(arguments) > number else None for number in (3, 4)]
    sizes = [
        None if len(arguments) > n and arguments[n].missing else size for n, size in zip((3, 4), sizes, strict=True)
    ]

    def run(batch: Batch) -> Result:
        source = start(batch)
        if not isinstance(source, Areas):
            return no_reference(source)
        given = [step(batch) for step in steps]
        spanned = [None if size is None else _at_least_one(size(batch)) for size in sizes]
        if not all(values is None or is_single(values) for values in (*given, *spanned)):
            return _several(batch, [*given, *spanned], lambda *numbers: _move_one(source, *numbers))
        moves = [integers(values) for values in given]
        spans = [
            default if values is None else integers(values)
            for values, default in zip(spanned, (source.rows, source.columns), strict=True)
        ]
        faults = [number for number in (*moves, *spans) if isinstance(number, ErrorValue)]
        return single(faults[0]) if faults else _move(source, *moves, *spans)  # type: ignore[arg-type]

    return run


def _several(batch: Batch, arrays: Sequence[np.ndarray | None], refer: Callable[..., np.ndarray | Areas]) -> References:
    """A reference for each place of some arrays; raises SplitError where several formulas are calculated together."""
    if batch.size > 1:
        raise SplitError(list(range(batch.size)))
    flat = [single(None) if values is None else values.reshape(values.shape[-2:]) for values in arrays]
    aligned = align(flat)
    places = zip(*[values.ravel().tolist() for values in aligned], strict=True)
    rows, columns = aligned[0].shape
    return References((rows, columns), tuple([refer(*values) for values in places]))


def _move_one(source: Areas, *values: Value) -> np.ndarray | Areas:
    """OFFSET of one place of an array; None is a size left out."""
    numbers = [to_number(value) for value in values]
    error = next((number for number in numbers if isinstance(number, ErrorValue)), None)
    if error is not None:
        return single(error)
    down, across, height, width = [int(number) for number in numbers if isinstance(number, float)]
    height, width = height if values[2] is not None else source.rows, width if values[3] is not None else source.columns
    found = _move(source, down, across, height, width)
    assert isinstance(found, np.ndarray | Areas)
    return found


def _at_least_one(sizes: np.ndarray) -> np.ndarray:
    """Heights and widths between 0 and 1 as 1: Excel takes OFFSET(A1,0,0,1,0.9) for one cell."""
    if sizes.dtype != np.float64:
        return sizes
    return np.where(sizes == 0, sizes, np.copysign(np.maximum(np.abs(sizes), 1.0), sizes))


def _move(source: Areas, down: Whole, across: Whole, height: Whole, width: Whole) -> Result:
    """The cells of OFFSET; a negative height or width goes up or left from the first cell."""
    height, width = (common_label(size.tolist()) if isinstance(size, np.ndarray) else size for size in (height, width))
    top, left = source.tops + down + min(0, height + 1), source.lefts + across + min(0, width + 1)
    rows, columns = abs(height), abs(width)
    inside = (np.greater(top, 0) & np.greater(left, 0)) & (
        np.less_equal(top, MAX_ROWS - rows + 1) & np.less_equal(left, MAX_COLUMNS - columns + 1)
    )
    if not rows or not columns or not common_label(np.atleast_1d(inside).tolist()):
        return _REF
    return areas_of(source.sheets, top, left, rows, columns)


def _indirect(arguments: Sequence[Argument], _array: bool) -> Step:
    text_step, style_step = arguments[0].values, _optional(arguments, 1, lambda _batch: single(True))

    def run(batch: Batch) -> Result:
        is_a1 = to_boolean(common_label(members(style_step(batch))))
        if isinstance(is_a1, ErrorValue):
            return single(is_a1)
        written = text_step(batch)
        if not is_single(written):
            return _several(batch, [written], lambda text: _as_result(_refer(batch, text, is_a1, 0)))
        texts = members(written)
        size = batch.size if not is_a1 else len(np.atleast_1d(batch.position.sheets))
        texts = texts * size if len(texts) < size else texts
        return _together([_refer(batch, text, is_a1, member) for member, text in enumerate(texts)])

    return run


def _refer(batch: Batch, value: Value, is_a1: bool, member: int) -> Areas | ErrorValue:
    """The cells that a text stands for in the formula of a member."""
    text = to_text(value)
    at = batch.position
    if not isinstance(text, ErrorValue) and not is_a1:
        text = to_a1(text.strip(), _of_member(at.tops, member), _of_member(at.lefts, member)) or ErrorValue.REF
    if isinstance(text, ErrorValue):
        return text
    return batch.workbook.resolve(text.strip(), _of_member(at.sheets, member))


def _of_member(numbers: Whole, member: int) -> int:
    return numbers if isinstance(numbers, int) else int(numbers[min(member, len(numbers) - 1)])


def _as_result(found: Areas | ErrorValue) -> np.ndarray | Areas:
    return single(found) if isinstance(found, ErrorValue) else found


def _together(found: Sequence[Areas | ErrorValue]) -> Result:
    """The places of all members as one."""
    shape = common_label([place if isinstance(place, ErrorValue) else (place.rows, place.columns) for place in found])
    if isinstance(shape, ErrorValue):
        return single(shape)
    places = [place for place in found if isinstance(place, Areas)]
    if len(places) == 1:
        return places[0]
    sheets, tops, lefts = (np.array([getattr(p, part) for p in places]) for part in ("sheets", "tops", "lefts"))
    return areas_of(sheets, tops, lefts, *shape)


REFERENCES: dict[str, Form] = {
    "INDEX": Form(build=_index, parameters=("cells", "value", "value", "value"), optional=2, array_mode=True),
    "OFFSET": Form(
        build=_offset, parameters=("reference", "value", "value", "value", "value"), optional=2, volatile=True
    ),
    "INDIRECT": Form(build=_indirect, parameters=("value", "value"), optional=1, volatile=True),
}

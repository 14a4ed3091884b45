"""Functions of Excel 365 that reshape arrays: SEQUENCE, TAKE, DROP, TOCOL, FILTER and their kin."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.broadcasting import first, first_error, pack, single, tidy, to_numbers
from sheetgpt.functions.core.coercion import CALC, NA, VALUE, to_boolean, to_number
from sheetgpt.functions.core.signature import Function, Operand

_MOST_CELLS = 2**24


def _option(operand: Operand | None, default: float) -> float | ErrorValue:
    return default if operand is None else to_number(first(operand.values))


def _sequence(*operands: Operand | None) -> np.ndarray:
    """SEQUENCE(rows, columns, start, step)."""
    options = [_option(operand, 1.0) for operand in operands] + [1.0] * (4 - len(operands))
    numbers = [option for option in options if isinstance(option, float)]
    if len(numbers) < 4:
        return single(next(option for option in options if isinstance(option, ErrorValue)))
    rows, columns = int(numbers[0]), int(numbers[1])
    if rows < 0 or columns < 0 or rows * columns > _MOST_CELLS:
        return single(VALUE)
    if rows * columns == 0:
        return single(CALC)
    return (numbers[2] + numbers[3] * np.arange(rows * columns, dtype=np.float64)).reshape(rows, columns)


def _counts(shape: tuple[int, int], *operands: Operand | None) -> list[int] | ErrorValue:
    """The row and column counts of TAKE and DROP as whole numbers, left out ones as None's stand-in, the size."""
    counts = []
    for size, operand in zip(shape, [*operands, None, None], strict=False):
        number = _option(operand, float(size))
        if isinstance(number, ErrorValue):
            return number
        counts.append(max(-size, min(size, int(number))))
    return counts


def _take(cells: Operand | None, *operands: Operand | None) -> np.ndarray:
    if cells is None:
        return single(VALUE)
    counts = _counts(cells.values.shape, *operands)
    if isinstance(counts, ErrorValue):
        return single(counts)
    rows, columns = (slice(count, None) if count < 0 else slice(0, count) for count in counts)
    return _kept(cells.values[rows, columns])


def _drop(cells: Operand | None, *operands: Operand | None) -> np.ndarray:
    if cells is None:
        return single(VALUE)
    given = [Operand(single(0.0)) if operand is None else operand for operand in [*operands, None, None]]
    counts = _counts(cells.values.shape, *given[:2])
    if isinstance(counts, ErrorValue):
        return single(counts)
    shape = cells.values.shape
    rows, columns = (
        slice(0, size + count) if count < 0 else slice(count, None) for count, size in zip(counts, shape, strict=True)
    )
    return _kept(cells.values[rows, columns])


def _kept(values: np.ndarray) -> np.ndarray:
    """The array, or #CALC! where nothing is left of it: Excel has no empty arrays."""
    return tidy(values) if values.size else single(CALC)


def _as_vector(*operands: Operand | None) -> list[Value] | ErrorValue:
    """TOCOL's values: its second argument leaves out blanks (1), errors (2) or both, its third goes by column."""
    cells = operands[0]
    ignore = _option(operands[1] if len(operands) > 1 else None, 0.0)
    by_column = _option(operands[2] if len(operands) > 2 else None, 0.0)
    for option in (ignore, by_column):
        if isinstance(option, ErrorValue):
            return option
    if cells is None or ignore not in (0, 1, 2, 3):
        return VALUE
    values: list[Value] = (cells.values.T if by_column else cells.values).ravel().tolist()
    if ignore in (1, 3):
        values = [value for value in values if value is not None]
    return [value for value in values if not isinstance(value, ErrorValue)] if ignore in (2, 3) else values


def _to_column(*operands: Operand | None) -> np.ndarray:
    values = _as_vector(*operands)
    if isinstance(values, ErrorValue):
        return single(values)
    return pack(values, (len(values), 1)) if values else single(CALC)


def _to_row(*operands: Operand | None) -> np.ndarray:
    return _to_column(*operands).T


def _filter(cells: Operand | None, include: Operand | None, absent: Operand | None = None) -> np.ndarray:
    """FILTER: the rows (or columns) of an array for which a condition holds."""
    if cells is None or include is None:
        return single(VALUE)
    shape = cells.values.shape
    down, across = include.values.shape == (shape[0], 1), include.values.shape == (1, shape[1])
    if not (down or across):
        return single(VALUE)
    truths = [to_boolean(value) for value in include.values.ravel().tolist()]
    error = next((truth for truth in truths if isinstance(truth, ErrorValue)), None)
    if error:
        return single(error)
    chosen = np.array(truths, dtype=bool)
    if not chosen.any():
        return single(CALC) if absent is None else absent.values
    return tidy(cells.values[chosen] if down else cells.values[:, chosen])


def _stack(axis: int, operands: tuple[Operand | None, ...]) -> np.ndarray:
    arrays = [single(None) if operand is None else operand.values for operand in operands]
    widest = max(values.shape[1 - axis] for values in arrays)
    padded = []
    for values in arrays:
        shape = (values.shape[0], widest) if axis == 0 else (widest, values.shape[1])
        full = np.full(shape, NA, dtype=object)
        full[: values.shape[0], : values.shape[1]] = values
        padded.append(full)
    return tidy(np.concatenate(padded, axis=axis))


def _stack_down(*operands: Operand | None) -> np.ndarray:
    return _stack(0, operands)


def _stack_across(*operands: Operand | None) -> np.ndarray:
    return _stack(1, operands)


def _choose(axis: int, cells: Operand | None, which: tuple[Operand | None, ...]) -> np.ndarray:
    """CHOOSEROWS and CHOOSECOLS: rows or columns by number, negative ones counted from the end."""
    if cells is None or any(operand is None for operand in which):
        return single(VALUE)
    size = cells.values.shape[axis]
    read = [to_numbers(operand.values) for operand in which if operand is not None]
    wanted = np.concatenate([numbers.ravel() for numbers, _ in read])
    error = next((found for _, errors in read if errors is not None and (found := first_error(errors))), None)
    places = np.clip(np.trunc(wanted), -_MOST_CELLS, _MOST_CELLS).astype(int)
    if error or (places == 0).any() or (np.abs(places) > size).any():
        return single(error or VALUE)
    return tidy(np.take(cells.values, np.where(places > 0, places - 1, places), axis=axis))


def _choose_rows(cells: Operand | None, *which: Operand | None) -> np.ndarray:
    return _choose(0, cells, which)


def _choose_columns(cells: Operand | None, *which: Operand | None) -> np.ndarray:
    return _choose(1, cells, which)


DYNAMIC: dict[str, Function] = {
    "SEQUENCE": Function(
        call=_sequence, parameters=("value", "value", "value", "value"), optional=3, note="`#CALC!` for 0 rows"
    ),
    "TAKE": Function(call=_take, parameters=("array", "value", "value"), optional=1),
    "DROP": Function(call=_drop, parameters=("array", "value", "value"), optional=1),
    "TOCOL": Function(call=_to_column, parameters=("array", "value", "value"), optional=2),
    "TOROW": Function(call=_to_row, parameters=("array", "value", "value"), optional=2),
    "FILTER": Function(call=_filter, parameters=("array", "array", "array"), optional=1),
    "VSTACK": Function(call=_stack_down, parameters=("array",), repeats=1),
    "HSTACK": Function(call=_stack_across, parameters=("array",), repeats=1),
    "CHOOSEROWS": Function(call=_choose_rows, parameters=("array", "array"), repeats=1),
    "CHOOSECOLS": Function(call=_choose_columns, parameters=("array", "array"), repeats=1),
}

"""Broadcasting as Excel does it, packing of results, and loops over the batch.

A value is an array of shape (..., rows, columns) of float64, bool or object; see `coercion` for what
objects there are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.coercion import NA, to_number
from sheetgpt.functions.core.signature import Operand

Numbers = NDArray[np.float64]

FLOAT = np.dtype(np.float64)
BOOL = np.dtype(np.bool_)
OBJECT = np.dtype(object)


def single(value: Value) -> np.ndarray:
    """A 1 x 1 array of one value."""
    return pack([value], (1, 1))


def first(values: np.ndarray) -> Value:
    """The first value of an array, as a Python object."""
    value: Value = values.ravel()[:1].tolist()[0]
    return value


def pack(values: Sequence[Value], shape: tuple[int, ...]) -> np.ndarray:
    """An array of float64 or bool if all values are of that kind, else of objects."""
    kinds = {type(value) for value in values}
    if kinds <= {float, np.float64}:
        return np.array(values, dtype=FLOAT).reshape(shape)
    if kinds == {bool}:
        return np.array(values, dtype=BOOL).reshape(shape)
    packed = np.empty(len(values), dtype=OBJECT)
    packed[:] = values
    return packed.reshape(shape)


def tidy(values: np.ndarray) -> np.ndarray:
    """An object array as float64 or bool where all its values are of that kind."""
    return pack(values.ravel().tolist(), values.shape) if values.dtype == OBJECT else values


def to_numbers(values: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """(numbers, errors): values as float64; where that fails 1.0, and the error in an object array (else None)."""
    if values.dtype == FLOAT:
        return values, None
    if values.dtype == BOOL:
        return values.astype(FLOAT), None
    coerced = [to_number(value) for value in values.ravel().tolist()]
    if not any(isinstance(number, ErrorValue) for number in coerced):
        return np.array(coerced, dtype=FLOAT).reshape(values.shape), None
    numbers = [1.0 if isinstance(number, ErrorValue) else number for number in coerced]
    errors = [number if isinstance(number, ErrorValue) else None for number in coerced]
    return np.array(numbers).reshape(values.shape), pack(errors, values.shape)


def align(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The arrays at one common shape, as Excel does it: a single row or column repeats, gaps are #N/A."""
    try:
        return list(np.broadcast_arrays(*arrays))
    except ValueError:
        pass
    rows = max(values.shape[-2] for values in arrays)
    columns = max(values.shape[-1] for values in arrays)
    return list(np.broadcast_arrays(*[_extend(values, rows, columns) for values in arrays]))


def _extend(values: np.ndarray, rows: int, columns: int) -> np.ndarray:
    height, width = values.shape[-2:]
    kept = (*values.shape[:-2], rows if height == 1 else height, columns if width == 1 else width)
    extended = np.full((*values.shape[:-2], rows, columns), NA, dtype=OBJECT)
    extended[..., : kept[-2], : kept[-1]] = np.broadcast_to(values, kept)
    return extended


def is_blank(values: np.ndarray) -> NDArray[np.bool_]:
    """Which elements of an object array are None."""
    blank: NDArray[np.bool_] = np.equal(values, None)  # type: ignore[call-overload]
    return blank


def first_error(values: np.ndarray) -> ErrorValue | None:
    """The first error among the values, row by row."""
    if values.dtype != OBJECT:
        return None
    return next((value for value in values.ravel().tolist() if isinstance(value, ErrorValue)), None)


def is_batched(operands: Sequence[Operand | None]) -> bool:
    """Whether any operand has a leading batch dimension."""
    return any(operand is not None and operand.values.ndim > 2 for operand in operands)


def each_of_batch(call: Callable[..., np.ndarray], operands: Sequence[Operand | None]) -> np.ndarray:
    """Call a function that knows no batch once for each entry of the batch, and stack the results."""
    if not is_batched(operands):
        return call(*operands)
    size = max(operand.values.shape[0] for operand in operands if operand is not None and operand.values.ndim > 2)
    return stack([call(*[_entry(operand, i) for operand in operands]) for i in range(size)])


def _entry(operand: Operand | None, index: int) -> Operand | None:
    if operand is None or operand.values.ndim == 2:
        return operand
    return Operand(operand.values[index if len(operand.values) > 1 else 0], operand.reference)


def stack(results: Sequence[np.ndarray]) -> np.ndarray:
    """Results as one batch; where their shapes differ (an error beside a matrix) as `align` has it."""
    if len({values.shape for values in results}) > 1:
        rows, columns = (max(values.shape[axis] for values in results) for axis in (-2, -1))
        results = [_extend(values, rows, columns) for values in results]
    if len({values.dtype for values in results}) > 1:
        results = [values.astype(OBJECT) for values in results]
    return np.stack(results)

"""Matrices: MMULT, TRANSPOSE, MINVERSE, MDETERM, MUNIT, and sums over pairs of arrays.

As in Excel, a matrix holds numbers only: an empty, text or boolean cell makes the whole result #VALUE!.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgpt.book.values import ErrorValue
from sheetgpt.functions.core.broadcasting import FLOAT, each_of_batch, first, first_error, is_blank, single, tidy
from sheetgpt.functions.core.coercion import DIV0, NA, NUM, VALUE, to_number
from sheetgpt.functions.core.signature import Function, Operand


def _multiply(a: Operand | None, b: Operand | None) -> np.ndarray:
    """MMULT; a batch of one factor with one other that all share is one single matrix product."""
    if a is None or b is None:
        return single(VALUE)
    left, right = a.values, b.values
    if left.dtype != FLOAT or right.dtype != FLOAT:
        return each_of_batch(_multiply_checked, (a, b))
    if left.shape[-1] != right.shape[-2]:
        return single(VALUE)
    with np.errstate(all="ignore"):  # some BLAS libraries raise flags without a cause
        if left.ndim > 2 and right.ndim == 2:
            rows = left.reshape(-1, left.shape[-1]) @ right
            product = rows.reshape(*left.shape[:-1], right.shape[-1])
        elif left.ndim == 2 and right.ndim > 2:
            columns = np.moveaxis(right, 0, 1).reshape(right.shape[-2], -1)  # those of all members, side by side
            product = np.moveaxis((left @ columns).reshape(left.shape[0], right.shape[0], right.shape[2]), 1, 0)
        else:
            product = left @ right
    return product if np.isfinite(product).all() else _with_num(product)


def _with_num(product: np.ndarray) -> np.ndarray:
    if product.ndim == 2:
        return single(NUM)  # the whole product is one error, as files show that Excel saved
    result = product.astype(object)
    result[~np.isfinite(product).all(axis=(-2, -1))] = NUM
    return result


def _multiply_checked(a: Operand, b: Operand) -> np.ndarray:
    left, right = matrix_of(a), matrix_of(b)
    if isinstance(left, ErrorValue):
        return single(left)
    return single(right) if isinstance(right, ErrorValue) else _multiply(Operand(left), Operand(right))


def matrix_of(operand: Operand) -> np.ndarray | ErrorValue:
    """The operand as a float64 matrix, or the error: one it holds, or #VALUE! for what is no number."""
    values = tidy(operand.values)
    if values.dtype == FLOAT:
        return values
    return first_error(values) or VALUE


def _square(operand: Operand | None) -> np.ndarray | ErrorValue:
    matrix = VALUE if operand is None else matrix_of(operand)
    if isinstance(matrix, ErrorValue):
        return matrix
    return matrix if matrix.shape[0] == matrix.shape[1] else VALUE


def _inverse(operand: Operand | None) -> np.ndarray:
    matrix = _square(operand)
    if isinstance(matrix, ErrorValue):
        return single(matrix)
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return single(NUM)
    return inverse if np.isfinite(inverse).all() else single(NUM)


def _determinant(operand: Operand | None) -> np.ndarray:
    matrix = _square(operand)
    if isinstance(matrix, ErrorValue):
        return single(matrix)
    with np.errstate(all="ignore"):
        determinant = float(np.linalg.det(matrix))
    return single(determinant if np.isfinite(determinant) else NUM)


def _unit(operand: Operand | None) -> np.ndarray:
    size = 0.0 if operand is None else to_number(first(operand.values))
    if isinstance(size, ErrorValue):
        return single(size)
    return np.eye(int(size)) if 1 <= size <= 16_384 else single(VALUE)


def _transpose(operand: Operand | None) -> np.ndarray:
    if operand is None:
        return single(VALUE)
    turned = np.swapaxes(operand.values, -1, -2)
    if turned.dtype == object and any(value is None for value in turned.flat):
        turned = np.where(is_blank(turned), 0.0, turned)  # a blank cell turns up as 0, as in =A1
    return turned


def _pairs(term: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Function:
    """A sum over pairs of numbers of two arrays; pairs in which either is no number are left out."""

    def one(a: Operand | None, b: Operand | None) -> np.ndarray:
        pair = paired_numbers(a, b)
        if isinstance(pair, ErrorValue):
            return single(pair)
        try:
            return single(float(np.sum(term(*pair)))) if len(pair[0]) else single(DIV0)
        except FloatingPointError:
            return single(NUM)

    def call(*operands: Operand | None) -> np.ndarray:
        return each_of_batch(one, operands)

    return Function(call=call, parameters=("array", "array"), batched=True, array_mode=True)


def paired_numbers(a: Operand | None, b: Operand | None) -> tuple[np.ndarray, np.ndarray] | ErrorValue:
    """Two arrays of one size as vectors, without the pairs in which either is no number; else #N/A."""
    if a is None or b is None or a.values.size != b.values.size:
        return NA
    error = first_error(a.values) or first_error(b.values)
    if error:
        return error
    left, right = a.values.ravel(), b.values.ravel()
    if left.dtype == right.dtype == FLOAT:
        return left, right
    pairs = zip(left.tolist(), right.tolist(), strict=True)
    kept = [(x, y) for x, y in pairs if type(x) is float and type(y) is float]
    columns = np.array(kept, dtype=FLOAT).reshape(-1, 2)
    return columns[:, 0], columns[:, 1]


def _batched(one: Callable[..., np.ndarray]) -> Function:
    def call(*operands: Operand | None) -> np.ndarray:
        return each_of_batch(one, operands)

    return Function(call=call, parameters=("array",), batched=True, array_mode=True)


MATRIX: dict[str, Function] = {
    "MMULT": Function(
        call=_multiply,
        parameters=("array", "array"),
        batched=True,
        array_mode=True,
        note="an empty, text or boolean cell makes the whole result `#VALUE!`, as in Excel (LibreOffice takes it as 0)",
    ),
    "TRANSPOSE": Function(call=_transpose, parameters=("array",), batched=True, array_mode=True),
    "MINVERSE": _batched(_inverse),
    "MDETERM": _batched(_determinant),
    "MUNIT": Function(call=_unit, parameters=("value",), note="a single size"),
    "SUMX2MY2": _pairs(lambda x, y: x * x - y * y),
    "SUMX2PY2": _pairs(lambda x, y: x * x + y * y),
    "SUMXMY2": _pairs(lambda x, y: (x - y) ** 2),
}

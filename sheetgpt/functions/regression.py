"""Least squares: LINEST and LOGEST with their statistics, TREND and GROWTH.

Columns of x that follow from others are left out, as Excel does since 2003: their coefficients and errors are 0, and
they take no degree of freedom. The columns that stay are found by QR decomposition, the longest rest first.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.broadcasting import Numbers, first, pack, single
from sheetgpt.functions.core.coercion import NA, NUM, REF, VALUE, to_boolean
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.matrix import matrix_of

# A column counts as one that follows from others where less than this share of it is its own.
_OWN = 1e-10
_ROUNDING = 4e-16


@dataclass(frozen=True)
class Fit:
    """A fitted plane: a coefficient for each column of x, what they are uncertain by, and how well it fits."""

    coefficients: Numbers
    constant: float
    errors: Numbers  # those of the coefficients, then that of the constant; in units of the error of y
    freedom: int
    residual: float  # sums of squares
    total: float

    def at(self, points: Numbers) -> Numbers:
        """The fitted values at points, one for each row."""
        result: Numbers = points @ self.coefficients + self.constant
        return result


def fit(x: Numbers, y: Numbers, with_constant: bool) -> Fit:
    """The plane through y (n) over the columns of x (n x k), through the origin if it has no constant."""
    center, level = (x.mean(axis=0), float(y.mean())) if with_constant else (np.zeros(x.shape[1]), 0.0)
    moved, heights = x - center, y - level
    kept = _independent(moved, np.linalg.norm(x, axis=0))
    coefficients, errors = np.zeros(x.shape[1]), np.zeros(x.shape[1] + 1)
    spread = np.zeros((0, 0))
    if kept:
        q, r = np.linalg.qr(moved[:, kept])
        inverse = np.linalg.inv(r)
        coefficients[kept], spread = inverse @ (q.T @ heights), inverse @ inverse.T
        errors[kept] = np.sqrt(np.diag(spread))
    if with_constant:
        errors[-1] = math.sqrt(1 / len(y) + float(center[kept] @ spread @ center[kept]))
    freedom = len(y) - len(kept) - with_constant
    rest = heights - moved @ coefficients if freedom > 0 else np.zeros(1)  # through all points: only rounding is left
    return Fit(
        coefficients,
        level - float(center @ coefficients),
        errors,
        freedom,
        float(rest @ rest),
        float(heights @ heights),
    )


def _independent(columns: Numbers, sizes: Numbers) -> list[int]:
    """The numbers of columns that do not follow from each other, in order; `sizes` of the columns as given."""
    rest = columns.copy()
    kept: list[int] = []
    own = np.linalg.norm(columns, axis=0)
    least = np.maximum(own * _OWN, sizes * _ROUNDING * math.sqrt(len(columns)))
    for _ in range(min(columns.shape)):
        lengths = np.where(np.linalg.norm(rest, axis=0) > least, np.linalg.norm(rest, axis=0), 0.0)
        lengths[kept] = 0.0
        if not lengths.any():
            break
        best = int(np.argmax(lengths >= lengths.max() * (1 - 1e-12)))  # the first of equal ones
        kept.append(best)
        direction = rest[:, best] / lengths[best]
        for _twice in range(2):
            rest -= np.outer(direction, direction @ rest)
    return sorted(kept)


def _given(
    ys: Operand | None, xs: Operand | None, constant: Operand | None, exponential: bool
) -> tuple[Numbers, Numbers, bool] | ErrorValue:
    """y and x as they lie, y as logarithms for exponential fits, and whether there is a constant."""
    y = VALUE if ys is None else matrix_of(ys)
    if isinstance(y, ErrorValue):
        return y
    x = np.arange(1.0, y.size + 1).reshape(y.shape) if xs is None else matrix_of(xs)
    with_constant = True if constant is None else to_boolean(first(constant.values))
    if isinstance(x, ErrorValue):
        return x
    if isinstance(with_constant, ErrorValue):
        return with_constant
    if exponential and (y <= 0).any():
        return NUM
    return np.log(y) if exponential else y, x, with_constant


def _in_columns(y: Numbers, x: Numbers) -> tuple[Numbers, bool] | ErrorValue:
    """x with a column for each variable, and whether they were rows; #REF! where x does not fit y."""
    if x.shape == y.shape:
        return x.reshape(-1, 1), False
    across = y.shape[0] == 1
    columns = x.T if across else x
    return (columns, across) if columns.shape[0] == y.size and 1 in y.shape else REF


def _predicting(exponential: bool) -> Callable[..., np.ndarray]:
    """TREND and GROWTH: values at new points of the plane, or of the exponential, that is fitted."""

    def function(
        ys: Operand | None, xs: Operand | None = None, new: Operand | None = None, constant: Operand | None = None
    ) -> np.ndarray:
        given = _given(ys, xs, constant, exponential)
        if isinstance(given, ErrorValue):
            return single(given)
        y, x, with_constant = given
        points, known = x if new is None else matrix_of(new), _in_columns(y, x)
        for found in (points, known):
            if isinstance(found, ErrorValue):
                return single(found)
        assert isinstance(points, np.ndarray)
        assert isinstance(known, tuple)
        columns, across = known
        wanted = points.reshape(-1, 1) if x.shape == y.shape else points.T if across else points
        if wanted.shape[1] != columns.shape[1]:
            return single(REF)
        shape = points.shape if x.shape == y.shape else (1, len(wanted)) if across else (len(wanted), 1)
        return _fitted(fit(columns, y.ravel(), with_constant).at(wanted), shape, exponential)

    return function


def _fitted(values: Numbers, shape: tuple[int, ...], exponential: bool) -> np.ndarray:
    with np.errstate(all="ignore"):
        values = np.exp(values) if exponential else values
    return pack([value if math.isfinite(value) else NUM for value in values.tolist()], shape)


def _estimating(exponential: bool) -> Callable[..., np.ndarray]:
    """LINEST and LOGEST: the coefficients, the last variable first, and the statistics if asked for."""

    def function(
        ys: Operand | None, xs: Operand | None = None, constant: Operand | None = None, stats: Operand | None = None
    ) -> np.ndarray:
        given = _given(ys, xs, constant, exponential)
        with_stats = False if stats is None else to_boolean(first(stats.values))
        for found in (given, with_stats):
            if isinstance(found, ErrorValue):
                return single(found)
        y, x, with_constant = given  # type: ignore[misc]
        known = _in_columns(y, x)
        if isinstance(known, ErrorValue):
            return single(known)
        with np.errstate(all="ignore"):
            return _table(fit(known[0], y.ravel(), with_constant), exponential, with_constant, bool(with_stats))

    return function


def _table(found: Fit, exponential: bool, with_constant: bool, with_stats: bool) -> np.ndarray:
    line = np.append(found.coefficients[::-1], found.constant)
    rows: list[list[Value]] = [[_value(number) for number in (np.exp(line) if exponential else line).tolist()]]
    if with_stats:
        rows += _statistics(found, with_constant)
    width = max(map(len, rows))
    padded = [value for row in rows for value in [*row, *[NA] * (width - len(row))]]
    return pack(padded, (len(rows), width))


def _statistics(found: Fit, with_constant: bool) -> list[list[Value]]:
    """Errors of the coefficients; r2 and the error of y; F and degrees of freedom; the two sums of squares."""
    explained = found.total - found.residual
    variables = int(np.count_nonzero(found.errors[:-1]))
    deviation = math.sqrt(found.residual / found.freedom) if found.freedom > 0 else 0.0
    errors: list[Value] = [_value(number) for number in (found.errors[:-1][::-1] * deviation).tolist()]
    errors.append(_value(found.errors[-1] * deviation) if with_constant else NA)
    ratio = explained / variables / deviation**2 if variables and deviation else math.inf
    share = explained / found.total if found.total else math.nan
    return [
        errors,
        [_value(share), _value(deviation)],
        [_value(ratio), float(found.freedom)],
        [_value(explained), _value(found.residual)],
    ]


def _value(number: float) -> Value:
    return float(number) if math.isfinite(number) else NUM


def _function(call: Callable[..., np.ndarray], last: tuple[str, str], note: str = "") -> Function:
    kinds = ("array", "array", *last)
    return Function(call=call, parameters=kinds, optional=3, array_mode=True, note=note)  # type: ignore[arg-type]


_NOTE = "of columns of x that follow from each other the one with the largest spread stays; the first of equal ones"

REGRESSION: dict[str, Function] = {
    "TREND": _function(_predicting(exponential=False), ("array", "value")),
    "GROWTH": _function(_predicting(exponential=True), ("array", "value")),
    "LINEST": _function(_estimating(exponential=False), ("value", "value"), _NOTE),
    "LOGEST": _function(_estimating(exponential=True), ("value", "value"), "as LINEST"),
}

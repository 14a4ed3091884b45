"""Tests of significance: CHISQ.TEST, F.TEST and T.TEST with their old names."""

from __future__ import annotations

import math

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.aggregates import numbers_given
from sheetgpt.functions.core.coercion import DIV0, NA, NUM
from sheetgpt.functions.core.signature import Function, Operand, both
from sheetgpt.functions.core.special_functions import beta_lower, gamma_upper
from sheetgpt.functions.core.vectorize import lift
from sheetgpt.functions.gamma_beta import student
from sheetgpt.functions.matrix import paired_numbers


def _chi_square(actual: Operand, expected: Operand) -> Value:
    """The probability of counts that lie at least as far from what was expected."""
    rows, columns = actual.values.shape
    if actual.values.shape != expected.values.shape or rows * columns == 1:
        return NA
    pair = paired_numbers(actual, expected)
    if isinstance(pair, ErrorValue):
        return pair
    counted, awaited = pair
    if (awaited == 0).any() or not awaited.size:
        return DIV0
    if (awaited < 0).any():
        return NUM
    freedom = (rows - 1) * (columns - 1) if min(rows, columns) > 1 else rows * columns - 1
    return gamma_upper(freedom / 2, float(np.sum((counted - awaited) ** 2 / awaited)) / 2)


def _variance_ratio(first: Operand, second: Operand) -> Value:
    """F.TEST: the probability, on both sides, that variances differ so much."""
    samples = _samples(first, second)
    if isinstance(samples, ErrorValue):
        return samples
    a, b = samples
    if min(a.size, b.size) < 2:
        return DIV0
    upper, lower = float(np.var(a, ddof=1)), float(np.var(b, ddof=1))
    if upper == 0 or lower == 0:
        return DIV0
    x, y = (a.size - 1) * upper, (b.size - 1) * lower
    halves = (a.size - 1) / 2, (b.size - 1) / 2
    return 2 * min(beta_lower(x / (x + y), *halves), beta_lower(y / (x + y), *halves[::-1]))


def _samples(first: Operand, second: Operand) -> tuple[np.ndarray, np.ndarray] | ErrorValue:
    a, b = numbers_given([first]), numbers_given([second])
    if isinstance(a, ErrorValue):
        return a
    return b if isinstance(b, ErrorValue) else (np.array(a), np.array(b))


def _means(first: Operand, second: Operand, tails: float, kind: float) -> Value:
    """T.TEST: pairs (1), or two samples of equal (2) or unequal (3) variance."""
    sides, way = math.trunc(tails), math.trunc(kind)
    if sides not in (1, 2) or way not in (1, 2, 3):
        return NUM
    if way == 1 and first.values.size != second.values.size:
        return NA
    samples = paired_numbers(first, second) if way == 1 else _samples(first, second)
    if isinstance(samples, ErrorValue):
        return samples
    a, b = samples
    if min(a.size, b.size) < 2:
        return DIV0
    t, freedom = _paired(a - b) if way == 1 else _unpaired(a, b, equal=way == 2)
    return sides * student(-abs(t), freedom)


def _paired(differences: np.ndarray) -> tuple[float, float]:
    error = float(np.std(differences, ddof=1)) / math.sqrt(differences.size)
    return float(differences.mean()) / error, differences.size - 1


def _unpaired(a: np.ndarray, b: np.ndarray, equal: bool) -> tuple[float, float]:
    """Student's t, and the degrees of freedom; of Welch, not rounded, for unequal variances."""
    one, other = float(np.var(a, ddof=1)), float(np.var(b, ddof=1))
    difference = float(a.mean() - b.mean())
    if equal:
        freedom = a.size + b.size - 2
        pooled = ((a.size - 1) * one + (b.size - 1) * other) / freedom
        return difference / math.sqrt(pooled * (1 / a.size + 1 / b.size)), freedom
    x, y = one / a.size, other / b.size
    return difference / math.sqrt(x + y), (x + y) ** 2 / (x * x / (a.size - 1) + y * y / (b.size - 1))


SIGNIFICANCE: dict[str, Function] = {
    **both("CHISQ.TEST", "CHITEST", lift(_chi_square, "array", "array", array_mode=True)),
    **both("F.TEST", "FTEST", lift(_variance_ratio, "array", "array", array_mode=True)),
    **both("T.TEST", "TTEST", lift(_means, "array", "array", "number", "number", array_mode=True)),
}

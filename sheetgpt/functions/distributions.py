"""Probability distributions: the normal and its kin, and those that follow from incomplete gamma and beta."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.aggregates import numbers_given
from sheetgpt.functions.core.coercion import DIV0, NA, NUM
from sheetgpt.functions.core.signature import Function, Operand, both
from sheetgpt.functions.core.special_functions import (
    beta_lower,
    gamma_term,
    gamma_upper,
    normal,
    normal_density,
    normal_inverse,
)
from sheetgpt.functions.core.vectorize import lift, numbers


def checked(valid: Callable[..., bool], function: Callable[..., float]) -> Callable[..., Value]:
    """The function, #NUM! where its arguments are not valid."""

    def guarded(*arguments: float) -> Value:
        return function(*arguments) if valid(*arguments) else NUM

    return guarded


def _standard_normal(z: float, cumulative: bool) -> float:
    return normal(z) if cumulative else normal_density(z)


def _normal(x: float, mean: float, deviation: float, cumulative: bool) -> Value:
    if deviation <= 0:
        return NUM
    z = (x - mean) / deviation
    return normal(z) if cumulative else normal_density(z) / deviation


def _log_normal(x: float, mean: float, deviation: float, cumulative: bool) -> Value:
    if deviation <= 0 or x <= 0:
        return NUM
    z = (math.log(x) - mean) / deviation
    return normal(z) if cumulative else normal_density(z) / deviation / x


def _exponential(x: float, rate: float, cumulative: bool) -> Value:
    if x < 0 or rate <= 0:
        return NUM
    return -math.expm1(-rate * x) if cumulative else rate * math.exp(-rate * x)


def _weibull(x: float, shape: float, scale: float, cumulative: bool) -> Value:
    if x < 0 or shape <= 0 or scale <= 0:
        return NUM
    power = (x / scale) ** shape
    return -math.expm1(-power) if cumulative else shape / scale * (x / scale) ** (shape - 1) * math.exp(-power)


def _poisson(events: float, mean: float, cumulative: bool) -> Value:
    k = math.floor(events)
    if k < 0 or mean < 0:
        return NUM
    if mean == 0:
        return 1.0 if cumulative or k == 0 else 0.0
    return gamma_upper(k + 1, mean) if cumulative else gamma_term(k + 1, mean) / mean


def _binomial_density(k: int, n: int, p: float) -> float:
    if p in (0.0, 1.0):
        return float(k == (n if p else 0))
    log_choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(log_choose + k * math.log(p) + (n - k) * math.log1p(-p))


def _binomial(successes: float, trials: float, p: float, cumulative: bool) -> Value:
    k, n = math.floor(successes), math.floor(trials)
    if not (0 <= k <= n and 0 <= p <= 1):
        return NUM
    if not cumulative:
        return _binomial_density(k, n, p)
    return 1.0 if k == n else beta_lower(1 - p, n - k, k + 1)


def _hypergeometric(successes: float, sample: float, marked: float, population: float, cumulative: bool) -> Value:
    x, n, m, size = (math.floor(number) for number in (successes, sample, marked, population))
    if not (0 <= x <= min(n, m) and 0 <= n <= size and 0 < m <= size and x >= n - size + m):
        return NUM
    first = max(0, n - size + m) if cumulative else x
    ways = sum(math.comb(m, k) * math.comb(size - m, n - k) for k in range(first, x + 1))
    return ways / math.comb(size, n)


def _confidence_normal(alpha: float, deviation: float, size: float) -> float:
    return -normal_inverse(alpha / 2) * deviation / math.sqrt(math.floor(size))


def _z_test(sample: Operand, x: float, deviation: float | None = None) -> Value:
    numbers = numbers_given([sample])
    if isinstance(numbers, ErrorValue) or not numbers:
        return numbers if isinstance(numbers, ErrorValue) else NA
    if deviation is None and len(numbers) < 2:
        return DIV0
    if deviation is not None and deviation <= 0:
        return NUM
    spread = float(np.std(numbers, ddof=1)) if deviation is None else deviation
    return DIV0 if spread == 0 else normal((x - float(np.mean(numbers))) / spread * math.sqrt(len(numbers)))


def _standardize(x: float, mean: float, deviation: float) -> Value:
    return NUM if deviation <= 0 else (x - mean) / deviation


def _error_function(low: float, high: float | None = None) -> float:
    return math.erf(low) if high is None else math.erf(high) - math.erf(low)


def _probability(p: float, *_parameters: float) -> bool:
    return 0 < p < 1 and all(parameter > 0 for parameter in _parameters)


def _size_of_sample(alpha: float, deviation: float, size: float) -> bool:
    return 0 < alpha < 1 and deviation > 0 and size >= 1


DISTRIBUTIONS: dict[str, Function] = {
    "NORM.S.DIST": lift(_standard_normal, "number", "boolean"),
    "NORMSDIST": lift(normal, "number"),
    **both("NORM.DIST", "NORMDIST", lift(_normal, *numbers(3), "boolean")),
    **both("NORM.S.INV", "NORMSINV", lift(checked(_probability, normal_inverse), "number")),
    **both(
        "NORM.INV",
        "NORMINV",
        lift(
            checked(lambda p, m, s: 0 < p < 1 and s > 0, lambda p, m, s: m + s * normal_inverse(p)),
            *numbers(3),
        ),
    ),
    "GAUSS": lift(lambda z: math.erf(z / math.sqrt(2)) / 2, "number"),
    "PHI": lift(normal_density, "number"),
    "ERF": lift(_error_function, "strict number", "strict number", optional=1),
    "ERF.PRECISE": lift(math.erf, "strict number"),
    **both("ERFC", "ERFC.PRECISE", lift(math.erfc, "strict number")),
    "STANDARDIZE": lift(_standardize, *numbers(3)),
    "LOGNORM.DIST": lift(_log_normal, *numbers(3), "boolean"),
    "LOGNORMDIST": lift(lambda x, m, s: _log_normal(x, m, s, True), *numbers(3)),
    **both(
        "LOGNORM.INV",
        "LOGINV",
        lift(
            checked(lambda p, m, s: 0 < p < 1 and s > 0, lambda p, m, s: math.exp(m + s * normal_inverse(p))),
            *numbers(3),
        ),
    ),
    **both("EXPON.DIST", "EXPONDIST", lift(_exponential, "number", "number", "boolean")),
    **both("WEIBULL.DIST", "WEIBULL", lift(_weibull, *numbers(3), "boolean")),
    **both("POISSON.DIST", "POISSON", lift(_poisson, "number", "number", "boolean")),
    **both("BINOM.DIST", "BINOMDIST", lift(_binomial, *numbers(3), "boolean")),
    "HYPGEOM.DIST": lift(_hypergeometric, *numbers(4), "boolean"),
    "HYPGEOMDIST": lift(lambda x, n, m, size: _hypergeometric(x, n, m, size, False), *numbers(4)),
    **both("CONFIDENCE.NORM", "CONFIDENCE", lift(checked(_size_of_sample, _confidence_normal), *numbers(3))),
    **both("Z.TEST", "ZTEST", lift(_z_test, "array", "number", "number", optional=1)),
    "FISHER": lift(
        checked(lambda x: -1 < x < 1, lambda x: math.log((1 + x) / (1 - x)) / 2),
        "number",
        note="by the logarithm, as Excel: inexact for very small numbers",
    ),
    "FISHERINV": lift(math.tanh, "number"),
}

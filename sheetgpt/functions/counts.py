"""Distributions of counts: ranges and inverses of the binomial distribution, and the negative binomial one."""

from __future__ import annotations

import math

from sheetgpt.book.values import Value
from sheetgpt.functions.core.coercion import NUM
from sheetgpt.functions.core.signature import Function, both
from sheetgpt.functions.core.special_functions import beta_lower
from sheetgpt.functions.core.vectorize import lift, numbers

_LAST_BITS = 1e-14  # what rounding may take from a cumulative probability


def _at_most(k: int, n: int, p: float) -> float:
    """The probability of at most k successes in n trials."""
    if k < 0:
        return 0.0
    return 1.0 if k >= n else beta_lower(1 - p, n - k, k + 1)


def _exactly(k: int, n: int, p: float) -> float:
    if p in (0.0, 1.0):
        return float(k == (n if p else 0))
    choose = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    if n <= 1000:
        return math.comb(n, k) * p**k * (1 - p) ** (n - k)
    return math.exp(choose + k * math.log(p) + (n - k) * math.log1p(-p))


def _range(trials: float, p: float, low: float, high: float | None = None) -> Value:
    """BINOM.DIST.RANGE: so many successes, or from one number of them to another."""
    n, first = math.floor(trials), math.floor(low)
    last = first if high is None else math.floor(high)
    if not (0 <= first <= last <= n and 0 <= p <= 1):
        return NUM
    if last - first <= 100:
        return math.fsum(_exactly(k, n, p) for k in range(first, last + 1))
    return _at_most(last, n, p) - _at_most(first - 1, n, p)


def _inverse(trials: float, p: float, share: float) -> Value:
    """BINOM.INV: the smallest number of successes that a share of the probability does not exceed."""
    n = math.floor(trials)
    if n < 0 or not 0 <= p <= 1 or not 0 <= share <= 1:
        return NUM
    if share == 1:
        return float(n if p else 0)  # the sum comes to 1 before, in its last digits
    low, high, wanted = 0, n, share * (1 - _LAST_BITS)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _at_most(middle, n, p) >= wanted else (middle + 1, high)
    return float(low)


def _negative(failures: float, successes: float, p: float, cumulative: bool = False) -> Value:
    """NEGBINOM.DIST: so many failures, or at most so many, before a number of successes."""
    f, s = math.floor(failures), math.floor(successes)
    if f < 0 or s < 1 or not 0 <= p <= 1:
        return NUM
    if cumulative:
        return beta_lower(p, s, f + 1)
    if p in (0.0, 1.0):
        return float(p == 1 and f == 0)
    if f + s <= 1000:
        return math.comb(f + s - 1, f) * p**s * (1 - p) ** f
    choose = math.lgamma(f + s) - math.lgamma(s) - math.lgamma(f + 1)
    return math.exp(choose + s * math.log(p) + f * math.log1p(-p))


COUNTS: dict[str, Function] = {
    "BINOM.DIST.RANGE": lift(_range, *numbers(4), optional=1),
    **both("BINOM.INV", "CRITBINOM", lift(_inverse, *numbers(3))),
    "NEGBINOM.DIST": lift(_negative, *numbers(3), "boolean"),
    "NEGBINOMDIST": lift(_negative, *numbers(3)),
}

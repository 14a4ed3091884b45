"""Incomplete gamma and beta functions, the normal distribution, and inverses by bisection.

Series and continued fractions as in the Digital Library of Mathematical Functions, 8.7.1, 8.9.2 and 8.17.22,
the fractions evaluated by Lentz's method; they stop at double precision.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import islice

_EPSILON = 1e-16
_TINY = 1e-300
_MOST_TERMS = 100_000


def normal(z: float) -> float:
    """The probability that a standard normal variable is at most z."""
    return math.erfc(-z / math.sqrt(2)) / 2


def normal_density(z: float) -> float:
    """The density of the standard normal distribution."""
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def normal_inverse(p: float) -> float:
    """The z with probability p below it, 0 < p < 1; one Newton step on the standard library's value."""
    from statistics import NormalDist  # here, as it takes its time

    z = NormalDist().inv_cdf(p)
    density = normal_density(z)
    return z - (normal(z) - p) / density if density > _TINY else z


def log_beta(a: float, b: float) -> float:
    """The logarithm of the beta function."""
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def log_gamma(x: float) -> float:
    """The logarithm of gamma(x) for x > 0; near its zeros 1 and 2 by the series of DLMF 5.7.3."""
    if abs(x - 1) < 0.25:
        return _log_gamma_from_2(x - 1) - math.log1p(x - 1)
    return _log_gamma_from_2(x - 2) if abs(x - 2) < 0.25 else math.lgamma(x)


def _log_gamma_from_2(z: float) -> float:
    """The logarithm of gamma(2 + z) for a small z."""
    return z * (1 - _EULER) + sum(rest * (-z) ** k / k for k, rest in enumerate(_ZETA_RESTS, 2))


def _zeta_rest(s: int) -> float:
    """zeta(s) - 1, by the first terms and the Euler-Maclaurin formula for the others (DLMF 25.2.9)."""
    most = 20
    tail: float = most ** (1 - s) / (s - 1) - most**-s / 2 + s * most ** (-s - 1) / 12
    tail -= s * (s + 1) * (s + 2) * most ** (-s - 3) / 720
    tail += s * (s + 1) * (s + 2) * (s + 3) * (s + 4) * most ** (-s - 5) / 30240
    return math.fsum(k**-s for k in range(2, most + 1)) + tail


_EULER = 0.57721566490153286
_ZETA_RESTS = [_zeta_rest(s) for s in range(2, 28)]


def gamma_lower(a: float, x: float) -> float:
    """P(a, x): the regularized lower incomplete gamma function."""
    if x <= 0:
        return 0.0
    return _gamma_series(a, x) if x < a + 1 else 1 - _gamma_fraction(a, x)


def gamma_upper(a: float, x: float) -> float:
    """Q(a, x) = 1 - P(a, x), exact in the far tail too."""
    if x <= 0:
        return 1.0
    return 1 - _gamma_series(a, x) if x < a + 1 else _gamma_fraction(a, x)


def gamma_term(a: float, x: float) -> float:
    """x^a e^-x / gamma(a) for x > 0; for large a by Stirling's series (DLMF 5.11.1), without cancellation."""
    if a < 20:
        return math.exp(a * math.log(x) - x - math.lgamma(a))
    distance = (x - a) / a
    series = 1 / (12 * a) - 1 / (360 * a**3) + 1 / (1260 * a**5) - 1 / (1680 * a**7)
    exponent = math.log1p(distance) - distance if distance < 1 else math.log(x / a) - distance
    return math.exp(a * exponent - series) * math.sqrt(a / (2 * math.pi))


def _gamma_series(a: float, x: float) -> float:
    term = total = 1 / a
    for n in range(1, _MOST_TERMS):
        term *= x / (a + n)
        total += term
        if term < total * _EPSILON:
            break
    return total * gamma_term(a, x)


def _gamma_fraction(a: float, x: float) -> float:
    pairs = ((-n * (n - a), x + 2 * n + 1 - a) for n in range(1, _MOST_TERMS))
    return gamma_term(a, x) / _lentz(x + 1 - a, pairs)


def beta_lower(x: float, a: float, b: float) -> float:
    """I_x(a, b): the regularized incomplete beta function, 0 <= x <= 1."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(a * math.log(x) + b * math.log1p(-x) - log_beta(a, b))
    if x < (a + 1) / (a + b + 2):
        return front / a / _lentz(1.0, _beta_terms(x, a, b))
    return 1 - front / b / _lentz(1.0, _beta_terms(1 - x, b, a))


def _beta_terms(x: float, a: float, b: float) -> Iterator[tuple[float, float]]:
    for m in range(_MOST_TERMS):
        yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1.0
        n = m + 1
        yield n * (b - n) * x / ((a + 2 * n - 1) * (a + 2 * n)), 1.0


def _lentz(first: float, pairs: Iterator[tuple[float, float]]) -> float:
    """The continued fraction first + a1 / (b1 + a2 / (b2 + ...)) of pairs (a, b)."""
    value = first or _TINY
    upper, lower = value, 0.0
    for a, b in islice(pairs, _MOST_TERMS):
        lower = 1 / ((b + a * lower) or _TINY)
        upper = (b + a / upper) or _TINY
        value *= upper * lower
        if abs(upper * lower - 1) < _EPSILON * 4:
            break
    return value


def invert(cumulative: Callable[[float], float], p: float, low: float, high: float) -> float:
    """The x in [low, high] with cumulative(x) = p, for a rising function, to the last bits by bisection.

    An infinite end is brought near by doubling first. Where low itself has that probability, it is the answer.
    """
    if not math.isinf(low) and cumulative(low) >= p:
        return low
    if math.isinf(high):
        high = max(1.0, low + 1)
        while cumulative(high) < p and high < 1e300:
            high *= 2
    if math.isinf(low):
        low = -1.0
        while cumulative(low) > p and low > -1e300:
            low *= 2
    for _ in range(2100):  # from 1e300 down to the smallest double
        middle = low + (high - low) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if cumulative(middle) < p else (low, middle)
    return high if abs(cumulative(high) - p) <= abs(cumulative(low) - p) else low

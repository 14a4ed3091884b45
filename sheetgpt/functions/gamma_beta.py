"""Probability distributions that follow from incomplete gamma and beta: gamma, chi-square, beta, Student's t, F."""

from __future__ import annotations

import math

from sheetgpt.book.values import Value
from sheetgpt.functions.core.coercion import DIV0, NUM
from sheetgpt.functions.core.signature import Function, both
from sheetgpt.functions.core.special_functions import (
    beta_lower,
    gamma_lower,
    gamma_term,
    gamma_upper,
    invert,
    log_beta,
    log_gamma,
)
from sheetgpt.functions.core.vectorize import lift, numbers
from sheetgpt.functions.distributions import checked

_INFINITY = math.inf


def _gamma(x: float) -> Value:
    return NUM if x == 0 or (x < 0 and x == math.floor(x)) else math.gamma(x)


def _gamma_distribution(x: float, shape: float, scale: float, cumulative: bool) -> Value:
    if x < 0 or shape <= 0 or scale <= 0:
        return NUM
    if cumulative:
        return gamma_lower(shape, x / scale)
    if x == 0:
        return 1 / scale if shape == 1 else (0.0 if shape > 1 else NUM)
    return gamma_term(shape, x / scale) / x


def _beta_distribution(x: float, a: float, b: float, cumulative: bool, low: float = 0.0, high: float = 1.0) -> Value:
    if a <= 0 or b <= 0 or not low <= x <= high or low == high:
        return NUM
    z = (x - low) / (high - low)
    if cumulative:
        return beta_lower(z, a, b)
    if z in (0.0, 1.0):
        exponent = a if z == 0 else b
        return NUM if exponent < 1 else (0.0 if exponent > 1 else (b if z == 0 else a) / (high - low))
    return math.exp((a - 1) * math.log(z) + (b - 1) * math.log1p(-z) - log_beta(a, b)) / (high - low)


def _beta_inverse(p: float, a: float, b: float, low: float = 0.0, high: float = 1.0) -> Value:
    if a <= 0 or b <= 0 or not 0 < p < 1 or low >= high:
        return NUM
    return low + (high - low) * invert(lambda x: beta_lower(x, a, b), p, 0.0, 1.0)


def _chi_square(x: float, freedom: float, cumulative: bool) -> Value:
    return NUM if not 1 <= freedom <= 1e10 else _gamma_distribution(x, math.floor(freedom) / 2, 2.0, cumulative)


def _chi_square_right(x: float, freedom: float) -> float:
    return gamma_upper(math.floor(freedom) / 2, x / 2)


def _gamma_inverse(p: float, shape: float, scale: float) -> float:
    return scale * invert(lambda x: gamma_lower(shape, x), p, 0.0, _INFINITY)


def _chi_square_inverse(p: float, freedom: float) -> float:
    return _gamma_inverse(p, math.floor(freedom) / 2, 2.0)


def _chi_square_inverse_right(p: float, freedom: float) -> float:
    return 2 * invert(lambda x: -gamma_upper(math.floor(freedom) / 2, x), -p, 0.0, _INFINITY)


def student(t: float, freedom: float) -> float:
    """The probability that Student's t with so many degrees of freedom is at most t."""
    if t * t < freedom:
        return 0.5 + math.copysign(_student_center(abs(t), freedom) / 2, t)
    tail = _student_tails(abs(t), freedom) / 2
    return 1 - tail if t > 0 else tail


def _student_center(t: float, freedom: float) -> float:
    """The probability of values between -t and t."""
    return beta_lower(t * t / (freedom + t * t), 0.5, freedom / 2)


def _student_tails(t: float, freedom: float) -> float:
    """The probability of values beyond -t and t."""
    return beta_lower(freedom / (freedom + t * t), freedom / 2, 0.5)


def student_two_tailed_inverse(p: float, freedom: float) -> float:
    """The t of 0 or more with probability p beyond -t and t, 0 < p <= 1."""
    if p > 0.5:
        return invert(lambda t: _student_center(t, freedom), 1 - p, 0.0, _INFINITY)
    return invert(lambda t: -_student_tails(t, freedom), -p, 0.0, _INFINITY)


def student_inverse(p: float, freedom: float) -> float:
    """The t with probability p below it, 0 < p < 1."""
    return math.copysign(student_two_tailed_inverse(2 * min(p, 1 - p), freedom), p - 0.5)


def _t_distribution(t: float, freedom: float, cumulative: bool) -> Value:
    n = math.floor(freedom)
    if n < 1:
        return NUM if cumulative else DIV0
    if cumulative:
        return student(t, n)
    return math.exp(-log_beta(n / 2, 0.5) - math.log(n) / 2 - (n + 1) / 2 * math.log1p(t * t / n))


def _t_old(t: float, freedom: float, tails: float) -> Value:
    if t < 0 or freedom < 1 or int(tails) not in (1, 2):
        return NUM
    return int(tails) * student(-t, math.floor(freedom))


def _f_distribution(x: float, first: float, second: float, cumulative: bool) -> Value:
    m, n = math.floor(first), math.floor(second)
    if x < 0 or m < 1 or n < 1:
        return NUM
    if cumulative:
        return beta_lower(m * x / (m * x + n), m / 2, n / 2)
    if x == 0:
        return NUM if m < 2 else float(m == 2)
    log_density = m / 2 * math.log(m / n) + (m / 2 - 1) * math.log(x) - (m + n) / 2 * math.log1p(m * x / n)
    return math.exp(log_density - log_beta(m / 2, n / 2))


def _f_right(x: float, first: float, second: float) -> float:
    m, n = math.floor(first), math.floor(second)
    return beta_lower(n / (m * x + n), n / 2, m / 2)


def _f_inverse(p: float, first: float, second: float) -> float:
    m, n = math.floor(first), math.floor(second)
    ratio = invert(lambda x: beta_lower(x, m / 2, n / 2), p, 0.0, 1.0)
    return ratio * n / (m * (1 - ratio))


def _f_inverse_right(p: float, first: float, second: float) -> float:
    return _f_inverse(1 - p, first, second)


def _confidence_t(alpha: float, deviation: float, size: float) -> Value:
    n = math.floor(size)
    if not 0 < alpha < 1 or deviation <= 0 or n < 1:
        return NUM
    return DIV0 if n == 1 else student_two_tailed_inverse(alpha, n - 1) * deviation / math.sqrt(n)


def _freedoms(p: float, *freedoms: float) -> bool:
    return 0 <= p < 1 and all(1 <= freedom <= 1e10 for freedom in freedoms)


def _right_freedoms(p: float, *freedoms: float) -> bool:
    return 0 < p <= 1 and all(1 <= freedom <= 1e10 for freedom in freedoms)


def _positive(x: float, *freedoms: float) -> bool:
    return x >= 0 and all(1 <= freedom <= 1e10 for freedom in freedoms)


GAMMA_BETA: dict[str, Function] = {
    "GAMMA": lift(_gamma, "number"),
    **both("GAMMALN", "GAMMALN.PRECISE", lift(checked(lambda x: x > 0, log_gamma), "number")),
    **both("GAMMA.DIST", "GAMMADIST", lift(_gamma_distribution, *numbers(3), "boolean")),
    **both(
        "GAMMA.INV",
        "GAMMAINV",
        lift(checked(lambda p, a, b: 0 <= p < 1 and a > 0 and b > 0, _gamma_inverse), *numbers(3)),
    ),
    "BETA.DIST": lift(_beta_distribution, *numbers(3), "boolean", "number", "number", optional=2),
    "BETADIST": lift(
        lambda x, a, b, low=0.0, high=1.0: _beta_distribution(x, a, b, True, low, high), *numbers(5), optional=2
    ),
    **both("BETA.INV", "BETAINV", lift(_beta_inverse, *numbers(5), optional=2)),
    "CHISQ.DIST": lift(_chi_square, "number", "number", "boolean"),
    **both("CHISQ.DIST.RT", "CHIDIST", lift(checked(_positive, _chi_square_right), "number", "number")),
    "CHISQ.INV": lift(checked(_freedoms, _chi_square_inverse), "number", "number"),
    **both("CHISQ.INV.RT", "CHIINV", lift(checked(_right_freedoms, _chi_square_inverse_right), "number", "number")),
    "T.DIST": lift(_t_distribution, "number", "number", "boolean"),
    "T.DIST.RT": lift(checked(lambda t, n: n >= 1, lambda t, n: student(-t, math.floor(n))), "number", "number"),
    "T.DIST.2T": lift(
        checked(lambda t, n: t >= 0 and n >= 1, lambda t, n: 2 * student(-t, math.floor(n))), "number", "number"
    ),
    "TDIST": lift(_t_old, *numbers(3)),
    "T.INV": lift(
        checked(lambda p, n: 0 < p < 1 and n >= 1, lambda p, n: student_inverse(p, math.floor(n))),
        "number",
        "number",
        note="by bisection to the last digits, as all inverses of this group",
    ),
    **both(
        "T.INV.2T",
        "TINV",
        lift(
            checked(lambda p, n: 0 < p <= 1 and n >= 1, lambda p, n: student_two_tailed_inverse(p, math.floor(n))),
            "number",
            "number",
        ),
    ),
    "F.DIST": lift(_f_distribution, *numbers(3), "boolean"),
    **both("F.DIST.RT", "FDIST", lift(checked(_positive, _f_right), *numbers(3))),
    "F.INV": lift(checked(_freedoms, _f_inverse), *numbers(3)),
    **both("F.INV.RT", "FINV", lift(checked(_right_freedoms, _f_inverse_right), *numbers(3))),
    "CONFIDENCE.T": lift(_confidence_t, *numbers(3)),
}

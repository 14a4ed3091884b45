"""Bessel functions of whole order, to about 13 digits.

Numbers as in the Digital Library of Mathematical Functions (https://dlmf.nist.gov/10): power series 10.2.2 and
10.25.2, Miller's backward recurrence 10.74(iv) with the sums 10.12.4 and 10.35.5, Hankel's expansions 10.17,
Y by Neumann's series 10.23(iii), K by the integral 10.32.9, whose trapezoidal sums converge exponentially.
"""

from __future__ import annotations

import math

_GAMMA = 0.5772156649015329  # Euler's constant
_FAR = 25.0  # from here on Hankel's expansions are exact to the last digits
_HUGE = 1e250


def bessel_j(x: float, n: int) -> float:
    """J of order n >= 0."""
    if x < 0:
        return -bessel_j(-x, n) if n % 2 else bessel_j(-x, n)
    if x <= 1:
        return _series(x, n, -1.0)
    if x > _FAR and n < x:
        return _forward(_hankel(x, 0)[0], _hankel(x, 1)[0], x, n, -1.0)
    return _small_orders(x, n)[n]


def bessel_y(x: float, n: int) -> float:
    """Y of order n >= 0 for x > 0; raises OverflowError where it is too large."""
    if x > _FAR:
        return _forward(_hankel(x, 0)[1], _hankel(x, 1)[1], x, n, -1.0)
    orders = _small_orders(x, 1) if x > 1 else [_series(x, k, -1.0) for k in range(24)]
    pairs = [(-1.0) ** k / k * orders[2 * k] for k in range(1, (len(orders) - 1) // 2)]
    odd = [(-1.0) ** k * (2 * k + 1) / (k * (k + 1)) * orders[2 * k + 1] for k in range(1, len(orders) // 2)]
    logarithm = math.log(x / 2) + _GAMMA
    zero = 2 / math.pi * logarithm * orders[0] - 4 / math.pi * math.fsum(pairs)
    one = 2 / math.pi * ((logarithm - 1) * orders[1] - orders[0] / x) - 2 / math.pi * math.fsum(odd)
    return _forward(zero, _first_order(x, zero, one, orders), x, n, -1.0)


def _first_order(x: float, zero: float, one: float, orders: list[float]) -> float:
    """Y1 by the Wronskian 10.5.2 where J0 is not small, else by its own series."""
    if abs(orders[0]) > 0.1:
        return (orders[1] * zero - 2 / (math.pi * x)) / orders[0]
    return one


def bessel_i(x: float, n: int) -> float:
    """I of order n >= 0; raises OverflowError where it is too large."""
    if x < 0:
        return -bessel_i(-x, n) if n % 2 else bessel_i(-x, n)
    if x <= 1:
        return _series(x, n, 1.0)
    start = math.ceil(math.sqrt(n * n + 120 * x)) + 40
    wanted, total, upper, value = 0.0, 0.0, 0.0, 1.0
    for k in range(start, -1, -1):
        if k == n:
            wanted = value
        total += value if k == 0 else 2 * value
        upper, value = value, upper + 2 * k / x * value
        if value > _HUGE:
            wanted, total, upper, value = (number / _HUGE for number in (wanted, total, upper, value))
    return math.exp(x + math.log(wanted / total)) if x > 700 and wanted else wanted / total * math.exp(x)


def bessel_k(x: float, n: int) -> float:
    """K of order n >= 0 for x > 0; raises OverflowError where it is too large."""
    step = min(0.2, 0.5 / math.sqrt(x))
    sums = [0.5, 0.5]  # at t = 0
    for place in range(1, 10_000):
        t = place * step
        if t > 700 or (fall := 2 * x * math.sinh(t / 2) ** 2) - t > 50:
            break
        weight = math.exp(-fall)
        sums = [sums[0] + weight, sums[1] + weight * math.cosh(t)]
    zero, one = (total * step * math.exp(-x) for total in sums)
    return _forward(zero, one, x, n, 1.0)


def _series(x: float, n: int, sign: float) -> float:
    """J (sign -1) or I (sign 1) for x of at most 1."""
    term = 1.0
    for k in range(1, n + 1):
        term *= x / 2 / k
        if term == 0:
            return 0.0
    total = term
    for k in range(1, 30):
        term *= sign * x * x / 4 / (k * (n + k))
        total += term
    return total


def _small_orders(x: float, n: int) -> list[float]:
    """J of the orders 0, 1 ... to n and beyond, until they are as good as 0."""
    least = max(n, math.ceil(x))
    start = least + 15 * math.ceil(least ** (1 / 3)) + 30
    values = [0.0] * (start + 2)
    values[start] = 1e-290
    for k in range(start, 0, -1):
        values[k - 1] = 2 * k / x * values[k] - values[k + 1]
        if abs(values[k - 1]) > _HUGE:
            values = [value / _HUGE for value in values]
    total = values[0] + 2 * math.fsum(values[2::2])
    return [value / total for value in values]


def _hankel(x: float, n: int) -> tuple[float, float]:
    """(J, Y) of order 0 or 1 for large x."""
    even, odd, term = 1.0, 0.0, 1.0
    for k in range(1, 40):
        factor = (4 * n * n - (2 * k - 1) ** 2) / (8 * k * x)
        if abs(factor) > 1 or abs(term) < 1e-18:
            break
        term *= factor
        if k % 2:
            odd += term if k % 4 == 1 else -term
        else:
            even += term if k % 4 == 0 else -term
    sine, cosine = math.sin(x), math.cos(x)  # of x - pi/4 or x - 3 pi/4, times the root of 2
    turned = (cosine + sine, sine - cosine) if n == 0 else (sine - cosine, -sine - cosine)
    scale = 1 / math.sqrt(math.pi * x)
    return scale * (even * turned[0] - odd * turned[1]), scale * (even * turned[1] + odd * turned[0])


def _forward(zero: float, one: float, x: float, n: int, sign: float) -> float:
    """The order n from the orders 0 and 1."""
    if n == 0:
        return zero
    for k in range(1, n):
        zero, one = one, 2 * k / x * one + sign * zero
        if math.isinf(one):
            raise OverflowError("too large")
    return one

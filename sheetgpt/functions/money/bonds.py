"""Bonds that pay coupons: coupon dates, price, yield, duration.

As Microsoft's pages on PRICE, YIELD and DURATION have it; the days to the next coupon are what is left of the coupon
period's length when the days before the settlement are taken away, in every basis, as Excel counts them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sheetgpt.book.values import Value
from sheetgpt.functions.core.broadcasting import Numbers
from sheetgpt.functions.core.coercion import NUM
from sheetgpt.functions.core.day_count import (
    Day,
    basis_of,
    coupon_days,
    coupon_period,
    day_of,
    days_between,
    days_to_coupon,
    frequency_of,
)
from sheetgpt.functions.core.signature import Function
from sheetgpt.functions.money.discounts import security
from sheetgpt.functions.money.root import solve

_STEPS_OF_YIELD = 100
_GUESS = 0.05


class Terms(NamedTuple):
    """What the price of a bond depends on, besides its rates: coupons to come, and parts of a coupon period."""

    frequency: int
    coupons: int
    accrued: float  # the part of the period before the settlement
    rest: float  # the part after it


def _coupon(what: Callable[[Day, Day, int, int], float]) -> Function:
    """A function of settlement, maturity, frequency and basis, such as COUPNUM."""

    def function(settlement: float, maturity: float, frequency: float, basis: float = 0.0) -> Value:
        paid, ends, times, way = day_of(settlement), day_of(maturity), frequency_of(frequency), basis_of(basis)
        return NUM if paid.serial >= ends.serial else float(what(paid, ends, times, way))

    return security(function, 4, optional=1)


def _terms(settlement: float, maturity: float, frequency: float, basis: float) -> Terms:
    """Raises ValueError where there is no such bond."""
    paid, ends, times, way = day_of(settlement), day_of(maturity), frequency_of(frequency), basis_of(basis)
    if paid.serial >= ends.serial:
        raise ValueError("the settlement is not before the maturity")
    period = coupon_period(paid, ends, times)
    accrued = days_between(way, period.start, paid) / coupon_days(way, period, times)
    return Terms(times, period.coupons, accrued, 1 - accrued)


def _price_of(terms: Terms, rate: float, yld: float, redemption: float) -> float:
    coupon = 100 * rate / terms.frequency
    if terms.coupons == 1:
        return (redemption + coupon) / (1 + terms.rest * yld / terms.frequency) - coupon * terms.accrued
    growth = 1 + yld / terms.frequency
    times = np.arange(float(terms.coupons)) + terms.rest
    return float(np.sum(coupon * growth**-times) + redemption * growth ** -times[-1] - coupon * terms.accrued)


def _price(
    settlement: float,
    maturity: float,
    rate: float,
    yld: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> Value:
    if rate < 0 or yld < 0 or redemption <= 0:
        return NUM
    return _price_of(_terms(settlement, maturity, frequency, basis), rate, yld, redemption)


def _yield(
    settlement: float,
    maturity: float,
    rate: float,
    price: float,
    redemption: float,
    frequency: float,
    basis: float = 0.0,
) -> Value:
    if rate < 0 or price <= 0 or redemption <= 0:
        return NUM
    terms = _terms(settlement, maturity, frequency, basis)
    coupon = 100 * rate / terms.frequency
    if terms.coupons == 1:
        paid = price + terms.accrued * coupon
        return (redemption + coupon - paid) / paid * terms.frequency / terms.rest
    times = np.arange(float(terms.coupons)) + terms.rest
    flows = np.full(terms.coupons, coupon)
    flows[-1] += redemption
    return yield_of_flows(flows, times, price + coupon * terms.accrued) * terms.frequency


def yield_of_flows(flows: Numbers, times: Numbers, paid: float, guess: float = _GUESS) -> float:
    """The rate for a coupon period at which flows are worth what is paid; nan where there is none."""

    def curve(rate: Numbers, _rows: np.ndarray) -> tuple[Numbers, Numbers, Numbers]:
        present = flows * np.exp(-times * np.log1p(rate)[:, None])
        total = present.sum(axis=1)
        return total - paid, -(present * times).sum(axis=1) / (1 + rate), total + paid

    return float(solve(curve, np.array([guess]), _STEPS_OF_YIELD)[0])


def _duration(modified: bool) -> Function:
    """The mean time of the payments, weighted by what they are worth; `modified`: by a change of the yield."""

    def function(
        settlement: float, maturity: float, coupon: float, yld: float, frequency: float, basis: float = 0.0
    ) -> Value:
        if coupon < 0 or yld < 0:
            return NUM
        terms = _terms(settlement, maturity, frequency, basis)
        growth = 1 + yld / terms.frequency
        times = np.arange(float(terms.coupons)) + terms.rest
        flows = np.full(terms.coupons, 100 * coupon / terms.frequency)
        flows[-1] += 100
        worth = flows * growth**-times
        years = float(np.sum(worth * times) / np.sum(worth)) / terms.frequency
        return years / growth if modified else years

    return security(function, 6, optional=1)


def _days_before(paid: Day, ends: Day, times: int, basis: int) -> float:
    return days_between(basis, coupon_period(paid, ends, times).start, paid)


def _days_after(paid: Day, ends: Day, times: int, basis: int) -> float:
    return days_to_coupon(basis, paid, coupon_period(paid, ends, times))


def _days_of_period(paid: Day, ends: Day, times: int, basis: int) -> float:
    return coupon_days(basis, coupon_period(paid, ends, times), times)


BONDS: dict[str, Function] = {
    "COUPDAYBS": _coupon(_days_before),
    "COUPDAYS": _coupon(_days_of_period).replace(
        note="basis 1: real days; Excel is off by one or two for some maturities at the end of February"
    ),
    "COUPDAYSNC": _coupon(_days_after),
    "COUPNCD": _coupon(lambda paid, ends, times, _basis: coupon_period(paid, ends, times).end.serial),
    "COUPNUM": _coupon(lambda paid, ends, times, _basis: coupon_period(paid, ends, times).coupons),
    "COUPPCD": _coupon(lambda paid, ends, times, _basis: coupon_period(paid, ends, times).start.serial),
    "PRICE": security(_price, 7, optional=1),
    "YIELD": security(_yield, 7, optional=1),
    "DURATION": _duration(modified=False),
    "MDURATION": _duration(modified=True),
}

"""Bonds whose first or last coupon period is shorter or longer than the others.

As Microsoft's pages on ODDFPRICE and ODDLPRICE have it; which days count in which basis follows Excel's values.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sheetgpt.book.values import Value
from sheetgpt.functions.core.broadcasting import Numbers
from sheetgpt.functions.core.coercion import NUM
from sheetgpt.functions.core.date_serial import days_in_month
from sheetgpt.functions.core.day_count import (
    AMERICAN,
    REAL,
    REAL_360,
    REAL_365,
    Day,
    basis_of,
    coupon_days,
    coupon_period,
    day_of,
    days_american,
    days_between,
    days_to_coupon,
    frequency_of,
    months_later,
)
from sheetgpt.functions.core.signature import Function
from sheetgpt.functions.money.bonds import yield_of_flows
from sheetgpt.functions.money.discounts import security


class Flows(NamedTuple):
    """Coupons as parts of a full one, the times of all payments in coupon periods, and what has accrued."""

    coupons: Numbers
    times: Numbers
    accrued: float


def _days(basis: int, start: Day, end: Day) -> int:
    return max(0, days_between(basis, start, end))


def _first_odd(dates: tuple[Day, Day, Day, Day], times: int, basis: int) -> Flows:
    """The flows of a bond with an odd first period: settlement, maturity, issue, first coupon."""
    paid, ends, issue, first = dates
    length = coupon_days(basis, coupon_period(paid, first, times), times)
    if _days(basis, issue, first) < length:
        count = coupon_period(paid, ends, times).coupons
        coupons = np.ones(count)
        coupons[0] = _days(basis, issue, first) / length
        start = _days(basis, paid, first) / length
        return Flows(coupons, np.arange(float(count)) + start, _days(basis, issue, paid) / length)
    return _long_first(dates, times, basis, length)


def _long_first(dates: tuple[Day, Day, Day, Day], times: int, basis: int, length: float) -> Flows:
    """A first period longer than a full one is taken apart into full ones, back from the first coupon."""
    paid, ends, issue, first = dates
    size, accrued, late = 0.0, 0.0, first
    for number in range(coupon_period(issue, first, times).coupons, 0, -1):
        early = months_later(late, -12 // times)
        full = _days(basis, early, late) if basis == REAL else length
        size += (full if number > 1 else _days(basis, issue, late)) / full
        accrued += _days(basis, max(issue, early), min(paid, late)) / full
        late = early
    around = coupon_period(paid, first, times)
    days: float = days_to_coupon(basis, paid, around)
    if basis not in (REAL_360, REAL_365):
        days = length - days_between(basis, around.start, paid)
    wait = _whole_periods(paid, first, times) + days / length
    coupons = np.ones(coupon_period(first, ends, times).coupons + 1)
    coupons[0] = size
    return Flows(coupons, np.arange(float(coupons.size)) + wait, accrued)


def _whole_periods(paid: Day, first: Day, times: int) -> int:
    """The whole coupon periods that lie between the settlement and the first coupon."""
    at_end = first.ends_month
    if not at_end and first.month != 2 and 28 < first.day < days_in_month(first.year, first.month):
        at_end = paid.ends_month
    start = months_later(paid, 0, at_end)
    count = int(paid.serial < start.serial)
    date = months_later(start, 12 // times, at_end)
    while date.serial < first.serial:
        date, count = months_later(date, 12 // times, at_end), count + 1
    return count


def _first_flows(
    settlement: float, maturity: float, issue: float, first: float, frequency: float, basis: float
) -> tuple[Flows, int]:
    """Raises ValueError where the dates are not in order or the first coupon is not one of those of the maturity."""
    paid, ends, begins, coupon = (day_of(number) for number in (settlement, maturity, issue, first))
    times, way = frequency_of(frequency), basis_of(basis)
    if not begins.serial < paid.serial < coupon.serial < ends.serial:
        raise ValueError("issue, settlement, first coupon and maturity are not in order")
    if coupon_period(coupon, ends, times).start != coupon:
        raise ValueError("the first coupon is none of the coupon dates")
    return _first_odd((paid, ends, begins, coupon), times, way), times


def _odd_first(wanted_yield: bool) -> Function:
    """ODDFPRICE and ODDFYIELD."""

    def function(settlement: float, maturity: float, issue: float, first: float, *terms: float) -> Value:
        rate, known, redemption, frequency, basis = (*terms, 0.0)[:5]
        if rate < 0 or known < 0 or redemption <= 0 or (wanted_yield and known == 0):
            return NUM
        flows, times = _first_flows(settlement, maturity, issue, first, frequency, basis)
        coupon = 100 * rate / times
        payments = coupon * flows.coupons
        payments[-1] += redemption
        if wanted_yield:
            return yield_of_flows(payments, flows.times, known + coupon * flows.accrued) * times
        return float(np.sum(payments * (1 + known / times) ** -flows.times)) - coupon * flows.accrued

    return security(function, 9, optional=1)


class Last(NamedTuple):
    """Sums over the full periods in an odd last one: of it all, before the settlement, and after it."""

    whole: float
    accrued: float
    rest: float
    frequency: int


def _last_odd(settlement: float, maturity: float, last: float, frequency: float, basis: float) -> Last:
    """Raises ValueError where the dates are not in order."""
    paid, ends, early = (day_of(number) for number in (settlement, maturity, last))
    times, way = frequency_of(frequency), basis_of(basis)
    if not early.serial < paid.serial < ends.serial:
        raise ValueError("last interest, settlement and maturity are not in order")
    count, whole, accrued, rest = coupon_period(early, ends, times).coupons, 0.0, 0.0, 0.0
    for number in range(1, count + 1):
        late = months_later(early, 12 // times)
        full = _days_of_last(way, early, late)
        part = full if number < count else _days_of_last(way, early, ends)
        before = part if late.serial < paid.serial else _days(way, early, paid) if early.serial < paid.serial else 0
        whole, accrued = whole + part / full, accrued + before / full
        rest += _days(way, max(paid, early), min(ends, late)) / full
        early = late
    return Last(whole, accrued, rest, times)


def _days_of_last(basis: int, start: Day, end: Day) -> int:
    return max(0, days_american(start, end, both=True)) if basis == AMERICAN else _days(basis, start, end)


def _odd_last(wanted_yield: bool) -> Function:
    """ODDLPRICE and ODDLYIELD."""

    def function(settlement: float, maturity: float, last: float, *terms: float) -> Value:
        rate, known, redemption, frequency, basis = (*terms, 0.0)[:5]
        if rate < 0 or known < 0 or redemption <= 0 or (wanted_yield and known == 0):
            return NUM
        odd = _last_odd(settlement, maturity, last, frequency, basis)
        coupon = 100 * rate / odd.frequency
        end, accrued = odd.whole * coupon + redemption, odd.accrued * coupon
        if wanted_yield:
            return (end - accrued - known) / (accrued + known) * odd.frequency / odd.rest
        return end / (odd.rest * known / odd.frequency + 1) - accrued

    return security(function, 8, optional=1)


ODD_BONDS: dict[str, Function] = {
    "ODDFPRICE": _odd_first(wanted_yield=False),
    "ODDFYIELD": _odd_first(wanted_yield=True),
    "ODDLPRICE": _odd_last(wanted_yield=False),
    "ODDLYIELD": _odd_last(wanted_yield=True),
}

"""Securities without coupons or that pay at maturity, accrued interest, treasury bills, fractions of a dollar."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Unpack

from sheetgpt.book.values import Value
from sheetgpt.functions.core.coercion import DIV0, NUM
from sheetgpt.functions.core.columns import toolpak
from sheetgpt.functions.core.day_count import (
    AMERICAN,
    REAL,
    REAL_360,
    REAL_365,
    Day,
    basis_of,
    day_of,
    days_american,
    days_between,
    days_in_year,
    frequency_of,
    months_later,
)
from sheetgpt.functions.core.signature import ArgumentKind, Function
from sheetgpt.functions.core.vectorize import Traits, lift, with_defaults

_PAR = 1000.0  # what a par value that is left out stands for


def security(function: Callable[..., Value], count: int, **traits: Unpack[Traits]) -> Function:
    """A function of so many numbers of a security; what it raises as ValueError is #NUM!."""
    kind: ArgumentKind = "strict number"
    return toolpak(lift(function, *(kind,) * count, **traits))


def _term(settlement: float, maturity: float, basis: float) -> tuple[int, float]:
    """Days from settlement to maturity, and in the year. Raises ValueError where they are no such dates."""
    way, start, end = basis_of(basis), day_of(settlement), day_of(maturity)
    if start.serial >= end.serial:
        raise ValueError("the settlement is not before the maturity")
    return days_between(way, start, end), days_in_year(way, start, end)


def _need(*positive: float) -> None:
    if min(positive) <= 0:
        raise ValueError("only numbers above 0 have a meaning here")


def _discount(settlement: float, maturity: float, price: float, redemption: float, basis: float = 0.0) -> Value:
    _need(price, redemption)
    days, year = _term(settlement, maturity, basis)
    return (1 - price / redemption) * year / days


def _interest_rate(
    settlement: float, maturity: float, investment: float, redemption: float, basis: float = 0.0
) -> Value:
    _need(investment, redemption)
    days, year = _term(settlement, maturity, basis)
    return (redemption - investment) / investment * year / days


def _received(settlement: float, maturity: float, investment: float, discount: float, basis: float = 0.0) -> Value:
    _need(investment, discount)
    days, year = _term(settlement, maturity, basis)
    rest = 1 - discount * days / year
    return NUM if rest <= 0 else investment / rest


def _discounted_price(
    settlement: float, maturity: float, discount: float, redemption: float, basis: float = 0.0
) -> Value:
    _need(discount, redemption)
    days, year = _term(settlement, maturity, basis)
    return redemption - discount * redemption * days / year


def _discounted_yield(settlement: float, maturity: float, price: float, redemption: float, basis: float = 0.0) -> Value:
    return _interest_rate(settlement, maturity, price, redemption, basis)


def _whole_term(settlement: float, maturity: float, issue: float, basis: float) -> tuple[float, float, float]:
    """In years: from issue to maturity, from issue to settlement, from settlement to maturity."""
    way, paid, ends, begins = basis_of(basis), day_of(settlement), day_of(maturity), day_of(issue)
    if not begins.serial <= paid.serial < ends.serial:
        raise ValueError("issue, settlement and maturity are not in order")
    year = days_in_year(way, begins, paid)
    whole, accrued = days_between(way, begins, ends) / year, days_between(way, begins, paid) / year
    return whole, accrued, whole - accrued


def _price_at_maturity(
    settlement: float, maturity: float, issue: float, rate: float, yld: float, basis: float = 0.0
) -> Value:
    if rate < 0 or yld < 0:
        return NUM
    whole, accrued, rest = _whole_term(settlement, maturity, issue, basis)
    return 100 * ((1 + whole * rate) / (1 + rest * yld) - accrued * rate)


def _yield_at_maturity(
    settlement: float, maturity: float, issue: float, rate: float, price: float, basis: float = 0.0
) -> Value:
    if rate < 0 or price <= 0:
        return NUM
    whole, accrued, rest = _whole_term(settlement, maturity, issue, basis)
    paid = price / 100 + accrued * rate
    return (1 + whole * rate - paid) / paid / rest


def _accrued_at_maturity(issue: float, settlement: float, rate: float, par: float = _PAR, basis: float = 0.0) -> Value:
    _need(rate, par)
    days, year = _term(issue, settlement, basis)
    return par * rate * days / year


def _accrued(issue: float, first_interest: float, settlement: float, *terms: float) -> Value:
    """ACCRINT: in whole periods and parts of them, from the issue, or from the first coupon where that is over."""
    rate, par, frequency, basis, from_issue = (*terms, 0.0, 1.0)[:5] if len(terms) < 4 else (*terms, 1.0)[:5]
    _need(rate, par)
    times, way = frequency_of(frequency), basis_of(basis)
    begins, first, ends = day_of(issue), day_of(first_interest), day_of(settlement)
    if begins.serial >= ends.serial:
        return NUM
    if not from_issue and ends.serial > first.serial:
        begins = first
    return par * rate / times * _periods_accrued((begins, first, ends), times, way)


def _periods_accrued(days: tuple[Day, Day, Day], times: int, basis: int) -> float:
    """How many coupon periods lie between the issue and the settlement, by the days of each period."""
    begins, first, ends = days
    step, at_end = 12 // times, first.ends_month
    number = 0  # periods from the first coupon to the one that holds the settlement
    while months_later(first, number * step, at_end).serial < ends.serial:
        number += 1
    start, end = (months_later(first, (number + i) * step, at_end) for i in (-1, 0))
    count = days_between(basis, max(begins, start), ends) / _period_length(start, end, times, basis)
    while start.serial > begins.serial:
        number -= 1
        start, end = months_later(first, (number - 1) * step, at_end), start
        count += _share_of_period(begins, start, end, (times, basis))
    return count


def _period_length(start: Day, end: Day, times: int, basis: int) -> float:
    return float(end.serial - start.serial) if basis == REAL else (365 if basis == REAL_365 else 360) / times


def _share_of_period(begins: Day, start: Day, end: Day, terms: tuple[int, int]) -> float:
    """How much of an earlier period counts: all of it, or from the issue on."""
    times, basis = terms
    if begins.serial <= start.serial:
        return 1.0
    if basis == AMERICAN:
        return days_american(begins, end) / days_american(start, end, both=True)
    length = _earlier_length(start, end, times, basis)
    return days_between(basis, begins, end) / length


def _earlier_length(start: Day, end: Day, times: int, basis: int) -> float:
    if basis == REAL_365:
        return 365 / times
    if basis == REAL:
        return float(end.serial - start.serial)
    return float(days_american(start, end) if basis == REAL_360 else days_between(basis, start, end))


def _bill(settlement: float, maturity: float, number: float) -> int:
    """The days of a treasury bill of a year at most. Raises ValueError where it is none."""
    _need(number)
    start, end = day_of(settlement), day_of(maturity)
    if not start.serial < end.serial <= months_later(start, 12).serial:
        raise ValueError("a treasury bill lasts a year at most")
    return end.serial - start.serial


def _bill_equivalent(settlement: float, maturity: float, discount: float) -> Value:
    """TBILLEQ: the yield of a bond; beyond half a year with its coupon in between."""
    days = _bill(settlement, maturity, discount)
    if days <= 182:
        rest = 360 - discount * days
        return NUM if rest <= 0 else 365 * discount / rest
    price = 1 - discount * days / 360
    share = days / (366 if days == 366 else 365)
    if price <= 0:
        return NUM
    return 2 * (math.sqrt(share**2 - (2 * share - 1) * (1 - 1 / price)) - share) / (2 * share - 1)


def _bill_price(settlement: float, maturity: float, discount: float) -> Value:
    price = 100 * (1 - discount * _bill(settlement, maturity, discount) / 360)
    return NUM if price < 0 else price


def _bill_yield(settlement: float, maturity: float, price: float) -> Value:
    return (100 - price) / price * 360 / _bill(settlement, maturity, price)


def _fraction(to_decimal: bool) -> Function:
    """DOLLARDE and DOLLARFR: 1.02 for one and two sixteenths."""

    def function(number: float, fraction: float) -> Value:
        parts = math.trunc(fraction)
        if fraction < 0:
            return NUM
        if parts == 0:
            return DIV0
        whole, scale = math.trunc(number), 10.0 ** math.ceil(math.log10(parts))
        rest = number - whole
        return whole + (rest * scale / parts if to_decimal else rest * parts / scale)

    return security(function, 2)


_FIVE: tuple[ArgumentKind, ...] = ("strict number",) * 5

DISCOUNTS: dict[str, Function] = {
    "DISC": security(_discount, 5, optional=1),
    "INTRATE": security(_interest_rate, 5, optional=1),
    "RECEIVED": security(_received, 5, optional=1),
    "PRICEDISC": security(_discounted_price, 5, optional=1),
    "YIELDDISC": security(_discounted_yield, 5, optional=1),
    "PRICEMAT": security(_price_at_maturity, 6, optional=1),
    "YIELDMAT": security(_yield_at_maturity, 6, optional=1),
    "ACCRINTM": with_defaults(toolpak(lift(_accrued_at_maturity, *_FIVE, optional=2)), {3: _PAR}),
    "ACCRINT": with_defaults(
        toolpak(
            lift(
                _accrued,
                *_FIVE,
                "strict number",
                "strict number",
                "boolean",
                optional=2,
                note="FALSE as the last argument counts from the first interest, where that is over, as documented",
            )
        ),
        {4: _PAR},
    ),
    "TBILLEQ": security(_bill_equivalent, 3),
    "TBILLPRICE": security(_bill_price, 3),
    "TBILLYIELD": security(_bill_yield, 3),
    "DOLLARDE": _fraction(to_decimal=True),
    "DOLLARFR": _fraction(to_decimal=False),
}

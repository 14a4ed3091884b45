"""Depreciation: straight line, sum of years' digits, declining balances, and the French AMORLINC and AMORDEGRC."""

from __future__ import annotations

import math

import numpy as np

from sheetgpt.book.values import Value
from sheetgpt.functions.core.broadcasting import Numbers
from sheetgpt.functions.core.coercion import DIV0, NUM
from sheetgpt.functions.core.columns import columnwise, toolpak
from sheetgpt.functions.core.date_serial import is_leap
from sheetgpt.functions.core.day_count import Day, basis_of, day_of, days_between, days_in_year
from sheetgpt.functions.core.signature import Function
from sheetgpt.functions.core.vectorize import lift, numbers, numeric


def _straight_line(cost: Numbers, salvage: Numbers, life: Numbers) -> Numbers:
    return (cost - salvage) / life


def _years_digits(cost: Numbers, salvage: Numbers, life: Numbers, period: Numbers) -> Numbers:
    valid = (life > 0) & (period > 0) & (period <= life) & (salvage >= 0)
    return np.where(valid, (cost - salvage) * (life - period + 1) * 2 / (life * (life + 1)), np.nan)


def _double_declining(
    cost: Numbers, salvage: Numbers, life: Numbers, period: Numbers, factor: Numbers | float = 2.0
) -> Numbers:
    """DDB; what is left never falls below the salvage value. A period below 1 counts as the first one."""
    valid = (cost >= 0) & (salvage >= 0) & (life > 0) & (period > 0) & (period <= life) & np.greater(factor, 0)
    kept = 1 - np.minimum(factor / life, 1.0)
    when = np.maximum(period, 1.0)
    before, after = cost * np.power(kept, when - 1), cost * np.power(kept, when)
    return np.where(valid, np.maximum(before - np.maximum(after, salvage), 0.0), np.nan)


def _fixed_declining(cost: float, salvage: float, life: float, period: float, month: float = 12.0) -> Value:
    """DB: a rate of three decimals; in the first year the months given, in the one after the last the rest."""
    months, which, years = int(month), int(period), int(life)
    if cost < 0 or salvage < 0 or life <= 0 or which < 1 or not 1 <= months <= 12:
        return NUM
    if which > years + (months < 12):
        return NUM
    if cost == 0:
        return 0.0
    rate = math.floor((1 - math.pow(salvage / cost, 1 / life)) * 1000 + 0.5) / 1000
    depreciation = first = cost * rate * months / 12
    total = 0.0
    for year in range(2, which + 1):
        total += first if year == 2 else depreciation
        depreciation = (cost - total) * rate * ((12 - months) / 12 if year > years else 1)
    return depreciation


def _variable(
    cost: float,
    salvage: float,
    life: float,
    start: float,
    end: float,
    factor: float = 2.0,
    no_switch: bool = False,
) -> Value:
    """VDB: declining balance, which becomes a straight line where that is more, unless told not to."""
    if min(cost, salvage, start) < 0 or life <= 0 or factor <= 0 or not start <= end <= life:
        return NUM
    if no_switch:
        return _declined(cost, salvage, life, end, factor) - _declined(cost, salvage, life, start, factor)
    before = _switching(cost, salvage, life, (0.0, start), factor)
    return _switching(cost - before, salvage, life, (start, end), factor)


def _declined(cost: float, salvage: float, life: float, until: float, factor: float) -> float:
    """The sum of declining depreciation until a time, in proportion within a period."""
    whole, rate = math.floor(until), min(factor / life, 1.0)
    least = min(cost, salvage)
    book = max(cost * (1 - rate) ** whole, least)
    return cost - book + (until - whole) * min(book * rate, book - least)


def _switching(book: float, salvage: float, life: float, span: tuple[float, float], factor: float) -> float:
    """The depreciation of a span, period by period from its start, a straight line from where that is more."""
    left, (time, end), rate = book, span, min(factor / life, 1.0)
    while time < end and left > salvage:
        declining, straight = min(left * rate, left - salvage), (left - salvage) / max(life - time, 1.0)
        if straight >= declining:  # and so in all periods to come
            return book - left + (left - salvage) * (end - time) / (life - time)
        left -= declining * min(1.0, end - time)
        time += 1
    return book - left


def _year_of(day: Day, basis: int) -> float:
    if basis == 1:
        return 366.0 if is_leap(day.year) else 365.0
    return days_in_year(basis, day, day)


def _without_leap_day(day: Day, basis: int) -> Day:
    """The 29th of February counts as the 28th where real days are counted."""
    return day_of(day.serial - 1) if basis in (1, 3) and (day.month, day.day) == (2, 29) else day


def _first_share(purchased: Day, first: Day, basis: int) -> float:
    """The part of a year from the purchase to the end of the first period."""
    days = days_between(basis, _without_leap_day(purchased, basis), _without_leap_day(first, basis))
    return days / _year_of(purchased, basis)


def _are_valid(cost: float, salvage: float, period: float, rate: float, basis: int) -> bool:
    return cost >= 0 and 0 <= salvage <= cost and period >= 0 and rate > 0 and basis != 2


def _french_linear(
    cost: float, purchased: float, first: float, salvage: float, period: float, rate: float, basis: float = 0.0
) -> Value:
    """AMORLINC: the rate of the cost each period, in the first one in proportion, until the salvage value."""
    way, bought, ends, which = basis_of(basis), day_of(purchased), day_of(first), int(period)
    if not _are_valid(cost, salvage, period, rate, way) or bought.serial > ends.serial:
        return NUM
    if which > math.ceil(1 / rate):
        return 0.0
    left, share = cost - salvage, _first_share(bought, ends, way)
    now = min(left, cost * rate * (share or 1.0))
    for _ in range(which):
        left -= now
        now = min(left, cost * rate)
    return now


def _coefficient(life: float) -> float | None:
    """The factor on the rate that French law gives for a life in years; None where it gives none."""
    if life < 3 or 4 < life < 5:
        return None
    return 1.5 if life <= 4 else 2.0 if life <= 6 else 2.5


def _rounded(number: float) -> float:
    """To a whole number, half away from zero, of 13 decimals as Excel sees them."""
    return float(math.floor(round(number, 13) + 0.5))


def _french_declining(
    cost: float, purchased: float, first: float, salvage: float, period: float, rate: float, basis: float = 0.0
) -> Value:
    """AMORDEGRC: declining by a larger rate; half of the rest in the last period but one, then all of it."""
    way, bought, ends, which = basis_of(basis), day_of(purchased), day_of(first), int(period)
    if not _are_valid(cost, salvage, period, rate, way) or bought.serial > ends.serial:
        return NUM
    coefficient, life = _coefficient(1 / rate), math.ceil(1 / rate)
    if coefficient is None:
        return NUM
    if which > life or cost == salvage:
        return 0.0
    raised, share = rate * coefficient, _first_share(bought, ends, way)
    start = _rounded(min(cost - salvage, cost * raised * (share or 1.0)))
    return start if which == 0 else _declining_later(cost - start, salvage, raised, which, life + (share != 0))


def _declining_later(left: float, salvage: float, rate: float, which: int, life: int) -> float:
    now = 0.0
    for counted in range(2, which + 2):
        halves = life - counted == 2
        now = 0.0 if left < salvage else left * (0.5 if halves else rate)
        rate = 1.0 if halves else rate
        left -= now
    return _rounded(now)


_FRENCH = ("strict number",) * 7

DEPRECIATION: dict[str, Function] = {
    "SLN": numeric(_straight_line, 3, judge=lambda _cost, _salvage, life: DIV0 if life == 0 else NUM),
    "SYD": columnwise(_years_digits, 4),
    "DB": lift(_fixed_declining, *numbers(5), optional=1),
    "DDB": columnwise(_double_declining, 5, optional=1),
    "VDB": lift(
        _variable,
        *numbers(6),
        "boolean",
        optional=2,
        note="a broken start with the switch to a straight line goes by the one value of Excel that is known",
    ),
    "AMORLINC": toolpak(lift(_french_linear, *_FRENCH, optional=1)),  # type: ignore[arg-type]
    "AMORDEGRC": toolpak(
        lift(
            _french_declining,
            *_FRENCH,  # type: ignore[arg-type]
            optional=1,
            note="`#NUM!` for lives of less than 3 years and between 4 and 5, as documented",
        )
    ),
}

"""Days as securities count them: the five bases, and the dates on which coupons are paid.

Basis 0 is the American year of twelve months of 30 days, 4 the European one; 1 counts real days and years, 2 real
days in years of 360, 3 in years of 365.
"""

from __future__ import annotations

from typing import NamedTuple

from sheetgpt.functions.core import date_serial
from sheetgpt.functions.core.date_serial import days_in_month, is_leap

AMERICAN, REAL, REAL_360, REAL_365, EUROPEAN = range(5)


class Day(NamedTuple):
    """A day: its serial, and what the calendar calls it."""

    serial: int
    year: int
    month: int
    day: int

    @property
    def ends_month(self) -> bool:
        """Whether it is the last day of its month."""
        return self.day == days_in_month(self.year, self.month)

    @property
    def ends_february(self) -> bool:
        """Whether it is the last day of a February."""
        return self.month == 2 and self.ends_month


class Period(NamedTuple):
    """The coupon dates around a settlement, and how many coupons come after it."""

    start: Day
    end: Day
    coupons: int


def day_of(number: float) -> Day:
    """The day of a serial, its time cut off. Raises ValueError where it is no date."""
    calendar = date_serial.to_date(number)
    if calendar is None or number < 1:
        raise ValueError(f"{number} is no date")
    return Day(int(number // 1), *calendar)


def basis_of(number: float) -> int:
    """The basis that a number means. Raises ValueError where there is none."""
    if not 0 <= number < 5:
        raise ValueError(f"{number} is no basis")
    return int(number)


def frequency_of(number: float) -> int:
    """The coupons of a year: 1, 2 or 4. Raises ValueError for others."""
    if int(number) not in (1, 2, 4):
        raise ValueError(f"{number} is no frequency")
    return int(number)


def months_later(day: Day, months: int, at_end: bool = False) -> Day:
    """The same day some months later, cut to the month's length, or the month's last day.

    Raises ValueError before 1900 and after 9999.
    """
    total = day.year * 12 + day.month - 1 + months
    year, month = total // 12, total % 12 + 1
    if not 1900 <= year <= 9999:
        raise ValueError("the date lies before 1900 or after 9999")
    last = days_in_month(year, month)
    number = last if at_end else min(day.day, last)
    serial = date_serial.from_date(year, month, number)
    if serial is None:
        raise ValueError("the date lies before 1900 or after 9999")
    return Day(serial, year, month, number)


def days_american(start: Day, end: Day, both: bool = False) -> int:
    """Days in years of 360, as in the United States; `both` moves an end on the 31st whatever the start is."""
    first, last = start.day, end.day
    if end.ends_february and (start.ends_february or both):
        last = 30
    if last == 31 and (first >= 30 or both):
        last = 30
    if first == 31 or start.ends_february:
        first = 30
    return (end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first


def days_european(start: Day, end: Day) -> int:
    """Days in years of 360, as in Europe: a 31st counts as a 30th."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months * 30 + min(end.day, 30) - min(start.day, 30)


def days_between(basis: int, start: Day, end: Day) -> int:
    """The days from one to another; negative where the end comes first."""
    if basis == AMERICAN:
        return days_american(start, end)
    return days_european(start, end) if basis == EUROPEAN else end.serial - start.serial


def days_in_year(basis: int, start: Day, end: Day) -> float:
    """The length of a year; for basis 1 it depends on the leap days between two dates."""
    if basis != REAL:
        return 365.0 if basis == REAL_365 else 360.0
    within = start.year == end.year or (start.year + 1 == end.year and (start.month, start.day) >= (end.month, end.day))
    if not within:
        years = range(start.year, end.year + 1)
        return sum(366 if is_leap(year) else 365 for year in years) / len(years)
    if start.year == end.year:
        return 366.0 if is_leap(start.year) else 365.0
    leaps = (is_leap(start.year) and start.month <= 2) or (is_leap(end.year) and (end.month, end.day) >= (2, 29))
    return 366.0 if leaps else 365.0


def coupon_period(settlement: Day, maturity: Day, frequency: int) -> Period:
    """The coupon dates before (or on) and after a settlement, counted back from the maturity."""
    step, at_end = 12 // frequency, maturity.ends_month
    months = (maturity.year - settlement.year) * 12 + maturity.month - settlement.month
    coupons = max(1, months // step)
    while months_later(maturity, -coupons * step, at_end).serial > settlement.serial:
        coupons += 1
    start = months_later(maturity, -coupons * step, at_end)
    return Period(start, months_later(maturity, -(coupons - 1) * step, at_end), coupons)


def coupon_days(basis: int, period: Period, frequency: int) -> float:
    """The length of a coupon period."""
    if basis == REAL:
        return float(period.end.serial - period.start.serial)
    return (365 if basis == REAL_365 else 360) / frequency


def days_to_coupon(basis: int, settlement: Day, period: Period) -> int:
    """The days from a settlement to the next coupon."""
    if basis == AMERICAN:
        return days_american(period.start, period.end, both=True) - days_american(period.start, settlement)
    return days_between(basis, settlement, period.end)

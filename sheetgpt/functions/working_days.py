"""Working days: NETWORKDAYS, WORKDAY, and the same with weekends of one's own (.INTL).

Days are counted in whole weeks, so that centuries take no longer than a day.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core import date_serial
from sheetgpt.functions.core.coercion import NUM, VALUE, to_number
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift

# Days off, from Monday on: two days from the number's day on for 1 to 7, one day for 11 to 17.
_TWO_DAYS = ["0000011", "1000001", "1100000", "0110000", "0011000", "0001100", "0000110"]
_ONE_DAY = ["0000001", "1000000", "0100000", "0010000", "0001000", "0000100", "0000010"]
_WEEKENDS = dict(enumerate(_TWO_DAYS, 1)) | dict(enumerate(_ONE_DAY, 11))


@dataclass(frozen=True)
class _Calendar:
    """Which days of a week are worked, from Monday on, and the days off besides, in order."""

    week: tuple[int, ...]
    holidays: tuple[int, ...]

    def up_to(self, day: int) -> int:
        """How many working days there are from serial 2, a Monday, up to a day; negative before it."""
        weeks, rest = divmod(day - 1, 7)
        return weeks * sum(self.week) + sum(self.week[:rest]) - bisect_right(self.holidays, day)

    def between(self, first: int, last: int) -> int:
        """How many working days there are, both ends included."""
        return self.up_to(last) - self.up_to(first - 1)


def _calendar(weekend: Value, holidays: Operand | None) -> _Calendar | ErrorValue:
    week = _week(weekend)
    if isinstance(week, ErrorValue):
        return week
    off = set()
    for value in () if holidays is None else holidays.values.ravel().tolist():
        day = VALUE if isinstance(value, bool) else to_number(value)
        if isinstance(day, ErrorValue):
            return day
        if value is not None and week[(int(day) - 2) % 7]:
            off.add(int(day))
    return _Calendar(week, tuple(sorted(off)))


def _week(weekend: Value) -> tuple[int, ...] | ErrorValue:
    """For each day from Monday on 1 if it is worked; #NUM! for an unknown number, #VALUE! for an unknown text."""
    if weekend is None:
        return _week(1.0)
    if isinstance(weekend, str):
        known = len(weekend) == 7 and set(weekend) <= {"0", "1"}
        return tuple(1 - int(day) for day in weekend) if known else VALUE
    number = to_number(weekend)
    if isinstance(number, ErrorValue):
        return number
    days = _WEEKENDS.get(int(number))
    return NUM if days is None else tuple(1 - int(day) for day in days)


def _count(start: float, end: float, weekend: Value = None, holidays: Operand | None = None) -> Value:
    """NETWORKDAYS.INTL: both ends included, negative where the end comes before the start."""
    calendar = _calendar(weekend, holidays)
    if isinstance(calendar, ErrorValue):
        return calendar
    first, last = sorted((int(start), int(end)))
    if first < 0 or last > date_serial.LAST:
        return NUM
    return float(calendar.between(first, last) * (1 if start <= end else -1))


def _later(start: float, days: float, weekend: Value = None, holidays: Operand | None = None) -> Value:
    """WORKDAY.INTL: the day so many working days after (or before) the start."""
    calendar = _calendar(weekend, holidays)
    if isinstance(calendar, ErrorValue):
        return calendar
    first, count = int(start), int(days)
    if not sum(calendar.week):
        return VALUE
    if not 0 <= first <= date_serial.LAST:
        return NUM
    if count > 0:
        place = bisect_left(range(first, date_serial.LAST + 2), count, key=lambda day: calendar.between(first + 1, day))
        day = first + place
    else:
        place = bisect_left(range(first + 2), -count, key=lambda back: calendar.between(first - back, first - 1))
        day = first - place
    return float(day) if 0 <= day <= date_serial.LAST else NUM


def _count_plain(start: float, end: float, holidays: Operand | None = None) -> Value:
    return _count(start, end, None, holidays)


def _later_plain(start: float, days: float, holidays: Operand | None = None) -> Value:
    return _later(start, days, None, holidays)


_OWN = "weekends as numbers, or as seven digits from Monday on, 1 for a day off"
WORKING_DAYS: dict[str, Function] = {
    "NETWORKDAYS": lift(_count_plain, "strict number", "strict number", "array", optional=1, refuses_ranges=True),
    "NETWORKDAYS.INTL": lift(_count, "strict number", "strict number", "value", "array", optional=2, note=_OWN),
    "WORKDAY": lift(_later_plain, "strict number", "strict number", "array", optional=1, refuses_ranges=True),
    "WORKDAY.INTL": lift(_later, "strict number", "strict number", "value", "array", optional=2, note=_OWN),
}

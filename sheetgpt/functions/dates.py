"""Dates and times, as serial numbers of the 1900 date system."""

from __future__ import annotations

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core import date_serial
from sheetgpt.functions.core.coercion import NUM, to_number
from sheetgpt.functions.core.day_count import Day, days_between, days_in_year
from sheetgpt.functions.core.signature import Function
from sheetgpt.functions.core.vectorize import lift, numbers, strict

_LIMIT = 32_767  # the largest hour, minute or second of TIME


def _date(year: float, month: float, day: float) -> Value:
    whole = int(year // 1)
    if whole < 0 or abs(month) > 1e6 or abs(day) > 1e7:
        return NUM
    number = date_serial.from_date(whole + (1900 if whole < 1900 else 0), int(month // 1), int(day // 1))
    return NUM if number is None else float(number)


def _part(which: int) -> Function:
    def part(number: float) -> Value:
        day = date_serial.to_date(number)
        return NUM if day is None else float(day[which])

    return lift(part, "number")


def _time_part(which: int) -> Function:
    def part(number: float) -> Value:
        return NUM if number < 0 else float(date_serial.to_time(number)[which])

    return lift(part, "number")


def _time(hour: float, minute: float, second: float) -> Value:
    if max(int(hour), int(minute), int(second)) > _LIMIT:
        return NUM
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second)
    return NUM if seconds < 0 else seconds % 86400 / 86400


def _weekday(number: float, kind: float = 1.0) -> Value:
    """WEEKDAY: kind 1 counts from Sunday 1, 2 from Monday 1, 3 from Monday 0, 11 to 17 from each day 1."""
    if not 0 <= number <= date_serial.LAST + 1:
        return NUM
    sunday_first = (int(number) - 1) % 7  # serial 1 counts as a Sunday
    way = int(kind)
    if way == 3:
        return float((sunday_first - 1) % 7)
    first = {1: 0, 2: 1, 11: 1, 12: 2, 13: 3, 14: 4, 15: 5, 16: 6, 17: 0}.get(way)
    return NUM if first is None else float((sunday_first - first) % 7 + 1)


def _week_number(number: float, kind: float = 1.0) -> Value:
    if int(kind) == 21:
        return _iso_week(number)
    first = {1: 1, 2: 2, 11: 2, 12: 3, 13: 4, 14: 5, 15: 6, 16: 7, 17: 1}.get(int(kind))
    day = date_serial.to_date(number)
    if first is None or day is None:
        return NUM
    january = date_serial.from_date(day[0], 1, 1) or 0
    return float((int(number) - january + ((january - 1) % 7 - (first - 1)) % 7) // 7 + 1)


def _iso_week(number: float) -> Value:
    """The week of the year after ISO 8601: the one with the year's first Thursday is week 1."""
    thursday = int(number) - (int(number) - 2) % 7 + 3
    day = date_serial.to_date(thursday)
    if number < 0 or number >= date_serial.LAST + 1:
        return NUM
    if thursday < 1 or day is None:
        return 52.0  # of 1899
    return float((thursday - (date_serial.from_date(day[0], 1, 1) or 0)) // 7 + 1)


def _months_later(number: float, months: float) -> Value:
    day = date_serial.to_date(number)
    if day is None or abs(months) > 1e6:
        return NUM
    total = day[0] * 12 + day[1] - 1 + int(months)
    year, month = total // 12, total % 12 + 1
    if not 1900 <= year <= 9999:
        return NUM
    result = date_serial.from_date(year, month, min(day[2], date_serial.days_in_month(year, month)))
    return NUM if result is None else float(result)


def _end_of_month(number: float, months: float) -> Value:
    day = date_serial.to_date(number)
    first = NUM if day is None else _months_later(number - number % 1 - day[2] + 1, months)
    if isinstance(first, ErrorValue) or not isinstance(first, float):
        return first
    year, month, _ = date_serial.to_date(first) or (1900, 1, 1)
    return first + date_serial.days_in_month(year, month) - 1


def _days(end: Value, start: Value) -> Value:
    last, first = to_number(end), to_number(start)
    for number in (last, first):
        if isinstance(number, ErrorValue):
            return number
        if date_serial.to_date(number) is None:
            return NUM
    assert isinstance(last, float)
    assert isinstance(first, float)
    return float(int(last) - int(first))


def _days_360(start: float, end: float, european: bool = False) -> Value:
    a, b = date_serial.to_date(start), date_serial.to_date(end)
    return NUM if a is None or b is None else float(_thirty_days(a, b, european))


def _thirty_days(a: tuple[int, int, int], b: tuple[int, int, int], european: bool) -> int:
    """Days between two dates in years of twelve months of 30 days."""
    first, last = a[2], b[2]
    if european:
        first, last = min(first, 30), min(last, 30)
    else:
        if first == date_serial.days_in_month(a[0], a[1]) and (a[1] == 2 or first == 31):
            first = 30
        if last == 31:
            last = 31 if first < 30 else 30
    return (b[0] - a[0]) * 360 + (b[1] - a[1]) * 30 + last - first


def _year_fraction(start: float, end: float, basis: float = 0.0) -> Value:
    start, end = min(start, end), max(start, end)
    a, b, way = date_serial.to_date(start), date_serial.to_date(end), int(basis)
    if a is None or b is None or not 0 <= way <= 4:
        return NUM
    first, last = Day(int(start), *a), Day(int(end), *b)
    return days_between(way, first, last) / days_in_year(way, first, last)


def _date_difference(start: float, end: float, unit: str) -> Value:
    """DATEDIF."""
    a, b = date_serial.to_date(start), date_serial.to_date(end)
    if a is None or b is None or start > end:
        return NUM
    months = (b[0] - a[0]) * 12 + b[1] - a[1] - (b[2] < a[2])
    after_birthday = int(end) - (date_serial.from_date(b[0] - ((b[1], b[2]) < (a[1], a[2])), a[1], a[2]) or 0)
    units = {"Y": months // 12, "M": months, "D": int(end) - int(start), "YM": months % 12, "YD": after_birthday}
    if unit.upper() == "MD":
        return float(b[2] - a[2] if b[2] >= a[2] else int(end) - (date_serial.from_date(b[0], b[1] - 1, a[2]) or 0))
    return float(units[unit.upper()]) if unit.upper() in units else NUM


DATES: dict[str, Function] = {
    "DATE": lift(_date, *numbers(3)),
    "YEAR": _part(0),
    "MONTH": _part(1),
    "DAY": _part(2),
    "TIME": lift(_time, *numbers(3)),
    "HOUR": _time_part(0),
    "MINUTE": _time_part(1),
    "SECOND": _time_part(2),
    "WEEKDAY": lift(_weekday, "number", "number", optional=1),
    "WEEKNUM": strict(lift(_week_number, "strict number", "strict number", optional=1)),
    "ISOWEEKNUM": lift(_iso_week, "number"),
    "EDATE": strict(lift(_months_later, "strict number", "strict number")),
    "EOMONTH": strict(lift(_end_of_month, "strict number", "strict number")),
    "DAYS": lift(_days, "value", "value"),
    "DAYS360": lift(_days_360, "number", "number", "boolean", optional=1),
    "YEARFRAC": strict(lift(_year_fraction, "strict number", "strict number", "strict number", optional=1)),
    "DATEDIF": lift(
        _date_difference,
        "number",
        "number",
        "text",
        note='"MD" as documented, without the wrong results that Excel warns of',
    ),
}

"""Dates and times as Excel counts them: days since the end of 1899, the time as a fraction of a day.

Serial 1 is 1900-01-01. Excel keeps a bug of Lotus 1-2-3: serial 60 is 1900-02-29, a day that never was.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

LAST = 2958465  # 9999-12-31
_FIRST = date(1899, 12, 30).toordinal()
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)

_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_AMERICAN = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[- /]?([A-Za-z]{3,9})[- /,]*(\d{4}|\d{2})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})[- ](\d{1,2}),? +(\d{4})")
_MONTH_ONLY = re.compile(r"(?:(\d{1,2})[-/]|([A-Za-z]{3,9})[- /,]+)(\d{4})")  # the first day of it
_TIME = re.compile(r"(\d{1,4})(?::(\d{1,4}))?(?::(\d{1,4}(?:\.\d*)?))? *(am|pm|a|p)?", re.IGNORECASE)


def from_date(year: int, month: int, day: int) -> int | None:
    """The serial of a day; months and days overflow into the next unit; None outside 1900 to 9999."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if not 1899 <= year <= 9999:
        return None
    before_bug = (year, month) <= (1900, 2)
    serial = date(year, month, 1).toordinal() - _FIRST - before_bug + day - 1
    return serial if 0 <= serial <= LAST else None


def to_date(serial: float) -> tuple[int, int, int] | None:
    """(year, month, day) of a serial, (1900, 1, 0) for 0; None where it is no date."""
    days = int(serial // 1)
    if not 0 <= days <= LAST:
        return None
    if days in (0, 60):
        return (1900, 1, 0) if days == 0 else (1900, 2, 29)
    day = date.fromordinal(_FIRST + days + (1 if days < 60 else 0))
    return day.year, day.month, day.day


def to_time(serial: float) -> tuple[int, int, int]:
    """(hour, minute, second) of a serial, to the nearest second."""
    seconds = round(serial % 1 * 86400) % 86400
    return seconds // 3600, seconds // 60 % 60, seconds % 60


def days_in_month(year: int, month: int) -> int:
    """The number of days of a month, February 1900 having 29 as in Excel."""
    return 29 if (year, month) == (1900, 2) else monthrange(year, month)[1]


def is_leap(year: int) -> bool:
    """Whether a year has 366 days; 1900 has not, though Excel gives it a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def parse(text: str) -> float | None:
    """The serial of a text such as "2024-02-29 06:00", "3/14/2024", "14-Mar-2024" or "2:30 PM"; else None."""
    day = parse_date(text)  # a date has no spaces around it, a time may have
    if day is not None:
        return day
    time = parse_time(text.strip())
    if time is not None:
        return time
    for cut in (place.start() for place in re.finditer(r"[ T]", text)):
        day, time = parse_date(text[:cut]), parse_time(text[cut + 1 :].strip())
        if day is not None and time is not None:
            return day + time
    return None


def parse_date(text: str) -> float | None:
    """The serial of a text that is a date alone, read as an American Excel does; else None."""
    if match := _ISO.fullmatch(text):
        return _valid(int(match[1]), int(match[2]), int(match[3]))
    if match := _AMERICAN.fullmatch(text):
        return _valid(_century(match[3]), int(match[1]), int(match[2]))
    if match := _DAY_FIRST.fullmatch(text):
        return _valid(_century(match[3]), _month(match[2]), int(match[1]))
    if match := _MONTH_FIRST.fullmatch(text):
        return _valid(int(match[3]), _month(match[1]), int(match[2]))
    if match := _MONTH_ONLY.fullmatch(text):
        return _valid(int(match[3]), int(match[1]) if match[1] else _month(match[2]), 1)
    return None


def parse_time(text: str) -> float | None:
    """The fraction of a day of a text that is a time alone ("6:00", "12:00 PM"; "24:00" is 1); else None.

    One part may be more than its unit holds, as in "4:65": the rest goes into the next one.
    """
    match = _TIME.fullmatch(text)
    if not match or (match[2] is None and match[4] is None):
        return None
    hour, minute, second = int(match[1]), int(match[2] or 0), float(match[3] or 0)
    beyond = (hour > 23) + (minute > 59) + (second >= 60)
    if beyond > 1 or (match[4] and (hour > 12 or beyond)):
        return None
    if match[4]:
        hour = hour % 12 + (12 if match[4].lower().startswith("p") else 0)
    return (hour * 3600 + minute * 60 + second) / 86400


def _valid(year: int, month: int, day: int) -> float | None:
    if not (1900 <= year <= 9999 and 1 <= month <= 12 and 1 <= day <= days_in_month(year, month)):
        return None
    serial = from_date(year, month, day)
    return None if serial is None else float(serial)


def _century(digits: str) -> int:
    """The year of two digits: Excel reads 00 to 29 as 2000 to 2029."""
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 30 else 1900)


def _month(name: str) -> int:
    """The number of an English month, 0 if there is none of that name."""
    for number, month in enumerate(MONTHS, 1):
        if name.lower() in (month, month[:3]):
            return number
    return 0

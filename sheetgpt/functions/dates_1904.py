"""Dates that count from 1904: what is put around the functions of dates in a workbook of that system.

A serial number of the 1904 system is 1,462 smaller (https://support.microsoft.com/office/date-systems-in-excel). The
functions themselves know the 1900 system; text that says a date is read as a serial number of that.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from sheetgpt.book.settings import DAYS_TO_1904
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core import date_serial
from sheetgpt.functions.core.broadcasting import first, pack
from sheetgpt.functions.core.broadcasting import single as array_of
from sheetgpt.functions.core.coercion import NUM, general, parse_number
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift
from sheetgpt.functions.text import TEXT

_MARKS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|AM/PM|A/P|General', re.IGNORECASE)
_PARTS = re.compile(r"\[[hms]+\]|y+|m+|d+|h+|s+", re.IGNORECASE)
_CRITERION = re.compile(r"(<>|<=|>=|<|>|=)?(.*)", re.DOTALL)

# Which arguments of a function are dates, from 0; those of functions of money too, whether they are there or not.
_START_END, _THREE, _FOUR = (0, 1), (0, 1, 2), (0, 1, 2, 3)
DATE_ARGUMENTS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("YEAR", "MONTH", "DAY", "WEEKDAY", "WEEKNUM", "ISOWEEKNUM", "EDATE", "EOMONTH"), (0,)),
    **dict.fromkeys(
        ("DAYS", "DAYS360", "YEARFRAC", "DATEDIF", "ACCRINTM", "DISC", "DURATION", "MDURATION"), _START_END
    ),
    **dict.fromkeys(("COUPDAYBS", "COUPDAYS", "COUPDAYSNC", "COUPNCD", "COUPNUM", "COUPPCD", "INTRATE"), _START_END),
    **dict.fromkeys(("PRICE", "PRICEDISC", "RECEIVED", "TBILLEQ", "TBILLPRICE", "TBILLYIELD"), _START_END),
    **dict.fromkeys(("YIELD", "YIELDDISC"), _START_END),
    **dict.fromkeys(("NETWORKDAYS", "ACCRINT", "PRICEMAT", "YIELDMAT", "ODDLPRICE", "ODDLYIELD"), _THREE),
    **dict.fromkeys(("ODDFPRICE", "ODDFYIELD"), _FOUR),
    **dict.fromkeys(("AMORDEGRC", "AMORLINC"), (1, 2)),
    "NETWORKDAYS.INTL": (0, 1, 3),
    "WORKDAY": (0, 2),
    "WORKDAY.INTL": (0, 3),
    "XIRR": (1,),
    "XNPV": (2,),
}
GIVES_DATE = frozenset(("DATE", "DATEVALUE", "EDATE", "EOMONTH", "WORKDAY", "WORKDAY.INTL", "COUPNCD", "COUPPCD"))


def _later(number: float) -> float:
    """A serial number of the 1904 system in the 1900 system; negative ones are no dates in either."""
    return number + DAYS_TO_1904 if number >= 0 else number


def date_of(text: str) -> float | None:
    """The serial number of the 1900 system that a text stands for if it says a day; else None."""
    number = parse_number(text)
    if number is None or number != date_serial.parse(text) or date_serial.parse_time(text.strip()) is not None:
        return None
    return number


def _from_1904(value: Value) -> Value:
    """A date as an argument: a number is moved, a text that says a day is not."""
    if value is None:
        return float(DAYS_TO_1904)
    if isinstance(value, bool):
        return _later(float(value))
    if isinstance(value, str):
        number = None if date_of(value) is not None else parse_number(value)
        return value if number is None else _later(number)
    return value if isinstance(value, ErrorValue) else _later(value)


def _strictly_from_1904(value: Value) -> Value:
    """As the functions of the Analysis ToolPak take dates: they refuse booleans themselves."""
    return value if isinstance(value, bool) else _from_1904(value)


def _all_from_1904(operand: Operand | None) -> np.ndarray:
    """Dates in cells: only numbers are moved."""
    values = array_of(None) if operand is None else operand.values
    moved = [_later(value) if type(value) is float else value for value in values.ravel().tolist()]
    return pack(moved, values.shape)


def _to_1904(value: Value) -> Value:
    """A date as a result."""
    if isinstance(value, float) and not isinstance(value, bool):
        return value - DAYS_TO_1904 if value >= DAYS_TO_1904 else NUM
    return value


def _number_of_text(value: Value) -> Value:
    """A text that says a day as its serial number of the 1904 system; all else as it is."""
    day = date_of(value) if isinstance(value, str) else None
    return value if day is None else day - DAYS_TO_1904


def _criterion(value: Value) -> Value:
    """A criterion such as ">=2024-02-29" with the serial number in place of the date."""
    if not isinstance(value, str):
        return value
    match = _CRITERION.fullmatch(value)
    day = date_of(match[2]) if match else None
    return value if day is None or match is None else (match[1] or "") + general(day - DAYS_TO_1904)


def _value(value: Value) -> Value:
    """VALUE."""
    moved = _number_of_text(value)
    return moved if moved is not value else first(TEXT["VALUE"].call(Operand(array_of(value))))


def text_1904(value: Value, layout: str) -> Value:
    """TEXT: of a number as a date; a negative one has a sign in this system."""
    shows_day, shows_time = _shows(layout)
    moved = _number_of_text(value)
    number = parse_number(moved) if isinstance(moved, str) else 0.0 if moved is None else moved
    if isinstance(number, bool) or not isinstance(number, float) or not (shows_day or shows_time):
        return _as_text(moved, layout)
    magnitude = abs(number) + DAYS_TO_1904 * shows_day
    shown = _as_text(magnitude, layout)
    return "-" + shown if number < 0 and isinstance(shown, str) else shown


def _as_text(value: Value, layout: str) -> Value:
    return first(TEXT["TEXT"].call(Operand(array_of(value)), Operand(array_of(layout))))


def _shows(layout: str) -> tuple[bool, bool]:
    """Whether a number format shows days, months or years, and whether it shows times."""
    parts = [part.lower() for part in _PARTS.findall(_MARKS.sub(" ", layout))]
    kinds = [part.strip("[]")[0] for part in parts]
    minutes = [
        part == "m" and ("h" in kinds[max(place - 1, 0) : place] or "s" in kinds[place + 1 : place + 2])
        for place, part in enumerate(kinds)
    ]
    elapsed = [part.startswith("[") for part in parts]
    days = [k in "yd" or (k == "m" and not minute) for k, minute in zip(kinds, minutes, strict=True)]
    shows_day = any(day and not whole for day, whole in zip(days, elapsed, strict=True))
    return shows_day, bool(parts) and not all(day and not whole for day, whole in zip(days, elapsed, strict=True))


def _one(function: Callable[..., Value]) -> Function:
    return lift(function, "value")


FROM, FROM_STRICT, FROM_ALL, TO = "from 1904", "from 1904, strictly", "all from 1904", "to 1904"
NUMBER_OF_TEXT, CRITERION = "number of a text of 1904", "criterion of 1904"
INSTEAD = {"TEXT": "TEXT of 1904", "VALUE": "VALUE of 1904"}
DATES_1904: dict[str, Function] = {
    FROM: _one(_from_1904),
    FROM_STRICT: _one(_strictly_from_1904),
    FROM_ALL: Function(call=_all_from_1904, parameters=("array",), batched=True),
    TO: _one(_to_1904),
    NUMBER_OF_TEXT: _one(_number_of_text),
    CRITERION: _one(_criterion),
    INSTEAD["TEXT"]: lift(text_1904, "value", "text"),
    INSTEAD["VALUE"]: _one(_value),
}

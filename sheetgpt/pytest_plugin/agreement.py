"""Whether a cell holds what a test expects."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from decimal import Decimal

import numpy as np

from sheetgpt.book.settings import DAYS_TO_1904
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import UsageError

_CLOSE = 1e-9
_EPOCH = datetime(1899, 12, 30)


def as_value(value: object, date1904: bool) -> object:
    """What a test writes, as a cell holds it: dates are serial numbers; what is no value of a cell stays as it is."""
    if isinstance(value, date):
        moment = value if isinstance(value, datetime) else datetime.combine(value, time())
        if moment.tzinfo is not None or moment.year < 1900:
            raise UsageError(f"{value} is no date of a cell", "give a date from 1900 on, without a time zone")
        days = (moment - _EPOCH).total_seconds() / 86_400
        return days - (days <= 60) - DAYS_TO_1904 * date1904  # 1900-02-29 never was
    if isinstance(value, bool | np.bool_):
        return bool(value)
    return float(value) if isinstance(value, int | float | Decimal | np.integer | np.floating) else value


def agree(found: Value, expected: object, tolerance: float | None = None) -> bool:
    """Whether a value is what is expected, of the same kind: TRUE is not 1, a blank is not "".

    Numbers may differ by the tolerance; without one by 1e-9, of the number expected where it is larger than 1. An error
    may be given by its text. What is no value of a cell, such as pytest.approx(3), decides by ==.
    """
    if tolerance is not None and not tolerance >= 0:
        raise UsageError(f"{tolerance!r} is no tolerance", "give a number from 0 on")
    if isinstance(found, ErrorValue) and isinstance(expected, str):
        return str(found) == expected
    if isinstance(expected, float):
        if not isinstance(found, float):
            return False
        allowed = _CLOSE * max(1.0, abs(expected)) if tolerance is None else tolerance
        return found == expected or (math.isfinite(expected) and abs(found - expected) <= allowed)
    if expected is None or isinstance(expected, str | bool | ErrorValue):
        return type(found) is type(expected) and found == expected
    return bool(found == expected)

"""Working days: from Microsoft's pages, and against numpy's business days."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.calling import NA, NUM, VALUE, Case, check, excel

EPOCH = date(1899, 12, 30)


def serial(*day: int) -> int:
    """Excel's number of a day after February 1900."""
    return (date(*day) - EPOCH).days


HOLIDAYS = [serial(2006, 1, 2), serial(2006, 1, 16)]
CASES: list[Case] = [
    ("NETWORKDAYS", [serial(2012, 10, 1), serial(2013, 3, 1)], 110.0),
    ("NETWORKDAYS", [serial(2012, 10, 1), serial(2013, 3, 1), serial(2012, 11, 22)], 109.0),
    ("NETWORKDAYS.INTL", [serial(2006, 1, 1), serial(2006, 1, 31)], 22.0),
    ("NETWORKDAYS.INTL", [serial(2006, 2, 28), serial(2006, 1, 31)], -21.0),
    ("NETWORKDAYS.INTL", [serial(2006, 1, 1), serial(2006, 2, 1), 7, HOLIDAYS], 22.0),
    ("NETWORKDAYS.INTL", [serial(2006, 1, 1), serial(2006, 2, 1), "0010001", HOLIDAYS], 20.0),
    ("NETWORKDAYS.INTL", [1, 100, "1111111"], 0.0),
    ("NETWORKDAYS.INTL", [1, 100, 8], NUM),
    ("NETWORKDAYS.INTL", [1, 100, "000001"], VALUE),
    ("NETWORKDAYS.INTL", [1, 100, "0000012"], VALUE),
    ("NETWORKDAYS.INTL", [-1, 100], NUM),
    ("NETWORKDAYS.INTL", [1, 2, 1, [[NA]]], NA),
    ("NETWORKDAYS.INTL", [1, 2, 1, [["x"]]], VALUE),
    ("WORKDAY", [serial(2008, 10, 1), 151], float(serial(2009, 4, 30))),
    (
        "WORKDAY",
        [serial(2008, 10, 1), 151, [serial(2008, 11, 26), serial(2008, 12, 4), serial(2009, 1, 21)]],
        float(serial(2009, 5, 5)),
    ),
    ("WORKDAY.INTL", [serial(2012, 1, 1), 30, 0], NUM),
    ("WORKDAY.INTL", [serial(2012, 1, 1), 90, 11], 41013.0),
    ("WORKDAY.INTL", [serial(2012, 1, 1), 30, 17], float(serial(2012, 2, 5))),
    ("WORKDAY.INTL", [serial(2012, 1, 1), 3, "1111111"], VALUE),
    ("WORKDAY.INTL", [serial(2012, 1, 7), 0], float(serial(2012, 1, 7))),
    ("WORKDAY", [100, -100], NUM),
    ("WORKDAY", [1, 1e9], NUM),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_function(name: str, arguments: list, expected: Any) -> None:
    check(excel(name, *arguments), expected)


days = st.integers(serial(1950, 1, 1), serial(2050, 1, 1))
weeks = st.lists(st.sampled_from("01"), min_size=7, max_size=7).map("".join).filter(lambda week: "0" in week)


@given(days, st.integers(0, 3000), weeks, st.lists(st.integers(0, 3000), max_size=8))
def test_days_are_numpys_business_days(start: int, length: int, week: str, off: list[int]) -> None:
    mask = [day == "0" for day in week]
    holidays = [start + day for day in off]
    first, last = np.datetime64(EPOCH) + start, np.datetime64(EPOCH) + start + length
    free = [np.datetime64(EPOCH) + day for day in holidays]
    count = np.busday_count(first, last + 1, weekmask=mask, holidays=free)
    assert excel("NETWORKDAYS.INTL", start, start + length, week, [holidays] if holidays else [None]) == count


@given(days, st.integers(-900, 900).filter(bool), weeks, st.lists(st.integers(-900, 900), max_size=8))
def test_days_later_are_numpys(start: int, count: int, week: str, off: list[int]) -> None:
    mask = [day == "0" for day in week]
    holidays = [start + day for day in off]
    roll = "backward" if count > 0 else "forward"
    there = np.busday_offset(
        np.datetime64(EPOCH) + start,
        count,
        roll=roll,  # type: ignore[call-overload]
        weekmask=mask,
        holidays=[np.datetime64(EPOCH) + day for day in holidays],
    )
    expected = (there - np.datetime64(EPOCH)).astype(int)
    assert excel("WORKDAY.INTL", start, count, week, [holidays] if holidays else [None]) == expected

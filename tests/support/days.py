"""Days as numbers, for tests."""

from __future__ import annotations

from datetime import date


def serial(year: int, month: int, day: int) -> float:
    """The serial number of a day after February 1900."""
    return float(date(year, month, day).toordinal() - date(1899, 12, 30).toordinal())

"""The clock and the random numbers of a calculation: both given, so that a calculation can be repeated.

A random number depends on the seed, on how often the workbook has been calculated, on the cell, on which of the
formula's draws it is, and on the place in an array. It depends neither on the order of calculation nor on which
formulas are calculated together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from sheetgpt.book.settings import DAYS_TO_1904
from sheetgpt.errors import UsageError

DEFAULT_SEED = 0
_EPOCH = datetime(1899, 12, 30)
_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


class Clock:
    """What time it is for NOW and TODAY, and the numbers that RAND and its kin draw.

    `now` stands still; without it each calculation has the time at which it begins. Raises UsageError for a time with
    a zone, or before 1900.
    """

    def __init__(self, now: datetime | None = None, seed: int = DEFAULT_SEED, salt: Sequence[int] = ()) -> None:
        if now is not None and (now.tzinfo is not None or now.year < 1900):
            raise UsageError(f"{now.isoformat()} is no time of a cell", "give a time from 1900 on, without a time zone")
        self.given, self.seed, self.salt = now, seed, tuple(salt)
        self.now = now or datetime.now()
        self.count = 0  # calculations begun

    def begin(self) -> None:
        """Another calculation begins: the time goes on, and random numbers are drawn anew."""
        self.count += 1
        self.now = self.given or datetime.now()

    def within(self, *salt: int) -> Clock:
        """A clock for calculations inside this one, which draw other numbers."""
        return Clock(self.now, self.seed, (*self.salt, self.count, *salt))

    def serial(self, date1904: bool) -> float:
        """The time as a serial number, to the hundredth of a second as NOW gives it."""
        passed = self.now - _EPOCH
        hundredths = round(passed.seconds * 100 + passed.microseconds // 10_000)
        days = passed.days - (passed.days <= 60) - DAYS_TO_1904 * date1904  # 1900-02-29 never was
        return days + hundredths / 8_640_000

    def draw(self, number: int, cells: np.ndarray, rows: int, columns: int) -> np.ndarray:
        """Numbers from 0 to below 1 [cell, row, column] for a formula's draw with a number.

        `cells` has the (sheet, row, column) of each formula.
        """
        start = 0
        for part in (self.seed, *self.salt, self.count, number):
            start = _mix_number(start ^ (part & _MASK))
        places = cells.astype(np.uint64)
        key = places[:, 0] << np.uint64(40) | places[:, 1] << np.uint64(20) | places[:, 2]
        own = _mix(_mix(key) ^ np.uint64(start))
        spots = np.arange(1, rows * columns + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
        mixed = _mix(own[:, None] + spots[None, :]) >> np.uint64(11)
        shares: np.ndarray = mixed.astype(np.float64).reshape(len(cells), rows, columns) * 2.0**-53
        return shares


def _mix(values: np.ndarray) -> np.ndarray:
    """Each of some 64-bit numbers scattered over all of them (the finalizer of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    scattered: np.ndarray = values ^ (values >> np.uint64(31))
    return scattered


def _mix_number(value: int) -> int:
    return int(_mix(np.array([(value + _GOLDEN) & _MASK], dtype=np.uint64))[0])

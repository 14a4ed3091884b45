"""Number formatting: numbers as decimal digits, many at once.

A number is `plain` if its shortest text is one digit, a point and at most 14 more, as nearly all weights of a model
have it: 0.0318, -2.5. Such numbers are exact integers of 10 ** -14, so that their digits come from whole-number
arithmetic. What is not plain (0, 7, 12.5, 1e-9, 17 digits) is left to `rows.number_text`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_UNIT = 1e14  # x * 1e14 is rounded to the right integer, and integer / 1e14 to the nearest float64, below 1e15
_LEAD = 10_000  # the digit before the point and three after it
CHARS = 6  # of the longest lead, "-0.123"
BLANK = 1000  # place in TRIPLES of no digits at all


class Digits(NamedTuple):
    """Where the parts of numbers stand in `LEADS` and `TRIPLES`; all arrays as long as the numbers.

    A text is its lead, then three triples of digits, then the last one or two, without zeros at the end. Where `plain`
    is False the rest means nothing.
    """

    plain: np.ndarray
    lead: np.ndarray
    groups: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def digits(numbers: np.ndarray) -> Digits:
    """Cut float64 numbers [n] into digits."""
    size = np.abs(numbers)
    with np.errstate(over="ignore", invalid="ignore"):
        units = np.rint(size * _UNIT)
        plain = (units / _UNIT == size) & (units < 9e14)
    units = np.where(plain, units, 0.0)
    whole = units.astype(np.int64)
    rest, groups, blank = whole, [], np.ones(len(numbers), dtype=bool)
    for power in (100, 1000, 1000, 1000):  # from the right: a group is stripped where all to its right are blank
        left = rest // power
        group = (rest - left * power).astype(np.int32)
        if power == 100:
            group *= 10  # as the first two digits of a triple
        groups.append(group + blank * np.int32(BLANK))
        blank = blank & (group == 0)
        rest = left
    lead = rest.astype(np.int32) + blank * np.int32(_LEAD) + (numbers < 0) * np.int32(2 * _LEAD)
    plain &= (rest % 1000 != 0) | ~blank  # no digit after the point: written without one
    return Digits(plain, lead, (groups[3], groups[2], groups[1], groups[0]))


def _texts() -> tuple[list[str], list[str]]:
    triples = [f"{k:03d}" for k in range(1000)]
    triples += [text.rstrip("0") for text in triples]  # from BLANK on
    triples += [f"{k:02d}" for k in range(100)] + [f"{k}" for k in range(10)]  # what is left when the end is in a copy
    leads = [f"{k // 1000}.{k % 1000:03d}" for k in range(_LEAD)]
    leads += [text.rstrip("0") for text in leads]
    return leads + ["-" + text for text in leads], triples


LEADS, TRIPLES = _texts()  # a last group is 2 digits of a triple: "5" is 500, its text "50", stripped "5"

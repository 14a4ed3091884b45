"""Precision as displayed: a number rounded to what a number format shows of it.

Microsoft, "Set rounding precision": formats of fixed decimals, percents, thousands, fractions and powers of ten round;
General, text, dates and times do not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_PIECE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|.', re.DOTALL)
_CONDITION = re.compile(r"\[(<>|<=|>=|<|>|=)(-?[0-9.]+)\]")
_NUMBER = re.compile(r"([0#?,]*)(?:\.([0#?]*))?(,*)(E[+-][0#?]+)?", re.IGNORECASE)
_FRACTION = re.compile(r"([0#?]+)\s*/\s*([0#?]+|[1-9][0-9]*)")
_DIGIT = re.compile("[0#?]")


class _Section(NamedTuple):
    """A part of a format: its condition, and its characters that mean something."""

    condition: tuple[str, float] | None
    marks: str


def as_displayed(number: float, layout: str) -> float:
    """The number that a cell with a number format shows."""
    marks = _marks(number, _sections(layout))
    if not _DIGIT.search(marks) or re.search("[ymdhs@]|General", marks.replace("E+", "").replace("E-", ""), re.I):
        return number
    if match := _FRACTION.search(marks):
        return _nearest_fraction(number, match[2])
    found = next(match for match in _NUMBER.finditer(marks) if _DIGIT.search(match[0]))
    whole, places, exponent = found[1], len(found[2] or ""), found[4]
    if exponent:
        return _scientific(number, max(1, len(_DIGIT.findall(whole))), places)
    thousands = len(found[3]) if found[2] is not None else len(whole) - len(whole.rstrip(","))
    if found[2] is None:
        thousands += len(found[3])
    return _rounded(number, places + 2 * marks.count("%") - 3 * thousands)


@lru_cache(maxsize=1 << 10)
def _sections(layout: str) -> tuple[_Section, ...]:
    found = [_Section(None, "")]
    for piece in _PIECE.findall(layout):
        if piece == ";":
            found.append(_Section(None, ""))
        elif match := _CONDITION.fullmatch(piece):
            found[-1] = found[-1]._replace(condition=(match[1], float(match[2])))
        elif re.fullmatch(r"\[[hms]+\]", piece, re.IGNORECASE):
            found[-1] = found[-1]._replace(marks=found[-1].marks + piece[1:-1])
        elif len(piece) == 1:
            found[-1] = found[-1]._replace(marks=found[-1].marks + piece)
        else:
            found[-1] = found[-1]._replace(marks=found[-1].marks + "\x00")  # what is only shown
    return tuple(found)


def _marks(number: float, sections: tuple[_Section, ...]) -> str:
    """The section for a number."""
    if any(section.condition for section in sections):
        met = (s.marks for s in sections if s.condition is None or _holds(number, *s.condition))
        return next(met, "")
    if number < 0 and len(sections) > 1:
        return sections[1].marks
    return sections[2 if number == 0 and len(sections) > 2 else 0].marks


def _holds(number: float, sign: str, limit: float) -> bool:
    return {
        "<": number < limit,
        ">": number > limit,
        "=": number == limit,
        "<=": number <= limit,
        ">=": number >= limit,
        "<>": number != limit,
    }[sign]


def _rounded(number: float, places: int) -> float:
    """Halves away from zero, as the number's 15 digits say."""
    from decimal import ROUND_HALF_UP, Decimal  # here, as it takes its time

    exact = Decimal(format(number, ".15g"))
    if -exact.as_tuple().exponent <= places:  # type: ignore[operator]
        return number
    return float(exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def _scientific(number: float, width: int, places: int) -> float:
    if number == 0:
        return number
    power = int(format(number, ".14e").rpartition("e")[2])
    power -= power % width if width > 1 else 0
    return _rounded(number, places - power)


def _nearest_fraction(number: float, denominator: str) -> float:
    from fractions import Fraction  # here, as it takes its time

    if denominator.isdigit() and denominator.strip("0"):
        return float(round(Fraction(number) * int(denominator)) / Fraction(int(denominator)))
    return float(Fraction(number).limit_denominator(10 ** len(denominator) - 1))

"""Whether two engines mean the same, and what kind of value one is."""

from __future__ import annotations

import re

from fuzz.engines import Silence
from sheetgpt.book.values import ErrorValue, Value

_MANY_DIGITS = re.compile(r"-?(?=.{12})\d+(\.\d+)?([Ee][+-]\d+)?")
TOLERANCE = 1e-9  # of the numbers: series and searches end at different digits
_SMALLEST = 1e-13  # what is left of numbers around 1 that cancel


def kind_of(value: Value | Silence) -> str:
    """A word for it: "number", "text", "boolean", an error by its name, "nothing" for a blank, "silence"."""
    if isinstance(value, Silence):
        return "silence"
    if isinstance(value, ErrorValue):
        return str(value)
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "text" if value else "empty text"
    return "nothing" if value is None else "number"


def agree(ours: Value | Silence, theirs: Value | Silence, scale: float = 0.0, tolerance: float = TOLERANCE) -> bool:
    """Whether two values are the same: an error as any error, a boolean as its number, a blank as 0 and as "".

    `#SPILL!` says something of the cells around a formula, and agrees with all, as silence does.
    `scale` is the size of the numbers that a result near zero is left over of.
    """
    if any(isinstance(value, Silence) or value is ErrorValue.SPILL for value in (ours, theirs)):
        return True
    if isinstance(ours, ErrorValue) or isinstance(theirs, ErrorValue):
        return isinstance(ours, ErrorValue) and isinstance(theirs, ErrorValue)
    if ours is None or theirs is None:
        return all(value in (None, 0.0, "") for value in (ours, theirs))
    if isinstance(ours, str) or isinstance(theirs, str):
        return ours == theirs or _complex_agree(str(ours), str(theirs))
    difference = abs(float(ours) - float(theirs))
    return difference <= max(tolerance * max(abs(ours), abs(theirs)), _SMALLEST * min(scale or 1.0, 1e300))


def _complex_agree(ours: str, theirs: str) -> bool:
    """Whether two texts are the same complex number but for the last digits that they show."""
    a, b = _complex(ours), _complex(theirs)
    return a is not None and b is not None and abs(a - b) <= 1e-11 * abs(a)


def _complex(text: str) -> complex | None:
    """A complex number from its text, or a real one that has many digits or an exponent."""
    if _MANY_DIGITS.fullmatch(text):
        return complex(float(text))
    if not text.endswith(("i", "j")):
        return None
    try:
        return complex(re.sub(r"(?<![\d.])[ij]$", "1j", text).removesuffix("i").removesuffix("j") + "j")
    except ValueError:
        return None

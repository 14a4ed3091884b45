"""What the command line's arguments mean: lists of token ids, cells with values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite

from sheetgpt.book.number_text import number_text
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import UsageError
from sheetgpt.functions.core.coercion import parse_number

_ASSIGNMENT = re.compile(r"((?:'(?:[^']|'')*')?[^=]*)=(.*)", re.DOTALL)  # a sheet's name in quotes may hold "="
_NUMBER = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
# Numbers as people write them in other places, with commas, spaces, percent, a currency; dates and times in figures.
_LIKE_A_NUMBER = re.compile(
    r"[(+-]*[$€£¥]?[+-]?\d[\d.,'’ \u00a0\u202f]*([eE][+-]?\d+)?[ \u00a0\u202f]*[%€£¥$)]*"
    r"|\d{1,4}([-/.])\d{1,2}\2(\d{1,4})?|\d{1,2}[-/]\d{1,2}|\d{1,2}:\d{2}(:\d{2})?( ?[ap]m?)?|\d+ \d+/\d+"
    rf"|\d{{1,2}}[-/ ]?{_MONTH}|{_MONTH}[-/ ]\d{{1,4}}",
    re.IGNORECASE,
)

_SAME_EVERYWHERE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}:\d\d(:\d\d)?|\d+(\.\d+)?%", re.ASCII)


def assignment(text: str) -> tuple[str, Value]:
    """The cell and the value in "Sheet1!B7=3.5"; raises UsageError for a value that Excel would not take for text."""
    match = _ASSIGNMENT.fullmatch(text)
    if not match:
        raise UsageError(f"--set {text}: no value", "write it like --set Sheet1!B7=3.5")
    return match[1], parse_value(match[2])


def parse_value(text: str) -> Value:
    """What typed text means: a number, TRUE or FALSE, an error, blank, or text, which a "'" in front makes of anything.

    Raises UsageError for what Excel would make a formula or a number of (1,5; 5%; 3/4/2026), since it depends on where
    Excel is what number that is.
    """
    if text == "":
        return None
    if text.startswith("'"):
        return text[1:]
    if text.upper() in ("TRUE", "FALSE"):
        return text.upper() == "TRUE"
    if text in {str(error) for error in ErrorValue}:
        return ErrorValue(text)
    if _NUMBER.fullmatch(text):
        if not isfinite(float(text)):
            raise UsageError(f"{text} is too large for a cell", "cells hold numbers up to 1.79e308")
        return float(text)
    as_text = f'for the text put an apostrophe in front: "\'{text}"'
    if _LIKE_A_NUMBER.fullmatch(text.strip()) or parse_number(text) is not None:
        how = "write a number like 1500 or 0.05, a date as its serial number" + _for_example(text)
        raise UsageError(f"{text!r} looks like a number, but is not written as one", f"{how}; {as_text}")
    if text.lstrip()[:1] in ("=", "+", "-", "@"):
        raise UsageError(f"{text!r} would be a formula, and formulas cannot be set", as_text)
    return text


def _for_example(text: str) -> str:
    """The number that a text is wherever Excel is, in brackets; "" where that depends on the place."""
    number = parse_number(text) if _SAME_EVERYWHERE.fullmatch(text) else None
    return "" if number is None else f" ({text} is {number_text(number)})"


def numbers(text: str | None) -> Sequence[int] | None:
    """The ids in "1, 2, 3"; raises UsageError for anything else."""
    if text is None:
        return None
    try:
        return [int(part) for part in text.replace(",", " ").split()]
    except ValueError:
        raise UsageError(f"--token-ids {text!r}: expected whole numbers", "write them like 464,3290") from None

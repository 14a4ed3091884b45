"""Coercion: the kinds of values and how Excel turns one into another: numbers, texts, booleans, blanks, errors."""

from __future__ import annotations

import math
import re

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core import date_serial

NULL, DIV0, VALUE, REF = ErrorValue.NULL, ErrorValue.DIV0, ErrorValue.VALUE, ErrorValue.REF
NAME, NUM, NA, CALC = ErrorValue.NAME, ErrorValue.NUM, ErrorValue.NA, ErrorValue.CALC

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_MIXED = re.compile(r"([+-]?)(\d{1,10}) (\d{1,5})/(\d{1,5})", re.ASCII)
_PLAIN_DIGITS = 20  # longest number that turns into text without an exponent


def to_number(value: Value) -> float | ErrorValue:
    """A value as a number: blank is 0, TRUE 1, numeric text what it says; #VALUE! for other text."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, float | ErrorValue):
        return value
    if value is None:
        return 0.0
    number = parse_number(value)
    return VALUE if number is None else number


def to_text(value: Value) -> str | ErrorValue:
    """A value as text, numbers in the format General with 15 significant digits."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return general(value)
    return "" if value is None else value


def to_boolean(value: Value) -> bool | ErrorValue:
    """A value as TRUE or FALSE: 0 and blank are FALSE; of texts only "TRUE" and "FALSE" pass."""
    if isinstance(value, bool | ErrorValue):
        return value
    if isinstance(value, str):
        known = {"TRUE": True, "FALSE": False}.get(value.upper())
        return VALUE if known is None else known
    return bool(value)


def parse_number(text: str) -> float | None:
    """The number that a text says ("12", "1,234.5", "$5", "(5)", "50%", "1e3", "1 1/2", a date, a time), or None."""
    body = text.strip(" \u00a0")
    plain = _plain_number(body)
    if plain is not None:
        return plain
    sign = 1.0
    if body.startswith("(") and body.endswith(")"):
        sign, body = -1.0, body[1:-1].strip()
    if body[:1] in "+-" and body[1:2] == "$":
        body = body[0] + body[2:]
    percent = body.endswith("%")
    number = _plain_number(body.removeprefix("$").removesuffix("%").strip())
    if number is None and (mixed := _MIXED.fullmatch(body)) and int(mixed[4]):
        number = float(f"{mixed[1]}1") * (int(mixed[2]) + int(mixed[3]) / int(mixed[4]))
    if number is None:
        return date_serial.parse(text) if sign > 0 else None
    return sign * (number / 100 if percent else number)


def _plain_number(body: str) -> float | None:
    if _GROUPED.fullmatch(body):
        body = body.replace(",", "")
    elif not (_NUMBER.fullmatch(body) and body.isascii()):
        return None
    number = float(body)
    return number if math.isfinite(number) else None


def general(number: float) -> str:
    """A number as the format General writes it into a text: 15 significant digits at most."""
    if number == 0:
        return "0"
    mantissa, _, power = format(number, ".14e").partition("e")
    exponent = int(power)
    digits = mantissa.lstrip("-").replace(".", "").rstrip("0")
    sign = "-" if number < 0 else ""
    if 0 <= exponent <= _PLAIN_DIGITS:
        whole = digits[: exponent + 1].ljust(exponent + 1, "0")
        return f"{sign}{whole}.{digits[exponent + 1 :]}".rstrip(".")
    if exponent < 0 and 1 - exponent + len(digits) <= _PLAIN_DIGITS:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    return f"{sign}{digits[0]}.{digits[1:]}".rstrip(".") + f"E{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def round_digits(number: float) -> float:
    """A number rounded to the 15 significant digits that Excel's comparisons see."""
    return float(format(number, ".15g"))


def rank(value: Value) -> int:
    """Where a kind of value stands in Excel's order: numbers, then texts, then booleans, then the rest."""
    if isinstance(value, bool):
        return 2
    if isinstance(value, float):
        return 0
    return 1 if isinstance(value, str) else 3


def compare(a: Value, b: Value) -> int:
    """-1, 0 or 1 as `a` comes before, with or after `b`; errors must be sorted out before.

    Texts compare without case and by code point, a blank as the other side's 0, "" or FALSE.
    """
    a, b = _unblank(a, b), _unblank(b, a)
    if rank(a) != rank(b):
        return -1 if rank(a) < rank(b) else 1
    if isinstance(a, str) and isinstance(b, str):
        left, right = a.lower(), b.lower()
        return (left > right) - (left < right)
    if not isinstance(a, bool | float) or not isinstance(b, bool | float) or a == b:
        return 0
    left_number, right_number = round_digits(float(a)), round_digits(float(b))
    return (left_number > right_number) - (left_number < right_number)


def _unblank(value: Value, other: Value) -> Value:
    if value is not None:
        return value
    if isinstance(other, bool):
        return False
    return "" if isinstance(other, str) else 0.0

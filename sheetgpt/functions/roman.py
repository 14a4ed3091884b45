"""ROMAN and ARABIC."""

from __future__ import annotations

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.coercion import VALUE, to_number
from sheetgpt.functions.core.signature import Function
from sheetgpt.functions.core.vectorize import lift

_LETTERS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_UNITS = list(_LETTERS.items())


def _symbols(form: int) -> list[tuple[int, str]]:
    """(value, letters) from large to small; a higher form lets smaller letters stand before large ones.

    In the classic form I stands before V and X, X before L and C, C before D and M. Each form further
    lets in the next smaller letter: form 1 V before L and C, and L before D and M; form 2 I before L ...
    """
    symbols = {value: letter for letter, value in _UNITS}
    for i, (small, value) in enumerate(_UNITS):
        for j, (large, larger) in enumerate(_UNITS[i + 1 :], i + 1):
            decade = (j - 1) // 2  # 0 for V and X, 1 for L and C, 2 for D and M
            if 0 <= 2 * decade - i <= form:
                symbols[larger - value] = small + large
    return sorted(symbols.items(), reverse=True)


def roman(number: int, form: int = 0) -> str:
    """A number from 0 to 3999 in Roman numerals, from form 0 (classic) to 4 (simplified)."""
    text = ""
    for value, letters in _symbols(form):
        while number >= value:
            text += letters
            number -= value
    return text


def _roman(number: float, form: Value = None) -> Value:
    kind = form if not isinstance(form, bool) else (0.0 if form else 4.0)
    level = to_number(kind)
    if isinstance(level, ErrorValue):
        return level
    if not (0 <= int(number) <= 3999 and 0 <= int(level) <= 4):
        return VALUE
    return roman(int(number), int(level))


def _arabic(text: str) -> Value:
    """The number that Roman numerals say, without a check of their order, as in Excel."""
    body = text.strip().upper()
    sign, body = (-1.0, body[1:]) if body.startswith("-") else (1.0, body)
    if len(body) > 255 or any(letter not in _LETTERS for letter in body):
        return VALUE
    values = [_LETTERS[letter] for letter in body]
    after = [*values, 0][1:]
    return sign * float(sum(-v if v < following else v for v, following in zip(values, after, strict=True)))


ROMAN: dict[str, Function] = {"ROMAN": lift(_roman, "number", "value", optional=1), "ARABIC": lift(_arabic, "text")}

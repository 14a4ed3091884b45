"""The number formats of TEXT: sections, digits, percent, exponents, dates and times, text.

Left out: fractions (# ?/?), conditions in brackets other than [h], [m], [s], and calendars other than
the English one.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from sheetgpt.book.values import Value
from sheetgpt.functions.core import date_serial
from sheetgpt.functions.core.coercion import VALUE, general, parse_number, to_text

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|_(?P<space>.)|\*(?P<fill>.)|\[(?P<elapsed>h+|m+|s+)\]'
    r"|\[(?P<colour>[^\]]*)\]|(?P<half>AM/PM|A/P)|(?P<exponent>E[+-])|(?P<general>General)"
    r"|(?P<date>y+|m+|d+|h+|s+)|(?P<digit>[0#?])|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_WITH_CASE = {"quoted", "escaped", "other", "half"}


class Token(NamedTuple):
    """A piece of a format: its kind (a group of the pattern above) and its text."""

    kind: str
    text: str


def format_value(value: Value, layout: str) -> Value:
    """A value as TEXT shows it in a number format; #VALUE! for formats that this module leaves out."""
    number = value if isinstance(value, float) and not isinstance(value, bool) else None
    if isinstance(value, str):
        number = parse_number(value)
    elif value is None:
        number = 0.0
    if number is None:
        return _as_text(str(to_text(value)), layout)
    sections = _sections(layout)
    tokens, magnitude = _section_for(number, sections)
    kinds = {token.kind for token in tokens}
    if not layout or (kinds <= {"quoted", "escaped", "other"} and "@" in layout):
        return general(number) if not layout else "".join(general(number) if t.text == "@" else t.text for t in tokens)
    if "general" in kinds:
        return _literal([Token("quoted", general(magnitude)) if t.kind == "general" else t for t in tokens])
    if kinds & {"date", "elapsed", "half"}:
        return _date(number, tokens)
    return _number(magnitude, tokens)


def grouped(number: float, places: int, separator: str = ",") -> str:
    """A number with so many decimal places, halves rounded away from zero, thousands set apart."""
    digits = _rounded(abs(number), places)
    whole, _, fraction = digits.partition(".")
    whole = re.sub(r"(?<=\d)(?=(\d{3})+$)", separator, whole)
    negative = number < 0 and digits.strip("0.")
    return f"{'-' if negative else ''}{whole}{'.' + fraction if fraction else ''}"


def _rounded(number: float, places: int) -> str:
    """The decimal digits of a number of 0 or more, rounded as its 15 significant digits say."""
    mantissa, _, power = format(number, ".14e").partition("e")
    digits, point = mantissa.replace(".", ""), int(power) + 1
    digits = "0" * max(0, 1 - point) + digits
    point = max(point, 1)
    digits = digits.ljust(point + places + 1, "0")
    kept, following = digits[: point + places], digits[point + places]
    whole = str(int(kept) + (following >= "5")).rjust(point + places, "0")
    return whole[: len(whole) - places] + ("." + whole[len(whole) - places :] if places else "")


def _sections(layout: str) -> list[list[Token]]:
    sections: list[list[Token]] = [[]]
    for match in _TOKEN.finditer(layout):
        kind = str(match.lastgroup)
        text = str(match[kind])
        if (kind, text) == ("other", ";"):
            sections.append([])
        elif kind != "colour":
            sections[-1].append(Token(kind, text if kind in _WITH_CASE else text.lower()))
    return sections


def _section_for(number: float, sections: list[list[Token]]) -> tuple[list[Token], float]:
    """The section for the number, and the number as that section shows it (a second one brings its own sign)."""
    if len(sections) > 1 and number < 0:
        return sections[1], -number
    if len(sections) > 2 and number == 0:
        return sections[2], number
    return sections[0], number


def _as_text(text: str, layout: str) -> str:
    sections = _sections(layout)
    tokens = sections[3] if len(sections) > 3 else next((s for s in sections if Token("other", "@") in s), None)
    if tokens is None:
        return text
    return "".join(text if token == Token("other", "@") else token.text for token in tokens if token.kind != "fill")


def _literal(tokens: list[Token]) -> str:
    return "".join(" " if token.kind == "space" else token.text for token in tokens if token.kind != "fill")


def _number(number: float, tokens: list[Token]) -> Value:
    if not any(token.kind == "digit" for token in tokens):
        return ("-" if number < 0 else "") + _literal(tokens)
    if Token("other", "/") in tokens:
        return VALUE
    number *= 100.0 ** tokens.count(Token("other", "%"))
    last = max(i for i, token in enumerate(tokens) if token.kind == "digit")
    commas = 0
    while last + 1 + commas < len(tokens) and tokens[last + 1 + commas] == Token("other", ","):
        commas += 1
    number /= 1000.0**commas
    tokens = tokens[: last + 1] + tokens[last + 1 + commas :]
    at = next((i for i, token in enumerate(tokens) if token.kind == "exponent"), None)
    return _plain(number, tokens) if at is None else _scientific(number, tokens[:at], tokens[at:])


def _plain(number: float, tokens: list[Token]) -> str:
    point = next((i for i, token in enumerate(tokens) if token == Token("other", ".")), len(tokens))
    before, after = tokens[:point], tokens[point + 1 :]
    places = sum(token.kind == "digit" for token in after)
    separated = any(token == Token("other", ",") for token in before)
    digits = _rounded(abs(number), places)
    whole, _, fraction = digits.partition(".")
    text = _whole(whole.lstrip("0"), [t for t in before if t != Token("other", ",")], separated)
    if point < len(tokens):
        text += "." + _fraction(fraction, after)
    return ("-" if number < 0 and digits.strip("0.") else "") + text


def _whole(digits: str, tokens: list[Token], separated: bool) -> str:
    """The digits before the point put into their places, from the right; surplus digits into the first."""
    pieces: list[str] = []
    places = sum(token.kind == "digit" for token in tokens)
    count = 0
    for token in reversed(tokens):
        if token.kind != "digit":
            pieces.append(_literal([token]))
            continue
        places -= 1
        for digit in reversed(digits) if places == 0 else [digits[-1:] or {"0": "0", "?": " "}.get(token.text, "")]:
            pieces.append("," if separated and digit.isdigit() and count and count % 3 == 0 else "")
            pieces.append(digit)
            count += digit != ""
        if places == 0 and not digits:
            pieces.append({"0": "0", "?": " "}.get(token.text, ""))
        digits = digits[:-1]
    return "".join(reversed(pieces))


def _fraction(digits: str, tokens: list[Token]) -> str:
    pieces: list[str] = []
    shown = len(digits.rstrip("0"))
    place = 0
    for token in tokens:
        if token.kind != "digit":
            pieces.append(_literal([token]))
            continue
        pieces.append(digits[place] if place < shown or token.text == "0" else " " * (token.text == "?"))
        place += 1
    return "".join(pieces)


def _scientific(number: float, mantissa: list[Token], rest: list[Token]) -> str:
    exponent = math.floor(math.log10(abs(number))) if number else 0
    point = next((i for i, token in enumerate(mantissa) if token == Token("other", ".")), len(mantissa))
    width = max(1, sum(token.kind == "digit" for token in mantissa[:point]))
    exponent = exponent - exponent % width if width > 1 else exponent
    places = sum(token.kind == "digit" for token in mantissa[point:])
    scaled = number / 10.0**exponent if exponent > -300 else number * 1e300 / 10.0 ** (exponent + 300)
    if len(_rounded(abs(scaled), places).partition(".")[0]) > width:
        exponent += width
        scaled /= 10.0**width
    sign = "-" if exponent < 0 else ("+" if rest[0].text.endswith("+") else "")
    return _plain(scaled, mantissa) + "E" + sign + _whole(str(abs(exponent)).lstrip("0"), rest[1:], False)


def _date(number: float, tokens: list[Token]) -> Value:
    shows_seconds = any(token.kind in ("date", "elapsed") and token.text[0] == "s" for token in tokens)
    number = round(number * 86400) / 86400 if shows_seconds else number + 1e-9 / 86400
    day = date_serial.to_date(number)
    if day is None:
        return VALUE
    half = any(token.kind == "half" for token in tokens)
    pieces = []
    for i, token in enumerate(tokens):
        if token.kind == "date":
            pieces.append(_date_part(number, day, token.text, _is_minute(tokens, i), half))
        elif token.kind == "elapsed":
            unit = {"h": 24, "m": 1440, "s": 86400}[token.text[0]]
            pieces.append(str(int(number * unit + 1e-6)).rjust(len(token.text), "0"))
        elif token.kind == "half":
            first, second = token.text.split("/")
            pieces.append(first if number % 1 < 0.5 else second)
        else:
            pieces.append(_literal([token]))
    return "".join(pieces)


def _is_minute(tokens: list[Token], i: int) -> bool:
    """An m right after hours or right before seconds means minutes."""
    parts = [(j, token) for j, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    place = next(k for k, (j, _) in enumerate(parts) if j == i)
    before = parts[place - 1][1].text[0] if place else ""
    after = parts[place + 1][1].text[0] if place + 1 < len(parts) else ""
    return before == "h" or after == "s"


def _date_part(number: float, day: tuple[int, int, int], code: str, minute: bool, half: bool) -> str:
    width = len(code)
    seconds = int(number % 1 * 86400 + 1e-6)
    if code[0] == "y":
        return str(day[0]) if width > 2 else f"{day[0] % 100:02d}"
    if code[0] == "h":
        hour = seconds // 3600
        return str((hour - 1) % 12 + 1 if half else hour).rjust(min(width, 2), "0")
    if code[0] == "s":
        return str(seconds % 60).rjust(min(width, 2), "0")
    if code[0] == "m" and minute:
        return str(seconds // 60 % 60).rjust(min(width, 2), "0")
    if code[0] == "m":
        name = date_serial.MONTHS[day[1] - 1].capitalize()
        return {3: name[:3], 5: name[0]}.get(width, name) if width > 2 else str(day[1]).rjust(width, "0")
    name = _DAYS[(int(number) - 1) % 7]
    return (name[:3] if width == 3 else name) if width > 2 else str(day[2]).rjust(width, "0")

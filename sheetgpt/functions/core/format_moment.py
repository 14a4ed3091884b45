"""Dates, times and elapsed times in a section of a number format."""

from __future__ import annotations

from typing import NamedTuple

from sheetgpt.functions.core import date_serial
from sheetgpt.functions.core.format_sections import Token, literal

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_SYSTEM = {
    "F800": ["date:dddd", "other:, ", "date:mmmm", "other: ", "date:dd", "other:, ", "date:yyyy"],
    "F400": ["date:h", "other::", "date:mm", "other::", "date:ss", "other: ", "half:AM/PM"],
}
_UNITS = {"h": 24, "m": 1440, "s": 86400}
_MOST_PLACES = 3  # of a second


class Moment(NamedTuple):
    """A date and time, to the last place of a second that is shown."""

    serial: float
    ticks: int  # since midnight, 10 ** places for each second
    places: int
    day: tuple[int, int, int]
    half: bool  # whether hours go to 12

    @property
    def seconds(self) -> int:
        """Whole seconds since midnight."""
        return int(self.ticks // 10**self.places)


def moment_text(number: float, tokens: list[Token], locale: str) -> str:
    """A number in a section with dates and times; raises ValueError where it is no date.

    Only times that say how many hours, minutes or seconds have gone by may be negative, and beyond the last day.
    """
    if locale in _SYSTEM:
        tokens = [Token(*token.split(":", 1)) for token in _SYSTEM[locale]]
    elif locale and any(_is_name(token) for token in tokens):
        raise ValueError("names of months and days are known in English only")
    tokens = with_places(tokens)
    if any(token.kind == "digit" for token in tokens):
        raise ValueError("digits beside a date")
    elapsed = any(token.kind == "elapsed" for token in tokens)
    sign = "-" if elapsed and number < 0 else ""
    moment = _moment(abs(number) if elapsed else number, tokens, elapsed)
    return sign + "".join(_piece(moment, tokens, i) for i in range(len(tokens)))


def _is_name(token: Token) -> bool:
    """Whether a token is the name of a month or a day."""
    return token.kind == "date" and token.text[0] in "md" and len(token.text) > 2


def with_places(tokens: list[Token]) -> list[Token]:
    """The tokens with .000 behind seconds as one; raises ValueError for more than three places."""
    joined: list[Token] = []
    for token in tokens:
        last = joined[-1] if joined else Token("", "")
        if token == Token("digit", "0") and last.kind == "places":
            joined[-1] = Token("places", last.text + "0")
        elif token == Token("digit", "0") and last == Token("other", ".") and _after_seconds(joined[:-1]):
            joined[-1] = Token("places", ".0")
        else:
            joined.append(token)
    if any(token.kind == "places" and len(token.text) - 1 > _MOST_PLACES for token in joined):
        raise ValueError("more than three places of a second")
    return joined


def _after_seconds(tokens: list[Token]) -> bool:
    """Whether the last part of a date or time is the seconds."""
    parts = [token.text[0] for token in tokens if token.kind in ("date", "elapsed")]
    return parts[-1:] == ["s"]


def _moment(number: float, tokens: list[Token], elapsed: bool) -> Moment:
    places = max((len(token.text) - 1 for token in tokens if token.kind == "places"), default=0)
    shows_seconds = any(token.kind in ("date", "elapsed") and token.text[0] == "s" for token in tokens)
    scale = 86400 * 10**places
    whole = number // 1
    part = (number - whole) * scale
    ticks = int(part + 0.5 + 1e-6) if shows_seconds else int(part + 1e-6)  # what is not shown is cut off
    whole, ticks = (whole + 1, ticks - scale) if ticks >= scale else (whole, ticks)
    shows_day = any(token.kind == "date" and _is_of_day(tokens, i) for i, token in enumerate(tokens))
    day = (1900, 1, 0) if elapsed and not shows_day else date_serial.to_date(whole)
    if day is None:
        raise ValueError("no date")
    return Moment(whole, ticks, places, day, any(token.kind == "half" for token in tokens))


def _is_of_day(tokens: list[Token], i: int) -> bool:
    letter = tokens[i].text[0].lower()
    return letter in "ydbe" or (letter == "m" and not _is_minute(tokens, i))


def _is_minute(tokens: list[Token], i: int) -> bool:
    """An m right after hours or right before seconds means minutes."""
    parts = [(j, token) for j, token in enumerate(tokens) if token.kind in ("date", "elapsed")]
    place = next(k for k, (j, _) in enumerate(parts) if j == i)
    before = parts[place - 1][1].text[0] if place else ""
    after = parts[place + 1][1].text[0] if place + 1 < len(parts) else ""
    return before == "h" or after == "s"


def _piece(moment: Moment, tokens: list[Token], i: int) -> str:
    kind, text = tokens[i]
    if kind == "date":
        return _day_part(moment, text.lower()) if _is_of_day(tokens, i) else _time_part(moment, text)
    if kind == "elapsed":
        gone = int(moment.serial) * _UNITS[text[0]] + moment.seconds * _UNITS[text[0]] // 86400
        return str(gone).rjust(len(text), "0")
    if kind == "places":
        return "." + str(moment.ticks % 10**moment.places).rjust(moment.places, "0")[: len(text) - 1]
    if kind == "half":
        morning, evening = (text.upper() if len(text) > 3 else text).split("/")  # a/p keeps its case, am/pm does not
        return morning if moment.seconds < 43200 else evening
    return literal([tokens[i]])


def _time_part(moment: Moment, code: str) -> str:
    hour, minute, second = moment.seconds // 3600, moment.seconds // 60 % 60, moment.seconds % 60
    hour = (hour - 1) % 12 + 1 if moment.half else hour
    return str({"h": hour, "m": minute, "s": second}[code[0]]).rjust(min(len(code), 2), "0")


def _day_part(moment: Moment, code: str) -> str:
    width, (year, month, day) = len(code), moment.day
    if code[0] == "e":
        return str(year)
    if code[0] in "yb":
        year += 543 * (code[0] == "b")  # the Buddhist calendar
        return str(year) if width > 2 else f"{year % 100:02d}"
    if width < 3:
        return str(month if code[0] == "m" else day).rjust(width, "0")
    if code[0] == "m":
        name = date_serial.MONTHS[month - 1].capitalize()
        return {3: name[:3], 5: name[0]}.get(width, name)
    name = _DAYS[(int(moment.serial) - 1) % 7]
    return name[:3] if width == 3 else name

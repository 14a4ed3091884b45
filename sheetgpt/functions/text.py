"""Text. Lengths and positions count code points, as LibreOffice, Gnumeric and IronCalc do.

Excel counts UTF-16 units, in which characters beyond U+FFFF count twice, except in workbooks marked
"compatibility version 2".
"""

from __future__ import annotations

import re

import numpy as np

from sheetgpt.book.address import MAX_TEXT
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core import date_serial
from sheetgpt.functions.core.coercion import NA, VALUE, parse_number, to_number, to_text
from sheetgpt.functions.core.criteria import wildcard_expression
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift
from sheetgpt.functions.rounding import half_away
from sheetgpt.functions.text_format import format_value, grouped


def _limited(text: str) -> Value:
    """The text, or #VALUE! where it is longer than a cell can hold."""
    return text if len(text) <= MAX_TEXT else VALUE


def _mid(text: str, start: float, count: float) -> Value:
    if start < 1 or count < 0:
        return VALUE
    return text[int(start) - 1 : int(start) - 1 + int(count)]


def _left(text: str, count: float = 1.0) -> Value:
    return VALUE if count < 0 else text[: int(count)]


def _right(text: str, count: float = 1.0) -> Value:
    return VALUE if count < 0 else text[max(0, len(text) - int(count)) :]


def _length(text: str) -> float:
    return float(len(text))


def _unicode(text: str) -> Value:
    return float(ord(text[0])) if text else VALUE


def _unichar(number: float) -> Value:
    point = int(number)
    if not 1 <= point <= 0x10FFFF:
        return VALUE
    if 0xD800 <= point <= 0xDFFF or point & 0xFFFE == 0xFFFE:
        return NA
    return chr(point)


def _char(number: float) -> Value:
    """CHAR in the code page Windows-1252; the five bytes it leaves out are control characters."""
    code = int(number)
    if not 1 <= code <= 255:
        return VALUE
    try:
        return bytes([code]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(code)


def _code(text: str) -> Value:
    if not text:
        return VALUE
    try:
        return float(text[0].encode("cp1252")[0])
    except UnicodeEncodeError:
        return float(ord(text[0])) if ord(text[0]) < 256 else 63.0  # "?", as Excel has it


def _exact(a: str, b: str) -> bool:
    return a == b


def _substitute(text: str, old: str, new: str, which: float | None = None) -> Value:
    if which is not None and which < 1:
        return VALUE
    if not old:
        return text
    if which is None:
        return _limited(text.replace(old, new))
    at = -1
    for _ in range(int(which)):
        at = text.find(old, at + 1 if at < 0 else at + len(old))
        if at < 0:
            return text
    return _limited(text[:at] + new + text[at + len(old) :])


def _replace(text: str, start: float, count: float, new: str) -> Value:
    if start < 1 or count < 0:
        return VALUE
    return _limited(text[: int(start) - 1] + new + text[int(start) - 1 + int(count) :])


def _repeat(text: str, times: float) -> Value:
    return VALUE if times < 0 or len(text) * int(times) > MAX_TEXT else text * int(times)


def _trim(text: str) -> str:
    return re.sub(" +", " ", text.strip(" "))


def _clean(text: str) -> str:
    return "".join(character for character in text if ord(character) > 31)


def _upper(text: str) -> str:
    return "".join(character.upper() if len(character.upper()) == 1 else character for character in text)


def _lower(text: str) -> str:
    return "".join(character.lower() if len(character.lower()) == 1 else character for character in text)


def _proper(text: str) -> str:
    """The first letter of each run of letters in upper case, the others in lower case."""
    pieces, inside = [], False
    for character in text:
        pieces.append(_lower(character) if inside else _upper(character))
        inside = character.isalpha()
    return "".join(pieces)


def _find(wanted: str, text: str, start: float = 1.0) -> Value:
    at = text.find(wanted, int(start) - 1) if 1 <= start <= len(text) + 1 else -1
    return VALUE if at < 0 else float(at + 1)


def _search(wanted: str, text: str, start: float = 1.0) -> Value:
    if not 1 <= start <= len(text) + 1:
        return VALUE
    match = re.compile(wildcard_expression(wanted), re.IGNORECASE | re.DOTALL).search(text, int(start) - 1)
    return VALUE if match is None else float(match.start() + 1)


def _value(value: Value) -> Value:
    return VALUE if isinstance(value, bool) else to_number(value)


def _number_value(text: str, decimal: str = ".", group: str = ",") -> Value:
    """NUMBERVALUE: with separators of one's choice; blanks and group separators do not count."""
    if not decimal:
        return VALUE
    body = "".join(text.split())
    whole, mark, fraction = body.partition(decimal[0])
    if group:
        if group[0] in fraction:
            return VALUE
        whole = whole.replace(group[0], "")
    number = whole + ("." if mark else "") + fraction
    percents = len(number) - len(number.rstrip("%"))
    parsed = parse_number(number.rstrip("%")) if number else 0.0
    return VALUE if parsed is None else parsed / 100**percents


def _fixed(number: float, decimals: float = 2.0, plain: bool = False) -> Value:
    places = int(decimals)
    if places > 127:
        return VALUE
    if places < 0:
        scale = 10.0**-places
        number, places = float(half_away(np.array(number / scale))) * scale, 0
    return grouped(number, places, "" if plain else ",")


def _dollar(number: float, decimals: float = 2.0) -> Value:
    text = _fixed(abs(number), decimals)
    return f"(${text})" if number < 0 and isinstance(text, str) else (text if not isinstance(text, str) else f"${text}")


def _text(value: Value, layout: str) -> Value:
    return value if isinstance(value, ErrorValue) else format_value(value, layout)


def _joined(operands: tuple[Operand, ...], delimiters: list[str], skip_empty: bool) -> Value:
    pieces: list[str] = []
    for operand in operands:
        for value in operand.values.ravel().tolist():
            text = to_text(value)
            if isinstance(text, ErrorValue):
                return text
            if text or not skip_empty:
                pieces.append(text)
    result = "".join(
        piece + (delimiters[i % len(delimiters)] if i + 1 < len(pieces) else "") for i, piece in enumerate(pieces)
    )
    return _limited(result)


def _concat(*operands: Operand) -> Value:
    return _joined(operands, [""], skip_empty=False)


def _text_join(delimiter: Operand, skip_empty: bool, *operands: Operand) -> Value:
    delimiters = [to_text(value) for value in delimiter.values.ravel().tolist()]
    error = next((text for text in delimiters if isinstance(text, ErrorValue)), None)
    return error or _joined(operands, [text for text in delimiters if isinstance(text, str)], skip_empty)


def _concatenate(*texts: str) -> Value:
    return _limited("".join(texts))


def _hyperlink(link: Value, shown: Value = None) -> Value:
    """HYPERLINK: the text shown, or the link itself."""
    return link if shown is None else shown


def _date_value(text: str) -> Value:
    number = date_serial.parse(text)
    return VALUE if number is None or number < 1 else float(int(number))


def _time_value(text: str) -> Value:
    number = date_serial.parse(text)
    return VALUE if number is None else number % 1


TEXT: dict[str, Function] = {
    "MID": lift(_mid, "text", "number", "number", note="counts code points"),
    "LEFT": lift(_left, "text", "number", optional=1, note="counts code points"),
    "RIGHT": lift(_right, "text", "number", optional=1, note="counts code points"),
    "LEN": lift(_length, "text", note="counts code points"),
    "UNICODE": lift(_unicode, "text"),
    "UNICHAR": lift(_unichar, "number"),
    "CHAR": lift(_char, "number", note="Windows-1252, as Excel on Windows; prefer UNICHAR"),
    "CODE": lift(_code, "text", note="Windows-1252; prefer UNICODE"),
    "EXACT": lift(_exact, "text", "text"),
    "SUBSTITUTE": lift(_substitute, "text", "text", "text", "number", optional=1),
    "REPLACE": lift(_replace, "text", "number", "number", "text", note="counts code points"),
    "REPT": lift(_repeat, "text", "number"),
    "TRIM": lift(_trim, "text"),
    "CLEAN": lift(_clean, "text"),
    "UPPER": lift(_upper, "text", note="letters whose other case has more than one letter (ß) stay"),
    "LOWER": lift(_lower, "text", note="as UPPER"),
    "PROPER": lift(_proper, "text"),
    "FIND": lift(_find, "text", "text", "number", optional=1, note="counts code points"),
    "SEARCH": lift(_search, "text", "text", "number", optional=1, note="counts code points"),
    "VALUE": lift(_value, "value", note="reads numbers, percents, $, dates and times as an American Excel does"),
    "NUMBERVALUE": lift(_number_value, "text", "text", "text", optional=2),
    "FIXED": lift(_fixed, "number", "number", "boolean", optional=2),
    "DOLLAR": lift(_dollar, "number", "number", optional=1, note="always with $"),
    "TEXT": lift(
        _text,
        "value",
        "text",
        note="no fractions (`# ?/?`) and no conditions in brackets: `#VALUE!`; English names of days and months",
    ),
    "CONCAT": lift(_concat, "array", repeats=1),
    "CONCATENATE": lift(_concatenate, "text", repeats=1),
    "TEXTJOIN": lift(_text_join, "array", "boolean", "array", repeats=1),
    "HYPERLINK": lift(
        _hyperlink, "value", "value", optional=1, note="the text shown; nothing to click outside a spreadsheet program"
    ),
    "DATEVALUE": lift(_date_value, "text", note="month before day; English names of months"),
    "TIMEVALUE": lift(_time_value, "text"),
}

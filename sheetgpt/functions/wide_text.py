"""Text of East Asia: half and full width, bytes, and amounts in Thai words.

Functions that count bytes count characters in an Excel whose language is not written in two bytes
(https://support.microsoft.com/office/lenb-function), as the one for the United States.
"""

from __future__ import annotations

import re
import unicodedata

from sheetgpt.book.values import Value
from sheetgpt.functions.core.coercion import VALUE, general
from sheetgpt.functions.core.signature import Function
from sheetgpt.functions.core.vectorize import lift
from sheetgpt.functions.text import TEXT

_VOICED, _HALF_VOICED = "\uff9e", "\uff9f"


def _widths() -> dict[str, str]:
    """Half width -> full width, of the signs of ASCII and of katakana; voiced ones are two half signs."""
    widths = {chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)} | {" ": "\u3000"}
    for code in range(0xFF61, 0xFF9E):
        widths[chr(code)] = unicodedata.normalize("NFKC", chr(code))
        for mark in (_VOICED, _HALF_VOICED):
            joined = unicodedata.normalize("NFKC", chr(code) + mark)
            if len(joined) == 1:
                widths[chr(code) + mark] = joined
    return widths | {_VOICED: "\u309b", _HALF_VOICED: "\u309c"}


_TO_FULL = _widths()
_TO_HALF = str.maketrans({full: half for half, full in _TO_FULL.items()})
_HALF_SIGN = re.compile(f"[\uff61-\uff9d][{_VOICED}{_HALF_VOICED}]|.", re.DOTALL)


def _to_half(text: str) -> str:
    return text.translate(_TO_HALF)


def _to_full(text: str) -> str:
    def full(match: re.Match[str]) -> str:
        sign = match[0]
        return _TO_FULL.get(sign) or "".join(_TO_FULL.get(part, part) for part in sign)

    return _HALF_SIGN.sub(full, text)


_DIGITS = ("ศูนย์", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า")
_PLACES = ("", "สิบ", "ร้อย", "พัน", "หมื่น", "แสน")
_MILLION, _BAHT, _SATANG, _EXACTLY, _MINUS = "ล้าน", "บาท", "สตางค์", "ถ้วน", "ลบ"
_MOST_DIGITS = 15


def _thai(number: int) -> str:
    """A whole number in Thai words."""
    if number >= 10**6:
        rest = number % 10**6
        return _thai(number // 10**6) + _MILLION + (_below_a_million(rest, True) if rest else "")
    return _below_a_million(number, False)


def _below_a_million(number: int, after: bool) -> str:
    """`after` says that millions stand before it."""
    words = []
    for place in range(5, -1, -1):
        digit = number // 10**place % 10
        if place == 0 and digit == 1 and (number > 10 or after):
            words.append("เอ็ด")
        elif place == 1 and digit in (1, 2):
            words.append(("", "ยี่")[digit - 1] + _PLACES[1])
        elif digit:
            words.append(_DIGITS[digit] + _PLACES[place])
    return "".join(words) or _DIGITS[0]


def _baht_text(number: float) -> Value:
    """BAHTTEXT: baht, and satang where there are any."""
    if abs(number) >= 10**_MOST_DIGITS:
        return VALUE
    from decimal import ROUND_HALF_UP, Decimal  # here, as it takes its time

    amount = Decimal(general(abs(number))).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    baht, satang = divmod(int(amount * 100), 100)
    words = _thai(baht) + _BAHT if baht or not satang else ""
    words += _thai(satang) + _SATANG if satang else _EXACTLY
    return (_MINUS if number < 0 and amount else "") + words


_BYTES = "as {}: one byte for each character, as in an Excel whose language is not written in two"
WIDE_TEXT: dict[str, Function] = {
    **{
        f"{name}B": TEXT[name].replace(note=_BYTES.format(name))
        for name in ("LEN", "LEFT", "RIGHT", "MID", "FIND", "SEARCH", "REPLACE")
    },
    "ASC": lift(_to_half, "text", note="also where Excel's language has no full width"),
    "DBCS": lift(_to_full, "text", note="as ASC"),
    "JIS": lift(_to_full, "text", note="as ASC"),
    "BAHTTEXT": lift(_baht_text, "number"),
}

"""The order of texts in which Excel sorts: by letters first, without case, accents, hyphens and apostrophes.

https://support.microsoft.com/office/sort-data-in-a-range-or-table says what is ignored; that signs come before
digits and digits before letters is the order of Windows for English.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

SortKey = tuple[tuple[tuple[int, int], ...], str, int]

_IGNORED = "-'"
_LAST_SIGNS = "+<=>"  # after all other signs of ASCII
_SPELLED = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"})
_LAST_WITH_ACCENTS = 0x0400  # beyond Latin and Greek a letter with a mark is a letter of its own


@lru_cache(maxsize=65536)
def sort_key(text: str) -> SortKey:
    """What sorts texts: their signs, digits and letters; then their accents; then hyphens and apostrophes."""
    folded = text.casefold()
    accented = "".join(sign for sign in folded if sign not in _IGNORED)
    plain = "".join(map(_without_accents, accented)).translate(_SPELLED)
    return tuple(map(_place, plain)), accented, len(folded) - len(accented)


def _without_accents(letter: str) -> str:
    if letter.isascii() or ord(letter) >= _LAST_WITH_ACCENTS:
        return letter
    decomposed = unicodedata.normalize("NFD", letter)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def _place(sign: str) -> tuple[int, int]:
    """Blanks, other signs, + < = >, digits, letters."""
    if sign.isspace():
        return 0, ord(sign)
    if sign.isalpha():
        return 4, ord(sign)
    if sign.isdecimal():
        return 3, ord(sign)
    return 2 if sign in _LAST_SIGNS else 1, ord(sign)

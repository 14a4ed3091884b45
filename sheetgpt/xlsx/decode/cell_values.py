"""The text of a cell in a worksheet's XML -> its value, by the type that the cell has."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.xlsx.decode.shared_strings import unescape

_ERRORS = {error.value: error for error in ErrorValue}
_DIGITS = 9
_BOOLEANS = {"1": True, "true": True, "TRUE": True, "0": False, "false": False, "FALSE": False}


def number(text: str) -> float:
    """A finite number as XML writes it; raises ValueError, also for what only Python takes for one, such as 1_000."""
    try:
        value = float(text)
        if value - value == 0.0 and "_" not in text and text.isascii():
            return value
    except ValueError:
        pass
    raise ValueError(f"holds {text!r}, which is no number")


def whole_number(text: str) -> int:
    """A number of a row or of a shared text, of nine digits at most; raises ValueError."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= _DIGITS):
        raise ValueError(f"{text!r} is no whole number")
    return int(plain)


def typed_value(kind: str, text: str | None, strings: Sequence[str], date1904: bool = False) -> Value:
    """What a cell holds that is no number; None where it has no value, or an empty one that is no text.

    Raises ValueError in words that follow the cell's address.
    """
    if kind in ("str", "inlineStr"):
        return None if text is None else unescape(text)
    if not text:
        return None
    match kind:
        case "s":
            return _shared_text(text, strings)
        case "b" if text.strip() in _BOOLEANS:
            return _BOOLEANS[text.strip()]
        case "e":
            return _ERRORS.get(text.strip(), ErrorValue.VALUE)
        case "d":
            return _date(text, date1904)
        case "b":
            raise ValueError(f"holds {text!r}, which is neither TRUE nor FALSE")
    raise ValueError(f"has type {kind!r}")


def _shared_text(text: str, strings: Sequence[str]) -> str:
    index = whole_number(text)
    if index >= len(strings):
        raise ValueError(f"refers to shared text {index}, but the file has {len(strings)}")
    return strings[index]


def _date(text: str, date1904: bool) -> float:
    # here, as few files need it and it takes its time
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_ISO8601, to_excel

    try:
        return float(to_excel(from_ISO8601(text.strip()), MAC_EPOCH if date1904 else WINDOWS_EPOCH))
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise ValueError(f"holds {text!r}, which is no date") from None

"""Values written as text: VALUETOTEXT, ARRAYTOTEXT, ENCODEURL, USDOLLAR."""

from __future__ import annotations

from sheetgpt.book.address import MAX_TEXT
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.coercion import VALUE, to_text
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift
from sheetgpt.functions.text import TEXT

_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


def _written(value: Value, strict: bool) -> str:
    """A value as in a formula where `strict`: texts in quotes; else as shown."""
    if strict and isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    return str(to_text(value))


def _value_to_text(value: Value, form: float = 0.0) -> Value:
    if int(form) not in (0, 1):
        return VALUE
    text = _written(value, int(form) == 1)
    return text if len(text) <= MAX_TEXT else VALUE


def _array_to_text(cells: Operand, form: Value = None) -> Value:
    """ARRAYTOTEXT: the values with commas between them, or as an array constant."""
    if isinstance(form, ErrorValue) or form not in (None, 0, 1):
        return form if isinstance(form, ErrorValue) else VALUE
    rows = [[_written(value, bool(form)) for value in row] for row in cells.values.tolist()]
    plain = [value for row in rows for value in row]
    text = "{" + ";".join(",".join(row) for row in rows) + "}" if form else ", ".join(plain)
    return text if len(text) <= MAX_TEXT else VALUE


def _encode_url(text: str) -> Value:
    """ENCODEURL: all but letters, digits and -_.~ as %XX of UTF-8."""
    try:
        encoded = text.encode("utf-8")
    except UnicodeEncodeError:  # half of a pair of surrogates
        return VALUE
    url = "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in encoded)
    return url if len(url) <= MAX_TEXT else VALUE


WRITTEN_VALUES: dict[str, Function] = {
    "VALUETOTEXT": lift(_value_to_text, "value", "number", optional=1),
    "ARRAYTOTEXT": lift(_array_to_text, "array", "value", optional=1),
    "ENCODEURL": lift(_encode_url, "text"),
    "USDOLLAR": TEXT["DOLLAR"],
}

"""Text taken apart at delimiters: TEXTBEFORE, TEXTAFTER, TEXTSPLIT."""

from __future__ import annotations

import math
import re

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.broadcasting import first, pack, single
from sheetgpt.functions.core.coercion import NA, VALUE, to_boolean, to_text
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift, with_defaults

Span = tuple[int, int]

_NOT_GIVEN = {2: math.nan}  # which delimiter: the first one, and then no text is too short for it


def _delimiter(text: str, delimiters: Operand, which: float, caseless: bool, at_end: float) -> Span | ErrorValue:
    """(start, end) of the which-th of any of the delimiters in the text, counted from the end where negative."""
    wanted = [to_text(value) for value in delimiters.values.ravel().tolist()]
    texts = [text for text in wanted if isinstance(text, str)]
    if len(texts) < len(wanted):
        return next(error for error in wanted if isinstance(error, ErrorValue))
    given = not math.isnan(which)
    count = math.floor(which) if given else 1
    longest = 1 if not given else max(abs(count), min(map(len, texts)))  # Excel checks it only where given
    if count == 0 or longest > max(1, len(text)) or not 0 <= at_end < 2:
        return VALUE
    if "" in texts:
        return (0, 0) if count > 0 else (len(text), len(text))
    spans = [match.span() for match in _any_of(texts, caseless).finditer(text)]
    if at_end >= 1:
        spans = [*spans, (len(text), len(text))] if count > 0 else [(0, 0), *spans]
    place = count - 1 if count > 0 else len(spans) + count
    return spans[place] if 0 <= place < len(spans) else NA


def _or_absent(error: ErrorValue, absent: Value) -> Value:
    """What stands in where there is no such delimiter; a blank cell as empty text."""
    return error if error is not NA else ("" if absent is None else absent)


def _text_before(
    text: str,
    delimiters: Operand,
    which: float = math.nan,
    caseless: bool = False,
    at_end: float = 0.0,
    absent: Value = NA,
) -> Value:
    span = _delimiter(text, delimiters, which, caseless, at_end)
    return _or_absent(span, absent) if isinstance(span, ErrorValue) else text[: span[0]]


def _text_after(
    text: str,
    delimiters: Operand,
    which: float = math.nan,
    caseless: bool = False,
    at_end: float = 0.0,
    absent: Value = NA,
) -> Value:
    span = _delimiter(text, delimiters, which, caseless, at_end)
    return _or_absent(span, absent) if isinstance(span, ErrorValue) else text[span[1] :]


def _text_split(*operands: Operand | None) -> np.ndarray:
    """TEXTSPLIT(text, column delimiters, row delimiters, skip empty pieces, ignore case, filler)."""
    given: list[Operand | None] = list(operands)
    text, across, down, skip, caseless, filler = given + [None] * (6 - len(given))
    body = VALUE if text is None else to_text(first(text.values))
    options = [False if option is None else to_boolean(first(option.values)) for option in (skip, caseless)]
    cuts = [_cutter(delimiters, bool(options[1])) for delimiters in (across, down)]
    for found in (body, *options, *cuts):
        if isinstance(found, ErrorValue):
            return single(found)
    if cuts == [None, None]:
        return single(VALUE)
    rows = [_pieces(line, cuts[0], bool(options[0])) for line in _pieces(str(body), cuts[1], bool(options[0]))]
    return _filled(rows, NA if filler is None else first(filler.values))


def _cutter(delimiters: Operand | None, caseless: bool) -> re.Pattern[str] | ErrorValue | None:
    """What finds any of the delimiters; None where none are given."""
    if delimiters is None:
        return None
    texts = [to_text(value) for value in delimiters.values.ravel().tolist()]
    plain = [text for text in texts if isinstance(text, str) and text]
    if len(plain) < len(texts):
        return next((text for text in texts if isinstance(text, ErrorValue)), VALUE)
    return _any_of(plain, caseless)


def _any_of(texts: list[str], caseless: bool) -> re.Pattern[str]:
    """What finds any of the texts, the longest of those at one place."""
    longest_first = sorted(texts, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE if caseless else 0)


def _pieces(text: str, cutter: re.Pattern[str] | ErrorValue | None, skip_empty: bool) -> list[str]:
    pieces = cutter.split(text) if isinstance(cutter, re.Pattern) else [text]
    return [piece for piece in pieces if piece or not skip_empty]


def _filled(rows: list[list[str]], filler: Value) -> np.ndarray:
    width = max((len(row) for row in rows), default=0)
    if not width:
        return single(ErrorValue.CALC)
    values: list[Value] = [value for row in rows for value in [*row, *[filler] * (width - len(row))]]
    return pack(values, (len(rows), width))


SPLITTING: dict[str, Function] = {
    "TEXTBEFORE": with_defaults(
        lift(_text_before, "text", "array", "number", "boolean", "number", "value", optional=4), _NOT_GIVEN
    ),
    "TEXTAFTER": with_defaults(
        lift(_text_after, "text", "array", "number", "boolean", "number", "value", optional=4), _NOT_GIVEN
    ),
    "TEXTSPLIT": Function(
        call=_text_split, parameters=("value", "array", "array", "value", "value", "value"), optional=4
    ),
}

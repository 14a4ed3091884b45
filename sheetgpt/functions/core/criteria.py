"""Wildcards, and the criteria of COUNTIF, SUMIFS and their kin.

In a pattern "?" is any one character, "*" any number of them, and "~" takes the next one literally.
A criterion is a value to equal, or text that starts with one of = <> < <= > >=.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.coercion import parse_number

ERRORS = {str(error): error for error in ErrorValue}
_COMPARED = re.compile(r"(<>|<=|>=|<|>|=)?(.*)", re.DOTALL)
_WILD = {"*": ".*", "?": "."}


def has_wildcard(text: str) -> bool:
    """Whether the text means more than itself as a pattern."""
    return "*" in text or "?" in text or "~" in text


@lru_cache(maxsize=1024)
def pattern(text: str) -> re.Pattern[str]:
    """A pattern with wildcards as a compiled expression that matches whole texts, without case."""
    return re.compile(wildcard_expression(text), re.IGNORECASE | re.DOTALL)


def wildcard_expression(text: str) -> str:
    """A pattern with wildcards as a regular expression."""
    return "".join([_WILD[piece] if is_wild else re.escape(piece) for is_wild, piece in _pieces(text)])


def plain_pieces(text: str) -> Iterator[str]:
    """The runs of characters of a pattern that stand for themselves, between its wildcards."""
    for is_wild, run in groupby(_pieces(text), key=itemgetter(0)):
        if not is_wild:
            yield "".join(piece for _, piece in run)


def _pieces(text: str) -> Iterator[tuple[bool, str]]:
    """The characters of a pattern, "~" resolved, and whether each is a wildcard."""
    characters = iter(text)
    for character in characters:
        if character == "~":
            character = next(characters, "~")
            yield False, character if character in "*?~" else "~" + character
        else:
            yield character in _WILD, character


def split_criterion(criterion: Value) -> tuple[str, Value]:
    """The operator ("" if none is written) and what to compare with: text is read as a value where it can be."""
    if criterion is None:
        return "", 0.0
    if not isinstance(criterion, str):
        return "", criterion
    match = _COMPARED.fullmatch(criterion)
    operator, text = (match[1] or "", match[2]) if match else ("", criterion)
    return operator, _read(text)


def _read(text: str) -> Value:
    number = parse_number(text)
    if number is not None:
        return number
    known: dict[str, Value] = {"TRUE": True, "FALSE": False, **ERRORS}
    return known.get(text.upper(), text)

"""Wildcards, and the criteria of COUNTIF, SUMIFS and their kin.

In a pattern "?" is any one character, "*" any number of them, and "~" takes the next one literally.
A criterion is a value to equal, or text that starts with one of = <> < <= > >=.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.broadcasting import FLOAT
from sheetgpt.functions.core.coercion import compare, parse_number

ERRORS = {str(error): error for error in ErrorValue}
_COMPARED = re.compile(r"(<>|<=|>=|<|>|=)?(.*)", re.DOTALL)
_HOLDS: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}


def has_wildcard(text: str) -> bool:
    """Whether the text means more than itself as a pattern."""
    return "*" in text or "?" in text or "~" in text


@lru_cache(maxsize=1024)
def pattern(text: str) -> re.Pattern[str]:
    """A pattern with wildcards as a compiled expression that matches whole texts, without case."""
    return re.compile(wildcard_expression(text), re.IGNORECASE | re.DOTALL)


def wildcard_expression(text: str) -> str:
    """A pattern with wildcards as a regular expression."""
    pieces: list[str] = []
    characters = iter(text)
    for character in characters:
        if character == "~":
            character = next(characters, "~")
            pieces.append(re.escape(character) if character in "*?~" else re.escape("~" + character))
        else:
            pieces.append({"*": ".*", "?": "."}.get(character) or re.escape(character))
    return "".join(pieces)


def mask(values: np.ndarray, criterion: Value) -> np.ndarray:
    """Which values meet the criterion, as an array of bool of the same shape."""
    operator, target = _split(criterion)
    if values.dtype == FLOAT and isinstance(target, float) and operator in _ON_NUMBERS:
        return _ON_NUMBERS[operator](values, target)
    test = _test(operator, target)
    return np.array([test(value) for value in values.ravel().tolist()], dtype=bool).reshape(values.shape)


_ON_NUMBERS: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "": np.equal,
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def _split(criterion: Value) -> tuple[str, Value]:
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


def _test(operator: str, target: Value) -> Callable[[Value], bool]:
    if operator in _HOLDS:
        return _order_test(_HOLDS[operator], target)
    if operator == "<>" and isinstance(target, float):
        return lambda value: value != target or type(value) is not float
    equal = _equality(operator, target)
    return (lambda value: not equal(value)) if operator == "<>" else equal


def _order_test(holds: Callable[[int], bool], target: Value) -> Callable[[Value], bool]:
    """Order counts between values of one kind only; nothing comes before or after no value at all."""

    def test(value: Value) -> bool:
        same_kind = type(value) is type(target) and not isinstance(value, ErrorValue)
        return same_kind and target != "" and holds(compare(value, target))

    return test


def _equality(operator: str, target: Value) -> Callable[[Value], bool]:
    if isinstance(target, str):
        return _text_equality(operator, target)
    if isinstance(target, float):
        return lambda value: value == target if type(value) is float else _says(value, target)
    return lambda value: type(value) is type(target) and value == target


def _says(value: Value, target: float) -> bool:
    """Text that reads as the number counts as that number."""
    return isinstance(value, str) and parse_number(value) == target


def _text_equality(operator: str, target: str) -> Callable[[Value], bool]:
    if target == "":  # "=" and "<>" ask for blank cells, an empty criterion for empty texts too
        return (lambda value: value is None) if operator else (lambda value: value is None or value == "")
    expression = pattern(target)
    return lambda value: isinstance(value, str) and expression.fullmatch(value) is not None

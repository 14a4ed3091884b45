"""REGEXTEST, REGEXEXTRACT and REGEXREPLACE, with the expressions of `core.regex`."""

from __future__ import annotations

import re

import numpy as np

from sheetgpt.book.address import MAX_TEXT
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import FormulaError
from sheetgpt.functions.core import regex
from sheetgpt.functions.core.broadcasting import first, pack, single
from sheetgpt.functions.core.coercion import NA, VALUE, to_text
from sheetgpt.functions.core.options import OptionError, option
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift

_REFERENCE = re.compile(r"\$(?:\$|(\d+)|\{(\w+)\}|([A-Za-z_]\w*)|)")


def _caseless(number: float) -> bool:
    if int(number) not in (0, 1):
        raise OptionError(VALUE)
    return int(number) == 1


def _test(text: str, pattern: str, case: float = 0.0) -> Value:
    try:
        return regex.search(pattern, text, _caseless(case)) is not None
    except (regex.PatternError, OptionError):
        return VALUE


def _extract(*operands: Operand | None) -> np.ndarray:
    """REGEXEXTRACT(text, pattern, 0 the first match or 1 all of them or 2 its groups, 1 without case)."""
    try:
        way = int(option(operands, 2, 0.0))
        caseless = _caseless(option(operands, 3, 0.0))
        texts = [to_text(None if operand is None else first(operand.values)) for operand in operands[:2]]
        text, pattern = texts
        if isinstance(text, ErrorValue) or isinstance(pattern, ErrorValue):
            return single(text if isinstance(text, ErrorValue) else pattern)
        return single(VALUE) if way not in (0, 1, 2) else _extracted(text, pattern, way, caseless)
    except OptionError as error:
        return single(error.value)
    except regex.PatternError:
        return single(VALUE)


def _extracted(text: str, pattern: str, way: int, caseless: bool) -> np.ndarray:
    if way == 1:
        found = [match[0] for match in regex.find_all(pattern, text, caseless)]
        return pack(found, (1, len(found))) if found else single(NA)
    match = regex.search(pattern, text, caseless)
    if match is None or way == 0:
        return single(NA if match is None else match[0])
    groups = [group or "" for group in match.groups()]
    if not groups:
        raise FormulaError(
            f"it is not known what groups Excel returns for {pattern!r}, which has none", "put a part of it in ( )"
        )
    return pack(groups, (1, len(groups)))


def _each_text(*operands: Operand | None) -> np.ndarray:
    """Of an array of texts the first match or group of each, as Excel has no arrays of arrays."""
    if all(operand is None or operand.values.size == 1 for operand in operands[:2]):
        return _extract(*operands)
    options = operands[2:]

    def one(text: Value, pattern: Value) -> Value:
        return first(_extract(Operand(single(text)), Operand(single(pattern)), *options))

    return lift(one, "value", "value").call(*operands[:2])


def _replace(text: str, pattern: str, by: str, occurrence: float = 0.0, case: float = 0.0) -> Value:
    """REGEXREPLACE: all matches, or the one of that number, counted from the end where negative."""
    try:
        matches = regex.find_all(pattern, text, _caseless(case))
        result = _put_together(text, _of_number(matches, int(occurrence)), by)
    except (regex.PatternError, OptionError):
        return VALUE
    return result if len(result) <= MAX_TEXT else VALUE


def _of_number(matches: list[re.Match[str]], which: int) -> list[re.Match[str]]:
    """All matches for 0, else the one of that number or none."""
    place = which - 1 if which > 0 else len(matches) + which
    return matches if which == 0 else matches[place : place + 1] if place >= 0 else []


def _put_together(text: str, matches: list[re.Match[str]], by: str) -> str:
    if matches and "\\" in by:
        raise FormulaError("it is not known how Excel reads a backslash in the replacement", "write $1 for a group")
    pieces, at = [], 0
    for match in matches:
        pieces += [text[at : match.start()], _expanded(match, by)]
        at = match.end()
    return "".join([*pieces, text[at:]])


def _expanded(match: re.Match[str], by: str) -> str:
    """The replacement with its $1, ${2}, ${name} and $$ filled in."""

    def fill(reference: re.Match[str]) -> str:
        if reference[0] in ("$", "$$"):
            if reference[0] == "$":
                raise regex.PatternError("a lone $ in the replacement")
            return "$"
        name = reference[1] or reference[2] or reference[3]
        try:
            group = match[int(name)] if name.isdecimal() else match[name]
        except IndexError:
            raise regex.PatternError(f"no group {name}") from None
        if group is None:
            raise FormulaError(f"it is not known what Excel puts for ${name}, a group that matched nothing")
        return str(group)

    return _REFERENCE.sub(fill, by)


_NOTE = "where PCRE2 and Python's `re` mean the same; else refused, as where it is unknown if `\\w` goes beyond ASCII"
REGULAR_EXPRESSIONS: dict[str, Function] = {
    "REGEXTEST": lift(_test, "text", "text", "number", optional=1, note=_NOTE),
    "REGEXEXTRACT": Function(
        call=_each_text,
        parameters=("value", "value", "value", "value"),
        optional=2,
        note="as REGEXTEST; several matches, or groups, side by side",
    ),
    "REGEXREPLACE": lift(
        _replace,
        "text",
        "text",
        "text",
        "number",
        "number",
        optional=2,
        note="as REGEXTEST; no backslash in what is put",
    ),
}

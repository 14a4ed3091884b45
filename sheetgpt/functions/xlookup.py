"""XMATCH and XLOOKUP: exactly, by pattern or regular expression, or the nearest; from either end, or by halving."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core import regex
from sheetgpt.functions.core.broadcasting import each_of_batch, first, pack, single, tidy
from sheetgpt.functions.core.coercion import NA, VALUE, to_text
from sheetgpt.functions.core.haystack import Haystack, haystack
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.lookup import item, number_of, told

_REGEX = 3  # the match mode in which what is sought is a regular expression


def _place(needle: Value, cells: Haystack, mode: int, direction: int) -> int:
    """The position that XMATCH finds with its match mode and search mode; a blank finds a blank."""
    if needle is None and cells.first_blank >= 0:
        return cells.first_blank
    if direction in (2, -2):
        return cells.halving(needle, mode, descending=direction < 0)
    return cells.nearest(needle, larger=mode == 1)


def _sought(needles: Operand, mode: int) -> list[Value]:
    """The values to look for; in match mode 3 what is no regular expression is #VALUE!."""
    values: list[Value] = needles.values.ravel().tolist()
    return [VALUE if _is_no_pattern(value) else value for value in values] if mode == _REGEX else values


def _is_no_pattern(value: Value) -> bool:
    try:
        regex.search(str(to_text(value)), "", caseless=False)
    except regex.PatternError:
        return True
    return False


def _equal(needles: list[Value], cells: Haystack, mode: int) -> list[int]:
    """The first positions of equal values, or of those that fit a pattern; a blank finds a blank."""
    if mode == _REGEX:
        return [_regex(needle, cells.values) for needle in needles]
    blank = cells.first_blank if None in needles else -1
    return [blank if needle is None and blank >= 0 else cells.exact(needle, wildcards=mode == 2) for needle in needles]


def _regex(needle: Value, values: list[Value]) -> int:
    """The first text in which a regular expression finds something; case counts."""
    pattern = to_text(needle)
    if isinstance(pattern, ErrorValue):
        return -1
    texts = ((place, value) for place, value in enumerate(values) if isinstance(value, str))
    return next((place for place, text in texts if regex.search(pattern, text, caseless=False)), -1)


def _options(options: Sequence[Operand | None]) -> tuple[int, int] | ErrorValue:
    """(match mode, search mode) of XMATCH and XLOOKUP."""
    modes = [number_of(option) for option in options]
    error = next((mode for mode in modes if isinstance(mode, ErrorValue)), None)
    if error:
        return error
    mode = int(modes[0]) if modes and not isinstance(modes[0], ErrorValue) else 0
    direction = int(modes[1]) if len(modes) > 1 and not isinstance(modes[1], ErrorValue) else 1
    valid = mode in (-1, 0, 1, 2, _REGEX) and direction in (1, -1, 2, -2) and (mode < 2 or abs(direction) == 1)
    return (mode, direction) if valid else VALUE


def _places(wanted: list[Value], cells: Operand, modes: tuple[int, int]) -> list[int]:
    mode, direction = modes
    line = haystack(cells.values, backwards=direction == -1)
    if mode in (0, 2, _REGEX) and abs(direction) == 1:
        places = _equal(wanted, line, mode)
    else:
        places = [_place(needle, line, mode, direction) for needle in wanted]
    return [cells.values.size - 1 - place if direction == -1 and place >= 0 else place for place in places]


def _match(needles: Operand | None, cells: Operand | None, *options: Operand | None) -> np.ndarray:
    modes = _options(options)
    if needles is None or cells is None or isinstance(modes, ErrorValue):
        return single(modes if isinstance(modes, ErrorValue) else VALUE)
    if 1 not in cells.values.shape:
        return single(VALUE)
    wanted = _sought(needles, modes[0])
    places = _places(wanted, cells, modes)
    values = [told(needle, place) for needle, place in zip(wanted, places, strict=True)]
    return pack(values, needles.values.shape)


def _lookup(*operands: Operand | None) -> np.ndarray:
    needles = operands[0] or Operand(single(None))
    cells, results = operands[1:3]
    modes = _options(operands[4:])
    if cells is None or results is None or isinstance(modes, ErrorValue):
        return single(modes if isinstance(modes, ErrorValue) else VALUE)
    down = cells.values.shape[1] == 1
    table = results.values if down else results.values.T
    if 1 not in cells.values.shape or table.shape[0] != cells.values.size:
        return single(VALUE)
    absent = operands[3].values if len(operands) > 3 and operands[3] is not None else single(NA)
    wanted = _sought(needles, modes[0])
    places = _places(wanted, cells, modes)
    if len(wanted) > 1:
        values = [_one(needle, place, table, absent) for needle, place in zip(wanted, places, strict=True)]
        return pack(values, needles.values.shape)
    if isinstance(wanted[0], ErrorValue):
        return single(wanted[0])
    found = table[places[0] : places[0] + 1]
    return absent if places[0] < 0 else tidy(found if down else found.T)


def _one(needle: Value, place: int, table: np.ndarray, absent: np.ndarray) -> Value:
    """The first value found for one of several needles."""
    if isinstance(needle, ErrorValue):
        return needle
    return first(absent) if place < 0 else item(table, place, 0)


def _in_batch(call: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    return lambda *operands: each_of_batch(call, operands)


XLOOKUP: dict[str, Function] = {
    "XMATCH": Function(
        call=_in_batch(_match),
        parameters=("value", "array", "value", "value"),
        optional=2,
        batched=True,
        note="match mode 3 as REGEXTEST",
    ),
    "XLOOKUP": Function(
        call=_in_batch(_lookup),
        parameters=("value", "array", "array", "value", "value", "value"),
        optional=3,
        batched=True,
        note="several needles give one value each; match mode 3 as REGEXTEST",
    ),
}

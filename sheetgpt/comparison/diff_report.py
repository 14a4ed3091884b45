"""Changes of workbooks as text like a unified diff, as dicts for JSON, and as a failing assertion."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from sheetgpt.book.values import Value
from sheetgpt.comparison.change import Change
from sheetgpt.comparison.grid_pair import format_value, plain

_WIDE, _HIGH = 8, 4  # columns and rows of a block of values that text shows
_KEPT = 100  # values of a block that a dict holds


def diff_text(changes: Sequence[Change], a: str = "a", b: str = "b", limit: int | None = None) -> str:
    """A text like a unified diff, with `a` and `b` for the files' names; empty if nothing changed."""
    if not changes:
        return ""
    lines = [f"--- {a}", f"+++ {b}"]
    for change in islice(changes, limit):
        lines += _hunk(change)
    more = len(changes) - (len(changes) if limit is None else min(limit, len(changes)))
    if more:
        lines.append(f"... and {more} more of {len(changes)} differences")
    return "\n".join(lines)


def change_to_dict(change: Change) -> dict[str, Any]:
    """For JSON; of a large block the first 100 values of each side, row by row."""
    place = {
        "sheet": change.sheet or None,
        "range": str(change.rect) if change.rect else None,
        "name": change.name or None,
    }
    found: dict[str, Any] = {"kind": change.kind, "where": change.where, "cells": change.cells}
    found |= {key: text for key, text in place.items() if text is not None}
    found["a"], found["b"] = _json(change.a), _json(change.b)
    size = _largest(change)
    return found if size is None else found | {"largest": size}


def _hunk(change: Change) -> list[str]:
    lines = [f"@@ {change.where} @@"]
    lines += ["-" + line for line in _lines(change.a)]
    lines += ["+" + line for line in _lines(change.b)]
    return lines


def _lines(side: object) -> list[str]:
    """One side of a change: nothing, a text, or rows of values."""
    if side is None:
        return []
    if isinstance(side, tuple):
        return list(side)
    if not isinstance(side, np.ndarray):
        return [side if isinstance(side, str) else format_value(side)]  # type: ignore[arg-type]
    rows, columns = side.shape
    lines = [
        " ".join(format_value(value) for value in row[:_WIDE]) + " ..." * (columns > _WIDE) for row in side[:_HIGH]
    ]
    return lines + [f"... ({rows * columns} cells)"] * (rows > _HIGH)


def _json(side: object) -> object:
    if isinstance(side, np.ndarray):
        return [plain(value) for value in side.flat[:_KEPT]]
    if isinstance(side, tuple):
        return list(side)
    return side if side is None or isinstance(side, str) else plain(side)  # type: ignore[arg-type]


def _largest(change: Change) -> float | None:
    """The largest |a - b| in a change of values; None if no cell holds a number on both sides."""
    if not isinstance(change.a, np.ndarray) or not isinstance(change.b, np.ndarray):
        return None
    sides: Iterable[tuple[Value, Value]] = zip(change.a.flat, change.b.flat, strict=True)
    return max((abs(a - b) for a, b in sides if type(a) is float and type(b) is float), default=None)

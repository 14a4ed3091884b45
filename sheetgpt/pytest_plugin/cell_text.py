"""Values as texts: the lines of snapshots, and what messages show."""

from __future__ import annotations

import json
import re

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import WorkbookError

_LINE = re.compile(r"((?:'(?:[^']|'')*'|[^'!]+)![A-Z]{1,3}\d+) = (.*)")
_WORDS: dict[str, Value] = {"blank": None, "TRUE": True, "FALSE": False}
_WORDS |= {str(error): error for error in ErrorValue}


def value_text(value: Value) -> str:
    """A value in one line, each kind in another way: 12.5, "text", TRUE, #N/A, blank."""
    if value is None:
        return "blank"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return str(value) if isinstance(value, ErrorValue) else repr(float(value))


def parse_value(text: str) -> Value:
    """What `value_text` wrote; raises ValueError."""
    if text in _WORDS:
        return _WORDS[text]
    return str(json.loads(text)) if text.startswith('"') else float(text)


def snapshot_text(comments: list[str], values: dict[str, Value]) -> str:
    """The text of a snapshot: a line for each cell."""
    lines = [f"# {comment}" for comment in comments] + [f"{cell} = {value_text(v)}" for cell, v in values.items()]
    return "\n".join(lines) + "\n"


def parse_snapshot(text: str, where: str) -> dict[str, Value]:
    """The values in a snapshot by their cells; raises WorkbookError for a line that is none."""
    values: dict[str, Value] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        try:
            values[match[1]] = parse_value(match[2])  # type: ignore[index]
        except (TypeError, ValueError):
            raise WorkbookError(
                f"{where}, line {number} is no cell with a value: {line!r}", "renew it with --update-workbooks"
            ) from None
    return values

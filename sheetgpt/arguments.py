"""What the command line's arguments mean: lists of token ids, cells with values."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.book import Value
from sheetgpt.errors import UsageError
from sheetgpt.show import parse_value


def assignment(text: str) -> tuple[str, Value]:
    """The cell and the value in "Sheet1!B7=3.5"."""
    cell, mark, value = text.partition("=")
    if not mark:
        raise UsageError(f"--set {text}: no value", "write it like --set Sheet1!B7=3.5")
    return cell, parse_value(value)


def numbers(text: str | None) -> Sequence[int] | None:
    """The ids in "1, 2, 3"; raises UsageError for anything else."""
    if text is None:
        return None
    try:
        return [int(part) for part in text.replace(",", " ").split()]
    except ValueError:
        raise UsageError(f"--token-ids {text!r}: expected whole numbers", "write them like 464,3290") from None

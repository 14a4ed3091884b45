"""References in the style R1C1, as INDIRECT takes them: R2C3, R[-1]C, RC[1]:R[2]C3, R2, C[1], 'A sheet'!R1C1."""

from __future__ import annotations

import re

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, column_letters

_CORNER = re.compile(r"(?:R(\d{1,7}|\[-?\d{1,7}\])?)?(?:C(\d{1,5}|\[-?\d{1,5}\])?)?", re.IGNORECASE)
_HAS_ROW, _HAS_COLUMN = re.compile("R", re.IGNORECASE), re.compile("C", re.IGNORECASE)


def to_a1(text: str, row: int, column: int) -> str | None:
    """The reference in the style A1, as seen from a cell; None for what is none, or lies beyond the sheet."""
    sheet, mark, cells = text.rpartition("!")
    corners = [_corner(corner, row, column) for corner in cells.split(":")]
    if len(corners) > 2 or any(corner is None for corner in corners):
        return None
    spelled = [_spelled(*corner) for corner in corners if corner is not None]
    if len({kind for kind, _ in spelled}) > 1:
        return None
    whole = spelled[0][0] != "cell" and len(spelled) == 1
    return sheet + mark + ":".join([name for _, name in spelled] * (2 if whole else 1))


def _corner(text: str, row: int, column: int) -> tuple[int, int] | None:
    """(row, column) of a corner, 0 for all of them."""
    match = _CORNER.fullmatch(text)
    if not match or not text:
        return None
    down = _place(match[1], row, MAX_ROWS) if _HAS_ROW.search(text) else 0
    across = _place(match[2], column, MAX_COLUMNS) if _HAS_COLUMN.search(text) else 0
    return None if down is None or across is None else (down, across)


def _place(number: str | None, own: int, most: int) -> int | None:
    if number is None:
        return own
    place = own + int(number[1:-1]) if number.startswith("[") else int(number)
    return place if 1 <= place <= most else None


def _spelled(row: int, column: int) -> tuple[str, str]:
    """Whether it is a cell, a row or a column, and its name."""
    if not column:
        return "row", str(row)
    return ("cell", f"{column_letters(column)}{row}") if row else ("column", column_letters(column))

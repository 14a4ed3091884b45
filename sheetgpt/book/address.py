"""Cells and rectangles: A1 notation and Excel's limits.

Rows and columns count from 1, as Excel shows them; rectangles include both corners.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import NamedTuple

from sheetgpt.errors import AddressError

MAX_ROWS = 1_048_576
MAX_COLUMNS = 16_384
MAX_SHEET_NAME = 31
MAX_FORMULA = 8_192
MAX_TEXT = 32_767

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_PLAIN_SHEET = re.compile(r"[^\W\d][\w.]*")
_LOOKS_LIKE_CELL = re.compile(r"[A-Za-z]{1,3}[0-9]{1,7}|[Rr][0-9]*|[Cc][0-9]*|[Rr][0-9]*[Cc][0-9]*")


class Rect(NamedTuple):
    """A rectangle of cells; `bottom` and `right` are included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def rows(self) -> int:
        return self.bottom - self.top + 1

    @property
    def columns(self) -> int:
        return self.right - self.left + 1

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.rows * self.columns

    @property
    def shape(self) -> tuple[int, int]:
        return self.rows, self.columns

    def intersect(self, other: Rect) -> Rect | None:
        """The cells that both hold, or None."""
        top, left = max(self.top, other.top), max(self.left, other.left)
        bottom, right = min(self.bottom, other.bottom), min(self.right, other.right)
        return Rect(top, left, bottom, right) if top <= bottom and left <= right else None

    def union(self, other: Rect) -> Rect:
        """The smallest rectangle that holds both."""
        return Rect(
            min(self.top, other.top),
            min(self.left, other.left),
            max(self.bottom, other.bottom),
            max(self.right, other.right),
        )

    def contains(self, other: Rect) -> bool:
        return self.intersect(other) == other

    def shift(self, rows: int = 0, columns: int = 0) -> Rect:
        """The rectangle moved down and to the right."""
        return Rect(self.top + rows, self.left + columns, self.bottom + rows, self.right + columns)

    def cells(self) -> Iterator[tuple[int, int]]:
        """(row, column) of every cell, row by row."""
        return product(range(self.top, self.bottom + 1), range(self.left, self.right + 1))

    def __str__(self) -> str:
        return a1(self)


def at(row: int, column: int) -> Rect:
    """The rectangle of one cell."""
    return Rect(row, column, row, column)


@cache
def column_letters(column: int) -> str:
    """The letters of a column: 1 -> "A", 28 -> "AB"."""
    letters = ""
    while column > 0:
        column, digit = divmod(column - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


@cache
def column_number(letters: str) -> int:
    """The number of a column: "A" -> 1, "xfd" -> 16384; raises AddressError beyond Excel's last column."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    if not 1 <= number <= MAX_COLUMNS:
        raise AddressError(f"there is no column {letters!r}: the last one is XFD")
    return number


def a1(rect: Rect, absolute: bool = False) -> str:
    """Rect -> "A1" or "A1:B2", with dollar signs if `absolute`."""
    mark = "$" if absolute else ""
    first = f"{mark}{column_letters(rect.left)}{mark}{rect.top}"
    if rect.rows == rect.columns == 1:
        return first
    return f"{first}:{mark}{column_letters(rect.right)}{mark}{rect.bottom}"


def parse_a1(text: str) -> Rect:
    """The rectangle of "A1", "$B$2" or "A1:C3" (corners in any order); raises AddressError."""
    corners = text.strip().split(":")
    matches = [_CELL.fullmatch(corner) for corner in corners]
    if len(corners) > 2 or not all(matches):
        raise AddressError(f"{text!r} is no cell or range", "write it like B7 or B7:D9")
    points = [(int(m[2]), column_number(m[1])) for m in matches if m]
    rows, columns = zip(*points, strict=True)
    if min(rows) < 1 or max(rows) > MAX_ROWS:
        raise AddressError(f"{text!r} lies outside a sheet: rows go from 1 to {MAX_ROWS}")
    return Rect(min(rows), min(columns), max(rows), max(columns))


def quote_sheet(name: str) -> str:
    """A sheet's name as formulas write it, in quotes where they are needed."""
    if _PLAIN_SHEET.fullmatch(name) and not _LOOKS_LIKE_CELL.fullmatch(name) and "." not in name:
        return name
    return "'" + name.replace("'", "''") + "'"


def reference(sheet: str, rect: Rect, absolute: bool = True) -> str:
    """A reference with its sheet, such as "'h.0.ln_1.weight'!$B$3:$BM$3"."""
    return f"{quote_sheet(sheet)}!{a1(rect, absolute)}"


def split_sheet(text: str) -> tuple[str | None, str]:
    """Cut a reference: "'My sheet'!A1" -> ("My sheet", "A1"); "A1" -> (None, "A1")."""
    sheet, mark, rest = text.rpartition("!")
    if not mark:
        return None, text
    if len(sheet) >= 2 and sheet[0] == sheet[-1] == "'":
        sheet = sheet[1:-1].replace("''", "'")
    return sheet, rest

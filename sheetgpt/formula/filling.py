"""A formula as Excel fills it into other cells: references without the mark $ move along.

What moves are references to cells only: no names, however much they look like cells (YTD2024), no functions (LOG10),
no strings, no names of sheets, no parts of tables. A reference that leaves the sheet becomes #REF!.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, column_letters, column_number
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.formula.skeleton import place, split

_CORNER = re.compile(r"(\$?)([A-Za-z]*)(\$?)([0-9]*)")


class _Corner(NamedTuple):
    """A corner of a range, a column or a row; column or row is 0 where it has none."""

    column: int
    row: int
    column_text: str  # as written, if it stays; else ""
    row_text: str


class Filling:
    """A formula's text and the cell that it is written for."""

    def __init__(self, text: str, row: int, column: int) -> None:
        self.row, self.column = row, column
        try:
            between, operands = split(text)
        except FormulaSyntaxError:  # whoever reads the formula is told so, in every cell
            between, operands = [text], []
        self._start = between[0]
        self._parts: list[tuple[str, list[_Corner], str]] = []  # what stays, what moves, what stays
        for name, after in zip(operands, between[1:], strict=True):
            found = place(name)
            sheet, cells = found or (name, "")
            self._parts.append((sheet, [_corner(corner) for corner in cells.split(":")] if cells else [], after))

    def at(self, row: int, column: int) -> str:
        """The text in another cell."""
        down, across = row - self.row, column - self.column
        text = self._start
        for before, corners, after in self._parts:
            text += before + _move(corners, down, across) + after if corners else before + after
        return text


def _corner(text: str) -> _Corner:
    parts = _CORNER.fullmatch(text)
    first, letters, second, digits = parts.groups() if parts else ("", "", "", "")
    if not letters:  # of rows
        return _Corner(0, int(digits), "", text if first or second else "")
    row = int(digits or 0)
    return _Corner(column_number(letters), row, first + letters if first else "", second + digits if second else "")


def _move(corners: Sequence[_Corner], down: int, across: int) -> str:
    """A1:B2 one cell to the right and one down: B2:C3."""
    moved = []
    for column, row, column_text, row_text in corners:
        if column and not column_text:
            if not 1 <= column + across <= MAX_COLUMNS:
                return "#REF!"
            column_text = column_letters(column + across)
        if row and not row_text:
            if not 1 <= row + down <= MAX_ROWS:
                return "#REF!"
            row_text = str(row + down)
        moved.append(column_text + row_text)
    return ":".join(moved)

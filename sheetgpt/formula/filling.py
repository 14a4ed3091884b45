"""A formula as Excel fills it into other cells: references without the mark $ move along.

What moves are references to cells only: no names, however much they look like cells (YTD2024), no functions (LOG10),
no strings, no names of sheets, no parts of tables. A reference that leaves the sheet becomes #REF!.
"""

from __future__ import annotations

import re

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, column_letters, column_number
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.formula.skeleton import place, split

_CORNER = re.compile(r"(\$?)([A-Za-z]*)(\$?)([0-9]*)")


class Filling:
    """A formula's text and the cell that it is written for."""

    def __init__(self, text: str, row: int, column: int) -> None:
        self.row, self.column = row, column
        try:
            self._between, operands = split(text)
        except FormulaSyntaxError:  # whoever reads the formula is told so, in every cell
            self._between, operands = [text], []
        self._operands = [(text, place(text)) for text in operands]

    def at(self, row: int, column: int) -> str:
        """The text in another cell."""
        down, across = row - self.row, column - self.column
        text = self._between[0]
        for (name, found), after in zip(self._operands, self._between[1:], strict=True):
            text += (found[0] + _move(found[1], down, across) if found else name) + after
        return text


def _move(cells: str, down: int, across: int) -> str:
    """ "A$1:B2" -> "B$1:C3", one cell to the right and one down."""
    corners = [_move_corner(corner, down, across) for corner in cells.split(":")]
    return "#REF!" if None in corners else ":".join(filter(None, corners))


def _move_corner(corner: str, down: int, across: int) -> str | None:
    """One corner of a range, a column or a row; None where it leaves the sheet."""
    parts = _CORNER.fullmatch(corner)
    if parts is None:
        return None
    first, letters, second, digits = parts.groups()
    if letters and not first:
        column = column_number(letters) + across
        letters = column_letters(column) if 1 <= column <= MAX_COLUMNS else ""
        if not letters:
            return None
    if digits and not second and (letters or not first):
        row = int(digits) + down
        if not 1 <= row <= MAX_ROWS:
            return None
        digits = str(row)
    return f"{first}{letters}{second}{digits}"

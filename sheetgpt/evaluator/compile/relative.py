"""Relative references in defined names: written as seen from A1, they move with the formula that uses the name."""

from __future__ import annotations

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetgpt.formula import Reference, Reference3D


def is_absolute(cells: str) -> bool:
    """Whether all rows and columns of a reference have the mark $."""
    return all(
        corner.startswith("$") and ("$" in corner[1:] or corner[1:].isdigit() or corner[1:].isalpha())
        for corner in cells.split(":")
    )


def shift(reference: Reference | Reference3D, at: Rect) -> Rect:
    """The cells of a name's relative reference, which is written as seen from A1, as seen from a formula."""
    corners = reference.cells.split(":")
    first, last = corners[0], corners[-1]
    rect = reference.rect
    top, left = _move(first, rect.top, rect.left, at)
    bottom, right = _move(last, rect.bottom, rect.right, at)
    return Rect(min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def _move(corner: str, row: int, column: int, at: Rect) -> tuple[int, int]:
    letters = corner.replace("$", "").rstrip("0123456789")
    if letters and not corner.startswith("$"):
        column = (column + at.left - 2) % MAX_COLUMNS + 1
    if corner[-1].isdigit() and "$" not in corner[1:] and not (not letters and corner.startswith("$")):
        row = (row + at.top - 2) % MAX_ROWS + 1
    return row, column

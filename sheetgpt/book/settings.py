"""What a workbook's settings say of its calculation, and what of a sheet's look some functions ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sheetgpt.book.address import Rect

DAYS_TO_1904 = 1462  # from serial 0 of the 1900 system to serial 0 of the 1904 system, which is 1904-01-01


class CellLook(NamedTuple):
    """What some functions ask of a cell's look: its number format, and whether it is locked."""

    number_format: str = "General"
    locked: bool = True


Looks = Callable[[str, int, int], CellLook]  # of the cell in a sheet, row and column; read when first asked for


@dataclass
class Settings:
    """`date1904`: dates count from 1904. `as_displayed`: values are rounded to what their cells show.

    `path` is the file from which the book was read, or ""; `looks` is None where the look of cells is not known.
    """

    date1904: bool = False
    as_displayed: bool = False
    path: str = ""
    looks: Looks | None = None


@dataclass(frozen=True, slots=True)
class DataTable:
    """A what-if table of Excel: the cells that it fills, and the cells that its headings are put into.

    `row_input` takes the values above the table, `column_input` those on its left; a table has one of them or both.
    With one only, the formulas stand on the other side; with both, one formula stands in the corner.
    """

    rect: Rect
    row_input: Rect | None
    column_input: Rect | None

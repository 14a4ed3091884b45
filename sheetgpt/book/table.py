"""A table of a workbook, as Excel's command Insert > Table makes it: cells with a name, and a name for each column."""

from __future__ import annotations

from dataclasses import dataclass

from sheetgpt.book.address import Rect
from sheetgpt.errors import AddressError


@dataclass(frozen=True, slots=True)
class Table:
    """Where a table lies, its headings and totals among it; how many rows these have, and the names of its columns."""

    sheet: str
    rect: Rect
    columns: tuple[str, ...]
    header_rows: int = 1
    total_rows: int = 0

    @property
    def data(self) -> Rect:
        """The cells between headings and totals."""
        top, left, bottom, right = self.rect
        return Rect(top + self.header_rows, left, bottom - self.total_rows, right)

    @property
    def headers(self) -> Rect | None:
        """The cells of the headings, if it has any."""
        top, left, _, right = self.rect
        return Rect(top, left, top + self.header_rows - 1, right) if self.header_rows else None

    def part(self, brackets: str) -> Rect:
        """The cells of [Column], [#Headers], [#Totals], [#All]; of "", [] and [#Data] its data.

        Raises AddressError for what is none of these.
        """
        name = brackets[1:-1] if brackets.startswith("[") and brackets.endswith("]") else brackets
        parts = {"": self.data, "#data": self.data, "#all": self.rect, "#headers": self.headers, "#totals": self.totals}
        found = parts.get(name.lower())
        heads = [column.lower() for column in self.columns]
        if found is None and name.lower() in heads:
            left = self.rect.left + heads.index(name.lower())
            found = Rect(self.data.top, left, self.data.bottom, left)
        if found is None:
            raise AddressError(f"the table has no part {brackets}", "its columns are: " + ", ".join(self.columns))
        return found

    @property
    def totals(self) -> Rect | None:
        """The cells of the totals, if it has any."""
        _, left, bottom, right = self.rect
        return Rect(bottom - self.total_rows + 1, left, bottom, right) if self.total_rows else None

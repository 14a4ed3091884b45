"""One difference between two workbooks, as data."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sheetgpt.book.address import Rect, column_letters, quote_sheet, reference

SPILLED = "spilled"  # the name of "values" in cells to which a spilled array has grown, or that it has left


@dataclass(frozen=True, eq=False)
class Change:
    """One difference: what it is of (`kind`), where, and what the two books hold there.

    Kinds: "sheet", "renamed" (a sheet), "order" (of sheets), "name", "table", "rows" and "columns" put in or taken out,
    "formula", "constants", "values" (of formulas), "looks" (formats, comments, charts ...), "cell by cell" (a sheet too
    large to look for rows put in).
    `sheet` and `rect` say where in the new book (rows and columns that are deleted: in the old one), `name` which
    defined name or kind of looks. `a` and `b` are what the two books hold: texts, None where one has nothing, tuples
    of lines, or for "constants" and "values" arrays of the cells of `rect` (objects).
    """

    kind: str
    sheet: str = ""
    rect: Rect | None = None
    name: str = ""
    a: object = None
    b: object = None

    @property
    def where(self) -> str:
        """The place as a heading shows it, such as "Sheet1!B7:D7", "Sheet1: row 6 inserted" or "name wte.weight"."""
        if self.kind in ("rows", "columns") and self.rect is not None:
            what = "deleted" if self.b is None else "inserted"
            return f"{quote_sheet(self.sheet)}: {_lines(self.kind, self.rect)} {what}"
        if self.kind == "looks":
            place = reference(self.sheet, self.rect, False) if self.rect else self.sheet and quote_sheet(self.sheet)
            return f"{place}: {self.name}" if place else self.name
        if self.rect is not None:
            return reference(self.sheet, self.rect, False)
        return "sheet renamed" if self.kind == "renamed" else f"{self.kind} {self.name or self.sheet}".strip()

    def part(self, rect: Rect) -> Change:
        """The same for some of the cells of a change of "constants" or "values"."""
        if self.rect is None or not isinstance(self.a, np.ndarray) or not isinstance(self.b, np.ndarray):
            return self
        rows = slice(rect.top - self.rect.top, rect.bottom - self.rect.top + 1)
        columns = slice(rect.left - self.rect.left, rect.right - self.rect.left + 1)
        return replace(self, rect=rect, a=self.a[rows, columns], b=self.b[rows, columns])

    @property
    def cells(self) -> int:
        return self.rect.size if self.rect else 1


def _lines(kind: str, rect: Rect) -> str:
    """Rows or columns in words: row 6, rows 6:8, column C, columns C:D."""
    first, last = (
        (str(rect.top), str(rect.bottom)) if kind == "rows" else (column_letters(rect.left), column_letters(rect.right))
    )
    return f"{kind[:-1]} {first}" if first == last else f"{kind} {first}:{last}"

"""The tables of a book: which cells a reference to parts of one stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sheetgpt.book.address import Rect
from sheetgpt.book.table import Table
from sheetgpt.book.values import ErrorValue
from sheetgpt.formula import TableReference
from sheetgpt.formula.table_reference import ALL, DATA, HEADERS, THIS_ROW, TOTALS

Area = tuple[int, Rect]  # number of the sheet, cells


class TableIndex:
    """Finds tables by their names, or by the cells that a formula fills."""

    def __init__(self, tables: Mapping[str, Table], sheet_number: Mapping[str, int]) -> None:
        self._tables = {
            name.lower(): (sheet_number[table.sheet.lower()], table)
            for name, table in tables.items()
            if table.sheet.lower() in sheet_number
        }

    def cells(self, reference: TableReference, sheet: int, at: Rect | None) -> Area | ErrorValue:
        """The cells that a reference stands for in a formula that fills `at` of a sheet, else the error it gives.

        #NAME? without such a table, #REF! without such a column or part, #VALUE! for [#This Row] of no row of the data.
        """
        found = self._find(reference.table, sheet, at)
        if found is None:
            return ErrorValue.NAME
        number, table = found
        sides = columns_of(table, reference.columns)
        rows = _rows(table, reference.items, at)
        if sides is None or isinstance(rows, ErrorValue):
            return rows if isinstance(rows, ErrorValue) and sides is not None else ErrorValue.REF
        return number, Rect(rows[0], sides[0], rows[1], sides[1])

    def knows(self, name: str) -> bool:
        """Whether there is a table with a name."""
        return name.lower() in self._tables

    def depends_on_place(self, reference: TableReference) -> bool:
        """Whether it stands for other cells in a formula of another row, or in another table."""
        return not reference.table or THIS_ROW in reference.items

    def own_rows(self, reference: TableReference, sheet: int) -> tuple[int, int] | None:
        """The first and last row in which [#This Row] of a table by name stands for cells; None if it never does."""
        found = self._find(reference.table, sheet, None)
        if found is None or reference.items != (THIS_ROW,) or columns_of(found[1], reference.columns) is None:
            return None
        data = found[1].data
        return data.top, data.bottom

    def _find(self, name: str, sheet: int, at: Rect | None) -> tuple[int, Table] | None:
        if name:
            return self._tables.get(name.lower())
        own = [found for found in self._tables.values() if found[0] == sheet and at and found[1].rect.intersect(at)]
        return own[0] if own else None


def columns_of(table: Table, names: Sequence[str]) -> tuple[int, int] | None:
    """The first and last column of a sheet that some columns of a table have; None where one of them is not there."""
    if not names:
        return table.rect.left, table.rect.right
    known = {_plain(column): place for place, column in reversed(list(enumerate(table.columns, table.rect.left)))}
    places = [known.get(_plain(name), known.get(_plain(name.strip()))) for name in names]
    found = [place for place in places if place is not None]
    return (min(found), max(found)) if len(found) == len(places) else None


def _rows(table: Table, items: Sequence[str], at: Rect | None) -> tuple[int, int] | ErrorValue:
    """The first and last row of the parts of a table; those of its data if none is named."""
    data = table.data
    if THIS_ROW in items:
        inside = at is not None and data.top <= at.top <= data.bottom
        return (at.top, at.top) if at is not None and inside else ErrorValue.VALUE
    parts = {ALL: table.rect, DATA: data, HEADERS: table.headers, TOTALS: table.totals}
    named = [part for item in items or (DATA,) if (part := parts[item]) is not None]
    return (min(part.top for part in named), max(part.bottom for part in named)) if named else ErrorValue.REF


def _plain(name: str) -> str:
    """By what columns are found: case does not count, nor how a line break is written."""
    return name.replace("\r\n", "\n").lower()

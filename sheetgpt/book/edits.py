"""What is to be typed into cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.book.values import Value

Cell = tuple[int, int]  # row, column


class CellEdits(dict[str, dict[Cell, Value]]):
    """Sheet -> (row, column) -> value, None for a blank: what to type into a book or a file."""

    def set(self, sheet: str, cell: Cell, value: Value) -> None:
        """One cell."""
        self.setdefault(sheet, {})[cell] = value

    def fill(self, sheet: str, rect: Rect, values: Iterator[Value] | list[Value]) -> None:
        """All cells of a rectangle, row by row; raises ValueError for another number of values."""
        self.setdefault(sheet, {}).update(zip(rect.cells(), values, strict=True))

    def add(self, others: Mapping[str, Mapping[Cell, Value]]) -> None:
        """Other edits, which win where both have a cell."""
        for sheet, cells in others.items():
            self.setdefault(sheet, {}).update(cells)

    def apply(self, book: Book) -> None:
        """Type everything into the grids of a book; raises KeyError for a sheet that it does not have."""
        for sheet, cells in self.items():
            for cell, value in cells.items():
                book.sheets[sheet].grid.write(at(*cell), value)

"""The values of a book's formulas as they were before a calculation, to go back to."""

from __future__ import annotations

from sheetgpt.evaluator.index.indexed_book import IndexedBook


class StoredValues:
    """A copy of the values of all sheets that have formulas."""

    def __init__(self, workbook: IndexedBook) -> None:
        self._workbook = workbook
        self._values = {
            number: (grid.numbers.copy(), dict(grid.others))
            for number, grid in enumerate(workbook.grids)
            if workbook.indexes[number] is not None
        }

    def put_back(self) -> None:
        """Let the sheets have these values again."""
        for number, (numbers, others) in self._values.items():
            grid = self._workbook.grids[number]
            grid.numbers, grid.others = numbers, others
            grid.version += 1
            grid.filled.forget()

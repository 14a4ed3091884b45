"""What-if data tables: their formulas calculated again for each value that is put into an input cell.

While a table is filled, the input cells of a copy of the book get the values above and on the left of the table, one
after the other. Another table is calculated within that only if what this one shows depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from typing import NamedTuple, Protocol

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.settings import DataTable
from sheetgpt.book.values import Value
from sheetgpt.errors import FormulaError, UnsupportedFunctionError, UsageError
from sheetgpt.evaluator.batch.array_results import differs, fit
from sheetgpt.evaluator.graph.dependency_graph import DependencyGraph
from sheetgpt.evaluator.index.clock import Clock


class Inner(Protocol):
    """A calculator of a copy of the book."""

    def set(self, where: tuple[str, Rect], value: Value) -> None:
        """Put a value into a cell."""

    def update(self) -> int:
        """Calculate what that reaches."""

    def knows(self, where: tuple[str, Rect]) -> bool:
        """Whether what some cells hold now is known."""


class Placed(NamedTuple):
    """A table and its sheet."""

    sheet: str
    table: DataTable

    def __str__(self) -> str:
        return f"{self.sheet}!{self.table.rect}"

    def inputs(self) -> list[Rect]:
        """The input cells."""
        return [cell for cell in (self.table.row_input, self.table.column_input) if cell]

    def results(self) -> Rect:
        """The cells with the formulas that the table shows; raises UnsupportedFunctionError if that cannot be."""
        top, left, bottom, right = self.table.rect
        if not self.inputs() or min(top, left) == 1:
            raise UnsupportedFunctionError(
                f"the data table in {self} has lost an input cell",
                "make the table anew",
            )
        if len(self.inputs()) == 2:
            return at(top - 1, left - 1)
        return Rect(top - 1, left, top - 1, right) if self.table.column_input else Rect(top, left - 1, bottom, left - 1)


def tables_of(book: Book) -> list[Placed]:
    """The tables of a book."""
    return [Placed(name, table) for name, sheet in book.sheets.items() for table in sheet.data_tables]


def refuse_part(book: Book, sheet: str, rect: Rect) -> None:
    """Raise UsageError if cells are to be changed that a table fills."""
    for table in book.sheets[sheet].data_tables:
        if table.rect.intersect(rect):
            raise UsageError(f"{rect} is part of the data table in {sheet}!{table.rect}", "change its input cells")


def changed_tables(
    placed: list[Placed],
    graph: DependencyGraph,
    calculator: Callable[[Book, Clock], Inner],
    refused: dict[tuple[str, Rect], str] | None = None,
) -> Iterator[tuple[str, Rect, np.ndarray]]:
    """The tables whose values are others now: the sheet, the cells, and the values.

    Those that cannot be calculated stay as they are and go into `refused`, with the reason; without it, they raise a
    FormulaError.
    """
    book, clock = graph.workbook.book, graph.workbook.clock
    for number, own in enumerate(placed):
        try:
            copy = _copy(book, own, _feeding(placed, own, graph))
            values = _values(own, book, copy, calculator(copy, clock.within(number)))
        except FormulaError as error:
            if refused is None:
                raise
            refused[own.sheet, own.table.rect] = str(error).partition("\n")[0]
            continue
        grid = book.sheets[own.sheet].grid
        if any(differs(grid.read(own.table.rect), values, 1)):
            yield own.sheet, own.table.rect, values


def _feeding(placed: list[Placed], own: Placed, graph: DependencyGraph) -> list[Placed]:
    """The other tables on which the formulas of a table depend."""
    wanted, found = [own], []
    while wanted:
        results = wanted.pop()
        for other in placed:
            if other is not own and other not in found and _feeds(other, results, graph):
                found.append(other)
                wanted.append(other)
    return found


def _feeds(table: Placed, reader: Placed, graph: DependencyGraph) -> bool:
    """Whether a formula that a table shows depends on the cells of another one."""
    book = graph.workbook
    number = book.sheets.index(table.sheet)
    shown = book.fillers(book.sheets.index(reader.sheet), reader.results())
    return not set(shown).isdisjoint(graph.reached(graph.readers_of(number, table.table.rect)))


def _copy(book: Book, own: Placed, others: list[Placed]) -> Book:
    """A book to put values into; sheets in which nothing will change are shared."""
    copy = replace(book, sheets={})
    for name, sheet in book.sheets.items():
        tables = [other.table for other in others if other.sheet == name]
        copy.sheets[name] = _copy_sheet(sheet, tables, own.inputs() if name == own.sheet else [])
    return copy


def _copy_sheet(sheet: Sheet, tables: list[DataTable], inputs: list[Rect]) -> Sheet:
    if not (sheet.formulas or tables or inputs):
        return replace(sheet, data_tables=[])
    kept = [formula for formula in sheet.formulas if not any(formula.rect.intersect(cell) for cell in inputs)]
    return replace(sheet, grid=deepcopy(sheet.grid), formulas=kept, data_tables=tables)


def _values(own: Placed, book: Book, copy: Book, inner: Inner) -> np.ndarray:
    """What a table comes to."""
    rect, results = own.table.rect, own.results()
    headings, grid = book.sheets[own.sheet].grid, copy.sheets[own.sheet].grid
    values = np.empty(rect.shape, dtype=object)
    for row, column in _scenarios(own.table):
        if own.table.row_input:
            inner.set((own.sheet, own.table.row_input), headings[rect.top - 1, rect.left + column])
        if own.table.column_input:
            inner.set((own.sheet, own.table.column_input), headings[rect.top + row, rect.left - 1])
        inner.update()
        if not inner.knows((own.sheet, results)):
            raise FormulaError("it shows formulas that cannot be calculated for the values of its inputs")
        found = grid.read(results).astype(object)
        if results.size == 1 and len(own.inputs()) == 2:
            values[row, column] = found[0, 0]
        elif own.table.column_input:
            values[row] = found[0]
        else:
            values[:, column] = found[:, 0]
    return fit(values, *rect.shape)


def _scenarios(table: DataTable) -> Iterator[tuple[int, int]]:
    """The row and column, from 0, of each calculation: one for a whole row or column, or for each cell."""
    rows, columns = table.rect.shape
    for row in range(rows if table.column_input else 1):
        for column in range(columns if table.row_input else 1):
            yield row, column

"""An old workbook in the places of a new one: what a change of rows, columns and names of sheets moves is moved.

References move as Excel moves them: a range loses rows that are deleted and takes in those that are put in between its
first and its last one; a reference to nothing but deleted cells is #REF!.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import numpy as np

from sheetgpt.book.address import Rect, column_letters, quote_sheet
from sheetgpt.book.book import Sheet
from sheetgpt.book.grid import Grid
from sheetgpt.book.settings import DataTable
from sheetgpt.comparison.lines import Lines, Move
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.formula.canonical import plain_cells
from sheetgpt.formula.nodes import Name, Reference, Reference3D
from sheetgpt.formula.skeleton import operand, split

_CORNER = re.compile(r"(\$?)([A-Z]*)(\$?)([0-9]*)")


class Carrier:
    """Moves what a book holds; `moves` says for each of its sheets, by the name in small letters, where it went."""

    def __init__(self, moves: Mapping[str, Move]) -> None:
        self.moves = moves
        self.operand = cache(self._operand)

    @property
    def same(self) -> bool:
        """Whether all stays as it is."""
        return all(move.same and move.name.casefold() == name for name, move in self.moves.items())

    def sheet(self, sheet: Sheet) -> Sheet:
        """A sheet in its new places, without what is deleted."""
        move = self.moves[sheet.name.casefold()]
        formulas = [
            replace(formula, rect=rect, text=self.text(formula.text, sheet.name))
            for formula in sheet.formulas
            if (rect := move.rect(formula.rect)) is not None
        ]
        tables = [moved for table in sheet.data_tables if (moved := _data_table(table, move))]
        grid = sheet.grid if move.same else _grid(sheet.grid, move)
        return Sheet(move.name, grid, formulas, data_tables=tables)

    def text(self, text: str, sheet: str) -> str:
        """A formula's text (without "="), of a sheet or of a name, with its references moved."""
        try:
            between, operands = split(text)
            moved = [self.operand(one, sheet) for one in operands]
        except FormulaSyntaxError:
            return text
        return between[0] + "".join(one + after for one, after in zip(moved, between[1:], strict=True))

    def _operand(self, text: str, owner: str) -> str:
        node = operand(text)
        match node:
            case Reference(sheet, cells, rect):
                move = self.moves.get((sheet or owner).casefold())
                if move is None:
                    return text
                found = rect if move.same else move.rect(rect)
                place = "" if sheet is None else f"{quote_sheet(move.name)}!"
                return "#REF!" if found is None else place + _written(plain_cells(cells), found)
            case Reference3D(first, last, cells, rect):
                return str(Reference3D(self._name(first), self._name(last), cells, rect))
            case Name(name, str(sheet)):
                return str(Name(name, self._name(sheet)))
        return text

    def _name(self, sheet: str) -> str:
        move = self.moves.get(sheet.casefold())
        return sheet if move is None else move.name


def _data_table(table: DataTable, move: Move) -> DataTable | None:
    """A what-if table in its new place; None if it is deleted."""
    rect = move.rect(table.rect)
    inputs = [one and move.rect(one) for one in (table.row_input, table.column_input)]
    return rect and replace(table, rect=rect, row_input=inputs[0], column_input=inputs[1])


def _written(cells: str, rect: Rect) -> str:
    """Cells with their dollar signs, in another place."""
    corners = cells.split(":")
    places = [(rect.top, rect.left), (rect.bottom, rect.right)]
    if len(corners) == 1 and rect.size > 1:
        corners *= 2
    texts = []
    for corner, (row, column) in zip(corners, places, strict=False):
        match = _CORNER.fullmatch(corner)
        first, letters, second, digits = match.groups() if match else ("", "", "", "")
        across = first + column_letters(column) if letters else ""
        down = (second if letters else first + second) + str(row) if digits else ""
        texts.append(across + down)
    return ":".join(texts)


def _grid(grid: Grid, move: Move) -> Grid:
    """The values in their new places."""
    height, width = grid.numbers.shape
    (rows, new_rows), (columns, new_columns) = _kept(move.rows, height), _kept(move.columns, width)
    moved = Grid()
    if len(rows) and len(columns):
        moved.reserve(Rect(1, 1, int(new_rows[-1]), int(new_columns[-1])))
        block = grid.numbers[np.ix_(rows - 1, columns - 1)]
        found = ~np.isnan(block)
        at_rows, at_columns = np.nonzero(found)
        moved.scatter(new_rows[at_rows], new_columns[at_columns], block[found])
    for (row, column), value in grid.others.items():
        new_row, new_column = move.rows.new(row), move.columns.new(column)
        if new_row is not None and new_column is not None and value is not None:
            moved[new_row, new_column] = value
    return moved


def _kept(lines: Lines, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The old numbers up to a last one that are not deleted, and their new ones."""
    pairs = [(old, new) for old in range(1, count + 1) if (new := lines.new(old)) is not None]
    olds, news = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(olds, dtype=np.int64), np.array(news, dtype=np.int64)

"""What an engine hands back: the values of sheets, and the cells it could not calculate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import Value

# What is typed into cells before calculating: sheet -> (row, column) -> value, as in `CellEdits`.
Edits: TypeAlias = Mapping[str, Mapping[tuple[int, int], Value]]

# A rectangle with its numbers (NaN where a cell holds none) and its other values by (row, column).
Block: TypeAlias = tuple[Rect, np.ndarray, dict[tuple[int, int], Value]]


class Values(dict[str, Grid]):
    """Sheet name -> values; `not_covered` maps (sheet, row, column) to why the engine has no verdict there.

    A cell is not covered where the engine lacks a function or cannot read the formula. Its grid value
    is the nearest Excel error, so that nobody mistakes it for a number; a comparison leaves it out
    and counts it apart.
    """

    def __init__(self) -> None:
        super().__init__()
        self.not_covered: dict[tuple[str, int, int], str] = {}


def grid_of(blocks: Iterable[Block]) -> Grid:
    """A grid of blocks that do not overlap; one array if they lie together, cell by cell if far apart."""
    blocks = list(blocks)
    rows = max((rect.bottom for rect, _, _ in blocks), default=0)
    columns = max((rect.right for rect, _, _ in blocks), default=0)
    dense = rows * columns <= max(1_000_000, 4 * sum(rect.size for rect, _, _ in blocks))
    grid = Grid(rows, columns) if dense else Grid()
    for rect, numbers, others in blocks:
        if dense:
            grid.numbers[rect.top - 1 : rect.bottom, rect.left - 1 : rect.right] = numbers
            grid.extent = rect if grid.extent is None else grid.extent.union(rect)
        else:
            for row, column in np.argwhere(~np.isnan(numbers)).tolist():
                grid[rect.top + row, rect.left + column] = float(numbers[row, column])
        for cell, value in others.items():
            grid[cell] = value
    return grid

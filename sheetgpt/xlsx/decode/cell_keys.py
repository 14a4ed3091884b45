"""The cells that a worksheet's XML has besides plain numbers, to see whether one stands there twice."""

from __future__ import annotations

from array import array

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS
from sheetgpt.book.grid import Grid
from sheetgpt.errors import AddressError

_WIDE = 32  # bits of a column's number


class TwiceError(Exception):
    """A cell stands in the sheet more than once."""


class CellKeys:
    """One number for each cell that was added, in ascending order in a file as Excel writes it."""

    def __init__(self) -> None:
        self._keys = array("q")

    def add(self, row: int, column: int) -> None:
        """Add a cell; its row is below a thousand million."""
        self._keys.append(row << _WIDE | column)

    def refuse_twice(self, grid: Grid) -> None:
        """Raise TwiceError for a cell added twice or with a number in `grid`; AddressError for one outside a sheet."""
        keys = np.frombuffer(self._keys, np.int64) if self._keys else np.empty(0, np.int64)
        rows, columns = keys >> _WIDE, keys & (1 << _WIDE) - 1
        if ((rows < 1) | (rows > MAX_ROWS) | (columns < 1) | (columns > MAX_COLUMNS)).any():
            raise AddressError("a cell lies outside a sheet")
        near = (rows <= grid.numbers.shape[0]) & (columns <= grid.numbers.shape[1])
        twice = not np.isnan(grid.numbers[rows[near] - 1, columns[near] - 1]).all()
        if grid.others and not twice:
            twice = any(cell in grid.others for cell in zip(rows.tolist(), columns.tolist(), strict=True))
        if twice or (not (np.diff(keys) > 0).all() and len(np.unique(keys)) < len(keys)):
            raise TwiceError

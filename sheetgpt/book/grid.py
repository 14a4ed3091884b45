"""The values of a sheet: a matrix of numbers, and the other values by their cells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect, at
from sheetgpt.book.number_mask import Filled, alone, texts_only
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import AddressError


class Grid:
    """The values of one sheet's cells.

    Numbers near each other lie in one float64 array (NaN where a cell is no number); everything
    else, and numbers far from the rest, in a dict by (row, column). So a weight matrix costs 8
    bytes a cell and is read without a copy, and one cell in XFD1048576 costs no more than itself.
    """

    def __init__(self, rows: int = 0, columns: int = 0) -> None:
        self.numbers = np.full((rows, columns), np.nan)
        self.others: dict[tuple[int, int], Value] = {}
        self.extent: Rect | None = None
        self.version = 0  # grows with every change made through the methods
        self.filled = Filled()

    def __getitem__(self, cell: tuple[int, int]) -> Value:
        row, column = cell
        if row <= self.numbers.shape[0] and column <= self.numbers.shape[1]:
            number = self.numbers[row - 1, column - 1]
            if number == number:
                return float(number)
        return self.others.get(cell)

    def __setitem__(self, cell: tuple[int, int], value: Value) -> None:
        here = _inside_a_sheet(at(*cell))
        self.extent = here if self.extent is None else self.extent.union(here)
        self.version += 1
        self.others.pop(cell, None)
        self._put(cell, value)

    def read(self, rect: Rect) -> np.ndarray:
        """The values of `rect`: float64 if all are numbers (maybe a view: do not write), else objects."""
        rows, columns = self.numbers.shape
        inside = rect.bottom <= rows and rect.right <= columns
        if inside and self.filled.holds(self.numbers, rect):
            return self.numbers[rect.top - 1 : rect.bottom, rect.left - 1 : rect.right]
        values = np.full(rect.shape, None, dtype=object)
        block = self.numbers[rect.top - 1 : rect.bottom, rect.left - 1 : rect.right]
        if block.size:
            known = ~np.isnan(block)
            values[: block.shape[0], : block.shape[1]][known] = block[known]
        if len(self.others) < rect.size:
            for (row, column), value in self.others.items():
                if rect.top <= row <= rect.bottom and rect.left <= column <= rect.right:
                    values[row - rect.top, column - rect.left] = value
        else:
            for row, column in rect.cells():
                value = self.others.get((row, column))
                if value is not None:
                    values[row - rect.top, column - rect.left] = value
        if not inside and values.size and all(type(value) is float for value in values.flat):
            return values.astype(np.float64)
        return values

    def write(self, rect: Rect, values: object) -> None:
        """Put a value, or an array that broadcasts to the shape of `rect`, into its cells."""
        _inside_a_sheet(rect)
        block = values if isinstance(values, np.ndarray) else alone(values)
        if block.dtype == np.bool_:
            block = block.astype(object)  # TRUE is not 1
        self.extent = rect if self.extent is None else self.extent.union(rect)
        self.version += 1
        if texts := texts_only(block, rect.shape):
            self.numbers[rect.top - 1 : rect.bottom, rect.left - 1 : rect.right] = np.nan
            self.filled.forget()
            self.others.update(zip(rect.cells(), texts, strict=True))
            return
        if self.others:
            self._forget(rect)
        if block.dtype != object and self._reach(rect):
            block = np.asarray(block, dtype=np.float64)
            if not np.isfinite(block).all():
                raise ValueError(f"{rect}: a cell cannot hold an infinite number or NaN")
            self.numbers[rect.top - 1 : rect.bottom, rect.left - 1 : rect.right] = block
            return
        for cell, value in zip(rect.cells(), np.broadcast_to(block, rect.shape).flat, strict=True):
            self._put(cell, value)

    def reserve(self, rect: Rect) -> None:
        """Make room for numbers in `rect` at once, instead of growing with each write."""
        self._reach(rect)

    def scatter(self, rows: np.ndarray, columns: np.ndarray, numbers: np.ndarray) -> None:
        """Put many numbers into blank cells; the three arrays are as long as each other."""
        if not len(numbers):
            return
        area = Rect(int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max()))
        if area.size <= max(1_000_000, 4 * len(numbers)) and self._reach(area):
            self.numbers[rows - 1, columns - 1] = numbers
            self.extent = area if self.extent is None else self.extent.union(area)
            self.version += 1
            return
        for row, column, number in zip(rows.tolist(), columns.tolist(), numbers.tolist(), strict=True):
            self[row, column] = number

    def put_others(self, cells: Mapping[tuple[int, int], Value]) -> None:
        """Put values that are no numbers into blank cells."""
        if cells:
            rows, columns = zip(*cells, strict=True)
            area = _inside_a_sheet(Rect(min(rows), min(columns), max(rows), max(columns)))
            self.extent = area if self.extent is None else self.extent.union(area)
            self.version += 1
            self.others.update(cells)

    def items(self) -> Iterator[tuple[tuple[int, int], Value]]:
        """((row, column), value) of every cell that is not blank, row by row."""
        cells: list[tuple[tuple[int, int], Value]] = list(self.others.items())
        rows, columns = np.nonzero(~np.isnan(self.numbers))
        numbers = self.numbers[rows, columns]
        cells += [
            ((row + 1, column + 1), number)
            for row, column, number in zip(rows.tolist(), columns.tolist(), numbers.tolist(), strict=True)
        ]
        return iter(sorted(cells, key=lambda cell: cell[0]))

    def __repr__(self) -> str:
        return f"<Grid {'without cells' if self.extent is None else self.extent}>"

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same values of the same kinds: TRUE is not 1."""
        if not isinstance(other, Grid):
            return NotImplemented
        mine, theirs = ({c: (type(v), v) for c, v in grid.others.items()} for grid in (self, other))
        if mine == theirs and np.array_equal(self._trimmed(), other._trimmed(), equal_nan=True):
            return True
        # Far numbers may lie in the array of one grid and in the dict of the other.
        return [(c, type(v), v) for c, v in self.items()] == [(c, type(v), v) for c, v in other.items()]

    def _trimmed(self) -> np.ndarray:
        """The number array without the blank rows and columns at its end."""
        known = ~np.isnan(self.numbers)
        rows, columns = np.nonzero(known.any(axis=1))[0], np.nonzero(known.any(axis=0))[0]
        return self.numbers[: rows[-1] + 1, : columns[-1] + 1] if len(rows) else self.numbers[:0, :0]

    __hash__ = None  # type: ignore[assignment]

    def _put(self, cell: tuple[int, int], value: Value) -> None:
        row, column = cell
        if isinstance(value, bool | np.bool_):
            value = bool(value)
        elif isinstance(value, int | float | np.integer | np.floating):
            value = float(value)
            if not np.isfinite(value):
                raise ValueError(f"{at(row, column)}: a cell cannot hold an infinite number or NaN")
        elif value is not None and not isinstance(value, str | ErrorValue):
            raise TypeError(f"{at(row, column)}: a cell cannot hold {value!r}")
        is_number = isinstance(value, float)
        inside = row <= self.numbers.shape[0] and column <= self.numbers.shape[1]
        if is_number and not inside:
            inside = self._reach(at(row, column))
        if inside:
            self.numbers[row - 1, column - 1] = value if is_number else np.nan
            if not is_number:
                self.filled.forget()
        if value is not None and not (is_number and inside):
            self.others[cell] = value

    def _forget(self, rect: Rect) -> None:
        """Drop what `others` holds in `rect`."""
        if rect.size < len(self.others):
            for cell in rect.cells():
                self.others.pop(cell, None)
        else:
            for cell in [c for c in self.others if rect.top <= c[0] <= rect.bottom and rect.left <= c[1] <= rect.right]:
                del self.others[cell]

    def _reach(self, rect: Rect) -> bool:
        """Let the number array grow to hold `rect`, unless it would be large and mostly empty."""
        rows, columns = self.numbers.shape
        if rect.bottom <= rows and rect.right <= columns:
            return True
        rows, columns = max(rows, rect.bottom), max(columns, rect.right)
        if rows * columns > max(1_000_000, 4 * (self.numbers.size + rect.size)):
            return False
        if self.numbers.size:  # room to grow by half, so that row after row costs no copy each
            rows = max(rows, min(MAX_ROWS, self.numbers.shape[0] * 3 // 2)) if rows > self.numbers.shape[0] else rows
        grown = np.full((rows, columns), np.nan)
        grown[: self.numbers.shape[0], : self.numbers.shape[1]] = self.numbers
        self.numbers = grown
        for (row, column), value in list(self.others.items()):  # far numbers that are near now
            if isinstance(value, float) and row <= rows and column <= columns:
                self.numbers[row - 1, column - 1] = self.others.pop((row, column))
        return True


def _inside_a_sheet(rect: Rect) -> Rect:
    if rect.top < 1 or rect.left < 1 or rect.bottom > MAX_ROWS or rect.right > MAX_COLUMNS:
        raise AddressError(f"{rect} lies outside a sheet of {MAX_ROWS} rows and {MAX_COLUMNS} columns")
    return rect

"""Areas: where the references of a batch point, and values moved between grids and batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import Value
from sheetgpt.functions.core.broadcasting import pack


class Line(NamedTuple):
    """Rectangles of one shape on one sheet, each so many rows and columns from the one before."""

    sheet: int
    top: int
    left: int
    down: int
    across: int


@dataclass(slots=True)
class Areas:
    """A rectangle of cells for each member of a batch, all of one shape.

    `sheets`, `tops` and `lefts` are int arrays with one entry for each member, or all three are plain
    ints where the members share one rectangle.
    """

    sheets: int | np.ndarray
    tops: int | np.ndarray
    lefts: int | np.ndarray
    rows: int
    columns: int
    _line: Line | bool | None = field(default=False, init=False, repr=False, compare=False)
    _shared: list[tuple[int, Rect]] | None = field(default=None, init=False, repr=False, compare=False)

    def rects(self) -> list[tuple[int, Rect]]:
        """(sheet, rectangle) for each member; one only if it is shared."""
        if self._shared is not None:
            return self._shared
        rows, columns = self.rows - 1, self.columns - 1
        if isinstance(self.sheets, int) and isinstance(self.tops, int) and isinstance(self.lefts, int):
            self._shared = [(self.sheets, Rect(self.tops, self.lefts, self.tops + rows, self.lefts + columns))]
            return self._shared
        corners = np.stack((self.sheets, self.tops, self.lefts), axis=1).tolist()
        return [(sheet, Rect(top, left, top + rows, left + columns)) for sheet, top, left in corners]

    @property
    def size(self) -> int:
        """How many members there are."""
        return 1 if isinstance(self.tops, int) else len(self.tops)

    def line(self) -> Line | None:
        """How the rectangles of the members follow one another, or None where they do not do so evenly."""
        if isinstance(self._line, bool):
            self._line = _line_of(self.sheets, self.tops, self.lefts)
        return self._line

    def part(self, members: np.ndarray) -> Areas:
        """The areas of some of the members only."""
        if isinstance(self.sheets, int) or isinstance(self.tops, int) or isinstance(self.lefts, int):
            return self
        return Areas(self.sheets[members], self.tops[members], self.lefts[members], self.rows, self.columns)


def _line_of(sheets: int | np.ndarray, tops: int | np.ndarray, lefts: int | np.ndarray) -> Line | None:
    if isinstance(sheets, int) or isinstance(tops, int) or isinstance(lefts, int):
        return None
    sheet, top, left = int(sheets[0]), int(tops[0]), int(lefts[0])
    down, across = (int(tops[1]) - top, int(lefts[1]) - left) if len(tops) > 1 else (0, 0)
    steps = np.arange(len(tops))
    even = (sheets == sheet).all() and (tops == top + steps * down).all() and (lefts == left + steps * across).all()
    return Line(sheet, top, left, down, across) if even and down >= 0 and across >= 0 else None


def shared_area(sheet: int, rect: Rect) -> Areas:
    """One rectangle for all members."""
    return Areas(sheet, rect.top, rect.left, rect.rows, rect.columns)


def stack(members: Sequence[np.ndarray]) -> np.ndarray:
    """Arrays of one shape as one batch: of objects where their kinds differ."""
    if len({member.dtype for member in members}) > 1:
        members = [member.astype(object) for member in members]
    return np.stack(members)


def read(grids: Sequence[Grid], where: Areas) -> np.ndarray:
    """The values: (rows, columns) where the members share their cells, else (members, rows, columns).

    They may be a view of a grid: do not write into them, nor keep them.
    """
    if isinstance(where.sheets, int):
        ((sheet, rect),) = where.rects()
        return grids[sheet].read(rect)
    sheet = int(where.sheets[0])
    if line := where.line():
        view = _view(grids[sheet].numbers, where, line)
        if view is not None and not np.count_nonzero(np.isnan(view)):
            return view
    elif (where.sheets == sheet).all():
        numbers = _gather(grids[sheet].numbers, where)
        if numbers is not None:
            return numbers
    if where.rows == where.columns == 1:
        found = [grids[sheet][rect.top, rect.left] for sheet, rect in where.rects()]
        values = pack(found, (len(found), 1, 1))
        return values.astype(object) if values.dtype == bool else values
    return stack([grids[sheet].read(rect) for sheet, rect in where.rects()])


def write(grids: Sequence[Grid], where: Areas, values: np.ndarray, plain: bool) -> None:
    """Put values of the same shape into the cells; `plain` says that these hold nothing but numbers now.

    Raises ValueError for an infinite number or NaN.
    """
    if plain and values.dtype == np.float64 and _scatter(grids, where, values):
        return
    if values.dtype == bool:
        values = values.astype(object)
    if where.rows == where.columns == 1 and values.dtype == object and (line := where.line()):
        several = np.broadcast_to(values, (where.size, 1, 1)).ravel().tolist()
        put_cells(grids[line.sheet], np.asarray(where.tops), np.asarray(where.lefts), several)
        return
    for index, (sheet, rect) in enumerate(where.rects()):
        grids[sheet].write(rect, values if values.ndim == 2 else values[index])


def put_cells(grid: Grid, rows: np.ndarray, columns: np.ndarray, values: Sequence[Value]) -> None:
    """Put one value of any kind into each of many cells of a grid, where it reaches already."""
    cells = list(zip(rows.tolist(), columns.tolist(), strict=True))
    if rows.max() > grid.numbers.shape[0] or columns.max() > grid.numbers.shape[1]:
        for cell, value in zip(cells, values, strict=True):
            grid[cell] = value
        return
    grid.version += 1
    grid.filled.forget()
    grid.numbers[rows - 1, columns - 1] = [value if type(value) is float else np.nan for value in values]
    for cell, value in zip(cells, values, strict=True):
        if type(value) is float or value is None:
            grid.others.pop(cell, None)
        else:
            grid.others[cell] = value


def _windows(numbers: np.ndarray, where: Areas) -> np.ndarray | None:
    """All rectangles of this shape in a grid's numbers, by their top left cell; None if some lie outside."""
    rows, columns = numbers.shape[0] - where.rows + 1, numbers.shape[1] - where.columns + 1
    if np.max(where.tops) > rows or np.max(where.lefts) > columns:
        return None
    return np.lib.stride_tricks.as_strided(
        numbers, (rows, columns, where.rows, where.columns), numbers.strides + numbers.strides
    )


def _view(numbers: np.ndarray, where: Areas, line: Line) -> np.ndarray | None:
    """The rectangles of all members as a view of a grid's numbers; None if some lie outside."""
    _, top, left, down, across = line
    last = where.size - 1
    bottom, right = top + last * down + where.rows - 1, left + last * across + where.columns - 1
    if bottom > numbers.shape[0] or right > numbers.shape[1]:
        return None
    below, beside = numbers.strides
    shape, strides = (last + 1, where.rows, where.columns), (down * below + across * beside, below, beside)
    if numbers.flags.c_contiguous:  # many times faster than as_strided
        return np.ndarray(shape, numbers.dtype, numbers, (top - 1) * below + (left - 1) * beside, strides)
    return np.lib.stride_tricks.as_strided(numbers[top - 1 :, left - 1 :], shape, strides)


def _gather(numbers: np.ndarray, where: Areas) -> np.ndarray | None:
    """The numbers of all members, or None if some cells hold none."""
    windows = _windows(numbers, where)
    if windows is None:
        return None
    found: np.ndarray = windows[np.subtract(where.tops, 1), np.subtract(where.lefts, 1)]
    return None if np.count_nonzero(np.isnan(found)) else found


def _scatter(grids: Sequence[Grid], where: Areas, values: np.ndarray) -> bool:
    """Write numbers in one go, where all members lie on one sheet and inside its array of numbers."""
    sheet = where.sheets if isinstance(where.sheets, int) else int(where.sheets[0])
    line = where.line()
    if line is None and not isinstance(where.sheets, int) and not (where.sheets == sheet).all():
        return False
    numbers = grids[sheet].numbers
    if isinstance(where.tops, int):
        inside = _slice(numbers, where)
    else:
        inside = _view(numbers, where, line) if line else _windows(numbers, where)
    if inside is None:
        return False
    if np.count_nonzero(np.isfinite(values)) < values.size:
        raise ValueError("a cell cannot hold an infinite number or NaN")
    if line or isinstance(where.tops, int):
        inside[...] = values
    else:
        inside[np.subtract(where.tops, 1), np.subtract(where.lefts, 1)] = values
    return True


def _slice(numbers: np.ndarray, where: Areas) -> np.ndarray | None:
    """The part of a grid's numbers in a shared rectangle; None if some cells lie outside."""
    ((_, rect),) = where.rects()
    if rect.bottom > numbers.shape[0] or rect.right > numbers.shape[1]:
        return None
    return numbers[rect.top - 1 : rect.bottom, rect.left - 1 : rect.right]


def clip(where: Areas, used: Rect) -> Areas:
    """Whole columns and rows cut off where the used part of the sheet ends."""
    rows, columns = where.rows, where.columns
    if rows == MAX_ROWS:
        rows = used.bottom
    if columns == MAX_COLUMNS:
        columns = used.right
    return Areas(where.sheets, where.tops, where.lefts, rows, columns)

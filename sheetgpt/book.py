"""A workbook in memory: sheets of values and formulas, and defined names. Excel's model, no more.

A cell's value is a float, a str, a bool, an `ErrorValue`, or None where it is blank. Blocks of
cells are 2-D numpy arrays: float64 where every cell holds a number, else objects of those kinds.
A sheet holds the values of all its cells (a formula's last value included) in a `Grid`, and beside
them its formulas. How a sheet looks is kept apart, in `Look`, and does not count when books are
compared: read(write(book)) == book speaks of values, formulas and names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from sheetgpt.address import MAX_COLUMNS, MAX_ROWS, Rect, at, parse_a1, reference, split_sheet
from sheetgpt.errors import AddressError, WorkbookError
from sheetgpt.filled import Filled, texts_only
from sheetgpt.filled import alone as alone
from sheetgpt.look import Look as Look
from sheetgpt.value import ErrorValue as ErrorValue
from sheetgpt.value import Value as Value

_SHOWN = 3  # sheets that the repr of a book names


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


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula and the cells that it fills: one cell, or for an array formula ({=...}) any rectangle.

    `text` is without the leading "=".
    """

    rect: Rect
    text: str
    array: bool = False


@dataclass(repr=False)
class Sheet:
    """A sheet: its name, the values of its cells, its formulas.

    `beyond` says what else the file has of it from which it was read, in words; `write` would lose that.
    """

    name: str
    grid: Grid = field(default_factory=Grid)
    formulas: list[Formula] = field(default_factory=list)
    look: Look = field(default_factory=Look, compare=False)
    beyond: list[str] = field(default_factory=list, compare=False)

    def __repr__(self) -> str:
        cells = "no cells" if self.grid.extent is None else str(self.grid.extent)
        return f"<Sheet {self.name!r}: {cells}, {len(self.formulas):,} formula{'s' * (len(self.formulas) != 1)}>"

    def put(self, rect: Rect, content: object, style: str = "") -> Rect:
        """Fill `rect` with values (one, or an array that broadcasts) and give it a style."""
        self.grid.write(rect, content)
        if style:
            self.look.styles.append((rect, style))
        return rect

    def put_formula(self, rect: Rect, text: str, style: str = "", array: bool = False) -> Rect:
        """Put one formula (text without "=") into `rect`; its value stays blank until calculated."""
        self.formulas.append(Formula(rect, text, array))
        if style:
            self.look.styles.append((rect, style))
        return rect

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sheet):
            return NotImplemented
        return (
            self.name == other.name
            and sorted(self.formulas, key=lambda f: f.rect) == sorted(other.formulas, key=lambda f: f.rect)
            and self.grid == other.grid
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(repr=False)
class Book:
    """A workbook: sheets in order, names and what they refer to (without "="); `manual`: calculated when asked.

    `beyond` is as in `Sheet`, of the file as a whole.
    """

    sheets: dict[str, Sheet] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    manual: bool = False
    beyond: list[str] = field(default_factory=list, compare=False)

    def __repr__(self) -> str:
        names, count = ", ".join(list(self.sheets)[:_SHOWN]), len(self.sheets)
        return f"<Book of {count} sheet{'s' * (count != 1)}: {names or 'none'}{', ...' * (count > _SHOWN)}>"

    def add(self, name: str) -> Sheet:
        """A new, empty sheet at the end; raises WorkbookError if the name is taken."""
        if name.lower() in (known.lower() for known in self.sheets):
            raise WorkbookError(f"there is a sheet {name!r} already")
        sheet = self.sheets[name] = Sheet(name)
        return sheet

    def define(self, name: str, sheet: str, rect: Rect) -> None:
        """Give a range a name of the whole book; raises WorkbookError if it is taken."""
        if name in self.names:
            raise WorkbookError(f"there is a name {name!r} already")
        self.names[name] = reference(sheet, rect)

    def locate(self, text: str) -> tuple[str, Rect]:
        """A defined name or "Sheet!A1:B2" -> (sheet, rectangle); raises AddressError."""
        for name, target in self.names.items():
            if name.lower() == text.lower():
                text = target
                break
        sheet, cells = split_sheet(text)
        if sheet is None:
            raise AddressError(f"{text!r} is neither a defined name nor a cell with its sheet",
                               "write it like Sheet1!B7")  # fmt: skip
        for name in self.sheets:
            if name.lower() == sheet.lower():
                return name, parse_a1(cells)
        raise AddressError(f"there is no sheet {sheet!r}", "the book has: " + ", ".join(list(self.sheets)[:12]))

    def read(self, text: str) -> np.ndarray:
        """The values of a defined name or of "Sheet!A1:B2"; float64 if all are numbers."""
        sheet, rect = self.locate(text)
        return self.sheets[sheet].grid.read(rect)

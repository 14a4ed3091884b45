"""Two grids aligned: their numbers as arrays of one shape, and the cells that need a closer look."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import Value

_BAND = 1 << 21  # cells looked at together: their temporary arrays stay below 100 MB


@dataclass(frozen=True, eq=False)
class Pair:
    """The same sheet in two workbooks; either grid may be empty."""

    a: Grid
    b: Grid

    @property
    def box(self) -> Rect | None:
        """The cells from A1 that either number array reaches, or None; only `others` lie outside."""
        (rows, columns), (more_rows, more_columns) = self.a.numbers.shape, self.b.numbers.shape
        bottom, right = max(rows, more_rows), max(columns, more_columns)
        return Rect(1, 1, bottom, right) if bottom and right else None

    def bands(self, rect: Rect) -> Iterator[tuple[Rect, np.ndarray, np.ndarray]]:
        """Bands of rows of the part of `rect` in the box, with a's and b's numbers (NaN: no number)."""
        inside = self.box and rect.intersect(self.box)
        if not inside:
            return
        rows = max(1, _BAND // inside.columns)
        for top in range(inside.top, inside.bottom + 1, rows):
            band = Rect(top, inside.left, min(inside.bottom, top + rows - 1), inside.right)
            yield band, _numbers(self.a, band), _numbers(self.b, band)

    def others(self) -> set[tuple[int, int]]:
        """The cells where a or b holds a value that is not in its number array."""
        return set(self.a.others) | set(self.b.others)


def _numbers(grid: Grid, rect: Rect) -> np.ndarray:
    """The numbers in a rectangle, NaN where there is none."""
    block = grid.numbers[rect.top - 1 : rect.bottom, rect.left - 1 : rect.right]
    if block.shape == rect.shape:
        return block
    padded = np.full(rect.shape, np.nan)
    padded[: block.shape[0], : block.shape[1]] = block
    return padded


def format_value(value: Value) -> str:
    """A value as reports show it: 3, 0.1, "text", TRUE, #N/A, (blank)."""
    if value is None:
        return "(blank)"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def plain(value: Value) -> float | str | bool | None:
    """A value as JSON holds it; an error as its text."""
    return value if value is None or isinstance(value, bool | float | str) else str(value)

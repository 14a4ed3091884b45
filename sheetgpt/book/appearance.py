"""How a sheet looks: styles, widths, links, charts. It does not count when books are compared."""

from __future__ import annotations

from dataclasses import dataclass, field

from sheetgpt.book.address import Rect
from sheetgpt.book.chart import Chart


@dataclass
class Appearance:
    """How a sheet looks. `styles` name entries of `palette.STYLES`; later ones lie over earlier ones."""

    styles: list[tuple[Rect, str]] = field(default_factory=list)
    widths: dict[tuple[int, int], float] = field(default_factory=dict)  # (first, last column) -> characters
    heights: dict[int, float] = field(default_factory=dict)  # row -> points
    freeze: tuple[int, int] = (1, 1)  # first row and column that scroll
    links: list[tuple[int, int, str]] = field(default_factory=list)  # row, column, sheet or Sheet!CELL
    merges: list[Rect] = field(default_factory=list)
    scales: list[tuple[Rect, str]] = field(default_factory=list)  # shades from white (0) to a colour (1)
    tints: list[tuple[Rect, str, str]] = field(default_factory=list)  # cells, formula for the first one, style
    bars: list[tuple[Rect, ...]] = field(default_factory=list)  # cells with bars on one scale, orange and blue below 0
    marks: list[tuple[Rect, str]] = field(default_factory=list)  # what stands out: a key of `palette.MARKS`
    charts: list[Chart] = field(default_factory=list)
    lists: list[tuple[Rect, tuple[str, ...] | str]] = field(default_factory=list)  # cells -> choices, or where they are
    numbers: list[tuple[Rect, float, float]] = field(default_factory=list)  # cells that take numbers between two only
    printed: Rect | None = None  # the print area; None: all cells
    title: tuple[str, ...] = ()  # in rows 1 and 2, right of the frozen columns
    tab: str = ""  # colour, as #RRGGBB
    zoom: int = 100
    protected: bool = False  # without a password: cells cannot be changed, formulas of style "answer" not be seen

"""A chart on a sheet: bars, lines or points. It does not count when books are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sheetgpt.book.address import Rect

Kind = Literal["bar", "line", "scatter"]


@dataclass(frozen=True)
class Series:
    """One row of bars, one line, or one cloud of points.

    values: the cells of the lengths or heights. across: those of the other axis: names for bars and lines, numbers for
    points. name: for the legend, which is drawn when there are several. colour: "#RRGGBB"; none: the next of
    `palette.SERIES`. names: of points, the cells with what is written beside each. joined: points have lines between.
    """

    values: Rect
    across: Rect
    name: str = ""
    colour: str = ""
    names: Rect | None = None
    joined: bool = False


@dataclass(frozen=True)
class Axis:
    """The axis of the values, or of points the other one too: title, number format, least, most, step between ticks.

    None: the program chooses. `log` is the base of a logarithmic axis.
    """

    title: str = ""
    number_format: str = "General"
    least: float | None = None
    most: float | None = None
    step: float | None = None
    log: int | None = None


PERCENT = Axis(number_format="0%", least=0, most=1, step=0.25)


@dataclass(frozen=True)
class Chart:
    """What a chart shows, and over which cells it stands."""

    kind: Kind
    area: Rect
    title: str
    series: tuple[Series, ...]
    values: Axis = PERCENT
    across: Axis = Axis()

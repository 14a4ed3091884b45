"""What a workbook has of other ones, and how it is calculated where formulas go in a circle."""

from __future__ import annotations

import ntpath
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from sheetgpt.book.grid import Grid


class Iteration(NamedTuple):
    """Circles are calculated up to `most` times, or until no number moves by `least` any more."""

    most: int = 100
    least: float = 0.001


@dataclass(frozen=True)
class Link:
    """Another workbook, which formulas call [1], [2], ...: where it is, and what the file keeps of it.

    `sheets` has None for a sheet of which nothing is kept; `names` are defined names as "rate" or "Sheet1!rate".
    """

    target: str
    sheets: Mapping[str, Grid | None] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of the file without its folders."""
        return ntpath.basename(posixpath.basename(self.target.rstrip("/"))) or self.target

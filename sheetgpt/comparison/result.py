"""What a comparison finds, as data: rules, differences, groups of cells, and a table of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sheetgpt.book.address import at, reference
from sheetgpt.book.values import Value
from sheetgpt.comparison.grid_pair import format_value, plain

Cell: TypeAlias = tuple[str, int, int]  # sheet, row, column


@dataclass(frozen=True)
class Rules:
    """When two values agree. The defaults ask for everything; an option gives up what a witness cannot tell."""

    tolerance: float = 1e-9  # of the group's largest magnitude, and of 1 at least; of 1 for whole numbers
    booleans_as_numbers: bool = False  # TRUE agrees with 1: LibreOffice keeps no type for booleans
    error_kinds: bool = True  # False: any error agrees with any other
    empty_text_is_blank: bool = False  # LibreOffice imports the constant text "" as no cell


@dataclass(frozen=True)
class Difference:
    """A cell in which a and b disagree; `size` is |a - b|, None unless both are numbers."""

    sheet: str
    cell: tuple[int, int]
    a: Value
    b: Value
    size: float | None
    reason: str

    @property
    def address(self) -> str:
        return reference(self.sheet, at(*self.cell), False)

    def __str__(self) -> str:
        off = "" if self.size is None else f", off by {self.size:.3g}"
        return f"{self.address}: {format_value(self.a)} and {format_value(self.b)}{off} ({self.reason})"

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"cell": self.address, "a": plain(self.a), "b": plain(self.b), "size": self.size, "reason": self.reason}


@dataclass
class Group:
    """How the cells under one label compare.

    `cells` were compared, `not_covered` were not because a witness has no verdict on them. `largest` is
    the largest |a - b| of numbers, found at `where` (None: they are equal); `scale` the magnitude it is judged by. Of
    `differing` cells the first ones, row by row, are kept in `differences`.
    """

    label: str
    cells: int = 0
    not_covered: int = 0
    scale: float = 1.0
    largest: float = 0.0
    where: Cell | None = None
    differing: int = 0
    differences: list[Difference] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """Either "agrees", "differs", or "not covered" where nothing at all was compared."""
        if self.differing:
            return "differs"
        return "agrees" if self.cells else "not covered"

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "label": self.label,
            "cells": self.cells,
            "not_covered": self.not_covered,
            "scale": self.scale,
            "largest": self.largest,
            "where": _address(self.where),
            "differing": self.differing,
            "verdict": self.verdict,
            "differences": [difference.to_dict() for difference in self.differences],
        }


@dataclass
class Comparison:
    """All groups; it agrees if something was compared and nothing differs."""

    groups: list[Group]
    rules: Rules

    @property
    def cells(self) -> int:
        return sum(group.cells for group in self.groups)

    @property
    def not_covered(self) -> int:
        return sum(group.not_covered for group in self.groups)

    @property
    def differing(self) -> int:
        return sum(group.differing for group in self.groups)

    @property
    def largest(self) -> float:
        """The largest |a - b| of numbers."""
        return max((group.largest for group in self.groups), default=0.0)

    @property
    def agrees(self) -> bool:
        return self.cells > 0 and self.differing == 0

    @property
    def differences(self) -> list[Difference]:
        """The differences that the groups kept."""
        return [difference for group in self.groups for difference in group.differences]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "agrees": self.agrees,
            "cells": self.cells,
            "not_covered": self.not_covered,
            "differing": self.differing,
            "largest": self.largest,
            "tolerance": self.rules.tolerance,
            "groups": [group.to_dict() for group in self.groups],
        }

    def table(self) -> str:
        """A plain text table, one line a group, then the differences that were kept."""
        rows: list[tuple[str, ...]] = [("cells of", "compared", "not covered", "largest", "of", "at", "verdict")]
        rows += [_line(group) for group in self.groups]
        rows.append(("all", str(self.cells), str(self.not_covered), "", "", "", "agrees" if self.agrees else "differs"))
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = [_align(row, widths) for row in rows]
        return "\n".join(lines + [f"  {difference}" for difference in self.differences])


def _line(group: Group) -> tuple[str, ...]:
    verdict = f"differs in {group.differing}" if group.differing else group.verdict
    numbers = f"{group.largest:.3g}", f"{group.scale:.4g}"
    return group.label, str(group.cells), str(group.not_covered), *numbers, _address(group.where) or "", verdict


def _address(cell: Cell | None) -> str | None:
    return cell and reference(cell[0], at(cell[1], cell[2]), False)


def _align(row: Sequence[str], widths: Sequence[int]) -> str:
    """The columns of a table: numbers to the right, words to the left."""
    numbers = (1, 2, 3, 4)
    words = [
        word.rjust(width) if column in numbers else word.ljust(width)
        for column, (word, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(words).rstrip()

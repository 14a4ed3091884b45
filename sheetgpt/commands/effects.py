"""Changed values of formulas, apart by why they changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from sheetgpt.comparison.change import SPILLED, Change
from sheetgpt.comparison.fold import fold


@dataclass(frozen=True)
class Effects:
    """Changed values of formulas, apart by why.

    `follow` from the other changes, `volatile` from functions such as RAND, `unexplained` from nothing that is in
    either workbook. `unknown` says why that could not be found out; then all are unexplained.
    """

    follow: list[Change] = field(default_factory=list)
    volatile: list[Change] = field(default_factory=list)
    unexplained: list[Change] = field(default_factory=list)
    unknown: str = ""


def stored_in_both(changes: Iterable[Change]) -> tuple[list[Change], list[int]]:
    """Changes of values without cells that one file stores no value for; how many the old one lacks, and the new one.

    A formula has a value; where a file has none, the program that wrote it calculates nothing, as openpyxl.
    """
    kept: list[Change] = []
    lacking = [0, 0]
    for change in changes:
        blanks = [_blank(side) & (change.name != SPILLED) for side in (change.a, change.b)]
        lacking = [count + int(np.count_nonzero(blank)) for count, blank in zip(lacking, blanks, strict=True)]
        both = ~(blanks[0] | blanks[1])
        if both.all() or change.name == SPILLED:
            kept.append(change)
        elif both.any() and change.rect is not None:
            rows, columns = np.nonzero(both)
            cells = zip((rows + change.rect.top).tolist(), (columns + change.rect.left).tolist(), strict=True)
            kept += [change.part(rect) for rect in fold(cells)]
    return kept, lacking


def _blank(values: object) -> np.ndarray:
    """Which of some cells have no value."""
    cells = np.asarray(values, dtype=object)
    blank: np.ndarray = np.frompyfunc(lambda value: value is None, 1, 1)(cells).astype(bool)
    return blank

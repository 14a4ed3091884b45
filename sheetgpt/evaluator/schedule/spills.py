"""Spilled arrays: dynamic formulas whose results have another shape than the cells that they fill.

Excel's rules: the spill range follows the result. A cell in the way, the edge of the sheet, or a size that does not
come to rest give #SPILL! in the formula's own cell. ("Dynamic array formulas and spilled array behavior", "How to
correct a #SPILL! error", both Microsoft.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator.batch.array_results import fit
from sheetgpt.evaluator.batch.batch import NotReadyError, single
from sheetgpt.evaluator.index.indexed_book import IndexedBook

_MOST_CHANGES = 20  # of a formula's size in one calculation; Excel: "indeterminate size"

Anchor = tuple[int, int, int]  # sheet, row and column of the formula's own cell


@dataclass
class Spills:
    """What has become of the dynamic formulas of a book.

    `resized` has those that need other cells than they fill, with these cells and their values; `blocked` those that
    are #SPILL!, with the cells that they would fill; `changes` how often each was resized in this calculation.
    """

    resized: dict[int, tuple[Rect, np.ndarray]] = field(default_factory=dict)
    blocked: dict[Anchor, Rect] = field(default_factory=dict)
    changes: Counter[Anchor] = field(default_factory=Counter)

    def take(self, workbook: IndexedBook, formula: int, values: np.ndarray) -> np.ndarray:
        """The values of one dynamic formula in the cells that it fills.

        Raises NotReadyError where it needs other cells: its readers must wait until it has them.
        """
        rect, anchor = workbook.formulas[formula].rect, anchor_of(workbook, formula)
        values = fit(values.reshape(values.shape[-2:]), *values.shape[-2:])
        wanted = self._wanted(workbook, formula, values)
        if wanted is None:
            wanted, values = own_cell(rect), single(ErrorValue.SPILL)
        else:
            self.blocked.pop(anchor, None)
        if wanted == rect:
            return values
        self.resized[formula] = wanted, values
        raise NotReadyError([formula])

    def _wanted(self, workbook: IndexedBook, formula: int, values: np.ndarray) -> Rect | None:
        """The cells for all values; None where they cannot be had, which is noted."""
        rect, anchor = workbook.formulas[formula].rect, anchor_of(workbook, formula)
        rows, columns = values.shape
        wanted = Rect(rect.top, rect.left, rect.top + rows - 1, rect.left + columns - 1)
        if wanted == rect:
            return wanted
        if wanted.bottom > MAX_ROWS or wanted.right > MAX_COLUMNS:
            wanted = Rect(rect.top, rect.left, min(wanted.bottom, MAX_ROWS), min(wanted.right, MAX_COLUMNS))
        elif self.changes[anchor] < _MOST_CHANGES and is_free(workbook, formula, wanted):
            return wanted
        self.blocked[anchor] = wanted
        return None

    def met(self, sheet: int, rect: Rect) -> list[Anchor]:
        """The formulas that are #SPILL! and would fill some of these cells."""
        return [one for one, wanted in self.blocked.items() if one[0] == sheet and wanted.intersect(rect)]


def is_free(workbook: IndexedBook, formula: int, wanted: Rect) -> bool:
    """Whether cells are blank and no formula fills them, but for those of the formula itself."""
    sheet, own = workbook.sheet_of[formula], workbook.formulas[formula].rect
    tables = workbook.book.sheets[workbook.sheets[sheet]].data_tables
    others = [other for other in workbook.fillers(sheet, wanted) if other != formula]
    if others or any(table.rect.intersect(wanted) for table in tables):
        return False
    values = workbook.grids[sheet].read(wanted)
    filled = np.ones(values.shape, bool) if values.dtype != object else np.not_equal(values, None)  # type: ignore[call-overload]
    filled[: own.rows, : own.columns] = False
    return not filled.any()


def own_cell(rect: Rect) -> Rect:
    """The first cell of a spill range: the formula's own."""
    return Rect(rect.top, rect.left, rect.top, rect.left)


def anchor_of(workbook: IndexedBook, formula: int) -> Anchor:
    """The place of a formula's own cell."""
    rect = workbook.formulas[formula].rect
    return workbook.sheet_of[formula], rect.top, rect.left


def by_anchor(workbook: IndexedBook) -> dict[Anchor, int]:
    """The formulas of a book by their own cells: what stays where a book is indexed anew."""
    return {anchor_of(workbook, formula): formula for formula in range(len(workbook.formulas))}


def settle(workbook: IndexedBook, spills: Spills) -> list[tuple[int, Rect]]:
    """Give resized formulas their cells, one after the other, and put their values in; returns all cells concerned.

    Of two formulas that need the same cells the first one gets them.
    """
    concerned: list[tuple[int, Rect]] = []
    fillers: dict[int, tuple[int, Rect]] = {}
    for formula, (wanted, values) in sorted(spills.resized.items()):
        sheet, rect = workbook.sheet_of[formula], workbook.formulas[formula].rect
        taken = any(number == sheet and cells.intersect(wanted) for number, cells in fillers.values())
        if taken:
            spills.blocked[anchor_of(workbook, formula)] = wanted
            wanted, values = own_cell(rect), single(ErrorValue.SPILL)
        spills.changes[anchor_of(workbook, formula)] += 1
        workbook.grids[sheet].write(rect, None)
        fillers[formula] = sheet, wanted
        concerned += [(sheet, rect), (sheet, wanted)]
        spills.resized[formula] = wanted, values
    for formula, (wanted, values) in spills.resized.items():
        sheet = workbook.sheet_of[formula]
        if workbook.displayed:
            values = workbook.displayed.cells(sheet, wanted, values)
        workbook.grids[sheet].write(wanted, values)
    put_in(workbook, {formula: wanted for formula, (wanted, _) in spills.resized.items()})
    spills.resized.clear()
    return concerned


def retracted(workbook: IndexedBook, formulas: Iterable[int], rect: Rect) -> dict[int, Rect | None]:
    """For dynamic formulas into whose cells something else comes: their own cell, or None if that is in `rect` too."""
    own = {formula: own_cell(workbook.formulas[formula].rect) for formula in formulas}
    return {formula: None if rect.contains(cell) else cell for formula, cell in own.items()}


def put_in(workbook: IndexedBook, places: Mapping[int, Rect | None]) -> None:
    """Formulas with other cells in the book, or without any: taken out."""
    changed = {id(workbook.formulas[formula]): rect for formula, rect in places.items()}
    for name in {workbook.sheets[workbook.sheet_of[formula]] for formula in places}:
        sheet = workbook.book.sheets[name]
        moved = [(formula, changed.get(id(formula), formula.rect)) for formula in sheet.formulas]
        sheet.formulas = [
            one if rect is one.rect else replace(one, rect=rect) for one, rect in moved if rect is not None
        ]


def perhaps_blocked(workbook: IndexedBook) -> set[int]:
    """Dynamic formulas that may have been #SPILL! when the book was saved: files call that #VALUE!."""
    errors = (ErrorValue.SPILL, ErrorValue.VALUE)
    found = {formula for formula, one in enumerate(workbook.formulas) if one.dynamic and one.rect.size == 1}
    return {one for one in found if workbook.grids[workbook.sheet_of[one]][workbook.formulas[one].rect[:2]] in errors}

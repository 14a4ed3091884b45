"""The first difference in dependency order: the differing cell that reads no other differing cell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.book.grid import Grid
from sheetgpt.comparison.compare import Comparison, Difference
from sheetgpt.errors import SheetgptError
from sheetgpt.evaluator import Calculator


def origin(book: Book, values: Mapping[str, Grid], comparison: Comparison) -> tuple[str, Difference] | None:
    """(label, difference) of the first difference in the order of calculation; None if nothing differs.

    `values` is the side that `book` was compared with. Where formulas cannot be followed, the first one in the
    order of the sheets.
    """
    differing = [(group.label, difference) for group in comparison.groups for difference in group.differences]
    try:
        calculator = Calculator(book, calculated=True, strict=False)
    except SheetgptError:
        return differing[0] if differing else None
    for label, difference in differing:
        reads = calculator.precedents(difference.sheet, at(*difference.cell))
        if not any(_differs(book, values, sheet, rect, comparison.rules.tolerance) for sheet, rect in reads):
            return label, difference
    return differing[0] if differing else None


def _differs(book: Book, values: Mapping[str, Grid], sheet: str, rect: Rect, tolerance: float) -> bool:
    """Whether any formula cell of a range differs."""
    if sheet not in values or sheet not in book.sheets:
        return False
    for formula in book.sheets[sheet].formulas:
        part = formula.rect.intersect(rect)
        if part is not None and not _equal(book.sheets[sheet].grid.read(part), values[sheet].read(part), tolerance):
            return True
    return False


def _equal(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    if a.dtype == b.dtype == np.float64:
        return bool((np.abs(a - b) <= tolerance * max(1.0, np.abs(a).max(), np.abs(b).max())).all())
    return bool((a == b).all())

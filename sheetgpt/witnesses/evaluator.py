"""The evaluator as a witness: every formula calculated anew, from blank cells.

Where some formulas cannot be calculated, they are not covered, and the others are calculated from their stored values.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sheetgpt.book.book import Book
from sheetgpt.comparison.compare import Cell
from sheetgpt.comparison.result import Rules
from sheetgpt.evaluator import DEFAULT_SEED, Calculator
from sheetgpt.version import __version__
from sheetgpt.witnesses.witness import Evidence


def recalculated_copy(book: Book, now: datetime | None = None, seed: int = DEFAULT_SEED) -> tuple[Book, Calculator]:
    """A copy of the book whose formula cells were blank before the evaluator filled them; sheets of data are shared."""
    if book.iteration:  # circles go on from the values that they have
        return _calculated_around_gaps(book, now, seed)
    blank = _copy(book)
    for sheet in blank.sheets.values():
        for formula in sheet.formulas:
            sheet.grid.write(formula.rect, None)
    try:
        calculator = Calculator(blank, now=now, seed=seed)
        calculator.recalculate()
    except MemoryError:
        raise
    except Exception:  # of some formulas; which ones is said then
        return _calculated_around_gaps(book, now, seed)
    return blank, calculator


def _calculated_around_gaps(book: Book, now: datetime | None, seed: int) -> tuple[Book, Calculator]:
    """A copy of the book with all formulas calculated but those that cannot be, and what is not known for that."""
    copy = _copy(book)
    calculator = Calculator(copy, now=now, seed=seed, strict=False)
    calculator.recalculate(keep=False)
    return copy, calculator


def _copy(book: Book) -> Book:
    copy = replace(book, sheets={})
    for name, sheet in book.sheets.items():
        own = sheet.formulas or sheet.data_tables
        copy.sheets[name] = replace(sheet, grid=deepcopy(sheet.grid), formulas=list(sheet.formulas)) if own else sheet
    return copy


def _not_covered(calculator: Calculator) -> dict[Cell, str]:
    """The cells whose values the evaluator has only from the file, and why."""
    reasons = calculator.reasons()
    return {(sheet, row, column): why for (sheet, rect), why in reasons.items() for row, column in rect.cells()}


class EvaluatorWitness:
    """sheetgpt's own engine, with a time and a seed. `copy` is for those who go on from its calculation."""

    name, rules = "evaluator", Rules()

    def __init__(self) -> None:
        self.clock: tuple[datetime | None, int] = None, DEFAULT_SEED
        self._last: tuple[Book, Book, Calculator] | None = None

    def ask(self, path: Path, book: Book) -> Evidence:  # noqa: ARG002 - others need the file
        copy, calculator = recalculated_copy(book, *self.clock)
        self._last = book, copy, calculator
        values = {name: sheet.grid for name, sheet in copy.sheets.items()}
        return Evidence(f"sheetgpt {__version__}", values, not_covered=_not_covered(calculator), knows_clock=True)

    def copy(self, book: Book) -> tuple[Book, Calculator]:
        """The calculated copy of a book and its calculator, to be changed by the caller: nobody gets it again."""
        last, self._last = self._last, None
        return last[1:] if last and last[0] is book else recalculated_copy(book, *self.clock)

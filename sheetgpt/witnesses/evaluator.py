"""The evaluator as a witness: every formula calculated anew, from blank cells."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sheetgpt.book.book import Book
from sheetgpt.comparison.result import Rules
from sheetgpt.evaluator import DEFAULT_SEED, Calculator
from sheetgpt.version import __version__
from sheetgpt.witnesses.witness import Evidence


def recalculated_copy(book: Book, now: datetime | None = None, seed: int = DEFAULT_SEED) -> tuple[Book, Calculator]:
    """A copy of the book whose formula cells were blank before the evaluator filled them; sheets of data are shared."""
    blank = replace(book, sheets={})
    for name, sheet in book.sheets.items():
        own = sheet.formulas or sheet.data_tables
        blank.sheets[name] = replace(sheet, grid=deepcopy(sheet.grid), formulas=list(sheet.formulas)) if own else sheet
        for formula in sheet.formulas:
            blank.sheets[name].grid.write(formula.rect, None)
    calculator = Calculator(blank, now=now, seed=seed)
    calculator.recalculate()
    return blank, calculator


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
        return Evidence(f"sheetgpt {__version__}", values, knows_clock=True)

    def copy(self, book: Book) -> tuple[Book, Calculator]:
        """The calculated copy of a book and its calculator, to be changed by the caller: nobody gets it again."""
        last, self._last = self._last, None
        return last[1:] if last and last[0] is book else recalculated_copy(book, *self.clock)

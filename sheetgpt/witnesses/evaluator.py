"""The evaluator as a witness: every formula calculated anew, from blank cells."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

from sheetgpt.book.book import Book, Sheet
from sheetgpt.comparison.result import Rules
from sheetgpt.evaluator import Calculator
from sheetgpt.version import __version__
from sheetgpt.witnesses.witness import Evidence


def recalculated_copy(book: Book) -> tuple[Book, Calculator]:
    """A copy of the book whose formula cells were blank before the evaluator filled them; sheets of data are shared."""
    blank = Book(names=book.names, tables=book.tables)
    for name, sheet in book.sheets.items():
        blank.sheets[name] = Sheet(name, deepcopy(sheet.grid), list(sheet.formulas)) if sheet.formulas else sheet
        for formula in sheet.formulas:
            blank.sheets[name].grid.write(formula.rect, None)
    calculator = Calculator(blank)
    calculator.recalculate()
    return blank, calculator


class EvaluatorWitness:
    """sheetgpt's own engine. `copy` is for those who go on from its calculation."""

    name, rules = "evaluator", Rules()

    def __init__(self) -> None:
        self._last: tuple[Book, Book, Calculator] | None = None

    def ask(self, path: Path, book: Book) -> Evidence:  # noqa: ARG002 - others need the file
        copy, calculator = recalculated_copy(book)
        self._last = book, copy, calculator
        return Evidence(f"sheetgpt {__version__}", {name: sheet.grid for name, sheet in copy.sheets.items()})

    def copy(self, book: Book) -> tuple[Book, Calculator]:
        """The calculated copy of a book and its calculator, to be changed by the caller: nobody gets it again."""
        last, self._last = self._last, None
        return last[1:] if last and last[0] is book else recalculated_copy(book)

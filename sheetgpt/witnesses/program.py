"""Spreadsheet programs that nobody here wrote, as witnesses: .xlsx -> values of its cells.

Each engine is a module or package with `available`, `how_to_install`, `recalculate` and `rules`. None of them knows
what the workbook says; they import neither layout, reference nor evaluator. What each program calculates
as Excel does, and what not, is in docs/engines.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Protocol

from sheetgpt.book.book import Book
from sheetgpt.comparison.result import Rules
from sheetgpt.errors import EngineError
from sheetgpt.witnesses import ironcalc, libreoffice
from sheetgpt.witnesses.values import Edits, Values
from sheetgpt.witnesses.witness import AbsentError, Evidence


class Engine(Protocol):
    """What the modules of this package have in common."""

    how_to_install: str  # one line, for a report in which the engine is missing
    rules: Rules  # what of its values can be held against another witness's
    ignores: Mapping[str, str]  # settings of a workbook by which it does not go -> what they are in words

    def available(self) -> str | None:
        """The program's name and version, or None where it is missing; never raises."""

    def recalculate(
        self,
        path: str | PathLike[str],
        edits: Edits | None = None,
        sheets: Sequence[str] | None = None,
    ) -> Values:
        """All values of `sheets` (default: those with formulas), every formula calculated anew."""


ENGINES: dict[str, Engine] = {"LibreOffice": libreoffice, "IronCalc": ironcalc}


class ProgramWitness:
    """One of the engines as a witness: it opens the file and calculates every formula anew."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rules = ENGINES[name].rules

    def ask(self, path: Path, book: Book) -> Evidence:
        engine = ENGINES[self.name]
        version = engine.available()
        if version is None:
            raise AbsentError(f"not installed; {engine.how_to_install}")
        for setting, words in engine.ignores.items():
            if getattr(book.settings, setting):
                raise EngineError(f"{self.name} does not know {words}", f"leave it out: --skip {self.name}")
        found = engine.recalculate(path)
        return Evidence(version, found, not_covered=found.not_covered)

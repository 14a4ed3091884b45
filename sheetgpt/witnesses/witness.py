"""What a witness is: it says what the formula cells of a workbook come to, and knows no other witness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book
from sheetgpt.book.grid import Grid
from sheetgpt.comparison.compare import Cell
from sheetgpt.comparison.result import Rules


class AbsentError(Exception):
    """A witness has nothing to say of a workbook, or is not installed; the message says why."""


@dataclass(frozen=True)
class Evidence:
    """What a witness says.

    version: the program and its version.
    values: sheet -> values.
    cells: sheet -> the formula cells that it speaks of; None: all.
    not_covered: cells of these of which it has no verdict, each with the reason.
    findings: what else is wrong, in sentences.
    knows_clock: whether it calculated with the time and the seed of random numbers that were asked for.
    """

    version: str
    values: Mapping[str, Grid]
    cells: Mapping[str, Sequence[Rect]] | None = None
    not_covered: Mapping[Cell, str] = field(default_factory=dict)
    findings: Sequence[str] = ()
    knows_clock: bool = False


class Witness(Protocol):
    """What `check` asks. To add one: a class like this, and an entry in `verification.workbook.all_witnesses`."""

    name: str
    rules: Rules  # what of its values can be held against those of a file

    def ask(self, path: Path, book: Book) -> Evidence:
        """What it says of the workbook at `path`, which was read as `book` and stays as it is.

        Raises AbsentError where it has nothing to say, a SheetgptError where it fails.
        """

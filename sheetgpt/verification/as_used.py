"""What LibreOffice shows to its users: by its own settings, from the file as it was saved, after a key was pressed.

The other question that `check` asks of LibreOffice makes it calculate every formula, which no user does. Here it
opens the file in a fresh profile, and the first thing that happens is that another input is typed. What the answer
then is must be what the evaluator gives; when the old input is back, every cell must be what the file holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from sheetgpt.book.address import at, reference
from sheetgpt.book.book import Book
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import Value
from sheetgpt.comparison.compare import compare
from sheetgpt.comparison.grid_pair import format_value
from sheetgpt.evaluator import Calculator
from sheetgpt.gpt2.activations import step
from sheetgpt.schema.answer import answer_names
from sheetgpt.schema.names import config_of, part_of
from sheetgpt.schema.prompt import reads_text
from sheetgpt.schema.split import HEAD, layer_of
from sheetgpt.verification.labels import groups
from sheetgpt.witnesses import libreoffice
from sheetgpt.witnesses.evaluator import EvaluatorWitness
from sheetgpt.witnesses.values import Values
from sheetgpt.witnesses.witness import AbsentError, Evidence

NAME = "LibreOffice as used"


class AsUsedWitness:
    """LibreOffice by its own settings; what it answers to another input must be what the `evaluator` gives."""

    name, rules = NAME, libreoffice.rules

    def __init__(self, evaluator: EvaluatorWitness) -> None:
        self._evaluator = evaluator

    def ask(self, path: Path, book: Book) -> Evidence:
        version, change = libreoffice.available(), other_input(book)
        if version is None or change is None:
            raise AbsentError("")  # the other question to LibreOffice says why; or no input is known
        answer, found = show_as_used(path, book, change)
        findings = list(answer_findings(*self._evaluator.copy(book), answer, change))
        return Evidence(version, found, not_covered=found.not_covered, findings=findings)


class Input(NamedTuple):
    """A cell that a user may change, the value that is typed there, and the one that it holds."""

    sheet: str
    cell: tuple[int, int]
    typed: Value
    held: Value

    def __str__(self) -> str:
        return f"{reference(self.sheet, at(*self.cell), absolute=False)} has become {self.typed!r}"


def other_input(book: Book) -> Input | None:
    """Another prompt, or in a file of a folder another number to begin with; None where sheetgpt knows no input."""
    if "prompt.message" in book.names:
        name = "prompt.text" if reads_text(book) else "prompt.ids"
    elif part := part_of(book):
        last = config_of(book).n_layer - 1
        name = step(f"h.{last}", 16) if part == HEAD else step(f"h.{layer_of(part)}", 1)
    else:
        return None
    sheet, rect = book.locate(name)
    held = book.sheets[sheet].grid[rect.top, rect.left]
    if name == "prompt.text":
        typed: Value = "A" if held != "A" else "I"
    else:
        typed = held + 1.0 if isinstance(held, float) else 0.0
    return Input(sheet, (rect.top, rect.left), typed, held)


def show_as_used(path: str | PathLike[str], book: Book, change: Input, timeout: float = 3600) -> tuple[Values, Values]:
    """What LibreOffice shows of the answer after a change, and of all sheets with formulas when it is taken back.

    In a workbook that is calculated on request the key that its sheets name is pressed after each change. `timeout`
    is in seconds for each step. Raises EngineError if LibreOffice is missing, fails or is too slow.
    """
    answer = Values()
    with libreoffice.UserSession(timeout) as session:
        session.open(path)
        session.set(change.sheet, change.cell, change.typed)
        if book.manual:
            session.recalculate()
        for name in answer_names(book):
            sheet, rect = book.locate(name)
            answer.setdefault(sheet, Grid()).write(rect, session.read(sheet, rect))
        session.set(change.sheet, change.cell, change.held)
        if book.manual:
            session.recalculate()
        return answer, session.values([name for name, sheet in book.sheets.items() if sheet.formulas])


def answer_findings(book: Book, calculator: Calculator, answer: Mapping[str, Grid], change: Input) -> Iterator[str]:
    """Where the answer that LibreOffice shows after a change is not the one of the evaluator.

    `book` is a calculated copy and belongs to the `calculator`; its formula cells are left as they are after the
    change, the changed cell as it was.
    """
    cell = reference(change.sheet, at(*change.cell))
    calculator.set(cell, change.typed)
    calculator.update()
    calculator.set(cell, change.held)  # the sheet may be shared with the book that is checked
    cells = {
        sheet: [book.locate(name)[1] for name in answer_names(book) if book.locate(name)[0] == sheet]
        for sheet in answer
    }
    comparison = compare(book, answer, cells, groups(book), libreoffice.rules)
    if comparison.differing:
        first = comparison.differences[0]
        yield (
            f"LibreOffice with its own settings answers wrongly when {change}: {first.address} should be "
            f"{format_value(first.a)} and shows {format_value(first.b)} ({comparison.differing} cells differ)"
        )

"""Asking a witness: its values against those of the file, into the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.book.fold import range_texts
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import Value
from sheetgpt.comparison.compare import Cell, compare, formula_cells
from sheetgpt.errors import OpeningError, SheetgptError
from sheetgpt.schema.names import is_model, part_of
from sheetgpt.verification.first_difference import origin
from sheetgpt.verification.report import First, Report, the
from sheetgpt.witnesses.witness import AbsentError, Evidence, Witness


def ask(witness: Witness, report: Report, path: Path, book: Book) -> None:
    """One witness's values against the file's, or why it could not compare them, into the report."""
    if report.obstacle:
        return
    try:
        _compare(witness, witness.ask(path, book), report, book)
    except AbsentError as reason:
        if str(reason):
            report.absent[witness.name] = str(reason)
    except OpeningError as error:
        ours = is_model(book) or part_of(book) is not None  # what sheetgpt wrote every engine has to open
        (report.failed if ours else report.absent)[witness.name] = sentence(error)
    except SheetgptError as error:
        report.failed[witness.name] = sentence(error)


def sentence(error: SheetgptError) -> str:
    """An error and its hint in one line."""
    return " ".join(str(error).replace("\nHint: ", "; ").split())


def _compare(witness: Witness, said: Evidence, report: Report, book: Book) -> None:
    report.findings += said.findings
    rules, missing = witness.rules, []
    if not is_model(book) and part_of(book) is None and report.blanks:
        rules = replace(rules, empty_text_is_blank=True)
        missing = [cell for cell in report.blanks if _value(said.values, cell) not in (None, "")]
        report.blank = max(report.blank, len(missing))
    cells = formula_cells(book) if said.cells is None else said.cells
    left_out = report.unrepeatable_anyway if said.knows_clock else report.unrepeatable
    not_covered = {*said.not_covered, *missing, *left_out}
    comparison = compare(book, said.values, cells, report.groups, rules, not_covered)
    if not comparison.cells:
        why = next(iter(said.not_covered.values()), "none given")
        report.failed[witness.name] = f"it has no value for any formula cell: {why}"
        return
    report.left_out[witness.name] = ranges_by_reason(said.not_covered)
    report.versions[witness.name] = said.version
    report.comparisons[witness.name] = comparison
    if report.first is None and (first := origin(book, said.values, comparison)):
        label, difference = first
        report.first = First(label, difference.address, f"{difference} by {the(witness.name)}")


def ranges_by_reason(not_covered: Mapping[Cell, str]) -> dict[str, list[str]]:
    """The cells that a witness has no verdict of, as ranges, by the reason."""
    places: dict[str, list[tuple[str, Rect]]] = {}
    for (sheet, row, column), reason in not_covered.items():
        places.setdefault(reason, []).append((sheet, at(row, column)))
    return {reason: range_texts(found) for reason, found in places.items()}


def _value(values: Mapping[str, Grid], cell: Cell) -> Value:
    sheet, row, column = cell
    return values[sheet][row, column] if sheet in values else None

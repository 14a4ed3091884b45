"""A workbook against its witnesses: is every value in the file what the formulas and the model give?

The values that the file holds are compared with those of the evaluator, of LibreOffice and of IronCalc,
which calculate the formulas, and of the numpy reference, which calculates the model. For a workbook of
sheetgpt the formulas, labels and weights are compared too, with what sheetgpt writes for such a model.

A witness that cannot calculate the workbook has found no difference: it could not compare, and the report says why.
Nor is a formula cell without a stored value a difference in a workbook of another program, which may write none. (A
blank agrees with an empty text there: some programs store the one for the other.) A workbook of sheetgpt has a value
in every formula cell, so one that is missing is a difference; only where all are missing there is nothing to compare.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import Value
from sheetgpt.comparison.compare import Cell, Groups, Rules, compare, formula_cells
from sheetgpt.errors import AddressError, SheetgptError, UsageError, WorkbookError
from sheetgpt.evaluator import Calculator
from sheetgpt.schema.answer import prompt_and_answer
from sheetgpt.schema.names import is_model, part_of
from sheetgpt.schema.prompt import prompt_ids
from sheetgpt.system.progress import Progress, no_progress
from sheetgpt.verification import as_used
from sheetgpt.verification.contents import model_findings
from sheetgpt.verification.first_difference import origin
from sheetgpt.verification.report import First, Report
from sheetgpt.version import __version__
from sheetgpt.witnesses import libreoffice
from sheetgpt.witnesses.engines import ENGINES
from sheetgpt.witnesses.reference.workbook import expected_values
from sheetgpt.xlsx.reader import read

WITNESSES = ("evaluator", "reference", "LibreOffice", as_used.NAME, "IronCalc")
_HEAD = re.compile(r"(h\.\d+\.step_0[67]\.\w+)\.\d+")


def check(
    path: Path | str,
    model: str | None = None,
    skip: Collection[str] = (),
    progress: Progress = no_progress,
    cached: bool = False,
) -> Report:
    """Compare every formula cell of a workbook, any workbook, with every witness that is there.

    `model`, a checkpoint folder or name, lets it compare the weights too, cell by cell; `skip` names witnesses to
    leave out; with `cached`, weights may come from the cache instead of the file. Raises WorkbookError, UsageError;
    differences, and why a witness could not compare, are in the report.
    """
    asked = witnesses(skip)
    book = read(path, cached)
    report = begun(path, book)
    for number, name in enumerate(asked):
        progress(name, number, len(asked))
        ask(name, report, book, path)
    if is_model(book):
        try:
            report.findings += model_findings(book, model)
        except WorkbookError as error:  # a weight that is no number
            report.findings.append(f"not as sheetgpt writes it: {_sentence(error)}")
    return report


def witnesses(skip: Collection[str]) -> list[str]:
    """All that are not to be left out; with LibreOffice both questions to it. Raises UsageError for other names."""
    known, left_out = {name.lower() for name in WITNESSES}, {name.lower() for name in skip}
    if unknown := [name for name in skip if name.lower() not in known]:
        raise UsageError(f"there is no witness {unknown[0]!r}", "they are: " + ", ".join(WITNESSES))
    if "libreoffice" in left_out:
        left_out.add(as_used.NAME.lower())
    return [name for name in WITNESSES if name.lower() not in left_out]


def begun(path: Path | str, book: Book) -> Report:
    """A report of a workbook in which no witness has been asked yet."""
    cells = sum(f.rect.size for sheet in book.sheets.values() for f in sheet.formulas)
    report = Report(str(path), cells, groups(book))
    if "continuation.text" in book.names:
        report.prompt, report.answer = prompt_and_answer(book)
    if not cells:
        report.obstacle = "it has no formulas"
    report.blanks = blank_cells(book)
    if cells and len(report.blanks) == cells:
        report.obstacle, report.blank = f"none of its formula cells ({cells:,}) has a stored value", cells
    return report


def groups(book: Book) -> Groups:
    """Label -> the places under it, in the order of the sheets: each defined name that stands for formulas.

    The heads of a step are one label. Of names that overlap the one further up counts.
    """
    order = {name: number for number, name in enumerate(book.sheets)}
    named: list[tuple[int, Rect, str, str]] = []
    for name, target in book.names.items():
        try:
            sheet, rect = book.locate(target)
        except AddressError:
            continue  # a constant or an expression
        named.append((order[sheet], rect, sheet, name))
    labels: dict[str, list[tuple[str, Rect]]] = {}
    taken: dict[str, list[Rect]] = {}
    for _, rect, sheet, name in sorted(named):
        free = not any(rect.intersect(other) for other in taken.get(sheet, []))
        if free and any(rect.contains(formula.rect) for formula in book.sheets[sheet].formulas):
            match = _HEAD.fullmatch(name)
            labels.setdefault(match[1] if match else name, []).append((sheet, rect))
            taken.setdefault(sheet, []).append(rect)
    return labels


def blank_cells(book: Book) -> list[Cell]:
    """The formula cells that hold no value."""
    return [
        (name, *cell)
        for name, sheet in book.sheets.items()
        for formula in sheet.formulas
        for cell in _blanks(sheet.grid, formula.rect)
    ]


def _blanks(grid: Grid, rect: Rect) -> list[tuple[int, int]]:
    if rect.size == 1:
        return [] if grid[rect.top, rect.left] is not None else [(rect.top, rect.left)]
    values = grid.read(rect)
    if values.dtype == np.float64:  # all are numbers
        return []
    return [cell for cell, value in zip(rect.cells(), values.ravel().tolist(), strict=True) if value is None]


@contextmanager
def attempt(report: Report, witness: str) -> Iterator[None]:
    """What a witness cannot do goes into the report, and the next one is asked."""
    try:
        yield
    except SheetgptError as error:
        report.failed[witness] = _sentence(error)


def _sentence(error: SheetgptError) -> str:
    return " ".join(str(error).replace("\nHint: ", "; ").split())


def ask(name: str, report: Report, book: Book, path: Path | str) -> None:
    """One witness's values against the file's, or why it could not compare them, into the report."""
    if not report.obstacle:
        with attempt(report, name):
            _ask(name, report, book, path)


def _ask(name: str, report: Report, book: Book, path: Path | str) -> None:
    if name == "evaluator":
        calculated, _ = recalculated_copy(book)
        _add(report, name, f"sheetgpt {__version__}", book, _grids(calculated))
    elif name == as_used.NAME:
        _ask_as_used(report, book, path)
    elif name == "reference":
        if not is_model(book):
            alone = "the workbook is one of several of a model: check their folder"
            report.absent[name] = alone if part_of(book) else "the workbook holds no GPT-2"
            return
        if not prompt_ids(book):
            report.absent[name] = "the workbook holds no prompt that it takes"
            return
        ask_reference(report, book, *expected_values(book))
    else:
        engine = ENGINES[name]
        version = engine.available()
        if version is None:
            report.absent[name] = f"not installed; {engine.how_to_install}"
            return
        found = engine.recalculate(path)
        _add(report, name, version, book, found, rules=engine.rules, not_covered=found.not_covered)


def _ask_as_used(report: Report, book: Book, path: Path | str) -> None:
    """LibreOffice by its own settings: of workbooks that sheetgpt wrote, where it is installed."""
    version, change = libreoffice.available(), as_used.other_input(book)
    if version is None or change is None:
        return
    answer, found = as_used.show_as_used(path, book, change)
    copy, calculator = recalculated_copy(book)
    report.findings += as_used.answer_findings(copy, calculator, answer, change, report.groups)
    _add(report, as_used.NAME, version, book, found, rules=libreoffice.rules, not_covered=found.not_covered)


def ask_reference(
    report: Report, book: Book, expected: Mapping[str, Grid], cells: Mapping[str, Sequence[Rect]]
) -> None:
    """What the reference says of some cells against the file's values, into the report."""
    _add(report, "reference", f"numpy {np.__version__}", book, expected, cells)


def _add(
    report: Report,
    witness: str,
    version: str,
    book: Book,
    values: Mapping[str, Grid],
    cells: Mapping[str, Sequence[Rect]] | None = None,
    rules: Rules = Rules(),  # noqa: B008 - frozen
    not_covered: Mapping[Cell, str] = {},
) -> None:
    """Compare a witness's values of some cells (default: all formulas) with the file's; `not_covered` says why not."""
    missing: list[Cell] = []
    if not is_model(book) and part_of(book) is None and report.blanks:
        rules = replace(rules, empty_text_is_blank=True)
        missing = [cell for cell in report.blanks if _of(values, cell) not in (None, "")]
        report.blank = max(report.blank, len(missing))
    comparison = compare(
        book, values, formula_cells(book) if cells is None else cells, report.groups, rules, {*not_covered, *missing}
    )  # fmt: skip
    if not comparison.cells:
        report.failed[witness] = "it has no value for any formula cell: " + next(
            iter(not_covered.values()), "none given"
        )
        return
    report.versions[witness] = version
    report.comparisons[witness] = comparison
    if report.first is None and (begun := origin(book, values, comparison)):
        label, difference = begun
        report.first = First(label, difference.address, f"{difference} by the {witness}")


def _of(values: Mapping[str, Grid], cell: Cell) -> Value:
    sheet, row, column = cell
    return values[sheet][row, column] if sheet in values else None


def recalculated_copy(book: Book) -> tuple[Book, Calculator]:
    """A copy of the book whose formula cells were blank before the evaluator filled them; sheets of data are shared."""
    blank = Book(names=book.names)
    for name, sheet in book.sheets.items():
        blank.sheets[name] = Sheet(name, deepcopy(sheet.grid), list(sheet.formulas)) if sheet.formulas else sheet
        for formula in sheet.formulas:
            blank.sheets[name].grid.write(formula.rect, None)
    calculator = Calculator(blank)
    calculator.recalculate()
    return blank, calculator


def _grids(book: Book) -> dict[str, Grid]:
    return {name: sheet.grid for name, sheet in book.sheets.items()}

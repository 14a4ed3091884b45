"""A workbook against its witnesses: is every value in the file what the formulas and the model give?

The values that the file holds are compared with those of the evaluator, of LibreOffice and of IronCalc,
which calculate the formulas, and of the numpy reference, which calculates the model. For a workbook of
sheetgpt the formulas, labels and weights are compared too, with what sheetgpt writes for such a model.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np

from sheetgpt import layout, weights
from sheetgpt.address import Rect, at
from sheetgpt.address import reference as cell_reference
from sheetgpt.book import Book, Grid, Sheet
from sheetgpt.comparison import Comparison, Groups, Rules, compare, formula_cells
from sheetgpt.diff import diff_books
from sheetgpt.diff_report import diff_text
from sheetgpt.engines import ENGINES
from sheetgpt.errors import AddressError, FormulaError, UsageError
from sheetgpt.evaluator import Calculator
from sheetgpt.expected import expected_values
from sheetgpt.layout.data import fingerprint
from sheetgpt.lighter import taken
from sheetgpt.meter import Progress
from sheetgpt.origin import origin
from sheetgpt.reader import read
from sheetgpt.report import First, Report
from sheetgpt.settings import candidates_of
from sheetgpt.spec import Config
from sheetgpt.version import __version__
from sheetgpt.weights import Model
from sheetgpt.workbook import (
    config_of,
    excerpt_of,
    is_model,
    limits_of,
    part_of,
    prompt_ids,
    reads_text,
    tensors_of,
    tokenizer_of,
    window,
)

WITNESSES = ("evaluator", "reference", *ENGINES)
_HEAD = re.compile(r"(h\.\d+\.step_0[67]\.\w+)\.\d+")
# What a person may type: the prompt, the settings for sampling, and the position to list.
INPUTS = ("prompt.text", "sampling.temperature", "sampling.top_k", "sampling.top_p", "sampling.seed", "list.typed")
_SHOWN = 10  # findings of one kind that are listed


def check(
    path: Path | str,
    model: str | None = None,
    skip: Collection[str] = (),
    progress: Progress | None = None,
    cached: bool = False,
) -> Report:
    """Compare every formula cell of a workbook, any workbook, with every witness that is there.

    `model`, a checkpoint folder or name, lets it compare the weights too, cell by cell; `skip` names witnesses to
    leave out; with `cached`, weights may come from the cache instead of the file. Raises WorkbookError, UsageError,
    EngineError; differences are in the report.
    """
    asked = witnesses(skip)
    book = read(path, cached)
    report = begun(path, book)
    for number, name in enumerate(asked):
        if progress:
            progress(name, number, len(asked))
        ask(name, report, book, path)
    if is_model(book):
        report.findings += model_findings(book, model)
    return report


def witnesses(skip: Collection[str]) -> list[str]:
    """All that are not to be left out; raises UsageError for a name that is none of them."""
    unknown = [name for name in skip if name.lower() not in map(str.lower, WITNESSES)]
    if unknown:
        raise UsageError(f"there is no witness {unknown[0]!r}", "they are: " + ", ".join(WITNESSES))
    return [name for name in WITNESSES if name.lower() not in map(str.lower, skip)]


def begun(path: Path | str, book: Book) -> Report:
    """A report of a workbook in which no witness has been asked yet."""
    return Report(str(path), sum(f.rect.size for sheet in book.sheets.values() for f in sheet.formulas), groups(book))


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


def ask(name: str, report: Report, book: Book, path: Path | str) -> None:
    """One witness's values against the file's, into the report."""
    cells, rules = formula_cells(book), Rules()
    if name == "evaluator":
        try:
            grids: Mapping[str, Grid] = _recalculated(book)
        except FormulaError as error:
            report.findings.append(f"the evaluator cannot calculate the workbook: {error}")
            return
        _add(report, name, f"sheetgpt {__version__}", book, grids, compare(book, grids, cells, report.groups, rules))
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
        comparison = compare(book, found, cells, report.groups, engine.rules, found.not_covered)
        _add(report, name, version, book, found, comparison)


def ask_reference(
    report: Report, book: Book, expected: Mapping[str, Grid], cells: Mapping[str, Sequence[Rect]]
) -> None:
    """What the reference says of some cells against the file's values, into the report."""
    comparison = compare(book, expected, cells, report.groups, Rules())
    _add(report, "reference", f"numpy {np.__version__}", book, expected, comparison)


def _add(
    report: Report, witness: str, version: str, book: Book, values: Mapping[str, Grid], comparison: Comparison
) -> None:
    report.versions[witness] = version
    report.comparisons[witness] = comparison
    if report.first is None and (begun := origin(book, values, comparison)):
        label, difference = begun
        report.first = First(label, difference.address, f"{difference} by the {witness}")


def _recalculated(book: Book) -> dict[str, Grid]:
    """The values of a copy of the book whose formula cells were blank before the evaluator filled them."""
    blank = Book(names=book.names)
    for name, sheet in book.sheets.items():
        blank.sheets[name] = Sheet(name, deepcopy(sheet.grid), list(sheet.formulas)) if sheet.formulas else sheet
        for formula in sheet.formulas:
            blank.sheets[name].grid.write(formula.rect, None)
    Calculator(blank).recalculate()
    return {name: sheet.grid for name, sheet in blank.sheets.items()}


def model_findings(book: Book, model: str | None) -> Iterator[str]:
    """Where a workbook of sheetgpt is not what sheetgpt writes for its configuration, weights and prompt."""
    config = config_of(book)
    tensors = tensors_of(book, config)
    yield from fingerprint_findings(book, tensors)
    if model is not None:
        yield from weight_findings(book, tensors, config, model)
    yield from _layout_findings(book, config, tensors)


def fingerprint_findings(book: Book, tensors: Mapping[str, np.ndarray]) -> Iterator[str]:
    """The tensors whose numbers are no longer those that were written."""
    stored = book.read("weights.fingerprints").ravel().tolist()
    for name, mark in zip(tensors, stored, strict=True):
        if mark != fingerprint(tensors[name]):
            yield f"weight changed since the workbook was built: {name} no longer has the fingerprint {mark}"


def weight_findings(book: Book, tensors: dict[str, np.ndarray], config: Config, model: str) -> Iterator[str]:
    """The cells whose weights are not those of a checkpoint."""
    loaded = weights.load(weights.find(model))
    if excerpt := excerpt_of(book):
        try:
            loaded = taken(loaded, excerpt)
        except UsageError as error:
            yield f"not a copy of {model}: {error}"
            return
    if loaded.config.tensors() != config.tensors():
        yield f"the workbook's configuration is not that of {model}"
        return
    if book.read("config.digits")[0, 0] == "float32":
        loaded = loaded.shortened()
    for name, tensor in tensors.items():
        original = loaded.tensors[name]
        wrong = np.argwhere(tensor != original)
        sheet, rect = book.locate(name)
        for row, column in wrong[:_SHOWN].tolist():
            cell = cell_reference(sheet, at(rect.top + row, rect.left + column), absolute=False)
            held, expected = float(tensor[row, column]), float(original[row, column])
            yield f"weight differs from {model}: {cell} in {name} holds {held!r}, expected {expected!r}"
        if len(wrong) > _SHOWN:
            yield f"weight differs from {model}: {len(wrong) - _SHOWN} more cells in {name}"


def _layout_findings(book: Book, config: Config, tensors: dict[str, np.ndarray]) -> Iterator[str]:
    text, name, digits = (book.read(entry)[0, 0] for entry in ("prompt.text", "config.name", "config.digits"))
    model = Model(str(name), config, tensors, tokenizer_of(book), excerpt_of(book))
    ids = None if reads_text(book) else prompt_ids(book)
    candidates, limits = candidates_of(book), limits_of(book)
    expected = layout.workbook(
        model, text or "", ids, window(book), str(digits), candidates, limits, manual=book.manual
    )
    yield from content_findings(book, expected, INPUTS)


def content_findings(book: Book, expected: Book, inputs: Sequence[str]) -> Iterator[str]:
    """Where formulas, labels and numbers are not the expected ones; `inputs` name cells that may hold anything."""
    for sheet in expected.sheets.values():
        if sheet.name in book.sheets:  # the values of formulas are the witnesses' affair
            for formula in sheet.formulas:
                sheet.grid.write(formula.rect, book.sheets[sheet.name].grid.read(formula.rect))
    _take_inputs(expected, book, inputs)
    changes = diff_books(expected, book, ignore=["weights.fingerprints"])
    for change in changes[:_SHOWN]:
        yield "not as sheetgpt writes it: " + _one_line(diff_text([change], "expected", "found"))
    if len(changes) > _SHOWN:
        yield f"not as sheetgpt writes it: {len(changes) - _SHOWN} more differences (sheetgpt diff shows them)"


def _take_inputs(expected: Book, book: Book, inputs: Sequence[str]) -> None:
    for name in inputs:
        sheet, rect = expected.locate(name)
        if sheet in book.sheets:
            expected.sheets[sheet].grid.write(rect, book.sheets[sheet].grid.read(rect))


def _one_line(text: str) -> str:
    """A difference in the form of diff, in one line."""
    lines: Sequence[str] = [line for line in text.splitlines() if not line.startswith(("---", "+++"))]
    return " ".join(line.strip() for line in lines)

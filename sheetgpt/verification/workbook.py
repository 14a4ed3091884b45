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

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from sheetgpt.book.book import Book
from sheetgpt.errors import UsageError, WorkbookError
from sheetgpt.evaluator import CLOCK, DEFAULT_SEED, RANDOM
from sheetgpt.schema.answer import interventions_in_use, prompt_and_answer, switches_in_use
from sheetgpt.schema.exercise import exercise_progress
from sheetgpt.schema.names import config_of, is_model
from sheetgpt.system.progress import Progress, no_progress
from sheetgpt.verification.as_used import AsUsedWitness
from sheetgpt.verification.ask import ask, sentence
from sheetgpt.verification.contents import model_findings
from sheetgpt.verification.labels import all_zero, blank_cells, groups
from sheetgpt.verification.report import Report
from sheetgpt.verification.tokenizer import why_no_texts
from sheetgpt.verification.unrepeatable import unrepeatable_cells
from sheetgpt.witnesses.evaluator import EvaluatorWitness
from sheetgpt.witnesses.program import ProgramWitness
from sheetgpt.witnesses.reference.witness import ReferenceWitness
from sheetgpt.witnesses.witness import Witness
from sheetgpt.xlsx.reader import read


def all_witnesses() -> list[Witness]:
    """Everyone who can be asked, in this order. A new witness is a class like `Witness` and an entry here."""
    evaluator = EvaluatorWitness()
    return [
        evaluator,
        ReferenceWitness(),
        ProgramWitness("LibreOffice"),
        AsUsedWitness(evaluator),
        ProgramWitness("IronCalc"),
    ]


def check(
    path: Path | str,
    model: str | None = None,
    skip: Collection[str] = (),
    progress: Progress = no_progress,
    cached: bool = False,
    now: datetime | None = None,
    seed: int | None = None,
) -> Report:
    """Compare every formula cell of a workbook, any workbook, with every witness that is there.

    `model`, a checkpoint folder or name, lets it compare configuration, tokenizer and weights too; `skip` names
    witnesses to leave out; with `cached`, weights may come from the cache instead of the file. What depends on the
    clock, on random numbers or on the machine is left out; with the `now` or the `seed` that the file was calculated
    with, the evaluator compares that too. Raises WorkbookError (also for a `model` where the book holds none),
    UsageError, CheckpointError; differences, and why a witness could not compare, are in the report.
    """
    asked, path = choose_witnesses(all_witnesses(), skip), Path(path)
    book = read(path, cached)
    if model is not None:
        config_of(book)
    report = new_report(path, book, _known_sources(now, seed))
    for witness in asked:
        if isinstance(witness, EvaluatorWitness):
            witness.clock = now, DEFAULT_SEED if seed is None else seed
    for number, witness in enumerate(asked):
        progress(witness.name, number, len(asked))
        ask(witness, report, path, book)
    if is_model(book):
        try:
            report.findings += model_findings(book, model)
            if model is not None and (why := why_no_texts(book)):
                report.absent["tokenizers"] = why
        except WorkbookError as error:  # a weight that is no number
            report.findings.append(f"not as sheetgpt writes it: {sentence(error)}")
    elif model is not None:
        report.absent["weights"] = "this is one part of a model: check the folder that it is in"
    return report


def _known_sources(now: datetime | None, seed: int | None) -> list[str]:
    """What of values that come of more than cells is known."""
    return [source for source, given in ((CLOCK, now), (RANDOM, seed)) if given is not None]


def choose_witnesses(witnesses: Collection[Witness], skip: Collection[str]) -> list[Witness]:
    """Those that are not to be left out; a name leaves out all that begin with it, both questions to LibreOffice.

    Raises UsageError for a name that none has.
    """
    names = [witness.name for witness in witnesses]
    if unknown := [name for name in skip if name.lower() not in map(str.lower, names)]:
        raise UsageError(f"there is no witness {unknown[0]!r}", "they are: " + ", ".join(names))
    left_out = tuple(name.lower() for name in skip)
    return [witness for witness in witnesses if not witness.name.lower().startswith(left_out)]


def new_report(path: Path | str, book: Book, known: Collection[str] = ()) -> Report:
    """A report of a workbook in which no witness has been asked yet; `known`: sources of values that are."""
    cells = sum(f.rect.size for sheet in book.sheets.values() for f in sheet.formulas)
    report = Report(str(path), cells, groups(book))
    if "continuation.text" in book.names:
        report.prompt, report.answer = prompt_and_answer(book)
        report.switches, report.interventions = switches_in_use(book), interventions_in_use(book)
        report.exercise = exercise_progress(book)
    if not cells:
        report.obstacle = "it has no formulas"
    report.unrepeatable = unrepeatable_cells(book)
    report.unrepeatable_anyway = (
        unrepeatable_cells(book, known) if known and report.unrepeatable else report.unrepeatable
    )
    if cells and len(report.unrepeatable_anyway) == cells:
        report.obstacle = "all of its formula cells depend on the clock, random numbers or the machine"
    report.blanks, report.zero = blank_cells(book), all_zero(book)
    if cells and len(report.blanks) == cells:
        report.obstacle, report.blank = f"none of its formula cells ({cells:,}) has a stored value", cells
    return report

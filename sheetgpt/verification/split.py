"""A folder of workbooks against its witnesses: `sheetgpt check FOLDER` as a library call.

Every file is checked as a workbook of its own, the reference goes through the whole model, and at each seam the
values that one file has taken over are compared with those in the file that calculates them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sheetgpt.book.address import Rect, at, reference
from sheetgpt.book.book import Book
from sheetgpt.book.grid import Grid
from sheetgpt.comparison.compare import compare
from sheetgpt.comparison.grid_pair import format_value
from sheetgpt.errors import SheetgptError
from sheetgpt.gpt2.config import Config
from sheetgpt.layout.split import build_part_book
from sheetgpt.schema.names import config_of, tensors_of
from sheetgpt.schema.split import HEAD, PROMPT, Seam, file_of, parts_of, seams_of
from sheetgpt.schema.split import tensors_of as names_of
from sheetgpt.split.build import reader_of
from sheetgpt.system.progress import Progress, no_progress
from sheetgpt.verification.ask import ask
from sheetgpt.verification.contents import (
    INPUTS,
    content_findings,
    fingerprint_findings,
    read_model,
    read_options,
    weight_findings,
)
from sheetgpt.verification.report import Outcome, Report, answer_lines, verdict, witness_lines
from sheetgpt.verification.workbook import all_witnesses, choose_witnesses, new_report
from sheetgpt.witnesses.reference.split import FolderReferenceWitness
from sheetgpt.witnesses.witness import AbsentError

Place = tuple[str, str]  # part, name of a range


@dataclass
class SplitReport:
    """The reports of all files, and what is wrong between them."""

    path: str
    parts: dict[str, Report] = field(default_factory=dict)  # by file name
    findings: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> Outcome:
        """As of one workbook, over all files and seams."""
        outcomes = {report.outcome for report in self.parts.values()}
        if self.findings or Outcome.DIFFER in outcomes:
            return Outcome.DIFFER
        return Outcome.AGREE if outcomes == {Outcome.AGREE} else Outcome.NOT_COMPARED

    @property
    def agrees(self) -> bool:
        return self.outcome is Outcome.AGREE

    @property
    def reason(self) -> str:
        """Why the outcome is "not compared", or ""."""
        if self.outcome is not Outcome.NOT_COMPARED:
            return ""
        return "; ".join(dict.fromkeys(report.reason for report in self.parts.values() if report.reason))

    def as_dict(self, steps: bool = False) -> dict[str, object]:
        """For JSON; `steps` as for one workbook."""
        entries = {"folder": self.path, "agrees": self.agrees, "outcome": self.outcome.value, "reason": self.reason}
        files = {name: report.as_dict(steps) for name, report in self.parts.items()}
        said = {"prompt": self._said()[0], "answer": self._said()[1]}
        return entries | said | {"findings": self.findings, "files": files}

    def as_text(self, steps: bool = False) -> str:
        """Prompt and answer, a line for each witness, what is wrong in and between the files, the verdict.

        Before it, with `steps`, the tables by step of all files, and one by file.
        """
        lines: list[str] = []
        if steps:
            for file, report in self.parts.items():
                lines += [file, *report.step_lines(), ""]
            lines += [*self._file_lines(), ""]
        lines += [*answer_lines(*self._said()), *witness_lines(list(self.parts.values()), list(self.parts))]
        for file, report in self.parts.items():
            lines += [
                f"{'! ' * line.startswith('! ')}{file}: {line.removeprefix('! ')}" for line in report.finding_lines()
            ]
        lines += [f"! {finding}" for finding in self.findings]
        partly = any(report.comparisons for report in self.parts.values())
        last = verdict(self.outcome, "every witness and every seam agrees", self.reason, partly)
        return "\n".join([*lines, f"{self.path}: {last}"])

    def _said(self) -> tuple[str | None, str | None]:
        """Prompt and answer, of the workbook that has them."""
        said = [(report.prompt, report.answer) for report in self.parts.values() if report.prompt is not None]
        return said[-1] if said else (None, None)

    def _file_lines(self) -> list[str]:
        """A line for each file."""
        names = list(dict.fromkeys(name for report in self.parts.values() for name in report.comparisons))
        lines = [f"{'file':<16}{'formula cells':>14}" + "".join(f"{name:>14}" for name in names)]
        for file, report in self.parts.items():
            said = "".join(f"{_verdict(report, name):>14}" for name in names)
            lines.append(f"{file:<16}{report.cells:>14,}{said}")
        return lines


def check_split(
    folder: Path | str,
    model: str | None = None,
    skip: Collection[str] = (),
    progress: Progress = no_progress,
    cached: bool = False,
) -> SplitReport:
    """Compare every formula cell of every workbook with every witness, and the workbooks with one another.

    `model` and `skip` are as in `check`. Raises WorkbookError for a folder that lacks a file, UsageError.
    """
    folder = Path(folder)
    config, part_of_folder = reader_of(folder, cached)
    reference = FolderReferenceWitness(config)
    everyone = [reference if witness.name == reference.name else witness for witness in all_witnesses()]
    asked = choose_witnesses(everyone, skip)
    result = SplitReport(str(folder))
    places: dict[Place, tuple[str, Rect]] = {}
    held: dict[Place, np.ndarray] = {}
    named = {(seam.source, seam.source_name) for seam in seams_of(config)}
    named |= {(seam.target, seam.target_name) for seam in seams_of(config)}
    for number, part in enumerate(parts_of(config)):
        progress(part, number, config.n_layer + 2)
        book = part_of_folder(part)
        if config_of(book) != config:
            result.findings.append(f"{file_of(part)} is of a model with another configuration than prompt.xlsx")
            return result
        places |= {(part, name): book.locate(name) for where, name in named if where == part}
        held |= {(part, name): book.read(name) for where, name in named if where == part}
        report = result.parts[file_of(part)] = new_report(folder / file_of(part), book)
        tensors = tensors_of(book, config, names_of(config, part))
        for witness in asked:
            ask(witness, report, folder / file_of(part), book)
        if report.obstacle:  # nobody was asked, and the reference goes on from part to part
            with suppress(AbsentError, SheetgptError):
                reference.ask(folder / file_of(part), book)
        report.findings += fingerprint_findings(book, tensors)
        report.findings += _content(book, config, part, tensors)
        if model is not None:
            report.findings += weight_findings(book, tensors, config, model)
        if part in (PROMPT, HEAD):
            marks = dict(zip(tensors, book.read("weights.fingerprints").ravel().tolist(), strict=True))
            result.findings += _twice(held, marks, part)
    for seam in seams_of(config):
        result.findings += _seam(seam, places, held)
    return result


def _twice(held: dict[Place, np.ndarray], marks: dict[str, object], part: str) -> Iterator[str]:
    """A tied head has the token embeddings once more: they are to be the same."""
    mark = np.array([[marks.get("wte.weight")]], dtype=object)
    if part == HEAD and mark[0, 0] is not None and mark[0, 0] != held[PROMPT, "wte.weight"][0, 0]:
        yield "head.xlsx was written with another wte.weight than prompt.xlsx"
    held[part, "wte.weight"] = mark


def _verdict(report: Report, witness: str) -> str:
    """The largest difference that a witness found in a file, or how many cells differ."""
    comparison = report.comparisons.get(witness)
    if comparison is None:
        return "-"
    if comparison.differing:
        return f"DIFFERS in {comparison.differing}"
    return f"{comparison.largest:.1e}"


def _seam(seam: Seam, places: Mapping[Place, tuple[str, Rect]], held: Mapping[Place, np.ndarray]) -> Iterator[str]:
    """A seam whose two sides differ, with the first cell that does."""
    source, target = (seam.source, seam.source_name), (seam.target, seam.target_name)
    there, here = held[source], held[target]
    sides = f"{seam.target_name} of {file_of(seam.target)}", f"{seam.source_name} of {file_of(seam.source)}"
    if there.shape != here.shape:
        yield f"seam: {sides[0]} has {here.shape} cells, {sides[1]} has {there.shape}"
        return
    found = compare({"": _grid(here)}, {"": _grid(there)}, keep=1)
    if found.differing:
        first, (sheet, rect) = found.differences[0], places[target]
        cell = reference(sheet, at(rect.top + first.cell[0] - 1, rect.left + first.cell[1] - 1), False)
        words = f"first {cell}: {format_value(first.a)} and {format_value(first.b)}"
        yield f"seam: {sides[0]} is not {sides[1]}: {found.differing} cells differ, {words}"


def _grid(values: np.ndarray) -> Grid:
    grid = Grid()
    grid.write(Rect(1, 1, *values.shape), values)
    return grid


def _content(book: Book, config: Config, part: str, tensors: dict[str, np.ndarray]) -> Iterator[str]:
    """Where a part is not what sheetgpt writes for its configuration, weights and prompt."""
    given = {seam.target_name: book.read(seam.target_name) for seam in seams_of(config) if seam.target == part}
    model = read_model(book, config, tensors, part in (PROMPT, HEAD))
    expected = build_part_book(model, part, read_options(book), given)
    typed_here = [name for name in INPUTS if name in expected.names and part in (PROMPT, HEAD)]
    yield from content_findings(book, expected, typed_here)

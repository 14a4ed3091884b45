"""A folder of workbooks against its witnesses: `sheetgpt check FOLDER` as a library call.

Every file is checked as a workbook of its own, the reference goes through the whole model, and at each seam the
values that one file has taken over are compared with those in the file that calculates them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sheetgpt import layout
from sheetgpt.address import Rect, at, reference
from sheetgpt.book import Book, Grid
from sheetgpt.check import (
    INPUTS,
    ask,
    ask_reference,
    begun,
    content_findings,
    fingerprint_findings,
    weight_findings,
    witnesses,
)
from sheetgpt.comparison import compare
from sheetgpt.expected import cells_of
from sheetgpt.expected_parts import ReferenceOfParts
from sheetgpt.meter import Progress
from sheetgpt.pairs import shown
from sheetgpt.parts import HEAD, PROMPT, Seam, file_of, parts_of, seams_of
from sheetgpt.parts import tensors_of as names_of
from sheetgpt.report import Report
from sheetgpt.settings import candidates_of
from sheetgpt.spec import Config
from sheetgpt.split import reader_of
from sheetgpt.weights import Model
from sheetgpt.workbook import config_of, excerpt_of, limits_of, reads_text, single, tensors_of, tokenizer_of, window

Place = tuple[str, str]  # part, name of a range


@dataclass
class SplitReport:
    """The reports of all files, and what is wrong between them."""

    path: str
    parts: dict[str, Report] = field(default_factory=dict)  # by file name
    findings: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return bool(self.parts) and not self.findings and all(report.agrees for report in self.parts.values())

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        files = {name: report.as_dict() for name, report in self.parts.items()}
        return {"folder": self.path, "agrees": self.agrees, "findings": self.findings, "files": files}

    def as_text(self) -> str:
        """A line for each file, what is wrong in and between them, the verdict."""
        names = list(dict.fromkeys(name for report in self.parts.values() for name in report.comparisons))
        lines = [f"{'file':<16}{'formula cells':>14}" + "".join(f"{name:>14}" for name in names)]
        for file, report in self.parts.items():
            said = "".join(f"{_verdict(report, name):>14}" for name in names)
            lines.append(f"{file:<16}{report.cells:>14,}{said}")
        lines.append("")
        for file, report in self.parts.items():
            lines += [f"! {file}: {finding}" for finding in report.findings]
            if report.first:
                lines.append(f"! {file}: first difference: {report.first.step}: {report.first.what}")
        lines += [f"! {finding}" for finding in self.findings]
        absent = {name: why for report in self.parts.values() for name, why in report.absent.items()}
        lines += [f"{name}: {why}" for name, why in absent.items()]
        lines.append(f"{self.path}: {'every witness and every seam agrees' if self.agrees else 'DIFFERENCES FOUND'}")
        return "\n".join(lines)


def check_split(
    folder: Path | str,
    model: str | None = None,
    skip: Collection[str] = (),
    progress: Progress | None = None,
    cached: bool = False,
) -> SplitReport:
    """Compare every formula cell of every workbook with every witness, and the workbooks with one another.

    `model` and `skip` are as in `check`. Raises WorkbookError for a folder that lacks a file, UsageError, EngineError.
    """
    asked, folder = witnesses(skip), Path(folder)
    config, part_of_folder = reader_of(folder, cached)
    result = SplitReport(str(folder))
    expected = ReferenceOfParts(config)
    places: dict[Place, tuple[str, Rect]] = {}
    held: dict[Place, np.ndarray] = {}
    named = {(seam.source, seam.source_name) for seam in seams_of(config)}
    named |= {(seam.target, seam.target_name) for seam in seams_of(config)}
    for number, part in enumerate(parts_of(config)):
        if progress:
            progress(part, number, config.n_layer + 2)
        book = part_of_folder(part)
        if config_of(book) != config:
            result.findings.append(f"{file_of(part)} is of a model with another configuration than prompt.xlsx")
            return result
        places |= {(part, name): book.locate(name) for where, name in named if where == part}
        held |= {(part, name): book.read(name) for where, name in named if where == part}
        report = result.parts[file_of(part)] = begun(folder / file_of(part), book)
        tensors = tensors_of(book, config, names_of(config, part))
        for name in asked:
            if name == "reference":
                if expected.knows(book, part):
                    ask_reference(report, book, *cells_of(book, expected.of(book, part, tensors)))
                else:
                    report.absent[name] = "the workbooks hold no prompt that they take"
            else:
                ask(name, report, book, folder / file_of(part))
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
    return f"{max((group.largest for group in comparison.groups), default=0.0):.1e}"


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
        words = f"first {cell}: {shown(first.a)} and {shown(first.b)}"
        yield f"seam: {sides[0]} is not {sides[1]}: {found.differing} cells differ, {words}"


def _grid(values: np.ndarray) -> Grid:
    grid = Grid()
    grid.write(Rect(1, 1, *values.shape), values)
    return grid


def _content(book: Book, config: Config, part: str, tensors: dict[str, np.ndarray]) -> Iterator[str]:
    """Where a part is not what sheetgpt writes for its configuration, weights and prompt."""
    facts = {name: book.read(f"config.{name}")[0, 0] for name in ("name", "digits", "candidates")}
    tokenizer = tokenizer_of(book) if part in (PROMPT, HEAD) else None
    given = {seam.target_name: book.read(seam.target_name) for seam in seams_of(config) if seam.target == part}
    limits, ids, text = None, None, str(single(book, "prompt.text") or "")
    if part == PROMPT:
        limits = limits_of(book)
        typed = [value for value in book.read("prompt.ids").ravel().tolist() if isinstance(value, float)]
        ids = None if reads_text(book) else [int(value) for value in typed]
    candidates = candidates_of(book) if part == HEAD else int(float(str(facts["candidates"])))
    model = Model(str(facts["name"]), config, tensors, tokenizer, excerpt_of(book))
    asked = layout.Window(text, ids, window(book), str(facts["digits"]), candidates, limits, book.manual)
    expected = layout.part(model, part, asked, given)
    typed_here = [name for name in INPUTS if name in expected.names and part in (PROMPT, HEAD)]
    yield from content_findings(book, expected, typed_here)

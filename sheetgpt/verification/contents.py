"""What stands in a workbook of sheetgpt beside the values of its formulas: is it what sheetgpt writes?

Formulas, labels and numbers are compared with those of a workbook made anew from the model in the cells, weights with
their fingerprints and with a checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from sheetgpt.book.address import at
from sheetgpt.book.address import reference as cell_reference
from sheetgpt.book.book import Book
from sheetgpt.comparison.diff import diff_books
from sheetgpt.comparison.diff_report import diff_text
from sheetgpt.comparison.result import Rules
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.apply_subset import apply_subset
from sheetgpt.gpt2.checkpoint import find_checkpoint, load_checkpoint
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.lenses.lens import LENSES, Lens, lenses_in
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.layout.tensors import fingerprint
from sheetgpt.schema.exercise import exercise_step, learner_cells
from sheetgpt.schema.jacobian import jacobian_of
from sheetgpt.schema.names import (
    config_of,
    read_numbers,
    single,
    subset_of,
    tensors_of,
    tokenizer_of,
    window,
)
from sheetgpt.schema.prompt import limits_of, prompt_ids, prompt_text, reads_text
from sheetgpt.schema.sampling import candidates_of
from sheetgpt.verification.tokenizer import tokenizer_findings

# What a person may type: the prompt, the settings for sampling, and the position to list.
INPUTS = ("prompt.text", "sampling.temperature", "sampling.top_k", "sampling.top_p", "sampling.seed", "list.typed")
_SHOWN = 10  # findings of one kind that are listed


def model_findings(book: Book, model: str | None) -> Iterator[str]:
    """Where a workbook of sheetgpt is not what sheetgpt writes for its configuration, weights and prompt."""
    config = config_of(book)
    tensors = tensors_of(book, config)
    yield from fingerprint_findings(book, tensors)
    if model is not None:
        yield from weight_findings(book, tensors, config, model)
    yield from _layout_findings(book, config, tensors)
    for lens in lenses_in(book):
        if LENSES[lens].stored:
            yield from stored_findings(book, read_model(book, config, tensors), LENSES[lens])


def fingerprint_findings(book: Book, tensors: Mapping[str, np.ndarray]) -> Iterator[str]:
    """The tensors whose numbers are no longer those that were written."""
    stored = book.read("weights.fingerprints").ravel().tolist()
    for name, mark in zip(tensors, stored, strict=True):
        if mark != fingerprint(tensors[name]):
            yield f"weight changed since the workbook was built: {name} no longer has the fingerprint {mark}"


def weight_findings(book: Book, tensors: dict[str, np.ndarray], config: Config, model: str) -> Iterator[str]:
    """Where configuration, tokenizer and cells with weights are not those of a checkpoint."""
    folder = find_checkpoint(model)
    loaded = load_checkpoint(folder)
    if subset := subset_of(book):
        try:
            loaded = apply_subset(loaded, subset)
        except UsageError as error:
            yield f"not a copy of {model}: {error}"
            return
    if entries := config.differing(loaded.config):
        yield f"the workbook's configuration is not that of {model}: {', '.join(entries)}"
        return
    yield from tokenizer_findings(book, loaded, folder, model)
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


def stored_findings(book: Book, model: Model, lens: Lens) -> Iterator[str]:
    """The numbers of a lens that were calculated at build, and that the weights in the cells do not give."""
    ids: list[int] = []
    for name in (name for name in lens.stored_names if name.endswith(".stored_ids")):
        ids, prompt = [int(token) for token in read_numbers(book, name).ravel() if token >= 0], name[:-4] + "_prompt"
        text = str(single(book, prompt) or "")
        if reads_text(book) and model.tokenizer and model.tokenizer.encode(text) != ids:
            yield f"not as sheetgpt writes it: {name} are not the tokens of {prompt}"
        if not ids:
            return
    for name, expected in lens.stored(model, ids).items() if lens.stored else ():
        if not _agree(book.read(name), expected):
            yield f"not as sheetgpt writes it: {name} is not what the weights in this workbook give"


def _agree(found: np.ndarray, expected: np.ndarray) -> bool:
    """Whether stored values are the expected ones; numbers nearly: sums may come in another order elsewhere."""
    if found.shape != expected.shape:
        return False
    pairs = list(zip(found.ravel().tolist(), expected.ravel().tolist(), strict=True))
    largest = max([1.0, *(abs(b) for _, b in pairs if isinstance(b, float))])
    return all(
        abs(a - b) <= Rules().tolerance * largest if isinstance(a, float) and isinstance(b, float) else a == b
        for a, b in pairs
    )


def _layout_findings(book: Book, config: Config, tensors: dict[str, np.ndarray]) -> Iterator[str]:
    yield from content_findings(
        book, build_book(read_model(book, config, tensors), read_options(book)), typed_cells(book)
    )


def read_model(book: Book, config: Config, tensors: Mapping[str, np.ndarray], tokenizer: bool = True) -> Model:
    """The model that a workbook says it holds, with these tensors; without `tokenizer` for a part that has none."""
    name = str(book.read("config.name")[0, 0])
    return Model(name, config, tensors, tokenizer_of(book) if tokenizer else None, subset_of(book))


def read_options(book: Book) -> LayoutOptions:
    """What a workbook was built with, read back from its cells; of a part, as far as it shows there."""
    digits, candidates = (book.read(f"config.{name}")[0, 0] for name in ("digits", "candidates"))
    return LayoutOptions(
        prompt=prompt_text(book),
        ids=prompt_ids(book) if "prompt.ids" in book.names and not reads_text(book) else None,
        rows=window(book),
        digits=str(digits),
        candidates=candidates_of(book) if "candidates.ids" in book.names else int(float(str(candidates))),
        limits=limits_of(book),
        manual=book.manual,
        lenses=lenses_in(book),
        exercise=exercise_step(book),
        jacobian=jacobian_of(book, config_of(book)),
    )


def typed_cells(book: Book) -> list[str]:
    """The defined names of the cells of a book that a person may type into."""
    return [*INPUTS, *(name for lens in lenses_in(book) for name in (*LENSES[lens].inputs, *LENSES[lens].stored_names))]


def content_findings(book: Book, expected: Book, inputs: Sequence[str]) -> Iterator[str]:
    """Where formulas, labels and numbers are not the expected ones; `inputs` name cells that may hold anything."""
    for sheet in expected.sheets.values():
        if sheet.name in book.sheets:  # the values of formulas are the witnesses' affair
            for formula in sheet.formulas:
                sheet.grid.write(formula.rect, book.sheets[sheet.name].grid.read(formula.rect))
    _take_inputs(expected, book, inputs)
    _take_learner(expected, book)
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


def _take_learner(expected: Book, book: Book) -> None:
    """What a learner has filled in, formulas too, is as expected."""
    for name in learner_cells(expected):
        place, rect = expected.locate(name)
        if place in book.sheets:
            ours, theirs = expected.sheets[place], book.sheets[place]
            ours.formulas = [formula for formula in ours.formulas if not formula.rect.intersect(rect)]
            ours.formulas += [formula for formula in theirs.formulas if formula.rect.intersect(rect)]
            ours.grid.write(rect, theirs.grid.read(rect))


def _one_line(text: str) -> str:
    """A difference in the form of diff, in one line."""
    lines: Sequence[str] = [line for line in text.splitlines() if not line.startswith(("---", "+++"))]
    return " ".join(line.strip() for line in lines)

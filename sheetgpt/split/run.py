"""A new prompt through a folder of workbooks: `sheetgpt run FOLDER` as a library call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sheetgpt.book.book import Book
from sheetgpt.book.edits import CellEdits
from sheetgpt.commands.calculation import values_of
from sheetgpt.errors import UsageError
from sheetgpt.schema.answer import Answer, answer_of
from sheetgpt.schema.names import single, tokenizer_of
from sheetgpt.schema.prompt import prompt_cells, resolve_prompt
from sheetgpt.schema.sampling import sampling_cells, sampling_of
from sheetgpt.schema.split import HEAD, PROMPT, file_of
from sheetgpt.split.build import reader_of
from sheetgpt.split.pipeline import KEEP_IN_RUN, Pipeline
from sheetgpt.system.atomic_write import new_folder, refuse_existing
from sheetgpt.system.progress import Progress, no_progress
from sheetgpt.xlsx.patch import patch


def run_split(
    folder: Path | str,
    prompt: str | None = None,
    token_ids: Sequence[int] | None = None,
    output: Path | str | None = None,
    progress: Progress = no_progress,
    cached: bool = True,
    **sampling: float | int | None,
) -> Answer:
    """What the workbooks of a folder answer, as `run` says it for one workbook.

    Every file is calculated from its formulas, in the order of the flow and around again for each token that is
    written. With `output`, a new folder gets a copy with the new values. Raises what `run` raises.
    """
    folder = Path(folder)
    config, part_of_folder = reader_of(folder, cached)
    if output is not None:
        refuse_existing(Path(output))
    edits: dict[str, CellEdits] = {}

    def opened(name: str) -> Book:
        book = part_of_folder(name)
        if name not in edits:
            edits[name] = _edits(book, name, prompt, token_ids, sampling)
        edits[name].apply(book)
        return book

    keep = config.parameters <= KEEP_IN_RUN
    pipeline = Pipeline(config, opened, keep, progress)
    pipeline.settle()
    answer = None
    if output is None:
        answer = answer_of(pipeline.book(HEAD))
    else:
        with new_folder(Path(output)) as copy:
            for name, book in pipeline.books():
                progress(f"writing {name}", 0, 1)
                given = CellEdits()
                given.add(edits[name])
                for seam in pipeline.seams:
                    if seam.target == name:
                        sheet, rect = book.locate(seam.target_name)
                        given.fill(sheet, rect, book.sheets[sheet].grid.read(rect).ravel().tolist())
                patch(folder / file_of(name), copy / file_of(name), values_of(book, given))
                answer = answer_of(book) if name == HEAD else answer
    assert answer is not None
    return answer


def _edits(
    book: Book, name: str, prompt: str | None, token_ids: Sequence[int] | None, sampling: dict[str, float | int | None]
) -> CellEdits:
    """What to type into the workbook of a part; raises UsageError for a prompt that it does not take."""
    if name == PROMPT:
        if prompt is not None or token_ids is not None:
            return prompt_cells(book, resolve_prompt(tokenizer_of(book), prompt, token_ids, "this workbook"))
        if message := single(book, "prompt.message"):
            raise UsageError(f"the workbook says: {message}", "type another prompt")
    if name == HEAD and sampling:
        return sampling_cells(book, replace(sampling_of(book), **sampling))  # type: ignore[arg-type]
    return CellEdits()

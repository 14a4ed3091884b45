"""A new prompt in an existing workbook: `sheetgpt run` and `sheetgpt recalc` as library calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sheetgpt.book.values import Value
from sheetgpt.commands.calculation import calculate, resized, spills_of, values_of
from sheetgpt.commands.recalc import typed_cells
from sheetgpt.errors import WorkbookError
from sheetgpt.schema.answer import Answer, answer_of
from sheetgpt.schema.names import config_of, part_of, tokenizer_of
from sheetgpt.schema.prompt import prompt_cells, resolve_prompt
from sheetgpt.schema.sampling import sampling_cells, sampling_of
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read


def run(
    path: Path | str,
    prompt: str | None = None,
    token_ids: Sequence[int] | None = None,
    output: Path | str | None = None,
    cached: bool = True,
    set: Mapping[str, Value | int] | None = None,  # noqa: A002 - the option of the command line, with its name
    **sampling: float | int | None,
) -> Answer:
    """What the workbook answers, calculated anew from its formulas, to a new prompt or the one it holds.

    `sampling` are fields of `Sampling` (temperature, top_k, top_p, seed); those left out stay as the file has them.
    `set` types values into cells before, as `recalc` does: {"switch.h.1.head.3": 0}.
    With `output`, a copy with the new values is written there. Without `cached`, the cache is left alone.
    Raises WorkbookError, UsageError, FormulaError.
    """
    book = read(path, cached)
    config_of(book)
    if part := part_of(book):
        raise WorkbookError(f"{path} is one of several workbooks of a model ({part})", "give the folder that it is in")
    edits = typed_cells(book, set or {})
    edits.apply(book)  # how long a prompt may be depends on them
    if prompt is not None or token_ids is not None:
        given = resolve_prompt(tokenizer_of(book), prompt, token_ids, "this workbook")
        edits.add(prompt_cells(book, given))
    if sampling:
        edits.add(sampling_cells(book, replace(sampling_of(book), **sampling)))  # type: ignore[arg-type]
    before = spills_of(book)
    calculate(book, edits)
    answer = answer_of(book)
    if output is not None:
        patch(path, output, values_of(book, edits, before), resized(book, before))
    return answer

"""A model written as a folder of workbooks, and such a folder read: `sheetgpt build --split` as a library call.

The folder is made beside its target and takes its place when it is whole, so nothing half-written stays behind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.commands.build import prompt_of, resolve_options, with_digits
from sheetgpt.errors import WorkbookError
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.apply_subset import make_subset
from sheetgpt.gpt2.checkpoint import find_checkpoint, load_checkpoint
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.options import BuildOptions
from sheetgpt.layout.split import build_part_book, without_lenses
from sheetgpt.schema.names import config_of, part_of
from sheetgpt.schema.split import KEEP_IN_BUILD, PROMPT, file_of, parts_of
from sheetgpt.split.pipeline import Pipeline
from sheetgpt.system.atomic_write import new_folder, refuse_existing
from sheetgpt.system.mapped_arrays import Store
from sheetgpt.system.progress import Progress, no_progress
from sheetgpt.xlsx.readback import verify
from sheetgpt.xlsx.reader import read
from sheetgpt.xlsx.writer import write


def build_split(
    model: str,
    output: Path | str | None = None,
    options: BuildOptions | None = None,
    *,
    progress: Progress = no_progress,
    **given: Any,
) -> Path:
    """Write prompt.xlsx, block_00.xlsx ... head.xlsx into a new folder, check them, and return its path.

    The parameters are those of `build`. Raises what it does, and UsageError if the folder is there already.
    """
    options = without_lenses(replace(options or BuildOptions(), **given))
    whole = make_subset(load_checkpoint(find_checkpoint(model)), options.blocks, options.vocab_limit)
    path = Path(output) if output is not None else Path(f"{whole.name}-split")
    refuse_existing(path)
    chosen = resolve_options(whole, options)
    shown = with_digits(whole, chosen)
    keep = whole.config.parameters <= KEEP_IN_BUILD
    predicted = {} if keep else {"predicted.ids": _predict(whole, prompt_of(whole, options).ids, chosen.rows)}

    def build_part(part: str) -> Book:
        return build_part_book(shown, part, chosen, predicted, store=None if keep else Store(path.parent))

    def write_part(name: str, book: Book) -> None:
        write(book, folder / file_of(name), partial(_of_part, progress, name), options.compress)
        progress(f"{name}: reading it back", 0, 1)
        verify(book, folder / file_of(name))

    pipeline = Pipeline(whole.config, build_part, keep, progress)
    with new_folder(path) as folder:
        if keep:
            pipeline.settle()
            for name, book in pipeline.books():
                write_part(name, book)
        else:
            pipeline.settle(write_part)  # at once: laying out a large part again would take longer
    return path


def _predict(model: Model, ids: Sequence[int], rows: int) -> np.ndarray:
    """The tokens that will be predicted [rows, 1], by the reference: each time around a large model costs minutes.

    They are only where the calculation begins; what is written is what the formulas predict. So the model need not
    have the digits that are written.
    """
    written = forward.generate(model.config, model.tensors, ids, rows)
    last = forward.logits(model.config, model.tensors, written).argmax(axis=1)
    return np.asarray(last, dtype=np.float64)[:, None]


def _of_part(progress: Progress, part: str, what: str, done: int, total: int) -> None:
    progress(f"{part}: {what}", done, total)


def read_part(folder: Path | str, name: str, cached: bool = True) -> Book:
    """The book of one part; raises WorkbookError if it is missing or another one."""
    path = Path(folder) / file_of(name)
    if not path.exists():
        raise WorkbookError(
            f"{folder} holds no {path.name}: it is no model in several workbooks, or not a whole one",
            "sheetgpt build --split makes one",
        )
    book = read(path, cached)
    if part_of(book) != name:
        raise WorkbookError(f"{path} is {part_of(book) or 'no part of a model'}, not {name}", "was it renamed?")
    return book


def reader_of(folder: Path | str, cached: bool = True) -> tuple[Config, Callable[[str], Book]]:
    """The configuration of the model in a folder, and what reads a part; raises WorkbookError if a file is missing.

    The first part is read for the configuration already, and not again when it is asked for the first time.
    """
    folder = Path(folder)
    ready = {PROMPT: read_part(folder, PROMPT, cached)}
    config = config_of(ready[PROMPT])
    missing = [file_of(part) for part in parts_of(config) if not (folder / file_of(part)).exists()]
    if missing:
        raise WorkbookError(f"{folder} lacks {', '.join(missing)}", "all files of a model belong into one folder")
    return config, lambda name: ready.pop(name, None) or read_part(folder, name, cached)

"""A model written as a folder of workbooks, and such a folder read: `sheetgpt build --split` as a library call.

The folder is made beside its target and takes its place when it is whole, so nothing half-written stays behind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.commands.build import prepared, prompt_of
from sheetgpt.defaults import CANDIDATES
from sheetgpt.errors import WorkbookError
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.apply_subset import make_subset
from sheetgpt.gpt2.checkpoint import find_checkpoint, load_checkpoint
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.split import Window, build_part_book
from sheetgpt.schema.split import KEEP_IN_BUILD, PROMPT, file_of, parts_of
from sheetgpt.schema.workbook import config_of, part_of
from sheetgpt.split.pipeline import Chain
from sheetgpt.system.atomic_write import new_folder, refuse_existing
from sheetgpt.system.mapped_arrays import Store
from sheetgpt.system.progress import Progress
from sheetgpt.xlsx.readback import verify
from sheetgpt.xlsx.reader import read
from sheetgpt.xlsx.writer import write


def build_split(
    model: str,
    output: Path | str | None = None,
    prompt: str | None = None,
    context: int | None = None,
    token_ids: Sequence[int] | None = None,
    digits: str = "auto",
    progress: Progress | None = None,
    candidates: int = CANDIDATES,
    max_chars: int | None = None,
    blocks: str | None = None,
    vocab_limit: int | None = None,
    compress: str = "balanced",
    manual: bool = False,
) -> Path:
    """Write prompt.xlsx, block_00.xlsx ... head.xlsx into a new folder, check them, and return its path.

    The parameters are those of `build`. Raises what it does, and UsageError if the folder is there already.
    """
    whole = make_subset(load_checkpoint(find_checkpoint(model)), blocks, vocab_limit)
    path = Path(output) if output is not None else Path(f"{whole.name}-split")
    refuse_existing(path)
    loaded, window = prepared(whole, prompt, context, token_ids, digits, candidates, max_chars, manual)
    show = progress or (lambda what, done, total: None)
    keep = loaded.config.parameters <= KEEP_IN_BUILD
    given = {} if keep else {"predicted.ids": _guess(whole, window, prompt, token_ids)}

    def laid_out(part: str) -> Book:
        return build_part_book(loaded, part, window, given, store=None if keep else Store(path.parent))

    def written(name: str, book: Book) -> None:
        write(book, folder / file_of(name), partial(_of_part, show, name), compress)
        show(f"{name}: reading it back", 0, 1)
        verify(book, folder / file_of(name))

    chain = Chain(loaded.config, laid_out, keep, lambda part: show(f"calculating {part}", 0, 1))
    with new_folder(path) as folder:
        if keep:
            chain.settle()
            for name, book in chain.books():
                written(name, book)
        else:
            chain.settle(written)  # at once: laying out a large part again would take longer
    return path


def _guess(model: Model, window: Window, prompt: str | None, token_ids: Sequence[int] | None) -> np.ndarray:
    """The tokens that will be predicted [n, 1], by the reference: each time around a large model costs minutes.

    They are only where the calculation begins; what is written is what the formulas predict. So the model need not
    have the digits that are written.
    """
    _, ids = prompt_of(model, prompt, token_ids)
    written = forward.generate(model.config, model.tensors, ids, window.rows)
    last = forward.logits(model.config, model.tensors, written).argmax(axis=1)
    return np.asarray(last, dtype=np.float64)[:, None]


def _of_part(show: Progress, part: str, what: str, done: int, total: int) -> None:
    show(f"{part}: {what}", done, total)


def read_part(folder: Path | str, name: str, cached: bool = True) -> Book:
    """The book of one part; raises WorkbookError if it is missing or another one."""
    path = Path(folder) / file_of(name)
    if not path.exists():
        raise WorkbookError(f"{folder} holds no {path.name}: it is no model in several workbooks, or not a whole one",
                            "sheetgpt build --split makes one")  # fmt: skip
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

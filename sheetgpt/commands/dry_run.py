"""What `sheetgpt build MODEL --dry-run` says: the size of a workbook, from the configuration of a model alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.commands.build import DEFAULT_PROMPT, find_jacobian, layout_options, resolve_digits
from sheetgpt.commands.estimate import (
    Estimate,
    LensCost,
    ShapeBook,
    count_lens,
    estimate_file,
    shapes_of,
    stand_in_tokenizer,
)
from sheetgpt.errors import CheckpointError
from sheetgpt.gpt2.apply_subset import make_subset
from sheetgpt.gpt2.checkpoint import find_checkpoint, read_stored_config, read_tokenizer
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.jacobian import Jacobian
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.presets import PRESETS
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.lenses.lens import LENSES
from sheetgpt.layout.options import BuildOptions, LayoutOptions
from sheetgpt.layout.split import build_part_book, without_lenses
from sheetgpt.schema.prompt import Prompt, check_prompt
from sheetgpt.schema.split import KEEP_IN_BUILD, file_of, parts_of

_GPT2_TOKENS = 50257


def dry_run(model: str, options: BuildOptions | None = None, *, split: bool = False, **given: Any) -> Estimate:
    """The size of what `build` (or `build_split`) would make of a model, of which no weights need to be there.

    `model` is a checkpoint folder, a config.json, the name of a folder in weights/, or one of `PRESETS`; options are as
    for `build`. Raises CheckpointError and UsageError.
    """
    options = replace(options or BuildOptions(), **given)
    options = without_lenses(options) if split else options
    shapes, source = without_weights(model)
    shapes = make_subset(shapes, options.blocks, options.vocab_limit)
    config, digits = shapes.config, resolve_digits(options.digits, shapes.config)
    ids = options.token_ids if options.token_ids is not None else None if shapes.tokenizer else [0]
    text = DEFAULT_PROMPT if options.prompt is None else options.prompt
    chosen = layout_options(shapes, options, text, ids)
    chosen = replace(chosen, jacobian=_matrices(model, shapes, options.jacobian, chosen))
    title, files = f"{shapes.name} ({source})", []
    if options.token_ids is not None:
        check_prompt(Prompt(chosen.prompt, list(options.token_ids)), chosen.rows, config)
    if split:
        for part in parts_of(config):
            book = build_part_book(shapes, part, chosen, mark=_no_checksum, book=ShapeBook())
            files.append(estimate_file(file_of(part), book, digits))
        return Estimate(title, config.parameters, files, config.parameters <= KEEP_IN_BUILD)
    book = build_book(shapes, chosen, mark=_no_checksum, book=ShapeBook())
    suffix = "-lighter" if shapes.subset else ""
    files.append(estimate_file(f"{shapes.name}{suffix}.xlsx", book, digits))
    return Estimate(title, config.parameters, files, lenses=list(_lens_costs(book, config, chosen)))


def _lens_costs(book: Book, config: Config, options: LayoutOptions) -> Iterator[LensCost]:
    """What each lens costs, those too that are not in the book: they are laid out behind all else."""
    for name, lens in LENSES.items():
        if lens.sheet not in book.sheets:
            lens.lay_out(book, config, options.rows)
        yield count_lens(name, book.sheets[lens.sheet], name in options.lenses)


def _matrices(model: str, shapes: Model, named: Path | str | None, options: LayoutOptions) -> Jacobian:
    """Stand-ins for the matrices of the Jacobian lens that `build` would find."""
    try:
        folder = Path(model).parent if Path(model).name == "config.json" else find_checkpoint(model)
    except CheckpointError:  # a known configuration, without a folder
        folder = Path(model)
    found = find_jacobian(folder, shapes, named, replace(options, digits="exact"))
    return {layer: np.broadcast_to(np.zeros(()), matrix.shape) for layer, matrix in found.items()}


def _no_checksum(_: np.ndarray, __: int) -> int:
    """Stands for the checksum of a tensor that is not there."""
    return 0


def without_weights(name: str) -> tuple[Model, str]:
    """A model without weights, and how its configuration is known; raises CheckpointError."""
    try:
        folder = Path(name).parent if Path(name).name == "config.json" else find_checkpoint(name)
    except CheckpointError:
        if name not in PRESETS:
            raise
        config = PRESETS[name]
        source = "the known configuration; no checkpoint is here"
        return Model(name, config, shapes_of(config), stand_in_tokenizer(config.vocab_size)), source
    config = read_stored_config(folder)
    tokenizer, source = read_tokenizer(folder), f"from {folder / 'config.json'}"
    if tokenizer is None and config.vocab_size == _GPT2_TOKENS:
        tokenizer, source = stand_in_tokenizer(config.vocab_size), f"{source}, taken to have GPT-2's tokenizer"
    return Model(folder.resolve().name, config, shapes_of(config), tokenizer), source

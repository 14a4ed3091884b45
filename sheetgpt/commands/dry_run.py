"""What `sheetgpt build MODEL --dry-run` says: the size of a workbook, from the configuration of a model alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sheetgpt.commands.build import DEFAULT_CONTEXT, DEFAULT_PROMPT, digits_of
from sheetgpt.commands.estimate import Estimate, ShapeBook, measured, shapes_of, stand_in_tokenizer
from sheetgpt.defaults import CANDIDATES
from sheetgpt.errors import CheckpointError
from sheetgpt.gpt2.apply_subset import make_subset
from sheetgpt.gpt2.checkpoint import find_checkpoint, read_config, read_tokenizer
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.presets import PRESETS
from sheetgpt.layout.build_book import build_book, check_sizes
from sheetgpt.layout.split import Window, build_part_book
from sheetgpt.schema.prompt_limits import Limits
from sheetgpt.schema.split import KEEP_IN_BUILD, file_of, parts_of

_GPT2_TOKENS = 50257


def plan(
    model: str,
    prompt: str | None = None,
    context: int | None = None,
    token_ids: Sequence[int] | None = None,
    digits: str = "auto",
    candidates: int = CANDIDATES,
    max_chars: int | None = None,
    blocks: str | None = None,
    vocab_limit: int | None = None,
    split: bool = False,
) -> Estimate:
    """The size of what `build` (or `build_split`) would make of a model, of which no weights need to be there.

    `model` is a checkpoint folder, a config.json, the name of a folder in weights/, or one of `PRESETS`. Raises
    CheckpointError and UsageError.
    """
    shapes, source = planned(model)
    shapes = make_subset(shapes, blocks, vocab_limit)
    config = shapes.config
    rows = context if context is not None else min(DEFAULT_CONTEXT, config.n_positions)
    limits = Limits() if max_chars is None else Limits(max_chars)
    ids = list(token_ids) if token_ids is not None else None if shapes.tokenizer else [0]
    kind = digits_of(digits, config)
    text = DEFAULT_PROMPT if prompt is None else prompt
    title = f"{shapes.name} ({source})"
    if split:
        check_sizes(config, rows, candidates)
        window = Window(text, ids, rows, kind, candidates, limits if ids is None else None)
        books = (
            (part, build_part_book(shapes, part, window, None, _unmarked, ShapeBook())) for part in parts_of(config)
        )
        return Estimate(
            title,
            config.parameters,
            [measured(file_of(part), book, kind) for part, book in books],
            config.parameters <= KEEP_IN_BUILD,
        )
    book = build_book(shapes, text, ids, rows, kind, candidates, limits, _unmarked, ShapeBook())
    suffix = "-lighter" if shapes.subset else ""
    return Estimate(title, config.parameters, [measured(f"{shapes.name}{suffix}.xlsx", book, kind)])


def _unmarked(_: np.ndarray, __: int) -> int:
    """Stands for the checksum of a tensor that is not there."""
    return 0


def planned(name: str) -> tuple[Model, str]:
    """A model without weights, and how its configuration is known; raises CheckpointError."""
    try:
        folder = Path(name).parent if Path(name).name == "config.json" else find_checkpoint(name)
    except CheckpointError:
        if name not in PRESETS:
            raise
        config = PRESETS[name]
        source = "the known configuration; no checkpoint is here"
        return Model(name, config, shapes_of(config), stand_in_tokenizer(config.vocab_size)), source
    config = read_config(folder)
    tokenizer, source = read_tokenizer(folder), f"from {folder / 'config.json'}"
    if tokenizer is None and config.vocab_size == _GPT2_TOKENS:
        tokenizer, source = stand_in_tokenizer(config.vocab_size), f"{source}, taken to have GPT-2's tokenizer"
    return Model(folder.resolve().name, config, shapes_of(config), tokenizer), source

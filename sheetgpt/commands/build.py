"""Model + prompt -> a calculated, written and re-read workbook: `sheetgpt build` as a library call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sheetgpt.defaults import CANDIDATES
from sheetgpt.errors import UsageError
from sheetgpt.evaluator import Calculator
from sheetgpt.gpt2.apply_subset import make_subset
from sheetgpt.gpt2.checkpoint import find_checkpoint, load_checkpoint
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book, check_sizes
from sheetgpt.layout.split import Window
from sheetgpt.schema.prompt_limits import Limits
from sheetgpt.schema.workbook import check_prompt, check_text
from sheetgpt.system.mapped_arrays import Store
from sheetgpt.system.progress import Progress
from sheetgpt.xlsx.readback import verify
from sheetgpt.xlsx.writer import check_size, write

DEFAULT_PROMPT = "Michael Jordan plays the sport of"
DEFAULT_CONTEXT = 16
SHORT_NUMBERS_ABOVE = 4_000_000  # parameters: beyond it, digits "auto" means float32
IN_MEMORY = 20_000_000  # parameters: beyond it, weights lie in a temporary file beside the output


def build(
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
    """Write the workbook of a model and check what was written; returns its path.

    `model` is a checkpoint folder or the name of one in weights/. `digits` "exact" keeps every weight as it is,
    "float32" takes the shortest decimal that gives back the same float32 (a smaller file), "auto" chooses by size.
    The sheet draws the next token from so many `candidates`; its formulas cut a prompt of up to `max_chars`
    characters into tokens, while `token_ids` are typed numbers. A lighter copy has some `blocks` ("2": the first
    two, "0,5-7": these) and the first `vocab_limit` tokens. `compress` is as for `writer.write`; with
    `manual` the workbook is calculated on request, and says so. Raises CheckpointError, UsageError (the prompt
    does not fit) or WorkbookError.
    """
    loaded, window = prepared(
        make_subset(load_checkpoint(find_checkpoint(model)), blocks, vocab_limit),
        prompt, context, token_ids, digits, candidates, max_chars, manual,
    )  # fmt: skip
    path = Path(output) if output is not None else Path(f"{loaded.name}{'-lighter' if loaded.subset else ''}.xlsx")
    check_size(loaded.config.parameters)
    store = Store(path.parent) if loaded.config.parameters > IN_MEMORY else None
    if progress:
        progress("laying out", 0, 1)
    book = build_book(
        loaded, window.prompt, window.ids, window.rows, window.digits, candidates, window.limits, store=store,
        manual=manual,
    )  # fmt: skip
    if progress:
        progress("calculating", 0, 1)
    Calculator(book).recalculate()
    write(book, path, progress, compress)
    if progress:
        progress("checking the file", 0, 1)
    verify(book, path)
    return path


def prepared(
    model: Model,
    prompt: str | None,
    context: int | None,
    token_ids: Sequence[int] | None,
    digits: str,
    candidates: int,
    max_chars: int | None,
    manual: bool = False,
) -> tuple[Model, Window]:
    """The model with the digits that are written, and the window; raises UsageError if the prompt does not fit."""
    rows = context if context is not None else min(DEFAULT_CONTEXT, model.config.n_positions)
    text, ids = prompt_of(model, prompt, token_ids)
    limits = Limits() if max_chars is None else Limits(max_chars)
    check_sizes(model.config, rows, candidates)
    check_prompt(text, ids, rows, model.config)
    if token_ids is None and model.tokenizer:
        check_text(model.tokenizer, text, ids, limits, rows)
    digits = digits_of(digits, model.config)
    typed = ids if token_ids is not None else None
    window = Window(text, typed, rows, digits, candidates, limits if typed is None else None, manual)
    return model.shortened() if digits == "float32" else model, window


def digits_of(digits: str, config: Config) -> str:
    """What "auto" means for a model: "exact" for small ones, "float32" for others."""
    if digits != "auto":
        return digits
    return "float32" if config.parameters > SHORT_NUMBERS_ABOVE else "exact"


def prompt_of(model: Model, prompt: str | None, token_ids: Sequence[int] | None) -> tuple[str, list[int]]:
    """The prompt's text and token ids; raises UsageError where one is missing or both are given."""
    if token_ids is not None:
        if prompt is not None:
            raise UsageError("a prompt and token ids at once", "give one of them")
        text = model.tokenizer.decode(token_ids) if model.tokenizer else " ".join(map(str, token_ids))
        return text, list(token_ids)
    if model.tokenizer is None:
        raise UsageError(f"the model {model.name} came without a tokenizer", "give the prompt as --token-ids 1,2,3")
    text = DEFAULT_PROMPT if prompt is None else prompt
    return text, model.tokenizer.encode(text)

"""Model + prompt -> a calculated, written and re-read workbook: `sheetgpt build` as a library call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sheetgpt.errors import UsageError
from sheetgpt.evaluator import Calculator
from sheetgpt.gpt2.apply_subset import make_subset
from sheetgpt.gpt2.checkpoint import find_checkpoint, load_checkpoint
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.float32 import shortest_decimals
from sheetgpt.gpt2.jacobian import FILE, Jacobian, load_jacobian
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book, check_sizes
from sheetgpt.layout.lenses.lens import resolve_lenses
from sheetgpt.layout.options import BuildOptions, LayoutOptions
from sheetgpt.schema.prompt import Prompt, check_prompt, check_text, resolve_prompt
from sheetgpt.schema.prompt_limits import Limits
from sheetgpt.system.mapped_arrays import Store
from sheetgpt.system.progress import Progress, no_progress
from sheetgpt.xlsx.readback import verify
from sheetgpt.xlsx.writer import check_size, write

DEFAULT_PROMPT = "Michael Jordan plays the sport of"
DEFAULT_CONTEXT = 16
SHORT_NUMBERS_ABOVE = 4_000_000  # parameters: beyond it, digits "auto" means float32
IN_MEMORY = 20_000_000  # parameters: beyond it, weights lie in a temporary file beside the output


def build(
    model: str,
    output: Path | str | None = None,
    options: BuildOptions | None = None,
    *,
    progress: Progress = no_progress,
    **given: Any,
) -> Path:
    """Write the workbook of a model and check what was written; returns its path.

    `model` is a checkpoint folder or the name of one in weights/. What is `given` are fields of `BuildOptions`, in
    place of those in `options`. Raises CheckpointError, UsageError (options make no sense, the prompt does not fit) or
    WorkbookError.
    """
    options = replace(options or BuildOptions(), **given)
    folder = find_checkpoint(model)
    whole = make_subset(load_checkpoint(folder), options.blocks, options.vocab_limit)
    chosen = resolve_options(whole, options)
    chosen = replace(chosen, jacobian=find_jacobian(folder, whole, options.jacobian, chosen))
    shown = with_digits(whole, chosen)
    path = Path(output) if output is not None else Path(f"{shown.name}{'-lighter' if shown.subset else ''}.xlsx")
    check_size(shown.config.parameters)
    progress("laying out", 0, 1)
    book = build_book(shown, chosen, store=Store(path.parent) if shown.config.parameters > IN_MEMORY else None)
    progress("calculating", 0, 1)
    Calculator(book).recalculate()
    write(book, path, progress, options.compress)
    progress("checking the file", 0, 1)
    verify(book, path)
    return path


def resolve_options(model: Model, options: BuildOptions) -> LayoutOptions:
    """What the options mean for a model; raises UsageError if the prompt or the window does not fit it."""
    prompt = prompt_of(model, options)
    by_formulas = options.token_ids is None and model.tokenizer is not None
    chosen = layout_options(model, options, prompt.text, None if by_formulas else prompt.ids)
    check_prompt(prompt, chosen.rows, model.config)
    if chosen.limits and model.tokenizer:
        check_text(model.tokenizer, prompt, chosen.limits, chosen.rows)
    return chosen


def layout_options(model: Model, options: BuildOptions, prompt: str, ids: Sequence[int] | None) -> LayoutOptions:
    """What the options mean for a model, whose weights need not be there; raises UsageError for a lens or a window."""
    rows = options.context if options.context is not None else min(DEFAULT_CONTEXT, model.config.n_positions)
    check_sizes(model.config, rows, options.candidates)
    limits = Limits() if options.max_chars is None else Limits(options.max_chars)
    return LayoutOptions(
        prompt=prompt,
        ids=ids,
        rows=rows,
        digits=resolve_digits(options.digits, model.config),
        candidates=options.candidates,
        limits=limits if ids is None else None,
        manual=options.manual,
        lenses=resolve_lenses(options, model.config),
        exercise=options.exercise,
        solution=options.solution,
    )


def find_jacobian(folder: Path, model: Model, named: Path | str | None, options: LayoutOptions) -> Jacobian:
    """The matrices for the lens depth: of the file that is named, else of the one in the model's folder, if any.

    Raises UsageError where they are of no use: without that lens, and for a model without some of its blocks.
    """
    bundled, wanted = folder / FILE, "depth" in options.lenses
    fewer = model.subset is not None and len(model.subset.blocks) < model.subset.all_blocks
    if named is not None and not wanted:
        raise UsageError("--jacobian is for the lens depth", "add --lens depth")
    if named is not None and fewer:
        raise UsageError("--jacobian with --blocks: the matrices belong to the whole model", "leave one of them out")
    if not wanted or fewer or (named is None and not bundled.exists()):
        return {}
    found = load_jacobian(Path(named) if named is not None else bundled, model.config)
    if options.digits == "exact":
        return found
    return {layer: shortest_decimals(matrix) for layer, matrix in found.items()}


def prompt_of(model: Model, options: BuildOptions) -> Prompt:
    """The prompt, or the default one; raises UsageError for a text where the model has no tokenizer."""
    text = DEFAULT_PROMPT if options.prompt is None and options.token_ids is None else options.prompt
    return resolve_prompt(model.tokenizer, text, options.token_ids, f"the model {model.name}")


def resolve_digits(digits: str, config: Config) -> str:
    """What "auto" means for a model: "exact" for small ones, "float32" for others."""
    if digits != "auto":
        return digits
    return "float32" if config.parameters > SHORT_NUMBERS_ABOVE else "exact"


def with_digits(model: Model, options: LayoutOptions) -> Model:
    """The model with the digits that are written."""
    return model.shortened() if options.digits == "float32" else model

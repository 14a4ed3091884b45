"""A model in several workbooks: what the files are called, and what each takes over from another.

    prompt.xlsx -> block_00.xlsx -> block_01.xlsx -> ... -> head.xlsx
         ^------------- the predicted tokens -----------------'

Each file is calculated by itself. What it needs of the one before it stands there as values, under the same
defined name (step 1 of a block: step 16 of the one before). The prompt's file holds the tokens that the head
predicted, so a text is written by going around: a token more each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config

PROMPT, HEAD = "prompt", "head"
KEEP_IN_BUILD = 20_000_000  # parameters up to which a build keeps all books in memory
WINDOW = ("prompt.text", "prompt.length", "token.ids", "token.shown")  # handed on from file to file


@dataclass(frozen=True)
class Seam:
    """A range that one part calculates or holds, and another one holds as values."""

    source: str
    source_name: str
    target: str
    target_name: str


def parts_of(config: Config) -> list[str]:
    """The parts in the order of the flow: "prompt", "block_00", ..., "head"."""
    return [PROMPT, *(f"block_{layer:02d}" for layer in range(config.n_layer)), HEAD]


def layer_of(part: str) -> int:
    """The number of the block in a part."""
    return int(part.removeprefix("block_"))


def file_of(part: str) -> str:
    """The name of its file."""
    return f"{part}.xlsx"


def seams_of(config: Config) -> list[Seam]:
    """All of them, in the order of the flow; the one that goes back to the prompt is the last."""
    parts, found = parts_of(config), []
    for source, target in pairwise(parts):
        hidden = step("h.0", 1) if source == PROMPT else step(f"h.{layer_of(source)}", 16)
        there = hidden if target == HEAD else step(f"h.{layer_of(target)}", 1)
        found += [Seam(source, name, target, name) for name in WINDOW]
        found.append(Seam(source, hidden, target, there))
    return [*found, Seam(HEAD, "predicted.ids", PROMPT, "predicted.ids")]


def tensors_of(config: Config, part: str) -> list[str]:
    """The tensors that a part holds; a tied head has wte.weight once more."""
    if part == PROMPT:
        return ["wte.weight", "wpe.weight"]
    if part == HEAD:
        return [config.head_name, "ln_f.weight", "ln_f.bias"]
    return [name for name in config.tensors() if name.startswith(f"h.{layer_of(part)}.")]

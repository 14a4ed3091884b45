"""Parts of a model that can be taken out, by name: "h.1.head.3", "h.2.mlp", "h.0" (a whole block)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from sheetgpt.errors import UsageError
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.interventions import Switches

Numbers = int | Iterable[int]
Heads = tuple[int, int] | Iterable[tuple[int, int]]
Variant = tuple[str, ...]  # parts that are off together; none of them: the whole model
KINDS = ("head", "mlp", "block")


def parts_of(head: Heads = (), mlp: Numbers = (), block: Numbers = ()) -> list[str]:
    """The names of parts given by number: heads as (block, head) or several of these, MLPs and blocks as numbers.

    Raises UsageError for what are no whole numbers.
    """
    pairs, mlps, blocks = (_whole(name, given) for name, given in (("head", head), ("mlp", mlp), ("block", block)))
    if pairs.size and (pairs.shape[-1] != 2 or pairs.ndim > 2):
        raise UsageError(f"head={head!r}", "a head is (block, head), such as head=(1, 3)")
    heads = [f"h.{layer}.head.{number}" for layer, number in pairs.reshape(-1, 2).tolist()]
    return [*heads, *(f"h.{number}.mlp" for number in mlps.ravel()), *(f"h.{number}" for number in blocks.ravel())]


def _whole(name: str, given: Heads | Numbers) -> np.ndarray:
    """Whole numbers as an array; raises UsageError."""
    try:
        array = np.array(given if isinstance(given, int | np.integer) else list(given))
    except (TypeError, ValueError):
        array = np.array(["?"])
    if array.size and array.dtype.kind not in "iu":
        raise UsageError(f"{name}={given!r}", "blocks and heads are whole numbers from 0, such as head=(1, 3), mlp=2")
    return array


def all_of(config: Config, kind: str) -> list[str]:
    """All parts of a kind: "head", "mlp" or "block"; raises UsageError for another one."""
    layers, heads = range(config.n_layer), range(config.n_head)
    if kind == "head":
        return parts_of(head=[(layer, head) for layer in layers for head in heads])
    if kind not in KINDS:
        raise UsageError(f"there is no kind of part {kind!r}", "they are: " + ", ".join(KINDS))
    return parts_of(mlp=layers) if kind == "mlp" else parts_of(block=layers)


def variants_of(config: Config, texts: Sequence[str]) -> list[Variant]:
    """What is to be taken out in turn: "head:all", "h.1.head.3", or "h.1.head.3+h.2.mlp" for both at once.

    Each variant comes once, at its first place. Raises UsageError.
    """
    found: list[Variant] = []
    for text in texts:
        kind, colon, which = text.partition(":")
        if colon and which != "all":
            raise UsageError(f"--off {text}: expected all behind the colon", "write head:all, mlp:all or block:all")
        found += [(part,) for part in all_of(config, kind)] if colon else [tuple(text.split("+"))]
    for variant in found:
        Switches.off(config, *variant)
    return list(dict.fromkeys(found))

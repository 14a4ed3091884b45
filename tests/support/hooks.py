"""The transformers library with parts of a GPT-2 scaled by hooks: the truth for interventions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np


def load(folder: Path) -> Any:
    """A GPT2LMHeadModel in float64 that also tells its attention."""
    import transformers

    library: Any = transformers.GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager")
    return library.double().eval()


def scale_parts(library: Any, factors: Mapping[str, float]) -> None:
    """Scale what parts add, by hooks: "h.1.head.3", "h.1.mlp", or "h.1", its attention and its MLP."""
    width = library.config.n_embd // library.config.n_head
    for part, by in factors.items():
        words = part.split(".")
        block = library.transformer.h[int(words[1])]
        if "head" in words:
            block.attn.c_proj.register_forward_pre_hook(_scale_head(int(words[3]), width, by))
            continue
        block.mlp.register_forward_hook(lambda _, __, out, by=by: out * by)
        if len(words) == 2:
            block.attn.register_forward_hook(lambda _, __, out, by=by: (out[0] * by, *out[1:]))


def _scale_head(head: int, width: int, by: float) -> Any:
    def scale(_: object, given: tuple) -> tuple:
        z = given[0].clone()
        z[..., head * width : (head + 1) * width] *= by
        return (z,)

    return scale


def logits(library: Any, ids: Sequence[int]) -> np.ndarray:
    """[n, V]."""
    import torch

    with torch.no_grad():
        return np.asarray(library(torch.tensor([list(ids)])).logits[0].numpy())


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))

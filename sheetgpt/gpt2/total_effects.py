"""The total effect of a part: what changes when it is taken out, through all blocks after it too (zero ablation)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.interventions import Switches


def ablated_logits(config: Config, tensors: forward.Tensors, ids: Sequence[int]) -> dict[str, np.ndarray]:
    """The logits [V] after the last token: "" of the whole model, and "h.L.head.H", "h.L.mlp" without that part.

    All passes go through a block together, so that its tensors are read once.
    """
    a = forward.embeddings(tensors, ids)
    states = {"": a["embedding.token"] + a["embedding.position"]}
    for layer in range(config.n_layer):
        own = {name: tensors[name] for name in config.tensors() if name.startswith(f"h.{layer}.")}
        whole = states[""]
        states = {part: _pass(config, own, layer, x) for part, x in states.items()}
        for part in parts_of_block(config, layer):
            states[part] = _pass(config, own, layer, whole, Switches.off(config, part))
    logits = lenses.logit_lens(config, tensors, np.stack([x[-1] for x in states.values()]))
    return dict(zip(states, logits, strict=True))


def parts_of_block(config: Config, layer: int) -> list[str]:
    """The heads of a block and its MLP, by the names of `Switches.off`."""
    return [*(f"h.{layer}.head.{head}" for head in range(config.n_head)), f"h.{layer}.mlp"]


def _pass(
    config: Config, tensors: forward.Tensors, layer: int, x: np.ndarray, off: Switches | None = None
) -> np.ndarray:
    return forward.block(config, tensors, layer, x, off)[step(f"h.{layer}", 16)]

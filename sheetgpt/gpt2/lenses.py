"""Lenses in plain numpy: what can be seen inside a model from the activations of one pass."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.forward import Tensors, gain, normalize


def residual_states(config: Config, activations: Mapping[str, np.ndarray]) -> np.ndarray:
    """The residual stream [layers + 1, n, d] after the embedding and after each block."""
    inputs = [activations[step(f"h.{layer}", 1)] for layer in range(config.n_layer)]
    return np.stack([*inputs, activations[step(f"h.{config.n_layer - 1}", 16)]])


def logit_lens(config: Config, tensors: Tensors, states: np.ndarray) -> np.ndarray:
    """The logits [m, V] of states [m, d], as if the model ended there; the last state's are the model's own.

    The final LayerNorm has the statistics of the state itself (nostalgebraist 2020, "interpreting GPT: the logit lens";
    TransformerLens: `accumulated_resid(apply_ln=True)`).
    """
    logits: np.ndarray = (
        gain(normalize(states, config.layer_norm_epsilon), tensors, "ln_f") @ tensors[config.head_name].T
    )
    return logits


def attention_scores(config: Config, activations: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """How much each head [layers, heads] looks at the first token, the one before, and itself: means over rows from 1.

    "previous" is the previous-token score of the literature.
    """
    found = {name: np.empty((config.n_layer, config.n_head)) for name in ("first", "previous", "self")}
    for layer in range(config.n_layer):
        for head in range(config.n_head):
            weights = activations[step(f"h.{layer}", 7, head)]
            found["first"][layer, head] = weights[1:, 0].mean()
            found["previous"][layer, head] = np.diagonal(weights, -1).mean()
            found["self"][layer, head] = np.diagonal(weights)[1:].mean()
    return found


def attention_rollout(config: Config, activations: Mapping[str, np.ndarray]) -> np.ndarray:
    """Attention rollout [layers, n, n]: R_l = (mean of the heads of block l / 2 + 1/2) R_(l-1).

    Abnar and Zuidema, "Quantifying Attention Flow in Transformers", 2020. A picture, not a cause.
    """
    rolled: list[np.ndarray] = []
    for layer in range(config.n_layer):
        heads = [np.nan_to_num(activations[step(f"h.{layer}", 7, head)]) for head in range(config.n_head)]
        mixed = np.mean(heads, axis=0) / 2 + np.eye(len(heads[0])) / 2
        rolled.append(mixed @ rolled[-1] if rolled else mixed)
    return np.stack(rolled)

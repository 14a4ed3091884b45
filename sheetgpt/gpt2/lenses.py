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

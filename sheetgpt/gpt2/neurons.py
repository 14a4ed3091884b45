"""Neurons of an MLP in plain numpy: what each adds to the logit of a token, and which tokens its row speaks for.

Geva et al., "Transformer Feed-Forward Layers Build Predictions by Promoting Concepts in the Vocabulary Space", 2022.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.forward import Tensors
from sheetgpt.gpt2.interventions import Switches
from sheetgpt.gpt2.lenses import final_scale


def neuron_effects(
    config: Config,
    tensors: Tensors,
    activations: Mapping[str, np.ndarray],
    where: tuple[int, int],
    token: int,
    switches: Switches | None = None,
) -> np.ndarray:
    """What each neuron [inner] of a block adds by itself to the logit of a token; `where` is (block, row).

    That is act * ((w - mean w) / s * g) . wte[t], with w the neuron's row of mlp.c_proj and s the scale of the final
    LayerNorm in this row. They and the bias of mlp.c_proj add up to the direct effect of the MLP.
    """
    layer, row = where
    on = switches or Switches.off(config)
    direction = tensors["ln_f.weight"][0] * tensors[config.head_name][token] / final_scale(config, activations, row)
    weight = tensors[f"h.{layer}.mlp.c_proj.weight"]  # [inner, d]
    acts = activations[step(f"h.{layer}", 14)][row] * on.mlp[layer] * on.block[layer]
    return np.asarray(acts * ((weight - weight.mean(axis=1, keepdims=True)) @ direction))


def neuron_logits(config: Config, tensors: Tensors, layer: int, neuron: int) -> np.ndarray:
    """How much a neuron's row speaks for each token [V] where its activation is positive, up to the row's scale."""
    w = tensors[f"h.{layer}.mlp.c_proj.weight"][neuron]
    return np.asarray(tensors[config.head_name] @ ((w - w.mean()) * tensors["ln_f.weight"][0]))

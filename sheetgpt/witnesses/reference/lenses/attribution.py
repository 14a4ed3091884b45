"""What the sheet Attribution should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.config import Config
from sheetgpt.witnesses.reference.lenses.choice import Values, read_choice
from sheetgpt.witnesses.reference.lenses.switches import read_switches


def attribution(book: Book, config: Config, tensors: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Attribution."""
    position, token, values = read_choice(book, config, activations, "attribution")
    on = read_switches(book)
    parts = lenses.residual_parts(config, tensors, activations, position - 1, on)
    effects = lenses.direct_effects(config, tensors, activations, position - 1, token, on)
    blocks = np.array([effects[name] for name in parts][2:]).reshape(config.n_layer, config.n_head + 2)
    logit, together = activations["logits"][token, position - 1], sum(effects.values())
    cells = {
        "scale": lenses.final_scale(config, activations, position - 1),
        "constant": effects["constant"],
        "sum": together,
        "logit": logit,
        "difference": together - logit,
    }
    values |= {f"attribution.{name}": np.array([[cell]]) for name, cell in cells.items()}
    return values | {
        "attribution.direction": tensors["ln_f.weight"] * tensors[config.head_name][[token]],
        "attribution.parts": np.stack(list(parts.values())),
        "attribution.embeddings": np.array([[effects["token"], effects["position"]]]),
        "attribution.effects": blocks,
        "attribution.blocks": blocks.sum(axis=1, keepdims=True),
    }

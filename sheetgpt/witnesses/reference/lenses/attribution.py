"""What the sheet Attribution should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.config import Config
from sheetgpt.witnesses.reference.lenses.choice import Values, read_choice
from sheetgpt.witnesses.reference.lenses.interventions import read_interventions
from sheetgpt.witnesses.reference.lenses.neurons import neurons, totals


def attribution(book: Book, config: Config, tensors: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Attribution."""
    position, token, values = read_choice(book, activations, "attribution")
    given = read_interventions(book, config, tensors)
    parts = lenses.residual_parts(config, tensors, activations, position - 1, given)
    scale = lenses.final_scale(config, activations, position - 1)
    effects = lenses.effects_of_parts(config, tensors, parts, scale, token)
    first = [name for name in parts if name in ("token", "position", "steering")]
    blocks = np.array([effects[name] for name in parts][len(first) :]).reshape(config.n_layer, config.n_head + 2)
    logit, together = activations["logits"][token, position - 1], sum(effects.values())
    cells = {
        "scale": scale,
        "constant": effects["constant"],
        "sum": together,
        "logit": logit,
        "difference": together - logit,
    }
    values |= {f"attribution.{name}": np.array([[cell]]) for name, cell in cells.items()}
    values |= neurons(book, config, tensors, activations, token) | totals(book, activations, position, token)
    return values | {
        "attribution.direction": tensors["ln_f.weight"] * tensors[config.head_name][[token]],
        "attribution.parts": np.stack(list(parts.values())),
        "attribution.embeddings": np.array([[effects[name] for name in first]]),
        "attribution.effects": blocks,
        "attribution.blocks": blocks.sum(axis=1, keepdims=True),
    }

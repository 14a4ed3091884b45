"""What the sheet Depth should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.config import Config
from sheetgpt.schema.jacobian import jacobian_of
from sheetgpt.witnesses.reference.lenses.choice import Values, read_choice


def depth(book: Book, config: Config, tensors: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Depth."""
    position, token, values = read_choice(book, activations, "depth")
    states = lenses.residual_states(config, activations)[:, position - 1]  # [L + 1, d]
    values |= _lens(book, config, tensors, states, "depth", token)
    if matrices := jacobian_of(book, config):
        bent = np.full_like(states, np.nan)  # rows of depths that have no matrix stay blank
        bent[-1] = states[-1]
        for layer, matrix in matrices.items():
            bent[layer + 1] = states[layer + 1] @ matrix.T
        values |= _lens(book, config, tensors, bent, "depth.jacobian", token)
    return values


def _lens(book: Book, config: Config, tensors: forward.Tensors, states: np.ndarray, name: str, token: int) -> Values:
    """The table of one lens, of states [L + 1, d]."""
    shown = book.read("vocabulary.shown").ravel()
    final = forward.normalize(states, config.layer_norm_epsilon)
    logits = lenses.logit_lens(config, tensors, states)  # [L + 1, V]
    largest = logits.max(axis=1)[:, None]
    powers = np.exp(logits - largest)
    total = powers.sum(axis=1)[:, None]
    best = np.argsort(-logits, axis=1, kind="stable")[:, : book.locate(f"{name}.best_ids")[1].columns]
    values = {
        "states": states,
        "normalized": final,
        "ln_f": forward.gain(final, tensors, "ln_f"),
        "logits": logits.T,
        "logit": logits[:, [token]],
        "best_logit": largest,
        "rank": (logits > logits[:, [token]]).sum(axis=1)[:, None].astype(float),
        "probability": powers[:, [token]] / total,
        "total": total,
        "best_logits": np.take_along_axis(logits, best, axis=1),
        "best_ids": best.astype(float),
        "best_probabilities": np.take_along_axis(powers / total, best, axis=1),
        "best_shown": shown[best],
    }
    return {f"{name}.{key}": value for key, value in values.items()}

"""What the sheet Depth should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.config import Config
from sheetgpt.witnesses.reference.lenses.choice import Values, read_choice


def depth(book: Book, config: Config, tensors: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Depth."""
    shown = book.read("vocabulary.shown").ravel()
    position, token, values = read_choice(book, config, activations, "depth")
    states = lenses.residual_states(config, activations)[:, position - 1]  # [L + 1, d]
    final = forward.normalize(states, config.layer_norm_epsilon)
    logits = lenses.logit_lens(config, tensors, states)  # [L + 1, V]
    likely = forward.softmax(logits)
    count = book.locate("depth.best_ids")[1].columns
    best = np.argsort(-logits, axis=1, kind="stable")[:, :count]
    return values | {
        "depth.states": states,
        "depth.normalized": final,
        "depth.ln_f": forward.gain(final, tensors, "ln_f"),
        "depth.logits": logits.T,
        "depth.logit": logits[:, [token]],
        "depth.best_logit": logits.max(axis=1)[:, None],
        "depth.rank": (logits > logits[:, [token]]).sum(axis=1)[:, None].astype(float),
        "depth.probability": likely[:, [token]],
        "depth.total": np.exp(logits - logits.max(axis=1)[:, None]).sum(axis=1)[:, None],
        "depth.best_logits": np.take_along_axis(logits, best, axis=1),
        "depth.best_ids": best.astype(float),
        "depth.best_probabilities": np.take_along_axis(likely, best, axis=1),
        "depth.best_shown": shown[best],
    }

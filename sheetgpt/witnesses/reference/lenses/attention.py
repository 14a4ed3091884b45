"""What the sheet Attention should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.witnesses.reference.lenses.choice import Values, read_whole


def attention(book: Book, config: Config, _: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Attention."""
    block = read_whole(book, "attention.typed_block", 0, config.n_layer - 1, 0)
    head = read_whole(book, "attention.typed_head", 0, config.n_head - 1, 0)
    values = {"attention.map": activations[step(f"h.{block}", 7, head)]}
    values |= {"attention.block": np.array([[float(block)]]), "attention.head": np.array([[float(head)]])}
    if activations["token.ids"].size > 1:
        scores = lenses.attention_scores(config, activations)
        values |= {f"attention.{name}": score for name, score in scores.items()}
        values |= _induction(config, activations)
    rolled = lenses.attention_rollout(config, activations)
    values |= {f"attention.rollout_{layer}": rows for layer, rows in enumerate(rolled[:-1])}
    return values | {"attention.rollout": rolled[-1]}


def _induction(config: Config, activations: Mapping[str, np.ndarray]) -> Values:
    """The induction scores, and which tokens are there again."""
    ids = activations["token.ids"].ravel().astype(int).tolist()
    scores = lenses.induction_scores(config, activations, ids)
    return {
        "attention.before_ids": np.array([[-1.0, *ids[:-1]]]),
        "attention.repeats": lenses.token_repeats(ids).max(axis=1)[:, None],
        "attention.induction": np.full(scores.shape, "-", dtype=object) if np.isnan(scores).any() else scores,
    }

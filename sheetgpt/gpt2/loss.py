"""The loss of a text in plain numpy: how surprised a model is by each of its tokens."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """log p of every token in each row of logits [n, V]."""
    largest = logits.max(axis=1, keepdims=True)
    return np.asarray(logits - largest - np.log(np.exp(logits - largest).sum(axis=1, keepdims=True)))


def token_losses(logits: np.ndarray, ids: Sequence[int]) -> np.ndarray:
    """Cross-entropy [n - 1] in nats of each token but the first, from the logits [n, V] of a pass over `ids`.

    Row t of the logits scores token t + 1; nothing predicts the first one. (transformers: `loss` is their mean.)
    """
    return -log_softmax(logits[: len(ids) - 1])[np.arange(len(ids) - 1), list(ids[1:])]


def perplexity(losses: np.ndarray) -> float:
    """exp(mean loss): as unsure as a choice between so many tokens that are equally likely."""
    return float(np.exp(losses.mean()))


def bits_per_character(losses: np.ndarray, characters: int) -> float:
    """All losses in bits, over the number of characters that these tokens make."""
    return float(losses.sum() / np.log(2) / characters)


def joint_log_probability(losses: np.ndarray, start: int) -> float:
    """log p of the tokens from position `start` (from 2) to the end, given those before: minus the sum of their losses.

    Of several continuations of one context the likeliest has the largest. Context and continuation are to be cut into
    tokens apart, or the position where the continuation begins means something else in each.
    """
    return float(-losses[start - 2 :].sum())

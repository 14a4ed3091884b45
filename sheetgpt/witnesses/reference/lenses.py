"""What the formula cells of lens sheets should hold: defined name -> values, from the activations of one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.schema.names import single

Values = dict[str, np.ndarray]


def depth(book: Book, config: Config, tensors: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Depth."""
    shown = book.read("vocabulary.shown").ravel()
    rows, vocabulary = activations["token.ids"].size, config.vocab_size
    typed = single(book, "depth.typed_position")
    length = int(activations["prompt.length"].item())
    position = min(rows, max(1, int(np.floor(typed)))) if isinstance(typed, float) else length
    typed = single(book, "depth.typed_token")
    chosen = int(activations["predicted.ids"].ravel()[position - 1])
    token = min(vocabulary - 1, max(0, int(np.floor(typed)))) if isinstance(typed, float) else chosen
    states = lenses.residual_states(config, activations)[:, position - 1]  # [L + 1, d]
    final = forward.normalize(states, config.layer_norm_epsilon)
    logits = lenses.logit_lens(config, tensors, states)  # [L + 1, V]
    likely = forward.softmax(logits)
    count = book.locate("depth.best_ids")[1].columns
    best = np.argsort(-logits, axis=1, kind="stable")[:, :count]
    column = {
        name: np.array(values, dtype=object).reshape(-1, 1)
        for name, values in {
            "depth.position": [float(position)],
            "depth.token": [float(token)],
            "depth.position_shown": [activations["token.shown"].ravel()[position - 1]],
            "depth.token_shown": [shown[token]],
        }.items()
    }
    return column | {
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


def attention(book: Book, config: Config, _: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Attention."""
    chosen = []
    for name, count in (("block", config.n_layer), ("head", config.n_head)):
        typed = single(book, f"attention.typed_{name}")
        chosen.append(max(0, min(count - 1, int(np.floor(typed)))) if isinstance(typed, float) else 0)
    values = {"attention.map": activations[step(f"h.{chosen[0]}", 7, chosen[1])]}
    values |= {"attention.block": np.array([[float(chosen[0])]]), "attention.head": np.array([[float(chosen[1])]])}
    if activations["token.ids"].size > 1:
        scores = lenses.attention_scores(config, activations)
        values |= {f"attention.{name}": score for name, score in scores.items()}
    rolled = lenses.attention_rollout(config, activations)
    values |= {f"attention.rollout_{layer}": rows for layer, rows in enumerate(rolled[:-1])}
    return values | {"attention.rollout": rolled[-1]}


# By the name of the sheet.
LENSES: dict[str, Callable[[Book, Config, forward.Tensors, Mapping[str, np.ndarray]], Values]] = {
    "Attention": attention,
    "Depth": depth,
}


def lens_values(book: Book, config: Config, tensors: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """What all lens sheets of a book should hold."""
    values: Values = {}
    for sheet, lens in LENSES.items():
        if sheet in book.sheets:
            values |= lens(book, config, tensors, activations)
    return values

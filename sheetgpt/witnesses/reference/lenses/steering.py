"""What the sheet Steering should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.witnesses.reference.lenses.choice import Values, next_tokens, read_token, read_word
from sheetgpt.witnesses.reference.lenses.interventions import read_direction, read_steering


def steering(book: Book, config: Config, tensors: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Steering."""
    given, rows = read_steering(book, config, tensors), activations["token.ids"].size
    assert given is not None, "the sheet has its names"
    assert given.last is not None, "it is read as a number"
    raw, direction = read_direction(book, config, tensors)
    shown, words = book.read("vocabulary.shown").ravel(), {}
    values: dict[str, object] = {}
    for name in ("plus", "minus"):
        token = words[name] = read_token(book, f"steering.typed_{name}", -1)
        values |= {name: float(token), f"{name}_shown": shown[token] if token >= 0 else ""}
    source = read_word(book, "steering.typed_source", ("typed row", "two words"))
    centred = read_word(book, "steering.typed_centred", ("no", "yes"))
    message = f"Steering: before block {given.block}. " if given.strength else ""
    values |= {"strength": given.strength, "block": float(given.block), "source": source, "centred": centred}
    values |= {"first": float(given.first), "last": float(given.last), "message": message}
    two = source == "two words"
    used = [not two, two and words["plus"] >= 0, two and words["minus"] >= 0, centred == "yes"]
    typed = book.read("steering.typed_direction").tolist()
    cells = {f"steering.{name}": np.array([[value]], dtype=object) for name, value in values.items()}
    return (
        cells
        | next_tokens(activations, "steering")
        | {
            "steering.used": np.array(used, dtype=float)[:, None],
            "steering.typed_row": np.array([[value if isinstance(value, float) else 0.0 for value in typed[0]]]),
            "steering.raw_direction": raw[None, :],
            "steering.direction": direction[None, :],
            "steering.strengths": np.column_stack([given.strengths(layer, rows) for layer in range(config.n_layer)]),
        }
    )

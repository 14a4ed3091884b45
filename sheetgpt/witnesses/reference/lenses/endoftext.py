"""What the sheet Endoftext should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.config import Config
from sheetgpt.schema.prompt import token_in_front
from sheetgpt.witnesses.reference.lenses.choice import Values, next_tokens, read_whole


def endoftext(book: Book, config: Config, _: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Endoftext."""
    on = token_in_front(book) is not None
    token = read_whole(book, "endoftext.id", 0, config.vocab_size - 1, -1)
    cells = {
        "on": float(on),
        "token": float(token),
        "shown": book.read("vocabulary.shown")[token, 0] if token >= 0 else "",
        "message": "Endoftext: in front. " if on else "",
    }
    values = {f"endoftext.{name}": np.array([[cell]], dtype=object) for name, cell in cells.items()}
    if "endoftext.first" in book.names:
        values["endoftext.first"] = lenses.attention_scores(config, activations)["first"]
    return values | next_tokens(activations, "endoftext")

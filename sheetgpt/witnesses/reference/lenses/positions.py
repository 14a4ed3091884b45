"""What the sheet Positions should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.interventions import sinusoids
from sheetgpt.witnesses.reference.lenses.choice import Values, next_tokens
from sheetgpt.witnesses.reference.lenses.interventions import read_positions


def positions(book: Book, config: Config, _: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Positions."""
    code = read_positions(book)
    row = int(activations["prompt.length"].item()) - 1
    states = lenses.residual_states(config, activations)[:, row]  # [layers + 1, d]
    message = "" if code == "wpe" else f"Positions: {code}. "
    return next_tokens(activations, "positions") | {
        "positions.code": np.array([[code]], dtype=object),
        "positions.used": np.array([[float(code == "wpe"), float(code == "sinusoids")]]),
        "positions.message": np.array([[message]], dtype=object),
        "positions.lengths": np.linalg.norm(states, axis=1)[:, None],
        "positions.sinusoids": sinusoids(activations["token.ids"].size, config.n_embd),
    }

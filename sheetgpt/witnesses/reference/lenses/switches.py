"""What the sheet Switches should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.interventions import Switches
from sheetgpt.schema.names import read_numbers
from sheetgpt.witnesses.reference.lenses.choice import Values, read_choice
from sheetgpt.witnesses.reference.lenses.interventions import fits_stored_prompt, read_switches

_STORED = "All on: as stored when this workbook was built, for the prompt below and its last position."


def switches(book: Book, config: Config, _: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Switches."""
    position, token, values = read_choice(book, activations, "switch")
    on = read_switches(book)
    assert on is not None, "the sheet has its names"
    count = sum(int(np.count_nonzero(table != 1.0)) for table in (on.heads, on.mlp, on.block))
    message = f"Switches: {count} off or changed. " if count else ""
    now = {
        "probability": activations["probabilities"][token, position - 1],
        "logit": activations["logits"][token, position - 1],
    }
    return (
        values
        | _answers(book, now, token, fits_stored_prompt(book, activations, "switch", position))
        | _instead(on, config.n_embd)
        | {
            "switch.message": np.array([[message]], dtype=object),
            "switch.heads": on.heads,
            "switch.mlp": on.mlp[:, None],
            "switch.block": on.block[:, None],
        }
    )


def _answers(book: Book, now: dict[str, float], token: int, fits: bool) -> Values:
    """The answer as it is, that of the whole model as it was stored, and the difference, where they are comparable."""
    logits = read_numbers(book, "switch.stored_logits").T
    whole = {"probability": forward.softmax(logits)[0, token], "logit": logits[0, token]}
    cells: dict[str, object] = {f"switch.{name}": value for name, value in now.items()}
    for name, value in whole.items():
        cells[f"switch.stored_{name}"] = value if fits else ""
        cells[f"switch.change_of_{name}"] = now[name] - value if fits else ""
    cells["switch.stored_fits"] = float(fits)
    cells["switch.stored_note"] = _STORED if fits else f"{_STORED} Now more is different: no comparison."
    return {name: np.array([[value]], dtype=object) for name, value in cells.items()}


def _instead(on: Switches, width: int) -> Values:
    """What takes the place of what is off, each [layers, d]."""
    nothing, layers = np.zeros((1, width)), range(len(on.block))
    return {
        "switch.instead_heads": np.vstack([on.switch_heads(layer, nothing) for layer in layers]),
        "switch.instead_attention": np.vstack([on.switch_attention(layer, nothing) for layer in layers]),
        "switch.instead_mlp": np.vstack([on.switch_mlp(layer, nothing) for layer in layers]),
        "switch.instead": np.array([["mean" if on.means else "zero"]], dtype=object),
        "switch.mean_in_use": np.array([[float(on.means is not None)]]),
    }

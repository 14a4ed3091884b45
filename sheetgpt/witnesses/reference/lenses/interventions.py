"""What is done to the model of a book, as it is typed on its sheets, read without a formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.interventions import POSITIONS, Interventions, PartMeans, Positions, Steering, Switches
from sheetgpt.schema.names import read_numbers, single, window
from sheetgpt.schema.prompt import token_in_front
from sheetgpt.witnesses.reference.lenses.choice import read_token, read_whole, read_word


def read_interventions(book: Book, config: Config, tensors: forward.Tensors) -> Interventions:
    """All of them; those of a sheet that is not there are none."""
    return Interventions(read_switches(book), read_positions(book), read_steering(book, config, tensors))


def is_whole(book: Book, with_switches: bool) -> bool:
    """Whether nothing is done to the model of a book, or nothing but what its switches do."""
    on, strength = read_switches(book), 0.0
    if "steering.typed_strength" in book.names:
        typed = single(book, "steering.typed_strength")
        strength = typed if isinstance(typed, float) else 0.0
    switched = with_switches and on is not None and any((part != 1).any() for part in (on.heads, on.mlp, on.block))
    return not switched and not strength and read_positions(book) == "wpe" and token_in_front(book) is None


def fits_stored_prompt(book: Book, activations: Mapping[str, np.ndarray], lens: str, position: int) -> bool:
    """Whether a lens shows the last position of the prompt of the build, LENS.stored_ids.

    Nothing may be done to the model then but what the lens itself does.
    """
    stored = [float(one) for one in read_numbers(book, f"{lens}.stored_ids").ravel() if one >= 0]
    length = int(activations["prompt.length"].item())
    same = stored == activations["token.ids"].ravel()[:length].tolist()
    return same and position == length and is_whole(book, with_switches=lens != "switch")


def read_switches(book: Book) -> Switches | None:
    """The switches of a book, as they were typed; None where it has none."""
    if "switch.typed_heads" not in book.names:
        return None
    heads, mlp, block = (_numbers(book.read(f"switch.typed_{name}"), 1.0) for name in ("heads", "mlp", "block"))
    means = None
    if read_word(book, "switch.typed_instead", ("zero", "mean")) == "mean":
        means = PartMeans(*(read_numbers(book, f"switch.mean_{kind}") for kind in ("heads", "attention", "mlp")))
    return Switches(heads, mlp.ravel(), block.ravel(), means)


def read_positions(book: Book) -> Positions:
    """What is added for positions."""
    if "positions.typed_code" not in book.names:
        return "wpe"
    return cast(Positions, read_word(book, "positions.typed_code", POSITIONS))


def read_steering(book: Book, config: Config, tensors: forward.Tensors) -> Steering | None:
    """The direction that is added; None where a book has no such sheet."""
    if "steering.typed_strength" not in book.names:
        return None
    strength, rows = single(book, "steering.typed_strength"), window(book)
    return Steering(
        direction=read_direction(book, config, tensors)[1],
        strength=strength if isinstance(strength, float) else 0.0,
        block=read_whole(book, "steering.typed_block", 0, config.n_layer - 1, 0),
        first=read_whole(book, "steering.typed_first", 1, rows, 1),
        last=read_whole(book, "steering.typed_last", 1, rows, rows),
    )


def read_direction(book: Book, config: Config, tensors: forward.Tensors) -> tuple[np.ndarray, np.ndarray]:
    """The direction [d] before its mean is taken off, if it is, and as it is in use."""
    raw = np.zeros(config.n_embd)
    if read_word(book, "steering.typed_source", ("typed row", "two words")) == "typed row":
        raw = _numbers(book.read("steering.typed_direction"), 0.0).ravel()
    else:
        for name, sign in (("plus", 1.0), ("minus", -1.0)):
            token = read_token(book, f"steering.typed_{name}", -1)
            raw = raw + (sign * tensors["wte.weight"][token] if token >= 0 else 0.0)
    centred = read_word(book, "steering.typed_centred", ("no", "yes")) == "yes"
    return raw, raw - raw.mean() if centred else raw


def _numbers(typed: np.ndarray, otherwise: float) -> np.ndarray:
    """A table as numbers, with another one for what is none."""
    return np.array([[value if isinstance(value, float) else otherwise for value in row] for row in typed.tolist()])

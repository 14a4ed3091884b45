"""What the sheet Switches should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.witnesses.reference.lenses.choice import Values, read_choice


def read_switches(book: Book) -> forward.Switches | None:
    """The switches of a book, as they were typed; None where it has none."""
    if "switch.typed_heads" not in book.names:
        return None
    heads, mlp, block = (_on(book.read(f"switch.typed_{name}")) for name in ("heads", "mlp", "block"))
    return forward.Switches(heads, mlp.ravel(), block.ravel())


def _on(typed: np.ndarray) -> np.ndarray:
    """Switches as numbers: what is no number counts as on."""
    return np.array([[value if isinstance(value, float) else 1.0 for value in row] for row in typed.tolist()])


def switches(book: Book, config: Config, _: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Switches."""
    position, token, values = read_choice(book, config, activations, "switch")
    on = read_switches(book)
    assert on is not None, "the sheet has its names"
    count = sum(int(np.count_nonzero(table != 1.0)) for table in (on.heads, on.mlp, on.block))
    message = f"Not the whole model. Switches that are off or changed: {count} (sheet Switches)." if count else ""
    return values | {
        "switch.message": np.array([[message]], dtype=object),
        "switch.heads": on.heads,
        "switch.mlp": on.mlp[:, None],
        "switch.block": on.block[:, None],
        "switch.probability": activations["probabilities"][[[token]], position - 1],
        "switch.logit": activations["logits"][[[token]], position - 1],
    }

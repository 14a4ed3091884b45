"""Passes: one prompt after another through an open workbook, given as tokens, with the logits of each row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.lab.lab import Lab
from sheetgpt.schema.names import window
from sheetgpt.schema.prompt import reads_text


class Passes:
    """A lab whose tokens are numbers: typed over the formulas that cut the text, as a person could do.

    So a prompt may have more characters than these formulas take, and two texts can be cut apart. The rows behind the
    tokens get token 0: no row reads one behind it, and without a row that waits for the token of the row before, the
    workbook calculates all rows together.

    Every pass calculates all formulas anew, in the same order: its results do not depend on what was calculated before,
    to the last bit.
    """

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.rows = window(lab.book)
        if reads_text(lab.book):
            lab.type("prompt.text", np.array([["-"]], dtype=object))  # one that it takes

    def start(self, ids: Sequence[int]) -> None:
        """Type tokens, at most as many as there are rows, and calculate everything."""
        typed = np.zeros((self.rows, 1))
        typed[: len(ids), 0] = ids
        self.lab.type("prompt.ids", typed)
        self.lab.calculate_all()

    def all_on(self) -> None:
        """Type a 1 into every switch, whatever the file has."""
        for name in ("heads", "mlp", "block"):
            if f"switch.typed_{name}" in self.lab.book.names:
                self.lab.type(f"switch.typed_{name}", np.ones(self.lab.typed(f"switch.typed_{name}").shape))

    def predictions(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Logits [V] and probabilities [V] behind the token of a row, from 0; raises WorkbookError for errors."""
        numbers = self.lab.numbers
        return numbers["logits"][:, row], numbers["probabilities"][:, row]

    def text(self, token: int) -> str:
        """A token's text, or its id where there is no tokenizer."""
        return self.lab.tokenizer.decode([token]) if self.lab.tokenizer else str(token)

"""Passes: one prompt after another through an open workbook, given as tokens, with the logits of each row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.book.book import Book
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
        if reads_text(lab.book):
            lab.type("prompt.text", np.array([["-"]], dtype=object))  # one that it takes

    def start(self, ids: Sequence[int]) -> None:
        """Type tokens, at most as many as there are rows, and calculate everything."""
        typed = np.full((window(self.lab.book), 1), None, dtype=object)
        typed[: rows_for_tokens(self.lab.book), 0] = 0.0
        typed[: len(ids), 0] = list(map(float, ids))
        self.lab.type("prompt.ids", typed)
        self.lab.calculate_all()

    def all_on(self) -> None:
        """Type a 1 into every switch, whatever the file has."""
        for name in ("heads", "mlp", "block"):
            if f"switch.typed_{name}" in self.lab.book.names:
                self.lab.type(f"switch.typed_{name}", np.ones(self.lab.typed(f"switch.typed_{name}").shape))

    def predictions(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Logits [V] and probabilities [V] behind the token typed as number `row`, from 0."""
        here = row + in_front(self.lab.book)
        return self.lab.numbers["logits"][:, here], self.lab.numbers["probabilities"][:, here]

    def logits(self, first: int, end: int) -> np.ndarray:
        """Logits [V, end - first] behind the tokens typed as number `first` to `end` - 1; raises WorkbookError."""
        front = in_front(self.lab.book)
        return self.lab.numbers["logits"][:, first + front : end + front]

    def text(self, token: int) -> str:
        """A token's text, or its id where there is no tokenizer."""
        return self.lab.tokenizer.decode([token]) if self.lab.tokenizer else str(token)


def in_front(book: Book) -> int:
    """How many tokens stand in front of those that are typed: 1 where <|endoftext|> does, as the workbook says."""
    return int("endoftext.on" in book.names and book.read("endoftext.on")[0, 0] == 1.0)


def rows_for_tokens(book: Book) -> int:
    """How many tokens can be typed."""
    return window(book) - in_front(book)

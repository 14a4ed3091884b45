"""The workbooks of a model calculated one after the other, around and around until the text is written.

    prompt -> blocks -> head -> the next token -> prompt -> ...

A row reads only rows up to its own, so each time around settles at least one more token, and only the rows that
changed are calculated again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.errors import FormulaError
from sheetgpt.evaluator import Calculator
from sheetgpt.gpt2.config import Config
from sheetgpt.schema.split import HEAD, PROMPT, parts_of, seams_of
from sheetgpt.system.progress import Progress

# Parameters: the books of a larger model do not stay in memory and are opened again each time around. A build knows
# beforehand what will be predicted and goes around twice at most (KEEP_IN_BUILD); a new prompt, for each token.
KEEP_IN_RUN = 200_000_000


class Pipeline:
    """Books of parts, opened by name when they are needed, and the values that go from one to the next.

    With `keep` a book stays in memory, and what has not changed is not calculated again.
    """

    def __init__(self, config: Config, opened: Callable[[str], Book], keep: bool, progress: Progress) -> None:
        self.parts, self.seams = parts_of(config), seams_of(config)
        self._open, self._progress = opened, progress
        self._keep = keep
        self._calculators: dict[str, Calculator] = {}
        self._values: dict[tuple[str, str], np.ndarray] = {}

    def settle(self, done: Callable[[str, Book], None] = lambda name, book: None) -> None:
        """Calculate until the tokens of the window are those that the head predicts.

        `done` gets each part that was calculated; if the tokens were others in the end, once more.
        """
        around = 0
        while True:
            for name in self.parts:
                self._progress(f"calculating {name}", 0, 1)
                book = self._calculated(name)
                if name == PROMPT:
                    taken = book.read("predicted.ids").copy()
                done(name, book)
                del book  # before the next one is opened
            predicted = self._values[HEAD, "predicted.ids"]
            if values_equal(taken, predicted):
                return
            around += 1
            if around > len(predicted) + 2:
                raise FormulaError("the predicted tokens do not settle", "are all workbooks of one model?")

    def book(self, name: str) -> Book:
        """The calculated book of one part; call it when all is settled."""
        return self._calculated(name)

    def books(self) -> Iterator[tuple[str, Book]]:
        """Each part with its calculated book; call it when all is settled."""
        for name in self.parts:
            yield name, self.book(name)

    def _calculated(self, name: str) -> Book:
        """A part's book with the values of the others in their places, calculated."""
        calculator = self._calculators.get(name)
        if calculator is None:
            calculator = Calculator(self._open(name))
            if self._keep:
                self._calculators[name] = calculator
        book = calculator.book
        for seam in self.seams:
            values = self._values.get((seam.source, seam.source_name))
            if seam.target == name and values is not None and not values_equal(book.read(seam.target_name), values):
                calculator.set(seam.target_name, values)
        calculator.update()
        for seam in self.seams:
            if seam.source == name:
                self._values[name, seam.source_name] = book.read(seam.source_name).copy()
        return book


def values_equal(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two ranges hold the same values."""
    return a.shape == b.shape and a.dtype == b.dtype and bool((a == b).all())

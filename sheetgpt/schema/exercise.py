"""What an exercise leaves to the learner, by defined names, and how much of it is right."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sheetgpt.book.book import Book
from sheetgpt.gpt2.activations import STEPS
from sheetgpt.schema.names import single

# Cells that a learner fills: values or formulas, any of them.
_LEARNER = re.compile(r"exercise\.(typed_\d+|working)|(network|quiz)\.typed")


@dataclass(frozen=True)
class Progress:
    """How far the exercise of one step of block 0 is; cells that are blank are still to do."""

    step: int
    cells: int
    right: int
    wrong: int

    def __str__(self) -> str:
        """In words: "step 7 of block 0, 12 of 544 cells right, 3 wrong"."""
        return f"step {self.step} of block 0, {self.right:,} of {self.cells:,} cells right, {self.wrong:,} wrong"


def exercise_step(book: Book) -> int | None:
    """The step of block 0 that a workbook leaves to the learner; None where it is no exercise, or names no step."""
    number = single(book, "exercise.step") if "exercise.step" in book.names else None
    return int(number) if isinstance(number, float) and number in STEPS else None


def exercise_progress(book: Book) -> Progress | None:
    """How much of an exercise is right, as the cells say; None where there is none, or the prompt is refused."""
    number = exercise_step(book)
    if number is None:
        return None
    counts = [book.read(f"exercise.{name}").ravel().tolist() for name in ("cells", "right", "wrong")]
    if not all(isinstance(count, float) for column in counts for count in column):
        return None
    return Progress(number, *(int(sum(column)) for column in counts))


def learner_cells(book: Book) -> list[str]:
    """The defined names of the cells that a learner fills."""
    return [name for name in book.names if _LEARNER.fullmatch(name)]

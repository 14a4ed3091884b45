"""How many pairs of fact and phrasing the bundled model completes, by the plain numpy reference.

python weights/training/mini_measure.py [folder]        prints the figures that the card states
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import mini_corpus
from mini_tokenizer import END_ID
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.tokenizer import Tokenizer


@dataclass(frozen=True)
class Figures:
    """Counts by (task, held out?): pairs completed rightly, and all pairs."""

    right: Counter[tuple[str, bool]]
    count: Counter[tuple[str, bool]]
    wrong: list[str]  # prompt -> answer, of the pairs that are not completed

    def total(self, held_out: bool) -> tuple[int, int]:
        """(right, all) over every task."""
        keys = [key for key in self.count if key[1] == held_out]
        return sum(self.right[key] for key in keys), sum(self.count[key] for key in keys)

    def table(self) -> Iterator[tuple[str, bool, int, int]]:
        """(task, held out?, right, all) for each task and in total."""
        for task, held_out in self.count:
            yield task, held_out, self.right[task, held_out], self.count[task, held_out]
        for held_out in (False, True):
            yield "all", held_out, *self.total(held_out)


def in_memory(folder: Path) -> Model:
    """The model in a folder, every tensor read once: a pass asks for each of them."""
    model = load_checkpoint(folder)
    return replace(model, tensors=dict(model.tensors))


def completes(model: Model, tokenizer: Tokenizer, prompt: str, answer: str, front: bool = False) -> bool:
    """Whether the greedy tokens after the prompt are those of " answer", all of them; `front`: behind an end of text.

    One pass is enough: as long as every token is the greedy one, the rows are those of generation.
    """
    start = [END_ID] * front + tokenizer.encode(prompt)
    end = tokenizer.encode(f" {answer}")
    logits = forward.logits(model.config, model.tensors, [*start, *end[:-1]])
    return bool(np.array_equal(logits[len(start) - 1 :].argmax(axis=1), end))


def measure(folder: Path, front: bool = False, step: int = 1) -> Figures:
    """Complete every trained and every held-out pair once with the model in `folder`; `front`: after an end of text.

    With a `step` only one of so many trained pairs.
    """
    model, tokenizer = in_memory(folder), Tokenizer.from_folder(folder)
    figures = Figures(Counter(), Counter(), [])
    for held_out in (False, True):
        for example in mini_corpus.examples(held_out)[:: 1 if held_out else step]:
            right = completes(model, tokenizer, example.prompt, example.answer, front)
            figures.count[example.task, held_out] += 1
            figures.right[example.task, held_out] += right
            if not right:
                figures.wrong.append(f"{'held out' if held_out else 'trained'}: {example.prompt} -> {example.answer}")
    return figures


def main() -> None:
    """Print the table, and the pairs that are wrong."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent / "mini"
    for front in (False, True):
        figures = measure(folder, front)
        print("behind an end of text:" if front else "as they are:")
        for task, held_out, right, count in figures.table():
            print(f"{task:16} {'held out' if held_out else 'trained':8} {right:5} of {count:5}  {right / count:7.2%}")
        print(*figures.wrong, sep="\n")


if __name__ == "__main__":
    main()

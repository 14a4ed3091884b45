"""A direction for the sheet Steering, from two prompts: `sheetgpt steer` as a library call."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book
from sheetgpt.book.edits import CellEdits
from sheetgpt.commands.calculation import calculate, values_of
from sheetgpt.evaluator import Calculator
from sheetgpt.gpt2.activations import step
from sheetgpt.schema.answer import Answer, answer_of
from sheetgpt.schema.names import read_numbers, single, tokenizer_of
from sheetgpt.schema.prompt import prompt_cells, reads_text, resolve_prompt, token_in_front
from sheetgpt.schema.steering import check_block, steering_cells
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read

Row = Literal["last", "mean"]


@dataclass(frozen=True)
class Contrast:
    """Two prompts, of which one is steered to and the other from, and of which row: the last, or the mean of all."""

    plus: str
    minus: str
    row: Row = "last"


def steer(
    path: Path | str, output: Path | str, prompts: Contrast, block: int, strength: float, cached: bool = True
) -> Answer:
    """Write a copy of a workbook that is steered from one prompt towards another; returns what it answers then.

    The direction is the input of the block after the one less that after the other. Both are calculated by the
    workbook's own formulas, with all that is typed in it but a strength. Raises UsageError for a workbook without the
    sheet Steering, a block that it does not have, and a prompt that it does not take; else what `run` raises.
    """
    book = read(path, cached)
    check_block(book, block)
    direction = difference_of_prompts(book, prompts, block)
    note = f"{prompts.plus} - {prompts.minus} ({prompts.row} row)"
    edits = steering_cells(book, direction, block, strength, note)
    calculate(book, edits)
    patch(path, output, values_of(book, edits))
    return answer_of(book)


def difference_of_prompts(book: Book, prompts: Contrast, block: int) -> np.ndarray:
    """What the input of a block after one prompt has more than after another, [d]; what is typed in the book stays."""
    names = ["prompt.text", "steering.typed_strength", *["prompt.ids"] * (not reads_text(book))]
    held = CellEdits()
    for name in names:
        sheet, rect = book.locate(name)
        held.fill(sheet, rect, book.sheets[sheet].grid.read(rect).ravel().tolist())
    calculator = Calculator(book)
    calculator.set("steering.typed_strength", 0.0)
    plus, minus = (
        _input_of_block(book, calculator, text, block, prompts.row) for text in (prompts.plus, prompts.minus)
    )
    held.apply(book)
    return np.asarray(plus - minus)


def _input_of_block(book: Book, calculator: Calculator, prompt: str, block: int, row: Row) -> np.ndarray:
    """Step 1 of a block [d] after a prompt: its last row, or the mean of its rows, <|endoftext|> in front left out."""
    given = resolve_prompt(tokenizer_of(book), prompt, None, "this workbook")
    for sheet, cells in prompt_cells(book, given).items():
        for (top, left), value in cells.items():
            calculator.set((sheet, Rect(top, left, top, left)), value)
    calculator.update()
    length = single(book, "prompt.length")
    assert isinstance(length, float), "a prompt that the formulas refuse was refused before"
    first = 0 if token_in_front(book) is None else 1
    rows = read_numbers(book, step(f"h.{block}", 1))[first : int(length)]
    return np.array(rows[-1] if row == "last" else rows.mean(axis=0))  # a copy: the next prompt has the same cells

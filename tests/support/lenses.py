"""What the tests of lenses share."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sheetgpt.book.book import Book
from sheetgpt.evaluator import Calculator, recalculate
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.lenses.lens import LENSES
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.witnesses.reference.workbook import expected_values

LIBRARY = "needs torch and transformers: pip install torch==2.13.0 'sheetgpt[torch]'"


ROWS = 7

# Of random checkpoints: what `random_checkpoint` takes besides the seed, which is the place in the list.
CONFIGURATIONS: list[dict[str, Any]] = [
    {},
    {"n_embd": 15, "n_head": 5, "n_layer": 3, "tie_word_embeddings": False},
    {"n_embd": 7, "n_head": 1, "n_layer": 1, "n_inner": 5},
    {"n_embd": 35, "n_head": 5, "scale_attn_by_inverse_layer_idx": True},
    {"scale_attn_weights": False, "layer_norm_epsilon": 0.01},
    {"n_head": 12, "n_layer": 4},
    {"n_layer": 5},
    {"n_embd": 8, "n_head": 2, "n_inner": 64},
    {"n_embd": 20, "n_head": 4, "tie_word_embeddings": False},
    {"n_layer": 3, "n_head": 6},
]


IDS = [5, 17, 200, 3, 42]


def calculated(book: Book) -> Calculator:
    """A calculator of a laid out book, which has calculated all of it."""
    calculator = Calculator(book)
    calculator.recalculate()
    return calculator


def all_lenses(model: Model) -> Book:
    book = build_book(model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("all",)))
    recalculate(book)
    return book


def assert_lenses_are_those_of_the_reference(book: Book, at_least: int = 1000) -> None:
    """All lenses that the book has."""
    sheets = [lens.sheet for lens in LENSES.values() if lens.sheet in book.sheets]
    assert sum(compare_with_the_reference(book, sheets)) >= at_least


def assert_lens_is_that_of_the_reference(book: Book, sheet: str, at_least: int = 40) -> None:
    assert sum(compare_with_the_reference(book, [sheet])) >= at_least


def compare_with_the_reference(book: Book, sheets: list[str]) -> list[int]:
    """How many formula cells of each sheet were compared; nearly all of them, or it fails."""
    grids, cells = expected_values(book)
    for sheet in sheets:
        # What is left are notes and labels of rows, which are not of the model.
        assert sum(rect.size for rect in cells[sheet]) >= sum(f.rect.size for f in book.sheets[sheet].formulas) - 2
        for rect in cells[sheet]:
            found, expected = book.sheets[sheet].grid.read(rect), grids[sheet].read(rect)
            if expected.dtype == np.float64:
                assert found == pytest.approx(expected, rel=1e-12, abs=1e-12), rect  # sums in another order
            else:
                assert found.tolist() == expected.tolist(), rect
    return [sum(rect.size for rect in cells[sheet]) for sheet in sheets]

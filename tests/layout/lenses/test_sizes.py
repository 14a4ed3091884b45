"""The lens Sizes, against published figures, the shapes of checkpoints and the workbook's own cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.book import Book
from sheetgpt.evaluator import Calculator, recalculate
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.sizes import activation_cells
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from support.checkpoints import random_checkpoint
from support.lenses import IDS, ROWS, assert_lens_is_that_of_the_reference, calculated

# OpenAI's checkpoints, counted with torch: sum(p.numel() for p in GPT2LMHeadModel(...).parameters()).
PUBLISHED = [124_439_808, 354_823_168, 774_030_080, 1_557_611_200, 81_912_576]


@pytest.fixture(scope="module")
def calculator(small_model: Model) -> Calculator:
    return calculated(build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("sizes",))))


def put(calculator: Calculator, **typed: float | None) -> Book:
    names = ("blocks", "heads", "d", "hidden", "vocabulary", "positions", "own_head", "tokens")
    for name in names:
        calculator.set(f"sizes.typed_{name}", typed.get(name))
    calculator.update()
    return calculator.book


def test_published_sizes(calculator: Calculator) -> None:
    book = put(calculator)
    assert book.read("sizes.published_parameters").ravel().tolist() == PUBLISHED
    assert book.read("sizes.published_mlp_share")[0, 0] == pytest.approx(0.455, abs=5e-4)
    small = put(calculator, blocks=12, heads=12, d=768, vocabulary=50257, positions=1024)
    assert small.read("sizes.total").item() == PUBLISHED[0]
    assert small.read("sizes.mlp_of_whole").item() == pytest.approx(12 * 2 * 4 * 768**2 / PUBLISHED[0], rel=1e-3)
    assert small.read("sizes.mlp_of_block").item() == pytest.approx(2 / 3, abs=1e-3)
    # Brown et al. 2020, table 2.1: 175.0 billion, with its vocabulary and positions.
    large = put(calculator, blocks=96, heads=96, d=12288, vocabulary=50257, positions=2048)
    assert large.read("sizes.total").item() == pytest.approx(175e9, rel=5e-3)
    assert_lens_is_that_of_the_reference(large, "Sizes")


@pytest.mark.parametrize(
    "typed",
    [
        {"d": 10.9, "own_head": 3.0, "heads": 0.0},
        {"hidden": 7.0, "tokens": 3.0, "vocabulary": -5.0},
        {"d": 48.0, "hidden": 5.0, "blocks": 1e9},
    ],
)
def test_typed_configurations_are_those_of_the_reference(calculator: Calculator, typed: dict[str, float]) -> None:
    assert_lens_is_that_of_the_reference(put(calculator, **typed), "Sizes")


@pytest.mark.parametrize("entries", [{}, {"n_inner": 5, "tie_word_embeddings": False}])
def test_blank_cells_stand_for_the_workbook_itself(tmp_path: Path, entries: dict) -> None:
    model = load_checkpoint(random_checkpoint(tmp_path, **entries))
    book = build_book(model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("sizes",)))
    recalculate(book)
    assert book.read("sizes.total").item() == sum(tensor.size for tensor in dict(model.tensors).values())
    filled = 0
    for name in model.config.activations(ROWS):
        if not name.startswith("top.") and name != "predicted.ids":
            values = book.read(name)
            filled += sum(value is not None for value in values.ravel().tolist())
    assert book.read("sizes.activations").item() == filled == activation_cells(model.config, ROWS)
    assert book.read("sizes.kinds").sum() == pytest.approx(1)
    assert_lens_is_that_of_the_reference(book, "Sizes")


def test_activations_of_the_published_size() -> None:
    """Shapes of the configuration, with triangles for steps 6 and 7."""
    config, rows = Config(), 16
    shapes = config.activations(rows)
    cells = 0
    for name, (height, width) in shapes.items():
        masked = ".step_06." in name or ".step_07." in name
        cells += rows * (rows + 1) // 2 if masked else height * width
    cells -= sum(int(np.prod(shapes[name])) for name in shapes if name.startswith("top.") or name == "predicted.ids")
    assert activation_cells(config, rows) == cells

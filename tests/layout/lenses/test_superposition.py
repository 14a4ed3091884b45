"""The lens Superposition, against known values, measured directions and numpy written apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.book import Book
from sheetgpt.evaluator import Calculator, recalculate
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.superposition import most_directions, random_pairs, random_rows, sure_directions, welch_bound
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from support.checkpoints import random_checkpoint
from support.lenses import IDS, assert_lens_is_that_of_the_reference, calculated

OPTIONS = LayoutOptions(prompt="p", ids=IDS, rows=6, lenses=("superposition",))


@pytest.fixture(scope="module")
def calculator(small_model: Model) -> Calculator:
    return calculated(build_book(small_model, OPTIONS))


def put(calculator: Calculator, **typed: float | str | None) -> Book:
    for name in ("degrees", "count", "dimensions"):
        calculator.set(f"superposition.typed_{name}", typed.get(name))
    calculator.update()
    return calculator.book


def test_ten_thousand_directions_in_a_hundred_dimensions(calculator: Calculator) -> None:
    """Some pair is 5.7 degrees from 90, so 89 to 91 cannot be: arcsin sqrt(9900 / (100 * 9999))."""
    book = put(calculator)
    assert book.read("superposition.angle").item() == pytest.approx(5.7106, abs=5e-5)
    assert book.read("superposition.verdict").item() == "so they do not fit"
    assert put(calculator, degrees=6.0).read("superposition.verdict").item() == "the bound does not forbid it"
    assert_lens_is_that_of_the_reference(book, "Superposition", at_least=500)


def test_the_bound_is_met_by_sets_that_meet_it() -> None:
    """A regular simplex: d + 1 directions, all with the cosine -1 / d. Three lines of a hexagon: 60 degrees."""
    for d in (2, 3, 10):
        assert welch_bound(d + 1, d) == pytest.approx(1 / d)
        degrees = np.degrees(np.arcsin(1 / d))
        found = most_directions(d, degrees)
        assert found == pytest.approx(d + 1)
    assert most_directions(2, 30.0) == pytest.approx(3)
    assert welch_bound(5, 5) == welch_bound(1, 1) == 0
    assert most_directions(4, 30.0) is None
    assert sure_directions(3, 1.0) == 3
    assert sure_directions(10**6, 45.0) is None


def test_the_promised_number_of_directions_is_there() -> None:
    """As many random directions as `sure_directions` says are within the angle, at one draw of three or more."""
    d, degrees = 512, 14.0
    count = int(np.exp(d * np.sin(np.radians(degrees)) ** 2 / 4))
    assert count > 1000 > d
    assert int(sure_directions(d, degrees) or 0) == count
    passed = 0
    for seed in range(3):
        rows = np.random.default_rng(seed).normal(size=(count, d))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        products = rows @ rows.T
        passed += bool(np.abs(products[~np.eye(count, dtype=bool)]).max() <= np.sin(np.radians(degrees)))
    assert passed


def test_random_directions_crowd_at_90_degrees(calculator: Calculator) -> None:
    """57.3 / sqrt(d); a deviation measured on 100 pairs is right to 7 %, so to 25 % for sure."""
    measured = calculator.book.read("superposition.measured").ravel()
    sizes = [2, 4, 8, 12, 16, 32, 64, 128, 256]
    expected = np.degrees(1) / np.sqrt(sizes)
    assert calculator.book.read("superposition.usual").ravel()[: len(sizes)] == pytest.approx(expected)
    assert measured[2:] == pytest.approx(expected[2:], rel=0.25)
    assert random_rows(2, 2, 1).tolist() == [[1.624, -0.612], [-0.528, -1.073]]  # RandomState(1), which numpy keeps


def test_own_angles_are_those_of_numpy(calculator: Calculator, small_model: Model) -> None:
    pairs = calculator.book.read("superposition.pairs").astype(int)
    assert (pairs == random_pairs(small_model.config.vocab_size)).all()
    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert pairs.min() >= 0
    assert pairs.max() < small_model.config.vocab_size
    x, y = small_model.tensors["wte.weight"][pairs.T]
    cosines = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in zip(x, y, strict=True)]
    degrees = np.degrees(np.arccos(cosines))
    assert calculator.book.read("superposition.own_angles").ravel() == pytest.approx(degrees, abs=1e-9)
    shares = calculator.book.read("superposition.own_shares").ravel()
    assert shares == pytest.approx(np.histogram(degrees, np.arange(0, 181, 5))[0] / 100)
    assert calculator.book.read("superposition.own_figures").ravel() == pytest.approx([degrees.mean(), degrees.std()])


@pytest.mark.parametrize(
    "typed",
    [
        {"degrees": 400.0, "count": 5.5, "dimensions": 7.0},
        {"degrees": -1.0, "count": 0.0, "dimensions": 0.0},
        {"degrees": "x", "count": 1e300, "dimensions": 3.0},
    ],
)
def test_typed_numbers_are_those_of_the_reference(calculator: Calculator, typed: dict) -> None:
    assert_lens_is_that_of_the_reference(put(calculator, **typed), "Superposition")


@pytest.mark.parametrize("width", [1, 300])
def test_models_of_one_dimension_and_of_many(tmp_path: Path, width: int) -> None:
    model = load_checkpoint(random_checkpoint(tmp_path, n_layer=1, n_embd=width, n_head=1))
    tensors = dict(model.tensors)
    tensors["wte.weight"] = np.repeat(tensors["wte.weight"][:1], model.config.vocab_size, axis=0)
    book = build_book(Model("equal", model.config, tensors, None), OPTIONS)
    recalculate(book)
    assert set(book.read("superposition.own_angles").ravel()) == {0.0}  # not the last digit of a cosine
    assert_lens_is_that_of_the_reference(book, "Superposition")

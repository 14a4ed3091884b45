"""The lens Embeddings, against numpy written apart and cases by hand."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.book import Book
from sheetgpt.evaluator import Calculator, recalculate
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.chosen_words import SIZES, choose_groups
from sheetgpt.gpt2.embedding_map import principal_axes
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from support.checkpoints import random_checkpoint
from support.lenses import IDS, assert_lens_is_that_of_the_reference, calculated
from support.paths import MINI

OPTIONS = LayoutOptions(prompt="p", ids=IDS, rows=6, lenses=("embeddings",))


@pytest.fixture(scope="module")
def calculator(small_model: Model) -> Calculator:
    return calculated(build_book(small_model, OPTIONS))


def put(calculator: Calculator, **typed: float | str | None) -> Book:
    for name, value in typed.items():
        calculator.set(f"embeddings.typed_{name}", value)
    calculator.update()
    return calculator.book


def unit(rows: np.ndarray) -> np.ndarray:
    return np.array(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def test_neighbours_and_analogies_are_those_of_numpy(calculator: Calculator, small_model: Model) -> None:
    book = put(calculator, first=3.0, second=700.0, token=44.0, a=5.0, b=6.0, c=7.0, expected=300.0)
    wte = small_model.tensors["wte.weight"]
    directions = unit(wte)
    assert book.read("embeddings.cosine").item() == pytest.approx(directions[3] @ directions[700], abs=1e-12)
    order = [int(k) for k in np.argsort(-(directions @ directions[44])) if k != 44][:10]
    assert book.read("embeddings.nearest_ids").ravel().tolist() == order
    found = directions @ unit(wte[[6]] - wte[[5]] + wte[[7]])[0]
    order = [int(k) for k in np.argsort(-found) if k not in (5, 6, 7)]
    assert book.read("embeddings.answer_ids").ravel().tolist() == order[:5]
    assert book.read("embeddings.rank").item() == order.index(300)
    assert_lens_is_that_of_the_reference(book, "Embedding_Map", at_least=4 * len(wte))


def test_the_axes_are_principal_components(small_model: Model, calculator: Calculator) -> None:
    """Eigenvectors of the covariance of the tokens that stand there at first."""
    groups = choose_groups(small_model.tokenizer, small_model.config.vocab_size)
    assert list(groups) == ["days", "months", "sports", "numbers"]
    vectors = small_model.tensors["wte.weight"][[token for ids in groups.values() for token in ids]]
    values, directions = np.linalg.eigh(np.cov(vectors.T, bias=True))
    axes = calculator.book.read("embeddings.axes")
    for axis, expected in zip(axes, directions.T[::-1], strict=False):
        assert axis[np.abs(axis).argmax()] > 0
        assert abs(axis @ expected) == pytest.approx(1, abs=1e-5)  # six decimals
    assert calculator.book.read("embeddings.mean")[0] == pytest.approx(vectors.mean(axis=0), abs=1e-6)
    share = values[::-1][:2].sum() / values.sum()
    fresh = build_book(small_model, OPTIONS)
    recalculate(fresh)
    assert fresh.read("embeddings.share").item() == pytest.approx(share, abs=1e-5)
    points = fresh.read("embeddings.points")
    assert points == pytest.approx((vectors - vectors.mean(axis=0)) @ axes.T, abs=1e-5)


def test_axes_by_hand() -> None:
    mean, axes = principal_axes(np.array([[1.0, 5.0, 2.0], [3.0, 5.0, 2.0], [2.0, 5.0, 3.0], [2.0, 5.0, 1.9]]))
    assert mean.tolist() == [2.0, 5.0, 2.225]
    assert np.abs(axes).round(3).tolist() == [[1, 0, 0], [0, 0, 1]]
    assert principal_axes(np.ones((3, 4)))[1].tolist() == [[0.0] * 4] * 2


def test_an_emptied_cell_is_one_point_less(calculator: Calculator) -> None:
    book = put(calculator, ids=None, placed=-3.0, groups="mine")
    assert set(book.read("embeddings.ids").ravel()) == {0.0}
    assert book.read("embeddings.placed").item() == 0
    assert_lens_is_that_of_the_reference(book, "Embedding_Map")
    put(calculator, ids=9.0)
    assert len(np.unique(book.read("embeddings.points"), axis=0)) == 1


def test_positions_are_those_of_wpe(calculator: Calculator, small_model: Model) -> None:
    rows = put(calculator, placed=12.0).read("embeddings.placed_rows")
    wte, wpe = small_model.tensors["wte.weight"], small_model.tensors["wpe.weight"]
    assert rows.tolist() == [wte[12].tolist(), *(wte[12] + wpe[[0, 2, 3, 4, 5, 6, 7]]).tolist()]
    cosines = calculator.book.read("embeddings.placed_cosines")
    assert cosines == pytest.approx(unit(rows) @ unit(rows)[:2].T, abs=1e-12)


@pytest.mark.parametrize(
    "entries", [{"n_positions": 6, "n_embd": 1, "n_head": 1}, {"vocab_size": 4}, {"vocab_size": 1}]
)
def test_any_shape_without_a_tokenizer(tmp_path: Path, entries: dict) -> None:
    folder = random_checkpoint(tmp_path, n_layer=1, **entries)
    for file in ("vocab.json", "merges.txt"):
        (folder / file).unlink()
    model = load_checkpoint(folder)
    book = build_book(model, LayoutOptions(prompt="p", ids=[0], rows=2, lenses=("embeddings",)))
    recalculate(book)
    assert_lens_is_that_of_the_reference(book, "Embedding_Map")


def test_equal_tokens_and_tokens_of_zeros(small_model: Model) -> None:
    """Of equal cosines the lower id comes first; a row of zeros has the cosine 0 with all."""
    tensors = dict(small_model.tensors)
    wte = tensors["wte.weight"] = tensors["wte.weight"].copy()
    wte[[7, 30, 90]], wte[5] = wte[2], 0.0
    book = build_book(Model("equal", small_model.config, tensors, small_model.tokenizer), OPTIONS)
    for name, token in (("token", 2.0), ("first", 5.0)):
        book.sheets["Embedding_Map"].put(book.locate(f"embeddings.typed_{name}")[1], token)
    recalculate(book)
    assert book.read("embeddings.nearest_ids").ravel()[:3].tolist() == [7, 30, 90]
    assert book.read("embeddings.cosine").item() == 0
    assert_lens_is_that_of_the_reference(book, "Embedding_Map")


def test_words_of_the_bundled_model_are_chosen_by_group() -> None:
    model = load_checkpoint(MINI)
    groups = choose_groups(model.tokenizer, model.config.vocab_size)
    assert model.tokenizer is not None
    for ids, size in zip(groups.values(), SIZES, strict=True):
        assert 1 <= len(set(ids)) == len(ids) <= size
    assert all(model.tokenizer.decode([token]).startswith(" ") for ids in groups.values() for token in ids)
    spread = choose_groups(None, 100)
    assert sorted(token for ids in spread.values() for token in ids)[0] == 0
    assert all(a < b for ids in spread.values() for a, b in pairwise(ids))

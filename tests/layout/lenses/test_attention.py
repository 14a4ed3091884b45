"""The lens Attention, against the reference and the transformers library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from support.checkpoints import random_checkpoint
from support.lenses import IDS, LIBRARY, all_lenses, assert_lenses_are_those_of_the_reference, calculated


@pytest.mark.parametrize(
    ("typed", "block", "head"), [((1.0, 2.0), 1, 2), ((9.0, -3.0), 1, 0), ((0.9, 1.5), 0, 1), (("x", None), 0, 0)]
)
def test_block_and_head_can_be_typed(small_model: Model, typed: tuple, block: int, head: int) -> None:
    book = all_lenses(small_model)
    calculator = calculated(book)
    for name, value in zip(("attention.typed_block", "attention.typed_head"), typed, strict=True):
        calculator.set(name, value)
    calculator.update()
    shown, whole = book.read("attention.map"), book.read(f"h.{block}.step_07.weights.{head}")
    assert shown.tolist() == whole.tolist()
    assert shown[0, 0] == 1.0
    assert_lenses_are_those_of_the_reference(book)


def test_attention_scores_and_rollout_are_those_of_transformers(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path)
    model = load_checkpoint(folder)
    library = transformers.GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager").double().eval()
    with torch.no_grad():
        found = library(torch.tensor([IDS]), output_attentions=True).attentions
    weights = np.array([block[0].numpy() for block in found])  # [layers, heads, n, n]
    activations = forward.activations(model.config, model.tensors, IDS)
    scores = lenses.attention_scores(model.config, activations)
    rows = range(1, len(IDS))
    expected = {
        "first": np.mean([weights[:, :, i, 0] for i in rows], axis=0),
        "previous": np.mean([weights[:, :, i, i - 1] for i in rows], axis=0),
        "self": np.mean([weights[:, :, i, i] for i in rows], axis=0),
    }
    assert scores.keys() == expected.keys()
    for name, values in expected.items():
        assert scores[name] == pytest.approx(values, abs=1e-12)
    rolled = np.eye(len(IDS))
    for layer, row in enumerate(lenses.attention_rollout(model.config, activations)):
        rolled = (weights[layer].mean(axis=0) + np.eye(len(IDS))) / 2 @ rolled
        assert row == pytest.approx(rolled, abs=1e-12)
        assert row.sum(axis=1) == pytest.approx(np.ones(len(IDS)))


def test_induction_is_that_of_the_literature_on_tokens_twice(small_model: Model) -> None:
    """There it is the mean of A[i, i - (n - 1)] over the second half; on the sheet the same as in numpy."""
    half, config = [5, 17, 200, 3, 42, 7, 99], small_model.config
    ids, n = half * 2, len(half)
    activations = forward.activations(config, small_model.tensors, ids)
    expected = [
        [
            np.mean([activations[f"h.{layer}.step_07.weights.{head}"][i, i - (n - 1)] for i in range(n, 2 * n)])
            for head in range(config.n_head)
        ]
        for layer in range(config.n_layer)
    ]
    assert lenses.induction_scores(config, activations, ids) == pytest.approx(np.array(expected), abs=1e-14)
    book = build_book(small_model, LayoutOptions(prompt="p", ids=ids, rows=2 * n, lenses=("attention",)))
    recalculate(book)
    assert book.read("attention.induction") == pytest.approx(np.array(expected), abs=1e-12)
    assert book.read("attention.repeats").ravel().tolist() == [0.0] * n + [1.0] * n


def test_induction_of_any_text() -> None:
    """A token that was there twice before counts both places; one that follows itself looks at itself."""
    expected = np.zeros((6, 6))
    for row, places in ((1, [1]), (3, [1, 2]), (5, [3])):  # tokens a a b a c b
        expected[row, places] = 1.0
    assert lenses.token_repeats([1, 1, 2, 1, 3, 2]).tolist() == expected.tolist()


def test_without_repeats_there_is_no_induction_score(small_model: Model) -> None:
    book = build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=len(IDS), lenses=("attention",)))
    recalculate(book)
    assert set(book.read("attention.induction").ravel().tolist()) == {"-"}
    assert_lenses_are_those_of_the_reference(book, at_least=100)

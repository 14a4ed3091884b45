"""The lens Attention, against the reference and the transformers library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sheetgpt.evaluator import Calculator
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from support.checkpoints import random_checkpoint
from support.lenses import IDS, LIBRARY, all_lenses, assert_lenses_are_those_of_the_reference


@pytest.mark.parametrize(
    ("typed", "block", "head"), [((1.0, 2.0), 1, 2), ((9.0, -3.0), 1, 0), ((0.9, 1.5), 0, 1), (("x", None), 0, 0)]
)
def test_block_and_head_can_be_typed(small_model: Model, typed: tuple, block: int, head: int) -> None:
    book = all_lenses(small_model)
    calculator = Calculator(book)
    calculator.recalculate()
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

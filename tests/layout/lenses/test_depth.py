"""The lens Depth, against the reference, the transformers library and known values."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from support.checkpoints import random_checkpoint
from support.lenses import (
    CONFIGURATIONS,
    IDS,
    LIBRARY,
    ROWS,
    all_lenses,
    assert_lenses_are_those_of_the_reference,
    calculated,
)
from support.paths import MINI


@pytest.mark.parametrize(
    ("typed", "position", "token"),
    [((3.0, 9.0), 3, 9), ((0.0, -1.0), 1, 0), ((99.0, 1e6), ROWS, None), (("x", True), len(IDS), "predicted")],
)
def test_position_and_token_can_be_typed(
    small_model: Model, typed: tuple, position: int, token: int | str | None
) -> None:
    book = all_lenses(small_model)
    calculator = calculated(book)
    for name, value in zip(("depth.typed_position", "depth.typed_token"), typed, strict=True):
        calculator.set(name, value)
    calculator.update()
    predicted = book.read("predicted.ids")[position - 1, 0]
    last = small_model.config.vocab_size - 1
    wanted = predicted if token == "predicted" else last if token is None else token
    assert book.read("depth.position").item() == position
    assert book.read("depth.token").item() == wanted
    assert_lenses_are_those_of_the_reference(book)


def test_of_equal_logits_the_lower_id_is_listed_first(small_model: Model) -> None:
    tensors = dict(small_model.tensors)
    tensors["wte.weight"] = tensors["wte.weight"].copy()
    tensors["wte.weight"][[7, 30, 90]] = 3 * tensors["wte.weight"][7]  # all three score the same, at the top or bottom
    book = all_lenses(Model("equal", small_model.config, tensors, None))
    assert_lenses_are_those_of_the_reference(book)
    best = book.read("depth.best_ids")
    assert any({7.0, 30.0} <= set(row) for row in best.tolist())
    assert all(row.index(7.0) < row.index(30.0) for row in best.tolist() if {7.0, 30.0} <= set(row))


@pytest.mark.parametrize("seed", range(len(CONFIGURATIONS)))
def test_the_last_depth_is_the_model_and_all_are_those_of_transformers(tmp_path: Path, seed: int) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path, seed, **CONFIGURATIONS[seed])
    model = load_checkpoint(folder)
    library = transformers.GPT2LMHeadModel.from_pretrained(folder).double().eval()
    with torch.no_grad():
        found = library(torch.tensor([IDS]), output_hidden_states=True)
        hidden = found.hidden_states[:-1]  # the last one has been through ln_f already
        expected = [library.lm_head(library.transformer.ln_f(state))[0].numpy() for state in hidden]
        expected.append(found.logits[0].numpy())
    activations = forward.activations(model.config, model.tensors, IDS)
    states = lenses.residual_states(model.config, activations)
    for depth, logits in enumerate(expected):
        assert lenses.logit_lens(model.config, model.tensors, states[depth]) == pytest.approx(logits, abs=1e-9)
    assert len(expected) == len(states) == model.config.n_layer + 1


def test_known_ranks_of_the_bundled_model() -> None:
    """Of " basketball" after "Michael Jordan plays the sport of", also measured apart from this code."""
    model = load_checkpoint(MINI)
    assert model.tokenizer is not None
    ids = model.tokenizer.encode("Michael Jordan plays the sport of")
    states = lenses.residual_states(model.config, forward.activations(model.config, model.tensors, ids))
    logits = lenses.logit_lens(model.config, model.tensors, states[:, -1])
    (token,) = model.tokenizer.encode(" basketball")
    assert (logits > logits[:, [token]]).sum(axis=1).tolist() == [108, 17, 2, 0, 0]

"""Interventions in numpy, against hooks on the transformers library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sheetgpt.errors import UsageError
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.interventions import Interventions, PartMeans, Steering, Switches
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.part_means import REFERENCE_TEXTS, part_means, reference_prompts
from support.checkpoints import random_checkpoint
from support.hooks import hooked_logits, library_means
from support.lenses import CONFIGURATIONS, IDS, LIBRARY
from support.paths import MINI


@pytest.fixture(autouse=True)
def library() -> None:
    pytest.importorskip("torch", reason=LIBRARY)
    pytest.importorskip("transformers", reason=LIBRARY)


def assert_same(folder: Path, ids: list[int], ours: Interventions | Switches | None, **hooks: Any) -> None:
    model = load_checkpoint(folder)
    found = forward.logits(model.config, model.tensors, ids, ours)
    assert found == pytest.approx(hooked_logits(folder, ids, **hooks), abs=1e-9)
    if hooks:
        assert found != pytest.approx(forward.logits(model.config, model.tensors, ids), abs=1e-3), "nothing is done"


def assert_interventions(folder: Path, ids: list[int], seed: int) -> None:
    """Each kind of intervention alone, then all at once."""
    model, rng = load_checkpoint(folder), np.random.default_rng(seed)
    config, last = model.config, model.config.n_layer - 1
    head, where = int(rng.integers(config.n_head)), int(rng.integers(config.n_layer))
    off = Switches.off(config, f"h.{where}.head.{head}")
    assert_same(folder, ids, off, heads={(where, head): 0.0})
    assert_same(folder, ids, Switches.off(config, f"h.{last}.mlp"), mlp={last: 0.0})
    assert_same(folder, ids, Switches.off(config, "h.0"), block={0: 0.0})
    scaled = Switches.off(config)
    switches: dict[str, dict] = {"heads": {}, "mlp": {}, "block": {}}
    for layer in range(config.n_layer):
        for k in range(config.n_head):
            switches["heads"][layer, k] = scaled.heads[layer, k] = rng.uniform(-1, 2)
        switches["mlp"][layer] = scaled.mlp[layer] = rng.uniform(0, 1.5)
        switches["block"][layer] = scaled.block[layer] = rng.uniform(0, 1.5)
    assert_same(folder, ids, scaled, **switches)
    means = library_means(folder, [ids, ids[::-1]])
    ours = part_means(config, model.tensors, [ids, ids[::-1]])
    for kind, table in means.items():
        assert getattr(ours, kind) == pytest.approx(table, abs=1e-9)
    with_means = Switches(scaled.heads, scaled.mlp, scaled.block, ours)
    assert_same(folder, ids, with_means, means=means, **switches)
    assert_same(folder, ids, Switches.off(config, "h.0", means=ours), block={0: 0.0}, means=means)
    direction = rng.normal(size=config.n_embd)
    steering = Steering(direction, 1.5, where, 2, len(ids) - 1)
    steered = (where, 1, len(ids) - 2, 1.5 * direction)
    assert_same(folder, ids, Interventions(steering=steering), steering=steered)
    everywhere = (last, 0, len(ids) - 1, -direction)
    assert_same(folder, ids, Interventions(steering=Steering(direction, -1.0, last)), steering=everywhere)
    for code in ("off", "sinusoids"):
        assert_same(folder, ids, Interventions(positions=code), positions=code)
    all_of_them = Interventions(with_means, "sinusoids", steering)
    assert_same(folder, ids, all_of_them, means=means, positions="sinusoids", steering=steered, **switches)


@pytest.mark.parametrize("seed", [0, 1])
def test_interventions_are_those_of_transformers(tmp_path: Path, seed: int) -> None:
    assert_interventions(random_checkpoint(tmp_path, seed, **CONFIGURATIONS[seed]), IDS, seed)


@pytest.mark.parametrize("seed", range(2, 10))
def test_interventions_on_more_configurations(tmp_path: Path, seed: int) -> None:
    ids = np.random.default_rng(seed).integers(0, 1200, 3 + seed).tolist()
    assert_interventions(random_checkpoint(tmp_path, seed, **CONFIGURATIONS[seed]), ids, seed)


def test_interventions_on_the_bundled_model() -> None:
    """With <|endoftext|> in front too: for the model that is one more token."""
    model = load_checkpoint(MINI)
    assert model.tokenizer is not None
    ids = model.tokenizer.encode("Michael Jordan plays the sport of")
    assert_interventions(MINI, ids, 3)
    assert_same(MINI, [model.tokenizer.ids["<|endoftext|>"], *ids], None)


def test_neutral_interventions_change_nothing(small_model: Model) -> None:
    config, tensors = small_model.config, small_model.tensors
    d, layers = config.n_embd, config.n_layer
    means = PartMeans(*np.random.default_rng(0).normal(size=(3, layers, d)))
    neutral = Interventions(Switches.off(config, means=means), "wpe", Steering(np.ones(d), 0.0, 1))
    plain, ours = forward.activations(config, tensors, IDS), forward.activations(config, tensors, IDS, neutral)
    for name, values in plain.items():
        assert np.array_equal(values, ours[name], equal_nan=True), name


@pytest.mark.parametrize("part", ["h.9", "h.0.head.3", "h.0.attn", "mlp", ""])
def test_only_parts_that_there_are_can_be_switched_off(small_model: Model, part: str) -> None:
    with pytest.raises(UsageError, match="no part"):
        Switches.off(small_model.config, part)


def test_what_positions_off_makes_alike() -> None:
    """What the sheet Positions says: the last row of block 0, and not that of the last block."""
    model = load_checkpoint(MINI)
    assert model.tokenizer is not None
    texts = (" dog chases cat.", " cat chases dog.")
    one, other = (model.tokenizer.encode(text) for text in texts)
    assert sorted(one) == sorted(other)
    assert one[-1] == other[-1]
    assert one != other

    def apart(positions: str, layer: int) -> float:
        given = Interventions(positions=positions)  # type: ignore[arg-type]
        a, b = (forward.activations(model.config, model.tensors, ids, given) for ids in (one, other))
        name = step(f"h.{layer}", 16)
        return float(np.abs(a[name][-1] - b[name][-1]).max())

    assert apart("off", 0) < 1e-12
    assert apart("off", 1) > 1e-3
    assert apart("wpe", 0) > 1e-3
    assert apart("sinusoids", 0) > 1e-3


def test_attribution_adds_up_under_interventions(small_model: Model) -> None:
    config, rng = small_model.config, np.random.default_rng(5)
    means = part_means(config, small_model.tensors, [IDS])
    on = Switches(rng.uniform(size=(2, 3)), rng.uniform(size=2), rng.uniform(size=2), means)
    given = Interventions(on, "sinusoids", Steering(rng.normal(size=config.n_embd), 2.0, 1, 3))
    a = forward.activations(config, small_model.tensors, IDS, given)
    for row in (0, 4):
        effects = lenses.direct_effects(config, small_model.tensors, a, row, 7, given)
        assert sum(effects.values()) == pytest.approx(a["logits"][7, row], abs=1e-10)
        assert (effects["steering"] == 0) == (row == 0)


def test_reference_prompts_of_a_model_without_tokenizer(small_model: Model) -> None:
    config = small_model.config
    assert all(len(ids) <= config.n_positions for ids in reference_prompts(config, small_model.tokenizer))
    assert len(reference_prompts(config, None)) == len(REFERENCE_TEXTS)
    assert all(0 <= token < config.vocab_size for ids in reference_prompts(config, None) for token in ids)

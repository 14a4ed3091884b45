"""The lens Attribution, against the transformers library and known values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.checkpoint import load_checkpoint
from support.checkpoints import random_checkpoint
from support.lenses import CONFIGURATIONS, IDS, LIBRARY
from support.paths import MINI


@pytest.mark.parametrize("seed", range(len(CONFIGURATIONS)))
def test_direct_effects_add_up_to_the_logits_of_transformers(tmp_path: Path, seed: int) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path, seed, **CONFIGURATIONS[seed])
    model = load_checkpoint(folder)
    library = transformers.GPT2LMHeadModel.from_pretrained(folder).double().eval()
    kept: dict[str, np.ndarray] = {}
    for layer, block in enumerate(library.transformer.h):
        block.mlp.register_forward_hook(lambda _, __, out, layer=layer: kept.update({f"{layer}.mlp": out[0].numpy()}))
        block.attn.c_proj.register_forward_hook(
            lambda _, __, out, layer=layer: kept.update({f"{layer}.attention": out[0].numpy()})
        )
    with torch.no_grad():
        logits = library(torch.tensor([IDS])).logits[0].numpy()
    activations = forward.activations(model.config, model.tensors, IDS)
    for row, token in ((0, 9), (3, 200), (4, 1199)):
        effects = lenses.direct_effects(model.config, model.tensors, activations, row, token)
        assert sum(effects.values()) == pytest.approx(logits[row, token], abs=1e-10)
        parts = lenses.residual_parts(model.config, model.tensors, activations, row)
        for layer in range(model.config.n_layer):
            assert parts[f"{layer}.mlp"] == pytest.approx(kept[f"{layer}.mlp"][row], abs=1e-9)
            heads = sum(parts[f"{layer}.head.{head}"] for head in range(model.config.n_head))
            assert heads + parts[f"{layer}.bias"] == pytest.approx(kept[f"{layer}.attention"][row], abs=1e-9)


def test_known_effects_of_the_bundled_model() -> None:
    """On " basketball" after "Michael Jordan plays the sport of", also measured apart from this code."""
    model = load_checkpoint(MINI)
    assert model.tokenizer is not None
    ids = model.tokenizer.encode("Michael Jordan plays the sport of")
    (token,) = model.tokenizer.encode(" basketball")
    activations = forward.activations(model.config, model.tensors, ids)
    effects = lenses.direct_effects(model.config, model.tensors, activations, len(ids) - 1, token)
    attention = [
        sum(effects[f"{k}.{part}"] for part in ("head.0", "head.1", "head.2", "head.3", "bias")) for k in range(4)
    ]
    assert [effects["token"], effects["position"]] == pytest.approx([0.60, -0.04], abs=0.005)
    assert attention == pytest.approx([0.16, 0.90, 0.65, -0.48], abs=0.005)
    assert [effects[f"{k}.mlp"] for k in range(4)] == pytest.approx([3.91, 2.04, 0.79, 7.28], abs=0.005)
    assert [effects["0.head.0"], effects["3.head.3"]] == pytest.approx([-0.08, -1.40], abs=0.005)
    assert sum(effects.values()) == pytest.approx(15.5700, abs=5e-5)

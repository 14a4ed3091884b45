"""Neurons of a fact and causal tracing, against the transformers library."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sheetgpt.gpt2.causal_tracing import DRAWS, causal_trace, normal_numbers
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.facts import NEURONS, Text, measure_facts, subject_texts
from support.checkpoints import random_checkpoint
from support.lenses import IDS, LIBRARY
from support.paths import MINI


def test_without_a_few_neurons_one_athlete_loses_his_sport_and_others_keep_theirs() -> None:
    """The experiment on "Michael Jordan plays the sport of basketball"; its figures again by transformers' hooks."""
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    model = load_checkpoint(MINI)
    texts = subject_texts(model.config, model.tokenizer)
    facts = measure_facts(model.config, dict(model.tensors), texts)
    whole, without = facts.probabilities[:, 0], facts.probabilities[:, -1]
    assert whole.min() > 0.9
    assert without[0] < 0.05
    assert without[1:].min() > 0.9
    assert len(facts.neurons) == NEURONS
    library = transformers.GPT2LMHeadModel.from_pretrained(MINI).double().eval()
    keep = torch.ones(model.config.inner, dtype=torch.float64)
    keep[facts.neurons] = 0.0
    mlp = library.transformer.h[facts.block].mlp
    mlp.c_proj.register_forward_pre_hook(lambda _, given: (given[0] * keep,))
    for number, text in enumerate(texts):
        with torch.no_grad():
            found = torch.softmax(library(torch.tensor([text.ids])).logits[0, -1], 0)[facts.answers[number]].item()
        assert without[number] == pytest.approx(found, abs=1e-9), text.words


def test_mlps_off_are_those_of_transformers(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path)
    model = load_checkpoint(folder)
    texts = subject_texts(model.config, None)[:3]
    facts = measure_facts(model.config, dict(model.tensors), texts)
    for layer in range(model.config.n_layer):
        library = transformers.GPT2LMHeadModel.from_pretrained(folder).double().eval()
        library.transformer.h[layer].mlp.register_forward_hook(lambda _, __, out: 0 * out)
        for number, text in enumerate(texts):
            with torch.no_grad():
                found = torch.softmax(library(torch.tensor([text.ids])).logits[0, -1], 0)[facts.answers[number]].item()
            assert facts.probabilities[number, 1 + layer] == pytest.approx(found, abs=1e-9)


@pytest.mark.parametrize(("row", "depth"), [(0, 0), (1, 1), (4, 1), (2, 2), (4, 2)])
def test_a_trace_is_that_of_hooks_on_transformers(tmp_path: Path, row: int, depth: int) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path)
    model = load_checkpoint(folder)
    trace = causal_trace(model.config, model.tensors, [Text("", IDS, 2, None)], 9)
    library = transformers.GPT2LMHeadModel.from_pretrained(folder).double().eval()
    ids = torch.tensor([IDS])
    with torch.no_grad():
        clean = library(ids, output_hidden_states=True)
        words = library.transformer.wte(ids)

    def put_back(_: object, __: object, out: Any) -> Any:
        """The output of block `depth` - 1, whose state is the input of the next one, or of ln_f."""
        found = (out[0] if isinstance(out, tuple) else out).clone()
        found[0, row] = kept["state"][0, row]
        return (found, *out[1:]) if isinstance(out, tuple) else found

    kept: dict[str, Any] = {}
    if depth:
        block = library.transformer.h[depth - 1]
        handle = block.register_forward_hook(
            lambda _, __, out: kept.update(state=out[0] if isinstance(out, tuple) else out)
        )
        with torch.no_grad():
            library(ids)
        handle.remove()
        block.register_forward_hook(put_back)
    chances, noisy = [], []
    plain = transformers.GPT2LMHeadModel.from_pretrained(folder).double().eval()
    for noise in np.split(trace.noise, DRAWS):
        embeds = words.clone()
        embeds[0, :2] += torch.tensor(noise)
        with torch.no_grad():
            noisy.append(torch.softmax(plain(inputs_embeds=embeds).logits[0, -1], 0)[9].item())
            if not depth:
                embeds[0, row] = words[0, row]
            chances.append(torch.softmax(library(inputs_embeds=embeds).logits[0, -1], 0)[9].item())
    assert trace.clean == pytest.approx(torch.softmax(clean.logits[0, -1], 0)[9].item(), abs=1e-9)
    assert trace.noisy == pytest.approx(np.mean(noisy), abs=1e-9)
    assert trace.restored[row, depth] == pytest.approx(np.mean(chances), abs=1e-9)


def test_noise_is_normal_and_the_same_every_time() -> None:
    """Mean and variance of 4,000 numbers, within five standard errors (0.016 and 0.022)."""
    found = normal_numbers(40, 100)
    assert abs(found.mean()) < 0.08
    assert abs(found.var() - 1) < 0.11
    assert normal_numbers(40, 100).tolist() == found.tolist()
    assert abs(np.corrcoef(found[:20].ravel(), found[20:].ravel())[0, 1]) < 0.11


@pytest.mark.parametrize("positions", [1, 2, 3, 7])
@pytest.mark.parametrize("tokenizer", [True, False])
def test_a_model_with_few_positions(tmp_path: Path, positions: int, tokenizer: bool) -> None:
    model = load_checkpoint(random_checkpoint(tmp_path, n_positions=positions))
    texts = subject_texts(model.config, model.tokenizer if tokenizer else None)
    measured = measure_facts(model.config, model.tensors, texts)
    assert np.isfinite(measured.probabilities).all()

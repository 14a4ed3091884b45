"""Neurons and total effects on the sheet Attribution, against the transformers library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sheetgpt.commands.build import build
from sheetgpt.commands.recalc import recalc
from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.total_effects import ablated_logits
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.verification.workbook import check
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.lenses import (
    IDS,
    LIBRARY,
    ROWS,
    assert_lens_is_that_of_the_reference,
    assert_lenses_are_those_of_the_reference,
    calculated,
)

OPTIONS = LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("attribution",))
TOKEN = 9


def test_neurons_are_those_of_transformers(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path)
    book = build_book(load_checkpoint(folder), OPTIONS)
    calculator = calculated(book)
    calculator.set("attribution.typed_block", 0.0)
    calculator.set("attribution.typed_token", float(TOKEN))
    calculator.update()
    assert_lenses_are_those_of_the_reference(book)
    library = transformers.GPT2LMHeadModel.from_pretrained(folder).double().eval()
    kept: dict[str, Any] = {}
    mlp = library.transformer.h[0].mlp
    mlp.act.register_forward_hook(lambda _, __, out: kept.update(act=out[0, -1]))
    library.transformer.ln_f.register_forward_pre_hook(lambda _, given: kept.update(last=given[0][0, -1]))
    with torch.no_grad():
        library(torch.tensor([IDS]))
        scale = torch.sqrt(kept["last"].var(unbiased=False) + library.transformer.ln_f.eps)
        rows = mlp.c_proj.weight - mlp.c_proj.weight.mean(dim=1, keepdim=True)
        pushes = (rows * library.transformer.ln_f.weight) @ library.lm_head.weight.T  # [inner, V]
        adds = (kept["act"] * pushes[:, TOKEN] / scale).numpy()
    assert book.read("attribution.neuron_effects").ravel() == pytest.approx(adds, abs=1e-9)
    shown = book.read("vocabulary.shown").ravel()
    for name, order in (("up", np.argsort(-adds)), ("down", np.argsort(adds))):
        found = book.read(f"attribution.{name}_neurons").ravel().astype(int)
        assert found.tolist() == order[: len(found)].tolist()
        for neuron, promotes, suppresses in zip(
            found, book.read(f"attribution.{name}_promotes"), book.read(f"attribution.{name}_suppresses"), strict=True
        ):
            order = np.argsort(-pushes[neuron].numpy())
            assert promotes.tolist() == shown[order[:3]].tolist()
            assert suppresses.tolist() == shown[order[:-4:-1]].tolist()


def test_all_neurons_and_the_bias_are_the_effect_of_the_mlp(small_model: Model) -> None:
    config, tensors = small_model.config, small_model.tensors
    activations = forward.activations(config, tensors, IDS)
    effects = lenses.direct_effects(config, tensors, activations, 3, TOKEN)
    scale = lenses.final_scale(config, activations, 3)
    for layer in range(config.n_layer):
        one = lenses.neuron_effects(config, tensors, activations, (layer, 3), TOKEN)
        bias = {"bias": tensors[f"h.{layer}.mlp.c_proj.bias"][0]}
        rest = lenses.effects_of_parts(config, tensors, bias, scale, TOKEN)["bias"]
        assert one.sum() + rest == pytest.approx(effects[f"{layer}.mlp"], abs=1e-10)


def test_total_effects_are_those_of_transformers(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path)
    model = load_checkpoint(folder)
    config, library = model.config, transformers.GPT2LMHeadModel.from_pretrained(folder).double().eval()

    def logits(hook: Callable[[], Any]) -> np.ndarray:
        handle = hook()
        with torch.no_grad():
            found = library(torch.tensor([IDS])).logits[0, -1].numpy()
        handle.remove()
        return np.asarray(found)

    def without(head: int) -> Callable[[object, tuple], tuple]:
        columns = torch.arange(config.n_embd) // config.width != head
        return lambda _, given: (given[0] * columns,)

    found = ablated_logits(config, model.tensors, IDS)
    for layer, block in enumerate(library.transformer.h):
        off = logits(lambda b=block: b.mlp.register_forward_hook(lambda _, __, out: 0 * out))  # type: ignore[misc]
        assert found[f"h.{layer}.mlp"] == pytest.approx(off, abs=1e-9)
        for head in range(config.n_head):
            drop = without(head)
            off = logits(lambda b=block, d=drop: b.attn.c_proj.register_forward_pre_hook(d))  # type: ignore[misc]
            assert found[f"h.{layer}.head.{head}"] == pytest.approx(off, abs=1e-9)
    book = build_book(model, OPTIONS)
    recalculate(book)
    whole = forward.softmax(found[""][None])[0]
    token = int(whole.argmax())
    assert book.read("attribution.total_chance_whole").item() == pytest.approx(whole[token])
    assert book.read("attribution.total_logit_heads")[1, 2] == pytest.approx(
        found[""][token] - found["h.1.head.2"][token], abs=1e-12
    )
    assert book.read("attribution.total_chance_mlp")[0, 0] == pytest.approx(
        forward.softmax(found["h.0.mlp"][None])[0, token]
    )


def test_another_prompt_is_told_and_check_knows_the_numbers_of_the_build(tmp_path: Path) -> None:
    path = build("mini", tmp_path / "a.xlsx", prompt="The", blocks="1", vocab_limit=400, lenses=["attribution"])
    assert read(path).read("attribution.stored_fits").item() == 1.0
    recalc(path, tmp_path / "b.xlsx", set={"prompt.text": "A cat"})
    book = read(tmp_path / "b.xlsx")
    assert book.read("attribution.stored_fits").item() == 0.0
    assert "NOT" in book.read("attribution.stored_note").item()
    skip = ["LibreOffice", "IronCalc"]
    report = check(tmp_path / "b.xlsx", skip=skip)
    assert report.agrees, report.as_text()
    sheet, cells = book.locate("attribution.total_chance_mlp")
    recalc(path, tmp_path / "c.xlsx", set={f"{sheet}!{cells}": 0.5})
    assert any("total_chance_mlp" in finding for finding in check(tmp_path / "c.xlsx", skip=skip).findings)


@pytest.mark.parametrize("inner", [4, 7])
def test_a_model_with_few_neurons(tmp_path: Path, inner: int) -> None:
    model = load_checkpoint(random_checkpoint(tmp_path, n_inner=inner))
    book = build_book(model, LayoutOptions(prompt="p", ids=IDS, rows=6, lenses=("attribution",)))
    recalculate(book)
    assert book.locate("attribution.up_neurons")[1].rows == inner
    assert sorted(book.read("attribution.up_neurons").ravel().tolist()) == list(range(inner))
    assert_lens_is_that_of_the_reference(book, "Attribution")

"""The lens Story, against the transformers library, and where it stands."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from support.checkpoints import random_checkpoint
from support.lenses import IDS, LIBRARY, assert_lenses_are_those_of_the_reference, calculated

ROWS = 14  # more than the maps show


def test_it_says_and_adds_what_transformers_does(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path)
    model = load_checkpoint(folder)
    book = build_book(model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("story",)))
    recalculate(book)
    assert_lenses_are_those_of_the_reference(book, at_least=500)
    library = transformers.GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager").double().eval()
    kept = []
    for block in library.transformer.h:
        for part in (block.attn.c_proj, block.mlp):
            part.register_forward_hook(lambda _, __, out: kept.append(out[0, -1]))
    with torch.no_grad():
        found = library(torch.tensor([IDS]), output_hidden_states=True, output_attentions=True)
        depths = [library.lm_head(library.transformer.ln_f(state))[0, -1] for state in found.hidden_states[:-1]]
        depths.append(found.logits[0, -1])  # the last state has been through ln_f already
        last = found.hidden_states[0][0, -1] + sum(kept)
        head, norm = library.lm_head.weight[found.logits[0, -1].argmax()], library.transformer.ln_f
        scale = torch.sqrt(last.var(unbiased=False) + norm.eps)
        adds = [
            ((part - part.mean()) / scale * norm.weight @ head).item()
            for part in (found.hidden_states[0][0, -1], *kept)
        ]
    for depth, logits in enumerate(depths):
        token, chance = book.read(f"story.says.{depth}")[0]
        assert token == book.read("vocabulary.shown")[int(logits.argmax()), 0]
        assert chance == pytest.approx(torch.softmax(logits, 0).max().item(), abs=1e-12)
    assert [book.read(f"story.adds.{k}").item() for k in range(len(adds))] == pytest.approx(adds, abs=1e-9)
    assert book.read("story.logit").item() == pytest.approx(found.logits[0, -1].max().item(), abs=1e-10)
    size = len(IDS)
    for layer, weights in enumerate(found.attentions):
        maps = np.split(book.read(f"story.maps.{layer}"), model.config.n_head, axis=1)
        for head, shown in enumerate(maps):
            past = np.tril(np.ones((size, size), dtype=bool))
            assert shown[:size, :size][past].astype(float) == pytest.approx(weights[0, head].numpy()[past], abs=1e-12)


def test_it_stands_behind_the_prompt(small_model: Model) -> None:
    book = build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("story",)))
    assert list(book.sheets)[1:3] == ["Type_Prompt_Here", "Story"]
    assert (
        len(book.sheets)
        == len(set(book.sheets))
        == len(build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS)).sheets) + 1
    )


def test_what_is_added_by_steering_is_told(small_model: Model) -> None:
    options = LayoutOptions(prompt="p", ids=IDS, rows=len(IDS), lenses=("steering", "story"))
    book = build_book(small_model, options)
    calculator = calculated(book)
    typed: dict[str, float | str] = {"strength": 3.0, "block": 1.0, "source": "two words", "plus": 7.0, "minus": 30.0}
    for name, value in typed.items():
        calculator.set(f"steering.typed_{name}", value)
    calculator.update()
    assert abs(book.read("story.steering").item()) > 0.01
    token, position = int(book.read("story.token").item()), len(IDS)
    assert book.read("story.logit").item() == pytest.approx(book.read("logits")[token, position - 1], abs=1e-10)
    assert_lenses_are_those_of_the_reference(book, at_least=300)

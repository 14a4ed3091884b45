"""The lens Loss, against the reference, the transformers library and arithmetic."""

from __future__ import annotations

from math import exp, log
from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.book import Book
from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.loss import bits_per_character, joint_log_probability, perplexity, token_losses
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.schema.prompt_limits import Limits
from support.checkpoints import random_checkpoint
from support.lenses import IDS, LIBRARY, assert_lens_is_that_of_the_reference


def loss_book(model: Model, typed: dict[str, float] | None = None, **options: object) -> Book:
    """A calculated book with the lens, and numbers typed into cells by name (the first cell of the range)."""
    given = {"prompt": "p", "ids": IDS, "rows": 7, "lenses": ("loss",)} | options
    book = build_book(model, LayoutOptions(**given))  # type: ignore[arg-type]
    for name, value in (typed or {}).items():
        sheet, rect = book.locate(name)
        book.sheets[sheet].grid[rect.top, rect.left] = value
    recalculate(book)
    return book


def test_the_mean_loss_is_that_of_transformers(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path)
    model = load_checkpoint(folder)
    library = transformers.GPT2LMHeadModel.from_pretrained(folder).double().eval()
    with torch.no_grad():
        found = library(torch.tensor([IDS]), labels=torch.tensor([IDS])).loss.item()
    losses = token_losses(forward.logits(model.config, model.tensors, IDS), IDS)
    assert losses.shape == (len(IDS) - 1,)
    assert losses.mean() == pytest.approx(found, abs=1e-6)  # transformers takes the loss in float32
    assert loss_book(model).read("loss.mean").item() == pytest.approx(losses.mean(), abs=1e-12)


def test_by_hand() -> None:
    """Two tokens that are equally likely, then one that has three quarters."""
    logits = np.array([[5.0, 5.0], [log(1), log(3)], [0.0, 0.0]])
    losses = token_losses(logits, [0, 1, 1])
    assert losses == pytest.approx([log(2), log(4 / 3)])
    assert perplexity(losses) == pytest.approx((8 / 3) ** 0.5)
    assert bits_per_character(losses, 2) == pytest.approx((1 + log(4 / 3) / log(2)) / 2)
    assert exp(joint_log_probability(losses, 2)) == pytest.approx(3 / 8)
    assert exp(joint_log_probability(losses, 3)) == pytest.approx(3 / 4)


def test_an_ending_has_the_probability_that_a_walk_through_the_model_gives(small_model: Model) -> None:
    """p of the ending, token by token with one pass for each, after what is before it."""
    start, expected = 4, 0.0
    for t in range(start - 1, len(IDS)):
        row = forward.logits(small_model.config, small_model.tensors, IDS[:t])[-1:]
        expected += log(forward.softmax(row)[0, IDS[t]])
    book = loss_book(small_model, {"loss.typed_start": 4.5})
    assert book.read("loss.start").item() == start
    assert book.read("loss.joint").item() == pytest.approx(expected, abs=1e-12)
    assert book.read("loss.per_token").item() == pytest.approx(expected / 2, abs=1e-12)
    assert_lens_is_that_of_the_reference(book, "Loss")


@pytest.mark.parametrize(("typed", "first"), [(9.0, 9), (-1.0, 0), (1e7, 1199)])
def test_choices_can_be_typed(small_model: Model, typed: float, first: int) -> None:
    book = loss_book(small_model, {"loss.typed_choices": typed})
    ids, log_p = book.read("loss.choice_ids").ravel(), book.read("loss.choice_log_p").ravel()
    likely = forward.softmax(forward.logits(small_model.config, small_model.tensors, IDS)[-1:])[0]
    best = np.argsort(-likely)
    assert ids.tolist() == [first, *best[1:5]]
    assert np.exp(log_p) == pytest.approx(likely[ids.astype(int)], rel=1e-12)
    assert book.read("loss.choice_share").sum() == pytest.approx(1)
    assert small_model.tokenizer is not None
    assert book.read("loss.chosen").item() == book.read("vocabulary.shown")[best[1], 0]
    assert_lens_is_that_of_the_reference(book, "Loss")


@pytest.mark.parametrize("prompt", ["é", "日本 and \U0001f600"])
def test_characters_are_those_that_follow_the_first_token(small_model: Model, prompt: str) -> None:
    assert small_model.tokenizer is not None
    ids = small_model.tokenizer.encode(prompt)
    book = loss_book(small_model, prompt=prompt, ids=None, rows=16, limits=Limits(24))
    whole = len(prompt) - len(small_model.tokenizer.decode(ids[:1]))  # of a part of a character, one
    assert book.read("loss.characters").item() == whole
    bits = book.read("loss.bits_per_character").item()
    losses = token_losses(forward.logits(small_model.config, small_model.tensors, ids), ids)
    assert bits == (pytest.approx(losses.sum() / log(2) / whole) if whole else "")
    assert_lens_is_that_of_the_reference(book, "Loss")


@pytest.mark.parametrize(("ids", "rows"), [([7], 1), ([7], 4), ([7, 8], 2)])
def test_short_texts_and_models_without_a_tokenizer(small_model: Model, ids: list[int], rows: int) -> None:
    bare = Model("bare", small_model.config, small_model.tensors, None)
    book = loss_book(bare, ids=ids, rows=rows)
    assert "loss.characters" not in book.names
    if rows > 1:
        assert (book.read("loss.mean").item() == "") == (len(ids) == 1)
    assert_lens_is_that_of_the_reference(book, "Loss", at_least=20)


def test_with_endoftext_in_front_every_token_of_the_prompt_is_predicted(small_model: Model) -> None:
    assert small_model.tokenizer is not None
    ids = small_model.tokenizer.encode("He moves")
    lenses = ("loss", "endoftext")
    options = {"prompt": "He moves", "ids": None, "rows": 8, "limits": Limits(16), "lenses": lenses}
    book = loss_book(small_model, {"endoftext.typed": 1.0}, **options)
    front = [small_model.tokenizer.ids["<|endoftext|>"], *ids]
    losses = token_losses(forward.logits(small_model.config, small_model.tensors, front), front)
    assert book.read("loss.nats").ravel()[: len(ids)].tolist() == pytest.approx(losses.tolist(), abs=1e-12)
    assert book.read("loss.characters").item() == len("He moves")
    assert book.read("loss.shown").ravel()[: len(front)].tolist() == book.read("vocabulary.shown")[front, 0].tolist()
    assert_lens_is_that_of_the_reference(book, "Loss")

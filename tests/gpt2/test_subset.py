"""Lighter copies: fewer blocks, a shorter vocabulary, and what the Map and the witnesses say of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer as Library
from tokenizers import models, pre_tokenizers

from sheetgpt.commands.build import build
from sheetgpt.commands.run import run
from sheetgpt.errors import UsageError
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.apply_subset import apply_subset, make_subset
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.subset import Subset, parse_blocks
from sheetgpt.gpt2.tokenizer import BYTE_LETTERS, Tokenizer
from sheetgpt.schema.names import subset_of
from sheetgpt.verification.workbook import check
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.paths import MINI


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_checkpoint(tmp_path_factory.mktemp("lighter") / "small", n_layer=5)


@pytest.fixture(scope="module")
def model(checkpoint: Path) -> Model:
    return load_checkpoint(checkpoint)


def test_blocks_in_words() -> None:
    cases = {
        "2": (0, 1),
        "12": tuple(range(12)),
        "0,5-7": (0, 5, 6, 7),
        "5-5": (5,),
        "5,": (5,),
        " 1 - 2 , 4": (1, 2, 4),
    }
    for text, blocks in cases.items():
        assert parse_blocks(text, 12) == blocks
    for wrong in ("0", "13", "", ",", "3-1", "a", "0-12", "99,", "1,1", "2,1", "1-3,2", "-1", "0-999999999999"):
        with pytest.raises(UsageError, match="--blocks"):
            parse_blocks(wrong, 12)


def test_what_a_copy_says_of_itself() -> None:
    assert (
        Subset((0, 1), 12, 5000, 50257)
        .sentence("GPT-2")
        .startswith("This copy has 2 of 12 blocks and 5,000 of 50,257 tokens; its predictions are not those of GPT-2.")
    )
    chosen = Subset((0, 5, 6, 7), 12, 50257, 50257)
    assert chosen.sentence("x") == "This copy has 4 of 12 blocks (0,5-7); its predictions are not those of x."
    for subset in (chosen, Subset((3,), 12, 300, 50257), Subset((0, 1), 2, 1, 1)):
        assert Subset.from_facts(*map(str, subset.facts.values())) == subset
    with pytest.raises(UsageError):
        Subset.from_facts("all", "many")


def test_a_copy_calculates_what_its_blocks_do(model: Model) -> None:
    copy, ids = make_subset(model, "0,3-4"), [7, 300, 9]
    assert copy.config == replace(model.config, n_layer=3)
    tokens, positions = forward.embeddings(model.tensors, ids).values()
    x = tokens + positions
    for layer in (0, 3, 4):
        x = forward.block(model.config, model.tensors, layer, x)[f"h.{layer}.step_16.output"]
    expected = forward.head(model.config, model.tensors, np.asarray(x))["logits"].T
    assert np.array_equal(forward.logits(copy.config, copy.tensors, ids), expected)
    assert dict(copy.config.tensors()) == {name: tensor.shape for name, tensor in copy.tensors.items()}
    assert make_subset(model) is model
    assert make_subset(model, "5", model.config.vocab_size) is model


def test_a_shorter_vocabulary_is_that_of_a_model_whose_vocabulary_ends_there(model: Model) -> None:
    assert model.tokenizer
    copy = make_subset(model, vocab_limit=600)
    assert copy.tokenizer
    assert copy.tensors["wte.weight"].shape == (600, model.config.n_embd)
    assert np.array_equal(copy.tensors["wte.weight"], model.tensors["wte.weight"][:600])
    assert len(copy.tokenizer) == 600
    # Another program's tokenizer from cut files; byte-level merges are in the order of their tokens' ids.
    vocabulary = {token: k for token, k in json.loads((MINI / "vocab.json").read_text()).items() if k < 600}
    lines = [tuple(line.split(" ")) for line in (MINI / "merges.txt").read_text().split("\n") if " " in line]
    merges = [(a, b) for a, b in lines if not a.startswith("#") and a + b in vocabulary]
    other = Library(models.BPE(vocab=vocabulary, merges=merges))
    other.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    for text in ("Michael Jordan plays the sport of basketball", "naïve 日本語 👍🏽", " the  the\n", "x" * 40):
        ids = copy.tokenizer.encode(text)
        assert ids == other.encode(text).ids
        assert copy.tokenizer.decode(ids) == text
        assert len(ids) >= len(model.tokenizer.encode(text))
        assert max(ids) < 600


def test_an_untied_head_is_cut_too(tmp_path: Path) -> None:
    model = load_checkpoint(random_checkpoint(tmp_path / "m", tie_word_embeddings=False))
    copy = make_subset(model, vocab_limit=300)
    assert copy.tensors["lm_head.weight"].shape == (300, 12)
    assert np.array_equal(copy.tensors["lm_head.weight"], model.tensors["lm_head.weight"][:300])


def test_bytes_without_a_token_are_refused(model: Model) -> None:
    assert make_subset(model, vocab_limit=256).tokenizer
    with pytest.raises(UsageError, match=r"--vocab-limit 255: every byte needs its token.*\nHint: .*first 256 tokens"):
        make_subset(model, vocab_limit=255)
    late = [*[f"x{k}" for k in range(50)], *BYTE_LETTERS.values(), "ab"]
    with pytest.raises(UsageError, match=r"first 306 tokens"):
        make_subset(replace(model, tokenizer=Tokenizer(late, [("a", "b")])), vocab_limit=300)
    assert make_subset(replace(model, tokenizer=None), vocab_limit=3).config.vocab_size == 3
    for wrong in (0, -1, 1201):
        with pytest.raises(UsageError, match="this model has 1,200 tokens"):
            make_subset(model, vocab_limit=wrong)


def test_blocks_that_know_their_own_number(tmp_path: Path) -> None:
    model = load_checkpoint(random_checkpoint(tmp_path / "m", n_layer=3, scale_attn_by_inverse_layer_idx=True))
    assert make_subset(model, "2").config.n_layer == 2
    with pytest.raises(UsageError, match=r"their own number\nHint: keep the first ones"):
        make_subset(model, "1-2")


def test_a_lighter_workbook_is_checked_and_run_like_any_other(checkpoint: Path, tmp_path: Path) -> None:
    path = build(
        str(checkpoint), tmp_path / "a.xlsx", prompt="one two", context=12, blocks="0,3", vocab_limit=500, lenses="none"
    )
    book = read(path)
    words = book.sheets["Map"].grid[4, 1]
    assert words == Subset((0, 3), 5, 500, 1200).sentence("small")
    assert str(words).startswith("This copy has 2 of 5 blocks (0,3) and 500 of 1,200 tokens; its predictions are not")
    assert subset_of(book) == Subset((0, 3), 5, 500, 1200)
    assert [name for name in book.sheets if name.startswith("Block_")] == ["Block_0", "Block_1"]
    report = check(path, str(checkpoint), ["IronCalc"])
    assert report.agrees, report.as_text()
    model = make_subset(load_checkpoint(checkpoint), "0,3", 500)
    assert model.tokenizer
    answer = run(path, "two of")
    ids = model.tokenizer.encode("two of")
    assert answer.ids == forward.generate(model.config, model.tensors, ids, 12)


def test_check_compares_with_the_right_part_of_the_model(checkpoint: Path, tmp_path: Path) -> None:
    path = build(
        str(checkpoint), tmp_path / "a.xlsx", prompt="one", context=4, blocks="1", vocab_limit=400, lenses="none"
    )
    skip = ["evaluator", "LibreOffice", "IronCalc"]
    other = random_checkpoint(tmp_path / "other", seed=5, n_layer=5)
    report = check(path, str(other), skip)
    assert any("weight differs" in finding for finding in report.findings)
    shorter = random_checkpoint(tmp_path / "shorter", n_layer=4)
    report = check(path, str(shorter), skip)
    assert [finding.split("\n")[0] for finding in report.findings] == [
        f"not a copy of {shorter}: shorter has 4 blocks and 1,200 tokens, not as many as the copy was made of"
    ]


def test_a_copy_made_of_another_model_is_refused(model: Model) -> None:
    with pytest.raises(UsageError, match="small has 5 blocks"):
        apply_subset(model, Subset((0,), 12, 500, 50257))

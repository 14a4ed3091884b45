"""`check --model`: the tokenizer and the configuration in a workbook are held against those of the checkpoint."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tokenizers import Tokenizer as Library
from tokenizers import models, pre_tokenizers

from sheetgpt.book.address import at
from sheetgpt.book.book import Book
from sheetgpt.commands.build import resolve_options
from sheetgpt.errors import WorkbookError
from sheetgpt.gpt2.apply_subset import make_subset
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import BuildOptions
from sheetgpt.schema.names import config_of, tensors_of
from sheetgpt.verification import tokenizer as module
from sheetgpt.verification.contents import weight_findings
from sheetgpt.verification.tokenizer import why_no_texts
from sheetgpt.verification.workbook import check
from sheetgpt.xlsx.writer import write
from support.checkpoints import random_checkpoint
from support.programs import PROGRAMS


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_checkpoint(tmp_path_factory.mktemp("model"), n_layer=1, bos_token_id=1199)


def book_of(folder: Path, tokens: int | None = None, prompt: str = "It is") -> Book:
    model = make_subset(load_checkpoint(folder), None, tokens)
    return build_book(model, resolve_options(model, BuildOptions(prompt=prompt, context=12, lenses="none")))


def findings(book: Book, folder: Path) -> list[str]:
    config = config_of(book)
    return list(weight_findings(book, tensors_of(book, config), config, str(folder)))


def as_one_file(folder: Path, to: Path) -> Path:
    """The same checkpoint with tokenizer.json in place of vocab.json and merges.txt."""
    shutil.copytree(folder, to, dirs_exist_ok=True)
    library = Library(models.BPE.from_file(str(to / "vocab.json"), str(to / "merges.txt")))
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.save(str(to / "tokenizer.json"))
    for name in ("vocab.json", "merges.txt"):
        (to / name).unlink()
    return to


def test_the_same_tokenizer_is_no_difference_in_any_form(folder: Path, tmp_path: Path) -> None:
    book = book_of(folder)
    assert findings(book, folder) == findings(book, as_one_file(folder, tmp_path)) == []


def test_another_order_of_merges_is_named(folder: Path, tmp_path: Path) -> None:
    book = book_of(folder)
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    lines = (tmp_path / "merges.txt").read_text().split("\n")
    (tmp_path / "merges.txt").write_text("\n".join([lines[0], *lines[3:40], lines[1], lines[2], *lines[40:]]))
    found = findings(book, tmp_path)
    assert found[0].startswith(f"merge differs from {tmp_path}: number 0 is ")
    assert f"tokenizer differs from {tmp_path}: " in found[1]  # a text is cut in another way


def test_a_merge_less_is_named(folder: Path, tmp_path: Path) -> None:
    book = book_of(folder)
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    lines = (tmp_path / "merges.txt").read_text().rstrip("\n").split("\n")
    (tmp_path / "merges.txt").write_text("\n".join(lines[:-1]))
    assert f"tokenizer differs from {tmp_path}: {len(lines) - 1} merges, expected {len(lines) - 2}" in findings(
        book, tmp_path
    )


def test_a_reading_that_is_wrong_is_seen_by_the_library(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if a normalizer were overlooked when the files are read: tokens and merges are the same."""
    as_one_file(folder, tmp_path)
    file = tmp_path / "tokenizer.json"
    description = json.loads(file.read_text())
    file.write_text(json.dumps(description | {"normalizer": {"type": "Lowercase"}}))
    monkeypatch.setattr("sheetgpt.gpt2.tokenizer_files._refuse_kinds", lambda *given: None)
    (found,) = findings(book_of(folder), tmp_path)
    assert "'It is' is [306, 257], there [310, 257]" in found


def test_a_special_token_that_the_prompt_spells_is_told(folder: Path) -> None:
    (found,) = findings(book_of(folder, prompt="<|endoftext|>"), folder)
    assert "the prompt spells a special token" in found
    assert "[1199]" in found


def test_a_lighter_copy_says_what_was_not_compared(folder: Path) -> None:
    book = book_of(folder, tokens=900)
    assert findings(book, folder) == []
    assert why_no_texts(book_of(folder)) == ""
    assert "first tokens only" in why_no_texts(book)


def test_a_workbook_without_a_model_is_not_held_against_one(folder: Path, tmp_path: Path) -> None:
    """It would agree with any checkpoint."""
    book = Book()
    book.add("Sheet1").put_formula(at(1, 1), "1+1")
    write(book, tmp_path / "plain.xlsx")
    with pytest.raises(WorkbookError, match="holds no GPT-2"):
        check(tmp_path / "plain.xlsx", model=str(folder), skip=PROGRAMS)


def test_settings_that_change_no_shape_are_compared(folder: Path, tmp_path: Path) -> None:
    book = book_of(folder)
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    config = json.loads((tmp_path / "config.json").read_text())
    for entries, words in (
        ({"layer_norm_epsilon": 0.5}, "layer_norm_epsilon is 1e-05, not 0.5"),
        ({"n_head": 4}, "n_head is 3, not 4"),
        ({"scale_attn_weights": False}, "scale_attn_weights is True, not False"),
    ):
        (tmp_path / "config.json").write_text(json.dumps(config | entries))
        assert findings(book, tmp_path) == [f"the workbook's configuration is not that of {tmp_path}: {words}"]
    (tmp_path / "config.json").write_text(json.dumps(config | {"activation_function": "gelu_accurate"}))
    assert findings(book, tmp_path) == []


def test_texts_have_what_other_tokenizers_cut_in_another_way() -> None:
    assert any(text != text.lower() for text in module._TEXTS)
    assert any(not text.isascii() for text in module._TEXTS)
    assert any(text.startswith(" ") for text in module._TEXTS)
    assert any(not text.startswith(" ") for text in module._TEXTS)

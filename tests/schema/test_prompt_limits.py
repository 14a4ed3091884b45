"""Prompts within and beyond a workbook's limits, as build and run meet them."""

from pathlib import Path

import pytest

from sheetgpt.commands.build import build
from sheetgpt.commands.run import run
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.schema.prompt import limits_of, prompt_ids, reads_text
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_checkpoint(tmp_path_factory.mktemp("model") / "small")


@pytest.fixture(scope="module")
def workbook(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(
        str(folder),
        tmp_path_factory.mktemp("books") / "a.xlsx",
        prompt="One two",
        context=9,
        max_chars=12,
        lenses="none",
    )


def test_a_built_workbook_reads_its_prompt(workbook: Path, folder: Path) -> None:
    book, tokenizer = read(workbook), load_checkpoint(folder).tokenizer
    assert tokenizer is not None
    assert limits_of(book) is not None
    assert prompt_ids(book) == tokenizer.encode("One two")


def test_run_types_the_text_and_formulas_do_the_rest(workbook: Path, folder: Path, tmp_path: Path) -> None:
    tokenizer = load_checkpoint(folder).tokenizer
    assert tokenizer is not None
    answer = run(workbook, prompt="it's é", output=tmp_path / "b.xlsx")
    ids = tokenizer.encode("it's é")
    assert (answer.ids[: answer.length], answer.prompt) == (ids, "it's é")
    book = read(tmp_path / "b.xlsx")
    assert reads_text(book)
    assert prompt_ids(book) == ids


def test_token_ids_stand_for_the_text_that_is_cut_into_them(workbook: Path, folder: Path) -> None:
    tokenizer = load_checkpoint(folder).tokenizer
    assert tokenizer is not None
    assert run(workbook, token_ids=tokenizer.encode("One")).prompt == "One"
    apart = [tokenizer.ids["t"], tokenizer.ids["h"], tokenizer.ids["e"]]
    assert tokenizer.encode("the") != apart
    with pytest.raises(UsageError, match="build a workbook with --token-ids"):
        run(workbook, token_ids=apart)


def test_token_ids_at_build_are_numbers_to_change(folder: Path, tmp_path: Path) -> None:
    path = build(str(folder), tmp_path / "ids.xlsx", token_ids=[84, 72, 69], context=5, lenses="none")
    assert not reads_text(read(path))
    assert run(path, token_ids=[5, 6]).ids[:2] == [5, 6]
    assert run(path, prompt="One").prompt == "One"


@pytest.mark.parametrize(
    ("prompt", "words"),
    [("zqzqzqzqzqzqz", "9 rows for tokens"), ("the play of t", "12 characters"), ("", "empty")],
)
def test_prompts_beyond_the_limits_are_refused_before_any_work(
    workbook: Path, folder: Path, tmp_path: Path, prompt: str, words: str
) -> None:
    for make in (
        lambda: run(workbook, prompt=prompt),
        lambda: build(str(folder), tmp_path / "no.xlsx", prompt=prompt, context=9, max_chars=12, lenses="none"),
    ):
        with pytest.raises(UsageError, match=words):
            make()
    assert not (tmp_path / "no.xlsx").exists()

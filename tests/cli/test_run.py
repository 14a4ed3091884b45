"""`sheetgpt run`: continuation and candidates, a copy with the new values, sampling, and any text as a prompt."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import pytest

from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.command_line import assert_refused, call


def test_run_prints_continuation_and_candidates(mini: Path) -> None:
    result = call("run", mini, "--prompt", "Mike is quick. He moves", "--top", 3)
    assert result.exit_code == 0
    assert result.stdout.startswith("Mike is quick. He moves quickly.")
    assert re.findall(r"(?m)^(·\w+) +\d+\.\d\d% +\d+\.\d{4} +\d+$", result.stdout)[0] == "·quickly"
    entries = json.loads(call("run", mini, "--prompt", "Mike is quick. He moves", "--top", 3, "--json").stdout)
    assert entries["top"][0]["text"] == " quickly"
    assert len(entries["top"]) == 3
    assert entries["continuation"].startswith(" quickly")


def test_run_without_a_prompt_answers_the_one_in_the_file(mini: Path) -> None:
    assert call("run", mini).stdout.startswith("Michael Jordan plays the sport of basketball")


def test_run_writes_a_copy_that_holds_the_new_values(mini: Path, tmp_path: Path) -> None:
    before = mini.read_bytes()
    assert call("run", mini, "--prompt", "If today is Tuesday, tomorrow is", "-o", tmp_path / "new.xlsx").exit_code == 0
    assert mini.read_bytes() == before
    book = read(tmp_path / "new.xlsx")
    assert book.read("prompt.text")[0, 0] == "If today is Tuesday, tomorrow is"
    assert book.read("next.shown")[0, 0] == "·Wednesday"
    result = call("check", tmp_path / "new.xlsx", "--skip", "LibreOffice", "--skip", "IronCalc")
    assert result.exit_code == 0, result.output


def test_run_draws_with_the_settings_of_the_sheet(mini: Path, tmp_path: Path) -> None:
    options = ["--temperature", 1.5, "--top-k", 20, "--top-p", 0.99, "--seed", 3]
    result = call("run", mini, *options, "--json", "-o", tmp_path / "drawn.xlsx")
    assert result.exit_code == 0, result.output
    book = read(tmp_path / "drawn.xlsx")
    assert [book.read(f"sampling.{name}")[0, 0] for name in ("temperature", "top_k", "top_p", "seed")] == [
        1.5,
        20,
        0.99,
        3,
    ]
    assert json.loads(result.stdout)["continuation"] == book.read("continuation.text")[0, 0]
    _assert_shows_what_is_drawn_with(json.loads(result.stdout), call("run", mini, *options).stdout)
    other = json.loads(call("run", mini, *options[:-1], 4, "--json").stdout)
    assert other["continuation"] != json.loads(result.stdout)["continuation"]
    again = json.loads(call("run", tmp_path / "drawn.xlsx", "--seed", 4, "--json").stdout)
    assert again["continuation"] == other["continuation"]  # what is not given stays as it is in the file
    assert call("check", tmp_path / "drawn.xlsx").exit_code == 0
    for wrong, words in (
        (["--temperature", -1], "--temperature -1"),
        (["--top-k", 99], "1 to 40 candidates"),
        (["--top-p", 0], "--top-p 0"),
        (["--seed", -2], "--seed -2"),
    ):
        assert_refused(call("run", mini, *wrong), words)
    assert_refused(call("build", "-o", tmp_path / "x.xlsx", "--candidates", 3), "--candidates 3: expected 10 or more")


def _assert_shows_what_is_drawn_with(answer: dict, text: str) -> None:
    """The softmax at that temperature of the 20 best logits, beside the model's own."""
    assert answer["sampling"] == {"temperature": 1.5, "top_k": 20, "top_p": 0.99, "seed": 3}
    first, second = answer["top"][:2]
    assert math.isclose(first["drawn"] / second["drawn"], math.exp((first["logit"] - second["logit"]) / 1.5))
    own = first["probability"] / second["probability"]
    assert math.isclose(own, math.exp(first["logit"] - second["logit"]))
    assert 0.9 < sum(candidate["drawn"] for candidate in answer["top"]) < 1
    head, line = text.splitlines()[-8], text.splitlines()[-7]
    assert head.split() == ["next", "token", "probability", "drawn", "logit", "id"]
    assert line.split()[1:3] == [f"{first['probability']:.2%}", f"{first['drawn']:.2%}"]
    assert text.endswith("drawn: with which the token is drawn, at temperature 1.5, top-k 20, top-p 0.99\n")


def test_without_a_temperature_there_is_one_probability(mini: Path) -> None:
    assert "drawn" not in call("run", mini).stdout
    top = json.loads(call("run", mini, "--json").stdout)["top"]
    assert [candidate["drawn"] for candidate in top] == [1.0] + [0.0] * 4


def test_a_number_as_prompt_is_told_as_the_sheet_takes_it(mini: Path, tmp_path: Path) -> None:
    for typed, text in (("12", "12"), ("TRUE", "TRUE")):
        result = call("recalc", mini, "-o", tmp_path / "n.xlsx", "--set", f"prompt.text={typed}")
        assert result.exit_code == 0, result.output
        entries = json.loads(call("run", tmp_path / "n.xlsx", "--json").stdout)
        assert entries["prompt"] == text == read(tmp_path / "n.xlsx").read("map.prompt")[0, 0]


@pytest.mark.parametrize("prompt", ['=HYPERLINK("http://example.com","x")', "'quoted", "+1", "\x07 a\tb né 😀", "@x"])
def test_any_prompt_is_just_text(tmp_path: Path, prompt: str) -> None:
    path, model = tmp_path / "text.xlsx", random_checkpoint(tmp_path / "model", n_positions=40, n_layer=1)
    assert call("build", model, "-o", path, "--prompt", prompt, "--context", 40, "--lens", "none").exit_code == 0
    book = read(path)
    assert book.read("prompt.text")[0, 0] == prompt
    sheet, rect = book.locate("prompt.text")
    assert not any(formula.rect.intersect(rect) for formula in book.sheets[sheet].formulas)
    copied = call("run", path, "--prompt", prompt + " a", "-o", tmp_path / "copy.xlsx")
    assert copied.exit_code == 0, copied.output
    assert read(tmp_path / "copy.xlsx").read("prompt.text")[0, 0] == prompt + " a"


def test_a_checkpoint_without_a_tokenizer_takes_ids(tmp_path: Path) -> None:
    folder = random_checkpoint(tmp_path / "bare")
    for name in ("vocab.json", "merges.txt"):
        (folder / name).unlink()
    assert_refused(call("build", folder, "-o", tmp_path / "x.xlsx"), "give the prompt as --token-ids")
    assert call("build", folder, "-o", tmp_path / "x.xlsx", "--token-ids", "3, 4", "--lens", "none").exit_code == 0
    entries = json.loads(call("run", tmp_path / "x.xlsx", "--token-ids", "5 6 7", "--json").stdout)
    assert (entries["ids"][:3], entries["length"]) == ([5, 6, 7], 3)
    assert_refused(call("run", tmp_path / "x.xlsx", "--prompt", "text"), "this workbook has no tokenizer")

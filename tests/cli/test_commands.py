"""What each command but `run` prints, and its exit status; the examples of the help pages; the launchers."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sheetgpt
from sheetgpt.cli.main import main
from sheetgpt.hub.checksums import Checksums, sha256
from sheetgpt.hub.sparse_autoencoder import Feature
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.command_line import assert_refused, call
from support.paths import ROOT

VERBS = ["fetch", "build", "run", "check", "diff", "show", "recalc", "steer", "fetch-sae", "functions", "cache"]
VERBS += ["sweep", "score", "git-diff", "text"]


def test_every_verb_is_tested_here() -> None:
    assert sorted(main.commands) == sorted(VERBS)


def test_check_tells_what_could_not_be_compared(tmp_path: Path) -> None:
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "=1+1"
    workbook.save(tmp_path / "bare.xlsx")
    result = call("check", tmp_path / "bare.xlsx")
    assert result.exit_code == 2
    assert "COULD NOT BE COMPARED" in result.stdout
    assert "DIFFER" not in result.stdout
    entries = json.loads(call("check", tmp_path / "bare.xlsx", "--json").stdout)
    assert (entries["outcome"], entries["no_stored_value"]) == ("not compared", 1)


def test_check_says_what_differs_and_exits_with_1(mini: Path, tmp_path: Path) -> None:
    patch(mini, tmp_path / "bad.xlsx", {"Block_2": {(6, 4): 99.0}})
    options = ["--skip", "libreoffice", "--skip", "ironcalc"]
    result = call("check", tmp_path / "bad.xlsx", *options)
    assert result.exit_code == 1
    assert "! first difference: h.2.step_01.input: Block_2!D6: 99 and" in result.stdout
    entries = json.loads(call("check", tmp_path / "bad.xlsx", "--json", *options).stdout)
    assert entries["first_difference"]["cell"] == "Block_2!D6"
    assert call("check", mini, *options).exit_code == 0


def test_diff_is_silent_about_equals_and_exits_like_diff(mini: Path, tmp_path: Path) -> None:
    result = call("diff", mini, mini)
    assert (result.exit_code, result.stdout) == (0, "")
    patch(mini, tmp_path / "b.xlsx", {"wte.weight": {(4, 2): 0.5}})
    result = call("diff", mini, tmp_path / "b.xlsx")
    assert result.exit_code == 1
    assert "@@ 'wte.weight'!B4 @@" in result.stdout
    entries = json.loads(call("diff", mini, tmp_path / "b.xlsx", "--json").stdout)
    assert (entries["equal"], entries["differences"]) == (False, 1)
    assert call("diff", mini, tmp_path / "b.xlsx", "--ignore", "wte.weight").exit_code == 0
    assert call("diff", mini, tmp_path / "b.xlsx", "--tolerance", 10).exit_code == 0
    assert_refused(call("diff", mini, tmp_path / "none.xlsx"), "there is no file")


def test_show_explains_a_cell(mini: Path) -> None:
    result = call("show", mini, "Block_0!D150")
    assert result.exit_code == 0
    for words in (
        "h.0.step_06.scores.0",
        "block 0, step 6 (scores), head 0",
        "{=MMULT(",
        "Block_0!C89:R89  h.0.step_05.q",
    ):
        assert words in result.stdout, result.stdout
    entries = json.loads(call("show", mini, "h.3.mlp.c_fc.weight", "--json").stdout)
    assert entries["cell"] == "'h.3.mlp.c_fc.weight'!B4"
    assert entries["formula"] is None
    assert_refused(call("show", mini, "Block_9!A1"), "no sheet 'Block_9'")
    assert_refused(call("show", mini, "A1"), "neither a defined name nor a cell")


def test_recalc_types_a_value_and_writes_a_copy(mini: Path, tmp_path: Path) -> None:
    result = call("recalc", mini, "-o", tmp_path / "new.xlsx", "--set", "ln_f.bias!B4=100", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["formulas"] == sum(len(s.formulas) for s in read(mini).sheets.values())
    assert read(tmp_path / "new.xlsx").read("ln_f.bias")[0, 0] == 100
    assert call("diff", mini, tmp_path / "new.xlsx", "--no-values").stdout.count("@@") == 2  # the one cell
    assert_refused(call("recalc", mini, "-o", tmp_path / "x.xlsx", "--set", "Block_0!C10=1"), "holds a formula")
    assert_refused(call("recalc", mini, "-o", tmp_path / "x.xlsx", "--set", "C10"), "no value")
    assert_refused(call("recalc", mini, "-o", tmp_path / "x.xlsx", "--set", "ln_f.bias!B4=1,5"), "looks like a number")
    assert_refused(call("recalc", mini, "-o", tmp_path / "no" / "x.xlsx"), "cannot be written")
    assert not (tmp_path / "x.xlsx").exists()


def test_functions_are_listed() -> None:
    lines = call("functions").stdout.splitlines()
    assert "SUM                  1 or more" in lines
    assert lines == sorted(lines)
    assert json.loads(call("functions", "--json").stdout)["IFS"] == [2, None]


def _fetched(folder: Path) -> None:
    """A checkpoint as `sheetgpt fetch gpt2` leaves it."""
    random_checkpoint(folder)
    files = {path.name: (sha256(path), path.stat().st_size) for path in folder.iterdir()}
    Checksums("openai-community/gpt2", "607a30d783dfa663", "https://huggingface.co", files).write(folder)


def _feature(release: str, hook: str, number: int) -> Feature:
    """What a hub would give; tests/hub asks one."""
    return Feature(np.arange(3.0), release, "607a30d783dfa663", hook, number, 24576)


def test_fetch_says_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _fetched(tmp_path / "weights" / "gpt2")
    line = call("fetch", "gpt2").stdout
    pattern = r"weights/gpt2: openai-community/gpt2 at 607a30d783df, 4 files, 0\.\d MB, checked; nothing to download\n"
    assert re.fullmatch(pattern, line)
    entries = json.loads(call("fetch", "gpt2", "--json").stdout)
    assert entries["folder"] == "weights/gpt2"
    assert set(entries["files"]) == {"config.json", "model.safetensors", "vocab.json", "merges.txt"}
    assert_refused(call("fetch", "gpt9"), "'gpt9' is no model that can be fetched")


@pytest.mark.parametrize("verb", VERBS)
def test_help_ends_with_an_example_that_works(
    verb: str, mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mini.xlsx").write_bytes(mini.read_bytes())
    (tmp_path / "other.xlsx").write_bytes(mini.read_bytes())
    for name in ("prompts.txt", "texts.txt"):
        (tmp_path / name).write_text("The capital of France is\n")
    monkeypatch.chdir(tmp_path)
    if verb == "fetch":  # what it would ask for at the hub is there already
        _fetched(tmp_path / "weights" / "gpt2")
    if verb == "fetch-sae":
        monkeypatch.setattr("sheetgpt.hub.sparse_autoencoder.fetch_feature", _feature)
    page = call(verb, "--help").stdout
    examples = page[page.index("Example:") :].strip().splitlines()[1:]
    assert examples
    for line in examples:
        program, *arguments = shlex.split(line)
        assert program == "sheetgpt"
        result = call(*arguments)
        assert result.exit_code == 0, result.output


@pytest.mark.parametrize("launcher", [[str(ROOT / "cli.py")], ["-m", "sheetgpt"]])
def test_launchers_work_from_any_folder(launcher: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, *launcher, "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        check=True,
    )
    assert done.stdout == f"sheetgpt, version {sheetgpt.__version__}\n"

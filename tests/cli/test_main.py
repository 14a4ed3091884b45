"""The command line: what it prints, its exit status, and what it says of bad input."""

from __future__ import annotations

import json
import math
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import sheetgpt
from sheetgpt.cli.main import main
from sheetgpt.hub.checksums import Checksums, sha256
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.paths import ROOT

VERBS = ["fetch", "build", "run", "check", "diff", "show", "recalc", "functions", "cache"]


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "mini.xlsx"
    result = call("build", "mini", "-o", path)
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r".*mini\.xlsx: \d\.\d MB, written, read back and found equal\n", result.output)
    return path


def assert_refused(result: Result, words: str) -> None:
    """Status 2, one clear sentence on stderr, nothing on stdout, no traceback."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert re.search(words, result.stderr), result.stderr
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)


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


def test_functions_are_listed() -> None:
    lines = call("functions").stdout.splitlines()
    assert "SUM                  1 or more" in lines
    assert lines == sorted(lines)
    assert json.loads(call("functions", "--json").stdout)["IFS"] == [2, None]


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


def test_a_number_as_prompt_is_told_as_the_sheet_takes_it(mini: Path, tmp_path: Path) -> None:
    for typed, text in (("12", "12"), ("TRUE", "TRUE")):
        result = call("recalc", mini, "-o", tmp_path / "n.xlsx", "--set", f"prompt.text={typed}")
        assert result.exit_code == 0, result.output
        entries = json.loads(call("run", tmp_path / "n.xlsx", "--json").stdout)
        assert entries["prompt"] == text == read(tmp_path / "n.xlsx").read("map.prompt")[0, 0]


def test_a_long_prompt_is_refused_with_what_helps(mini: Path) -> None:
    result = call("run", mini, "--prompt", "0123456789" * 8)
    assert result.exit_code == 2
    assert "shorten it: the model has positions for 64 tokens" in result.stderr
    assert "--context" not in result.stderr


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


@pytest.mark.parametrize(
    "prompt", ['=HYPERLINK("http://example.com","x")', "=1+1", "'quoted", "+1", "\x07 bell", "a\tb", "né 😀", "@x"]
)
def test_any_prompt_is_just_text(tmp_path: Path, prompt: str) -> None:
    path, model = tmp_path / "text.xlsx", random_checkpoint(tmp_path / "model", n_positions=40, n_layer=1)
    assert call("build", model, "-o", path, "--prompt", prompt, "--context", 40).exit_code == 0
    book = read(path)
    assert book.read("prompt.text")[0, 0] == prompt
    sheet, rect = book.locate("prompt.text")
    assert not any(formula.rect.intersect(rect) for formula in book.sheets[sheet].formulas)
    copied = call("run", path, "--prompt", prompt + " a", "-o", tmp_path / "copy.xlsx")
    assert copied.exit_code == 0, copied.output
    assert read(tmp_path / "copy.xlsx").read("prompt.text")[0, 0] == prompt + " a"


def test_prompts_that_cannot_be_are_refused(mini: Path, tmp_path: Path) -> None:
    path = tmp_path / "no.xlsx"
    assert_refused(call("build", "-o", path, "--prompt", ""), "the prompt is empty")
    assert_refused(
        call("build", "-o", path, "--prompt", "x y " * 20), r"the prompt has \d+ tokens, but the workbook has 16 rows"
    )
    assert_refused(call("build", "-o", path, "--prompt", "\udcff"), "lone surrogate")
    assert_refused(call("build", "-o", path, "--token-ids", "1,x"), "expected whole numbers")
    assert_refused(call("build", "-o", path, "--token-ids", "1,5000"), "there is no token 5000")
    assert_refused(call("build", "-o", path, "--prompt", "a", "--token-ids", "1"), "a prompt and token ids at once")
    assert_refused(call("build", "-o", path, "--context", 65), "positions for 1 to 64 tokens")
    assert_refused(call("run", mini, "--prompt", ""), "the prompt is empty")
    assert_refused(call("run", mini, "--prompt", "word " * 5_000), "tokens, but the workbook has 16 rows")
    assert_refused(call("run", mini, "--prompt", "x" * 40_000), "40,000 characters, and a cell holds 32,767")
    assert not path.exists()


def test_files_that_are_no_workbooks_are_refused(mini: Path, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("hello")
    (tmp_path / "cut.xlsx").write_bytes(mini.read_bytes()[:200_000])
    for verb in (["run"], ["check"], ["show"], ["recalc", "-o", tmp_path / "out.xlsx"]):
        tail = ["A!A1"] if verb == ["show"] else []
        for name, words in (
            ("missing.xlsx", "there is no file"),
            ("text.xlsx", "no zip archive"),
            ("cut.xlsx", "damaged"),
        ):
            assert_refused(call(*verb, tmp_path / name, *tail), words)


def test_a_workbook_of_something_else_is_refused_by_run(tmp_path: Path) -> None:
    import openpyxl

    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    assert_refused(call("run", tmp_path / "other.xlsx"), "holds no GPT-2 that sheetgpt wrote")


def test_models_that_are_not_there_are_refused(tmp_path: Path) -> None:
    assert_refused(call("build", "gpt9", "-o", tmp_path / "x.xlsx"), "no model 'gpt9'")
    assert_refused(call("build", tmp_path, "-o", tmp_path / "x.xlsx"), "config.json cannot be read")


def test_a_failed_build_keeps_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_text("precious")
    assert_refused(call("build", "-o", tmp_path / "x.xlsx", "--prompt", ""), "empty")
    assert (tmp_path / "x.xlsx").read_text() == "precious"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_checkpoint_without_a_tokenizer_takes_ids(tmp_path: Path) -> None:
    folder = random_checkpoint(tmp_path / "bare")
    for name in ("vocab.json", "merges.txt"):
        (folder / name).unlink()
    assert_refused(call("build", folder, "-o", tmp_path / "x.xlsx"), "give the prompt as --token-ids")
    assert call("build", folder, "-o", tmp_path / "x.xlsx", "--token-ids", "3, 4").exit_code == 0
    entries = json.loads(call("run", tmp_path / "x.xlsx", "--token-ids", "5 6 7", "--json").stdout)
    assert (entries["ids"][:3], entries["length"]) == ([5, 6, 7], 3)
    assert_refused(call("run", tmp_path / "x.xlsx", "--prompt", "text"), "this workbook has no tokenizer")


@pytest.mark.parametrize("verb", VERBS)
def test_help_ends_with_an_example_that_works(
    verb: str, mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mini.xlsx").write_bytes(mini.read_bytes())
    (tmp_path / "other.xlsx").write_bytes(mini.read_bytes())
    monkeypatch.chdir(tmp_path)
    if verb == "fetch":  # what it would ask for at the hub is there already
        _fetched(tmp_path / "weights" / "gpt2")
    page = call(verb, "--help").stdout
    examples = page[page.index("Example:") :].strip().splitlines()[1:]
    assert examples
    for line in examples:
        program, *arguments = shlex.split(line)
        assert program == "sheetgpt"
        result = call(*arguments)
        assert result.exit_code == 0, result.output


def _fetched(folder: Path) -> None:
    """A checkpoint as `sheetgpt fetch gpt2` leaves it."""
    random_checkpoint(folder)
    files = {path.name: (sha256(path), path.stat().st_size) for path in folder.iterdir()}
    Checksums("openai-community/gpt2", "607a30d783dfa663", "https://huggingface.co", files).write(folder)


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


def test_every_verb_is_tested_here() -> None:
    assert sorted(main.commands) == sorted(VERBS)


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

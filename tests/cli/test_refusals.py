"""What the command line says of bad input: one clear sentence and status 2."""

from __future__ import annotations

from pathlib import Path

from support.command_line import assert_refused, call


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


def test_a_long_prompt_is_refused_with_what_helps(mini: Path) -> None:
    result = call("run", mini, "--prompt", "0123456789" * 8)
    assert result.exit_code == 2
    assert "shorten it: the model has positions for 64 tokens" in result.stderr
    assert "--context" not in result.stderr


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

"""The commands and the Python of the README do what it says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from sheetgpt.cli.main import main
from support.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
NOT_RUN_HERE = {"make demo", "make test", "make test-all", "pip install ."}  # .ci/run runs these


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def matches(expected: list[str], actual: str) -> bool:
    """Whether the lines stand in the output one after the other; "..." stands for any lines, also none.

    Sizes of files, which depend on the version of zlib, may differ by less than a megabyte.
    """
    *expected, actual = (
        re.sub(r"\d+\.\d MB", lambda size: f"{float(size[0][:-3]):.0f} MB", text) for text in (*expected, actual)
    )
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in expected)
    return re.fullmatch(pattern, actual) is not None


def test_matching_can_fail() -> None:
    assert matches(["a", "...", "c"], "a\nb\nb\nc\n")
    assert matches(["a", "...", "c"], "a\nc\n")
    assert not matches(["a", "...", "c"], "a\nc\nd\n")
    assert not matches(["a"], "b\n")
    assert matches(["6.0 MB"], "6.3 MB\n")
    assert not matches(["6.4 MB"], "5.4 MB\n")


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = compared = 0
    for block in blocks("console"):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, *expected = part.rstrip("\n").split("\n")
            if command in NOT_RUN_HERE:
                continue
            command, _, comment = command.partition("   # exit status ")
            program, *arguments = shlex.split(command)
            assert program == "sheetgpt"
            result = CliRunner().invoke(main, arguments)
            assert result.exit_code == int(comment or 0), f"{command}\n{result.output}"
            if expected:
                assert matches(expected, result.stdout), f"{command}\n{result.stdout}"
            run, compared = run + 1, compared + bool(expected)
    assert run >= 8
    assert compared >= 5


def test_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["build", "mini", "-o", "mini.xlsx"]).exit_code == 0
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})
    probability, shown, count, shape = capsys.readouterr().out.splitlines()
    assert probability == "0.071"
    assert shown == "·basketball"
    assert 0 < int(count) < 5000  # of some 30,000: what lies before the change is left alone
    assert shape == "(16, 64)"


def test_links_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", README)
    assert len(targets) >= 5
    for target in targets:
        assert (ROOT / target).exists(), target

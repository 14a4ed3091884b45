"""Workbooks as text, `sheetgpt text`, and what git shows of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.command_line import assert_refused, call
from support.paths import ROOT
from support.plan_file import plan


def test_text(tmp_path: Path) -> None:
    result = call("text", plan(tmp_path / "a.xlsx"))
    assert result.stdout.splitlines()[:8] == [
        "name tax = Report!$B$1",
        "sheet Plan",
        'Plan!A1: "item"',
        'Plan!B1: "each"',
        'Plan!C1: "count"',
        'Plan!D1: "price"',
        'Plan!A2: "bolt"',
        "Plan!B2: 2",
    ]
    assert "Plan!D2: =B2*C2*(1+tax) -> 25" in result.stdout.splitlines()
    assert "Plan!D2: =B2*C2*(1+tax)" in call("text", tmp_path / "a.xlsx", "--no-values").stdout.splitlines()
    assert_refused(call("text", tmp_path / "none.xlsx"), "there is no file")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
@pytest.mark.parametrize(("setting", "verb"), [("textconv", "text"), ("command", "git-diff")])
def test_git_shows_a_changed_workbook(setting: str, verb: str, tmp_path: Path) -> None:
    """A new workbook, a changed one, and one that is deleted."""
    program = f"{sys.executable} -m sheetgpt {verb}"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(tmp_path)}

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        return done.stdout

    git("init", "-q")
    git("config", f"diff.xlsx.{setting}", program)
    git("config", "user.name", "me")
    git("config", "user.email", "me@example.org")
    (tmp_path / ".gitattributes").write_text("*.xlsx diff=xlsx\n")
    plan(tmp_path / "plan.xlsx")
    git("add", ".")
    git("commit", "-qm", "one")
    plan(tmp_path / "plan.xlsx", lambda book: setattr(book["Report"]["B1"], "value", 0.5))
    shown = git("diff")
    if setting == "textconv":
        assert {"-Report!B1: 0.25", "+Report!B1: 0.5"} <= set(shown.splitlines())
        assert "+Plan!D2: =B2*C2*(1+tax) -> 30\n" in shown
    else:
        assert "--- a/plan.xlsx\n+++ b/plan.xlsx\n@@ Report!B1 @@\n-0.25\n+0.5\n5 values follow" in shown
    git("rm", "-qf", "plan.xlsx")
    assert "Report" in git("diff", "--cached")


def test_a_file_that_is_no_workbook_does_not_stop_git(tmp_path: Path) -> None:
    plan(tmp_path / "a.xlsx")
    (tmp_path / "lock.xlsx").write_text("~")
    result = call("git-diff", "x.xlsx", tmp_path / "a.xlsx", "0", "0", tmp_path / "lock.xlsx", "0", "0")
    assert result.exit_code == 0
    assert "x.xlsx: not compared: " in result.stdout
    renamed = ["y.xlsx", "similarity index 100%\nrename from x.xlsx\n"]
    result = call("git-diff", "x.xlsx", tmp_path / "a.xlsx", "0", "0", tmp_path / "a.xlsx", "0", "0", *renamed)
    assert "rename from x.xlsx" in result.stdout

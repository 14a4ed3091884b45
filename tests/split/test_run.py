"""Several workbooks answer a prompt as the single one does, and only all of them together."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from sheetgpt.commands.run import run
from sheetgpt.errors import UsageError, WorkbookError
from sheetgpt.split import build as split_build
from sheetgpt.split import run as split_run
from sheetgpt.split.build import build_split, reader_of
from sheetgpt.split.run import run_split
from sheetgpt.verification.split import check_split
from support.command_line import call
from support.programs import PROGRAMS
from support.split_folder import FILES, damage


def test_a_new_prompt_gives_the_answer_of_the_single_workbook(folder: Path, single: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for options in ({"prompt": "two of"}, {}, {"prompt": "x", "temperature": 2.0, "seed": 5, "top_k": 7}):
        expected, found = run(single, **options), run_split(folder, **options)
        assert (found.prompt, found.ids, found.length) == (expected.prompt, expected.ids, expected.length)
        assert found.continuation == expected.continuation
        assert [c.id for c in found.top] == [c.id for c in expected.top]
        assert np.allclose([c.logit for c in found.top], [c.logit for c in expected.top], rtol=1e-12)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    answer = run_split(folder, "two of", output=tmp_path / "new", temperature=1.5, seed=3)
    assert run_split(tmp_path / "new") == answer
    report = check_split(tmp_path / "new", skip=PROGRAMS)
    assert report.agrees, report.as_text()


def test_a_model_too_large_to_stay_in_memory(
    folder: Path, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its books are opened again each time around."""
    expected = run_split(folder, "two")
    monkeypatch.setattr(split_build, "KEEP_IN_BUILD", 0)
    monkeypatch.setattr(split_run, "KEEP_IN_RUN", 0)
    found = run_split(folder, "two")
    assert found.ids == expected.ids
    seen: list[str] = []
    again = build_split(
        str(checkpoint),
        tmp_path / "again",
        prompt="one two",
        context=7,
        max_chars=8,
        candidates=12,
        progress=lambda what, done, total: seen.append(what),
    )
    assert seen.count("calculating block_00") == 1  # not once for each token that is written
    assert check_split(again, skip=PROGRAMS).agrees
    assert run_split(again).ids == run_split(folder).ids


def test_folders_that_lack_a_file(copy: Path, tmp_path: Path) -> None:
    (copy / "block_00.xlsx").unlink()
    for verb in (["run", copy], ["check", copy]):
        result = call(*verb)
        assert (result.exit_code, "lacks block_00.xlsx" in result.stderr) == (2, True), result.output
    (tmp_path / "empty").mkdir()
    with pytest.raises(WorkbookError, match=r"holds no prompt.xlsx.*\nHint: sheetgpt build --split"):
        reader_of(tmp_path / "empty")
    shutil.copy(copy / "head.xlsx", copy / "block_00.xlsx")
    with pytest.raises(WorkbookError, match=r"block_00.xlsx is head, not block_00\nHint: was it renamed"):
        run_split(copy)


def test_one_file_alone_does_not_answer(folder: Path) -> None:
    for file in FILES:
        result = call("run", folder / file)
        assert result.exit_code == 2
        assert re.search(r"one of several workbooks of a model .*\nHint: give the folder", result.stderr)


def test_prompts_that_do_not_fit(folder: Path, copy: Path) -> None:
    for prompt, words in (("", "empty"), ("x" * 21, "rows for tokens"), ("🇫🇷" * 6, "rows for tokens|too long")):
        with pytest.raises(UsageError, match=words):
            run_split(folder, prompt)
    damage(copy / "prompt.xlsx", "prompt.text", "")
    call("recalc", copy / "prompt.xlsx", "-o", copy / "prompt.xlsx")
    with pytest.raises(UsageError, match="the workbook says: The prompt is empty"):
        run_split(copy)

"""The check of several workbooks: each file by every witness, and the seams between them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from sheetgpt.book.address import at
from sheetgpt.errors import FormulaError
from sheetgpt.split.build import build_split
from sheetgpt.split.run import run_split
from sheetgpt.verification.report import Outcome
from sheetgpt.verification.split import check_split
from sheetgpt.verification.workbook import check
from sheetgpt.witnesses import evaluator
from sheetgpt.witnesses.program import ENGINES
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.command_line import call
from support.damage import with_formula
from support.programs import PROGRAMS
from support.split_folder import FILES, damage


@pytest.mark.parametrize("engine", ENGINES)
def test_each_file_is_calculated_by_every_engine(folder: Path, engine: str) -> None:
    if ENGINES[engine].available() is None:
        pytest.skip(f"needs {engine}")
    for file in FILES:
        report = check(folder / file, skip=["reference", *[other for other in ENGINES if other != engine]])
        assert report.agrees, report.as_text()
        assert report.comparisons[engine].cells == report.cells


def test_the_reference_has_a_say_on_every_formula_cell(folder: Path, checkpoint: Path) -> None:
    report = check_split(folder, str(checkpoint), PROGRAMS)
    assert report.agrees, report.as_text()
    for part in report.parts.values():
        assert part.comparisons["reference"].cells == part.cells > 0
        assert part.comparisons["evaluator"].cells == part.cells
    assert json.loads(json.dumps(report.as_dict()))["agrees"] is True


def test_the_report_of_a_folder_is_short(copy: Path) -> None:
    options = ["--skip", "libreoffice", "--skip", "ironcalc"]
    result = call("check", copy, *options)
    assert result.exit_code == 0, result.output
    short = result.stdout.splitlines()
    assert [line.split(" ")[0] for line in short[:6]] == ["prompt", "answer", "", "witness", "evaluator", "reference"]
    assert len(short) == 8
    assert re.search(r"^evaluator +sheetgpt \S+ +([\d,]+) of \1  0 ", short[4])
    long = call("check", copy, *options, "--steps").stdout.splitlines()
    assert long[-8:] == short
    assert any(line.startswith("block_01.xlsx  ") for line in long)
    assert any(line.split()[:2] == ["Block_1", "h.1.step_06.scores"] for line in long)
    assert "groups" not in call("check", copy, *options, "--json").stdout


@pytest.mark.parametrize(
    ("file", "name", "value", "words"),
    [
        (
            "block_00",
            "h.0.step_01.input",
            0.5,
            "h.0.step_01.input of block_00.xlsx is not h.0.step_01.input of prompt.xlsx",
        ),
        (
            "block_01",
            "h.1.step_01.input",
            0.5,
            "h.1.step_01.input of block_01.xlsx is not h.0.step_16.output of block_00.xlsx",
        ),
        (
            "head",
            "h.1.step_16.output",
            9.0,
            "h.1.step_16.output of head.xlsx is not h.1.step_16.output of block_01.xlsx",
        ),
        ("block_01", "token.shown", "?", "token.shown of block_01.xlsx is not token.shown of block_00.xlsx"),
        ("head", "token.ids", 7.0, "token.ids of head.xlsx is not token.ids of block_01.xlsx"),
        ("head", "prompt.length", 3.0, "prompt.length of head.xlsx is not prompt.length of block_01.xlsx"),
        ("prompt", "predicted.ids", 7.0, "predicted.ids of prompt.xlsx is not predicted.ids of head.xlsx"),
        ("head", "prompt.text", "other", "prompt.text of head.xlsx is not prompt.text of block_01.xlsx"),
    ],
)
def test_a_damaged_seam_is_named(copy: Path, file: str, name: str, value: float | str, words: str) -> None:
    damage(copy / f"{file}.xlsx", name, value)
    report = check_split(copy, skip=["evaluator", "reference", *PROGRAMS])
    assert not report.agrees
    assert any(words in finding for finding in report.findings), report.findings


def test_the_command_names_the_seam(copy: Path) -> None:
    damage(copy / "block_01.xlsx", "h.1.step_01.input", 0.5)
    result = call("check", copy, "--skip", "libreoffice", "--skip", "ironcalc")
    assert result.exit_code == 1
    words = "h.1.step_01.input of block_01.xlsx is not h.0.step_16.output of block_00.xlsx: 1 cells differ, first"
    assert f"! seam: {words} Block_1!C6: 0.5 and" in result.stdout
    assert result.stdout.endswith("copy: DIFFERENCES FOUND\n")


def test_a_folder_in_which_a_witness_fails_is_not_compared(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise FormulaError("no luck")

    monkeypatch.setattr(evaluator, "recalculated_copy", fail)
    report = check_split(copy, skip=PROGRAMS)
    assert report.outcome is Outcome.NOT_COMPARED
    assert "evaluator: could not compare: prompt.xlsx: no luck (and 3 more files)\n" in report.as_text()
    assert report.as_text().endswith("NOT FULLY COMPARED: the reference agrees, but the evaluator could not compare")


def test_a_file_that_was_recalculated_alone_no_longer_fits(copy: Path) -> None:
    sheet = damage(copy / "block_00.xlsx", "h.0.attn.c_proj.bias", 2.5)
    result = call("recalc", copy / "block_00.xlsx", "-o", copy / "block_00.xlsx")
    assert result.exit_code == 0, result.output
    report = check_split(copy, skip=PROGRAMS)
    assert any("step_01.input of block_01.xlsx is not h.0.step_16" in finding for finding in report.findings)
    first = report.parts["block_00.xlsx"]
    assert first.comparisons["evaluator"].agrees
    assert any(f"{sheet} no longer has the fingerprint" in finding for finding in first.findings)
    changed = run_split(copy, "two", output=copy.parent / "carried")
    report = check_split(copy.parent / "carried", skip=["reference", *PROGRAMS])
    assert report.findings == []  # run has carried the change through
    assert changed.ids == run_split(copy.parent / "carried").ids


def test_changed_formulas_weights_and_values_are_found(copy: Path, checkpoint: Path, tmp_path: Path) -> None:
    damage(copy / "block_01.xlsx", "h.1.step_13.c_fc", 99.0)
    damage(copy / "head.xlsx", "wte.weight", 0.25)
    gelu = next(f for f in read(copy / "block_00.xlsx").sheets["Block_0"].formulas if "0.044715" in f.text)
    with_formula(copy / "block_00.xlsx", tmp_path / "b.xlsx", "Block_0", gelu, gelu.text.replace("44715", "44716"))
    shutil.move(tmp_path / "b.xlsx", copy / "block_00.xlsx")
    text = check_split(copy, str(checkpoint), PROGRAMS).as_text()
    assert re.search(r"! block_01.xlsx: first difference: h.1.step_13.c_fc: Block_1!C\d+: 99 and", text)
    assert f"@@ Block_0!{at(gelu.rect.top, gelu.rect.left)} @@" in text
    assert "! head.xlsx: weight changed since the workbook was built: wte.weight" in text
    assert re.search(r"! head.xlsx: weight differs from .*'wte.weight'!B4 in wte.weight holds 0.25", text)


def test_files_of_another_model_do_not_fit(copy: Path, checkpoint: Path, tmp_path: Path) -> None:
    other = random_checkpoint(tmp_path / "other", seed=3)
    strange = build_split(str(other), tmp_path / "strange", prompt="one two", context=7, max_chars=8, candidates=12)
    shutil.copy(strange / "head.xlsx", copy / "head.xlsx")
    findings = check_split(copy, skip=["evaluator", "reference", *PROGRAMS]).findings
    assert "head.xlsx was written with another wte.weight than prompt.xlsx" in findings
    wider = random_checkpoint(tmp_path / "wider", n_head=2)
    strange = build_split(str(wider), tmp_path / "strange2", prompt="one two", context=7, max_chars=8, candidates=12)
    shutil.copy(strange / "head.xlsx", copy / "head.xlsx")
    findings = check_split(copy, skip=["evaluator", "reference", *PROGRAMS]).findings
    assert findings == ["head.xlsx is of a model with another configuration than prompt.xlsx"]

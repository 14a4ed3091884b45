"""The lens Facts: what stands on the sheet, and that check calculates it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgpt.commands.build import build
from sheetgpt.commands.recalc import recalc
from sheetgpt.gpt2.facts import SUBJECTS
from sheetgpt.verification.workbook import check
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.lenses import IDS


def test_the_numbers_are_checked_again(tmp_path: Path) -> None:
    folder = random_checkpoint(tmp_path / "model", n_positions=20)
    path = build(str(folder), tmp_path / "a.xlsx", token_ids=IDS, context=6, lenses=["facts"])
    book = read(path)
    assert book.read("facts.words").ravel().tolist() == list(SUBJECTS)
    assert book.read("facts.trace_shown").ravel().tolist()[:2] == ["Michael", "·Jordan"]
    chances = book.read("facts.probabilities")
    assert chances[0, 0] == pytest.approx(book.read("facts.clean").item())
    assert check(path).agrees
    for name in ("facts.probabilities", "facts.restored", "facts.noise"):
        sheet, cells = book.locate(name)
        recalc(path, tmp_path / "b.xlsx", set={f"{sheet}!{cells}".split(":")[0]: 0.125})
        findings = check(tmp_path / "b.xlsx", skip=["LibreOffice", "IronCalc"]).findings
        assert any(name in finding for finding in findings), name

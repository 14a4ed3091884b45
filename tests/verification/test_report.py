"""What a check asks and reports: all witnesses but those left out, as text and as data."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.address import at
from sheetgpt.book.book import Book
from sheetgpt.commands.build import build
from sheetgpt.comparison.grid_pair import format_value
from sheetgpt.comparison.result import Rules
from sheetgpt.errors import UsageError
from sheetgpt.verification import workbook
from sheetgpt.verification.workbook import all_witnesses, check
from sheetgpt.witnesses.witness import Evidence
from support.checked import ROWS
from support.programs import PROGRAMS


def test_a_good_workbook_agrees_with_every_witness(good: Path, model: Path) -> None:
    report = check(good, model=str(model))
    assert report.agrees, report.as_text()
    assert not report.findings
    for name, comparison in report.comparisons.items():
        assert comparison.cells == report.cells, f"{name} compared {comparison.cells} of {report.cells}"
    assert set(report.comparisons) | set(report.absent) == {witness.name for witness in all_witnesses()}
    assert report.as_text().endswith("every witness agrees")


def test_unknown_witnesses_are_refused(good: Path) -> None:
    with pytest.raises(UsageError, match="no witness 'Calc'"):
        check(good, skip=["Calc"])


def test_a_witness_is_added_in_one_place(good: Path, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class with name, rules and `ask`, in `all_witnesses`: it is asked, reported, and can be left out."""

    class Copyist:
        name, rules = "copyist", Rules()

        def ask(self, path: Path, book: Book) -> Evidence:
            assert path == good
            values = deepcopy({sheet.name: sheet.grid for sheet in book.sheets.values()})
            values["Logits"].write(at(7, 3), 99.0)
            return Evidence("1.0", values, not_covered={("Logits", 8, 3): "smudged"}, findings=["a blot"])

    everyone = all_witnesses()
    monkeypatch.setattr(workbook, "all_witnesses", lambda: [*everyone, Copyist()])
    report = check(good, skip=[*PROGRAMS, "evaluator", "reference"])
    assert list(report.comparisons) == ["copyist"]
    assert report.comparisons["copyist"].differing == report.comparisons["copyist"].not_covered == 1
    assert report.findings == ["a blot"]
    assert "99" in report.as_text()
    assert check(good, skip=[*PROGRAMS, "reference", "Copyist"]).agrees
    with pytest.raises(UsageError, match="copyist"):
        check(good, skip=["nobody"])


def test_the_text_ends_with_prompt_answer_and_a_line_for_each_witness(tmp_path: Path) -> None:
    report = check(build("mini", tmp_path / "mini.xlsx"), skip=PROGRAMS)
    short, long = report.as_text().splitlines(), report.as_text(steps=True).splitlines()
    assert short[:2] == ['prompt  "Michael Jordan plays the sport of"', f"answer  {format_value(report.answer)}"]
    assert report.answer is not None
    assert report.answer.startswith(" basketball")
    assert [line.split()[0] for line in short[3:6]] == ["witness", "evaluator", "reference"]
    assert len(short) == 8
    assert long[-len(short) :] == short
    assert any(line.split()[:2] == ["Block_0", "h.0.step_06.scores"] for line in long[: -len(short)])


def test_reports_are_data(good: Path) -> None:
    import json

    report = check(good, skip=PROGRAMS)
    short, entries = (json.loads(json.dumps(report.as_dict(steps))) for steps in (False, True))
    assert (entries["agrees"], entries["outcome"], entries["reason"]) == (True, "agree", "")
    assert "groups" not in short["witnesses"]["reference"]
    assert short["witnesses"]["reference"]["largest"] == entries["witnesses"]["reference"]["largest"]
    assert entries["first_difference"] is None
    assert set(entries["witnesses"]) == {"evaluator", "reference"}
    steps = {group["label"]: group for group in entries["witnesses"]["reference"]["groups"]}
    assert steps["h.1.step_06.scores"]["cells"] == 3 * ROWS * (ROWS + 1) / 2
    assert np.isfinite(steps["logits"]["largest"])

"""What a check comes to: agreement, a difference, or nothing that could be compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from sheetgpt.commands.build import build
from sheetgpt.commands.recalc import recalc
from sheetgpt.comparison.result import Rules
from sheetgpt.errors import EngineError
from sheetgpt.verification import as_used
from sheetgpt.verification.report import Outcome
from sheetgpt.verification.workbook import check
from sheetgpt.witnesses.program import ENGINES
from sheetgpt.witnesses.values import Values
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.programs import PROGRAMS


def test_any_workbook_can_be_checked(tmp_path: Path) -> None:
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.active["A1"], workbook.active["A2"] = 2, "=A1*3"
    workbook.save(tmp_path / "plain.xlsx")
    patch(tmp_path / "plain.xlsx", tmp_path / "plain.xlsx", {"Sheet": {(2, 1): 6.0}})
    report = check(tmp_path / "plain.xlsx", skip=PROGRAMS)
    assert report.agrees
    assert report.absent["reference"] == "the workbook holds no GPT-2"
    patch(tmp_path / "plain.xlsx", tmp_path / "plain.xlsx", {"Sheet": {(2, 1): 6.5}})
    assert check(tmp_path / "plain.xlsx", skip=PROGRAMS).outcome is Outcome.DIFFER


def filled(folder: Path, cells: dict[str, object], values: dict[tuple[int, int], float] | None = None) -> Path:
    """A workbook with these cells, by openpyxl; only the formulas in `values` have a value."""
    import openpyxl

    workbook = openpyxl.Workbook()
    for cell, content in cells.items():
        workbook.active[cell] = content
    workbook.save(folder / "filled.xlsx")
    patch(folder / "filled.xlsx", folder / "filled.xlsx", {"Sheet": values or {}})
    return folder / "filled.xlsx"


def test_a_file_without_stored_values_has_nothing_to_compare(tmp_path: Path) -> None:
    path = filled(tmp_path, {"A1": 2, "A2": "=A1*3", "A3": '=IF(A1=2,"","x")'})  # openpyxl stores no values
    report = check(path)
    assert (report.outcome, report.comparisons, report.blank) == (Outcome.NOT_COMPARED, {}, 2)
    assert report.reason == "none of its formula cells (2) has a stored value"
    assert re.search(r"COULD NOT BE COMPARED: none .*\nHint: sheetgpt recalc \S+ -o", report.as_text())
    recalc(path, path)
    assert check(path).agrees


def test_cells_without_a_stored_value_are_not_compared(tmp_path: Path) -> None:
    path = filled(tmp_path, {"A1": 2, "A2": "=A1*3", "A3": '=IF(A1=2,"","x")', "A4": "=A1+1"}, {(2, 1): 6.0})
    report = check(path)
    assert report.agrees, report.as_text()
    for name, comparison in report.comparisons.items():
        assert (comparison.cells, comparison.not_covered) == (2, 1), name  # A3 may be stored as a blank or as ""
    assert "1 of 3 formula cells hold no value in the file: not compared" in report.as_text()
    patch(path, path, {"Sheet": {(3, 1): ""}})
    assert check(path).agrees
    patch(path, path, {"Sheet": {(3, 1): "x"}})
    assert check(path).outcome is Outcome.DIFFER


def test_zeros_of_a_library_that_calculates_nothing_are_said_to_be_such(tmp_path: Path) -> None:
    path = filled(tmp_path, {"A1": 2, "A2": "=A1*3", "A3": "=A1-2"}, {(2, 1): 0.0, (3, 1): 0.0})
    report = check(path, skip=PROGRAMS)
    assert report.outcome is Outcome.DIFFER
    assert re.search(
        r"DIFFERENCES FOUND\nHint: every formula cell holds 0, .*: sheetgpt recalc \S+ -o", report.as_text()
    )
    patch(path, path, {"Sheet": {(2, 1): 5.0}})
    assert check(path, skip=PROGRAMS).as_text().endswith("DIFFERENCES FOUND")
    recalc(path, path)
    assert check(path, skip=PROGRAMS).agrees


def test_a_workbook_without_formulas_agrees_with_nobody(tmp_path: Path) -> None:
    import openpyxl

    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    report = check(tmp_path / "empty.xlsx", skip=PROGRAMS)
    assert (report.outcome, report.reason) == (Outcome.NOT_COMPARED, "it has no formulas")


def test_a_prompt_that_the_workbook_does_not_take_is_no_difference(tmp_path: Path) -> None:
    """The sheet says what is wrong; there is no answer that the reference could compare."""
    model = random_checkpoint(tmp_path / "text", n_layer=1)
    path = build(str(model), tmp_path / "text.xlsx", prompt="one two", context=8, max_chars=12, lenses="none")
    assert check(path, skip=PROGRAMS).agrees
    for typed in (None, "far too long for it", 123.0):
        recalc(path, tmp_path / "other.xlsx", {"prompt.text": typed})
        report = check(tmp_path / "other.xlsx", skip=PROGRAMS)
        assert report.agrees, report.as_text()
        assert ("reference" in report.comparisons) == (typed == 123.0)


def test_a_witness_that_cannot_calculate_found_no_difference(tmp_path: Path) -> None:
    path = filled(tmp_path, {"A1": 2, "A2": "=_xlfn.ORG.LIBREOFFICE.RAWSUBTRACT(5,3)"}, {(2, 1): 2.0})
    report = check(path, skip=["IronCalc"])
    assert "ORG.LIBREOFFICE.RAWSUBTRACT cannot be calculated" in report.failed["evaluator"]
    assert report.outcome is Outcome.NOT_COMPARED


def test_what_one_witness_cannot_calculate_another_can(tmp_path: Path) -> None:
    if ENGINES["LibreOffice"].available() is None:
        pytest.skip("needs LibreOffice")
    path = filled(tmp_path, {"A1": 2, "A2": "=_xlfn.ORG.LIBREOFFICE.RAWSUBTRACT(5,3)"}, {(2, 1): 2.0})
    report = check(path, skip=["IronCalc"])
    assert report.reason == "LibreOffice agrees, but the evaluator could not compare"
    assert check(path, skip=["IronCalc", "evaluator"]).agrees
    patch(path, path, {"Sheet": {(2, 1): 2.5}})
    assert check(path, skip=["IronCalc"]).outcome is Outcome.DIFFER


def test_an_engine_that_fails_does_not_stop_the_others(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        how_to_install, rules = "", Rules()
        ignores: Mapping[str, str] = {}
        available = staticmethod(lambda: "Broken 1")

        def recalculate(self, path: object) -> Values:
            raise EngineError("it fell over", "stand it up")

    class Ignorant(Broken):
        def recalculate(self, path: object) -> Values:
            found = Values()
            found.not_covered = {
                (s.name, *c): "no idea" for s in read(good).sheets.values() for f in s.formulas for c in f.rect.cells()
            }
            found.update({s.name: s.grid for s in read(good).sheets.values()})
            return found

    monkeypatch.setitem(ENGINES, "LibreOffice", Broken())
    monkeypatch.setitem(ENGINES, "IronCalc", Ignorant())
    report = check(good, skip=[as_used.NAME])
    assert report.failed == {
        "LibreOffice": "it fell over; stand it up",
        "IronCalc": "it has no value for any formula cell: no idea",
    }
    assert set(report.comparisons) == {"evaluator", "reference"}
    assert report.outcome is Outcome.NOT_COMPARED
    text = report.as_text()
    assert "LibreOffice: could not compare: it fell over; stand it up" in text
    assert "NOT FULLY COMPARED: the evaluator and the reference agree, but LibreOffice and IronCalc could not" in text


def test_nobody_asked_is_no_agreement(good: Path) -> None:
    report = check(good, skip=[*PROGRAMS, "evaluator", "reference"])
    assert (report.outcome, report.reason) == (Outcome.NOT_COMPARED, "no witness was asked")

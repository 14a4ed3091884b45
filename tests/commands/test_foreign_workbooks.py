"""The commands on workbooks of other people, in which some formulas cannot be calculated."""

from __future__ import annotations

import json
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

import sheetgpt
from sheetgpt.errors import UnsupportedFunctionError
from sheetgpt.verification.report import Outcome
from sheetgpt.verification.workbook import check
from sheetgpt.xlsx.reader import read
from support.command_line import assert_refused, call
from support.package import Content, F, Other, write_package
from support.programs import PROGRAMS

# A budget of 30 years: a growth that nobody can calculate, what rests on it, and what has nothing to do with it.
YEARS: dict[str, F | Content] = {f"A{row}": float(2000 + row) for row in range(1, 31)}
YEARS |= {f"B{row}": F(f"A{row}-2000", float(row)) for row in range(1, 31)}
YEARS |= {f"D{row}": F(f"NOSUCH(B{row})", 10.0 * row) for row in range(1, 31)}
YEARS |= {f"E{row}": F(f"D{row}+B{row}", 11.0 * row) for row in range(1, 31)}
YEARS |= {"G1": 2.0, "G2": F("G1*3", 6.0), "G3": F('INDIRECT("D"&G1)', 20.0)}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    notes = {"A1": F("SUM(Years!B1:B30", 465.0), "A2": F("Years!B30", 30.0)}
    return write_package(tmp_path / "a.xlsx", {"Years": YEARS, "Notes": notes})


def stored(path: Path, *cells: str) -> list[object]:
    workbook = openpyxl.load_workbook(path, data_only=True)
    return [workbook[sheet][cell].value for sheet, cell in (text.split("!") for text in cells)]


def test_recalc_says_what_it_took_over_and_ends_with_3(path: Path, tmp_path: Path) -> None:
    result = call("recalc", path, "-o", tmp_path / "b.xlsx")
    assert result.exit_code == 3
    assert result.stdout.splitlines() == [
        f"{tmp_path / 'b.xlsx'}: 33 of 94 formulas calculated",
        "taken over, as the file has them: 31 formulas that cannot be calculated",
        "  NOSUCH: Years!D1:D30",
        "  the formula ends too early: Notes!A1",
        "resting on them: 31 formulas: Years!E1:E30, Years!G3",
    ]
    assert stored(tmp_path / "b.xlsx", "Years!D30", "Years!E30", "Years!G2", "Notes!A1") == [300, 330, 6, 465]


def test_recalc_with_strict_refuses_and_writes_nothing(path: Path, tmp_path: Path) -> None:
    result = call("recalc", path, "-o", tmp_path / "b.xlsx", "--strict")
    assert_refused(result, "Notes!A1: =SUM")
    assert not (tmp_path / "b.xlsx").exists()
    write_package(path, {"Years": YEARS})
    assert_refused(call("recalc", path, "-o", tmp_path / "b.xlsx", "--strict"), "NOSUCH in Years!D1, Years!D2")
    with pytest.raises(UnsupportedFunctionError):
        sheetgpt.recalc(path, tmp_path / "b.xlsx", strict=True)


def test_recalc_tells_programs(path: Path, tmp_path: Path) -> None:
    result = call("recalc", path, "-o", tmp_path / "b.xlsx", "--json", "--set", "Years!G1=7")
    assert result.exit_code == 3
    entries = json.loads(result.stdout)
    assert (entries["formulas"], entries["calculated"], entries["complete"]) == (94, 33, False)
    found = entries["taken_over"]
    assert found["functions"] == {"NOSUCH": {"formulas": 30, "ranges": ["Years!D1:D30"]}}
    assert found["unknown"] == {"formulas": 1, "ranges": ["Notes!A1"]}  # who can say what it reads
    assert stored(tmp_path / "b.xlsx", "Years!G2", "Years!G3") == [21, 70]


def test_what_a_change_reaches_through_a_gap_is_not_known(path: Path, tmp_path: Path) -> None:
    result = call("recalc", path, "-o", tmp_path / "b.xlsx", "--set", "Years!A3=2999")
    assert result.exit_code == 3
    assert "NOT KNOWN: 3 formulas with a value of before a change that they may depend on, or none: Years!D3:E3, " in (
        result.stdout
    )
    assert stored(tmp_path / "b.xlsx", "Years!B3", "Years!D3", "Years!E3") == [999, 30, 33]


def test_the_copy_differs_in_calculated_cells_only(path: Path, tmp_path: Path) -> None:
    """A value that is taken over stays as the file writes it, also where no Book can hold it."""
    cells = {"A1": F("NOSUCH(1)", "#SPILL!"), "A2": F("A1", "#SPILL!"), "A3": F("1+1", 0.0)}
    write_package(path, {"S": cells})
    done = sheetgpt.recalc(path, tmp_path / "b.xlsx")
    assert (done.formulas, done.calculated) == (3, 1)
    part = "xl/worksheets/sheet1.xml"
    with ZipFile(path) as old, ZipFile(tmp_path / "b.xlsx") as new:
        before, after = old.read(part).decode(), new.read(part).decode()
    assert after == before.replace("<v>0.0</v>", "<v>2</v>")


def test_all_calculated_ends_with_0(path: Path, tmp_path: Path) -> None:
    write_package(path, {"S": {"A1": F("1+1", 0.0)}})
    result = call("recalc", path, "-o", tmp_path / "b.xlsx", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["complete"] is True


def test_other_workbooks_are_a_notice(path: Path, tmp_path: Path) -> None:
    kept = '<sheetNames><sheetName val="S"/></sheetNames><sheetDataSet><sheetData sheetId="0"><row r="1"><cell r="A1">'
    other = Other("Rates.xlsx", f"{kept}<v>4</v></cell></row></sheetData></sheetDataSet>")
    write_package(path, {"S": {"A1": F("[1]S!A1*2", 0.0)}}, others=[other])
    result = call("recalc", path, "-o", tmp_path / "b.xlsx", "--strict")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1] == "from Rates.xlsx, as this file keeps its values: 1 formula: S!A1"
    assert stored(tmp_path / "b.xlsx", "S!A1") == [8]


def test_show_looks_at_one_formula_only(path: Path) -> None:
    result = call("show", path, "Years!B3")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "reads    Years!A3")
    lines = call("show", path, "Years!D3").stdout.splitlines()
    assert lines[-2:] == ["note     the function NOSUCH cannot be calculated", "reads    Years!B3"]
    assert "note     cannot be calculated: the formula ends too early" in call("show", path, "Notes!A1").stdout


def test_check_compares_what_can_be_compared_and_says_what_was_left_out(path: Path) -> None:
    report = check(path, skip=PROGRAMS)
    comparison = report.comparisons["evaluator"]
    assert (comparison.cells, comparison.not_covered, comparison.differing) == (63, 31, 0)
    assert report.outcome is Outcome.AGREE
    text = report.as_text()
    assert "evaluator left out Years!D1:D30: NOSUCH cannot be calculated" in text
    assert "evaluator left out Notes!A1: the formula ends too early" in text
    assert report.as_dict()["left_out"] == {
        "evaluator": {
            "the formula ends too early": ["Notes!A1"],
            "NOSUCH cannot be calculated": ["Years!D1:D30"],
        }
    }


def test_check_sees_a_difference_behind_a_gap(path: Path) -> None:
    write_package(path, {"Years": {**YEARS, "E7": F("D7+B7", 78.0)}})
    report = check(path, skip=PROGRAMS)
    assert report.outcome is Outcome.DIFFER
    assert report.first is not None
    assert report.first.cell == "Years!E7"


def test_check_does_not_judge_by_values_that_may_be_old(path: Path) -> None:
    """B3 is wrong in the file, so the stored D3 may be that of another B3, and nobody can say what E3 is."""
    write_package(path, {"Years": {**YEARS, "B3": F("A3-2000", 999.0)}})
    report = check(path, skip=PROGRAMS)
    assert report.comparisons["evaluator"].differing == 1
    assert report.first is not None
    assert report.first.cell == "Years!B3"
    reason = "it depends on formulas that cannot be calculated, and what they read has changed"
    assert report.left_out["evaluator"][reason] == ["Years!E3"]


def test_check_goes_on_where_an_engine_cannot_open_the_file(tmp_path: Path) -> None:
    pytest.importorskip("ironcalc")
    path = write_package(tmp_path / "bare.xlsx", {"S": {"A1": 2.0, "B1": F("A1*10", 20.0)}})  # it has no styles.xml
    report = check(path, skip=["LibreOffice"])
    assert "IronCalc cannot open the file" in report.absent["IronCalc"]
    assert list(report.comparisons) == ["evaluator"]
    assert report.outcome is Outcome.AGREE


def test_check_takes_a_circle_at_rest_for_right(tmp_path: Path) -> None:
    """Values as a program stores them that stops when a step is below 0.001."""
    cells: dict[str, F | Content] = {
        "A1": 5000.0,
        "A2": 0.03,
        "A3": F("A2*A4", 154.63906875),
        "A4": F("A1+A3", 5154.63906875),
        "A5": F("A4*2", 10309.2781375),
    }
    setting = '<calcPr iterate="1"/>'
    path = write_package(tmp_path / "a.xlsx", {"S": cells}, calculation=setting)
    report = check(path, skip=PROGRAMS)
    assert report.outcome is Outcome.AGREE, report.as_text()
    write_package(path, {"S": {**cells, "A3": F("A2*A4", 100.0)}}, calculation=setting)
    assert check(path, skip=PROGRAMS).outcome is Outcome.DIFFER
    counter: dict[str, F | Content] = {"A1": F("A1+1", 3.0), "A2": F("A1", 3.0), "A3": F("1+1", 2.0)}
    write_package(path, {"S": counter}, calculation=setting)
    report = check(path, skip=PROGRAMS)
    assert report.outcome is Outcome.AGREE
    assert report.left_out == {"evaluator": {"a circle that does not come to rest": ["S!A1:A2"]}}


def test_help_names_the_status(path: Path) -> None:
    assert "3 if the copy is written" in " ".join(call("recalc", "--help").stdout.split())


def test_stored_values_are_read_as_they_are(path: Path) -> None:
    assert read(path).read("Years!D30").item() == 300.0

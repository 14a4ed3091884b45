"""The pytest plugin, in suites of its own: what passes, what failures say, snapshots, and the page docs/testing.md."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

# Loaded here, since a suite inside this process forgets the modules that it was the first to import.
import sheetgpt.pytest_plugin.opener
import sheetgpt.pytest_plugin.unused  # noqa: F401
from support.budget import write_budget
from support.paths import ROOT

pytest_plugins = ["pytester"]

PLUGIN = "sheetgpt.pytest_plugin"
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs pytest with the plugin, and no other one, in a folder that has the budget."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    write_budget(pytester.path / "budget.xlsx")
    return lambda *options: pytester.runpytest_inprocess("-p", PLUGIN, "-p", "no:cacheprovider", *options)


def errors(result: pytest.RunResult) -> list[str]:
    """What the failures say."""
    return [line[1:].strip() for line in result.outlines if line.startswith("E  ")]


def test_inputs_are_set_and_outputs_compared(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        from datetime import date, datetime
        import numpy as np
        import pytest
        from sheetgpt import ErrorValue

        def test_values(workbook):
            book = workbook("budget.xlsx")
            book["GROWTH"] = 0
            book["Inputs!B5"] = np.float64(0)
            assert book["Months!B2:C3"] == [[120.0, 5880.0], [120.0, 5880.0]]
            assert book["Months!I2"] == "" and book["Inputs!A1"] == "Customers in January"
            assert book["Summary!B6"] is ErrorValue.DIV0
            assert book.array("Months!B2:B13").tolist() == [[120.0]] * 12
            book.assert_cells({"Summary!B6": "#DIV/0!", "Summary!B4": 0, "Inputs!C1": None, "growth": 0})
            book.assert_cell("Summary!B3", 0.5587, tolerance=1e-4)
            book.assert_cell("Summary!B1", pytest.approx(70560))
            book.assert_cell("Months!A3", datetime(2025, 2, 1))
            assert book.formula("Months!C2") == "=B2*price" and book.formula("growth") is None

        def test_each_test_has_its_own_copy(workbook):
            book, other = workbook("budget.xlsx"), workbook("budget.xlsx")
            book["Inputs!B1:B3"] = [100, 0, 10]
            book.replace("Months!B3", 7)
            book.assert_cells("Months!B2:C4", [[100, 1000], [7, 70], [7, 70]])
            other.assert_cell("Months!B3", 125)

        def test_a_function(workbook):
            sales = workbook("budget.xlsx").function(["price"], ["Months!C2"])
            assert sales([1.0, 2.0, 3.0, 4.0]).tolist() == [120.0, 240.0, 360.0, 480.0]
        """
    )
    run().assert_outcomes(passed=3)


def test_failures_say_what_is_where_and_why(pytester: pytest.Pytester, run: Run) -> None:
    pytester.makepyfile(
        """
        def test_cell(workbook):
            book = workbook("budget.xlsx")
            book["price"] = 60
            book.assert_cell("Months!C2", 7000, tolerance=5)

        def test_cells(workbook):
            workbook("budget.xlsx").assert_cells("Months!B2:B4", [120, "125", 131])

        def test_formula(workbook):
            workbook("budget.xlsx")["Summary!B2"] = 5

        def test_place(workbook):
            workbook("budget.xlsx")["B2"]

        def test_file(workbook):
            workbook("other.xlsx")
        """
    )
    result = run()
    result.assert_outcomes(failed=5)
    assert errors(result)[:12] == [
        "AssertionError: budget.xlsx: Months!C2 is 7200.0, expected 7000.0 (differs by 200, tolerance 5)",
        "=B2*price",
        "Months!B2 = 120.0",
        "Inputs!B3 (price) = 60.0  <- set in the test",
        "AssertionError: budget.xlsx: 2 of 3 cells differ",
        'Months!B3 is 125.0, expected "125"',
        "=ROUND(B2*(1+growth),0)",
        "Months!B2 = 120.0",
        "Inputs!B2 (growth) = 0.04",
        "Months!B4 is 130.0, expected 131.0 (differs by 1)",
        "=ROUND(B3*(1+growth),0)",
        "Months!B3 = 125.0",
    ]
    text = "\n".join(errors(result))
    assert "Summary!B2 holds a formula: =SUM(Months!G2:G13)" in text
    assert "'B2' is neither a defined name nor a cell with its sheet" in text
    assert "there is no workbook other.xlsx" in text
    assert "sheetgpt/" not in result.stdout.str()  # nothing of what happens inside


def test_a_snapshot_is_written_kept_and_renewed(pytester: pytest.Pytester, run: Run) -> None:
    source = """
        def test_it(workbook):
            book = workbook("budget.xlsx")
            book["price"] = {price}
            book.assert_snapshot("all")
            book.assert_snapshot(cells=["Summary!B1:B2"], tolerance=1e5)
    """
    module = pytester.makepyfile(test_one=source.replace("{price}", "50"))
    folder = module.parent / "workbook_snapshots" / "test_one"
    result = run()
    result.assert_outcomes(failed=1)
    assert "there is no snapshot" in errors(result)[0]
    assert not folder.exists()
    run("--update-workbooks").assert_outcomes(passed=1)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert sorted(before) == ["test_it.txt", "test_it@all.txt"]
    assert "# set in the test: Inputs!B3 = 50.0\n" in before["test_it@all.txt"]
    assert "Months!C2 = 6000.0\n" in before["test_it@all.txt"]
    run().assert_outcomes(passed=1)

    module.write_text(module.read_text().replace("50", "51"))
    result = run()
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    said = errors(result)
    where = "workbook_snapshots/test_one/test_it@all.txt"
    assert said[0] == (
        f"AssertionError: budget.xlsx differs from {where} in 66 of 114 cells (--update-workbooks renews it)"
    )
    assert said[1:6] == [
        "set in the test: Inputs!B3 = 51.0",
        "Months!C2 is 6120.0, expected 6000.0 (differs by 120)",
        "=B2*price",
        "Months!B2 = 120.0",
        "Inputs!B3 (price) = 51.0  <- set in the test",
    ]
    assert "... and 9 more like these" in said
    assert said.index("and what follows from them:") > said.index("... and 9 more like these")
    run("--update-workbooks").assert_outcomes(passed=1)
    after = {path.name: path.read_text() for path in folder.iterdir()}
    assert after["test_it.txt"] == before["test_it.txt"]  # which agrees by its tolerance
    assert "Months!C2 = 6120.0\n" in after["test_it@all.txt"]


def test_a_snapshot_of_the_time_needs_a_time(pytester: pytest.Pytester, run: Run) -> None:
    book = Workbook()
    book.active["A1"], book.active["A2"], book.active["A3"] = "=TODAY()", "=A1+1", "=1+1"
    book.save(pytester.path / "today.xlsx")
    pytester.makepyfile(
        """
        from datetime import datetime

        def test_given(workbook):
            book = workbook("today.xlsx", now=datetime(2025, 3, 1, 12))
            book.assert_cell("A2", datetime(2025, 3, 2))
            book.assert_snapshot()

        def test_others(workbook):
            workbook("today.xlsx").assert_snapshot(cells=["A3"])

        def test_not_given(workbook):
            workbook("today.xlsx").assert_snapshot()
        """
    )
    result = run("--update-workbooks")
    result.assert_outcomes(passed=2, failed=1)
    assert "Sheet!A1 in today.xlsx depends on more than cells, such as the time" in errors(result)[0]


def test_a_formula_that_cannot_be_calculated_is_refused(pytester: pytest.Pytester, run: Run) -> None:
    book = Workbook()
    book.active["A1"], book.active["A2"] = '=CUBEVALUE("a","b")', "=1+1"
    book.save(pytester.path / "cube.xlsx")
    book.active["A3"], book.active["A4"] = "=A1&A2", "=A2+1"
    book.save(pytester.path / "cube.xlsx")
    pytester.makepyfile(
        """
        def test_refused(workbook):
            workbook("cube.xlsx")

        def test_taken_over(workbook):
            book = workbook("cube.xlsx", strict=False)
            book.replace("A2", 5)
            book.assert_cell("A4", 6)
            book["A3"]

        def test_snapshot(workbook):
            workbook("cube.xlsx", strict=False).assert_snapshot()
        """
    )
    result = run("--update-workbooks")
    result.assert_outcomes(failed=3)
    said = [line for line in errors(result) if not line.startswith("Hint")]
    assert "CUBEVALUE in Sheet!A1" in said[0]
    assert "strict=False" in errors(result)[1]
    assert "the value of Sheet!A3 is not known" in said[1]
    assert "the value of Sheet!A1 is not known" in said[2]


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")])
def test_unused_snapshots_are_listed(pytester: pytest.Pytester, run: Run, workers: tuple[str, ...]) -> None:
    pytester.makepyfile(
        test_two="""
        import pytest

        @pytest.mark.parametrize("name", ["a/b", "a_b"])
        def test_it(workbook, name):
            workbook("budget.xlsx").assert_snapshot(cells=["Summary!B1"])

        def test_left_out(workbook):
            pytest.skip("not today")
        """
    )
    run("--update-workbooks").assert_outcomes(passed=2, skipped=1)
    folder = pytester.path / "workbook_snapshots"
    assert len(list(folder.glob("*/*.txt"))) == 2
    for name in ("test_two/test_gone.txt", "test_two/test_it[a_b]@second.txt", "test_removed/test_x.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("Summary!B1 = 1.0\n")
    (folder / "test_two" / "test_left_out.txt").write_text("Summary!B1 = 1.0\n")  # is wanted on other days
    result = run("--unused-workbooks", *workers)
    listed = [Path(line).name for line in result.outlines if line.endswith(".txt")]
    assert sorted(listed) == ["test_gone.txt", "test_it[a_b]@second.txt", "test_x.txt"]
    result.stdout.fnmatch_lines(["3 unused"])


def test_the_plugin_alone_imports_nothing_else() -> None:
    code = f"import sys, {PLUGIN}; print(sorted(m for m in sys.modules if m.split('.')[0] in ('sheetgpt', 'numpy')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == str(["sheetgpt", PLUGIN, "sheetgpt.version"])


def blocks(kind: str) -> list[str]:
    """The blocks of the page in one language."""
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_the_trial_on_the_page(pytester: pytest.Pytester, run: Run) -> None:
    """Each step of docs/testing.md, and each line of output that it shows."""
    suite, _ = blocks("python")
    missing, snapshot, failing = blocks("console")
    tests = pytester.mkdir("tests")
    (pytester.path / "budget.xlsx").rename(tests / "budget.xlsx")
    (tests / "test_budget.py").write_text(suite)
    book = load_workbook(tests / "budget.xlsx")
    formulas = [cell for sheet in book for row in sheet for cell in row if str(cell.value).startswith("=")]
    assert f"{len(formulas)} formulas" in PAGE

    result = run()
    result.assert_outcomes(passed=6, failed=1)
    assert missing.splitlines()[1:] == [line for line in result.outlines if line.startswith("E ")]
    run("--update-workbooks").assert_outcomes(passed=7)
    lines = snapshot.splitlines()
    written = (pytester.path / lines[1].split()[-1]).read_text()
    assert written.startswith("\n".join(lines[2:]) + "\n")
    run().assert_outcomes(passed=7)

    book["Inputs"]["B5"] = 2600
    book.save(tests / "budget.xlsx")
    result = run()
    result.assert_outcomes(passed=5, failed=2)
    assert failing.splitlines()[1:] == [line for line in result.outlines if line.startswith("E ")]


def test_the_function_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_budget(tmp_path / "budget.xlsx")
    monkeypatch.chdir(tmp_path)
    exec(compile(blocks("python")[1], "docs/testing.md", "exec"), {})

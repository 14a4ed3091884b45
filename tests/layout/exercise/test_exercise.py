"""A step left to the learner: the model goes on, nothing is given away, and check knows whose cells are whose."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.commands.build import build, resolve_options
from sheetgpt.commands.run import run
from sheetgpt.errors import UsageError
from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2.activations import STEPS, step
from sheetgpt.gpt2.apply_subset import make_subset
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.exercise.hints import hint
from sheetgpt.layout.options import BuildOptions, LayoutOptions
from sheetgpt.schema.exercise import exercise_progress
from sheetgpt.schema.prompt_limits import Limits
from sheetgpt.split.build import build_split
from sheetgpt.verification.contents import content_findings, model_findings, typed_cells
from sheetgpt.verification.workbook import check
from sheetgpt.witnesses.reference.workbook import expected_values
from sheetgpt.xlsx.reader import read
from sheetgpt.xlsx.writer import write
from support.lenses import assert_lenses_are_those_of_the_reference
from support.paths import MINI

IDS, ROWS = [5, 17, 200], 5


def exercise_book(model: Model, number: int | None, solution: bool = False, lenses: tuple[str, ...] = ()) -> Book:
    options = LayoutOptions(prompt="p", ids=IDS, rows=ROWS, exercise=number, solution=solution, lenses=lenses)
    book = build_book(model, options)
    recalculate(book)
    return book


@pytest.fixture(scope="module")
def plain(small_model: Model) -> Book:
    return exercise_book(small_model, None)


def assert_values_are_those_of_the_reference(book: Book) -> None:
    grids, cells = expected_values(book)
    for name in ("Exercise", "Answers", "Block_0", "Network", "Quiz"):
        for rect in cells[name] if name in book.sheets else ():
            found, expected = book.sheets[name].grid.read(rect), grids[name].read(rect)
            if expected.dtype == np.float64:
                assert found == pytest.approx(expected, rel=1e-12, abs=1e-12), rect  # sums in another order
            else:
                assert found.tolist() == expected.tolist(), rect
    verdicts = [rect for name, (sheet, rect) in located(book).items() if name.startswith("exercise.verdicts")]
    assert all(any(rect.contains(cell) for cell in cells["Block_0"]) for rect in verdicts)


def located(book: Book) -> dict[str, tuple[str, Rect]]:
    return {name: book.locate(name) for name in book.names}


@pytest.mark.parametrize("number", STEPS)
def test_the_model_goes_on_with_the_right_values(small_model: Model, plain: Book, number: int) -> None:
    """Whatever the learner has written: every activation is that of the workbook without the exercise, bit for bit."""
    solved = exercise_book(small_model, number, solution=True)
    names = [name for name in plain.names if name.startswith("h.") and ".step_" in name] + ["logits"]
    for name in names:
        assert solved.read(name).tolist() == plain.read(name).tolist(), name
    progress = exercise_progress(solved)
    assert progress is not None
    assert progress.right == progress.cells > 0 == progress.wrong
    typed = {f.rect: f.text for f in solved.sheets["Block_0"].formulas}
    for formula in plain.sheets["Block_0"].formulas:  # the solution is what stands there otherwise
        assert formula.rect in typed
        if any(rect.contains(formula.rect) for _, rect in map(solved.locate, learner(solved))):
            assert typed[formula.rect] == formula.text


def learner(book: Book) -> list[str]:
    return [name for name in book.names if name.startswith("exercise.typed")]


@pytest.mark.parametrize("number", [1, 5, 7, 15])
def test_values_are_those_of_the_reference(small_model: Model, number: int) -> None:
    blank = exercise_book(small_model, number, lenses=("network", "quiz"))
    assert_values_are_those_of_the_reference(blank)
    assert exercise_progress(blank).right == 0  # type: ignore[union-attr]
    assert_values_are_those_of_the_reference(
        exercise_book(small_model, number, solution=True, lenses=("network", "quiz"))
    )


@pytest.mark.parametrize("number", STEPS)
def test_the_step_itself_does_not_say_what_to_write(small_model: Model, plain: Book, number: int) -> None:
    """Neither a formula nor words in its caption; the other blocks, and steps that are alike, show theirs."""
    book = build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, exercise=number))
    block, told = book.sheets["Block_0"], hint(small_model.config, number)
    for area in (book.locate(name)[1] for name in learner(book)):
        assert not [formula for formula in block.formulas if area.intersect(formula.rect)]
        (row,) = [r for r in range(area.top - 4, area.top) if str(block.grid[r, 1]).startswith(f"Step {number}:")]
        texts, before = (texts_in(b, Rect(row, 3, row, area.right)) for b in (book, plain))
        assert "yours to write; hint below" in texts
        assert before - texts  # the words that say it
        assert before & texts == before & set(small_model.tensors)  # links to tensors stay
        assert f"Hint: {told}" in texts_in(book, Rect(area.bottom + 1, 3, area.bottom + 1, area.right))
    assert not [name for name in ("VARP", "MMULT", "SQRT", "EXP(", "TRANSPOSE", "=") if name in told]
    assert len({hint(small_model.config, other) for other in STEPS}) == len(STEPS)


def texts_in(book: Book, rect: Rect) -> set[str]:
    return {value for value in book.sheets["Block_0"].grid.read(rect).ravel().tolist() if isinstance(value, str)}


def test_formulas_of_the_answers_are_hidden(small_model: Model, tmp_path: Path) -> None:
    write(exercise_book(small_model, 7), tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["Answers"]
    assert sheet.protection.sheet
    top = read(tmp_path / "a.xlsx").locate(step("h.0", 7, 0))[1].top
    assert sheet.cell(top, 3).protection.hidden
    assert not load_workbook(tmp_path / "a.xlsx")["Block_0"].protection.sheet


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [(None, 0.0), ("", 0.0), ("x", -1.0), (0.5, -1.0), (True, -1.0), (ErrorValue.NA, -1.0), ("right", 1.0)],
)
def test_what_a_cell_can_hold(small_model: Model, typed: Value, verdict: float) -> None:
    book = exercise_book(small_model, 16)
    place, area = book.locate("exercise.typed_1")
    right = book.read(step("h.0", 16))[1, 2].item()
    book.sheets[place].grid[area.top + 1, area.left + 2] = right if typed == "right" else typed
    recalculate(book)
    verdicts = book.read("exercise.verdicts_1")
    assert verdicts[1, 2] == verdict
    assert np.count_nonzero(verdicts) == abs(verdict)
    assert_values_are_those_of_the_reference(book)
    words = {1.0: "✓ so far", -1.0: "✗ not yet", 0.0: "to do"}
    assert book.read("exercise.verdict").ravel().tolist() == ["to do", words[verdict], *["to do"] * 3]


def test_cells_of_the_future_stay_blank_or_hold_what_a_mask_writes(small_model: Model) -> None:
    for number, mask in ((6, -1e10), (7, 0.0)):
        book = exercise_book(small_model, number, solution=True)
        place, area = book.locate("exercise.typed_1")
        book.sheets[place].grid[area.top, area.left + 3] = mask
        recalculate(book)
        assert book.read("exercise.message").item().startswith("✓ All")
        book.sheets[place].grid[area.top, area.left + 3] = 0.25
        recalculate(book)
        assert book.read("exercise.wrong").ravel().tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]
        assert book.read("exercise.message").item() == "45 of 45 right, 1 wrong, 0 to do"
        assert_values_are_those_of_the_reference(book)


@pytest.mark.parametrize("number", [7, 16])
def test_lenses_go_on_with_the_right_values_too(small_model: Model, number: int) -> None:
    book = exercise_book(small_model, number, lenses=("all",))
    assert_lenses_are_those_of_the_reference(book)
    assert_values_are_those_of_the_reference(book)


def test_a_window_of_one_token(small_model: Model) -> None:
    for number in (6, 7, 13):
        options = LayoutOptions(prompt="p", ids=[5], rows=1, exercise=number, solution=True)
        book = build_book(small_model, options)
        recalculate(book)
        assert book.read("exercise.verdict").ravel().tolist() == ["✓ right"]
        assert_values_are_those_of_the_reference(book)


def test_a_refused_prompt_is_told_and_judges_nothing(small_model: Model) -> None:
    options = LayoutOptions(prompt="far too long", ids=None, rows=ROWS, limits=Limits(8), exercise=3)
    book = build_book(small_model, options)
    recalculate(book)
    assert book.read("exercise.message").item() == ""
    values = [value for _, value in book.sheets["Exercise"].grid.items()]
    assert Limits(8).too_long in values
    assert exercise_progress(book) is None
    assert set(book.read("exercise.verdicts_1").ravel().tolist()) == {""}


def attempted(tmp_path: Path) -> tuple[Path, Book]:
    """Step 2 of a lighter copy with one row right, one wrong, some odd cells, and a few answers of the warm-up."""
    model = make_subset(load_checkpoint(MINI), "1", 600)
    book = build_book(model, resolve_options(model, BuildOptions(prompt="The", context=6, exercise=2)))
    block, area, x = book.sheets["Block_0"], book.locate("exercise.typed_1")[1], book.locate(step("h.0", 1))[1]
    for t, function in enumerate(("VARP", "VAR")):
        row, target = (Rect(r.top + t, r.left, r.top + t, r.right) for r in (x, area))
        block.put_formula(target, f"({row}-AVERAGE({row}))/SQRT({function}({row})+0.00001)", array=True)
    block.put(at(area.top + 2, area.left), "abc")
    block.put_formula(at(area.top + 2, area.left + 1), "1/0")
    block.put_formula(at(area.top + 2, area.left + 2), "1E-300*Exercise!I13")
    book.sheets["Exercise"].put_formula(at(13, 9), f"AVERAGE(Block_0!{Rect(x.top, x.left, x.top, x.right)})")
    units, gaps = book.locate("network.typed")[1], book.locate("quiz.typed")[1]
    book.sheets["Network"].put_formula(at(units.top, units.left), "1/(1+EXP(-0.6))")
    book.sheets["Network"].put(at(units.top + 1, units.left), 1.283)
    for k, value in enumerate((" To-kens", "cross", None, "0", 90.0)):
        book.sheets["Quiz"].put(at(gaps.top + k, gaps.left), value)
    recalculate(book)
    write(book, tmp_path / "attempt.xlsx")
    return tmp_path / "attempt.xlsx", book


def test_what_a_learner_wrote_is_no_difference(tmp_path: Path) -> None:
    path, book = attempted(tmp_path)
    report = check(path, skip=["LibreOffice", "IronCalc"])
    assert report.agrees, report.as_text()
    assert "exercise  step 2 of block 0, 64 of 384 cells right, 67 wrong" in report.as_text()
    entry = report.as_dict()["exercise"]
    assert json.loads(json.dumps(entry)) == {"step": 2, "cells": 384, "right": 64, "wrong": 67}
    assert run(path).exercise == report.exercise
    assert book.read("network.verdicts").ravel().tolist() == ["✓ right", "✗ not yet", "to do"]
    assert book.read("quiz.score").item() == "3 of 10 right"
    book.sheets["Answers"].formulas.pop()
    book.sheets["Block_0"].put_formula(at(500, 3), "1+1")
    expected = build_book(
        make_subset(load_checkpoint(MINI), "1", 600),
        LayoutOptions(prompt="The", ids=None, rows=6, limits=Limits(), exercise=2, lenses=("network", "quiz")),
    )
    findings = list(content_findings(book, expected, typed_cells(book)))
    assert any("Answers" in finding for finding in findings)
    assert any("Block_0!C500" in finding for finding in findings)


def test_every_program_agrees_on_what_a_learner_wrote(tmp_path: Path) -> None:
    report = check(attempted(tmp_path)[0])
    assert report.agrees, report.as_text()


def test_a_changed_number_of_the_step_is_a_difference(small_model: Model) -> None:
    book = exercise_book(small_model, 2)
    place, cell = book.locate("exercise.step")
    for value in (99.0, 2.5, "x", None):
        book.sheets[place].grid[cell.top, cell.left] = value
        assert exercise_progress(book) is None
        findings = list(model_findings(book, None))
        assert any("Exercise" in finding for finding in findings)


def test_an_exercise_is_one_workbook(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no exercises"):
        build_split("mini", tmp_path / "s", exercise=2)
    with pytest.raises(UsageError, match="no such step"):
        build("mini", tmp_path / "a.xlsx", exercise=17)
    assert list(tmp_path.iterdir()) == []

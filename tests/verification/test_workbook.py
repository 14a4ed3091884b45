"""The check finds what is wrong with a workbook: every single corrupted cell, named, with its step."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.address import Rect, at, reference
from sheetgpt.book.book import Book
from sheetgpt.commands.build import build
from sheetgpt.commands.recalc import recalc
from sheetgpt.comparison.grid_pair import format_value
from sheetgpt.comparison.result import Rules
from sheetgpt.errors import EngineError, UsageError
from sheetgpt.verification import as_used, workbook
from sheetgpt.verification.labels import groups
from sheetgpt.verification.report import Outcome
from sheetgpt.verification.workbook import all_witnesses, check
from sheetgpt.witnesses.program import ENGINES
from sheetgpt.witnesses.values import Values
from sheetgpt.witnesses.witness import Evidence
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.damage import with_formula

INSIDE = ("LibreOffice", "IronCalc")  # not asked here: a file is checked a hundred times
IDS = [5, 17, 200, 3]
ROWS = 7
STEP_OF = {
    "ln_1": "step_03.ln_1",
    "attn.c_attn": "step_04.c_attn",
    "attn.c_proj": "step_09.c_proj",
    "ln_2": "step_12.ln_2",
    "mlp.c_fc": "step_13.c_fc",
    "mlp.c_proj": "step_15.mlp_c_proj",
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_checkpoint(tmp_path_factory.mktemp("checked") / "model", seed=5)


@pytest.fixture(scope="module")
def good(model: Path) -> Path:
    return build(str(model), model.parent / "good.xlsx", token_ids=IDS, context=ROWS)


@pytest.fixture(scope="module")
def book(good: Path) -> Book:
    return read(good)


def label_of(book: Book, sheet: str, rect: Rect) -> str:
    """The label that a report gives a cell: its named activation, or its sheet."""
    for label, places in groups(book).items():
        if any(place == sheet and area.contains(rect) for place, area in places):
            return label
    return sheet


def other_digit(text: str, generator: random.Random) -> str:
    """The text with one of its digits changed."""
    place = generator.choice([match.start() for match in re.finditer(r"\d", text)])
    return text[:place] + generator.choice([d for d in "0123456789" if d != text[place]]) + text[place + 1 :]


def test_a_good_workbook_agrees_with_every_witness(good: Path, model: Path) -> None:
    report = check(good, model=str(model))
    assert report.agrees, report.as_text()
    assert not report.findings
    for name, comparison in report.comparisons.items():
        assert comparison.cells == report.cells, f"{name} compared {comparison.cells} of {report.cells}"
    assert set(report.comparisons) | set(report.absent) == {witness.name for witness in all_witnesses()}
    assert report.as_text().endswith("every witness agrees")


@pytest.mark.parametrize("seed", range(24))
def test_a_changed_stored_value_is_found(good: Path, book: Book, tmp_path: Path, seed: int) -> None:
    generator = random.Random(seed)
    sheets = [sheet for sheet in book.sheets.values() if sheet.formulas]
    sheet = generator.choice(sheets)
    cells = [cell for f in sheet.formulas for cell in f.rect.cells() if isinstance(sheet.grid[cell], float)]
    cell = generator.choice(cells)
    value = sheet.grid[cell]
    assert isinstance(value, float)
    changed = value + generator.choice([1e-6, -1e-3, 0.5, 7.0]) * max(1.0, abs(value))
    patch(good, tmp_path / "bad.xlsx", {sheet.name: {cell: changed}})
    report = check(tmp_path / "bad.xlsx", skip=INSIDE)
    assert not report.agrees
    assert report.first is not None
    assert report.first.step == label_of(book, sheet.name, at(*cell))
    assert report.first.cell == reference(sheet.name, at(*cell), absolute=False)
    differing = {d.address for c in report.comparisons.values() for d in c.differences}
    assert differing == {reference(sheet.name, at(*cell), absolute=False)}


def test_a_changed_stored_text_is_found(good: Path, book: Book, tmp_path: Path) -> None:
    sheet, rect = book.locate("top.shown")
    patch(good, tmp_path / "bad.xlsx", {sheet: {(rect.top, rect.left + 1): "other"}})
    report = check(tmp_path / "bad.xlsx", skip=INSIDE)
    assert report.first is not None
    assert report.first.step == "top.shown"


def steps_of(tensor: str, row: int, book: Book) -> set[str]:
    """Where a changed number of a tensor shows first, by what each tensor is for."""
    ids = set(book.read("token.ids").ravel().astype(int).tolist())
    if tensor == "wte.weight":
        return {"embedding.token"} if row in ids else {"logits"}
    if tensor == "wpe.weight":
        return {"embedding.position"} if row < ROWS else set()
    if tensor.startswith("ln_f"):
        return {"ln_f.output"}
    block, part = re.fullmatch(r"(h\.\d+)\.(.*)\.(?:weight|bias)", tensor).groups()  # type: ignore[union-attr]
    return {f"{block}.{STEP_OF[part]}"}


@pytest.mark.parametrize("seeds", [range(start, start + 10) for start in (100, 110, 120)])
def test_changed_digits_in_weights_are_found(
    good: Path, model: Path, book: Book, tmp_path: Path, seeds: Sequence[int]
) -> None:
    located = [a_changed_weight_is_found(good, model, book, tmp_path, random.Random(seed)) for seed in seeds]
    assert located.count(True) >= 3  # the last digits of a number move no value by more than the tolerance


def a_changed_weight_is_found(good: Path, model: Path, book: Book, tmp_path: Path, generator: random.Random) -> bool:
    """Assert that a weight with another digit is named; whether the first value that it moves was named too."""
    tensor = generator.choice(
        sorted(name for name in book.names if re.match(r"(wte|wpe|h\.\d+|ln_f)\.(?!step|norm|out)", name))
    )
    sheet, rect = book.locate(tensor)
    cell = generator.randint(rect.top, rect.bottom), generator.randint(rect.left, rect.right)
    text = repr(book.sheets[sheet].grid[cell])
    patch(good, tmp_path / "bad.xlsx", {sheet: {cell: float(other_digit(text, generator))}})
    report = check(tmp_path / "bad.xlsx", model=str(model), skip=INSIDE)
    assert not report.agrees
    address = reference(sheet, at(*cell), absolute=False)
    assert any("fingerprint" in finding and tensor in finding for finding in report.findings)
    assert [finding for finding in report.findings if f"{address} in {tensor} holds" in finding]
    assert report.first is None or report.first.step in steps_of(tensor, cell[0] - rect.top, book)
    return report.first is not None


def test_a_clearly_changed_weight_is_found_by_its_step(good: Path, book: Book, tmp_path: Path) -> None:
    for tensor in (
        "wte.weight",
        "wpe.weight",
        "h.0.ln_1.bias",
        "h.1.attn.c_attn.weight",
        "h.1.mlp.c_proj.bias",
        "ln_f.weight",
    ):
        sheet, rect = book.locate(tensor)
        row = rect.top + (IDS[1] if tensor == "wte.weight" else 0)
        patch(good, tmp_path / "bad.xlsx", {sheet: {(row, rect.left + 1): 3.25}})
        report = check(tmp_path / "bad.xlsx", skip=INSIDE)
        assert report.first is not None
        assert {report.first.step} == steps_of(tensor, row - rect.top, book)


@pytest.mark.parametrize("seeds", [range(start, start + 10) for start in (1000, 1010, 1020, 1030)])
def test_changed_digits_in_formulas_are_found(good: Path, book: Book, tmp_path: Path, seeds: Sequence[int]) -> None:
    located = [a_changed_formula_is_found(good, book, tmp_path, random.Random(seed)) for seed in seeds]
    assert located.count(True) >= 3  # others give the same value, or cannot be calculated


def a_changed_formula_is_found(good: Path, book: Book, tmp_path: Path, generator: random.Random) -> bool:
    """Assert that a formula with another digit is named; whether the first value that it moves was named too."""
    with_digits = {s.name: [f for f in s.formulas if re.search(r"\d", f.text)] for s in book.sheets.values()}
    sheet = book.sheets[generator.choice([name for name, formulas in with_digits.items() if formulas])]
    formula = generator.choice(with_digits[sheet.name])
    with_formula(good, tmp_path / "bad.xlsx", sheet.name, formula, other_digit(formula.text, generator))
    report = check(tmp_path / "bad.xlsx", skip=INSIDE)
    assert not report.agrees
    address = reference(sheet.name, at(formula.rect.top, formula.rect.left), absolute=False)
    assert any(f"@@ {address} @@" in finding for finding in report.findings), report.findings
    if "evaluator" not in report.comparisons:
        assert "evaluator" in report.failed
        return False
    assert report.first is None or report.first.step == label_of(book, sheet.name, formula.rect)
    return report.first is not None


def test_all_programs_find_a_changed_formula(good: Path, book: Book, tmp_path: Path) -> None:
    sheet = book.sheets["Block_1"]
    formula = next(f for f in sheet.formulas if "0.044715" in f.text)
    with_formula(good, tmp_path / "bad.xlsx", "Block_1", formula, formula.text.replace("0.044715", "0.044716"))
    report = check(tmp_path / "bad.xlsx")
    assert report.first is not None
    assert report.first.step == "h.1.step_14.gelu"
    for name in {"evaluator", *INSIDE} & set(report.comparisons):
        assert not report.comparisons[name].agrees, name
    assert report.comparisons["reference"].agrees  # the model is what it was, and so are the stored values


def test_a_changed_label_is_found(good: Path, tmp_path: Path) -> None:
    patch(good, tmp_path / "bad.xlsx", {"Block_0": {(4, 1): "Step 2: input"}})
    report = check(tmp_path / "bad.xlsx", skip=INSIDE)
    assert any("Block_0!A4" in finding for finding in report.findings)


def test_any_workbook_can_be_checked(tmp_path: Path) -> None:
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.active["A1"], workbook.active["A2"] = 2, "=A1*3"
    workbook.save(tmp_path / "plain.xlsx")
    patch(tmp_path / "plain.xlsx", tmp_path / "plain.xlsx", {"Sheet": {(2, 1): 6.0}})
    report = check(tmp_path / "plain.xlsx", skip=INSIDE)
    assert report.agrees
    assert report.absent["reference"] == "the workbook holds no GPT-2"
    patch(tmp_path / "plain.xlsx", tmp_path / "plain.xlsx", {"Sheet": {(2, 1): 6.5}})
    assert check(tmp_path / "plain.xlsx", skip=INSIDE).outcome is Outcome.DIFFER


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


def test_a_value_that_is_missing_from_our_own_workbook_is_a_difference(good: Path, book: Book, tmp_path: Path) -> None:
    sheet, rect = book.locate("h.1.step_09.c_proj")
    patch(good, tmp_path / "bad.xlsx", {sheet: {(rect.top, rect.left): None}})
    report = check(tmp_path / "bad.xlsx", skip=INSIDE)
    assert report.outcome is Outcome.DIFFER
    assert report.first is not None
    assert report.first.cell == reference(sheet, at(rect.top, rect.left), absolute=False)
    blank = {s.name: {c: None for f in s.formulas for c in f.rect.cells()} for s in book.sheets.values() if s.formulas}
    patch(good, tmp_path / "bare.xlsx", blank)
    assert check(tmp_path / "bare.xlsx", skip=INSIDE).reason.startswith("none of its formula cells")


def test_a_witness_that_cannot_calculate_found_no_difference(tmp_path: Path) -> None:
    path = filled(tmp_path, {"A1": 2, "A2": "=PMT(0.1,3,1000)"}, {(2, 1): -402.114803625377})
    report = check(path, skip=["IronCalc"])
    assert "functions that cannot be calculated: PMT in Sheet!A2" in report.failed["evaluator"]
    assert report.outcome is Outcome.NOT_COMPARED


def test_what_one_witness_cannot_calculate_another_can(tmp_path: Path) -> None:
    if ENGINES["LibreOffice"].available() is None:
        pytest.skip("needs LibreOffice")
    path = filled(tmp_path, {"A1": 2, "A2": "=PMT(0.1,3,1000)"}, {(2, 1): -402.114803625377})
    report = check(path, skip=["IronCalc"])
    assert report.reason == "LibreOffice agrees, but the evaluator could not compare"
    assert check(path, skip=["IronCalc", "evaluator"]).agrees
    patch(path, path, {"Sheet": {(2, 1): -402.2}})
    assert check(path, skip=["IronCalc"]).outcome is Outcome.DIFFER


def test_an_engine_that_fails_does_not_stop_the_others(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        how_to_install, rules = "", Rules()
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


def test_a_weight_that_is_no_number_is_a_finding(good: Path, book: Book, tmp_path: Path) -> None:
    sheet, rect = book.locate("h.0.ln_1.weight")
    patch(good, tmp_path / "bad.xlsx", {sheet: {(rect.top, rect.left): "one"}})
    report = check(tmp_path / "bad.xlsx", skip=INSIDE)
    assert any("h.0.ln_1.weight holds 'one', expected a number" in finding for finding in report.findings)
    assert "evaluator" in report.comparisons
    assert "expected a number" in report.failed["reference"]


def filled(folder: Path, cells: dict[str, object], values: dict[tuple[int, int], float] | None = None) -> Path:
    """A workbook with these cells, by openpyxl; only the formulas in `values` have a value."""
    import openpyxl

    workbook = openpyxl.Workbook()
    for cell, content in cells.items():
        workbook.active[cell] = content
    workbook.save(folder / "filled.xlsx")
    patch(folder / "filled.xlsx", folder / "filled.xlsx", {"Sheet": values or {}})
    return folder / "filled.xlsx"


def test_unknown_witnesses_are_refused(good: Path) -> None:
    with pytest.raises(UsageError, match="no witness 'Calc'"):
        check(good, skip=["Calc"])


def test_a_workbook_without_formulas_agrees_with_nobody(tmp_path: Path) -> None:
    import openpyxl

    openpyxl.Workbook().save(tmp_path / "empty.xlsx")
    report = check(tmp_path / "empty.xlsx", skip=INSIDE)
    assert (report.outcome, report.reason) == (Outcome.NOT_COMPARED, "it has no formulas")


def test_nobody_asked_is_no_agreement(good: Path) -> None:
    report = check(good, skip=[*INSIDE, "evaluator", "reference"])
    assert (report.outcome, report.reason) == (Outcome.NOT_COMPARED, "no witness was asked")


def test_the_text_ends_with_prompt_answer_and_a_line_for_each_witness(tmp_path: Path) -> None:
    report = check(build("mini", tmp_path / "mini.xlsx"), skip=INSIDE)
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

    report = check(good, skip=INSIDE)
    short, entries = (json.loads(json.dumps(report.as_dict(steps))) for steps in (False, True))
    assert (entries["agrees"], entries["outcome"], entries["reason"]) == (True, "agree", "")
    assert "groups" not in short["witnesses"]["reference"]
    assert short["witnesses"]["reference"]["largest"] == entries["witnesses"]["reference"]["largest"]
    assert entries["first_difference"] is None
    assert set(entries["witnesses"]) == {"evaluator", "reference"}
    steps = {group["label"]: group for group in entries["witnesses"]["reference"]["groups"]}
    assert steps["h.1.step_06.scores"]["cells"] == 3 * ROWS * (ROWS + 1) / 2
    assert np.isfinite(steps["logits"]["largest"])


def test_a_prompt_that_the_workbook_does_not_take_is_no_difference(tmp_path: Path) -> None:
    """The sheet says what is wrong; there is no answer that the reference could compare."""
    model = random_checkpoint(tmp_path / "text", n_layer=1)
    path = build(str(model), tmp_path / "text.xlsx", prompt="one two", context=8, max_chars=12)
    assert check(path, skip=INSIDE).agrees
    for typed in (None, "far too long for it", 123.0):
        recalc(path, tmp_path / "other.xlsx", {"prompt.text": typed})
        report = check(tmp_path / "other.xlsx", skip=INSIDE)
        assert report.agrees, report.as_text()
        assert ("reference" in report.comparisons) == (typed == 123.0)


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
    report = check(good, skip=[*INSIDE, "evaluator", "reference"])
    assert list(report.comparisons) == ["copyist"]
    assert report.comparisons["copyist"].differing == report.comparisons["copyist"].not_covered == 1
    assert report.findings == ["a blot"]
    assert "99" in report.as_text()
    assert check(good, skip=[*INSIDE, "reference", "Copyist"]).agrees
    with pytest.raises(UsageError, match="copyist"):
        check(good, skip=["nobody"])

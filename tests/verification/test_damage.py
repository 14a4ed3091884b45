"""The check finds what is wrong with a workbook: every single corrupted cell, named, with its step."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from sheetgpt.book.address import Rect, at, reference
from sheetgpt.book.book import Book
from sheetgpt.verification.labels import groups
from sheetgpt.verification.report import Outcome
from sheetgpt.verification.workbook import check
from sheetgpt.xlsx.patch import patch
from support.checked import IDS, ROWS
from support.damage import with_formula
from support.programs import PROGRAMS

STEP_OF = {
    "ln_1": "step_03.ln_1",
    "attn.c_attn": "step_04.c_attn",
    "attn.c_proj": "step_09.c_proj",
    "ln_2": "step_12.ln_2",
    "mlp.c_fc": "step_13.c_fc",
    "mlp.c_proj": "step_15.mlp_c_proj",
}


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
    report = check(tmp_path / "bad.xlsx", skip=PROGRAMS)
    assert not report.agrees
    assert report.first is not None
    assert report.first.step == label_of(book, sheet.name, at(*cell))
    assert report.first.cell == reference(sheet.name, at(*cell), absolute=False)
    differing = {d.address for c in report.comparisons.values() for d in c.differences}
    assert differing == {reference(sheet.name, at(*cell), absolute=False)}


def test_a_changed_stored_text_is_found(good: Path, book: Book, tmp_path: Path) -> None:
    sheet, rect = book.locate("top.shown")
    patch(good, tmp_path / "bad.xlsx", {sheet: {(rect.top, rect.left + 1): "other"}})
    report = check(tmp_path / "bad.xlsx", skip=PROGRAMS)
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
    report = check(tmp_path / "bad.xlsx", model=str(model), skip=PROGRAMS)
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
        report = check(tmp_path / "bad.xlsx", skip=PROGRAMS)
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
    report = check(tmp_path / "bad.xlsx", skip=PROGRAMS)
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
    for name in {"evaluator", *PROGRAMS} & set(report.comparisons):
        assert not report.comparisons[name].agrees, name
    assert report.comparisons["reference"].agrees  # the model is what it was, and so are the stored values


def test_a_changed_label_is_found(good: Path, tmp_path: Path) -> None:
    patch(good, tmp_path / "bad.xlsx", {"Block_0": {(4, 1): "Step 2: input"}})
    report = check(tmp_path / "bad.xlsx", skip=PROGRAMS)
    assert any("Block_0!A4" in finding for finding in report.findings)


def test_a_value_that_is_missing_from_our_own_workbook_is_a_difference(good: Path, book: Book, tmp_path: Path) -> None:
    sheet, rect = book.locate("h.1.step_09.c_proj")
    patch(good, tmp_path / "bad.xlsx", {sheet: {(rect.top, rect.left): None}})
    report = check(tmp_path / "bad.xlsx", skip=PROGRAMS)
    assert report.outcome is Outcome.DIFFER
    assert report.first is not None
    assert report.first.cell == reference(sheet, at(rect.top, rect.left), absolute=False)
    blank = {s.name: {c: None for f in s.formulas for c in f.rect.cells()} for s in book.sheets.values() if s.formulas}
    patch(good, tmp_path / "bare.xlsx", blank)
    assert check(tmp_path / "bare.xlsx", skip=PROGRAMS).reason.startswith("none of its formula cells")


def test_a_weight_that_is_no_number_is_a_finding(good: Path, book: Book, tmp_path: Path) -> None:
    sheet, rect = book.locate("h.0.ln_1.weight")
    patch(good, tmp_path / "bad.xlsx", {sheet: {(rect.top, rect.left): "one"}})
    report = check(tmp_path / "bad.xlsx", skip=PROGRAMS)
    assert any("h.0.ln_1.weight holds 'one', expected a number" in finding for finding in report.findings)
    assert "evaluator" in report.comparisons
    assert "expected a number" in report.failed["reference"]

"""When a workbook calculates: at every change, or only when asked; and what its sheets say of that."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

import pytest

from sheetgpt.book.book import Book
from sheetgpt.commands.build import build
from sheetgpt.commands.run import run
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from sheetgpt.layout import notices
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.verification.workbook import check
from sheetgpt.xlsx import writer
from sheetgpt.xlsx.reader import read
from sheetgpt.xlsx.writer import write
from support.checkpoints import random_checkpoint


def calculation(path: Path) -> str:
    """The element that tells programs when to calculate."""
    with ZipFile(path) as package:
        found = re.search(rb"<calcPr[^>]*>", package.read("xl/workbook.xml"))
    assert found
    return found[0].decode()


def test_a_small_workbook_calculates_at_every_change(small_model: Model, tmp_path: Path) -> None:
    book = build_book(small_model, LayoutOptions(prompt="one", ids=None, rows=4))
    write(book, tmp_path / "a.xlsx")
    assert 'fullCalcOnLoad="1"' in calculation(tmp_path / "a.xlsx")
    assert "calcMode" not in calculation(tmp_path / "a.xlsx")
    assert not book.manual
    assert not read(tmp_path / "a.xlsx").manual
    assert (notices.NOTICE_ROW, 1) not in dict(book.sheets["Map"].grid.items())


def test_a_large_workbook_calculates_at_every_change_and_says_what_that_costs(
    small_model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = build_book(small_model, LayoutOptions(prompt="one", ids=None, rows=4))
    formulas = sum(formula.rect.size for sheet in book.sheets.values() for formula in sheet.formulas)
    cells = small_model.config.parameters + formulas
    for limit, large in ((cells - 1, True), (cells, False)):
        monkeypatch.setattr(notices, "SLOW_ABOVE", limit)
        book = build_book(small_model, LayoutOptions(prompt="one", ids=None, rows=4))
        assert not book.manual
        note = book.sheets["Map"].grid[notices.NOTICE_ROW, 1]
        assert (f"With {cells:,} numbers and formula cells" in str(note)) is large
        assert ("AutoCalculate" in str(note)) is large


def test_excel_trusts_the_values_of_a_large_workbook(
    small_model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "_SLOW", 1000)
    write(build_book(small_model, LayoutOptions(prompt="one", ids=None, rows=4)), tmp_path / "a.xlsx")
    assert "fullCalcOnLoad" not in calculation(tmp_path / "a.xlsx")
    assert "calcMode" not in calculation(tmp_path / "a.xlsx")


def test_a_workbook_calculated_on_request_says_the_key_beside_the_prompt(small_model: Model) -> None:
    book = build_book(small_model, LayoutOptions(prompt="one", ids=None, rows=4, manual=True))
    assert book.manual
    assert "Ctrl+Shift+F9" in str(book.sheets["Map"].grid[notices.NOTICE_ROW, 1])
    sheet, prompt = book.locate("prompt.text")
    assert "Ctrl+Shift+F9" in str(book.sheets[sheet].grid[prompt.top - 1, 1])


def test_manual_is_part_of_a_book(tmp_path: Path) -> None:
    book = Book(manual=True)
    book.add("A")
    write(book, tmp_path / "a.xlsx")
    assert read(tmp_path / "a.xlsx") == book
    assert book != Book({"A": book.sheets["A"]})
    found = calculation(tmp_path / "a.xlsx")
    assert 'calcMode="manual"' in found
    assert "fullCalcOnLoad" not in found


def test_a_manual_workbook_is_checked_and_run_like_any_other(tmp_path: Path) -> None:
    """Every engine calculates it, although it asks not to be calculated when it is opened."""
    folder = random_checkpoint(tmp_path / "m")
    path = build(str(folder), tmp_path / "a.xlsx", prompt="one", context=6, manual=True, lenses="none")
    assert read(path).manual
    report = check(path, str(folder))
    assert report.agrees, report.as_text()
    answer = run(path, "two", output=tmp_path / "b.xlsx")
    assert read(tmp_path / "b.xlsx").manual
    assert run(tmp_path / "b.xlsx") == answer
    report = check(tmp_path / "b.xlsx", str(folder))
    assert report.agrees, report.as_text()
    assert load_checkpoint(folder).config.n_layer == 2

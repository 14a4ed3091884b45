"""All lenses: against the reference and other programs, and how they are chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgpt.book.address import at
from sheetgpt.book.book import Book
from sheetgpt.commands.build import build
from sheetgpt.errors import UsageError
from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.lenses import lens as registry
from sheetgpt.layout.lenses.lens import LENSES, Lens
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.layout.page import add_titled_sheet
from sheetgpt.split.build import build_split
from sheetgpt.verification.workbook import check
from sheetgpt.witnesses.reference.lenses import lens_values as reference_lenses
from sheetgpt.witnesses.reference.workbook import expected_values
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.lenses import IDS, ROWS, all_lenses, assert_lenses_are_those_of_the_reference


@pytest.mark.parametrize("entries", [{}, {"n_layer": 1}, {"tie_word_embeddings": False, "layer_norm_epsilon": 0.01}])
def test_values_are_those_of_the_reference(tmp_path: Path, entries: dict) -> None:
    assert_lenses_are_those_of_the_reference(all_lenses(load_checkpoint(random_checkpoint(tmp_path, **entries))))


def test_a_window_of_one_token_has_no_averages(small_model: Model) -> None:
    book = build_book(small_model, LayoutOptions(prompt="p", ids=[5], rows=1, lenses=("all",)))
    recalculate(book)
    assert "attention.previous" not in book.names
    assert book.read("attention.rollout").item() == 1.0
    assert_lenses_are_those_of_the_reference(book, at_least=500)


def test_every_program_agrees_and_check_knows_what_may_be_typed(tmp_path: Path) -> None:
    path = build(
        "mini", tmp_path / "a.xlsx", prompt="Mike is quick. He moves", blocks="2", vocab_limit=600, lenses=["all"]
    )
    report = check(path)
    assert report.agrees, report.as_text()
    book = read(path)
    sheet, cell = book.locate("depth.typed_position")
    patch(path, tmp_path / "b.xlsx", {sheet: {(cell.top, cell.left): 2.0}})
    assert check(tmp_path / "b.xlsx", skip=["LibreOffice", "IronCalc", "evaluator", "reference"]).findings == []
    sheet, cell = book.locate("depth.rank")
    patch(path, tmp_path / "c.xlsx", {sheet: {(cell.top, cell.left): 7.0}})
    assert not check(tmp_path / "c.xlsx", skip=["LibreOffice", "IronCalc"]).agrees


def test_lenses_are_chosen_by_name(small_model: Model, tmp_path: Path) -> None:
    plain = build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS))
    assert not {lens.sheet for lens in LENSES.values()} & set(plain.sheets)
    with pytest.raises(UsageError, match="no lens 'x'"):
        build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("x",)))
    with pytest.raises(UsageError, match="no lenses"):
        build_split("mini", tmp_path / "s", lenses=["all"])
    assert list(tmp_path.iterdir()) == []


def test_a_lens_is_added_in_one_place(small_model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry of `LENSES` is laid out, stands on the Map with its words, and is compared with the reference."""

    def twice(book: Book, config: Config, rows: int) -> None:
        sheet = add_titled_sheet(book, "Twice", "Twice", "for tests", "activation")
        book.define("twice.embeddings", "Twice", sheet.put_formula(at(4, 3), "2*INDEX(embedding.token,1,1)"))

    monkeypatch.setitem(registry.LENSES, "twice", Lens("Twice", "for tests", twice))
    values = {"Twice": lambda book, config, tensors, a: {"twice.embeddings": 2 * a["embedding.token"][:1, :1]}}
    monkeypatch.setattr(reference_lenses, "LENS_VALUES", values)
    book = build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("twice",)))
    recalculate(book)
    assert "for tests" in [value for _, value in book.sheets["Map"].grid.items()]
    grids, cells = expected_values(book)
    assert at(4, 3) in cells["Twice"]
    assert grids["Twice"][4, 3] == book.sheets["Twice"].grid[4, 3] != 0

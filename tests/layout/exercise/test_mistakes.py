"""Right formulas turn green, however they are written; mistakes do not: in the evaluator and in LibreOffice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.book import Book
from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2.activations import STEPS
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.schema.exercise import exercise_progress
from sheetgpt.witnesses import libreoffice
from sheetgpt.witnesses.libreoffice import Session, UserSession
from sheetgpt.xlsx.writer import write
from support.attempts import MISTAKES, RIGHT, ROWS, Attempt, Desk
from support.checkpoints import random_checkpoint

IN_LIBREOFFICE = (2, 4, 6, 7, 9, 14, 16)  # steps; the verdicts of the others are the same formulas
TYPED = (1, 4)  # rows that are typed there
SHARE = 0.03  # of the cells of a mistaken formula that may be right: those in which the mistake makes no difference
# Mistakes that make no difference in some rows, from 0: the last row has nothing after it, the first only itself.
HARMLESS = {"mask after softmax": {ROWS - 1}, "mask forgotten": {ROWS - 1}, "divided by the sum of scores": {0}}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """One block, with a smaller vocabulary: the same formulas, in less time."""
    return load_checkpoint(random_checkpoint(tmp_path_factory.mktemp("model"), n_layer=1))


def exercise_book(model: Model, number: int) -> Book:
    return build_book(model, LayoutOptions(prompt="p", ids=[5, 17, 200, 3], rows=ROWS, exercise=number))


@contextmanager
def written(book: Book, attempt: Attempt) -> Iterator[Book]:
    """The book with an attempt in the learner's cells."""
    sheet = book.sheets["Block_0"]
    before = list(sheet.formulas)
    for rect, text, array in attempt(Desk(book)):
        sheet.put_formula(rect, text, array=array)
    recalculate(book)
    yield book
    for rect, _, _ in attempt(Desk(book)):
        sheet.grid.write(rect, None)
    sheet.formulas[:] = before


def judge(
    name: str, right: np.ndarray, wrong: np.ndarray, cells: np.ndarray, typed: Sequence[int] = range(ROWS)
) -> None:
    """Assert that the rows in which a mistake makes a difference are not right, nor many cells of them."""
    shown = [t for t in typed if t not in HARMLESS.get(name, ())]
    assert (wrong[shown] > 0).all(), name
    if name != "mask forgotten":  # there the cells of the past are right, and those of the future are marked
        assert right[shown].sum() <= SHARE * cells[shown].sum(), name


def test_there_are_twenty_mistakes_and_every_step_has_some() -> None:
    assert set(RIGHT) == set(MISTAKES) == set(STEPS)
    assert sum(map(len, MISTAKES.values())) >= 20


@pytest.mark.parametrize("number", STEPS)
def test_only_what_is_right_turns_green(model: Model, number: int) -> None:
    book = exercise_book(model, number)
    for name, attempt in RIGHT[number].items():
        with written(book, attempt):
            progress = exercise_progress(book)
            assert progress is not None
            assert (progress.right, progress.wrong) == (progress.cells, 0), name
            assert book.read("exercise.message").item() == f"✓ All {progress.cells} cells are right."
    for name, attempt in MISTAKES[number].items():
        with written(book, attempt):
            right, wrong, cells = (book.read(f"exercise.{column}") for column in ("right", "wrong", "cells"))
            judge(name, right, wrong, cells)


def scores(session: Session, book: Book) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How many cells of each row are right, wrong, and to fill, as LibreOffice shows it."""
    right, wrong, cells = (session.read(*book.locate(f"exercise.{column}")) for column in ("right", "wrong", "cells"))
    return right, wrong, cells


def assert_typed_rows_are_right(name: str, right: np.ndarray, wrong: np.ndarray, cells: np.ndarray) -> None:
    assert right[list(TYPED)].tolist() == cells[list(TYPED)].tolist(), name
    assert right.sum() == cells[list(TYPED)].sum(), name
    assert not wrong.any(), name


@pytest.mark.skipif(libreoffice.available() is None, reason=f"needs LibreOffice: {libreoffice.how_to_install}")
def test_in_libreoffice_as_users_have_it_too(model: Model, tmp_path: Path) -> None:
    """A fresh profile, and the first thing that happens is that formulas are entered, into two of the rows."""
    assert sum(len(MISTAKES[number]) for number in IN_LIBREOFFICE) >= 20
    with UserSession() as session:
        for number in IN_LIBREOFFICE:
            book = exercise_book(model, number)
            recalculate(book)
            write(book, tmp_path / "book.xlsx")
            session.open(tmp_path / "book.xlsx")
            for name, attempt in (RIGHT[number] | MISTAKES[number]).items():
                area = book.locate("exercise.typed_1")[1]
                for rect, text, array in attempt(Desk(book)):
                    if rect.top - area.top in TYPED:
                        session.enter("Block_0", rect, text, array)
                if name in MISTAKES[number]:
                    judge(name, *scores(session, book), TYPED)
                else:
                    assert_typed_rows_are_right(name, *scores(session, book))
                    for token in (30.0, 5.0):  # another prompt, and the first one again
                        sheet, ids = book.locate("prompt.ids")
                        session.set(sheet, (ids.top, ids.left), token)
                        assert_typed_rows_are_right(name, *scores(session, book))
                session.enter("Block_0", area, "")


@pytest.mark.skipif(libreoffice.available() is None, reason=f"needs LibreOffice: {libreoffice.how_to_install}")
def test_a_saved_exercise_is_right_after_the_key_that_its_sheet_names(model: Model, tmp_path: Path) -> None:
    """LibreOffice keeps the stored values of ordinary formulas at the first change after opening: docs/engines.md."""
    book = exercise_book(model, 2)
    with written(book, RIGHT[2]["cell by cell"]):
        write(book, tmp_path / "saved.xlsx")
    assert any("Ctrl+Shift+F9" in str(value) for _, value in book.sheets["Exercise"].grid.items())
    with UserSession() as session:
        session.open(tmp_path / "saved.xlsx")
        sheet, ids = book.locate("prompt.ids")
        session.set(sheet, (ids.top, ids.left), 30.0)
        session.recalculate()
        assert session.read(*book.locate("exercise.message")).item() == "✓ All 72 cells are right."

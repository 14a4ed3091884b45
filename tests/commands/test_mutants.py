"""Workbooks with something wrong in them: each gives a result or one sentence, and a copy reads back as calculated."""

import os
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.commands.recalc import recalc
from sheetgpt.errors import SheetgptError
from sheetgpt.evaluator import Calculator
from sheetgpt.xlsx.reader import read
from support.exact import exact
from support.mutants import base, mutant

COUNT = int(os.environ.get("MUTANTS", "60"))
FIRST = int(os.environ.get("MUTANT", "0"))


def calculated(path: Path) -> Book | None:
    """The book with calculated values; None where it is refused, in one sentence and a hint."""
    try:
        book = read(path, cached=False)
        Calculator(book).recalculate()
    except SheetgptError as error:
        lines = str(error).splitlines()
        assert 1 <= len(lines) <= 2
        assert len(lines[0]) < 400
        return None
    return book


def test_each_is_right_or_refused(tmp_path: Path) -> None:
    parts, taken = base(), 0
    for seed in range(FIRST, FIRST + COUNT):
        path, copy = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
        path.write_bytes(mutant(parts, seed))
        book = calculated(path)
        if book is None:
            with pytest.raises(SheetgptError):
                recalc(path, copy)
            continue
        try:
            recalc(path, copy)
        except SheetgptError:  # a part that is no sheet is damaged, or a cell without a value lies nowhere
            continue
        taken += 1
        assert_reads_back(book, copy, seed)
        assert_others_read(book, path, copy, seed)
    assert taken > COUNT / 3


def assert_reads_back(book: Book, copy: Path, seed: int) -> None:
    again = read(copy, cached=False)
    for name, sheet in book.sheets.items():
        assert exact(again.sheets[name].grid) == exact(sheet.grid), (seed, name)
        assert again.sheets[name].formulas == sheet.formulas, (seed, name)


def assert_others_read(book: Book, path: Path, copy: Path, seed: int) -> None:
    """openpyxl sees what was calculated in each formula cell in which it sees a formula, if it reads the file."""
    try:
        before = openpyxl.load_workbook(BytesIO(path.read_bytes()))
    except Exception:
        return
    after = openpyxl.load_workbook(BytesIO(copy.read_bytes()), data_only=True)
    for name in set(before.sheetnames) & set(book.sheets):
        for formula in book.sheets[name].formulas:
            cell = formula.rect.top, formula.rect.left
            if before[name].cell(*cell).data_type == "f":
                assert after[name].cell(*cell).value == shown(book.sheets[name].grid[cell]), (seed, name, cell)


def shown(value: Value) -> object:
    if isinstance(value, ErrorValue):
        return str(value)
    return value if value != "" else None

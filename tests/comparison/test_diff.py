"""What changed between two workbooks, as data, as text, as an assertion."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from sheetgpt.book.address import Rect, at, parse_a1
from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue
from sheetgpt.comparison.diff import Change, diff_books, fold
from sheetgpt.comparison.diff_report import change_to_dict, diff_text
from sheetgpt.errors import AddressError, WorkbookError
from sheetgpt.testing import assert_workbooks_equal


def book() -> Book:
    made = Book()
    sheet = made.add("S")
    sheet.put(Rect(1, 1, 2, 3), np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    sheet.put(at(3, 1), "text")
    sheet.put_formula(at(4, 1), "A1+1")
    sheet.put(at(4, 1), 2.0)
    sheet.put_formula(Rect(5, 1, 5, 3), "A1:C1*2", array=True)
    sheet.put(Rect(5, 1, 5, 3), np.array([[2.0, 4.0, 6.0]]))
    made.add("Notes").put(at(1, 1), "hello")
    made.define("w", "S", Rect(1, 1, 2, 3))
    return made


def told(changes: list[Change]) -> list[tuple[str, str]]:
    return [(change.kind, change.where) for change in changes]


def test_no_change() -> None:
    assert diff_books(book(), book()) == []
    assert diff_text([]) == ""
    assert_workbooks_equal(book(), book())


def test_a_number() -> None:
    other = book()
    other.sheets["S"].put(at(1, 2), 4.0)
    (change,) = diff_books(book(), other)
    assert (change.kind, change.where) == ("constants", "S!B1")
    assert diff_text([change], "a.xlsx", "b.xlsx") == "--- a.xlsx\n+++ b.xlsx\n@@ S!B1 @@\n-2\n+4"
    assert change_to_dict(change) == {
        "kind": "constants",
        "where": "S!B1",
        "cells": 1,
        "sheet": "S",
        "range": "B1",
        "a": [2.0],
        "b": [4.0],
        "largest": 2.0,
    }


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1", '"1"'), (True, "TRUE"), (None, "(blank)"), (ErrorValue.NA, "#N/A"), (0.1, "0.1"), (1e300, "1e+300")],
)
def test_kinds_of_values(value: object, shown: str) -> None:
    other = book()
    other.sheets["S"].put(at(1, 1), value)
    changes = diff_books(book(), other)
    assert diff_text(changes).splitlines()[2:] == ["@@ S!A1 @@", "-1", "+" + shown]
    json.dumps([change_to_dict(change) for change in changes], allow_nan=False)


def test_neighbours_are_folded() -> None:
    other = book()
    other.sheets["S"].put(Rect(1, 2, 2, 3), np.array([[20.0, 30.0], [50.0, 60.0]]))
    assert diff_text(diff_books(book(), other)).splitlines()[2:] == [
        "@@ S!B1:C2 @@",
        "-2 3",
        "-5 6",
        "+20 30",
        "+50 60",
    ]


def test_large_blocks_are_cut_short_in_text() -> None:
    a, b = Book(), Book()
    for one, value in ((a, 1.0), (b, 2.0)):
        one.add("S").put(Rect(1, 1, 100, 100), np.full((100, 100), value))
    (change,) = diff_books(a, b)
    lines = diff_text([change]).splitlines()
    assert lines[2:5] == ["@@ S!A1:CV100 @@", "-1 1 1 1 1 1 1 1 ...", "-1 1 1 1 1 1 1 1 ..."]
    assert "-... (10000 cells)" in lines
    assert (len(change_to_dict(change)["a"]), change_to_dict(change)["cells"]) == (100, 10_000)


def test_formulas_and_their_stored_values_are_told_apart() -> None:
    other = book()
    sheet = other.sheets["S"]
    sheet.put(at(4, 1), 2.5)
    sheet.formulas[1] = type(sheet.formulas[1])(Rect(5, 1, 5, 2), "A1:B1*3", True)
    changes = diff_books(book(), other)
    assert told(changes) == [("formula", "S!A5"), ("values", "S!A4")]
    assert (changes[0].a, changes[0].b) == ("{=A1:C1*2} in A5:C5", "{=A1:B1*3} in A5:B5")
    assert told(diff_books(book(), other, values=False)) == [("formula", "S!A5")]
    assert told(diff_books(book(), other, formulas=False)) == [("values", "S!A4")]


def test_a_formula_that_became_a_constant_is_one_change() -> None:
    other = book()
    other.sheets["S"].formulas = other.sheets["S"].formulas[1:]
    other.sheets["S"].put(at(4, 1), 9.0)
    changes = diff_books(book(), other)
    assert diff_text(changes).splitlines()[2:] == ["@@ S!A4 @@", "-=A1+1", "+9"]
    assert diff_text(diff_books(other, book())).splitlines()[2:] == ["@@ S!A4 @@", "-9", "+=A1+1"]


def test_an_ordinary_formula_against_an_array_formula() -> None:
    other = book()
    other.sheets["S"].formulas[0] = type(other.sheets["S"].formulas[0])(at(4, 1), "A1+1", True)
    (change,) = diff_books(book(), other)
    assert (change.a, change.b) == ("=A1+1", "{=A1+1}")


def test_sheets_and_names() -> None:
    other = book()
    del other.sheets["Notes"]
    other.add("New").put(at(2, 2), 1.0)
    other.names = {"w": "S!$A$1", "v": "S!$B$1"}
    changes = diff_books(book(), other)
    assert told(changes) == [("sheet", "sheet Notes"), ("sheet", "sheet New"), ("name", "name v"), ("name", "name w")]
    text = diff_text(changes)
    assert "@@ sheet Notes @@\n-A1 cells, 0 formulas\n@@ sheet New @@\n+B2 cells, 0 formulas" in text
    assert "@@ name w @@\n-S!$A$1:$C$2\n+S!$A$1" in text
    assert told(diff_books(book(), other, names=False)) == [("sheet", "sheet Notes"), ("sheet", "sheet New")]


def test_the_order_of_sheets() -> None:
    other = book()
    other.sheets = dict(reversed(other.sheets.items()))
    (change,) = diff_books(book(), other)
    assert (change.kind, change.a, change.b) == ("order", "S, Notes", "Notes, S")


@pytest.mark.parametrize(
    ("off", "options", "equal"),
    [
        (1e-12, {}, False),
        (1e-12, {"abs_tol": 1e-11}, True),
        (1e-12, {"abs_tol": 1e-13}, False),
        (1e-9, {"rel_tol": 1e-9}, True),  # 2e-9 are allowed at 2
        (3e-9, {"rel_tol": 1e-9}, False),
    ],
)
def test_tolerances(off: float, options: dict[str, float], equal: bool) -> None:
    other = book()
    other.sheets["S"].put(at(1, 2), 2.0 + off)
    assert (diff_books(book(), other, **options) == []) is equal  # type: ignore[arg-type]


def test_limit() -> None:
    other = book()
    for column in (1, 3):
        other.sheets["S"].put(at(1, column), 9.0)
    changes = diff_books(book(), other)
    assert diff_text(changes, limit=1).splitlines()[-1] == "... and 1 more of 2 differences"
    assert len(diff_text(changes, limit=2).splitlines()) == 8


def test_assertion_shows_the_first_differences_and_the_count() -> None:
    other = book()
    for column in (1, 3):
        other.sheets["S"].put(at(1, column), 9.0)
    with pytest.raises(AssertionError) as caught:
        assert_workbooks_equal(book(), other, limit=1)
    assert str(caught.value).splitlines() == [
        "the workbooks differ in 2 places",
        "--- a Book",
        "+++ a Book",
        "@@ S!A1 @@",
        "-1",
        "+9",
        "... and 1 more of 2 differences",
    ]


def test_ignore() -> None:
    other = book()
    other.sheets["S"].put(Rect(1, 1, 1, 2), 9.0)
    other.sheets["Notes"].put(at(1, 1), "bye")
    other.names["w"] = "S!$A$1"
    assert_workbooks_equal(book(), other, ignore=["S!A1:B1", "Notes", "w"])
    with pytest.raises(AssertionError, match=r"in 1 place\n(.*\n)*@@ S!B1 @@"):  # a part of a folded range
        assert_workbooks_equal(book(), other, ignore=["S!A1", "Notes"], names=False)
    with pytest.raises(AddressError, match="'Nope' is no sheet"):
        assert_workbooks_equal(book(), other, ignore=["Nope"])


def test_files(tmp_path: Path) -> None:
    paths = [tmp_path / "a.xlsx", tmp_path / "b.xlsx"]
    for path, number in zip(paths, (3, 4), strict=True):
        made = xlsxwriter.Workbook(str(path))
        sheet = made.add_worksheet("S")
        sheet.write_number("B7", number)
        sheet.write_array_formula("C1:D1", "{=B7*{1,2}}", None, number)
        sheet.write_number("D1", number * 2)
        made.close()
    assert_workbooks_equal(paths[0], str(paths[0]))
    with pytest.raises(AssertionError) as caught:
        assert_workbooks_equal(*paths)
    text = str(caught.value)
    assert f"--- {paths[0]}\n+++ {paths[1]}\n@@ S!B7 @@\n-3\n+4\n@@ S!C1:D1 @@\n-3 6\n+4 8" in text
    with pytest.raises(WorkbookError):
        assert_workbooks_equal(paths[0], tmp_path / "missing.xlsx")


def test_a_file_of_openpyxl(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    made = openpyxl.Workbook()
    made.active.title = "S"
    made.active["A1"] = 1.5
    made.active["A2"] = "=A1*2"
    made.save(path)
    other = Book()
    other.add("S").put(at(1, 1), 1.5)
    other.sheets["S"].put_formula(at(2, 1), "A1*2")
    assert_workbooks_equal(path, other)
    other.sheets["S"].formulas.clear()
    with pytest.raises(AssertionError, match=r"-=A1\*2"):
        assert_workbooks_equal(path, other)


def test_cells_far_apart() -> None:
    a, b = book(), book()
    b.sheets["S"].put(parse_a1("XFD1048576"), 1.0)
    (change,) = diff_books(a, b)
    assert change.where == "S!XFD1048576"
    assert (change.a.tolist(), change.b.tolist()) == ([[None]], [[1.0]])  # type: ignore[attr-defined]


def test_folding_covers_each_cell_once_and_keeps_keys_apart() -> None:
    generator = random.Random(3)
    for _ in range(100):
        cells = {(generator.randint(1, 6), generator.randint(1, 6)): generator.randint(0, 1) for _ in range(20)}
        rects = fold(cells, key=lambda cell: cells[cell])
        covered = [cell for rect in rects for cell in rect.cells()]
        assert sorted(covered) == sorted(cells)
        assert all(len({cells[cell] for cell in rect.cells()}) == 1 for rect in rects)


def test_folding_a_full_block_gives_one_rectangle() -> None:
    assert fold(Rect(2, 3, 9, 12).cells()) == [Rect(2, 3, 9, 12)]


def test_ignoring_a_name_ignores_its_cells() -> None:
    def make(value: float) -> Book:
        book = Book()
        book.add("S").put(Rect(1, 1, 1, 2), np.array([[1.0, value]]))
        book.define("inputs", "S", at(1, 2))
        return book

    assert diff_books(make(1.0), make(2.0))
    assert diff_books(make(1.0), make(2.0), ignore=["inputs"]) == []

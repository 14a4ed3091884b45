"""IronCalc: typing into cells, and values of every kind."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import EngineError
from sheetgpt.witnesses import ironcalc
from sheetgpt.witnesses.ironcalc import _call
from support.exact import exact

pytestmark = pytest.mark.skipif(ironcalc.available() is None, reason=f"needs IronCalc: {ironcalc.how_to_install}")


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet, notes = book.add_worksheet("S"), book.add_worksheet("Notes")
    sheet.write_number("A1", 0.1)
    sheet.write_string("A2", "#N/A")
    sheet.write_formula("B1", "=A1+0.2", None, 5)
    sheet.write_formula("B2", '=A2&"!"', None, "no")
    sheet.write_formula("B3", "=A1>0", None, False)
    sheet.write_formula("B4", "=NA()", None, 3)
    sheet.write_formula("B5", '=""', None, "no")
    sheet.write_array_formula("C1:D1", "{=A1*{1,2}}", None, 9)
    notes.write_string("A1", "only text here")
    book.close()
    return path


def test_values_of_every_kind(workbook: Path) -> None:
    values = ironcalc.recalculate(workbook)
    grid = values["S"]
    assert list(values) == ["S"]
    assert grid[1, 2] == 0.1 + 0.2  # every bit
    assert exact([grid[row, 2] for row in (2, 3, 4, 5)]) == exact(["#N/A!", True, ErrorValue.NA, ""])
    assert grid[2, 1] == "#N/A"  # a text that looks like an error
    assert (grid[1, 3], grid[1, 4]) == (0.1, 0.2)
    assert values.not_covered == {}


@pytest.mark.parametrize("text", ["=1+1", "'x", "12", "TRUE", " two ", "é😀", "#N/A", ""])
def test_typed_text_stays_text(workbook: Path, text: str) -> None:
    grid = ironcalc.recalculate(workbook, {"S": {(2, 1): text}})["S"]
    assert grid[2, 1] == text
    assert grid[2, 2] == text + "!"


def test_typed_values_move_what_depends_on_them(workbook: Path) -> None:
    assert ironcalc.recalculate(workbook, {"S": {(1, 1): -7}})["S"][1, 2] == -6.8
    grid = ironcalc.recalculate(workbook, {"S": {(1, 1): None, (2, 1): False}})["S"]
    assert exact([grid[1, 1], grid[1, 2], grid[2, 1], grid[2, 2]]) == exact([None, 0.2, False, "FALSE!"])


def test_sheets_asked_for(workbook: Path) -> None:
    assert ironcalc.recalculate(workbook, sheets=["Notes"])["Notes"][1, 1] == "only text here"
    with pytest.raises(EngineError, match="no sheet 'Nope'"):
        ironcalc.recalculate(workbook, sheets=["Nope"])
    with pytest.raises(EngineError, match="no sheet 'Nope'"):
        ironcalc.recalculate(workbook, {"Nope": {(1, 1): 1}})


def test_an_error_cannot_be_typed(workbook: Path) -> None:
    with pytest.raises(EngineError, match="cannot be typed into S!A1"):
        ironcalc.recalculate(workbook, {"S": {(1, 1): ErrorValue.NA}})


def test_cells_far_apart(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("S")
    sheet.write_number("A1", 4)
    sheet.write_formula("XFD1048576", "=A1*2")
    book.close()
    assert dict(ironcalc.recalculate(path)["S"].items()) == {(1, 1): 4.0, (1_048_576, 16_384): 8.0}


def test_a_failure_inside_becomes_an_engine_error() -> None:
    panic = __import__("ironcalc").test_panic  # IronCalc's own way to test how panics arrive
    with pytest.raises(EngineError, match="IronCalc failed in test_panic"):
        _call(panic)


def test_blank_cells_with_a_format_stay_blank(tmp_path: Path) -> None:
    """It takes them for 0 in a file; so its copy has none."""
    book = xlsxwriter.Workbook(str(tmp_path / "book.xlsx"))
    sheet, bold = book.add_worksheet("S"), book.add_format({"bold": True})
    sheet.write_blank("A1", None, bold)
    sheet.write_number("A2", 0, bold)
    sheet.write_formula("B1", "=COUNT(A1:A3)", bold)
    sheet.write_formula("B2", "=ISBLANK(A1)")
    book.add_worksheet("Other").write_blank("C7", None, bold)
    sheet.write_formula("B3", "=COUNTBLANK(Other!C7:C8)")
    book.close()
    grid = ironcalc.recalculate(tmp_path / "book.xlsx")["S"]
    assert [grid[row, 2] for row in (1, 2, 3)] == [1.0, True, 2.0]


def test_a_file_with_comments_as_openpyxl_writes_them_is_opened(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = 2, "=A1*21"
    book.active["A1"].comment = openpyxl.comments.Comment("an input", "somebody")
    book.save(tmp_path / "book.xlsx")
    before = (tmp_path / "book.xlsx").read_bytes()
    assert ironcalc.recalculate(tmp_path / "book.xlsx")["Sheet"][1, 2] == 42.0
    assert (tmp_path / "book.xlsx").read_bytes() == before

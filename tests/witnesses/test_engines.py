"""The canary, the values' container, and what the doors of the engines do without the programs."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from sheetgpt.book.address import Rect
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import EngineError, WorkbookError
from sheetgpt.witnesses import ironcalc, libreoffice
from sheetgpt.witnesses.canary import Canary, falsified_copy
from sheetgpt.witnesses.libreoffice import program, session
from sheetgpt.witnesses.libreoffice.errors import meaning
from sheetgpt.witnesses.program import ENGINES
from sheetgpt.witnesses.values import grid_of
from sheetgpt.xlsx.package import Package

HEADER = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "book.xlsx"
    book = xlsxwriter.Workbook(str(path))
    data, calc = book.add_worksheet("Data"), book.add_worksheet("It's calc")
    data.write_row(0, 0, [1, 2, 3])
    data.write_string(1, 0, "<f>no formula</f>")
    calc.write_formula("A1", "=Data!A1+1", None, 2)
    calc.write_formula("B1", '="a"&"b"', None, "ab")
    calc.write_formula("C1", "=1=1", None, True)
    calc.write_formula("D1", "=1/0", None, "#DIV/0!")
    calc.write_array_formula("A2:C2", "{=Data!A1:C1*2}", None, 2)
    calc.write_number("E1", 77)
    book.close()
    return path


def cached(path: Path) -> dict[str, object]:
    """What a reader sees that trusts the file: openpyxl calculates nothing."""
    sheet = openpyxl.load_workbook(path, data_only=True)["It's calc"]
    return {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None}


def test_every_formula_cell_of_the_copy_is_falsified(workbook: Path, tmp_path: Path) -> None:
    canary = falsified_copy(workbook, tmp_path / "copy.xlsx")
    seen = cached(tmp_path / "copy.xlsx")
    assert {cell for cell, value in seen.items() if value == canary.number} == {"A1", "B1", "C1", "D1", "A2"}
    assert seen["E1"] == 77  # no formula, so it stays
    assert canary.sheets == {"It's calc": 5}


def test_the_copy_has_the_same_formulas_and_parts_and_the_file_is_untouched(workbook: Path, tmp_path: Path) -> None:
    before = workbook.read_bytes()
    falsified_copy(workbook, tmp_path / "copy.xlsx")
    assert workbook.read_bytes() == before
    formulas = [
        [[getattr(cell.value, "text", cell.value) for cell in row] for row in openpyxl.load_workbook(path)["It's calc"]]
        for path in (workbook, tmp_path / "copy.xlsx")
    ]
    assert formulas[0] == formulas[1]
    with zipfile.ZipFile(workbook) as old, zipfile.ZipFile(tmp_path / "copy.xlsx") as new:
        assert new.testzip() is None
        assert sorted(new.namelist()) == sorted(old.namelist())
        changed = {name for name in old.namelist() if old.read(name) != new.read(name)}
    assert changed == {"xl/worksheets/sheet2.xml"}


def test_the_planted_number_is_new_each_time(workbook: Path, tmp_path: Path) -> None:
    numbers = {falsified_copy(workbook, tmp_path / f"{count}.xlsx").number for count in range(3)}
    assert len(numbers) == 3
    assert all(number % 2 == 1 and abs(number) < 1e15 for number in numbers)  # exact in 15 digits


def test_a_reader_that_trusts_stored_values_is_caught(workbook: Path, tmp_path: Path) -> None:
    canary = falsified_copy(workbook, tmp_path / "copy.xlsx")
    grid = Grid()
    for cell, value in cached(tmp_path / "copy.xlsx").items():
        position = openpyxl.utils.cell.coordinate_to_tuple(cell)
        grid[position] = float(value) if isinstance(value, int) else value  # type: ignore[assignment]
    with pytest.raises(EngineError, match=r"trusted the file's stored values.*'It''s calc'!A1 \(5 such cells"):
        canary.check("A program", {"It's calc": grid})


def test_a_calculated_grid_passes(workbook: Path, tmp_path: Path) -> None:
    canary = falsified_copy(workbook, tmp_path / "copy.xlsx")
    grid = Grid()
    grid[1, 1] = 2.0
    canary.check("A program", {"It's calc": grid})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'<c r="A1"><f>1+1</f></c>', b'<c r="A1"><f>1+1</f><v>-7</v></c>'),  # never calculated
        (b'<c r="A1" s="3" t="str"><f>B1</f><v>x</v></c>', b'<c r="A1" s="3"><f>B1</f><v>-7</v></c>'),
        (b"<c r='A1' t='e' s='1'><f>B1</f><v>#N/A</v></c>", b"<c r='A1' s='1'><f>B1</f><v>-7</v></c>"),
        (b'<c r="A1"><f t="shared" si="0"/><v>4</v></c>', b'<c r="A1"><f t="shared" si="0"/><v>-7</v></c>'),
        (b'<x:c r="A1"><x:f>B1</x:f><x:v>4</x:v></x:c>', b'<x:c r="A1"><x:f>B1</x:f><x:v>-7</x:v></x:c>'),
        (b'<c r="A1"><f ca="1">B1</f>\n <v/></c>', b'<c r="A1"><f ca="1">B1</f><v>-7</v></c>'),
        (b'<c r="A1" s="2"/><c r="B1"><f>C1</f><v>4</v></c>', b'<c r="A1" s="2"/><c r="B1"><f>C1</f><v>-7</v></c>'),
        (b'<c r="A1"><f t="dataTable" ref="A1"/><v>4</v></c>', b'<c r="A1"><f t="dataTable" ref="A1"/><v>4</v></c>'),
        (b'<c r="A1"><v>4</v></c><c r="B1" t="s"><v>0</v></c>', b'<c r="A1"><v>4</v></c><c r="B1" t="s"><v>0</v></c>'),
    ],
)
def test_every_spelling_of_a_formula_cell(before: bytes, after: bytes) -> None:
    from sheetgpt.witnesses import canary
    from sheetgpt.witnesses.canary import _planted_value

    assert canary._FORMULA_CELL.sub(lambda match: _planted_value(match, b"-7"), before) == after


def test_cells_across_the_pieces_of_a_large_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "many.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("S")
    for row in range(300):
        sheet.write_formula(row, row % 7, "=1+1", None, 2)
    book.close()
    monkeypatch.setattr("sheetgpt.witnesses.canary._PIECE", 37)  # bytes: shorter than one cell
    assert falsified_copy(path, tmp_path / "copy.xlsx").sheets == {"S": 300}


def test_sheet_names_lead_to_their_parts(workbook: Path) -> None:
    with zipfile.ZipFile(workbook) as archive:
        assert Package(archive).worksheets() == {
            "Data": "xl/worksheets/sheet1.xml",
            "It's calc": "xl/worksheets/sheet2.xml",
        }


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 cut off"])
def test_a_file_that_is_no_workbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.xlsx"
    path.write_bytes(content)
    with pytest.raises(WorkbookError, match=r"bad\.xlsx"):
        falsified_copy(path, tmp_path / "copy.xlsx")


def test_a_zip_that_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", HEADER)
    with pytest.raises(WorkbookError, match=r"other\.xlsx"):
        falsified_copy(path, tmp_path / "copy.xlsx")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match=r"nothing\.xlsx"):
        falsified_copy(tmp_path / "nothing.xlsx", tmp_path / "copy.xlsx")


def test_grid_of_blocks_side_by_side() -> None:
    left = Rect(1, 1, 2, 2), np.array([[1.0, np.nan], [3.0, 4.0]]), {(1, 2): "x"}
    right = Rect(1, 3, 2, 3), np.array([[5.0], [np.nan]]), {(2, 3): ErrorValue.NA}
    grid = grid_of([left, right])
    assert dict(grid.items()) == {(1, 1): 1.0, (1, 2): "x", (1, 3): 5.0, (2, 1): 3.0, (2, 2): 4.0,
                                  (2, 3): ErrorValue.NA}  # fmt: skip
    assert grid.extent == Rect(1, 1, 2, 3)


def test_grid_of_blocks_far_apart_takes_no_room_between() -> None:
    blocks = [(Rect(row, row, row, row), np.array([[2.5]]), {}) for row in (1, 16_000)]
    grid = grid_of(blocks)
    assert dict(grid.items()) == {(1, 1): 2.5, (16_000, 16_000): 2.5}
    assert grid.numbers.size <= 1_000_000


@pytest.mark.parametrize(
    ("code", "error"),
    [(532, "#DIV/0!"), (519, "#VALUE!"), (524, "#REF!"), (503, "#NUM!"), (32767, "#N/A"), (521, "#NULL!")],
)
def test_libreoffice_error_numbers(code: int, error: str) -> None:
    assert meaning(code) == (ErrorValue(error), "")


@pytest.mark.parametrize("code", [522, 523, 525, 508, 999])
def test_errors_that_say_something_of_libreoffice_are_not_covered(code: int) -> None:
    error, reason = meaning(code)
    assert isinstance(error, ErrorValue)
    assert "LibreOffice" in reason or "circular" in reason


def test_libreoffice_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (libreoffice, session, program):
        monkeypatch.setattr(module, "find_program", lambda: None)
    assert libreoffice.available() is None
    with pytest.raises(EngineError, match=r"not found\nHint: install LibreOffice"):
        libreoffice.Session()


def test_libreoffice_without_its_python_bridge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libreoffice, "find_program", lambda: "soffice")
    monkeypatch.setattr(libreoffice, "find_python", lambda: None)
    assert libreoffice.available() is None


def test_ironcalc_missing(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ironcalc, "_package", None)
    assert ironcalc.available() is None
    with pytest.raises(EngineError, match=r"not installed\nHint: pip install"):
        ironcalc.recalculate(workbook)


def test_engines_do_not_import_what_they_witness() -> None:
    folder = Path(libreoffice.__file__).parent
    for path in folder.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        for module in ("layout", "reference", "evaluator", "functions", "formula"):
            assert f"sheetgpt.{module}" not in text, f"{path.name} imports {module}"
            assert f"from sheetgpt import {module}" not in text


def test_a_canary_of_no_formulas_finds_nothing_to_complain_of() -> None:
    Canary(-1.0, {}).check("A program", {"S": Grid(3, 3)})
    assert set(ENGINES) == {"LibreOffice", "IronCalc"}

"""New values in a copy of a file, in which everything else stays as it was."""

from pathlib import Path
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import openpyxl
import pytest

from sheetgpt.book.address import at
from sheetgpt.book.values import ErrorValue
from sheetgpt.commands.build import build
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.patch import patch, sheet_parts
from sheetgpt.xlsx.patch_sheet import patch_sheet
from sheetgpt.xlsx.reader import read
from support.exact import exact
from support.paths import shared

XML = b"""<?xml version="1.0"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<cols><col min="1" max="2" width="9"/></cols>
<sheetData><row r="2" ht="20"><c r="B2" s="3"><f>A1&amp;"x"</f><v>1</v></c><c r="D2" s="4" t="s"><v>0</v></c></row>
<row r="4"/><row r="6"><c r="A6" s="1"/></row></sheetData><extLst><ext uri="{}"/></extLst></worksheet>"""


def test_only_the_values_change() -> None:
    changed = patch_sheet(XML, {(2, 2): "a < b ", (2, 4): 2.5, (6, 1): True})
    assert changed == XML.replace(
        b'<c r="B2" s="3"><f>A1&amp;"x"</f><v>1</v></c>',
        b'<c r="B2" s="3" t="str"><f>A1&amp;"x"</f><v xml:space="preserve">a &lt; b </v></c>',
    ).replace(b'<c r="D2" s="4" t="s"><v>0</v></c>', b'<c r="D2" s="4"><v>2.5</v></c>').replace(
        b'<c r="A6" s="1"/>', b'<c r="A6" s="1" t="b"><v>1</v></c>'
    )
    assert patch_sheet(XML, {}) == XML


def test_cells_that_are_not_there_are_put_in_their_place() -> None:
    changed = patch_sheet(
        XML, {(2, 3): 3.0, (2, 5): 5.0, (2, 1): 1.0, (4, 2): "t", (5, 1): ErrorValue.NA, (9, 9): 9.0, (1, 1): 0.5}
    )
    places = [text.split(b'"')[1].decode() for text in changed.split(b"<c ")[1:]]
    assert places == ["A1", "A2", "B2", "C2", "D2", "E2", "B4", "A5", "A6", "I9"]
    assert changed.count(b"<row ") == changed.count(b"</row>") == 6


def test_blank_values_empty_a_cell_and_make_none() -> None:
    changed = patch_sheet(XML, {(2, 4): None, (3, 3): None, (2, 9): None})
    assert b'<c r="D2" s="4"></c>' in changed
    assert b'r="I2"' not in changed


def test_values_in_files_that_excel_saved_come_back(tmp_path: Path) -> None:
    files = sorted(shared("excel-cases").glob("*.xlsx"))
    assert files
    for file in files:
        generator = np.random.default_rng(len(file.name))
        before = read(file)
        changes = {
            name: {cell: float(generator.integers(1, 99)) / 8 for f in sheet.formulas for cell in f.rect.cells()}
            for name, sheet in before.sheets.items()
        }
        patch(file, tmp_path / "copy.xlsx", changes)
        after = read(tmp_path / "copy.xlsx")
        for name, sheet in before.sheets.items():
            expected = dict(sheet.grid.items()) | changes[name]
            assert exact(after.sheets[name].grid) == exact(expected), (file.name, name)
            assert after.sheets[name].formulas == sheet.formulas
        with ZipFile(file) as a, ZipFile(tmp_path / "copy.xlsx") as b:
            touched = {part for name, part in sheet_parts(file).items() if changes.get(name)}
            assert [n for n in a.namelist() if a.read(n) != b.read(n)] == [n for n in a.namelist() if n in touched]
        openpyxl.load_workbook(tmp_path / "copy.xlsx")


def test_text_in_a_constant_cell_stays_text(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = "old"
    workbook.save(tmp_path / "a.xlsx")
    patch(tmp_path / "a.xlsx", tmp_path / "b.xlsx", {"Sheet": {(1, 1): "=1+1", (2, 1): "\x01 _x0041_ "}})
    sheet = read(tmp_path / "b.xlsx").sheets["Sheet"]
    assert (sheet.grid[1, 1], sheet.grid[2, 1], sheet.formulas) == ("=1+1", "\x01 _x0041_ ", [])
    assert sheet.grid.extent
    assert at(1, 1) == sheet.grid.extent.intersect(at(1, 1))


def test_a_file_may_be_patched_in_place_and_a_bad_target_is_refused(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = 1
    workbook.save(tmp_path / "a.xlsx")
    patch(tmp_path / "a.xlsx", tmp_path / "a.xlsx", {"Sheet": {(1, 1): 2.0}})
    assert read(tmp_path / "a.xlsx").sheets["Sheet"].grid[1, 1] == 2.0
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(WorkbookError, match="cannot be written"):
        patch(tmp_path / "a.xlsx", tmp_path / "no" / "b.xlsx", {})
    (tmp_path / "t.xlsx").write_text("text")
    with pytest.raises(WorkbookError, match="cannot be read"):
        patch(tmp_path / "t.xlsx", tmp_path / "b.xlsx", {})


def test_other_parts_are_copied_as_they_lie(tmp_path: Path) -> None:
    """Also from an archive whose parts have their sizes behind them, as programs that cannot seek write it."""
    mini, stream = build("mini", tmp_path / "mini.xlsx", lenses="none"), tmp_path / "stream.xlsx"
    with (
        ZipFile(mini) as old,
        stream.open("wb") as file,
        ZipFile(cast(BinaryIO, Unseekable(file)), "w", ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    for source in (mini, stream):
        patch(source, tmp_path / "copy.xlsx", {"Type_Prompt_Here": {(4, 2): "x"}})
        with ZipFile(source) as old, ZipFile(tmp_path / "copy.xlsx") as new:
            assert new.testzip() is None
            assert [entry.filename for entry in new.infolist()] == [entry.filename for entry in old.infolist()]
            changed = [name for name in old.namelist() if new.read(name) != old.read(name)]
            assert changed == [sheet_parts(source)["Type_Prompt_Here"]]
        assert read(tmp_path / "copy.xlsx").read("prompt.text")[0, 0] == "x"


class Unseekable:
    def __init__(self, file: BinaryIO) -> None:
        self.write, self.flush = file.write, file.flush

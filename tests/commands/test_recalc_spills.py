"""`recalc` of spilled arrays: the file then says what Excel's would, and reads as such with other readers."""

from __future__ import annotations

import re
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from sheetgpt.book.address import parse_a1
from sheetgpt.book.book import Book, Formula
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.commands.recalc import recalc
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.reader import read
from sheetgpt.xlsx.writer import write
from support.command_line import call


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workbook whose A1 spills; D1 reads it, F1 is an array formula of old."""
    book = Book()
    sheet = book.add("S")
    for row in range(1, 6):
        sheet.grid[row, 2], sheet.grid[row, 3] = row * 10.0, row <= 3
    sheet.formulas += [
        Formula(parse_a1("A1:A3"), "_xlfn._xlws.FILTER(B1:B5,C1:C5)", True, True),
        Formula(parse_a1("D1"), "SUM(_xlfn.ANCHORARRAY(A1))"),
        Formula(parse_a1("F1:F4"), "B1:B3", True),
    ]
    sheet.grid.write(parse_a1("A1:A3"), 7.0)
    write(book, tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def sheet_xml(path: Path) -> str:
    with ZipFile(path) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode()


def column(path: Path, rows: int) -> list[Value]:
    """The stored values of A1, A2 ..., and D1."""
    grid = read(path).sheets["S"].grid
    return [*[grid[row, 1] for row in range(1, rows + 1)], grid[1, 4]]


@pytest.mark.parametrize(
    ("changes", "values", "area"),
    [
        ({}, [10, 20, 30, None, None, None, 60], "A1:A3"),
        ({"S!C2": False}, [10, 30, None, None, None, None, 40], "A1:A2"),
        ({"S!C2": False, "S!C3": False}, [10, None, None, None, None, None, 10], "A1"),
        ({"S!C4": True, "S!C5": True}, [10, 20, 30, 40, 50, None, 150], "A1:A5"),
        ({"S!C4": True, "S!A4": "x"}, [ErrorValue.SPILL, None, None, "x", None, None, ErrorValue.SPILL], "A1"),
        ({"S!C1": False, "S!C2": False, "S!C3": False}, [ErrorValue.CALC, *[None] * 5, ErrorValue.CALC], "A1"),
    ],
)
def test_the_file_has_the_cells_of_the_result(
    path: Path, changes: dict[str, Value], values: list[Value], area: str
) -> None:
    for target in (path.with_name("copy.xlsx"), path):
        recalc(path, target, changes)
        assert column(target, 6) == values
        assert f'cm="1"{" t=" if isinstance(values[0], ErrorValue) else ">"}' in sheet_xml(target)
        assert re.findall('<f t="array" ref="([^"]*)"', sheet_xml(target)) == [area, "F1:F4"]
        found = openpyxl.load_workbook(target)["S"]
        assert found["A1"].value.ref == area
        assert [found.cell(row, 1).value for row in range(2, 7)] == values[1:6]
        formulas = {str(one.rect): (one.array, one.dynamic) for one in read(target).sheets["S"].formulas}
        assert formulas == {area: (True, True), "D1": (False, False), "F1:F4": (True, False)}


def test_there_and_back_again(path: Path) -> None:
    before = path.read_bytes()
    recalc(path, path)
    same = sheet_xml(path)
    recalc(path, path, {"S!C1": False, "S!C4": True, "S!C5": True})
    recalc(path, path, {"S!C1": True, "S!C4": False, "S!C5": False})
    assert read(path) == read(path)
    assert re.sub('<c r="A[45]"></c>', "", sheet_xml(path)) == same  # blank cells stay, as they may have a style
    assert path.read_bytes() != before


def test_other_marks_of_the_formula_stay(path: Path, tmp_path: Path) -> None:
    """Attributes in another order, single quotes; what else the cell says of itself."""
    odd = tmp_path / "odd.xlsx"
    with ZipFile(path) as old, ZipFile(odd, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            new.writestr(part, text.replace(b'<f t="array" ref="A1:A3">', b"<f ref = 'A1:A3' ca='1' t='array'>"))
    recalc(odd, odd, {"S!C2": False})
    assert "<f ref = \"A1:A2\" ca='1' t='array'>" in sheet_xml(odd)
    assert column(odd, 3) == [10, 30, None, 40]


def test_metadata_tells_which_cells_are_dynamic(path: Path, tmp_path: Path) -> None:
    """cm points to other metadata as well; without the part it can be this only."""

    def edited(name: str, old: bytes, new: bytes) -> Path:
        target = tmp_path / name
        with ZipFile(path) as source, ZipFile(target, "w") as copy:
            for part in source.namelist():
                if part != "xl/metadata.xml" or new != b"gone":
                    copy.writestr(part, source.read(part).replace(old, new) if new != b"gone" else source.read(part))
        return target

    def is_dynamic(file: Path) -> bool:
        return read(file).sheets["S"].formulas[0].dynamic

    assert is_dynamic(path)
    assert not is_dynamic(edited("off.xlsx", b'fDynamic="1"', b'fDynamic="0"'))
    assert not is_dynamic(edited("other.xlsx", b'"XLDAPR"', b'"XLOTHER"'))
    assert not is_dynamic(edited("second.xlsx", b' cm="1"', b' cm="2"'))
    gone = edited("gone.xlsx", b"", b"gone")
    with ZipFile(gone) as archive:
        types = archive.read("[Content_Types].xml")
    assert b"metadata" in types  # a part that is promised and not there
    with pytest.raises(WorkbookError, match=r"metadata\.xml"):
        read(gone)


def test_a_book_with_spills_is_written_whole(path: Path, tmp_path: Path) -> None:
    book = read(path)
    assert book.beyond == []
    write(book, tmp_path / "again.xlsx")
    assert read(tmp_path / "again.xlsx") == book


def test_show_and_diff_see_the_formula_as_it_was_typed(path: Path, tmp_path: Path) -> None:
    """The cells that it fills follow from its result: no change of the formula."""
    recalc(path, tmp_path / "other.xlsx", {"S!C2": False})
    shown = call("show", path, "S!A1").output
    assert re.search(r"formula +=FILTER\(B1:B5,C1:C5\)\nfills +S!A1:A3\n", shown)
    found = call("diff", path, tmp_path / "other.xlsx")
    assert found.exit_code == 1
    assert "FILTER" not in found.output
    assert "S!C2" in found.output


def test_cells_that_a_spilled_array_reaches_or_leaves_follow_from_its_cause(path: Path, tmp_path: Path) -> None:
    recalc(path, path)
    recalc(path, tmp_path / "more.xlsx", {"S!C4": True, "S!C5": True})
    for files in ((path, tmp_path / "more.xlsx"), (tmp_path / "more.xlsx", path)):
        found = call("diff", *files)
        assert found.exit_code == 1
        assert found.output.endswith("changed: 2 constants; 3 values follow\n"), found.output
        shown = call("diff", *files, "--effects").output
        assert re.search(r"@@ S!A4:A5 @@\n-.*\n-.*\n\+.*\n\+.*\n", shown), shown

"""What a file holds beyond a Book is named, and lost only when it may be; recalc keeps it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.workbook.protection import WorkbookProtection
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet as Sheet

import sheetgpt
from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.commands.build import build
from sheetgpt.errors import UsageError, WorkbookError
from sheetgpt.xlsx.beyond import word_list
from sheetgpt.xlsx.reader import read
from sheetgpt.xlsx.writer import write

PIXEL = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xf8\xff\xff?\0\5\xfe\2"
    b"\xfe\xa7\x9a\xa0\xa0\0\0\0\0IEND\xaeB`\x82"
)


def chart(workbook: Workbook, sheet: Sheet) -> None:
    drawn = workbook.add_chart({"type": "line"})
    drawn.add_series({"values": "=S!$A$1:$A$2"})
    sheet.insert_chart("C1", drawn)


def image(workbook: Workbook, sheet: Sheet) -> None:
    sheet.insert_image("C1", "pixel.png", {"image_data": BytesIO(PIXEL)})


CASES: dict[str, Callable[[Workbook, Sheet], object]] = {
    "charts": chart,
    "images": image,
    "comments": lambda _, sheet: sheet.write_comment("A1", "hm"),
    "tables": lambda _, sheet: sheet.add_table("D1:E3"),
    "conditional formats": lambda _, sheet: sheet.conditional_format("A1:A2", {"type": "2_color_scale"}),
    "data validations": lambda _, sheet: sheet.data_validation("A1", {"validate": "list", "source": ["1", "2"]}),
    "merged cells": lambda _, sheet: sheet.merge_range("D1:E1", ""),
    "links": lambda _, sheet: sheet.write_url("D1", "https://example.com"),
    "protection": lambda _, sheet: sheet.protect(),
    "filters": lambda _, sheet: sheet.autofilter("A1:A2"),
    "sparklines": lambda _, sheet: sheet.add_sparkline("D1", {"range": "S!A1:A2"}),
    "hidden columns": lambda _, sheet: sheet.set_column("D:D", None, None, {"hidden": True}),
    "hidden rows": lambda _, sheet: sheet.set_row(0, None, None, {"hidden": True}),
    "cell formats": lambda workbook, sheet: sheet.write_number("D1", 0.5, workbook.add_format({"num_format": "0%"})),
    "texts in several fonts": lambda workbook, sheet: sheet.write_rich_string(
        "D1", "a", workbook.add_format({"bold": True}), " b"
    ),
    "the hidden sheet 'T'": lambda workbook, _: workbook.add_worksheet("T").hide(),
    "rich values": lambda _, sheet: sheet.embed_image("D1", "a.png", {"image_data": BytesIO(PIXEL)}),
}


@pytest.mark.parametrize("lost", CASES)
def test_what_would_be_lost_is_named_and_refused(lost: str, tmp_path: Path) -> None:
    source, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    with Workbook(source) as workbook:
        sheet = workbook.add_worksheet("S")
        sheet.write_column("A1", [1, 2])
        CASES[lost](workbook, sheet)
    book = read(source)
    with pytest.raises(WorkbookError, match=rf"(?s)would be lost: .*{lost}.*\nHint: sheetgpt.recalc"):
        write(book, target)
    assert not target.exists()
    write(book, target, lossy=True)
    assert read(target) == book
    write(read(target), target)  # nothing is left to be lost


def test_a_plain_file_of_another_program_may_be_written(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append([1, "x", True, "=A1+1"])
    workbook.active.column_dimensions["A"].width = 30
    workbook.active.freeze_panes = "B2"
    workbook.save(tmp_path / "a.xlsx")
    book = read(tmp_path / "a.xlsx")
    write(book, tmp_path / "b.xlsx")
    assert read(tmp_path / "b.xlsx") == book


def test_things_of_the_whole_workbook_count(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active["A1"] = 1
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook.security = WorkbookProtection(lockStructure=True)
    workbook.calculation.iterate = True
    workbook.save(tmp_path / "a.xlsx")
    with ZipFile(tmp_path / "a.xlsx", "a") as package:
        for part in ("xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/pivotTables/p.xml", "xl/odd.xml"):
            package.writestr(part, "<a/>")
    assert set(read(tmp_path / "a.xlsx").beyond) == {
        "protection",
        "iterative calculation",
        "macros",
        "links to other workbooks",
        "pivot tables",
        "xl/odd.xml",
    }


def test_our_own_workbooks_have_a_look_that_a_book_lacks(tmp_path: Path) -> None:
    path = build("mini", tmp_path / "mini.xlsx", lenses="none")
    book = read(path)
    words = "cell formats, charts, conditional formats, drawings, links, merged cells"
    with pytest.raises(WorkbookError, match=f"would be lost: {words}\n"):
        write(book, tmp_path / "copy.xlsx")
    write(book, tmp_path / "copy.xlsx", lossy=True)
    assert read(tmp_path / "copy.xlsx") == book


def test_a_sheet_from_the_cache_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEETGPT_CACHE", str(tmp_path / "cache"))
    book = Book()
    sheet = book.add("S")
    sheet.put(Rect(1, 1, 300, 300), np.ones((300, 300)))
    sheet.look.merges.append(Rect(301, 1, 301, 2))
    write(book, tmp_path / "a.xlsx")
    first, second = read(tmp_path / "a.xlsx"), read(tmp_path / "a.xlsx")
    assert isinstance(second.sheets["S"].grid.numbers, np.memmap)
    assert first.sheets["S"].beyond == second.sheets["S"].beyond == ["merged cells"]


def test_recalc_changes_values_and_keeps_the_rest(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet["A1"], sheet["A2"], sheet["A3"] = 2, "=A1*3", "=A4&A5"
    sheet["A1"].comment = Comment("why", "me")
    drawn = BarChart()
    drawn.add_data(Reference(sheet, min_col=1, min_row=1, max_row=2))
    sheet.add_chart(drawn, "C1")
    workbook.create_sheet("T").sheet_state = "hidden"
    workbook.save(tmp_path / "a.xlsx")
    done = sheetgpt.recalc(
        tmp_path / "a.xlsx", tmp_path / "b.xlsx", set={"Sheet!A1": 7, "Sheet!A4": "1,5", "Sheet!A5": "=B2"}
    )
    assert (done.formulas, done.calculated, done.complete) == (2, 2, True)
    assert read(tmp_path / "b.xlsx").read("Sheet!A1:A5").ravel().tolist() == [7.0, 21.0, "1,5=B2", "1,5", "=B2"]
    with ZipFile(tmp_path / "a.xlsx") as old, ZipFile(tmp_path / "b.xlsx") as new:
        assert [name for name in old.namelist() if old.read(name) != new.read(name)] == ["xl/worksheets/sheet1.xml"]
        assert old.namelist() == new.namelist()
    for value in (float("nan"), float("inf"), 10**400, "\ud800", [1], object()):
        with pytest.raises(UsageError, match="Sheet!A1 cannot hold"):
            sheetgpt.recalc(tmp_path / "a.xlsx", tmp_path / "c.xlsx", set={"Sheet!A1": value})  # type: ignore[dict-item]
    with pytest.raises(UsageError, match="a text of 40,000 characters, and a cell holds 32,767"):
        sheetgpt.recalc(tmp_path / "a.xlsx", tmp_path / "c.xlsx", set={"Sheet!A1": "x" * 40_000})
    assert not (tmp_path / "c.xlsx").exists()


def test_a_long_list_ends() -> None:
    assert word_list(["b", "a", "b"]) == "a, b"
    assert word_list(map(str, range(4)), limit=2) == "0, 1 and 2 more"


def test_books_have_short_reprs() -> None:
    book = Book()
    assert repr(book) == "<Book of 0 sheets: none>"
    for name in ("A", "B", "C", "D"):
        book.add(name).put(Rect(1, 1, 100, 100), np.ones((100, 100)))
    book.sheets["A"].put_formula(at(101, 1), "SUM(A1:A100)")
    assert repr(book) == "<Book of 4 sheets: A, B, C, ...>"
    assert repr(book.sheets["A"]) == "<Sheet 'A': A1:CV100, 1 formula>"
    assert repr(book.sheets["B"].grid) == "<Grid A1:CV100>"
    assert len(repr([book, book.sheets])) < 300

"""Sheets of bulk cells as files: read back, alike on any number of cores, and of a size that a zip archive holds."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Sheet
from sheetgpt.book.palette import STYLES
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx import writer
from sheetgpt.xlsx.compression import Compression
from sheetgpt.xlsx.encode import row_chunks, zip_writer
from sheetgpt.xlsx.encode.row_chunks import EFFORTS
from sheetgpt.xlsx.encode.row_xml import SheetRows
from sheetgpt.xlsx.encode.zip_writer import Archive, combine_crc32, squeeze
from sheetgpt.xlsx.reader import read
from support.exact import exact
from support.weights import large_sheet, normal


def awkward() -> np.ndarray:
    numbers = normal(300, 70)
    numbers[7, 3], numbers[7, 4], numbers[9, 0], numbers[299, 69] = 0.0, -0.0, 1e300, 5e-324
    return numbers


@pytest.mark.parametrize("compress", EFFORTS)
def test_large_sheets_are_read_back(tmp_path: Path, compress: Compression, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_chunks, "_CELLS", 3000)
    monkeypatch.setattr(row_chunks, "_LEAST", 1000)
    book = large_sheet(awkward())
    rows = SheetRows(book.sheets["w"], dict.fromkeys(STYLES, 3) | {"weight": 4})
    assert sum(stretch.run is not None for stretch in row_chunks.stretches(rows, EFFORTS[compress])) == 8
    writer.write(book, tmp_path / "a.xlsx", compress=compress)
    assert exact(read(tmp_path / "a.xlsx")) == exact(book)
    with ZipFile(tmp_path / "a.xlsx") as package:
        assert package.testzip() is None
        text = package.read("xl/worksheets/sheet1.xml")
    assert text.count(b"<c ") == text.count(b'<c r="')
    for row in ElementTree.fromstring(text).iter("{*}row"):
        assert all(cell.get("r", "").endswith(row.get("r", "")) for cell in row)


@pytest.mark.parametrize("change", ["hole", "text", "formula", "style", "height", "tail"])
def test_rows_that_are_not_alike_are_no_run(tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_chunks, "_LEAST", 1000)
    book = large_sheet(awkward())
    sheet = book.sheets["w"]
    if change == "hole":
        sheet.grid[50, 20] = None
    elif change == "text":
        sheet.grid[50, 20] = "x"
    elif change == "formula":
        sheet.put_formula(at(50, 20), "1+1")
        sheet.grid[50, 20] = 2.0
    elif change == "style":
        sheet.look.styles.append((Rect(50, 20, 60, 30), "input"))
    elif change == "height":
        sheet.look.heights[50] = 30
    else:
        sheet.look.styles.append((Rect(50, 100, 60, 100), "input"))
    writer.write(book, tmp_path / "a.xlsx")
    assert exact(read(tmp_path / "a.xlsx")) == exact(book)
    with ZipFile(tmp_path / "a.xlsx") as package:
        assert package.testzip() is None


def test_bytes_do_not_depend_on_the_number_of_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_chunks, "_CELLS", 3000)
    for workers in (1, 7):
        monkeypatch.setattr("os.cpu_count", lambda workers=workers: workers)
        writer.write(large_sheet(awkward()), tmp_path / f"{workers}.xlsx")
    assert (tmp_path / "1.xlsx").read_bytes() == (tmp_path / "7.xlsx").read_bytes()


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_checksums_are_joined(one: bytes, other: bytes) -> None:
    assert combine_crc32(zlib.crc32(one), zlib.crc32(other), len(other)) == zlib.crc32(one + other)


def test_archives_are_read_by_zipfile_and_need_no_zip64(tmp_path: Path) -> None:
    texts = {"a.xml": [b"<a/>" * 1000, b"", b"\n"], "b/c.xml": [bytes(range(256))]}
    with (tmp_path / "a.zip").open("w+b") as file:
        written = Archive(file)
        for name, parts in texts.items():
            written.add(name, (squeeze(part, 6) for part in parts))
        written.close()
    with ZipFile(tmp_path / "a.zip") as package:
        assert package.testzip() is None
        assert {name: package.read(name) for name in package.namelist()} == {k: b"".join(v) for k, v in texts.items()}
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    start = (tmp_path / "a.zip").read_bytes()[:30]
    assert struct.unpack_from("<H", start, 4) == (20,)  # version 2.0: without zip64
    assert struct.unpack_from("<H", start, 6) == (0,)  # sizes stand in front


def test_what_is_too_large_is_refused_with_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = large_sheet(normal(100, 70))
    monkeypatch.setattr(zip_writer, "PART_LIMIT", 100_000)
    with pytest.raises(WorkbookError, match=r"xl/worksheets/sheet1.xml would pass 4 GiB\nHint: .*--split"):
        writer.write(book, tmp_path / "a.xlsx")
    monkeypatch.undo()
    monkeypatch.setattr(zip_writer, "ARCHIVE_LIMIT", 10_000)
    with pytest.raises(WorkbookError, match=r"the file would pass 2 GiB\nHint: .*--split"):
        writer.write(book, tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_workbook_that_cannot_but_be_too_large_is_refused_at_once() -> None:
    writer.check_size(200_000_000)
    with pytest.raises(WorkbookError, match="--split"):
        writer.check_size(1_557_611_200)  # gpt2-xl


def test_progress_names_the_sheet_and_the_pace(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    book = large_sheet(normal(100, 70))
    writer.write(book, tmp_path / "a.xlsx", lambda *report: seen.append(report))
    what, done, total = seen[-2]
    assert what.startswith("writing w, ")
    assert what.endswith(" million cells/s")
    assert 0 < done <= total == 103 * 71
    assert seen[-1][1:] == (total, total)


def test_an_empty_sheet() -> None:
    assert list(row_chunks.stretches(SheetRows(Sheet("s"), {}), EFFORTS["faster"])) == []

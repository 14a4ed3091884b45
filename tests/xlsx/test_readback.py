"""What is wrong with a file that was just written is noticed, in small and in large workbooks."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx import readback
from sheetgpt.xlsx.writer import write


def book() -> Book:
    made = Book()
    first = made.add("first")
    first.put(at(1, 1), "text")
    first.put_formula(at(2, 1), "w!B2*2")
    first.grid[2, 1] = 0.5
    sheet = made.add("w")
    sheet.put(Rect(2, 1, 101, 40), np.random.default_rng(0).normal(size=(100, 40)).round(6), "weight")
    made.define("w", "w", Rect(2, 1, 101, 40))
    return made


@pytest.fixture(params=["small", "large"])
def _size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "large":
        monkeypatch.setattr(readback, "LARGE", 1000)
        monkeypatch.setattr(readback, "_READ_WHOLE", 1000)


def replace(path: Path, part: str, old: bytes, new: bytes) -> None:
    """Change the text of a part, with a right checksum."""
    with ZipFile(path) as source:
        texts = {name: source.read(name) for name in source.namelist()}
    assert old in texts[part]
    texts[part] = texts[part].replace(old, new, 1)
    with ZipFile(path, "w", ZIP_DEFLATED) as target:
        for name, text in texts.items():
            target.writestr(name, text)


@pytest.mark.usefixtures("_size")
def test_what_was_written_is_fine(tmp_path: Path) -> None:
    write(book(), tmp_path / "a.xlsx")
    readback.verify(book(), tmp_path / "a.xlsx")


@pytest.mark.usefixtures("_size")
@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", b"w!B2*2", b"w!B2*3"),
        ("xl/worksheets/sheet1.xml", b"<v>0.5</v>", b"<v>0.6</v>"),
        ("xl/worksheets/sheet1.xml", b">text<", b">test<"),
        ("xl/worksheets/sheet2.xml", b'<c r="C7" s', b'<c r="C8" s'),
        ("xl/worksheets/sheet2.xml", b'<c r="C7" s', b'<c r="AZ7" s'),
        ("xl/worksheets/sheet2.xml", b"<v>0.", b"<v>0.1"),
        ("xl/worksheets/sheet2.xml", b"<v>-0.", b"<v>0."),
        ("xl/workbook.xml", b"w!$A$2", b"w!$A$3"),
    ],
)
def test_a_change_is_noticed(tmp_path: Path, part: str, old: bytes, new: bytes) -> None:
    write(book(), tmp_path / "a.xlsx")
    replace(tmp_path / "a.xlsx", part, old, new)
    with pytest.raises(WorkbookError, match="reads differently"):
        readback.verify(book(), tmp_path / "a.xlsx")


def test_damaged_bytes_of_a_large_sheet_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readback, "LARGE", 1000)
    monkeypatch.setattr(readback, "_READ_WHOLE", 1000)
    monkeypatch.setattr(readback, "_ONE_OF", 10**9)
    write(book(), tmp_path / "a.xlsx")
    data = bytearray((tmp_path / "a.xlsx").read_bytes())
    place = data.index(b"xl/worksheets/sheet2.xml") + 9_000
    data[place] ^= 4
    (tmp_path / "a.xlsx").write_bytes(data)
    with pytest.raises(WorkbookError, match="reads differently"):
        readback.verify(book(), tmp_path / "a.xlsx")

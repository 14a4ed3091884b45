"""The cache of weights: the same grid as without it, bounded, and never in the way."""

# ruff: noqa: E501  texts of cells and sheets stay in one piece

import errno
import os
import threading
import time
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from click.testing import CliRunner

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue
from sheetgpt.cli.main import main
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx import grid_cache
from sheetgpt.xlsx.reader import read
from sheetgpt.xlsx.writer import write


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHEETGPT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def sheetgpt(*arguments: str) -> str:
    """What the command prints."""
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def book_of(seed: int = 0) -> Book:
    book = Book()
    sheet = book.add("weight")
    sheet.put(Rect(4, 2, 303, 301), np.random.default_rng(seed).normal(size=(300, 300)).round(6))
    for column, value in enumerate(
        ["a title", True, ErrorValue.NA, 3.0, "é \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")], 1
    ):
        sheet.put(at(1, column), value)
    sheet.put(at(900_000, 16_000), 7.5)
    small = book.add("small")
    small.put(Rect(1, 1, 3, 3), np.ones((3, 3)))
    live = book.add("live")
    live.put(Rect(1, 1, 300, 300), np.ones((300, 300)))
    live.put_formula(at(301, 1), "SUM(A1:A300)")
    return book


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    write(book_of(), tmp_path / "book.xlsx")
    return tmp_path / "book.xlsx"


def test_the_second_reading_equals_the_first(workbook: Path, place: Path) -> None:
    plain = read(workbook, cached=False)
    assert not place.exists()
    first, second = read(workbook), read(workbook)
    assert len(list(place.iterdir())) == 1  # neither small sheets nor those with formulas
    assert isinstance(second.sheets["weight"].grid.numbers, np.memmap)
    assert not isinstance(first.sheets["weight"].grid.numbers, np.memmap)
    assert plain == first == second == book_of()
    for one in (plain, first):
        assert one.sheets["weight"].grid.others == second.sheets["weight"].grid.others
        assert one.sheets["weight"].grid.extent == second.sheets["weight"].grid.extent
        assert np.array_equal(one.sheets["weight"].grid.numbers, second.sheets["weight"].grid.numbers, equal_nan=True)


def test_a_changed_weight_never_reaches_the_cache(workbook: Path) -> None:
    read(workbook)
    book = read(workbook)
    book.sheets["weight"].grid[4, 2] = 99.0
    book.sheets["weight"].grid.write(Rect(5, 2, 5, 4), "text")
    book.sheets["weight"].grid[2000, 2] = 1.0  # grows
    assert book.sheets["weight"].grid[4, 2] == 99.0
    assert read(workbook) == book_of()


def test_another_number_is_another_text(workbook: Path, tmp_path: Path) -> None:
    read(workbook)
    other = book_of()
    other.sheets["weight"].grid[303, 301] = 0.5
    write(other, tmp_path / "other.xlsx")
    assert read(tmp_path / "other.xlsx") == other
    assert read(tmp_path / "other.xlsx") == other
    assert read(workbook) == book_of()


def test_a_sheet_without_shared_strings_serves_other_workbooks(workbook: Path, place: Path, tmp_path: Path) -> None:
    """The files of a model in several workbooks hold some of the same sheets, beside others with other texts."""
    read(workbook)
    other = book_of()
    other.add("another").look.links.append((1, 1, "weight"))  # XlsxWriter shares the text of a link
    write(other, tmp_path / "other.xlsx")
    with ZipFile(workbook) as one, ZipFile(tmp_path / "other.xlsx") as two:
        assert "xl/sharedStrings.xml" not in one.namelist()
        assert b"weight" in two.read("xl/sharedStrings.xml")
    found = read(tmp_path / "other.xlsx").sheets["weight"].grid.numbers
    assert isinstance(found, np.memmap)
    assert len(list(place.iterdir())) == 1


def test_shared_strings_belong_to_the_key(tmp_path: Path) -> None:
    """The text of a sheet only numbers its shared strings, so the same text can mean others."""
    for word in ("before", "after"):
        made = tmp_path / f"{word}.xlsx"
        with ZipFile(made, "w") as package:
            for name, text in package_of(word).items():
                package.writestr(name, text)
        for _ in range(2):
            assert read(made).sheets["S"].grid[1, 1] == word


def package_of(word: str) -> dict[str, str]:
    """The parts of a workbook of one large sheet, with one shared string."""
    kind, types = (
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "application/vnd.openxmlformats-",
    )
    sheetml = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rows = "".join(
        f'<row r="{r}">' + "".join(f'<c r="{c}{r}"><v>{r}</v></c>' for c in "ABCDEFGHIJ") + "</row>"
        for r in range(2, 7000)
    )
    links = "http://schemas.openxmlformats.org/package/2006/relationships"
    return {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{types}officedocument.spreadsheetml.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{types}officedocument.spreadsheetml.worksheet+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{types}officedocument.spreadsheetml.sharedStrings+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{links}"><Relationship Id="rId1" Type="{kind}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {sheetml} xmlns:r="{kind}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{links}"><Relationship Id="rId1" Type="{kind}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{kind}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/sharedStrings.xml": f"<sst {sheetml}><si><t>{word}</t></si></sst>",
        "xl/worksheets/sheet1.xml": f'<worksheet {sheetml}><dimension ref="A1:J6999"/><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row>{rows}</sheetData></worksheet>',
    }


@pytest.mark.parametrize("damage", ["empty", "short", "long", "header", "magic", "other", "garbage", "folder", "json"])
def test_a_damaged_file_is_not_used(workbook: Path, place: Path, damage: str) -> None:
    read(workbook)
    (file,) = place.iterdir()
    data = file.read_bytes()
    wrong = {
        "empty": b"",
        "short": data[:-8],
        "long": data + bytes(8),
        "header": data[:40] + b"9" + data[41:],
        "magic": b"X" + data[1:],
        "garbage": os.urandom(len(data)),
        "json": grid_cache._head(b'{"key": 3}'),
        "other": grid_cache._head(
            b'{"key": [1, 2], "strings": null, "shape": [1, 1], "extent": [1, 1, 1, 1], "others": []}'
        )
        + bytes(8),
    }
    file.unlink()
    if damage == "folder":
        file.mkdir()
    else:
        file.write_bytes(wrong[damage])
    assert read(workbook) == book_of()
    if damage != "folder":  # and was made again
        assert isinstance(read(workbook).sheets["weight"].grid.numbers, np.memmap)


def test_a_full_disk_costs_nothing_but_the_cache(workbook: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert read(workbook) == book_of()
    assert list(place.iterdir()) == []


def test_a_folder_that_cannot_be_made(workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("SHEETGPT_CACHE", str(tmp_path / "file" / "cache"))
    assert read(workbook) == read(workbook) == book_of()
    assert grid_cache.files() == []


def test_the_least_recently_used_goes_first(tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    books = [tmp_path / f"{k}.xlsx" for k in range(3)]
    for k, path in enumerate(books):
        write(book_of(k), path)
    read(books[0])
    size = grid_cache.files()[0][1].st_size
    monkeypatch.setattr(grid_cache, "LIMIT", size * 5 // 2)
    read(books[1])
    first, second = (path for path, _ in grid_cache.files())
    os.utime(first, (time.time() - 50, time.time() - 50))
    os.utime(second, (time.time() - 40, time.time() - 40))
    mapped = read(books[1])
    mapped_first = read(books[0])  # used again, so the other one is older now
    os.utime(second, (time.time() - 30, time.time() - 30))
    read(books[2])
    assert {path for path, _ in grid_cache.files()} > {first}
    assert second not in {path for path, _ in grid_cache.files()}
    assert mapped == book_of(1)  # a map outlives its file
    assert mapped_first == book_of(0)
    monkeypatch.setattr(grid_cache, "LIMIT", size // 2)
    write(book_of(4), tmp_path / "large.xlsx")
    read(tmp_path / "large.xlsx")
    assert len(grid_cache.files()) == 2  # too large to be kept, so nothing went


def test_what_a_dead_program_left_is_dropped(workbook: Path, place: Path) -> None:
    place.mkdir()
    for name, age in (("old.part", 7200), ("new.part", 5)):
        (place / name).write_bytes(b"x")
        os.utime(place / name, (time.time() - age, time.time() - age))
    (place / "mine.txt").write_text("not of the cache")
    read(workbook)
    assert {path.name for path in place.iterdir()} >= {"new.part", "mine.txt"}
    assert not (place / "old.part").exists()
    grid_cache.clear()
    assert [path.name for path in place.iterdir()] == ["mine.txt"]


def test_many_at_once(workbook: Path, place: Path) -> None:
    wrong: list[object] = []

    def work() -> None:
        for k in range(4):
            if read(workbook) != book_of():
                wrong.append(k)
            if k % 2:
                grid_cache.clear()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert not [path for path in place.iterdir() if path.suffix == ".part"] if place.exists() else True


def test_a_wrong_checksum_in_the_file_is_noticed(workbook: Path, tmp_path: Path) -> None:
    data = bytearray(workbook.read_bytes())
    with ZipFile(workbook) as package:
        entry = max(package.infolist(), key=lambda e: e.file_size)
    start = data.rfind(b"PK\x01\x02", 0, data.rfind(entry.filename.encode()))
    data[start + 16] ^= 1
    (tmp_path / "wrong.xlsx").write_bytes(data)
    for _ in range(2):
        with pytest.raises(WorkbookError, match="damaged or incomplete: wrong checksum"):
            read(tmp_path / "wrong.xlsx")


def test_where_systems_keep_caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SHEETGPT_CACHE")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    for system, names, expected in (
        ("linux", {"XDG_CACHE_HOME": ""}, ".cache/sheetgpt"),
        ("linux", {"XDG_CACHE_HOME": str(tmp_path / "x")}, "x/sheetgpt"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, ".cache/sheetgpt"),
        ("darwin", {}, "Library/Caches/sheetgpt"),
        ("win32", {"LOCALAPPDATA": str(tmp_path / "L")}, "L/sheetgpt/Cache"),
        ("win32", {"LOCALAPPDATA": ""}, "AppData/Local/sheetgpt/Cache"),
    ):
        monkeypatch.setattr("sys.platform", system)
        for name, value in names.items():
            monkeypatch.setenv(name, value)
        assert grid_cache.folder() == tmp_path / expected


def test_the_command(workbook: Path, place: Path) -> None:
    assert "0 sheets" in sheetgpt("cache")
    sheetgpt("show", str(workbook), "weight!B4", "--no-cache")
    assert not place.exists()
    sheetgpt("show", str(workbook), "weight!B4")
    said = sheetgpt("cache")
    assert str(place) in said
    assert "1 sheet, 0.8 MB" in said
    assert "0.8 MB dropped" in sheetgpt("cache", "--clear")
    assert list(place.iterdir()) == []

"""Files that other programs wrote: numpy's way through the number cells against expat alone, sheet by sheet."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from zipfile import ZipFile, ZipInfo

import numpy as np
import openpyxl
import pytest
import xlsxwriter

from sheetgpt.book.book import Sheet
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx import reader
from sheetgpt.xlsx.reader import read
from support.sheet_xml import agree, read_xml

NUMBERS = np.random.default_rng(0).normal(0, 0.04, (60, 90))
NUMBERS[::7, ::5] *= 1e-5
NUMBERS[3, :40] = np.arange(40)
NUMBERS[4, :4] = 1e300, -5e-324, 0.1, 2**53 + 2


def assert_agree(path: Path) -> None:
    """Both ways read the same of every sheet; the first one begins with the numbers, to 15 digits at least."""
    with ZipFile(path) as package:
        parts = [name for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        assert parts
        for name in parts:
            text = package.read(name)
            for cuts in (None, [5000], [333, 77]):
                assert isinstance(agree(text, cuts, STRINGS), Sheet)
    numbers = next(iter(read(path, cached=False).sheets.values())).grid.numbers
    assert np.allclose(numbers[:60, :90], NUMBERS, rtol=1e-14, atol=0)


STRINGS = [f"text {k}" for k in range(500)]


def by_xlsxwriter(path: Path, constant_memory: bool = False) -> Path:
    with xlsxwriter.Workbook(path, {"constant_memory": constant_memory}) as workbook:
        sheet, bold = workbook.add_worksheet(), workbook.add_format({"bold": True})
        for row, values in enumerate(NUMBERS.tolist()):
            for column, value in enumerate(values):
                sheet.write_number(row, column, value, bold if column % 7 == 3 else None)
            sheet.write_string(row, 95, f"error {row}")
            sheet.write_formula(row, 97, f"=A{row + 1}*2", None, 2 * values[0])
            sheet.write_blank(row, 99, None, bold)
        sheet.write_number(50_000, 300, 1.5)
        sheet.write_boolean(50_000, 301, True)
    return path


@pytest.mark.parametrize("constant_memory", [False, True])
def test_xlsxwriter(tmp_path: Path, constant_memory: bool) -> None:
    path = by_xlsxwriter(tmp_path / "x.xlsx", constant_memory)
    assert_agree(path)


@pytest.mark.parametrize("write_only", [False, True])
def test_openpyxl(tmp_path: Path, write_only: bool) -> None:
    workbook = openpyxl.Workbook(write_only=write_only)
    sheet = workbook.create_sheet("n", 0)
    for row, values in enumerate(NUMBERS.tolist(), 1):
        sheet.append([*values, None, f"r{row}", f"=A{row}", True])
    workbook.save(tmp_path / "o.xlsx")
    assert_agree(tmp_path / "o.xlsx")


def test_libreoffice(tmp_path: Path) -> None:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("needs LibreOffice")
    by_xlsxwriter(tmp_path / "x.xlsx")
    (tmp_path / "out").mkdir()
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [
        program,
        profile,
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
        str(tmp_path / "out"),
        str(tmp_path / "x.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    assert_agree(tmp_path / "out" / "x.xlsx")


def test_ironcalc(tmp_path: Path) -> None:
    ironcalc = pytest.importorskip("ironcalc")
    by_xlsxwriter(tmp_path / "x.xlsx")
    model = ironcalc.load_from_xlsx(str(tmp_path / "x.xlsx"), "en", "UTC", "en")
    model.save_to_xlsx(str(tmp_path / "i.xlsx"))
    assert_agree(tmp_path / "i.xlsx")


def test_without_references(tmp_path: Path) -> None:
    rows = "".join("<row>" + "".join(f"<c><v>{x!r}</v></c>" for x in row) + "</row>" for row in NUMBERS.tolist())
    sheet = read_xml(f"<worksheet><sheetData>{rows}</sheetData></worksheet>".encode(), True)
    assert isinstance(sheet, Sheet)
    assert np.array_equal(sheet.grid.numbers[:60, :90], NUMBERS)


def test_what_stops_the_reading_stops_the_sheets_under_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        workbook.add_worksheet("Broken")
        workbook.add_worksheet("Endless").write_row(0, 0, range(500))  # the larger one, so that it begins first
    taken = []

    def chunks(path: Path, entry: ZipInfo) -> Iterator[bytes]:
        if entry.filename.endswith("sheet1.xml"):
            sleep(0.2)
            yield b"<no>"
            return
        yield b"<worksheet><sheetData>"
        for number in range(2000):
            sleep(0.01)
            taken.append(number)
            yield b" "

    monkeypatch.setattr(reader, "entry_chunks", chunks)
    monkeypatch.setattr(reader, "_LITTLE", 0)  # several threads, as for a large workbook
    with pytest.raises(WorkbookError, match="'Broken' is broken"):
        read(tmp_path / "a.xlsx")
    assert 0 < len(taken) < 1000


def without(path: Path, part: str, old: bytes, new: bytes) -> Path:
    """The file again with some bytes of a part replaced."""
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert old in parts[part]
    with ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data.replace(old, new, 1) if name == part else data)
    return path


@pytest.mark.parametrize(
    ("part", "old", "new", "words"),
    [
        ("xl/workbook.xml", b'name="Sheet1" ', b"", "<sheet> has no name"),
        ("xl/workbook.xml", b'r:id="rId1"', b'r:id="rId9"', "rId9, which is no relation"),
        ("xl/_rels/workbook.xml.rels", b'Target="worksheets/sheet1.xml"', b"", "<Relationship> has no Target"),
        ("xl/_rels/workbook.xml.rels", b"worksheets/sheet1.xml", b"worksheets/gone.xml", "no part xl/worksheets/gone"),
        ("[Content_Types].xml", b'PartName="/xl/workbook.xml" ', b"", "<Override> has no PartName"),
        ("xl/workbook.xml", b'encoding="UTF-8"', b'encoding="UTH-8"', "unknown encoding: UTH-8"),
        ("xl/worksheets/sheet1.xml", b'encoding="UTF-8"', b'encoding="UTH-8"', "unknown encoding: UTH-8"),
    ],
)
def test_what_a_file_lacks_is_named(tmp_path: Path, part: str, old: bytes, new: bytes, words: str) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        workbook.add_worksheet().write(0, 0, 1)
    with pytest.raises(WorkbookError, match=words):
        read(without(tmp_path / "a.xlsx", part, old, new))


@pytest.mark.parametrize("kind", [KeyError, TypeError, AttributeError, IndexError])
def test_an_error_of_our_own_is_not_told_as_a_damaged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Exception]
) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        workbook.add_worksheet().write(0, 0, 1)

    def fail(*_: object) -> None:
        raise kind("ours")

    monkeypatch.setattr(reader, "read_sheet", fail)
    with pytest.raises(kind, match="ours"):
        read(tmp_path / "a.xlsx")

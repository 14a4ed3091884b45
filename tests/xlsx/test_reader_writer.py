"""read(write(book)) == book; files of other programs; what cannot be read or written."""

from pathlib import Path
from zipfile import ZipFile

import numpy as np
import openpyxl
import pytest
import xlsxwriter
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.book.palette import STYLES
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.reader import read
from sheetgpt.xlsx.writer import write
from support.exact import exact

NASTY = [
    "=1+1",
    " leading",
    "trailing ",
    "a\nb",
    "a\r\nb",
    "\t",
    "_x0041_",
    "_x005F_",
    "\x01\x1f",
    "￿",
    "<&>\"'",
    "1",
    "TRUE",
    "#N/A",
    "😀👩🏽‍🚀",
    "é",
    "é",
    "'quoted",
    "x" * 32767,
    "\x0b",
    '=HYPERLINK("a","b")',
    "_x",
    "__x0041__",
]


def roundtrip(book: Book, folder: Path) -> Book:
    write(book, folder / "book.xlsx")
    return read(folder / "book.xlsx")


def sample() -> Book:
    book = Book()
    sheet = book.add("First sheet")
    sheet.put(Rect(1, 1, 2, 3), np.array([[1.5, 2, 1 / 3], [1e300, -1e-300, 5e-324]]), "weight")
    for row, value in enumerate([*NASTY, True, False, *ErrorValue], 4):
        sheet.put(at(row, 2), value, "text" if row % 2 else "")
    sheet.put_formula(at(3, 1), '"a "&A1&" "', "output")
    sheet.grid[3, 1] = "a 1.5 "
    sheet.put_formula(Rect(3, 3, 4, 4), "A1:B1*{1;2}", "activation", array=True)
    sheet.grid.write(Rect(3, 3, 4, 4), np.array([[1.5, 2], [3, 4.0]]))
    shown: list[Value] = [True, ErrorValue.DIV0, "", 0.1]
    for column, value in enumerate(shown, 6):
        sheet.put_formula(at(3, column), f"A{column}=1")
        sheet.grid[3, column] = value
    sheet.put(at(1_048_576, 16_384), 7.25)
    sheet.look.styles.append((Rect(90, 1, 90, 5), "input"))
    other = book.add("h.0.attn.c_attn.weight")
    other.put(Rect(3, 2, 40, 90), np.random.default_rng(1).normal(size=(38, 89)), "weight")
    book.add("empty")
    book.define("h.0.attn.c_attn.weight", other.name, Rect(3, 2, 40, 90))
    book.names |= {"a.constant": "3.5", "'First sheet'!local": "'First sheet'!$A$1"}
    return book


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    book = sample()
    back = roundtrip(book, tmp_path)
    assert back.names == book.names
    assert exact(back) == exact(book)
    assert back == book


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20) | st.booleans(), max_size=30))
@example([1.0, True, "1", "TRUE", 0.0, -0.0, False, "", 0.1 + 0.2])
def test_any_value_comes_back_exactly(tmp_path_factory: pytest.TempPathFactory, values: list) -> None:
    book = Book()
    sheet = book.add("S")
    for row, value in enumerate(values, 1):
        sheet.put(at(row, 1), value)
    back = roundtrip(book, tmp_path_factory.mktemp("any"))
    assert exact([back.sheets["S"].grid[row, 1] for row in range(1, len(values) + 1)]) == exact(values)


def test_the_same_book_gives_the_same_bytes(tmp_path: Path) -> None:
    write(sample(), tmp_path / "a.xlsx")
    write(sample(), tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_openpyxl_reads_what_we_write(tmp_path: Path) -> None:
    write(sample(), tmp_path / "a.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["First sheet"]
    assert [sheet.cell(1, k).value for k in (1, 2, 3)] == [1.5, 2, 1 / 3]
    assert sheet["A3"].value == '="a "&A1&" "'
    assert sheet["C3"].value.ref == "C3:D4"
    assert sheet["B4"].value == "=1+1"
    assert sheet["B4"].data_type in ("s", "inlineStr")  # text, not a formula
    values = openpyxl.load_workbook(tmp_path / "a.xlsx", data_only=True)["First sheet"]
    assert [values[cell].value for cell in ("A3", "D4", "F3", "G3", "I3")] == ["a 1.5 ", 4, True, "#DIV/0!", 0.1]


def test_every_cell_has_its_reference_and_no_calculation_chain(tmp_path: Path) -> None:
    write(sample(), tmp_path / "a.xlsx")
    with ZipFile(tmp_path / "a.xlsx") as package:
        assert "xl/calcChain.xml" not in package.namelist()
        xml = package.read("xl/worksheets/sheet1.xml")
    assert xml.count(b"<c ") == xml.count(b'<c r="')


def test_files_of_xlsxwriter(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as workbook:
        sheet = workbook.add_worksheet("It's")
        sheet.write_row(0, 0, [1, 2.5, "text", True])
        sheet.write_rich_string(1, 0, "a", workbook.add_format({"bold": True}), " b ", "c")
        sheet.write_array_formula(2, 0, 2, 1, "{=A1:B1*2}", None, 2)
        sheet.write_number(2, 1, 5)
        sheet.write_formula(3, 0, "=SUM(A1:B1)", None, 3.5)
        sheet.write_string(4, 0, "\x01 _x0041_")
        workbook.define_name("all", "='It''s'!$A$1:$B$1")
        workbook.define_name("It's!local", "='It''s'!$A$1")
    book = read(tmp_path / "x.xlsx")
    grid, formulas = book.sheets["It's"].grid, {f.rect: (f.text, f.array) for f in book.sheets["It's"].formulas}
    assert exact([grid[1, k] for k in (1, 2, 3, 4)]) == exact([1.0, 2.5, "text", True])
    assert (grid[2, 1], grid[3, 1], grid[3, 2], grid[4, 1], grid[5, 1]) == ("a b c", 2.0, 5.0, 3.5, "\x01 _x0041_")
    assert formulas == {Rect(3, 1, 3, 2): ("A1:B1*2", True), at(4, 1): ("SUM(A1:B1)", False)}
    assert book.names == {"all": "'It''s'!$A$1:$B$1", "'It''s'!local": "'It''s'!$A$1"}


def test_files_of_openpyxl(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.append([1, None, "x", False])
    sheet["B2"] = "=A1+1"
    workbook.save(tmp_path / "o.xlsx")
    grid = read(tmp_path / "o.xlsx").sheets["Sheet"]
    assert exact(grid.grid) == exact({(1, 1): 1.0, (1, 3): "x", (1, 4): False})
    assert [(f.rect, f.text) for f in grid.formulas] == [(at(2, 2), "A1+1")]


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def with_sheet(folder: Path, cells: str, prefix: bool = False) -> Path:
    """A workbook whose first sheet has the given XML."""
    workbook = openpyxl.Workbook()
    workbook.save(folder / "plain.xlsx")
    xml = SHEET.format(cells)
    if prefix:
        xml = xml.replace("xmlns=", "xmlns:x=").replace("</", "\x00").replace("<", "<x:").replace("\x00", "</x:")
    with ZipFile(folder / "plain.xlsx") as source, ZipFile(folder / "made.xlsx", "w") as target:
        for name in source.namelist():
            target.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else source.read(name))
    return folder / "made.xlsx"


@pytest.mark.parametrize("prefix", [False, True])
def test_cells_without_references_shared_formulas_dates_exponents(tmp_path: Path, prefix: bool) -> None:
    cells = (
        "<row><c><v>1</v></c><c/><c><v>2.5E-3</v></c></row>"
        "<row r='4'><c r='B4' t='d'><v>2026-11-20</v></c><c><v>9</v></c></row>"
        "<row r='5'><c r='A5'><f t='shared' ref='A5:A6' si='0'>$B$1+B5</f><v>1</v></c></row>"
        "<row r='6'><c r='A6'><f t='shared' si='0'/><v>2</v></c><c r='B6' t='inlineStr'><is><r><t>a</t></r>"
        "<r><t xml:space='preserve'> b</t></r><rPh><t>no</t></rPh></is></c></row>"
    )
    sheet = read(with_sheet(tmp_path, cells, prefix)).sheets["Sheet"]
    assert dict(sheet.grid.items()) == {
        (1, 1): 1.0,
        (1, 3): 0.0025,
        (4, 2): 46346.0,
        (4, 3): 9.0,
        (5, 1): 1.0,
        (6, 1): 2.0,
        (6, 2): "a b",
    }
    assert [f.text for f in sheet.formulas] == ["$B$1+B5", "$B$1+B6"]


def test_what_cannot_be_read_is_refused_with_a_sentence(tmp_path: Path) -> None:
    write(sample(), tmp_path / "good.xlsx")
    good = (tmp_path / "good.xlsx").read_bytes()
    (tmp_path / "text.xlsx").write_text("hello")
    (tmp_path / "empty.xlsx").write_bytes(b"")
    (tmp_path / "old.xlsx").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    (tmp_path / "half.xlsx").write_bytes(good[: len(good) // 2])
    with ZipFile(tmp_path / "zip.xlsx", "w") as package:
        package.writestr("readme.txt", "no workbook")
    broken = with_sheet(tmp_path, "<row><c><v>1</v></row>")
    for name, words in (
        ("missing.xlsx", "there is no file"),
        ("text.xlsx", "no zip archive"),
        ("empty.xlsx", "no zip archive"),
        ("old.xlsx", "old .xls file or has a password"),
        ("half.xlsx", "damaged or incomplete"),
        ("zip.xlsx", "no workbook that sheetgpt can read"),
        ("", "is a folder"),
        (broken.name, "XML of sheet 'Sheet' is broken"),
    ):
        with pytest.raises(WorkbookError, match=words):
            read(tmp_path / name)


def test_every_single_cut_of_a_file_is_noticed(tmp_path: Path) -> None:
    write(sample(), tmp_path / "good.xlsx")
    good = (tmp_path / "good.xlsx").read_bytes()
    for size in range(0, len(good) - 1, len(good) // 60):
        (tmp_path / "cut.xlsx").write_bytes(good[:size])
        with pytest.raises(WorkbookError):
            read(tmp_path / "cut.xlsx")


def test_a_failed_build_keeps_the_old_file_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "book.xlsx"
    write(sample(), path)
    before = path.read_bytes()
    seen: list[str] = []

    def interrupt(name: str, done: int, total: int) -> None:
        seen.append(name)
        if len(seen) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(sample(), path, interrupt)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["book.xlsx"]


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkbookError, match="cannot be written"):
        write(sample(), tmp_path / "file" / "book.xlsx")


def test_styles_have_names_that_sheets_use(tmp_path: Path) -> None:
    book = Book()
    sheet = book.add("S")
    for row, name in enumerate(STYLES, 1):
        sheet.put(at(row, 1), name, name)
    write(book, tmp_path / "styles.xlsx")
    cells = openpyxl.load_workbook(tmp_path / "styles.xlsx")["S"]
    for row, (name, properties) in enumerate(STYLES.items(), 1):
        cell = cells.cell(row, 1)
        assert cell.value == name
        assert cell.font.b == properties.get("bold", False)
        if "bg_color" in properties:
            assert cell.fill.fgColor.rgb == "FF" + str(properties["bg_color"])[1:]
        if "num_format" in properties:
            assert cell.number_format == properties["num_format"]


def test_a_name_that_excel_does_not_take_is_refused(tmp_path: Path) -> None:
    book = Book()
    book.add("S").put(at(1, 1), 1.0)
    book.names["w1"] = "S!$A$1"
    with pytest.raises(WorkbookError, match="'w1' cannot be the name of cells"):
        write(book, tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []

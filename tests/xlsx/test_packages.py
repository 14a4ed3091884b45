"""Packages of many makers: how parts are spelled, which one is the workbook, which sheets and names there are."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from sheetgpt.commands.recalc import recalc
from sheetgpt.errors import WorkbookError
from sheetgpt.evaluator import Calculator
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read
from support.parts import package_parts, replaced, write_parts
from support.paths import shared

ROWS = '<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1"><f>LEN(A1)*10</f><v>0</v></c></row>'
PARTS = package_parts({"Data": ROWS}, strings=["a", "four"])
SHEET, BOOK, LINKS, TYPES = (
    "xl/worksheets/sheet1.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "[Content_Types].xml",
)


def spelled(spelling: str) -> dict[str, bytes]:
    """The parts with other names in the archive."""
    ways: dict[str, Callable[[str], str]] = {
        "upper": str.upper,
        "backslash": lambda name: name.replace("/", "\\"),
        "slash": lambda name: "/" + name,
        "url": lambda name: name.replace("sheet1", "sheet%31"),
        "strings": lambda name: name.replace("sharedStrings", "SharedStrings"),
    }
    return {ways[spelling](name): data for name, data in PARTS.items()}


@pytest.mark.parametrize("spelling", ["upper", "backslash", "slash", "url", "strings"])
def test_parts_are_found_however_they_are_spelled(tmp_path: Path, spelling: str) -> None:
    path, copy = write_parts(tmp_path / "a.xlsx", spelled(spelling)), tmp_path / "b.xlsx"
    recalc(path, copy, cached=False)
    assert read(copy, cached=False).read("Data!A1:B1").tolist() == [["four", 40.0]]
    with ZipFile(path) as old, ZipFile(copy) as new:
        assert new.namelist() == old.namelist()
        assert [name for name in old.namelist() if old.read(name) != new.read(name)] == [
            name for name in old.namelist() if "sheet" in name.lower() and "worksheets" in name.lower()
        ]


@pytest.mark.parametrize(
    "target",
    [
        "/xl/worksheets/sheet1.xml",
        "../xl/worksheets/sheet1.xml",
        "./worksheets/SHEET1.xml",
        "worksheets\\sheet1.xml",
        "worksheets/sheet%31.xml",
    ],
)
def test_targets_of_relations(tmp_path: Path, target: str) -> None:
    parts = replaced(PARTS, LINKS, "worksheets/sheet1.xml", target)
    book = read(write_parts(tmp_path / "a.xlsx", parts), cached=False)
    assert book.read("Data!A1")[0, 0] == "four"


def test_the_workbook_is_the_one_that_the_package_relates_to(tmp_path: Path) -> None:
    """Neither its name nor the first part of such a type decides."""
    parts = {name.replace("xl/workbook.xml", "xl/other.xml"): data for name, data in PARTS.items()}
    parts["xl/_rels/other.xml.rels"] = parts.pop(LINKS)
    parts = replaced(parts, "_rels/.rels", BOOK, "xl/other.xml")
    stray = (
        '<Override PartName="/xl/stray.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml'
    )
    parts = replaced(parts, TYPES, "/xl/workbook.xml", "/xl/other.xml")
    parts = replaced(parts, TYPES, "<Override", stray + '.sheet.main+xml"/><Override')
    parts["xl/stray.xml"] = b"<nothing/>"
    assert list(read(write_parts(tmp_path / "a.xlsx", parts), cached=False).sheets) == ["Data"]


@pytest.mark.parametrize(
    "kind",
    [
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        "application/vnd.ms-excel.template.macroEnabled.main+xml",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
    ],
)
def test_macros_and_templates_are_the_same_package(tmp_path: Path, kind: str) -> None:
    plain = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    path = write_parts(tmp_path / "a.xlsm", replaced(PARTS, TYPES, plain, kind))
    assert read(path, cached=False).read("Data!A1")[0, 0] == "four"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("xl/workbook.bin", "binary .xlsb workbook"),
        ("content.xml", "OpenDocument"),
        ("word/document.xml", "Word document"),
        ("ppt/presentation.xml", "PowerPoint"),
        ("Index/Document.iwa", "Numbers"),
        ("mail/budget.xlsx", "zip archive with mail/budget.xlsx in it"),
    ],
)
def test_other_packages_are_named(tmp_path: Path, part: str, words: str) -> None:
    with pytest.raises(WorkbookError, match=words) as caught:
        read(write_parts(tmp_path / "a.zip", {part: b"x"}))
    assert "\n" in str(caught.value), "and what to do"


@pytest.mark.parametrize(
    ("start", "words"), [(b"%PDF-1.7", "PDF"), (b"<html>", "web page"), (b"a;b\n1;2", "zip archive")]
)
def test_other_files_are_named(tmp_path: Path, start: bytes, words: str) -> None:
    (tmp_path / "a.xlsx").write_bytes(start)
    with pytest.raises(WorkbookError, match=words):
        read(tmp_path / "a.xlsx")


def listed(entries: str, names: str) -> dict[str, bytes]:
    """A workbook of the sheets One and Two, with other entries in its list of sheets, and names."""
    rows = '<row r="1"><c r="A1"><v>{}</v></c><c r="B1"><f>here*10</f></c></row>'
    parts = package_parts({"One": rows.format(1), "Two": rows.format(2)}, names=names)
    parts = replaced(parts, BOOK, "<sheets>", f"<sheets>{entries}")
    more = '<Relationship Id="rIdC" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{}" '
    kinds = [
        more.format(kind).replace("rIdC", kind) + f'Target="{kind}.xml"/>' for kind in ("chartsheet", "dialogsheet")
    ]
    kinds.append(
        '<Relationship Id="xlMacrosheet" Target="m.xml" '
        'Type="http://schemas.microsoft.com/office/2006/relationships/xlMacrosheet"/>'
    )
    return replaced(parts, LINKS, "</Relationships>", "".join(kinds) + "</Relationships>")


@pytest.mark.parametrize("entry", ['r:id=""', "", 'r:id="chartsheet"', 'r:id="dialogsheet"', 'r:id="xlMacrosheet"'])
def test_a_sheet_without_cells_shifts_no_names(tmp_path: Path, entry: str) -> None:
    names = "".join(
        f'<definedName name="here" localSheetId="{k}">{sheet}!$A$1</definedName>'
        for k, sheet in [(1, "One"), (2, "Two")]
    )
    path = write_parts(tmp_path / "a.xlsx", listed(f'<sheet name="Gone" sheetId="9" {entry}/>', names))
    book = read(path, cached=False)
    Calculator(book).recalculate()
    assert list(book.sheets) == ["One", "Two"]
    assert [book.read(f"{sheet}!B1")[0, 0] for sheet in book.sheets] == [10.0, 20.0]
    assert ("the sheet 'Gone', which has no part" in book.beyond) == (entry in ("", 'r:id=""'))


def test_names(tmp_path: Path) -> None:
    names = (
        '<definedName name="hidden" hidden="1"> Data!$A$1\n</definedName><definedName name="m" function="1" '
        'vbProcedure="1">#REF!</definedName><definedName name="_xlnm.Print_Area" localSheetId="0">Data!A1</definedName>'
        '<definedName name="none" localSheetId="7">Data!$A$1</definedName>'
        '<definedName name="c"><![CDATA[Data!$B$1]]></definedName>'
    )
    book = read(write_parts(tmp_path / "a.xlsx", package_parts({"Data": ROWS}, names, ["a", "b"])), cached=False)
    assert book.names == {"hidden": "Data!$A$1", "c": "Data!$B$1"}


def test_a_book_without_a_sheet_is_refused(tmp_path: Path) -> None:
    for edit in (('<sheet name="Data" sheetId="1" r:id="rId1"/>', ""), ('r:id="rId1"', "")):
        with pytest.raises(WorkbookError, match="no sheet with cells"):
            read(write_parts(tmp_path / "a.xlsx", replaced(PARTS, BOOK, *edit)))


def test_a_sheet_of_an_unknown_type_is_refused(tmp_path: Path) -> None:
    parts = replaced(PARTS, LINKS, "relationships/worksheet", "relationships/worksheep")
    with pytest.raises(WorkbookError, match="sheet Data has the unknown type"):
        read(write_parts(tmp_path / "a.xlsx", parts))


def test_two_sheets_of_one_part_are_refused(tmp_path: Path) -> None:
    twice = '<sheet name="Data" sheetId="1" r:id="rId1"/>'
    parts = replaced(PARTS, BOOK, twice, twice + twice.replace("Data", "Again"))
    with pytest.raises(WorkbookError, match="one part"):
        read(write_parts(tmp_path / "a.xlsx", parts))


def test_strict_open_xml(tmp_path: Path) -> None:
    """Other namespaces and relations, and dates as ISO 8601; 2020-02-29 is day 43890 (DATE in Excel)."""
    rows = (
        '<row r="1"><c r="A1" t="d"><v>2020-02-29T12:00:00</v></c><c r="B1"><f>A1+1</f><v>0</v></c>'
        '<c r="C1" t="d"><f>A1</f><v>2020-02-28</v></c></row>'
    )
    path = write_parts(tmp_path / "a.xlsx", package_parts({"Data": rows}, strict=True))
    recalc(path, tmp_path / "b.xlsx")
    assert read(tmp_path / "b.xlsx").read("Data!A1:C1").tolist() == [[43890.5, 43891.5, 43890.5]]
    with ZipFile(tmp_path / "b.xlsx") as archive:
        assert b'<c r="B1"><f>A1+1</f><v>43891.5</v></c><c r="C1"><f>A1</f><v>43890.5</v></c>' in archive.read(SHEET)


def test_no_styles_and_no_document_types(tmp_path: Path) -> None:
    path = write_parts(tmp_path / "a.xlsx", package_parts({"Data": ROWS}, strings=["a", "b"], styles=False))
    assert read(path, cached=False).read("Data!A1")[0, 0] == "b"
    parts = replaced(PARTS, SHEET, "<worksheet", '<!DOCTYPE x [<!ENTITY a "1">]><worksheet')
    with pytest.raises(WorkbookError, match="document type"):
        read(write_parts(tmp_path / "a.xlsx", parts))


def test_workbooks_reported_by_users() -> None:
    """Of the reports beside this project; the stored values are right."""
    found = [
        path
        for path in sorted(shared("reports/workbooks").glob("*.xlsx"))
        if path.name[:3] in ("r02", "s02", "t02", "t06")
    ]
    assert found
    for path in found:
        if path.name.startswith("t06"):
            with pytest.raises(WorkbookError, match="shared text 7"):
                read(path, cached=False)
            continue
        book = read(path, cached=False)
        stored = {name: dict(sheet.grid.items()) for name, sheet in book.sheets.items()}
        Calculator(book).recalculate()
        assert {name: dict(sheet.grid.items()) for name, sheet in book.sheets.items()} == stored, path.name


def test_an_archive_keeps_its_comment_and_a_link_its_file(tmp_path: Path) -> None:
    path = write_parts(tmp_path / "a.xlsx", PARTS)
    with ZipFile(path, "a") as archive:
        archive.comment = b"kept"
    link = tmp_path / "link.xlsx"
    link.symlink_to(path)
    patch(link, link, {"Data": {(1, 1): 5.0}})
    assert link.is_symlink()
    assert read(path, cached=False).read("Data!A1")[0, 0] == 5.0
    with ZipFile(path) as archive:
        assert archive.comment == b"kept"


def test_a_file_copied_onto_itself_is_there_whatever_goes_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_parts(tmp_path / "a.xlsx", PARTS)
    recalc(path, path, cached=False)
    good = path.read_bytes()
    for kind in (OSError, ValueError, MemoryError, KeyboardInterrupt):

        def fail(*_: object, kind: type[BaseException] = kind) -> None:
            raise kind("no")

        monkeypatch.setattr("sheetgpt.xlsx.patch._copy_part", fail)
        with pytest.raises((WorkbookError, kind)):
            recalc(path, path, cached=False)
        assert path.read_bytes() == good
        assert list(tmp_path.iterdir()) == [path]
    assert read(path, cached=False).read("Data!B1")[0, 0] == 40.0

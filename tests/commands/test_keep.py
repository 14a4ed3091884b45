"""What `recalc` leaves as it was, seen by other readers: an XML parser, openpyxl, LibreOffice."""

import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as Tree
from zipfile import ZipFile

import openpyxl
import pytest
import xlsxwriter

from sheetgpt.commands.recalc import recalc
from sheetgpt.xlsx.reader import read
from support.parts import MAIN, package_parts, write_parts

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")  # by openpyxl
SHEET = "xl/worksheets/sheet1.xml"
NAMES = ["worksheet", "dimension", "cols", "col", "sheetData", "row", "c", "f", "v", "is", "r", "rPr", "b", "t"]
NAMES += ["pageMargins", "extLst", "ext"]
AROUND = (
    '<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" uri="{78C0D931-6437-407d-'
    'A8EE-F0AAD7539E65}"><x14:conditionalFormattings><x14:conditionalFormatting xmlns:xm="http://schemas.microsoft.com/'
    'office/excel/2006/main"><x14:cfRule type="expression" priority="1" id="{00000000-0000-0000-0000-000000000001}">'
    "<xm:f>$A$1&gt;1</xm:f></x14:cfRule><xm:sqref>A1</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings>"
    "</ext></extLst>"
)
# Each case: the rows, and what A1 to the last formula cell must hold after calculation, by its address.
CASES: dict[str, tuple[str, dict[str, object]]] = {
    "kinds": (
        '<row r="1" spans="1:4" s="1" customFormat="1" ac:dyDescent="0.25" xmlns:ac="http://schemas.microsoft.com/office/'
        'spreadsheetml/2009/9/ac"><c r="A1"><v>2</v></c><c r="B1" s="1" t="str"><f>A1*3</f><v>old</v></c>'
        '<c r="C1" s="1" ph="1"><f>"é "&amp;A1</f><v>1</v></c>'
        '<c r="D1" t="e" vm="1"><f>A1=2</f><v>#VALUE!</v></c></row>'
        '<row r="2"><c r="A2" t="b"><f>1/0</f><v>1</v></c><c r="B2" t="s"><f>A1&amp;""</f><v>0</v></c>'
        '<c r="C2" t="inlineStr"><f>A1+1</f><is><r><rPr><b/></rPr><t>a</t></r></is></c>'
        '<c r="D2" t="n"><f>A1</f></c></row>',
        {"B1": 6, "C1": "é 2", "D1": True, "A2": "#DIV/0!", "B2": "2", "C2": 3, "D2": 2},
    ),
    "between": (
        '<!-- <c r="A1"/> > --><row r="1"><?odd a="/>"?><c r="A1"><v><![CDATA[2]]></v></c> '
        '<c r="B1"><f><![CDATA[A1*3]]></f>'
        '<!-- a --><v xml:space="preserve">0</v><!-- b --></c>\n<c r="C1" t="str"><f ca="1">A1&amp;"&lt;"</f>'
        "<v>a&#65;</v><extLst><ext uri='x>y'><v xmlns='urn:x'>9</v></ext></extLst></c></row >",
        {"B1": 6, "C1": "2<"},
    ),
    "places": (
        '<row><c><v>2</v></c><c><f>A1*3</f><v>0</v></c></row><row ht="30" customHeight="1"/><row r="7"/><row r="5">'
        '<c r="C5"><f>A1+5</f></c><c r="A5"><f>A1+4</f></c><c><f>A1+4.5</f></c></row>'
        '<row r="6"><c r="A6"><f t="array" ref="A6:B7">A1*{10,20;30,40}</f><v>0</v></c></row>',
        {"B1": 6, "C5": 7, "A5": 6, "B5": 6.5, "A6": 20, "B6": 40, "A7": 60, "B7": 80},
    ),
}


def plain(rows: str, prefix: str = "") -> str:
    """A sheet's XML; with a prefix, as the Open XML SDK writes it."""
    space = f'xmlns:{prefix}="{MAIN}"' if prefix else f'xmlns="{MAIN}"'
    text = (
        f'<worksheet {space}><dimension ref="A1:B2"/><cols><col min="1" max="3" width="9" style="1"/></cols>'
        f"<sheetData>{rows}</sheetData>"
        '<pageMargins left="0.7" right="0.7" top="0.7" bottom="0.7" header="0.3" footer="0.3"/>'
        f"{AROUND}</worksheet>"
    )
    if prefix:
        for name in NAMES:
            for start in ("<", "</"):
                for end in (">", " ", "/"):
                    text = text.replace(f"{start}{name}{end}", f"{start}{prefix}:{name}{end}")
        text = text.replace("<x:v xmlns='urn:x'>9</x:v>", "<v xmlns='urn:x'>9</v>")
    return '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text


def declared(text: str, encoding: str) -> str:
    return text.replace('encoding="UTF-8"', f'encoding="{encoding}"')


WRITERS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda rows: plain(rows).encode(),
    "prefix": lambda rows: plain(rows, "x").encode(),
    "mark": lambda rows: plain(rows).encode("utf-8-sig"),
    "utf-16": lambda rows: declared(plain(rows), "UTF-16").encode("utf-16"),
    "utf-16-be": lambda rows: b"\xfe\xff" + declared(plain(rows, "x"), "utf-16").encode("utf-16-be"),
    "latin": lambda rows: declared(plain(rows), "ISO-8859-1").encode("latin-1"),
    "ascii": lambda rows: declared(plain(rows), "us-ascii").encode("ascii", "xmlcharrefreplace"),
}


def write(path: Path, sheet: bytes) -> Path:
    parts = package_parts({"S": sheet}, strings=["text"])
    return write_parts(
        path, {**parts, "xl/calcChain.xml": b"<any/>", "customXml/item1.xml": b"\xef\xbb\xbf<a b='1' />\r\n"}
    )


def without_values(xml: bytes, added: set[str]) -> list[object]:
    """All of a sheet's XML but the values, their types and metadata; and but for what `added` cells bring."""
    builder = Tree.TreeBuilder(insert_comments=True, insert_pis=True)
    root = Tree.fromstring(xml, Tree.XMLParser(target=builder))
    for parent in root.iter():
        for child in list(parent):
            local = str(child.tag).rpartition("}")[2]
            if parent.tag == f"{{{MAIN}}}c" and child.tag in (f"{{{MAIN}}}v", f"{{{MAIN}}}is"):
                following = list(parent).index(child)
                if child.tail and following:
                    parent[following - 1].tail = (parent[following - 1].tail or "") + child.tail
                parent.remove(child)
            elif local == "dimension" or child.attrib.get("r") in added:
                parent.remove(child)
    found: list[object] = []
    for element in root.iter():
        tag = str(element.tag)
        is_cell = tag == f"{{{MAIN}}}c" and any(str(child.tag).endswith("}f") for child in element)
        skipped = {"t", "vm"} if is_cell else {"spans"}
        attributes = {name: text for name, text in element.attrib.items() if name not in skipped}
        if tag != f"{{{MAIN}}}row" or len(element) or attributes:
            found.append((tag, attributes, (element.text or "").strip(), (element.tail or "").strip()))
    return found


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("case", CASES)
def test_everything_but_values_stays(tmp_path: Path, case: str, writer: str) -> None:
    rows, expected = CASES[case]
    path, copy = write(tmp_path / "a.xlsx", WRITERS[writer](rows)), tmp_path / "b.xlsx"
    recalc(path, copy, cached=False)
    with ZipFile(path) as old, ZipFile(copy) as new:
        assert [name for name in old.namelist() if old.read(name) != new.read(name)] == [SHEET]
        assert old.namelist() == new.namelist()
        before, after = old.read(SHEET), new.read(SHEET)
    added = set(expected) if case == "places" else set()
    assert without_values(after, added) == without_values(before, added)
    assert after[:5] == before[:5], "the same encoding and mark"
    sheet = openpyxl.load_workbook(BytesIO(copy.read_bytes()), data_only=True)["S"]
    assert {name: sheet[name].value for name in expected} == expected
    recalc(copy, tmp_path / "c.xlsx", cached=False)
    with ZipFile(tmp_path / "c.xlsx") as again:
        assert again.read(SHEET) == after, "what is right already stays byte for byte"


def test_new_cells_have_prefix_format_and_order(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xlsx", WRITERS["prefix"](CASES["places"][0]))
    recalc(path, tmp_path / "b.xlsx", {"S!B3": 1, "S!D1": "t ", "S!E5": True, "S!A2": "x"}, cached=False)
    with ZipFile(tmp_path / "b.xlsx") as archive:
        xml = archive.read(SHEET).decode()
    assert '<x:row r="3"><x:c r="B3" s="1"><x:v>1</x:v></x:c></x:row><x:row r="7">' in xml
    assert '<x:c r="D1" t="inlineStr"><x:is><x:t xml:space="preserve">t </x:t></x:is></x:c></x:row>' in xml
    assert (
        '<x:row ht="30" customHeight="1"><x:c r="A2" s="1" t="inlineStr"><x:is><x:t>x</x:t></x:is></x:c></x:row>' in xml
    )
    assert '<x:dimension ref="A1:E7"/>' in xml
    assert xml.index('r="C5"') < xml.index('r="A5"') < xml.index('r="E5"')
    book = openpyxl.load_workbook(BytesIO((tmp_path / "b.xlsx").read_bytes()), data_only=True)
    assert [book["S"][cell].value for cell in ("B3", "D1", "E5", "A2", "B7")] == [1, "t ", True, "x", 80]


def test_an_empty_sheet_takes_values(tmp_path: Path) -> None:
    for prefix, tag in (("", "<sheetData/>"), ("x", '<x:sheetData note="/>" />')):
        xml = plain("", prefix).replace("<sheetData></sheetData>", tag).replace("<x:sheetData></x:sheetData>", tag)
        path = write(tmp_path / "a.xlsx", xml.encode())
        recalc(path, tmp_path / "b.xlsx", {"S!C2": 5.0, "S!A1": 1.0, "S!B2": None}, cached=False)
        sheet = openpyxl.load_workbook(BytesIO((tmp_path / "b.xlsx").read_bytes()))["S"]
        assert (sheet["C2"].value, sheet["A1"].value, sheet["B2"].value) == (5, 1, None)


def office_book(path: Path) -> Path:
    """A workbook with what people put around numbers."""
    with xlsxwriter.Workbook(path) as workbook:
        sheet, bold = workbook.add_worksheet("Plan"), workbook.add_format({"bold": True, "num_format": "0.00"})
        for row in range(9):
            sheet.write_row(row, 0, [row, row * 1.5])
            sheet.write_formula(row, 2, f"=A{row + 1}*B{row + 1}", bold, 0)
            sheet.write_formula(row, 3, f'=IF(C{row + 1}>20,"high","low ")', None, "?")
        sheet.write_array_formula("F1:F3", "{=A1:A3+1}", bold, 0)
        sheet.write_comment("A1", "why")
        chart = workbook.add_chart({"type": "line"})
        chart.add_series({"values": "=Plan!$C$1:$C$9"})
        sheet.insert_chart("H2", chart)
        sheet.conditional_format("C1:C9", {"type": "data_bar", "data_bar_2010": True})
        sheet.data_validation("A1", {"validate": "whole", "criteria": ">", "value": 0})
        sheet.merge_range("J1:K2", "merged", bold)
        sheet.set_column("C:C", 20, bold)
        sheet.freeze_panes(1, 1)
        other = workbook.add_worksheet("Sums")
        other.write_formula("A1", "=SUM(Plan!C1:C9)")
        other.protect("secret")
        workbook.define_name("total", "=Sums!$A$1")
    return path


def test_a_workbook_with_everything(tmp_path: Path) -> None:
    path, copy = office_book(tmp_path / "a.xlsx"), tmp_path / "b.xlsx"
    recalc(path, copy)
    with ZipFile(path) as old, ZipFile(copy) as new:
        changed = [name for name in old.namelist() if old.read(name) != new.read(name)]
        assert changed == [SHEET, "xl/worksheets/sheet2.xml"]
        for name in changed:
            assert without_values(new.read(name), set()) == without_values(old.read(name), set())
    sheet = openpyxl.load_workbook(BytesIO(copy.read_bytes()), data_only=True)["Plan"]
    assert [sheet.cell(9, column).value for column in range(1, 5)] == [8, 12, 96, "high"]
    assert [sheet.cell(row, 6).value for row in range(1, 4)] == [1, 2, 3]
    assert sheet["D1"].value == "low "


def test_libreoffice_opens_the_copies(tmp_path: Path) -> None:
    """And shows the values that were stored, of files that it believes, in each formula cell."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("needs LibreOffice")
    (tmp_path / "out").mkdir()
    copies = {}
    for name, writer in [("kinds", "prefix"), ("kinds", "utf-16"), ("between", "utf-8"), ("places", "prefix")]:
        copy = tmp_path / f"{name}_{writer}.xlsx"
        recalc(write(tmp_path / "a.xlsx", WRITERS[writer](CASES[name][0])), copy, cached=False)
        copies[copy] = CASES[name][1]
    recalc(office_book(tmp_path / "a.xlsx"), tmp_path / "office.xlsx")
    copies[tmp_path / "office.xlsx"] = {"C9": 96, "D9": "high", "F3": 3}
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path / "out")]
    subprocess.run([*command, *map(str, copies)], check=True, capture_output=True, timeout=300)
    for copy, expected in copies.items():
        book = read(tmp_path / "out" / copy.name, cached=False)
        first = next(iter(book.sheets))
        values = {cell: book.read(f"{first}!{cell}")[0, 0] for cell in expected}
        assert {cell: v if isinstance(v, str | float | bool) else str(v) for cell, v in values.items()} == expected, (
            copy
        )

"""Small .xlsx files written part by part, for what no writer of workbooks writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZipFile

from sheetgpt.book.address import parse_a1

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

Content = float | str | bool | None


class F(NamedTuple):
    """A formula, the value stored with it, and the range of an array formula."""

    text: str
    value: Content = None
    ref: str = ""


class Other(NamedTuple):
    """Another workbook: its path, the inside of <externalBook>."""

    target: str
    inside: str


def write_package(
    path: Path,
    sheets: Mapping[str, Mapping[str, F | Content]],
    names: Mapping[str, str] | None = None,
    calculation: str = "",
    others: Sequence[Other] = (),
) -> Path:
    """Sheets (title -> cell -> content), defined names, the element calcPr, other workbooks; no styles, no texts."""
    parts, types, relations = {}, [("/xl/workbook.xml", "sheet.main+xml")], []
    listed = links = ""
    for number, (title, cells) in enumerate(sheets.items(), 1):
        parts[f"xl/worksheets/sheet{number}.xml"] = _sheet(cells)
        types.append((f"/xl/worksheets/sheet{number}.xml", "worksheet+xml"))
        relations.append((f"rId{number}", "worksheet", f"worksheets/sheet{number}.xml"))
        listed += f'<sheet name="{title}" sheetId="{number}" r:id="rId{number}"/>'
    for number, other in enumerate(others, 1):
        part = f"xl/externalLinks/externalLink{number}.xml"
        parts[part] = (
            f'{_HEAD}<externalLink xmlns="{_MAIN}"><externalBook xmlns:r="{_REL}" r:id="rId1">{other.inside}'
            "</externalBook></externalLink>"
        )
        address = f'Target="{other.target}" TargetMode="External"'
        parts[f"xl/externalLinks/_rels/externalLink{number}.xml.rels"] = (
            f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
            f'Type="{_REL}/externalLinkPath" {address}/></Relationships>'
        )
        types.append((f"/{part}", "externalLink+xml"))
        relations.append((f"rIdX{number}", "externalLink", f"externalLinks/externalLink{number}.xml"))
        links += f'<externalReference r:id="rIdX{number}"/>'
    links = f"<externalReferences>{links}</externalReferences>" if links else ""
    defined = "".join(
        f'<definedName name="{name}">{escape(text)}</definedName>' for name, text in (names or {}).items()
    )
    defined = f"<definedNames>{defined}</definedNames>" if defined else ""
    parts["xl/workbook.xml"] = (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{listed}</sheets>{links}{defined}{calculation}'
        "</workbook>"
    )
    parts["xl/_rels/workbook.xml.rels"] = _relationships(relations)
    parts["_rels/.rels"] = _relationships([("rId1", "officeDocument", "xl/workbook.xml")])
    parts["[Content_Types].xml"] = (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType='
        '"application/xml"/>'
        + "".join(f'<Override PartName="{part}" ContentType="{_TYPE}{kind}"/>' for part, kind in types)
        + "</Types>"
    )
    with ZipFile(path, "w") as package:
        for part, xml in parts.items():
            package.writestr(part, xml)
    return path


def _relationships(relations: Sequence[tuple[str, str, str]]) -> str:
    found = "".join(f'<Relationship Id="{key}" Type="{_REL}/{kind}" Target="{to}"/>' for key, kind, to in relations)
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{found}</Relationships>'


def _sheet(cells: Mapping[str, F | Content]) -> str:
    rows: dict[int, str] = {}
    for cell in sorted(cells, key=lambda text: (parse_a1(text).top, parse_a1(text).left)):
        row = parse_a1(cell).top
        rows[row] = rows.get(row, "") + _cell(cell, cells[cell])
    data = "".join(f'<row r="{row}">{inside}</row>' for row, inside in rows.items())
    return f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{data}</sheetData></worksheet>'


def _cell(cell: str, content: F | Content) -> str:
    formula, value = "", content
    if isinstance(content, F):
        kind = f' t="array" ref="{content.ref}"' if content.ref else ""
        formula, value = f"<f{kind}>{escape(content.text)}</f>", content.value
    if value is None:
        return f'<c r="{cell}">{formula}</c>'
    if isinstance(value, bool):
        return f'<c r="{cell}" t="b">{formula}<v>{int(value)}</v></c>'
    if isinstance(value, str):
        kind = "e" if value.startswith("#") else "str"
        return f'<c r="{cell}" t="{kind}">{formula}<v>{escape(value)}</v></c>'
    return f'<c r="{cell}">{formula}<v>{value!r}</v></c>'

"""Small .xlsx packages written by hand, for what no library writes: hidden rows, filters, data tables, settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PLAIN = "<fonts><font/></fonts><fills><fill/></fills><borders><border/></borders>"


def styles(*formats: str, unlocked: bool = False) -> str:
    """The inside of a styles part whose cell formats 1, 2, ... have these number formats; the last may be unlocked."""
    codes = "".join(f'<numFmt numFmtId="{164 + k}" formatCode="{code}"/>' for k, code in enumerate(formats))
    plain, last = '<xf numFmtId="0"/>', len(formats) - 1
    made = "".join(
        f'<xf numFmtId="{164 + k}" applyNumberFormat="1">'
        + ('<protection locked="0"/>' if unlocked and k == last else "")
        + "</xf>"
        for k in range(len(formats))
    )
    return f"<numFmts>{codes}</numFmts>{_PLAIN}<cellStyleXfs>{plain}</cellStyleXfs><cellXfs>{plain}{made}</cellXfs>"


def package(
    path: Path,
    sheets: Mapping[str, str],
    before: str = "",
    after: str = "",
    style: str = "",
    tables: Mapping[str, str] | None = None,
) -> Path:
    """Write a workbook: sheet -> the inside of its <worksheet>; `before` and `after` the <sheets> of the workbook.

    `tables` has the XML of one table for some sheets.
    """
    tables = tables or {}
    types = f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    relations = listed = ""
    parts = {}
    for number, (name, inside) in enumerate(sheets.items(), 1):
        part = f"xl/worksheets/sheet{number}.xml"
        if name in tables:
            inside += '<tableParts count="1"><tablePart r:id="rId1"/></tableParts>'
            parts[f"xl/tables/table{number}.xml"] = tables[name]
            parts[f"xl/worksheets/_rels/sheet{number}.xml.rels"] = _relations(
                f'<Relationship Id="rId1" Type="{_OFFICE}/table" Target="../tables/table{number}.xml"/>'
            )
            types += f'<Override PartName="/xl/tables/table{number}.xml" ContentType="{_KIND}.table+xml"/>'
        parts[part] = f'<worksheet xmlns="{MAIN}" xmlns:r="{_OFFICE}">{inside}</worksheet>'
        types += f'<Override PartName="/{part}" ContentType="{_KIND}.worksheet+xml"/>'
        relations += (
            f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        )
        listed += f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
    if style:
        parts["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{style}</styleSheet>'
        types += f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>'
        relations += f'<Relationship Id="rIdStyles" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    parts["xl/workbook.xml"] = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}">{before}<sheets>{listed}</sheets>{after}</workbook>'
    )
    parts["xl/_rels/workbook.xml.rels"] = _relations(relations)
    parts["_rels/.rels"] = _relations(
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    )
    parts["[Content_Types].xml"] = (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{types}</Types>'
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as file:
        for part, xml in parts.items():
            file.writestr(part, '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + xml)
    return path


def _relations(inside: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inside}</Relationships>'


def rows(cells: Mapping[str, object], row_attributes: Mapping[int, str] | None = None, formats: object = None) -> str:
    """<sheetData> of cells: a number, a text, TRUE or FALSE; "=..." is a formula; XML of <f> begins with "<f".

    `row_attributes` are put into rows, `formats` (cell -> number) into cells.
    """
    from sheetgpt.book.address import parse_a1

    numbers = formats if isinstance(formats, dict) else {}
    by_row: dict[int, dict[int, str]] = {row: {} for row in row_attributes or {}}
    for name, value in cells.items():
        rect = parse_a1(name)
        style = f' s="{numbers[name]}"' if name in numbers else ""
        by_row.setdefault(rect.top, {})[rect.left] = _cell(name, value, style)
    given = row_attributes or {}
    written = [
        f'<row r="{row}" {given.get(row, "")}>{"".join(found[column] for column in sorted(found))}</row>'
        for row, found in sorted(by_row.items())
    ]
    return f"<sheetData>{''.join(written)}</sheetData>"


def _cell(name: str, value: object, style: str) -> str:
    if isinstance(value, bool):
        return f'<c r="{name}"{style} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str) and value.startswith("<f"):
        return f'<c r="{name}"{style}>{value}<v>-1</v></c>'
    if isinstance(value, str) and value.startswith("="):
        text = value[1:].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        return f'<c r="{name}"{style}><f>{text}</f></c>'
    if isinstance(value, str):
        return f'<c r="{name}"{style} t="inlineStr"><is><t>{value}</t></is></c>'
    return f'<c r="{name}"{style}><v>{value}</v></c>'

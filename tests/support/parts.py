"""Small .xlsx packages written by hand, in the form that a test needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_STYLES = (
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill '
    'patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/>'
    '</borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf xfId="0" fontId="0" '
    'applyAlignment="1"><alignment horizontal="center"/></xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
)


def sheet_xml(rows: str, main: str = MAIN, before: str = "", after: str = "") -> str:
    """The XML of a worksheet, with elements before and after the one with the cells."""
    return f'{_HEAD}<worksheet xmlns="{main}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def package_parts(
    sheets: Mapping[str, str | bytes],
    names: str = "",
    strings: Sequence[str] = (),
    strict: bool = False,
    styles: bool = True,
) -> dict[str, bytes]:
    """The parts of a workbook: by its title each sheet's rows, or as bytes its whole XML."""
    main, relations = (STRICT_MAIN, STRICT_RELATIONS) if strict else (MAIN, RELATIONS)
    kinds = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
    texts: dict[str, str | bytes] = {
        f"xl/{target}": sheet_xml(rows, main) if isinstance(rows, str) else rows
        for (_, target), rows in zip(kinds, sheets.values(), strict=True)
    }
    if strings:
        kinds.append(("sharedStrings", "sharedStrings.xml"))
        items = "".join(f"<si><t>{text}</t></si>" for text in strings)
        texts["xl/sharedStrings.xml"] = f'{_HEAD}<sst xmlns="{main}">{items}</sst>'
    if styles:
        kinds.append(("styles", "styles.xml"))
        texts["xl/styles.xml"] = f'{_HEAD}<styleSheet xmlns="{main}">{_STYLES}</styleSheet>'
    listed = "".join(
        f'<sheet name="{title}" sheetId="{number}" r:id="rId{number}"/>' for number, title in enumerate(sheets, 1)
    )
    defined = f"<definedNames>{names}</definedNames>" if names else ""
    texts["xl/workbook.xml"] = (
        f'{_HEAD}<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>{listed}</sheets>{defined}</workbook>'
    )
    texts["xl/_rels/workbook.xml.rels"] = _relations(relations, kinds)
    texts["_rels/.rels"] = _relations(relations, [("officeDocument", "xl/workbook.xml")])
    types = [("workbook.xml", "sheet.main"), *((target, kind) for kind, target in kinds)]
    overrides = "".join(f'<Override PartName="/xl/{part}" ContentType="{_TYPE}{kind}+xml"/>' for part, kind in types)
    texts["[Content_Types].xml"] = (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.'
        'openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{overrides}</Types>"
    )
    return {name: text.encode() if isinstance(text, str) else text for name, text in texts.items()}


def _relations(base: str, kinds: Sequence[tuple[str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="rId{number}" Type="{base}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(kinds, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'


def write_parts(path: Path, parts: Mapping[str, bytes]) -> Path:
    """A zip archive of some parts."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def replaced(parts: Mapping[str, bytes], part: str, old: str, new: str) -> dict[str, bytes]:
    """The parts with a text in one of them replaced; ValueError if it is not there."""
    data = parts[part]
    if old.encode() not in data:
        raise ValueError(f"{old!r} is not in {part}")
    return {**parts, part: data.replace(old.encode(), new.encode())}

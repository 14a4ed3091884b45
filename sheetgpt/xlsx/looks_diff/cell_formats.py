"""The numbers of the formats of a sheet's cells, from its XML; and what stands around its cells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from sheetgpt.book.address import MAX_COLUMNS, parse_a1
from sheetgpt.xlsx.looks_diff.xml_tree import is_on, parse

LARGEST = 20_000_000  # bytes of a sheet's XML: the formats of larger ones are not compared

_DATA = re.compile(rb"<((?:\w+:)?)sheetData\b[^>]*?(?:/>|>(.*)</\1sheetData>)", re.DOTALL)
_TAG = re.compile(rb"<(?:\w+:)?(row|c)\b([^>]*)>")
_ATTRIBUTE = re.compile(rb"\b(r|s|hidden|customFormat)\s*=\s*[\"']([^\"']*)[\"']")


@dataclass
class CellFormats:
    """Format numbers: of cells by (row, column), of rows, of columns; rows that are hidden; the rest as a tree."""

    rest: ET.Element
    cells: dict[tuple[int, int], int] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    columns: list[tuple[int, int, int]] = field(default_factory=list)  # first, last, format
    hidden_rows: set[int] = field(default_factory=set)

    def at(self, cell: tuple[int, int]) -> int:
        """The format of a cell, which may be that of its row or column."""
        found = self.cells.get(cell)
        if found is None:
            found = self.rows.get(cell[0])
        if found is None:
            found = next((kind for first, last, kind in self.columns if first <= cell[1] <= last), 0)
        return found


def read_cell_formats(data: bytes) -> CellFormats:
    """From the XML of a sheet; raises ValueError where it is none."""
    match = _DATA.search(data)
    rest = data if match is None else data[: match.start()] + data[match.end() :]
    found = CellFormats(parse(rest))
    for entry in found.rest.iter("col"):
        if "style" in entry.attrib:
            ends = int(entry.get("min", "1")), min(MAX_COLUMNS, int(entry.get("max", "1")))
            found.columns.append((*ends, int(entry.get("style", "0"))))
    _read_cells((match[2] if match else b"") or b"", found)
    return found


def _read_cells(data: bytes, found: CellFormats) -> None:
    row = column = 0
    for tag in _TAG.finditer(data):
        given = dict(_ATTRIBUTE.findall(tag[2]))
        place = given.get(b"r")
        if tag[1] == b"row":
            row, column = int(place) if place else row + 1, 0
            if is_on(given.get(b"hidden", b"").decode()):
                found.hidden_rows.add(row)
            if b"s" in given and is_on(given.get(b"customFormat", b"").decode()):
                found.rows[row] = int(given[b"s"])
        else:
            if place:
                row, column, _, _ = parse_a1(place.decode())
            else:
                column += 1
            found.cells[row, column] = int(given.get(b"s", b"0"))

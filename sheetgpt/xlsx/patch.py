"""New values into a copy of an .xlsx file, in which everything else stays as it was, byte for byte.

Any program's file will do: styles, charts, macros and whatever else the file holds are copied unread.
Only the value of a cell is replaced, never its formula or its style; of a spilled array also the cells that it fills.
"""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast
from xml.parsers import expat
from zipfile import ZIP64_LIMIT, ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from sheetgpt.book.address import Rect, a1, column_letters, parse_a1
from sheetgpt.book.number_text import number_text
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import WorkbookError
from sheetgpt.system.atomic_write import new_file
from sheetgpt.xlsx.decode.xml_parser import feed
from sheetgpt.xlsx.decode.zip_stream import ENCRYPTED, seek_data
from sheetgpt.xlsx.encode.row_xml import text_xml
from sheetgpt.xlsx.package import Package

_PIECE = 1 << 22  # bytes copied at once
_SIZES_BEHIND = 8  # a flag of a part

_REF = re.compile(rb"""(<[^>]*?\sref\s*=\s*)(?:"[^"]*"|'[^']*')""")  # of the element of a formula

Values = Mapping[tuple[int, int], Value]  # (row, column) -> value
Spills = Mapping[tuple[int, int], Rect]  # (row, column) of a dynamic formula -> the cells that it fills now


class _Element(NamedTuple):
    """A row or cell of the XML: where its bytes are, and where the bytes inside it end."""

    place: int  # row or column number
    start: int
    inside_end: int  # of "</row>" or "</c>"; `end` where the tag closes itself
    end: int
    attributes: dict[str, str]
    formula: bytes = b""


class _Scanner:
    """Expat's callbacks: finds the bytes of rows, cells and formulas in one worksheet part."""

    def __init__(self, xml: bytes) -> None:
        self.xml = xml
        self.rows: list[tuple[_Element, list[_Element]]] = []
        self.data_end = -1  # where "</sheetData>" begins
        self.open: list[tuple[str, int, dict[str, str]]] = []
        self.cells: list[_Element] = []
        self.row = self.column = 0
        self.formula = b""
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        feed(self.parser, xml, True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "row":
            self.row, self.column, self.cells = int(attributes.get("r", self.row + 1)), 0, []
        elif tag == "c":
            self.column = parse_a1(attributes["r"]).left if "r" in attributes else self.column + 1
            self.formula = b""
        self.open.append((tag, self.parser.CurrentByteIndex, attributes))

    def _end(self, name: str) -> None:
        tag, start, attributes = self.open.pop()
        if tag not in ("row", "c", "f", "sheetData"):
            return
        index = self.parser.CurrentByteIndex
        closes_itself = not self.xml.startswith(f"</{name}".encode(), index)
        end = self.xml.index(b">", index) + 1 if not closes_itself else self.xml.index(b"/>", start) + 2
        inside_end = end if closes_itself else index
        if tag == "f":
            self.formula = self.xml[start:end]
        elif tag == "c":
            self.cells.append(_Element(self.column, start, inside_end, end, attributes, self.formula))
        elif tag == "row":
            self.rows.append((_Element(self.row, start, inside_end, end, attributes), self.cells))
        else:
            self.data_end = inside_end if not closes_itself else -1


def patch_sheet(xml: bytes, values: Values, spills: Spills | None = None) -> bytes:
    """The XML of a worksheet with other values in some cells; cells that are not there are put in.

    `spills` has the dynamic formulas, by their cells, that fill other cells now.
    """
    found = _Scanner(xml)
    edits: list[tuple[int, int, bytes]] = []  # start, end, what comes there instead
    wanted: dict[int, dict[int, Value]] = {}
    for (row, column), value in values.items():
        wanted.setdefault(row, {})[column] = value
    for element, cells in found.rows:
        if element.place in wanted:
            cells = _resized(element.place, cells, spills) if spills else cells
            edits += _row_edits(element, cells, wanted.pop(element.place))
    if wanted and found.data_end < 0:
        raise WorkbookError("a sheet without any cell cannot take values")
    for number in sorted(wanted):
        after = next((row.start for row, _ in found.rows if row.place > number), found.data_end)
        cells_xml = b"".join(_cell(number, c, v, {}, b"") for c, v in sorted(wanted[number].items()))
        edits.append((after, after, b'<row r="%d">%s</row>' % (number, cells_xml)))
    pieces, position = [], 0
    for start, end, piece in sorted(edits, key=lambda edit: edit[0]):  # stable: rows put in stay in order
        pieces += [xml[position:start], piece]
        position = end
    return b"".join([*pieces, xml[position:]])


def _resized(row: int, cells: list[_Element], spills: Spills) -> list[_Element]:
    """The cells of a row, the formulas of spilled arrays with the cells that these fill now."""
    return [
        cell._replace(formula=_REF.sub(rb'\g<1>"%s"' % a1(rect).encode(), cell.formula, count=1))
        if (rect := spills.get((row, cell.place)))
        else cell
        for cell in cells
    ]


def _row_edits(row: _Element, cells: list[_Element], values: dict[int, Value]) -> list[tuple[int, int, bytes]]:
    edits = []
    known = {cell.place: cell for cell in cells}
    missing = b""
    for column, value in sorted(values.items()):
        cell = known.get(column)
        if cell:
            edits.append((cell.start, cell.end, _cell(row.place, column, value, cell.attributes, cell.formula)))
        elif value is not None:
            after = next((other.start for other in cells if other.place > column), row.inside_end)
            if row.inside_end == row.end and not cells:
                missing += _cell(row.place, column, value, {}, b"")
            else:
                edits.append((after, after, _cell(row.place, column, value, {}, b"")))
    if missing:  # <row .../> has no inside yet
        attributes = "".join(f' {name}="{text_xml(text)}"' for name, text in row.attributes.items())
        edits.append((row.start, row.end, f"<row{attributes}>".encode() + missing + b"</row>"))
    return edits


def _cell(row: int, column: int, value: Value, attributes: dict[str, str], formula: bytes) -> bytes:
    style = "".join(f' {name}="{attributes[name]}"' for name in ("s", "cm") if name in attributes)
    start = f'<c r="{column_letters(column)}{row}"{style}'
    match value:
        case None:
            kind, content = "", ""
        case bool():
            kind, content = ' t="b"', f"<v>{int(value)}</v>"
        case float():
            kind, content = "", f"<v>{number_text(value)}</v>"
        case ErrorValue():
            kind, content = ' t="e"', f"<v>{value}</v>"
        case str() if formula:
            kind, content = ' t="str"', f'<v xml:space="preserve">{text_xml(value)}</v>'
        case str():
            kind, content = ' t="inlineStr"', f'<is><t xml:space="preserve">{text_xml(value)}</t></is>'
    return f"{start}{kind}>".encode() + formula + f"{content}</c>".encode()


def sheet_parts(path: Path | str) -> dict[str, str]:
    """Worksheet name -> name of its part in the archive; raises WorkbookError."""
    try:
        with ZipFile(path) as archive:
            return Package(archive).worksheets()
    except (BadZipFile, ValueError, OSError, expat.ExpatError) as error:
        raise WorkbookError(f"{path} cannot be read as a workbook: {error}") from None


def patch(
    source: Path | str,
    target: Path | str,
    changes: Mapping[str, Values],
    spills: Mapping[str, Spills] | None = None,
) -> None:
    """Copy `source` to `target` with other values in some cells of some sheets; an old target stays if it fails.

    `spills` has for sheets the dynamic formulas that fill other cells now.
    """
    source, target = Path(source), Path(target)
    places = sheet_parts(source)
    parts = {part: changes[sheet] for sheet, part in places.items() if changes.get(sheet)}
    resized = {places[sheet]: cells for sheet, cells in (spills or {}).items()}
    try:
        mode = source.stat().st_mode & 0o777
        with new_file(target, mode) as file, ZipFile(source) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
            for entry in old.infolist():
                if entry.filename in parts:
                    new.writestr(
                        entry, patch_sheet(old.read(entry), parts[entry.filename], resized.get(entry.filename))
                    )
                else:
                    _copy_part(old, entry, new)
    except BadZipFile as error:
        raise WorkbookError(f"{source} is damaged or incomplete: {error}", "copy or build it again") from None


def _copy_part(old: ZipFile, entry: ZipInfo, new: ZipFile) -> None:
    """Copy a part as it lies, compressed: a workbook of a gigabyte takes seconds."""
    if max(entry.file_size, entry.compress_size) > ZIP64_LIMIT or entry.flag_bits & ENCRYPTED:
        with old.open(entry) as source, new.open(entry, "w") as target:
            shutil.copyfileobj(source, target, _PIECE)
        return
    source, target = cast(BinaryIO, old.fp), cast(BinaryIO, new.fp)
    seek_data(source, entry)
    entry = copy.copy(entry)
    entry.flag_bits &= ~_SIZES_BEHIND  # they are known, and stand in front
    entry.extra = b""
    target.seek(new.start_dir)
    entry.header_offset = new.start_dir
    target.write(entry.FileHeader(zip64=False))
    left = entry.compress_size
    while left:
        piece = source.read(min(_PIECE, left))
        if not piece:
            raise BadZipFile(f"{entry.filename} is cut off")
        target.write(piece)
        left -= len(piece)
    new.filelist.append(entry)
    new.NameToInfo[entry.filename] = entry
    new.start_dir = target.tell()
    new._didModify = True  # type: ignore[attr-defined]  # else a copy in which nothing changed gets no directory

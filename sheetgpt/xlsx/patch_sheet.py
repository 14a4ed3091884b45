"""New values into the bytes of a worksheet's XML, in which everything else stays as it was.

A cell keeps its formula, its attributes and whatever else stands in it; what changes is its type and the element with
its value, and nothing where it holds that value already. Values go into the cell itself, never to the shared strings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sheetgpt.book.address import Rect, a1, at, column_letters, parse_a1
from sheetgpt.book.number_text import number_text
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import AddressError, WorkbookError
from sheetgpt.xlsx.decode.cell_values import number
from sheetgpt.xlsx.encode.row_xml import text_xml
from sheetgpt.xlsx.sheet_bytes import CellBytes, RowBytes, SheetBytes, Span

Values = Mapping[tuple[int, int], Value]  # (row, column) -> value
Spills = Mapping[tuple[int, int], Rect]  # (row, column) of a dynamic formula -> the cells that it fills now
_Edit = tuple[int, int, bytes]  # start, end, what comes there instead

_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>]+)\s*=\s*("[^"]*"|'[^']*')""")
_ENCODING = re.compile(rb"""^<\?xml[^>]*\sencoding\s*=\s*["']([^"']+)["']""")
_REF = re.compile(rb"""(<[^>]*?\sref\s*=\s*)(?:"[^"]*"|'[^']*')""")  # of the element of a formula
_NAME_BYTES = bytes(set(range(33, 256)) - set(b"/>"))
_MARKS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}


def patch_sheet(xml: bytes, values: Values, spills: Spills | None = None) -> bytes:
    """The XML of a worksheet with other values in some cells; cells that are not there are put in.

    `spills` has the dynamic formulas, by their cells, that fill other cells now. Raises WorkbookError for XML without a
    place for cells.
    """
    if encoding := _encoding(xml):
        text = xml.decode(encoding).encode()
        return _patch(text, values, spills or {}).decode().encode(encoding, "xmlcharrefreplace")
    return _patch(xml, values, spills or {})


def _encoding(xml: bytes) -> str | None:
    """In which encoding a text is if it is not UTF-8, after its first bytes or what it says."""
    if mark := _MARKS.get(xml[:2]):
        return mark
    match = _ENCODING.match(xml)
    name = match[1].decode("ascii", "replace") if match else "utf-8"
    return None if name.lower() in ("utf-8", "utf8") else name


def _patch(xml: bytes, values: Values, spills: Spills) -> bytes:
    found = SheetBytes(xml, values.keys())
    known = {(cell.row, cell.column) for cell in found.cells}
    full = {(cell.row, cell.column) for cell in found.cells if cell.formula or cell.values}
    edits: list[_Edit] = []
    for cell in found.cells:
        if cell.formula or cell.values or (cell.row, cell.column) not in full:  # else it stands twice, once bare
            edits += _cell_edits(xml, cell, values[cell.row, cell.column])
    if spills:
        edits += [_resized(xml, cell, rect) for cell in found.cells if (rect := spills.get((cell.row, cell.column)))]
    added = {cell: value for cell, value in values.items() if value is not None and cell not in known}
    if added:
        edits += _Addition(found).edits(added)
    pieces, position = [], 0
    for start, end, piece in sorted(edits, key=lambda edit: edit[:2]):  # stable: what is put in stays in order
        pieces += [xml[position:start], piece]
        position = end
    return b"".join([*pieces, xml[position:]])


def _resized(xml: bytes, cell: CellBytes, rect: Rect) -> _Edit:
    """The tag of the formula of a spilled array with the cells that it fills now."""
    if cell.formula is None:
        return cell.span.start, cell.span.start, b""
    tag = xml[cell.formula.start : cell.formula.tag_end]
    ref = rb'\g<1>"%s"' % a1(rect).encode()
    return cell.formula.start, cell.formula.tag_end, _REF.sub(ref, tag, count=1)


def _cell_edits(xml: bytes, cell: CellBytes, value: Value) -> list[_Edit]:
    """What has to change in a cell; nothing if it holds the value."""
    if _holds(xml, cell, value):
        return []
    tag = xml[cell.span.start : cell.span.tag_end]
    name = b"c" if tag[:3] == b"<c " else tag[1 : len(tag) - len(tag[1:].lstrip(_NAME_BYTES))]
    kind, content = _content(value, name[:-1].decode(), cell.formula is not None)
    new_tag = tag if cell.attributes.get("t", "") == kind and "vm" not in cell.attributes else _retyped(tag, kind)
    if cell.span.tag_end == cell.span.end:  # <c ... />
        return [(cell.span.start, cell.span.end, _opened(new_tag) + content + b"</" + name + b">")]
    edits = [] if new_tag == tag else [(cell.span.start, cell.span.tag_end, new_tag)]
    if len(cell.values) == 1 and (not cell.formula or cell.formula.end == cell.values[0].start):
        return [*edits, (cell.values[0].start, cell.values[0].end, content)]
    edits += [(span.start, span.end, b"") for span in cell.values]
    place = cell.formula.end if cell.formula else cell.values[0].start if cell.values else cell.span.tag_end
    return [*edits, (place, place, content)]


def _holds(xml: bytes, cell: CellBytes, value: Value) -> bool:
    """Whether a cell's own XML says that it holds a value; False where that is not sure."""
    if value is None or len(cell.values) != 1 or "vm" in cell.attributes:
        return value is None and not cell.values
    kind, span = cell.attributes.get("t", "n"), cell.values[0]
    text = xml[span.tag_end : span.inside_end]
    if isinstance(value, bool):
        return kind == "b" and text == b"%d" % value
    if isinstance(value, float):
        try:
            return kind == "n" and number(text.decode()) == value
        except ValueError:
            return False
    words = text_xml(value) if isinstance(value, str) else str(value)
    return kind == ("str" if isinstance(value, str) else "e") and text == words.encode()


def _retyped(tag: bytes, kind: str) -> bytes:
    """The start tag of a cell with another type ("": a number), without metadata about the value that it had."""
    seen = []

    def changed(match: re.Match[bytes]) -> bytes:
        if match[1] == b"vm" or (match[1] == b"t" and not kind and match[2][1:-1] != b"n"):
            return b""
        if match[1] == b"t":
            seen.append(True)
            return match[0] if not kind else match[0].replace(match[2], b'"%s"' % kind.encode())
        return match[0]

    tag = _ATTRIBUTE.sub(changed, tag)
    return tag if seen or not kind else _with_attribute(tag, b' t="%s"' % kind.encode())


def _with_attribute(tag: bytes, attribute: bytes) -> bytes:
    cut = len(tag) - (2 if tag.endswith(b"/>") else 1)
    return tag[:cut].rstrip() + attribute + tag[cut:]


def _opened(tag: bytes) -> bytes:
    """`<row r="1" />` -> `<row r="1">`."""
    return tag[:-2].rstrip() + b">" if tag.endswith(b"/>") else tag


def _content(value: Value, prefix: str, has_formula: bool) -> tuple[str, bytes]:
    """The type of a cell with a value ("": a number), and the element with the value."""
    match value:
        case None:
            return "", b""
        case bool():
            kind, text, space = "b", str(int(value)), ""
        case float():
            kind, text, space = "", number_text(value), ""
        case ErrorValue():
            kind, text, space = "e", str(value), ""
        case str():
            kind, text = "str" if has_formula else "inlineStr", text_xml(value)
            space = "" if " ".join(value.split()) == value else ' xml:space="preserve"'
    if kind == "inlineStr":
        return kind, f"<{prefix}is><{prefix}t{space}>{text}</{prefix}t></{prefix}is>".encode()
    return kind, f"<{prefix}v{space}>{text}</{prefix}v>".encode()


class _Addition:
    """Puts cells that are not there into a sheet: into their rows, or with rows of their own."""

    def __init__(self, found: SheetBytes) -> None:
        if found.data is None:
            raise WorkbookError("a sheet without a place for cells cannot take values")
        self.found, self.data, self.prefix = found, found.data, found.prefix

    def edits(self, values: Values) -> list[_Edit]:
        wanted: dict[int, dict[int, Value]] = {}
        for (place, column), value in sorted(values.items(), key=lambda item: item[0]):
            wanted.setdefault(place, {})[column] = value
        edits = self._dimension(values)
        for row in self.found.rows:
            if row.place in wanted:
                edits += self._into(row, wanted.pop(row.place))
        rows = [(self._before(number), self._row(number, cells)) for number, cells in wanted.items()]
        if self.data.tag_end == self.data.end:  # <sheetData/>
            tag = _opened(self.found.xml[self.data.start : self.data.end])
            inside = b"".join(row for _, row in rows)
            return [*edits, (self.data.start, self.data.end, tag + inside + f"</{self.prefix}sheetData>".encode())]
        return edits + [(place, place, row) for place, row in rows]

    def _before(self, number: int) -> int:
        """Where a row goes that is not there."""
        later = (row.span.start for row in self.found.rows if row.place > number)
        return next(later, self.data.inside_end)

    def _row(self, number: int, cells: Mapping[int, Value]) -> bytes:
        inside = b"".join(self._cell(number, column, value, None) for column, value in cells.items())
        return f'<{self.prefix}row r="{number}">'.encode() + inside + f"</{self.prefix}row>".encode()

    def _into(self, row: RowBytes, cells: Mapping[int, Value]) -> list[_Edit]:
        """Cells into a row that is there."""
        style = row.attributes.get("s") if row.attributes.get("customFormat") in ("1", "true") else None
        tag = _widened(self.found.xml[row.span.start : row.span.tag_end], cells)
        news = [(column, self._cell(row.place, column, value, style)) for column, value in cells.items()]
        if row.span.tag_end == row.span.end:  # <row ... />
            name = re.split(rb"[\s/>]", tag[1:], maxsplit=1)[0]
            inside = b"".join(cell for _, cell in news)
            return [(row.span.start, row.span.end, _opened(tag) + inside + b"</" + name + b">")]
        edits = [(row.span.start, row.span.tag_end, tag)]
        for column, cell in news:
            place = next((start for other, start in row.cells if other > column), row.span.inside_end)
            edits.append((place, place, cell))
        return edits

    def _cell(self, row: int, column: int, value: Value, style: str | None) -> bytes:
        """A new cell, in the format of its row or column, as one that is typed there."""
        if style is None:
            style = next((style for first, last, style in self.found.columns if first <= column <= last), None)
        kind, content = _content(value, self.prefix, False)
        attributes = "".join(f' {name}="{text}"' for name, text in (("s", style), ("t", kind)) if text)
        start = f'<{self.prefix}c r="{column_letters(column)}{row}"{attributes}>'
        return start.encode() + content + f"</{self.prefix}c>".encode()

    def _dimension(self, values: Values) -> list[_Edit]:
        """The range that the sheet says it fills, grown by the new cells: some readers believe it."""
        if self.found.dimension is None:
            return []
        span, text = self.found.dimension
        try:
            area = parse_a1(text)
        except AddressError:
            return []
        grown = area
        for row, column in values:
            grown = grown.union(at(row, column))
        return [] if grown == area else [_with_range(self.found.xml, span, text, grown)]


def _with_range(xml: bytes, span: Span, old: str, new: Rect) -> _Edit:
    tag = xml[span.start : span.tag_end]
    return span.start, span.tag_end, tag.replace(old.encode(), a1(new).encode(), 1)


def _widened(tag: bytes, columns: Mapping[int, Value]) -> bytes:
    """The tag of a row whose `spans`, one pair of columns, hold new columns too; several pairs stay."""
    match = re.search(rb"""(\sspans\s*=\s*["'])(\d+):(\d+)(["'])""", tag)
    if not match:
        return tag
    first, last = min(int(match[2]), *columns), max(int(match[3]), *columns)
    return tag[: match.start()] + b"%s%d:%d%s" % (match[1], first, last, match[4]) + tag[match.end() :]

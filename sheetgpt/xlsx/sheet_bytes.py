"""Where in the bytes of a worksheet's XML its rows and cells are.

Rows and cells have the places that `decode/sheet_xml.py` gives them: that of their reference, or the next one.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import NamedTuple

from sheetgpt.book.address import column_number
from sheetgpt.errors import AddressError
from sheetgpt.xlsx.decode.cell_values import whole_number
from sheetgpt.xlsx.decode.xml_parser import feed, new_parser

_TAG = re.compile(rb"""<[^"'>]*+(?:(?:"[^"]*+"|'[^']*+')[^"'>]*+)*+>""")
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_column = cache(column_number)
# A cell as most programs write it: its tag, maybe a formula, a value.
_PLAIN = re.compile(rb"(<c [^<>/]*>)((<f[^<>/]*>)[^<]*</f>|<f[^<>/]*/>)?(<v>)([^<]*)</v></c>")
_VALUES = ("v", "is", "t")


class Span(NamedTuple):
    """An element: where it starts, its start tag ends, what is inside ends, and where it ends itself."""

    start: int
    tag_end: int
    inside_end: int
    end: int


class CellBytes(NamedTuple):
    """A cell: its row and column, its bytes and attributes, those of its formula and of what says its value."""

    row: int
    column: int
    span: Span
    attributes: dict[str, str]
    formula: Span | None
    values: list[Span]


class RowBytes(NamedTuple):
    """A row: its number, bytes and attributes, and column and start of each of its cells."""

    place: int
    span: Span
    attributes: dict[str, str]
    cells: list[tuple[int, int]]


class SheetBytes:
    """The rows of a worksheet, its cells at the `wanted` places (row, column), and what stands around them."""

    def __init__(self, xml: bytes, wanted: Collection[tuple[int, int]]) -> None:
        self.xml, self._wanted = xml, wanted
        self.rows: list[RowBytes] = []
        self.cells: list[CellBytes] = []
        self.data: Span | None = None
        self.dimension: tuple[Span, str] | None = None
        self.columns: list[tuple[int, int, str]] = []  # first, last and style of columns with a style
        self.prefix = ""  # of the elements, such as "x:"
        self._line = self._row = self._column = 0  # of the row's tag, and of the cell
        self._inside, self._depth = False, 0  # of the element with the cells; how deep in a cell, 0 outside
        self._open: list[tuple[int, dict[str, str]]] = []  # starts and attributes of elements that are open
        self._here: list[tuple[int, int]] = []
        self._is_wanted = False  # the cell that is open
        self._children: list[tuple[str, Span]] = []
        self._parser = new_parser("utf-8")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        feed(self._parser, xml, True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append((self._parser.CurrentByteIndex, attributes))
        if self._depth:
            self._depth += 1
            return
        prefix, _, tag = name.rpartition(":")
        if not self._inside:
            if tag == "sheetData":
                self._inside, self.prefix = True, f"{prefix}:" if prefix else ""
            elif tag == "col" and "style" in attributes:
                self.columns.append((int(attributes["min"]), int(attributes["max"]), attributes["style"]))
        elif tag == "c":
            self._depth, self._children = 1, []
            self._step(attributes.get("r"))
            self._is_wanted = (self._row, self._column) in self._wanted and not self._take_plain(attributes)
            self._here.append((self._column, self._open[-1][0]))
        elif tag == "row":
            place = attributes.get("r")
            self._line = whole_number(place) if place else self._line + 1
            self._column, self._here = 0, []

    def _take_plain(self, attributes: dict[str, str]) -> bool:
        """Take a cell that begins here at once if it is a plain one; several times as fast as by its elements."""
        match = _PLAIN.match(self.xml, self._open[-1][0])
        if not match:
            return False
        formula = None
        if match[2]:
            start, end = match.span(2)
            tag_end = match.end(3) if match[3] else end
            formula = Span(start, tag_end, end - 4 if match[3] else end, end)
        span = Span(match.start(), match.end(1), match.end() - 4, match.end())
        value = Span(match.start(4), match.end(4), match.end(5), match.end() - 4)
        self.cells.append(CellBytes(self._row, self._column, span, attributes, formula, [value]))
        return True

    def _step(self, place: str | None) -> None:
        if place:
            match = _CELL.fullmatch(place)
            if not match:
                raise AddressError(f"{place!r} is no cell")
            self._row, self._column = int(match[2]), _column(match[1])
        else:
            self._row, self._column = self._line, self._column + 1

    def _end(self, name: str) -> None:
        start, attributes = self._open.pop()
        if self._depth:
            self._depth -= 1
            if self._is_wanted and self._depth < 2:
                self._end_in_cell(name.rpartition(":")[2], start, attributes)
            return
        tag = name.rpartition(":")[2]
        if self._inside and tag == "row":
            self.rows.append(RowBytes(self._line, self._span(start), attributes, self._here))
        elif tag == "sheetData":
            self.data, self._inside = self._span(start), False
        elif tag == "dimension" and not self._inside:
            self.dimension = self._span(start), attributes.get("ref", "")

    def _end_in_cell(self, tag: str, start: int, attributes: dict[str, str]) -> None:
        span = self._span(start)
        if self._depth:
            self._children.append((tag, span))
            return
        formula = next((child for name, child in self._children if name == "f"), None)
        values = [child for name, child in self._children if name in _VALUES]
        self.cells.append(CellBytes(self._row, self._column, span, attributes, formula, values))

    def _span(self, start: int) -> Span:
        """Of the element that began at `start` and ends now."""
        match = _TAG.match(self.xml, start)
        tag_end = match.end() if match else start  # the parser found a tag there
        if self.xml[tag_end - 2 : tag_end] == b"/>":
            return Span(start, tag_end, tag_end, tag_end)
        inside_end = self._parser.CurrentByteIndex
        return Span(start, tag_end, inside_end, self.xml.index(b">", inside_end) + 1)

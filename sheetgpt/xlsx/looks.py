"""The look of a file's cells, read when somebody asks for it: number formats, and whether a cell is locked."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from sheetgpt.book.address import column_number
from sheetgpt.book.settings import CellLook
from sheetgpt.errors import WorkbookError
from sheetgpt.xlsx.decode.xml_parser import feed
from sheetgpt.xlsx.number_formats import SHOWN
from sheetgpt.xlsx.package import Element, Package

_NO = ("0", "false")


class FileLooks:
    """The look of the cells of a file; raises WorkbookError where that cannot be read (any more)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sheets: dict[str, _SheetStyles] = {}

    def __call__(self, sheet: str, row: int, column: int) -> CellLook:
        """The look of a cell."""
        if sheet not in self._sheets:
            self._sheets[sheet] = self._read(sheet)
        number = self._sheets[sheet].of(row, column)
        return self._styles[number] if number < len(self._styles) else CellLook()

    def _read(self, sheet: str) -> _SheetStyles:
        try:
            with ZipFile(self._path) as archive:
                package = Package(archive)
                return _SheetStyles(archive.read(package.info(package.worksheets()[sheet])))
        except (BadZipFile, ValueError, OSError, KeyError, expat.ExpatError) as error:
            raise WorkbookError(f"the formats of {self._path} cannot be read: {error}") from None

    @cached_property
    def _styles(self) -> list[CellLook]:
        try:
            with ZipFile(self._path) as archive:
                package = Package(archive)
                part = package.styles()
                return [CellLook()] if part is None else _cell_looks(package.elements(part))
        except (BadZipFile, ValueError, OSError, expat.ExpatError) as error:
            raise WorkbookError(f"the formats of {self._path} cannot be read: {error}") from None


def _cell_looks(elements: list[Element]) -> list[CellLook]:
    """For each format of cells, in order, its look."""
    codes = dict(SHOWN)
    found: list[CellLook] = []
    inside = False
    for element in elements:
        if element.name == "numFmt" and element.inside == "numFmts":
            codes[int(element.attribute("numFmtId"))] = element.attribute("formatCode")
        elif element.name == "xf":
            inside = element.inside == "cellXfs"
            if inside:
                found.append(CellLook(codes.get(int(element.attributes.get("numFmtId", "0")), "General")))
        elif element.name == "protection" and inside and element.attributes.get("locked") in _NO:
            found[-1] = found[-1]._replace(locked=False)
    return found


class _SheetStyles:
    """The number of the format of each cell of a sheet."""

    def __init__(self, xml: bytes) -> None:
        self._cells: dict[tuple[int, int], int] = {}
        self._rows: dict[int, int] = {}
        self._columns: list[tuple[int, int, int]] = []  # first, last, format
        self._row = self._column = 0
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        feed(parser, xml, True)

    def of(self, row: int, column: int) -> int:
        """The format of a cell; of one that the file does not have that of its row or column."""
        number = self._cells.get((row, column), self._rows.get(row))
        if number is not None:
            return number
        return next((style for first, last, style in self._columns if first <= column <= last), 0)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            place = attributes.get("r", "")
            letters = place.rstrip("0123456789")
            self._column = column_number(letters) if letters else self._column + 1
            self._cells[self._row, self._column] = int(attributes.get("s", "0"))
        elif tag == "row":
            self._row, self._column = int(attributes.get("r", self._row + 1)), 0
            if "s" in attributes and attributes.get("customFormat") not in (None, *_NO):
                self._rows[self._row] = int(attributes["s"])
        elif tag == "col":
            first, last = int(attributes["min"]), int(attributes["max"])
            self._columns.append((first, last, int(attributes.get("style", "0"))))

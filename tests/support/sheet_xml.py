"""The XML of a sheet, read by the fast path for number cells and by expat alone."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from sheetgpt.book.book import Sheet
from sheetgpt.errors import SheetgptError
from sheetgpt.xlsx.decode.sheet_xml import read_sheet

EXECUTOR = ThreadPoolExecutor(2)
STRINGS = ["zero", "one"]
HEAD = '<?xml version="1.0"?>\n<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def xml_of(rows: str, head: str = HEAD) -> bytes:
    return f'{head}<sheetData>{rows}</sheetData><pageMargins left="1" r="2"/></worksheet>'.encode()


def read_xml(xml: bytes, fast: bool, cuts: list[int] | None = None, strings: list[str] = STRINGS) -> Sheet | str:
    """The sheet, or the words in which it is refused; `cuts` are the sizes of chunks, again and again."""
    sizes = cuts or [1 << 20]

    def chunks() -> Iterator[bytes]:
        start = number = 0
        while start < len(xml):
            size = sizes[number % len(sizes)]
            yield xml[start : start + size]
            start, number = start + size, number + 1

    sheet = Sheet("S")
    try:
        read_sheet(chunks, len(xml), sheet, strings, EXECUTOR if fast else None)
    except (SheetgptError, ValueError) as error:
        return type(error).__name__
    return sheet


def agree(xml: bytes, cuts: list[int] | None = None, strings: list[str] = STRINGS) -> Sheet | str:
    found, expected = read_xml(xml, True, cuts, strings), read_xml(xml, False, None, strings)
    assert found == expected
    if isinstance(found, Sheet) and isinstance(expected, Sheet):
        assert dict(found.grid.items()) == dict(expected.grid.items())
        assert found.grid.extent == expected.grid.extent
    return found

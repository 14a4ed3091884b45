"""Read-back verification: whether a workbook that was just written holds what was to be written.

A small one is read again and compared whole. Of a large one, where that would take as long as writing it:

* every part of the archive is unpacked, and its size and CRC-32 are those that were taken from the text before it was
  deflated; so the bytes on the disk unpack to what `encode` wrote;
* names, sheets, formulas and all cells of the sheets that are not large are read again and compared;
* of the large sheets, rows all over each sheet, about one in a hundred, are compared number by number.

So of a large sheet it is not proven that every single number has the right digits: for that there are the tests of
`encode`, and the fingerprints that `sheetgpt check` recalculates from the cells.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import numpy as np

from sheetgpt.book.address import column_number
from sheetgpt.book.book import Book, Sheet
from sheetgpt.errors import WorkbookError
from sheetgpt.system.mapped_arrays import release
from sheetgpt.system.threads import in_order
from sheetgpt.xlsx.decode.zip_stream import entry_chunks
from sheetgpt.xlsx.reader import read

LARGE = 1_000_000  # number cells of a sheet
_READ_WHOLE = 1_000_000_000  # bytes of a workbook, unpacked
_ONE_OF = 3  # pieces of text: it is the beginning of one that is looked at
_BEGINNING = 1 << 16  # bytes, a hundredth of three pieces
_NOTHING = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
_ROW = re.compile(rb'<row r="(\d+)">(.*?)</row>', re.DOTALL)
_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)"(?: s="\d+")?><v>([^<]*)</v></c>')


def verify(book: Book, path: Path) -> None:
    """Look at the file again; raises WorkbookError if it does not hold the book's values, formulas and names."""
    same = read(path, cached=False) == book if is_read_whole(path) else _holds_in_parts(book, path)
    if not same:
        raise WorkbookError(f"{path} was written, but reads differently", "please report this; do not use the file")


def is_read_whole(path: Path) -> bool:
    """Whether a workbook is small enough to be read again and compared whole."""
    with ZipFile(path) as package:
        return sum(entry.file_size for entry in package.infolist()) <= _READ_WHOLE


def _large(book: Book) -> dict[str, Sheet]:
    """The large sheets of numbers by the name of their part."""
    sheets = enumerate(book.sheets.values(), 1)
    return {
        f"xl/worksheets/sheet{k}.xml": sheet
        for k, sheet in sheets
        if sheet.grid.numbers.size >= LARGE and not sheet.formulas
    }


def _holds_in_parts(book: Book, path: Path) -> bool:
    large = _large(book)
    rest = "all but the large sheets", partial(_rest_is_equal, book, path)
    try:
        with ZipFile(path) as package:
            parts = sorted(package.infolist(), key=lambda part: -part.file_size)
        tasks = ((part.filename, partial(_part_is_whole, path, part, large.get(part.filename))) for part in parts)
        with closing(in_order(chain([rest], tasks))) as results:
            return all(fine for _, fine in results)
    except (BadZipFile, zlib.error, OSError, EOFError, WorkbookError):
        return False


def _part_is_whole(path: Path, part: ZipInfo, sheet: Sheet | None) -> bool:
    """Unpack a part, which checks its CRC-32; and compare some numbers of a sheet."""
    for k, text in enumerate(entry_chunks(path, part)):
        if sheet and k % _ONE_OF == 0 and not _holds(sheet, text, _BEGINNING):
            return False
    if sheet:
        release(sheet.grid.numbers)
    return True


def _holds(sheet: Sheet, text: bytes, size: int) -> bool:
    """Whether the whole rows in the first `size` bytes of a piece of text are those of a sheet; one at least."""
    for row, cells in _rows(text, size):
        found = _CELL.findall(cells)
        columns = np.array([column_number(letters.decode()) for letters, _, _ in found], dtype=np.int64)
        numbers = np.array([float(number) for _, _, number in found])
        held = sheet.grid.numbers[row - 1]
        expected = np.flatnonzero(~np.isnan(held))
        if {place for _, place, _ in found} != {b"%d" % row}:
            return False
        if not np.array_equal(columns - 1, expected) or numbers.tobytes() != held[expected].tobytes():
            return False
    return True


def _rows(text: bytes, size: int) -> Iterator[tuple[int, bytes]]:
    for match in _ROW.finditer(text):
        if b"inlineStr" not in match[2]:
            yield int(match[1]), match[2]
        if match.end() > size:
            return


def _rest_is_equal(book: Book, path: Path) -> bool:
    """Whether names and sheets are those of the book, leaving out the cells of the large sheets."""
    large = _large(book)
    with TemporaryDirectory() as folder:
        rest = Path(folder) / "rest.xlsx"
        with ZipFile(path) as source, ZipFile(rest, "w", ZIP_DEFLATED, compresslevel=1) as target:
            for part in source.namelist():
                target.writestr(part, _NOTHING if part in large else source.read(part))
        found = read(rest, cached=False)
    skipped = {sheet.name for sheet in large.values()}
    return (
        found.names == book.names
        and list(found.sheets) == list(book.sheets)
        and all(sheet == book.sheets[name] for name, sheet in found.sheets.items() if name not in skipped)
    )

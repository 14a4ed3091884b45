"""The cells that make up most worksheets, taken out of the text in bulk; a parser of XML sees what is left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor
from functools import partial
from itertools import chain
from typing import Protocol

from sheetgpt.book.address import at, parse_a1
from sheetgpt.book.book import Sheet
from sheetgpt.book.grid import Grid
from sheetgpt.system.threads import each
from sheetgpt.xlsx.decode.cell_scanner import Cells, take_plain
from sheetgpt.xlsx.decode.plain_cells import NotPlainError, in_another_encoding, take_cells
from sheetgpt.xlsx.decode.zip_stream import AHEAD, pieces

SMALLEST_CELL = 16  # bytes of `<c><v>1</v></c>`
_DIMENSION = re.compile(rb'<dimension ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
_CELL_STARTS = (b"<c ", b"<c>", b"<c/", b"<c\n", b"<c\t", b"<c\r")


class Taker(Protocol):
    """Who gets the cells: the parser of the rest."""

    sheet: Sheet

    def take(self, cells: Cells) -> None: ...

    def take_cell(
        self, row: int, column: int, kind: str | None, area: str | None, formula: str, value: str | None
    ) -> None: ...

    def pack(self) -> None: ...


def without_plain(chunks: Iterable[bytes], size: int, parser: Taker, executor: Executor) -> Iterator[bytes | None]:
    """The text of a worksheet without its plain cells, which go to `parser`.

    Gives None and ends where that would be wrong: in comments, CDATA and processing instructions, in encodings other
    than UTF-8, and where cells without a reference count on from the ones before them.
    """
    texts = pieces(chunks)
    first = next(texts)
    _reserve(first[0], size, parser.sheet.grid)
    work = partial(take_plain, parser.sheet.grid.numbers)
    begun = False
    for taken in each(executor, work, chain([first], texts), AHEAD):
        rest = taken.rest
        # `<?xml` begins the first piece, maybe behind a byte order mark
        odd = rest.find(b"<?", 0 if begun else 4) >= 0 or b"<!" in rest
        odd = odd or (not begun and in_another_encoding(rest))
        if odd or sum(map(rest.count, _CELL_STARTS)) != rest.count(b'<c r="'):
            yield None
            return
        begun = begun or bool(rest)
        parser.take(taken)
        try:
            left = take_cells(rest.decode(), parser.take_cell)
        except (UnicodeDecodeError, NotPlainError):
            yield None
            return
        parser.pack()
        yield left.encode()


def _reserve(text: bytes, size: int, grid: Grid) -> None:
    """Make room for the cells at once if the sheet says how many, and its size bears that out."""
    match = _DIMENSION.search(text, 0, 1 << 16)
    if match:
        area = parse_a1(match[1].decode()).union(at(1, 1))
        if area.size * SMALLEST_CELL <= size:
            grid.reserve(area)

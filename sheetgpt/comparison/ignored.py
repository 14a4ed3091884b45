"""What a caller does not want to hear of: sheets, cells and names by their texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from sheetgpt.book.address import Rect, at, parse_a1, split_sheet
from sheetgpt.book.book import Book
from sheetgpt.errors import AddressError


def parse_ignore(entries: Iterable[str], books: Sequence[Book]) -> tuple[set[str], dict[str, list[Rect]]]:
    """What a caller does not want to hear of: whole sheets and names; rectangles of sheets."""
    whole: set[str] = set()
    rects: dict[str, list[Rect]] = {}
    for entry in entries:
        sheet, cells = split_sheet(entry)
        if any(entry in book.sheets or entry in book.names for book in books):
            whole.add(entry)
            for place, rect in _cells_of_name(entry, books):
                rects.setdefault(place, []).append(rect)
        elif sheet is not None and any(sheet in book.sheets for book in books):
            rects.setdefault(sheet, []).append(parse_a1(cells))
        else:
            raise AddressError(
                f"nothing to ignore: {entry!r} is no sheet, cell or name of these workbooks",
                "write it like Notes, Sheet1!B2:C4 or wte.weight",
            )
    return whole, rects


def _cells_of_name(name: str, books: Sequence[Book]) -> Iterator[tuple[str, Rect]]:
    """The ranges that a defined name stands for; none for a sheet, or for a name of a constant."""
    for book in books:
        if name in book.names:
            with suppress(AddressError):
                yield book.locate(book.names[name])


def outside(rects: Sequence[Rect], cells: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """The cells that lie in no rectangle."""
    return {cell for cell in cells if not any(rect.contains(at(*cell)) for rect in rects)} if rects else cells

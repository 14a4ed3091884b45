"""What a file keeps of other workbooks, under the keys by which formulas name it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sheetgpt.book.address import quote_sheet, split_sheet
from sheetgpt.book.grid import Grid
from sheetgpt.book.links import Link


def kept_sheets(links: Sequence[Link]) -> Iterator[tuple[list[str], str, Grid]]:
    """For each sheet with kept values: its keys ("[1]data", "[book.xlsx]data"), how messages call it, its values."""
    for number, link in enumerate(links, 1):
        for sheet, grid in link.sheets.items():
            if grid is not None:
                keys = [f"[{key}]{sheet.lower()}" for key in _keys(number, links)]
                yield keys, f"[{link.file}]{sheet}", grid


def kept_names(links: Sequence[Link]) -> Iterator[tuple[tuple[str, str], str]]:
    """(("[1]" or "[1]Sheet1", name), the cells as a formula of this workbook calls them) for each name of cells."""
    for number, link in enumerate(links, 1):
        for name, text in link.names.items():
            sheet, cells = split_sheet(text.removeprefix("="))
            if sheet is not None and "[" not in sheet:
                owner, plain = split_sheet(name)
                for key in _keys(number, links):
                    yield (f"[{key}]{owner or ''}", plain), f"{quote_sheet(f'[{number}]{sheet}')}!{cells}"


def _keys(number: int, links: Sequence[Link]) -> list[str]:
    """The number of a workbook, and its file's name where no other one has the same."""
    files = [link.file.lower() for link in links]
    own = files[number - 1]
    return [str(number), own] if files.count(own) == 1 else [str(number)]

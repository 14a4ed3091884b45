"""What a report calls the formula cells of a workbook, and which of them hold no value."""

from __future__ import annotations

import re

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book
from sheetgpt.book.grid import Grid
from sheetgpt.comparison.compare import Cell, Groups
from sheetgpt.errors import AddressError

_HEAD = re.compile(r"(h\.\d+\.step_0[67]\.\w+)\.\d+")


def groups(book: Book) -> Groups:
    """Label -> the places under it, in the order of the sheets: each defined name that stands for formulas.

    The heads of a step are one label. Of names that overlap the one further up counts.
    """
    order = {name: number for number, name in enumerate(book.sheets)}
    named: list[tuple[int, Rect, str, str]] = []
    for name, target in book.names.items():
        try:
            sheet, rect = book.locate(target)
        except AddressError:
            continue  # a constant or an expression
        named.append((order[sheet], rect, sheet, name))
    labels: dict[str, list[tuple[str, Rect]]] = {}
    taken: dict[str, list[Rect]] = {}
    for _, rect, sheet, name in sorted(named):
        free = not any(rect.intersect(other) for other in taken.get(sheet, []))
        if free and any(rect.contains(formula.rect) for formula in book.sheets[sheet].formulas):
            match = _HEAD.fullmatch(name)
            labels.setdefault(match[1] if match else name, []).append((sheet, rect))
            taken.setdefault(sheet, []).append(rect)
    return labels


def blank_cells(book: Book) -> list[Cell]:
    """The formula cells that hold no value."""
    return [
        (name, *cell)
        for name, sheet in book.sheets.items()
        for formula in sheet.formulas
        for cell in _blanks(sheet.grid, formula.rect)
    ]


def all_zero(book: Book) -> bool:
    """Whether every formula cell holds 0, as libraries write that calculate nothing (XlsxWriter)."""
    places = [(sheet.grid, formula.rect) for sheet in book.sheets.values() for formula in sheet.formulas]
    return bool(places) and all(grid[rect.top, rect.left] == 0.0 for grid, rect in places)


def _blanks(grid: Grid, rect: Rect) -> list[tuple[int, int]]:
    if rect.size == 1:
        return [] if grid[rect.top, rect.left] is not None else [(rect.top, rect.left)]
    values = grid.read(rect)
    if values.dtype == np.float64:  # all are numbers
        return []
    return [cell for cell, value in zip(rect.cells(), values.ravel().tolist(), strict=True) if value is None]

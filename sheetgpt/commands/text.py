"""A workbook as lines of text, always in the same order: `sheetgpt text`, and what git compares by `textconv`."""

from __future__ import annotations

from collections.abc import Iterator

from sheetgpt.book.address import at, quote_sheet, reference
from sheetgpt.book.book import Book, Formula, Sheet
from sheetgpt.comparison.grid_pair import format_value


def lines(book: Book, values: bool = True) -> Iterator[str]:
    """Defined names by the alphabet, then each sheet: its cells row by row; `values`: those of formulas too."""
    for name in sorted(book.names):
        yield f"name {name} = {book.names[name]}"
    for sheet in book.sheets.values():
        yield f"sheet {quote_sheet(sheet.name)}"
        yield from _cells(sheet, values)


def _cells(sheet: Sheet, values: bool) -> Iterator[str]:
    """The cells of a sheet that are not blank, and formulas without a value."""
    formulas = {formula.rect[:2]: formula for formula in sheet.formulas}
    filled = {cell for formula in sheet.formulas if formula.rect.size > 1 for cell in formula.rect.cells()}
    known = dict(sheet.grid.items())
    for cell in sorted({*known, *formulas}) if formulas else known:
        formula = formulas.get(cell)
        place = reference(sheet.name, at(*cell), False)
        if formula is None and (values or cell not in filled):
            yield f"{place}: {format_value(known[cell])}"
        elif formula is not None:
            value = f" -> {format_value(known.get(cell))}" if values else ""
            yield f"{_place(sheet, formula)}: {_formula(formula)}{value}"


def _place(sheet: Sheet, formula: Formula) -> str:
    rect = at(*formula.rect[:2]) if formula.dynamic else formula.rect
    return reference(sheet.name, rect, False)


def _formula(formula: Formula) -> str:
    """A formula in one line."""
    text = formula.text.replace("\n", " ").replace("\r", " ")
    return f"{{={text}}}" if formula.array and not formula.dynamic else f"={text}"

"""Formulas and cells as a difference shows them."""

from __future__ import annotations

from collections.abc import Mapping

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Formula, Sheet
from sheetgpt.book.values import Value
from sheetgpt.comparison.grid_pair import format_value
from sheetgpt.formula import formula_bar

_WIDE, _HIGH = 8, 4  # columns and rows that are shown


def formula_text(formula: Formula | None, sheet: Sheet, cell: tuple[int, int]) -> Value:
    """A formula as Excel shows it; the constant where there is none."""
    if formula is None:
        return sheet.grid[cell]
    if not formula.array or formula.dynamic:
        return "=" + formula_bar.shown(formula.text)
    return f"{{={formula_bar.shown(formula.text)}}}" + (f" in {formula.rect}" if formula.rect.size > 1 else "")


def contents(sheet: Sheet, rect: Rect, formulas: Mapping[tuple[int, int], Formula]) -> tuple[str, ...]:
    """The first cells of some rows, or columns, that are not blank: a line for each row. `formulas`: by first cell."""
    used = sheet.grid.extent
    inside = used and rect.intersect(used)
    if not inside:
        return ()
    lines = []
    for row in range(inside.top, min(inside.bottom, inside.top + _HIGH - 1) + 1):
        cells = [(row, column) for column in range(inside.left, min(inside.right, inside.left + _WIDE - 1) + 1)]
        texts = [_cell(sheet, cell, formulas.get(cell)) for cell in cells]
        while texts and texts[-1] == "(blank)":
            texts.pop()
        lines.append(" ".join(texts) + " ..." * (inside.columns > _WIDE))
    return tuple([line for line in lines if line] + [f"... ({inside.size} cells)"] * (inside.rows > _HIGH))


def _cell(sheet: Sheet, cell: tuple[int, int], formula: Formula | None) -> str:
    return format_value(sheet.grid[cell]) if formula is None else str(formula_text(formula, sheet, cell))

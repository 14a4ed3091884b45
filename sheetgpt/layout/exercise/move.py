"""Formulas that move to another sheet: what they read stays, and what read them follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sheetgpt.book.address import Rect, quote_sheet
from sheetgpt.book.book import Book, Formula, Sheet
from sheetgpt.formula.nodes import HOLE, Reference
from sheetgpt.formula.skeleton import cut, operand

Owner = Callable[[str | None, Rect], str | None]  # sheet as written, cells -> sheet to write


def move_formulas(book: Book, home: Sheet, target: Sheet, areas: Sequence[Rect]) -> list[Formula]:
    """Move the formulas in some areas of a sheet to the same cells of another one; returns them as they were.

    Every other formula of the book that reads these cells reads them there.
    """

    def follow(sheet: str | None, rect: Rect, reader: str) -> str | None:
        read = sheet or reader
        return target.name if read == home.name and any(area.contains(rect) for area in areas) else sheet

    moved = [formula for formula in home.formulas if any(area.contains(formula.rect) for area in areas)]
    left = set(map(id, moved))
    home.formulas = [formula for formula in home.formulas if id(formula) not in left]
    for sheet in book.sheets.values():
        prefix = f"{quote_sheet(home.name)}!"
        for k, formula in enumerate(sheet.formulas):
            if sheet is home or prefix in formula.text:
                text = _change(formula.text, lambda on, rect, reader=sheet.name: follow(on, rect, reader))  # type: ignore[misc]
                sheet.formulas[k] = replace(formula, text=text)
    target.formulas += [
        replace(formula, text=_change(formula.text, lambda sheet, _: sheet or home.name)) for formula in moved
    ]
    return moved


def _change(text: str, owner: Owner) -> str:
    """A formula in which each reference to cells names the sheet that `owner` says."""
    pieces = cut(text)
    between = pieces.skeleton.split(HOLE)
    written = [_write(name, owner) for name in pieces.operands]
    return between[0] + "".join(name + after for name, after in zip(written, between[1:], strict=True))


def _write(text: str, owner: Owner) -> str:
    node = operand(text)
    if not isinstance(node, Reference):
        return text
    sheet = owner(node.sheet, node.rect)
    return text if sheet == node.sheet else f"{quote_sheet(sheet)}!{node.cells}" if sheet else node.cells

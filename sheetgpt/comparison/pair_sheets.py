"""Which sheet of one workbook is which of another: by name, or by what it holds where its name is new."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.book.book import Book, Sheet
from sheetgpt.comparison.align import likeness
from sheetgpt.comparison.change import Change
from sheetgpt.formula.canonical import skeleton_meaning

_ALIKE = 0.5  # share of equal cells
_TRIED = 8  # sheets of which it is looked for


def pair_sheets(a: Book, b: Book) -> dict[str, str]:
    """The old name of each sheet of `b` that `a` has too, in b's order. Capital letters do not count.

    A sheet without a partner is one that was renamed if it holds the same values and the same kinds of formulas, or at
    least half of its cells are the same: of several such ones the most alike.
    """
    olds = {name.casefold(): name for name in a.sheets}
    pairs = {name: olds[name.casefold()] for name in b.sheets if name.casefold() in olds}
    lost = [sheet for name, sheet in a.sheets.items() if name not in pairs.values()]
    for name, sheet in b.sheets.items():
        old = None if name in pairs or not lost else _partner(sheet, lost)
        if old is not None:
            lost.remove(old)
            pairs[name] = old.name
    return {name: pairs[name] for name in b.sheets if name in pairs}


def sheet_changes(a: Book, b: Book, pairs: dict[str, str]) -> list[Change]:
    """Sheets that went, came, have another name, or stand in another order."""
    lost = [sheet for name, sheet in a.sheets.items() if name not in pairs.values()]
    changes = [Change("sheet", sheet.name, a=_size(sheet)) for sheet in lost]
    changes += [Change("sheet", name, b=_size(sheet)) for name, sheet in b.sheets.items() if name not in pairs]
    changes += [Change("renamed", new, a=old, b=new) for new, old in pairs.items() if old != new]
    before = [name for old in a.sheets for name, known in pairs.items() if known == old]
    if before != list(pairs):
        changes.append(Change("order", a=", ".join(before), b=", ".join(pairs)))
    return changes


def _partner(sheet: Sheet, lost: Sequence[Sheet]) -> Sheet | None:
    """That of some sheets which has another name now."""
    same = next((one for one in lost if _is_same(one, sheet)), None)
    if same is not None:
        return same
    share, number = max((likeness(one, sheet), -number) for number, one in enumerate(lost[:_TRIED]))
    return lost[-number] if share >= _ALIKE else None


def _is_same(a: Sheet, b: Sheet) -> bool:
    """Whether two sheets hold the same, but for the references of their formulas; an empty sheet is like no other."""
    if a.grid.extent is None or a.grid.extent != b.grid.extent or len(a.formulas) != len(b.formulas):
        return False
    if a.grid != b.grid:
        return False
    kinds = ({(f.rect, f.array): skeleton_meaning(f.text) for f in sheet.formulas} for sheet in (a, b))
    return next(kinds) == next(kinds)


def _size(sheet: Sheet) -> str:
    extent = sheet.grid.extent
    return f"{extent or 'no'} cells, {len(sheet.formulas)} formulas"

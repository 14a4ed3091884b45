"""Values against values, cell by cell: where two witnesses of a workbook agree, as data.

Numbers agree within 1e-9 of the largest magnitude in their group (and of 1 at least): witnesses add in
different orders, which moves a sum of thousands of terms by some 1e-13 of its size, while a wrong
weight, row or mask moves it by far more than 1e-9. Where one side has whole numbers only (ids, ranks, code
points) nothing was rounded, and they agree within 1e-9 whatever their magnitude. Everything else agrees exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book
from sheetgpt.book.grid import Grid
from sheetgpt.comparison.compare_group import SheetPair, compare_group, side_by_side
from sheetgpt.comparison.result import Cell, Comparison, Difference, Group, Rules

__all__ = ["Cell", "Comparison", "Difference", "Group", "Groups", "Rules", "compare", "formula_cells"]

Groups: TypeAlias = Mapping[str, Sequence[tuple[str, Rect]]]  # label -> places


def compare(
    a: Book | Mapping[str, Grid],
    b: Book | Mapping[str, Grid],
    cells: Mapping[str, Iterable[Rect]] | None = None,
    groups: Groups | None = None,
    rules: Rules = Rules(),  # noqa: B008 - frozen
    not_covered: Iterable[Cell] = (),
    keep: int = 10,
) -> Comparison:
    """Compare the cells of the sheets that both have.

    `cells` (sheet -> rectangles) restricts to formula cells, say. `groups` (label -> places) are judged
    apart, each by its own magnitude; what lies in no group is grouped by sheet. Groups may overlap. Cells in
    `not_covered`, and groups on sheets that one side lacks, are counted but not compared. Each group keeps
    its first `keep` differences.
    """
    sheets = side_by_side(_grids(a), _grids(b), cells, not_covered)
    found = [_label(label, places, sheets, rules, keep) for label, places in (groups or {}).items()]
    for name, sheet in sheets.items():
        rest = Group(name)
        compare_group(rest, [(sheet, None)], rules, keep)
        if rest.cells or rest.not_covered:
            found.append(rest)
    return Comparison(found, rules)


def _label(
    label: str, places: Sequence[tuple[str, Rect]], sheets: Mapping[str, SheetPair], rules: Rules, keep: int
) -> Group:
    """The group of one label; its cells no longer count as the rest of their sheets."""
    group = Group(label)
    compare_group(group, [(sheets[sheet], rect) for sheet, rect in places if sheet in sheets], rules, keep)
    for sheet, rect in places:
        if sheet in sheets:
            sheets[sheet].label(rect)
        else:
            group.not_covered += rect.size
    return group


def formula_cells(book: Book) -> dict[str, list[Rect]]:
    """The rectangles of each sheet's formulas: what a witness calculated, for `compare`."""
    return {name: [formula.rect for formula in sheet.formulas] for name, sheet in book.sheets.items()}


def _grids(side: Book | Mapping[str, Grid]) -> Mapping[str, Grid]:
    return {name: sheet.grid for name, sheet in side.sheets.items()} if isinstance(side, Book) else side

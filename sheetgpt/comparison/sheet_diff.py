"""Two sheets, cell by cell: which formulas, constants and stored values differ."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from sheetgpt.book.address import Rect, a1, at
from sheetgpt.book.book import Formula, Sheet
from sheetgpt.book.settings import DataTable
from sheetgpt.book.values import Value
from sheetgpt.comparison.change import SPILLED, Change
from sheetgpt.comparison.fold import fold
from sheetgpt.comparison.grid_pair import Pair
from sheetgpt.comparison.ignored import outside
from sheetgpt.comparison.shown import formula_text
from sheetgpt.formula.canonical import mean_the_same, meaning, relative_meaning

Cell = tuple[int, int]


@dataclass(frozen=True)
class Wanted:
    """What is compared of two sheets, and when numbers are equal: as math.isclose says."""

    constants: bool = True
    values: bool = True
    formulas: bool = True
    rel_tol: float = 0.0
    abs_tol: float = 0.0


@dataclass(frozen=True)
class Found:
    """The cells (row, column) of two sheets whose formulas differ, by their first cells, and whose values differ."""

    formulas: set[Cell]
    values: set[Cell]


def formulas_by_cell(sheet: Sheet) -> dict[Cell, Formula]:
    """The formulas of a sheet by their first cells."""
    return {formula.rect[:2]: formula for formula in sheet.formulas}


def find(a: Sheet, b: Sheet, wanted: Wanted) -> Found:
    """Where two sheets differ, if all cells are in their places."""
    before, after = formulas_by_cell(a), formulas_by_cell(b)
    cells = {*before, *after} if before != after else ()
    formulas = {
        cell
        for cell in cells
        if not _same(before.get(cell), after.get(cell), b.name)
        and not _is_boolean(before.get(cell), after.get(cell), (a.grid[cell], b.grid[cell]))
    }
    return Found(formulas, _find_differing(Pair(a.grid, b.grid), wanted.rel_tol, wanted.abs_tol))


def _same(a: Formula | None, b: Formula | None, sheet: str) -> bool:
    """Whether two formulas fill the same cells and mean the same."""
    if a == b:
        return True
    if a is None or b is None or (a.array, a.dynamic) != (b.array, b.dynamic):
        return False
    if a.rect != b.rect and not a.dynamic:  # a dynamic one fills what its result needs
        return False
    return mean_the_same(a.text, b.text, sheet)


def _is_boolean(a: Formula | None, b: Formula | None, values: tuple[Value, Value]) -> bool:
    """Whether a constant TRUE stands for the formula TRUE(), as LibreOffice saves it, or the other way round."""
    one = a or b
    if one is None or (a and b) or type(values[0]) is not bool or values[0] is not values[1]:
        return False
    return meaning(one.text) == (str(values[0]).upper(), ())


def changes(a: Sheet, b: Sheet, found: Found, wanted: Wanted, ignored: Sequence[Rect]) -> list[Change]:
    """Causes first: formulas that came, went or changed, and constants; then the values of formulas."""
    listed = _formulas(a, b, outside(ignored, found.formulas)) + _data_tables(a, b) if wanted.formulas else []
    changed = outside(ignored, found.values)
    if not changed:
        return listed
    before, after = formula_cells(a, changed), formula_cells(b, changed)
    results, spilled = changed & before & after, _spilled(a, b, changed & (before ^ after))
    # where only one side has a formula of one cell, the change of the formula shows both
    singles = {formula.rect[:2] for sheet in (a, b) for formula in sheet.formulas if formula.rect.size == 1}
    others = changed - results - spilled - (singles & (before ^ after))
    listed += _fold("constants", a, b, others) if wanted.constants else []
    if not wanted.values:
        return listed
    return listed + _fold("values", a, b, results) + _fold("values", a, b, spilled, SPILLED)


def _spilled(a: Sheet, b: Sheet, cells: set[Cell]) -> set[Cell]:
    """Cells to which what a dynamic formula fills has grown, or that it has left: blank where it does not reach.

    Not those of a formula without a stored value in one of the sheets: what it fills there is not known.
    """
    found: set[Cell] = set()
    for one, other in ((a, b), (b, a)):
        anchors = {formula.rect[:2] for formula in other.formulas if formula.dynamic}
        for formula in one.formulas:
            anchor = formula.rect[:2]
            if formula.dynamic and anchor in anchors and other.grid[anchor] is not None:
                found.update(cell for cell in cells if formula.rect.contains(at(*cell)) and other.grid[cell] is None)
    return found


def _formulas(a: Sheet, b: Sheet, cells: Iterable[Cell]) -> list[Change]:
    """Formulas that differ; those that are filled down or to the right together, with the texts of the first one."""
    before, after = formulas_by_cell(a), formulas_by_cell(b)
    keys = {cell: (_seen(a, before.get(cell), cell), _seen(b, after.get(cell), cell)) for cell in cells}
    return [
        Change(
            "formula",
            b.name,
            rect,
            a=formula_text(before.get(rect[:2]), a, rect[:2]),
            b=formula_text(after.get(rect[:2]), b, rect[:2]),
        )
        for rect in fold(keys, key=lambda cell: keys[cell])
    ]


def _data_tables(a: Sheet, b: Sheet) -> list[Change]:
    """What-if tables that came, went, or put their headings into other cells."""
    if a.data_tables == b.data_tables:
        return []
    before, after = ({table.rect: _table_text(table) for table in sheet.data_tables} for sheet in (a, b))
    return [
        Change("formula", b.name, rect, a=before.get(rect), b=after.get(rect))
        for rect in sorted({*before, *after})
        if before.get(rect) != after.get(rect)
    ]


def _table_text(table: DataTable) -> str:
    """As Excel shows it."""
    inputs = ("" if one is None else a1(one) for one in (table.row_input, table.column_input))
    return f"{{=TABLE({','.join(inputs)})}}"


def _seen(sheet: Sheet, formula: Formula | None, cell: Cell) -> Hashable:
    """A formula as seen from its cell: equal for those that are filled down; the constant where there is none."""
    if formula is None:
        return type(sheet.grid[cell]), sheet.grid[cell]
    shape = None if formula.dynamic else formula.rect.shape
    return relative_meaning(formula.text, sheet.name, cell), formula.array, formula.dynamic, shape


def _fold(kind: str, a: Sheet, b: Sheet, cells: Iterable[tuple[int, int]], name: str = "") -> list[Change]:
    return [
        Change(kind, b.name, rect, name, a=a.grid.read(rect).astype(object), b=b.grid.read(rect).astype(object))
        for rect in fold(cells)
    ]


def _find_differing(pair: Pair, rel_tol: float, abs_tol: float) -> set[tuple[int, int]]:
    """The cells whose values differ."""
    cells = pair.others()
    for band, a, b in pair.bands(pair.box or at(1, 1)):
        # as math.isclose: NaN (no number) is close to nothing, and where both have none there is nothing to see
        with np.errstate(over="ignore", invalid="ignore"):
            close = np.abs(a - b) <= np.maximum(rel_tol * np.maximum(np.abs(a), np.abs(b)), abs_tol)
        rows, columns = np.nonzero(~close & ~(np.isnan(a) & np.isnan(b)))
        cells |= set(zip((rows + band.top).tolist(), (columns + band.left).tolist(), strict=True))
    return {cell for cell in cells if not _equal(pair.a[cell], pair.b[cell], rel_tol, abs_tol)}


def _equal(a: Value, b: Value, rel_tol: float, abs_tol: float) -> bool:
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=rel_tol, abs_tol=abs_tol)
    return type(a) is type(b) and a == b


def formula_cells(sheet: Sheet, among: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of some cells that a formula fills."""
    found: set[tuple[int, int]] = set()
    for formula in sheet.formulas:
        if formula.rect.size == 1:
            found.add(formula.rect[:2])
        elif formula.rect.size <= len(among):
            found.update(formula.rect.cells())
        else:
            found.update(cell for cell in among if formula.rect.contains(at(*cell)))
    return found & among

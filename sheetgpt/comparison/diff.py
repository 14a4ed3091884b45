"""What changed from one workbook to another: sheets, names, formulas, constants, stored values.

Any two workbooks, read as `Book`s; nothing here knows what they calculate. How sheets look does not count.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from sheetgpt.book.address import Rect, at, parse_a1, reference, split_sheet
from sheetgpt.book.book import Book, Formula, Sheet
from sheetgpt.book.values import Value
from sheetgpt.comparison.grid_pair import Pair
from sheetgpt.errors import AddressError, UsageError


@dataclass(frozen=True, eq=False)
class Change:
    """One difference: of a "sheet", the "order" of sheets, a "name", a "formula", "constants" or "values".

    `sheet` and `rect` say where, `name` which defined name. `a` and `b` are what the two books hold: texts, None
    where one has nothing, or for "constants" and "values" arrays of the cells of `rect` (objects).
    """

    kind: str
    sheet: str = ""
    rect: Rect | None = None
    name: str = ""
    a: object = None
    b: object = None

    @property
    def where(self) -> str:
        """The place as a heading shows it, such as "Sheet1!B7:D7" or "name wte.weight"."""
        if self.rect is not None:
            return reference(self.sheet, self.rect, False)
        return f"{self.kind} {self.name or self.sheet}".strip()

    @property
    def cells(self) -> int:
        return self.rect.size if self.rect else 1


def diff_books(
    a: Book,
    b: Book,
    *,
    rel_tol: float = 0.0,
    abs_tol: float = 0.0,
    constants: bool = True,
    values: bool = True,
    formulas: bool = True,
    names: bool = True,
    ignore: Iterable[str] = (),
) -> list[Change]:
    """Every difference from `a` to `b`, in the order of b's sheets; neighbouring cells are folded to rectangles.

    Numbers are equal if math.isclose says so with the tolerances (default: only if they are the same). `values` are the
    stored results of formulas, `constants` all other cells. `ignore` lists sheets ("Notes"), cells ("Sheet1!B2:C4") and
    defined names (with the cells they stand for); raises AddressError if an entry is none of these in either workbook,
    UsageError for a tolerance below 0.
    """
    if not (rel_tol >= 0 and abs_tol >= 0):
        raise UsageError(f"a tolerance of {min(rel_tol, abs_tol):g}: it is 0 or more")
    whole, rects = _parse_ignore(ignore, (a, b))
    changes = [change for change in _sheets(a, b) if change.sheet not in whole]
    if names:
        changes += [change for change in _names(a.names, b.names) if change.name not in whole]
    for name, sheet in b.sheets.items():
        if name in a.sheets and name not in whole:
            if formulas:
                changes += _formulas(a.sheets[name], sheet, rects.get(name, ()))
            changes += _values(a.sheets[name], sheet, constants, values, rel_tol, abs_tol, rects.get(name, ()))
    return changes


def _parse_ignore(entries: Iterable[str], books: Sequence[Book]) -> tuple[set[str], dict[str, list[Rect]]]:
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


def _outside(rects: Sequence[Rect], cells: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """The cells that lie in no rectangle."""
    return {cell for cell in cells if not any(rect.contains(at(*cell)) for rect in rects)} if rects else cells


def _sheets(a: Book, b: Book) -> list[Change]:
    changes = [Change("sheet", name, a=_size(sheet)) for name, sheet in a.sheets.items() if name not in b.sheets]
    changes += [Change("sheet", name, b=_size(sheet)) for name, sheet in b.sheets.items() if name not in a.sheets]
    before, after = ([name for name in one.sheets if name in other.sheets] for one, other in ((a, b), (b, a)))
    if before != after:
        changes.append(Change("order", a=", ".join(before), b=", ".join(after)))
    return changes


def _size(sheet: Sheet) -> str:
    extent = sheet.grid.extent
    return f"{extent or 'no'} cells, {len(sheet.formulas)} formulas"


def _names(a: Mapping[str, str], b: Mapping[str, str]) -> list[Change]:
    return [
        Change("name", name=name, a=a.get(name), b=b.get(name))
        for name in sorted({*a, *b})
        if a.get(name) != b.get(name)
    ]


def _formulas(a: Sheet, b: Sheet, ignored: Sequence[Rect]) -> list[Change]:
    """Formulas that came, went or changed, paired by their first cell."""
    before, after = ({formula.rect[:2]: formula for formula in sheet.formulas} for sheet in (a, b))
    found = {}
    for cell in _outside(ignored, {*before, *after}):
        old, new = before.get(cell), after.get(cell)
        if _entered(old) != _entered(new):
            found[cell] = _text(old, a, cell), _text(new, b, cell)
    return [
        Change("formula", b.name, rect, a=found[rect[:2]][0], b=found[rect[:2]][1])
        for rect in fold(found, key=lambda cell: found[cell])
    ]


def _entered(formula: Formula | None) -> Formula | None:
    """A formula without what follows from its result: the cells that a dynamic one fills."""
    if formula is None or not formula.dynamic:
        return formula
    return replace(formula, rect=at(formula.rect.top, formula.rect.left))


def _text(formula: Formula | None, sheet: Sheet, cell: tuple[int, int]) -> Value:
    """A formula as Excel shows it; the constant where there is none."""
    if formula is None:
        return sheet.grid[cell]
    if not formula.array or formula.dynamic:
        return "=" + formula.text
    return f"{{={formula.text}}}" + (f" in {formula.rect}" if formula.rect.size > 1 else "")


def _values(
    a: Sheet, b: Sheet, constants: bool, values: bool, rel_tol: float, abs_tol: float, ignored: Sequence[Rect]
) -> list[Change]:
    """Cells whose values differ, apart by what they are: results where both have a formula, else constants."""
    changed = _outside(ignored, _find_differing(Pair(a.grid, b.grid), rel_tol, abs_tol))
    if not changed:
        return []
    before, after = _formula_cells(a, changed), _formula_cells(b, changed)
    results = changed & before & after
    # where only one side has a formula of one cell, the change of the formula shows both
    singles = {formula.rect[:2] for sheet in (a, b) for formula in sheet.formulas if formula.rect.size == 1}
    others = changed - results - (singles & (before ^ after))
    changes = _fold("constants", a, b, others) if constants else []
    return changes + (_fold("values", a, b, results) if values else [])


def _fold(kind: str, a: Sheet, b: Sheet, cells: Iterable[tuple[int, int]]) -> list[Change]:
    return [
        Change(kind, b.name, rect, a=a.grid.read(rect).astype(object), b=b.grid.read(rect).astype(object))
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


def _formula_cells(sheet: Sheet, among: set[tuple[int, int]]) -> set[tuple[int, int]]:
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


def fold(
    cells: Iterable[tuple[int, int]], key: Callable[[tuple[int, int]], Hashable] = lambda cell: None
) -> list[Rect]:
    """Rectangles that hold exactly these cells, row by row; each holds cells of one key."""
    runs: list[tuple[Rect, Hashable]] = []
    for cell in sorted(cells):
        last, last_key = runs[-1] if runs else (None, None)
        if last and (last.bottom, last.right + 1) == cell and key(cell) == last_key:
            runs[-1] = last.union(at(*cell)), last_key
        else:
            runs.append((at(*cell), key(cell)))
    return _stack(runs)


def _stack(runs: Iterable[tuple[Rect, Hashable]]) -> list[Rect]:
    """Runs of cells of one row each, put together where they are equally wide and lie under one another."""
    open_runs: dict[tuple[int, int, Hashable], Rect] = {}  # (left, right, key) -> the rectangle that may grow
    done: list[Rect] = []
    for run, key in runs:
        place = run.left, run.right, key
        above = open_runs.get(place)
        if above and above.bottom == run.top - 1:
            open_runs[place] = above.union(run)
        else:
            if above:
                done.append(above)
            open_runs[place] = run
    return sorted([*done, *open_runs.values()])

"""An indexed book: numbered sheets, numbered formulas, and who fills which cells."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property, reduce
from itertools import chain

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect, split_sheet
from sheetgpt.book.book import Book, Formula
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import FormulaError, WorkbookError
from sheetgpt.evaluator.index import areas
from sheetgpt.evaluator.index.areas import Areas, shared_area
from sheetgpt.evaluator.index.clock import Clock
from sheetgpt.evaluator.index.displayed import Displayed
from sheetgpt.evaluator.index.near_part import near_part
from sheetgpt.evaluator.index.other_books import kept_names, kept_sheets
from sheetgpt.evaluator.index.rect_index import Pairs, RectIndex
from sheetgpt.evaluator.index.subtotals import LeftOut
from sheetgpt.evaluator.index.table_index import TableIndex
from sheetgpt.formula import Name, Reference, Reference3D, TableReference, formula_bar, operand

_A1 = Rect(1, 1, 1, 1)

NameKey = tuple[str, str]  # sheet, or "" for a name of the workbook; name


class IndexedBook:
    """The sheets and formulas of a book, each with a number from 0.

    Formulas are numbered by sheet, row and column, whatever order the book has them in.
    """

    def __init__(self, book: Book, clock: Clock | None = None) -> None:
        self.book = book
        self.clock = clock or Clock()
        self.displayed = Displayed.of(book)
        self.sheets = list(book.sheets)
        self.sheet_number = {name.lower(): number for number, name in enumerate(self.sheets)}
        self.tables = TableIndex(book.tables, self.sheet_number)
        self.grids = [sheet.grid for sheet in book.sheets.values()]
        self._defined = {_key(*split_sheet(name)): text.removeprefix("=") for name, text in book.names.items()}
        self._link(book)
        self.formulas: list[Formula] = []
        self.sheet_of: list[int] = []
        for number, sheet in enumerate(book.sheets.values()):
            self.formulas += sorted(sheet.formulas, key=lambda formula: formula.rect)
            self.sheet_of += [number] * len(sheet.formulas)
        corners = chain.from_iterable([formula.rect for formula in self.formulas])
        self.rects = np.fromiter(corners, np.int64, 4 * len(self.formulas)).reshape(-1, 4)
        self.sheet_array = np.array(self.sheet_of, dtype=np.int64)
        self.gone: set[int] = set()  # formulas that a value has replaced
        self._starts: list[int] = np.searchsorted(self.sheet_array, np.arange(len(self.sheets) + 1)).tolist()
        self.indexes = [self._index(number) for number in range(len(self.sheets))]
        self._filled = [self._filled_part(number) for number in range(len(self.sheets))]
        for number, grid in enumerate(self.grids):
            if near := near_part(self.rects[self._starts[number] : self._starts[number + 1]]):
                grid.reserve(near)
        self._used = [self._used_part(number) for number in range(len(self.sheets))]
        self._constants: dict[tuple[int, Rect], tuple[int, np.ndarray]] = {}  # with the version of the grid
        self._fillers: dict[tuple[int, Rect], list[int]] = {}
        self._seen = [-1] * len(self.sheets)  # versions of the grids

    @cached_property
    def left_out(self) -> LeftOut:
        """What SUBTOTAL and AGGREGATE leave out."""
        return LeftOut(self.book)

    def place(self, formula: int) -> tuple[str, Rect]:
        """The sheet of a formula, and the cells that it fills."""
        return self.sheets[self.sheet_of[formula]], self.formulas[formula].rect

    def where(self, formula: int) -> str:
        """A formula's place for messages: "Sheet1!B7:D7"."""
        sheet, rect = self.place(formula)
        return f"{sheet}!{rect}"

    def shown(self, formula: int) -> str:
        """A formula as the formula bar shows it."""
        content = self.formulas[formula]
        sheet, tables = self.sheets[self.sheet_of[formula]], self.book.tables
        around = [name for name, one in tables.items() if one.sheet == sheet and one.rect.contains(content.rect)]
        text = formula_bar.shown(content.text, around)
        return f"{{={text}}}" if content.array and not content.dynamic else f"={text}"

    def read(self, where: Areas) -> np.ndarray:
        """The values of cells, maybe a view; what else than numbers sheets without formulas hold is kept."""
        if not isinstance(where.sheets, int) or self.indexes[where.sheets] is not None:
            return areas.read(self.grids, where)
        key, version = where.rects()[0], self.grids[where.sheets].version
        known = self._constants.get(key)
        if known is not None and known[0] == version:
            return known[1]
        values = areas.read(self.grids, where)
        self._constants[key] = version, values
        return values

    def write(self, where: Areas, values: np.ndarray, plain: bool) -> None:
        """Put values into cells; `plain` says that these hold nothing but numbers now."""
        areas.write(self.grids, where, values, plain)

    def reserve(self) -> None:
        """Let each grid reach to the last cell of its sheet's formulas at once, not row after row."""
        for grid, filled in zip(self.grids, self._filled, strict=True):
            if filled:
                grid.extent = filled if grid.extent is None else grid.extent.union(filled)
                corner = filled.bottom, filled.right
                if grid[corner] is None:
                    grid[corner] = 0.0
                    grid[corner] = None

    def textual(self) -> set[int]:
        """The formulas among whose cells some hold anything else than a number, of the sheets that have changed."""
        found: set[int] = set()
        for sheet, grid in enumerate(self.grids):
            if grid.version != self._seen[sheet] and self.indexes[sheet] and grid.others:
                corners = np.array(list(grid.others), dtype=np.int64)
                found.update(self.pairs(sheet, np.concatenate((corners, corners), axis=1)).found.tolist())
        return found

    def note_versions(self) -> None:
        """What the cells hold now is known: `textual` asks no more but those sheets that change from here on."""
        self._seen = [grid.version for grid in self.grids]

    def forget(self, sheet: int | None = None) -> None:
        """Cells of a sheet (or of any) have changed from outside."""
        for number in range(len(self.sheets)) if sheet is None else [sheet]:
            self._used[number] = self._used_part(number)

    def clip(self, where: Areas, beside: Collection[int] = ()) -> Areas:
        """Whole columns and rows cut off where the used part of their sheets, and of those beside them, ends."""
        if where.rows < MAX_ROWS and where.columns < MAX_COLUMNS:
            return where
        used = [self._used[sheet] for sheet in {*np.atleast_1d(where.sheets).tolist(), *beside}]
        return areas.clip(where, Rect(1, 1, max(rect.bottom for rect in used), max(rect.right for rect in used)))

    def pairs(self, sheet: int, rects: np.ndarray) -> Pairs:
        """Which formulas fill cells of which of the rectangles, an (n, 4) array, of a sheet."""
        index = self.indexes[sheet]
        return index.pairs(rects) if index else Pairs(np.empty(0, np.int64), np.empty(0, np.int64))

    def fillers(self, sheet: int, rect: Rect) -> list[int]:
        """The formulas that fill cells of a rectangle."""
        found = self._fillers.get((sheet, rect))
        if found is None:
            found = self.pairs(sheet, np.array([rect], dtype=np.int64)).found.tolist()
            self._fillers[sheet, rect] = found
        return [formula for formula in found if formula not in self.gone]

    @cached_property
    def _spills(self) -> dict[tuple[int, int, int], int]:
        """The dynamic formulas by the places of their own cells."""
        formulas = enumerate(zip(self.sheet_of, self.formulas, strict=True))
        return {(sheet, one.rect.top, one.rect.left): number for number, (sheet, one) in formulas if one.dynamic}

    def dynamic_at(self, anchor: tuple[int, int, int]) -> int | None:
        """The dynamic formula whose own cell is at a sheet, row and column."""
        formula = self._spills.get(anchor)
        return None if formula in self.gone else formula

    def spill(self, sheet: int, row: int, column: int) -> Rect | None:
        """A1#: the cells that the dynamic formula in a cell fills, one if it is #SPILL!; None where there is none."""
        formula = self.dynamic_at((sheet, row, column))
        return None if formula is None else self.formulas[formula].rect

    def resolve(self, text: str, sheet: int) -> Areas | ErrorValue:
        """The cells that a reference or a name stands for, seen from a sheet; else #REF!, as INDIRECT gives."""
        if text.endswith("#"):
            anchor = self.resolve(text[:-1].rstrip(), sheet)
            if isinstance(anchor, ErrorValue) or anchor.rows * anchor.columns > 1:
                return ErrorValue.REF
            ((home, rect),) = anchor.rects()
            cells = self.spill(home, rect.top, rect.left)
            return ErrorValue.REF if cells is None else shared_area(home, cells)
        try:
            node = operand(text)
            if isinstance(node, Name):
                target = self.definition(node, sheet)[1]
                node = TableReference(node.name) if target is None else operand(target)
        except FormulaError:
            return ErrorValue.REF
        if isinstance(node, TableReference):
            found = self.tables.cells(node, sheet, None)
            return ErrorValue.REF if isinstance(found, ErrorValue) else shared_area(*found)
        number = self.sheet_of_reference(node, sheet) if isinstance(node, Reference) else None
        if number is not None and number >= len(self.book.sheets):
            number = None  # of another workbook: INDIRECT reaches open ones only
        if number is None or not isinstance(node, Reference):
            return ErrorValue.REF
        return shared_area(number, node.rect)

    def definition(self, name: Name, sheet: int) -> tuple[NameKey, str | None]:
        """The key of a name in a formula of a sheet, and what it refers to; None if it is not defined.

        A name of that sheet, or of the sheet before the name, goes before a name of the workbook.
        """
        local, plain = _key(name.sheet or self.sheets[sheet], name.name)
        whole = local[: local.find("]") + 1] if local.startswith("[") else ""  # the other workbook of "[1]Data"
        key = (local, plain) if (local, plain) in self._defined else (whole, plain)
        return key, self._defined.get(key)

    def sheet_of_reference(self, reference: Reference, sheet: int) -> int | None:
        """The sheet that a reference in a formula of a sheet points to; None if there is no such sheet."""
        return sheet if reference.sheet is None else self.sheet_number.get(reference.sheet.lower())

    def sheets_of_reference(self, reference: Reference3D) -> range:
        """The sheets from one to another, whichever of them stands first; none if there is one of them only."""
        ends = [self.sheet_number.get(name.lower()) for name in (reference.first, reference.last)]
        known = [number for number in ends if number is not None]
        return range(min(known), max(known) + 1) if len(known) == len(ends) else range(0)

    def _link(self, book: Book) -> None:
        """Let what the file keeps of other workbooks be sheets and names like its own, behind them."""
        for keys, shown, grid in kept_sheets(book.links):
            self.sheet_number |= dict.fromkeys(keys, len(self.sheets))
            self.sheets.append(shown)
            self.grids.append(grid)
        for (sheet, name), text in kept_names(book.links):
            self._defined[_key(sheet, name)] = text

    def _index(self, sheet: int) -> RectIndex | None:
        first, end = self._starts[sheet : sheet + 2]
        if first == end:
            return None
        index = RectIndex(self.rects[first:end], np.arange(first, end))
        if clash := index.clash():
            one, other = map(self.where, clash)
            raise WorkbookError(f"two formulas fill the same cells: {one} and {other}", "remove one of them")
        return index

    def _filled_part(self, sheet: int) -> Rect | None:
        """The smallest rectangle that holds all formulas of a sheet."""
        rects = self.rects[self._starts[sheet] : self._starts[sheet + 1]]
        if not len(rects):
            return None
        top, left = rects[:, :2].min(axis=0).tolist()
        bottom, right = rects[:, 2:].max(axis=0).tolist()
        return Rect(top, left, bottom, right)

    def _used_part(self, sheet: int) -> Rect:
        parts = (self.grids[sheet].extent, self._filled[sheet])
        return reduce(Rect.union, [part for part in parts if part], _A1)


def _key(sheet: str | None, name: str) -> NameKey:
    return (sheet or "").lower(), name.lower()

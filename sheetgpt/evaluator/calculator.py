"""The calculator: keeps the values of a book's formulas true to their inputs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book, Formula
from sheetgpt.book.values import Value
from sheetgpt.errors import CircularReferenceError, UsageError
from sheetgpt.evaluator.batch.array_results import differs
from sheetgpt.evaluator.data_tables import changed_tables, refuse_part, tables_of
from sheetgpt.evaluator.engine import Engine
from sheetgpt.evaluator.index.clock import DEFAULT_SEED, Clock
from sheetgpt.evaluator.scenarios.function import AsFunction
from sheetgpt.evaluator.schedule.spills import own_cell, put_in, retracted
from sheetgpt.evaluator.sources import Sources, sources_of, unrepeatable
from sheetgpt.evaluator.taken_over import TakenOver, taken_over

Place = str | tuple[str, Rect]  # "Sheet1!B7" or a defined name; or sheet and rectangle


class Calculator(Engine, AsFunction):
    """Calculates the formulas of a book, all or only those that a change reaches.

    Values are written into the grids of the book. While a calculator is in use, cells are to be changed
    through `set`, or all is to be recalculated. With `calculated` the values that the formulas have are
    taken to be right, as those in a file are; otherwise the first `update` calculates everything. `now` is the time
    for NOW and TODAY, by default the one at which a calculation begins; RAND and its kin draw by the `seed`, other
    numbers in each calculation.

    Raises UnsupportedFunctionError, naming the functions that are lacking and the cells that use them,
    FormulaSyntaxError, and WorkbookError where formulas overlap. Without `strict`, a formula that cannot be calculated
    (nor one in a circle) stops nothing: its value is taken over as the book has it, and so is what depends on it;
    `taken_over` says what that is and why.
    """

    def __init__(
        self,
        book: Book,
        calculated: bool = False,
        now: datetime | None = None,
        seed: int = DEFAULT_SEED,
        strict: bool = True,
    ) -> None:
        super().__init__(book, calculated, now, seed, strict)
        self._old_tables: dict[tuple[str, Rect], str] = {}

    @property
    def sources(self) -> Sources:
        """What else than cells the values come of: the clock, random numbers, and the time and seed they had."""
        return sources_of(self.graph)

    def unrepeatable(self, known: Collection[str] = ()) -> dict[str, list[Rect]]:
        """The formulas that another calculation may give other values, as those with NOW: sheet -> their cells.

        What comes of `known` sources alone, "the clock" or "random numbers", can be repeated.
        """
        return unrepeatable(self.graph, known)

    @property
    def taken_over(self) -> TakenOver:
        """What the last calculation did not calculate, and why; with `strict`, only what it took from elsewhere."""
        return taken_over(self.graph, self._kept, self._circles, self._old_tables)

    def recalculate(self, keep: bool = True) -> None:
        """Calculate all formulas; raises CircularReferenceError after all that can be calculated is.

        Without `strict`, what depends on values that are taken over keeps its own value as long as its inputs do; with
        `keep` off it is calculated from them.
        """
        self.workbook.forget()
        self.workbook.clock.begin()
        self._textual |= self.workbook.textual()
        self._run(set(range(len(self.workbook.formulas))) - self.workbook.gone, compare=False, keep=keep)
        self._fill_tables()

    def update(self) -> int:
        """Calculate the formulas that changes have reached; returns how many were calculated.

        A formula whose inputs turn out to have kept their values is not calculated, nor what reads it.
        Raises CircularReferenceError after all that can be calculated is.
        """
        self.workbook.clock.begin()
        self._run(self._touched.union(self.graph.volatile) - self.workbook.gone, compare=True)
        return self.statistics.formulas + self._fill_tables()

    def set(self, where: Place, value: Value | np.ndarray) -> None:
        """Put a value (None clears), or an array of them, into cells, in place of formulas that fill them.

        Values are of Python's kinds: a str is always text, whatever it looks like ("1,5", "=B2").
        Raises UsageError for a part of an array formula, AddressError for what is no place in the book.
        """
        sheet, rect = self._locate(where)
        number = self.workbook.sheets.index(sheet)
        refuse_part(self.book, sheet, rect)
        self._remove(number, rect)
        grid, readers = self.book.sheets[sheet].grid, self.graph.readers_of(number, rect)
        before = grid.read(rect).copy() if self._kept else None
        grid.write(rect, value)
        if self.workbook.displayed:
            grid.write(rect, self.workbook.displayed.cells(number, rect, grid.read(rect)))
        self.workbook.forget(number)
        self._changed = True
        self._touched.update(readers, self._blocked(number, rect))
        if self._kept and before is not None and any(differs(before, grid.read(rect), 1)):
            self._kept.note_typed(readers)

    def set_formula(self, where: Place, text: str, array: bool = False, dynamic: bool = False) -> None:
        """Put a formula (text without "=") into cells, in place of what is there; a `dynamic` one fills what it needs.

        Raises UsageError for a part of an array formula, and whatever opening the book raises; the
        book then stays as it was.
        """
        sheet, rect = self._locate(where)
        rect = own_cell(rect) if dynamic else rect
        refuse_part(self.book, sheet, rect)
        self._changed = True
        number = self.workbook.sheets.index(sheet)
        self._check_whole(number, rect)
        before, spilled = self.book.sheets[sheet].formulas, self._spilled(number, rect)
        put_in(self.workbook, retracted(self.workbook, spilled, rect))
        kept = [one for one in self.book.sheets[sheet].formulas if one.rect.intersect(rect) is None]
        self.book.sheets[sheet].formulas = [*kept, Formula(rect, text, array or dynamic, dynamic)]
        cells = [(number, self.workbook.formulas[formula].rect) for formula in spilled]
        try:
            anchor = number, rect.top, rect.left
            self._rebuild([(number, rect), *cells], {*self._anchors(spilled), anchor}, anchor)
        except Exception:
            self.book.sheets[sheet].formulas = before
            raise
        for _, old in cells:
            self.book.sheets[sheet].grid.write(old, None)

    def as_before(self) -> Collection[tuple[str, Rect]]:
        """The cells (sheet, rectangle) of formulas and tables that are as they were before the last calculation."""
        return () if self._kept is None else self._kept.as_before() | frozenset(self._old_tables)

    def reasons(self) -> dict[tuple[str, Rect], str]:
        """Why the last calculation cannot say what the formulas in some cells (sheet, rectangle) come to."""
        restless = [formula for circle in self._circles if not circle.at_rest for formula in circle.formulas]
        around = dict.fromkeys(
            map(self.workbook.place, self.graph.reached(restless)), "a circle that does not come to rest"
        )
        return around | (self._kept.reasons_by_place() if self._kept else {})

    def knows(self, where: tuple[str, Rect]) -> bool:
        """Whether what some cells hold now is what their formulas come to, or rests on what is taken over."""
        if self._kept is None:
            return True
        old = any(sheet == where[0] and rect.intersect(where[1]) for sheet, rect in self._old_tables)
        return not (old and self._changed) and self._kept.knows(self.workbook.sheets.index(where[0]), where[1])

    def precedents(self, sheet: str, rect: Rect) -> list[tuple[str, Rect]]:
        """What the formulas in some cells read, as far as their texts say: (sheet, rectangle), in order."""
        found: dict[tuple[str, Rect], None] = {}
        for formula in self.workbook.fillers(self.workbook.sheets.index(sheet), rect):
            for area in self.graph.areas_of[formula]:
                ((number, cells),) = self.graph.area(area).rects()
                found[self.workbook.sheets[number], cells] = None
        return list(found)

    def dependents(self, sheet: str, rect: Rect) -> list[tuple[str, Rect]]:
        """The formulas that read any of some cells, as far as their texts say: (sheet, rectangle)."""
        found = self.graph.readers_of(self.workbook.sheets.index(sheet), rect)
        alive = sorted(set(found) - self.workbook.gone)
        return list(map(self.workbook.place, alive))

    def _locate(self, where: Place) -> tuple[str, Rect]:
        if isinstance(where, str):
            return self.book.locate(where)
        if where[0] not in self.book.sheets:
            raise UsageError(f"there is no sheet {where[0]!r}", "the book has: " + ", ".join(self.workbook.sheets[:12]))
        return where

    def _check_whole(self, sheet: int, rect: Rect) -> list[int]:
        """The formulas in some cells; raises UsageError if one reaches beyond them."""
        formulas = self.workbook.fillers(sheet, rect)
        for formula in formulas:
            content = self.workbook.formulas[formula]
            if not content.dynamic and not rect.contains(content.rect):
                raise UsageError(
                    f"{rect} is part of the array formula in {self.workbook.where(formula)}",
                    "change all of its cells together",
                )
        return formulas

    def _spilled(self, sheet: int, rect: Rect) -> list[int]:
        """The dynamic formulas that fill some cells, and others too."""
        found = [(formula, self.workbook.formulas[formula]) for formula in self.workbook.fillers(sheet, rect)]
        return [formula for formula, content in found if content.dynamic and not rect.contains(content.rect)]

    def _remove(self, sheet: int, rect: Rect) -> None:
        self._check_whole(sheet, rect)
        if spilled := self._spilled(sheet, rect):
            cells = [(sheet, self.workbook.formulas[formula].rect) for formula in spilled]
            for _, old in cells:
                self.workbook.grids[sheet].write(old, None)
            put_in(self.workbook, retracted(self.workbook, spilled, rect))
            self._rebuild(cells, self._anchors(spilled))
        gone = self.workbook.fillers(sheet, rect)
        if gone:
            self.workbook.gone.update(gone)
            if self._kept:
                self._kept.forget(gone)
            self._trails.clear()
            self._touched.difference_update(gone)
            content = self.book.sheets[self.workbook.sheets[sheet]]
            content.formulas = [formula for formula in content.formulas if formula.rect.intersect(rect) is None]

    def _fill_tables(self) -> int:
        """Calculate the what-if tables and what reads them, until nothing changes; returns how many formulas."""
        calculated, tables = 0, tables_of(self.book)
        self._old_tables.clear()
        old = None if self._kept is None else self._old_tables
        for _ in range(len(tables) + 1):
            changed = list(changed_tables(tables, self.graph, self._inner, old)) if tables else []
            if not changed:
                self._note_old_tables()
                return calculated
            for sheet, rect, values in changed:
                number = self.workbook.sheets.index(sheet)
                self.book.sheets[sheet].grid.write(rect, values)
                self.workbook.forget(number)
                self._touched.update(readers := self.graph.readers_of(number, rect))
                if self._kept:
                    self._kept.note_typed(readers)
            self._run(self._touched - self.workbook.gone, compare=True)
            calculated += self.statistics.formulas
        raise CircularReferenceError("data tables depend on themselves", "let their formulas read none of their cells")

    def _note_old_tables(self) -> None:
        """What reads tables that could not be calculated is not known once anything in the book has changed."""
        if self._kept and self._changed:
            for sheet, rect in self._old_tables:
                readers = self.graph.readers_of(self.workbook.sheets.index(sheet), rect)
                self._kept.unknown[self.graph.reached(readers)] = True

    def _inner(self, book: Book, clock: Clock) -> Calculator:
        """A calculator of a copy of the book, inside a calculation."""
        calculator = Calculator(book, calculated=True, strict=self._kept is None)
        calculator.workbook.clock = clock
        if self._kept:
            calculator.inherit(self._kept, self.workbook)
        return calculator


def recalculate(book: Book) -> None:
    """Calculate all formulas of a book; raises what `Calculator` and its `recalculate` do."""
    Calculator(book).recalculate()

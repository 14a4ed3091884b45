"""The calculator: keeps the values of a book's formulas true to their inputs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book, Formula
from sheetgpt.book.values import Value
from sheetgpt.errors import CircularReferenceError, UsageError
from sheetgpt.evaluator.compile.bulk_binder import bind_all
from sheetgpt.evaluator.data_tables import changed_tables, refuse_part, tables_of
from sheetgpt.evaluator.graph.dependency_graph import DependencyGraph
from sheetgpt.evaluator.index.clock import DEFAULT_SEED, Clock
from sheetgpt.evaluator.index.indexed_book import IndexedBook
from sheetgpt.evaluator.schedule.executor import Executor, Statistics
from sheetgpt.evaluator.schedule.replay import Trail, Walk
from sheetgpt.evaluator.schedule.scheduler import Scheduler
from sheetgpt.evaluator.schedule.spills import (
    Anchor,
    Spills,
    anchor_of,
    own_cell,
    perhaps_blocked,
    put_in,
    retracted,
    settle,
)
from sheetgpt.evaluator.sources import Sources, sources_of, unrepeatable

Numbers = set[int]
Anchors = set[Anchor]
Place = str | tuple[str, Rect]  # "Sheet1!B7" or a defined name; or sheet and rectangle


class Calculator:
    """Calculates the formulas of a book, all or only those that a change reaches.

    Values are written into the grids of the book. While a calculator is in use, cells are to be changed
    through `set`, or all is to be recalculated. With `calculated` the values that the formulas have are
    taken to be right, as those in a file are; otherwise the first `update` calculates everything. `now` is the time
    for NOW and TODAY, by default the one at which a calculation begins; RAND and its kin draw by the `seed`, other
    numbers in each calculation.

    Raises UnsupportedFunctionError, naming the functions that are lacking and the cells that use them,
    FormulaSyntaxError, and WorkbookError where formulas overlap.
    """

    def __init__(
        self, book: Book, calculated: bool = False, now: datetime | None = None, seed: int = DEFAULT_SEED
    ) -> None:
        self.book = book
        self.statistics = Statistics()
        self.workbook = IndexedBook(book, Clock(now, seed))
        self.graph = DependencyGraph(self.workbook)
        self._textual = self.workbook.textual()
        self._trails: dict[frozenset[int], Trail] = {}  # the one used last at the end
        self._spills = Spills()
        everything = set(range(len(self.workbook.formulas)))
        self._touched = perhaps_blocked(self.workbook) if calculated else everything

    @property
    def sources(self) -> Sources:
        """What else than cells the values come of: the clock, random numbers, and the time and seed they had."""
        return sources_of(self.graph)

    def unrepeatable(self, known: Collection[str] = ()) -> dict[str, list[Rect]]:
        """The formulas that another calculation may give other values, as those with NOW: sheet -> their cells.

        What comes of `known` sources alone, "the clock" or "random numbers", can be repeated.
        """
        return unrepeatable(self.graph, known)

    def recalculate(self) -> None:
        """Calculate all formulas; raises CircularReferenceError after all that can be calculated is."""
        self.workbook.forget()
        self.workbook.clock.begin()
        self._textual |= self.workbook.textual()
        self._run(set(range(len(self.workbook.formulas))) - self.workbook.gone, compare=False)
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
        grid = self.book.sheets[sheet].grid
        grid.write(rect, value)
        if self.workbook.displayed:
            grid.write(rect, self.workbook.displayed.cells(number, rect, grid.read(rect)))
        self.workbook.forget(number)
        self._touched.update(self.graph.readers_of(number, rect), self._blocked(number, rect))

    def set_formula(self, where: Place, text: str, array: bool = False, dynamic: bool = False) -> None:
        """Put a formula (text without "=") into cells, in place of what is there; a `dynamic` one fills what it needs.

        Raises UsageError for a part of an array formula, and whatever opening the book raises; the
        book then stays as it was.
        """
        sheet, rect = self._locate(where)
        rect = own_cell(rect) if dynamic else rect
        refuse_part(self.book, sheet, rect)
        number = self.workbook.sheets.index(sheet)
        self._check_whole(number, rect)
        before, spilled = self.book.sheets[sheet].formulas, self._spilled(number, rect)
        put_in(self.workbook, retracted(self.workbook, spilled, rect))
        kept = [one for one in self.book.sheets[sheet].formulas if one.rect.intersect(rect) is None]
        self.book.sheets[sheet].formulas = [*kept, Formula(rect, text, array or dynamic, dynamic)]
        cells = [(number, self.workbook.formulas[formula].rect) for formula in spilled]
        try:
            self._rebuild([(number, rect), *cells], {*self._anchors(spilled), (number, rect.top, rect.left)})
        except Exception:
            self.book.sheets[sheet].formulas = before
            raise
        for _, old in cells:
            self.book.sheets[sheet].grid.write(old, None)

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
        return [(self.workbook.sheets[number], cells) for number, cells in map(self._key, alive)]

    def _key(self, formula: int) -> tuple[int, Rect]:
        return self.workbook.sheet_of[formula], self.workbook.formulas[formula].rect

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

    def _blocked(self, sheet: int, rect: Rect) -> Numbers:
        """The formulas that are #SPILL! and would fill some cells."""
        found = map(self.workbook.dynamic_at, self._spills.met(sheet, rect) if self._spills.blocked else ())
        return {formula for formula in found if formula is not None}

    def _anchors(self, formulas: Iterable[int]) -> Anchors:
        return {anchor_of(self.workbook, formula) for formula in formulas}

    def _rebuild(self, concerned: Sequence[tuple[int, Rect]], touched: Anchors) -> None:
        """Index the book anew, whose formulas fill other cells now: formulas in and readers of these are touched."""
        readers = [self.graph.readers_of(*cells) + self.graph.mentions_of(*cells) for cells in concerned]
        touched = touched | self._anchors(self._touched.union(*readers))
        workbook = IndexedBook(self.book, self.workbook.clock)
        graph = DependencyGraph(workbook)
        self.workbook, self.graph, self._textual = workbook, graph, workbook.textual()
        self._trails.clear()
        everything = range(len(workbook.formulas))
        self._touched = {formula for formula in everything if anchor_of(workbook, formula) in touched}
        for cells in concerned:
            self._touched.update(graph.readers_of(*cells), graph.mentions_of(*cells), self._blocked(*cells))

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
            self._trails.clear()
            self._touched.difference_update(gone)
            content = self.book.sheets[self.workbook.sheets[sheet]]
            content.formulas = [formula for formula in content.formulas if formula.rect.intersect(rect) is None]

    def _run(self, touched: Collection[int], compare: bool) -> None:
        """Calculate formulas with new inputs and what they reach; and again while dynamic ones need other cells."""
        self._spills.changes.clear()
        self._spills.resized.clear()
        self._run_once(touched, compare)
        done = self.statistics
        while self._spills.resized:
            done.formulas += len(self._spills.resized)
            self._touched.difference_update(self._spills.resized)
            self._rebuild(settle(self.workbook, self._spills), set())
            self._run_once(self._touched, compare=True)
            done.add(self.statistics)
        self.statistics = done

    def _run_once(self, touched: Collection[int], compare: bool) -> None:
        """Calculate formulas with new inputs and what they reach: by the trail of the last time, as far as it goes.

        Where dynamic formulas turn out to need other cells, what reads them is left to do.
        """
        work = Executor(self.graph, self._textual, compare, self._spills)
        self.statistics = work.statistics
        self.workbook.reserve()
        trail = self._trail(touched)
        walk = Walk(work, trail, touched)
        left, schedule = walk.todo, None
        try:
            end = walk.run()
            if end:
                schedule = Scheduler(work, walk.todo, walk.todo & walk.touched)
                left = schedule.todo
                schedule.run()
        finally:
            self._touched = set(np.flatnonzero(left).tolist()).union(self._spills.resized)
            self.workbook.note_versions()
        if end and schedule and not self._spills.resized:
            if circle := schedule.circle():
                raise _circular(self.workbook, circle)
            end.go_on(schedule.events)

    def _fill_tables(self) -> int:
        """Calculate the what-if tables and what reads them, until nothing changes; returns how many formulas."""
        calculated, tables = 0, tables_of(self.book)
        for _ in range(len(tables) + 1):
            changed = list(changed_tables(tables, self.graph, self._inner)) if tables else []
            if not changed:
                return calculated
            for sheet, rect, values in changed:
                number = self.workbook.sheets.index(sheet)
                self.book.sheets[sheet].grid.write(rect, values)
                self.workbook.forget(number)
                self._touched.update(self.graph.readers_of(number, rect))
            self._run(self._touched - self.workbook.gone, compare=True)
            calculated += self.statistics.formulas
        raise CircularReferenceError("data tables depend on themselves", "let their formulas read none of their cells")

    @staticmethod
    def _inner(book: Book, clock: Clock) -> Calculator:
        """A calculator of a copy of the book, inside a calculation."""
        calculator = Calculator(book, calculated=True)
        calculator.workbook.clock = clock
        return calculator

    def _trail(self, touched: Collection[int]) -> Trail:
        """What changes of these formulas' inputs reach, and the order in which it was calculated before, if it was."""
        key = frozenset(touched)
        trail = self._trails.pop(key, None)
        if trail is None:
            todo = np.zeros(len(self.workbook.formulas), dtype=bool)
            todo[self.graph.reached(touched)] = True
            todo[list(self.workbook.gone)] = False
            trail = Trail(todo)
        if not self.graph.volatile:  # else what reads what is not known beforehand
            self._trails[key] = trail
            if len(self._trails) > _TRAILS:
                del self._trails[next(iter(self._trails))]
        return trail


def recalculate(book: Book) -> None:
    """Calculate all formulas of a book; raises what `Calculator` and its `recalculate` do."""
    Calculator(book).recalculate()


def find_unsupported(book: Book) -> dict[str, list[tuple[str, Rect]]]:
    """The functions in a book that cannot be calculated, with the (sheet, cells) of each formula that uses them."""
    workbook = IndexedBook(book)
    return {
        name: [(workbook.sheets[workbook.sheet_of[number]], workbook.formulas[number].rect) for number in numbers]
        for name, numbers in bind_all(workbook).missing().items()
    }


def _circular(workbook: IndexedBook, circle: list[int]) -> CircularReferenceError:
    steps = [f"{workbook.where(formula)} {workbook.shown(formula)}" for formula in circle[:_SHOWN]]
    more = f" -> ... {len(circle) - _SHOWN} more" if len(circle) > _SHOWN else ""
    return CircularReferenceError(
        "formulas wait for each other: " + " -> ".join(steps) + more + f" -> {workbook.where(circle[0])}",
        "each formula reads the next one; let one of them read something else",
    )


_TRAILS = 16  # kinds of changes of which the order of calculation is remembered
_SHOWN = 20  # formulas of a circle that are listed

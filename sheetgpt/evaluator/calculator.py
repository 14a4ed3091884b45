"""The calculator: keeps the values of a book's formulas true to their inputs."""

from __future__ import annotations

from collections.abc import Collection
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
from sheetgpt.evaluator.sources import Sources, sources_of, unrepeatable

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
        self._touched = set(range(0 if calculated else len(self.workbook.formulas)))

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
        self._touched.update(self.graph.readers_of(number, rect))

    def set_formula(self, where: Place, text: str, array: bool = False) -> None:
        """Put a formula (text without "=") into cells, in place of what is there.

        Raises UsageError for a part of an array formula, and whatever opening the book raises; the
        book then stays as it was.
        """
        sheet, rect = self._locate(where)
        refuse_part(self.book, sheet, rect)
        self._check_whole(self.workbook.sheets.index(sheet), rect)
        formulas = self.book.sheets[sheet].formulas
        touched = {self._key(formula) for formula in self._touched}
        kept = [formula for formula in formulas if formula.rect.intersect(rect) is None]
        self.book.sheets[sheet].formulas = [*kept, Formula(rect, text, array)]
        try:
            workbook = IndexedBook(self.book, self.workbook.clock)
            graph = DependencyGraph(workbook)
        except Exception:
            self.book.sheets[sheet].formulas = formulas
            raise
        self.workbook, self.graph, self._textual = workbook, graph, workbook.textual()
        self._trails.clear()
        number = self.workbook.sheets.index(sheet)
        everything = enumerate(map(self._key, range(len(self.workbook.formulas))))
        self._touched = {formula for formula, key in everything if key in touched or key == (number, rect)}
        self._touched.update(self.graph.readers_of(number, rect))

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
            if not rect.contains(self.workbook.formulas[formula].rect):
                raise UsageError(
                    f"{rect} is part of the array formula in {self.workbook.where(formula)}",
                    "change all of its cells together",
                )
        return formulas

    def _remove(self, sheet: int, rect: Rect) -> None:
        gone = self._check_whole(sheet, rect)
        if gone:
            self.workbook.gone.update(gone)
            self._trails.clear()
            self._touched.difference_update(gone)
            content = self.book.sheets[self.workbook.sheets[sheet]]
            content.formulas = [formula for formula in content.formulas if formula.rect.intersect(rect) is None]

    def _run(self, touched: Collection[int], compare: bool) -> None:
        """Calculate formulas with new inputs and what they reach: by the trail of the last time, as far as it goes."""
        work = Executor(self.graph, self._textual, compare)
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
            self._touched = set(np.flatnonzero(left).tolist())
            self.workbook.note_versions()
        if end and schedule:
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

"""The engine of a calculator: runs calculations over a book's formulas, and indexes the book anew where they move."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book
from sheetgpt.evaluator.graph.dependency_graph import DependencyGraph
from sheetgpt.evaluator.index.clock import Clock
from sheetgpt.evaluator.index.indexed_book import IndexedBook
from sheetgpt.evaluator.schedule.circles import Circle, circular_error, settle_circles
from sheetgpt.evaluator.schedule.executor import Executor, Statistics
from sheetgpt.evaluator.schedule.kept import KeepingExecutor, Kept
from sheetgpt.evaluator.schedule.replay import Trails, Walk
from sheetgpt.evaluator.schedule.scheduler import Scheduler
from sheetgpt.evaluator.schedule.spills import Anchor, Spills, anchor_of, by_anchor, perhaps_blocked, settle
from sheetgpt.evaluator.schedule.stored_values import StoredValues
from sheetgpt.evaluator.schedule.taking_over import TakingOver

Numbers = set[int]
Anchors = set[Anchor]


class Engine:
    """What a `Calculator` knows of its book from one calculation to the next, and how it calculates.

    `_kept` is None where formulas that cannot be calculated are refused.
    """

    def __init__(self, book: Book, calculated: bool, now: datetime | None, seed: int, strict: bool) -> None:
        self.book = book
        self.statistics = Statistics()
        self.workbook = IndexedBook(book, Clock(now, seed))
        self.graph = DependencyGraph(self.workbook, strict)
        self._kept = None if strict else Kept(self.graph)
        self._circles: list[Circle] = []
        self._textual = self.workbook.textual()
        self._trails = Trails()
        self._spills = Spills()
        self._changed = False  # whether any cell was typed over, or came to another value than the stored one
        everything = set(range(len(self.workbook.formulas)))
        self._touched = perhaps_blocked(self.workbook) if calculated else everything
        if calculated and self._kept:
            self._touched.update(self._kept.note_reached())

    def _key(self, formula: int) -> tuple[int, Rect]:
        return self.workbook.sheet_of[formula], self.workbook.formulas[formula].rect

    def _blocked(self, sheet: int, rect: Rect) -> Numbers:
        """The formulas that are #SPILL! and would fill some cells."""
        found = map(self.workbook.dynamic_at, self._spills.met(sheet, rect) if self._spills.blocked else ())
        return {formula for formula in found if formula is not None}

    def _anchors(self, formulas: Iterable[int]) -> Anchors:
        return {anchor_of(self.workbook, formula) for formula in formulas}

    def _rebuild(self, concerned: Sequence[tuple[int, Rect]], touched: Anchors, new: Anchor | None = None) -> None:
        """Index the book anew, whose formulas fill other cells now: formulas in and readers of these are touched.

        The formula at `new` was not there before.
        """
        readers = [self.graph.readers_of(*cells) + self.graph.mentions_of(*cells) for cells in concerned]
        touched = touched | self._anchors(self._touched.union(*readers))
        workbook = IndexedBook(self.book, self.workbook.clock)
        graph = DependencyGraph(workbook, self._kept is None)
        numbers = by_anchor(self.workbook)
        self.workbook, self.graph, self._textual = workbook, graph, workbook.textual()
        self._trails.clear()
        here = by_anchor(workbook)
        self._touched = {formula for anchor, formula in here.items() if anchor in touched}
        for cells in concerned:
            self._touched.update(graph.readers_of(*cells), graph.mentions_of(*cells), self._blocked(*cells))
        if self._kept:
            self._renew(self._kept, numbers, concerned, new)

    def _renew(
        self, known: Kept, numbers: dict[Anchor, int], concerned: Sequence[tuple[int, Rect]], new: Anchor | None
    ) -> None:
        """What is known of formulas that are taken over, for the new graph; `numbers` are those of the old one."""
        here = by_anchor(self.workbook)
        self._kept = Kept(self.graph)
        if new is not None:
            self._kept.put_in(here.pop(new))
        self._kept.inherit(known, {numbers[anchor]: formula for anchor, formula in here.items() if anchor in numbers})
        for cells in concerned:
            self._kept.note_typed(self.graph.readers_of(*cells))

    def inherit(self, known: Kept, workbook: IndexedBook) -> None:
        """Take over what is known of the formulas of the book of which this one has a copy."""
        if self._kept:
            there = by_anchor(workbook)
            self._kept.inherit(known, {there[anchor]: formula for anchor, formula in by_anchor(self.workbook).items()})
            self._touched.update(self._kept.note_reached())

    def _run(self, touched: Collection[int], compare: bool, keep: bool = True) -> None:
        """Calculate formulas with new inputs and what they reach; and again while dynamic ones need other cells."""
        self._spills.changes.clear()
        self._spills.resized.clear()
        self._circles = []
        self._run_once(touched, compare, keep)
        done = self.statistics
        while self._spills.resized:
            done.formulas += len(self._spills.resized)
            self._touched.difference_update(self._spills.resized)
            self._rebuild(settle(self.workbook, self._spills), set())
            self._touched.update(self.graph.volatile)  # they may have read cells that are filled only now
            self._run_once(self._touched, True, keep)
            done.add(self.statistics)
        self.statistics = done

    def _run_once(self, touched: Collection[int], compare: bool, keep: bool) -> None:
        """Calculate formulas with new inputs and what they reach.

        Where dynamic formulas turn out to need other cells, what reads them is left to do.
        """
        self.workbook.reserve()
        if self._kept is None:
            self._run_strictly(touched, compare)
        elif self._kept.taken.any() or self.book.iteration:
            self._run_taking_over(touched, self._kept, keep)
        else:
            stored = StoredValues(self.workbook)
            try:
                self._run_strictly(touched, compare)
                if not self._spills.resized:
                    self._kept.note_all_calculated()
            except MemoryError:
                raise
            except Exception:  # whatever one formula has, it stops no other
                stored.put_back()
                self._spills.resized.clear()
                self._textual |= self.workbook.textual()
                self._run_taking_over(touched, self._kept, keep)

    def _run_strictly(self, touched: Collection[int], compare: bool) -> None:
        """As `_run_once`, by the trail of the last time, as far as it goes."""
        work = Executor(self.graph, self._textual, compare, self._spills)
        self.statistics = work.statistics
        walk = Walk(work, self._trails.find(self.graph, touched), touched)
        left, schedule = walk.todo, None
        try:
            end = walk.run()
            if end:
                schedule = Scheduler(work, walk.todo, walk.todo & walk.touched)
                left = schedule.todo
                schedule.run()
                if self.book.iteration and not self._spills.resized:
                    self._circles += settle_circles(schedule, self.book.iteration)
        finally:
            self._touched = set(np.flatnonzero(left).tolist()).union(self._spills.resized)
            self.workbook.note_versions()
        if end and schedule and not self._spills.resized:
            if circle := schedule.circle():
                raise circular_error(self.workbook, circle)
            if self._circles:
                self._trails.clear()  # the times that a circle takes are not those of the next time
            else:
                end.go_on(schedule.events)

    def _run_taking_over(self, touched: Collection[int], kept: Kept, keep: bool) -> None:
        """As `_run_once`; what cannot be calculated stays as it is."""
        work = KeepingExecutor(self.graph, self._textual, self._spills)
        self.statistics = work.statistics
        touched = {*touched, *self.graph.bindings.refused} - self.workbook.gone
        todo, marks = self.graph.marks_reached(touched), np.zeros(len(self.workbook.formulas), dtype=bool)
        marks[list(touched)] = True
        schedule = TakingOver(work, todo, marks, kept, self.book.iteration, keep)
        schedule.run()
        self._circles += schedule.circles
        self._changed = self._changed or schedule.any_moved
        if self._spills.resized:
            kept.note_begun(todo & ~schedule.todo, schedule.moved_inputs(), schedule.any_moved)
        else:
            kept.note_calculated(todo, schedule.todo)
            self._note_sizes_not_known(kept)
        self._touched = set(np.flatnonzero(schedule.todo).tolist()).union(self._spills.resized)
        self._trails.clear()
        self.workbook.note_versions()

    def _note_sizes_not_known(self, kept: Kept) -> None:
        """Where a dynamic formula is not known, its size is not: nor is what asks for that, as ROWS(A1#) does."""
        for formula in np.flatnonzero(kept.unknown).tolist():
            if self.workbook.formulas[formula].dynamic:
                kept.unknown[self.graph.reached(self.graph.mentions_of(*self._key(formula)))] = True

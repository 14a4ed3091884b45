"""The order of one calculation: formulas as soon as they are ready, those of one group together.

A formula is ready when all areas that it reads for certain are known. If some that it reads perhaps are
not, it is tried alone: it succeeds, or learns which formulas it has to wait for. Of the groups that are
ready, the one that lies earliest in the flow of the workbook comes first (see `order`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from heapq import heappop, heappush

import numpy as np

from sheetgpt.evaluator.batch import NotReadyError, SplitError
from sheetgpt.evaluator.cells import Areas
from sheetgpt.evaluator.trail import Event
from sheetgpt.evaluator.work import Guard, Work


class Schedule:
    """One calculation of the formulas marked in `todo`, of which those in `touched` have new inputs.

    Formulas in `todo` that are not touched are calculated only if a formula before them changes. `events` is what
    was done, in order.
    """

    def __init__(self, work: Work, todo: np.ndarray, touched: Iterable[int]) -> None:
        self.work = work
        self.graph = graph = work.graph
        self.workbook = work.workbook
        self.events: list[Event] = []
        self.todo = bytearray(todo.astype(np.uint8).tobytes())
        self.touched = bytearray(len(todo))
        for formula in touched:
            self.touched[formula] = 1
        fills = graph.fills[todo[graph.fills[:, 0]]]
        pending = np.bincount(fills[:, 1], minlength=len(graph.areas))
        waits = graph.certain[pending[graph.certain[:, 1]] > 0]
        self.missing: list[int] = np.bincount(waits[:, 0], minlength=len(todo)).tolist()
        self.pending: list[int] = pending.tolist()
        self.fresh = bytearray(len(graph.areas))
        self.depth = [0] * len(todo)
        self.unfinished: list[int] = np.bincount(
            self.workbook.sheet_array[todo], minlength=len(self.workbook.sheets)
        ).tolist()
        self.waiting_for: dict[int, list[int]] = {}
        self.waiters: dict[int, list[int]] = {}
        self.ready: dict[int, list[int]] = {}
        self.urgency: dict[int, tuple[int, int]] = {}
        self.queue: list[tuple[tuple[int, int], int]] = []

    def run(self) -> None:
        """Calculate all that can be; what then is left in `todo` waits in a circle."""
        for formula in np.flatnonzero(np.frombuffer(self.todo, np.uint8)).tolist():
            if not self.missing[formula]:
                self._enqueue(formula)
        with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
            while self.queue:
                urgency, group = heappop(self.queue)
                if self.urgency.get(group) == urgency:
                    del self.urgency[group]
                    self._take(sorted(self.ready.pop(group)))

    def _enqueue(self, formula: int) -> None:
        group = self.graph.group_of[formula]
        urgency = (self.graph.rank_of[formula], self.depth[formula])
        self.ready.setdefault(group, []).append(formula)
        if group not in self.urgency or urgency < self.urgency[group]:
            self.urgency[group] = urgency
            heappush(self.queue, (urgency, group))

    def _take(self, formulas: list[int]) -> None:
        """Calculate ready formulas of one group: together if all they may read is known, else alone."""
        plan = self.graph.plan_of[formulas[0]]
        lazy = self.graph.lazy_areas
        known, together = [], []
        for formula in formulas:
            if any(self.pending[area] for area in lazy[formula]):
                self.events.append((formula, self._try_alone(formula)))
                continue
            known.append(formula)
            if self.touched[formula]:
                together.append(formula)
            else:
                self._finish([formula], [False])
        if known:
            self.events.append(known)
        if together:
            self._calculate(together, self._guard if plan.volatile else None)

    def _calculate(self, formulas: list[int], guard: Guard | None) -> None:
        """Calculate formulas of one group in one batch, or in several where they do not go the same way."""
        try:
            places = self.work.places(formulas)
            most = self.work.most_members(places)
            if len(formulas) > most:
                for start in range(0, len(formulas), most):
                    self._calculate(formulas[start : start + most], guard)
                return
            changed = self.work.evaluate(formulas, places, guard)
        except SplitError as split:
            for part in _parts(formulas, split.labels):
                self._calculate(part, guard)
        except NotReadyError:
            for formula in formulas:
                self._try_alone(formula)
        else:
            self._finish(formulas, changed)

    def _try_alone(self, formula: int) -> bool:
        """Calculate one formula; where it needs cells that are not known, let it wait for them and return False."""
        try:
            changed = self.work.evaluate([formula], self.work.places([formula]), self._guard)
        except NotReadyError as need:
            self._wait(formula, need.formulas)
            return False
        self._finish([formula], changed)
        return True

    def _wait(self, formula: int, needed: list[int]) -> None:
        self.work.statistics.waits += 1
        self.waiting_for[formula] = needed
        self.missing[formula] = len(needed)
        for other in needed:
            self.waiters.setdefault(other, []).append(formula)

    def _guard(self, where: Areas) -> None:
        """Raise NotReadyError if some of the cells are not calculated yet."""
        for sheet, rect in where.rects():
            if self.unfinished[sheet]:
                open_ones = [formula for formula in self.workbook.fillers(sheet, rect) if self.todo[formula]]
                if open_ones:
                    raise NotReadyError(open_ones)

    def _finish(self, formulas: list[int], changed: list[bool]) -> None:
        """Note that formulas are calculated, and let those go on that waited for them."""
        feeds, pending, sheet_of = self.graph.feeds, self.pending, self.workbook.sheet_of
        for formula, has_changed in zip(formulas, changed, strict=True):
            self.todo[formula] = 0
            self.unfinished[sheet_of[formula]] -= 1
            for area in feeds[formula]:
                pending[area] -= 1
                if has_changed:
                    self.fresh[area] = 1
                if not pending[area]:
                    self._complete(area, self.depth[formula] + 1)
            if formula in self.waiters:
                for waiter in self.waiters.pop(formula):
                    self._release(waiter, self.depth[formula] + 1)

    def _complete(self, area: int, depth: int) -> None:
        """All cells of an area are known."""
        if self.fresh[area]:
            for reader in self.graph.readers[area]:
                self.touched[reader] = 1
        for reader in self.graph.certain_readers[area]:
            if self.todo[reader]:
                self._release(reader, depth)

    def _release(self, formula: int, depth: int) -> None:
        """One thing less for a formula to wait for."""
        if depth > self.depth[formula]:
            self.depth[formula] = depth
        self.missing[formula] -= 1
        if not self.missing[formula]:
            self.waiting_for.pop(formula, None)
            self._enqueue(formula)

    def circle(self) -> list[int]:
        """Formulas that wait for one another, in their order; empty if nothing is left to do."""
        formula = self.todo.find(1)
        path: dict[int, None] = {}
        while formula >= 0 and formula not in path:
            path[formula] = None
            formula = self._blocker(formula)
        listed = list(path)
        return listed[listed.index(formula) :] if listed else []

    def _blocker(self, formula: int) -> int:
        """A formula that another one waits for."""
        if formula in self.waiting_for:
            return next(other for other in self.waiting_for[formula] if self.todo[other])
        area = next(area for area in self.graph.certain_areas[formula] if self.pending[area])
        return next(other for other in self.graph.fed_by[area] if self.todo[other])


def _parts(formulas: list[int], labels: Iterable[Hashable]) -> list[list[int]]:
    """Formulas grouped by their labels."""
    parts: dict[Hashable, list[int]] = {}
    for formula, label in zip(formulas, labels, strict=True):
        parts.setdefault((type(label), label), []).append(formula)
    return list(parts.values())

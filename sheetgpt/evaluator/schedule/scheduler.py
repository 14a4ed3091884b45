"""The scheduler: formulas are calculated as soon as they are ready, those of one group together.

A formula is ready when all areas that it reads for certain are known. If some that it reads perhaps are
not, it is tried alone: it succeeds, or learns which formulas it has to wait for. Of the groups that are
ready, the one that lies earliest in the flow of the workbook comes first (see `graph.ranking`).
"""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import islice, takewhile

import numpy as np

from sheetgpt.evaluator.batch.batch import NotReadyError
from sheetgpt.evaluator.compile.plan import Reading
from sheetgpt.evaluator.graph.chains import LEAST, chain_of
from sheetgpt.evaluator.index.areas import Areas
from sheetgpt.evaluator.index.rect_index import distinct
from sheetgpt.evaluator.schedule.executor import Executor, Guard
from sheetgpt.evaluator.schedule.replay import Event
from sheetgpt.evaluator.schedule.stretches import MOST, InTurn, calculate_stretch


def together(parts: list[np.ndarray]) -> np.ndarray:
    """The formulas of several lists in ascending order."""
    return distinct(parts[0] if len(parts) == 1 else np.concatenate(parts))


_UNCHANGED = np.zeros(1, dtype=bool)


class Scheduler:
    """One calculation of the formulas marked in `todo`, of which those in `touched` have new inputs.

    Formulas in `todo` that are not touched are calculated only if a formula before them changes. `events` is what
    was done, in order.
    """

    def __init__(self, work: Executor, todo: np.ndarray, touched: np.ndarray) -> None:
        self.work = work
        self.graph = graph = work.graph
        self.workbook = work.workbook
        self.events: list[Event] = []
        self.todo, self.touched = todo.copy(), touched.copy()
        self.all_touched = bool(touched[todo].all())
        fills = graph.fills[todo[graph.fills[:, 0]]]
        self.pending = np.bincount(fills[:, 1], minlength=len(graph.area_sheet))
        waits = graph.certain[self.pending[graph.certain[:, 1]] > 0]
        self.missing = np.bincount(waits[:, 0], minlength=len(todo))
        self.fresh = np.zeros(len(graph.area_sheet), dtype=bool)
        self.area_depth = np.zeros(len(graph.area_sheet), dtype=np.int64)
        self.depth = np.zeros(len(todo), dtype=np.int64)
        self.unfinished = np.bincount(self.workbook.sheet_array[todo], minlength=len(self.workbook.sheets))
        self.waiting_for: dict[int, list[int]] = {}
        self.waiters: dict[int, list[int]] = {}
        self.ready: dict[int, list[np.ndarray]] = {}
        self.urgency: dict[int, tuple[int, int]] = {}
        self.queue: list[tuple[tuple[int, int], int]] = []

    def run(self) -> None:
        """Calculate all that can be; what then is left in `todo` waits in a circle."""
        self._enqueue(np.flatnonzero(self.todo & (self.missing == 0)))
        with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
            while self.queue:
                urgency, group = heappop(self.queue)
                if self.urgency.get(group) == urgency:
                    del self.urgency[group]
                    self._take(together(self.ready.pop(group)))

    def _enqueue(self, formulas: np.ndarray) -> None:
        """Note that formulas are ready, each under its group, which is as urgent as the most urgent of them."""
        if not len(formulas):
            return
        groups, ranks, depths = self.graph.group_of[formulas], self.graph.rank_of[formulas], self.depth[formulas]
        if len(formulas) == 1:
            self._put(int(groups[0]), (int(ranks[0]), int(depths[0])), formulas)
            return
        order = np.lexsort((depths, ranks, groups))
        formulas, groups = formulas[order], groups[order]
        starts = [0, *(np.flatnonzero(groups[1:] != groups[:-1]) + 1).tolist()]
        for start, end in zip(starts, [*starts[1:], len(formulas)], strict=True):
            group, first = int(groups[start]), order[start]
            self._put(group, (int(ranks[first]), int(depths[first])), formulas[start:end])

    def _put(self, group: int, urgency: tuple[int, int], formulas: np.ndarray) -> None:
        self.ready.setdefault(group, []).append(formulas)
        if group not in self.urgency or urgency < self.urgency[group]:
            self.urgency[group] = urgency
            heappush(self.queue, (urgency, group))

    def _take(self, formulas: np.ndarray) -> None:
        """Calculate ready formulas of one group: together if all they may read is known, else alone."""
        plan = self.graph.plan_of[formulas[0]]
        if plan.scalar and len(formulas) == 1 and self._take_stretch(int(formulas[0])):
            return
        if Reading.PERHAPS in plan.reads and self.pending[self.graph.lazy_areas.of_all(formulas).found].any():
            formulas = self._take_alone(formulas)
        if not len(formulas):
            return
        self.events.append(formulas.tolist())
        formulas = formulas[self.todo[formulas]]
        touched = self.touched[formulas]
        if not touched.all():
            self.finish(formulas[~touched], np.zeros(np.count_nonzero(~touched), dtype=bool))
            formulas = formulas[touched]
        if len(formulas):
            self._calculate(formulas, self._guard if plan.volatile else None)

    def _take_stretch(self, formula: int) -> bool:
        """Calculate a ready formula and those of its chain after it; returns whether there is such a chain."""
        ready = self.todo[formula] and self.touched[formula] and self._may_be_in_stretch(formula)
        chain = chain_of(self.graph, formula) if ready else None
        if chain is None:
            return False
        formulas = [formula, *islice(takewhile(self._waits_for_one, chain.after(formula)), MOST - 1)]
        changed = calculate_stretch(self.work, chain, formulas) if len(formulas) >= LEAST else []
        if not changed:
            return False
        done = np.array(formulas[: len(changed)], dtype=np.int64)
        self.events.append(InTurn(done.tolist()))
        self.depth[done] = self.depth[formula] + np.arange(len(done))
        self.finish(done, np.array(changed))
        return True

    def _waits_for_one(self, formula: int) -> bool:
        """Whether all that a formula reads is known but for one area."""
        return bool(self.todo[formula] and self.missing[formula] == 1) and self._may_be_in_stretch(formula)

    def _may_be_in_stretch(self, formula: int) -> bool:
        """Whether nothing but one area is to be waited for, nor anything to be asked of what the formula reads."""
        return formula not in self.waiting_for

    def _take_alone(self, formulas: np.ndarray) -> np.ndarray:
        """Try those formulas alone, in turn, that may read what is not known; returns the others, some of them done."""
        known = []
        for formula in formulas.tolist():
            if any(self.pending[area] for area in self.graph.lazy_areas[formula]):
                self.events.append((formula, self._try_alone(formula)))
            else:
                known.append(formula)
                if not self.touched[formula]:
                    self.finish(np.array([formula]), _UNCHANGED)
        return np.array(known, dtype=np.int64)

    def _calculate(self, formulas: np.ndarray, guard: Guard | None) -> None:
        """Calculate formulas of one group, together where that can be."""
        for batch, changed in self.work.calculate(formulas.tolist(), self.work.places(formulas), guard):
            if changed is None:
                for formula in batch:
                    self._try_alone(formula)
            else:
                self.finish(np.array(batch), np.array(changed))

    def _try_alone(self, formula: int) -> bool:
        """Calculate one formula; where it needs cells that are not known, let it wait for them and return False."""
        try:
            changed = self.work.try_alone(formula, self._guard)
        except NotReadyError as need:
            self._wait(formula, need.formulas)
            return False
        self.finish(np.array([formula]), np.array([changed]))
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

    def finish(self, formulas: np.ndarray, changed: np.ndarray) -> None:
        """Note that formulas are calculated, and let those go on that waited for them."""
        if len(formulas) == 1:
            self._finish_one(int(formulas[0]), bool(changed[0]))
        else:
            self._finish_several(formulas, changed)
        if self.waiters:
            for formula in formulas.tolist():
                waiters = np.array(self.waiters.pop(formula, ()), dtype=np.int64)
                self._release(waiters, np.full(len(waiters), self.depth[formula] + 1))

    def _finish_one(self, formula: int, changed: bool) -> None:
        """What `_finish_several` does, without arrays, which cost more for one formula."""
        self.todo[formula] = False
        self.unfinished[self.workbook.sheet_of[formula]] -= 1
        known = []
        for area in self.graph.feeds[formula]:
            self.pending[area] -= 1
            if changed:
                self.fresh[area] = True
            if not self.pending[area]:
                known.append(area)
        if known:
            areas = np.array(known, dtype=np.int64)
            self.area_depth[areas] = self.depth[formula] + 1
            self._complete(areas)

    def _finish_several(self, formulas: np.ndarray, changed: np.ndarray) -> None:
        self.todo[formulas] = False
        np.subtract.at(self.unfinished, self.workbook.sheet_array[formulas], 1)
        owners, areas = self.graph.feeds.of_all(formulas)
        np.subtract.at(self.pending, areas, 1)
        if not self.all_touched:
            self.fresh[areas[changed[owners]]] = True
        known = np.flatnonzero(self.pending[areas] == 0)
        if len(known):
            # The last formula that fills cells of an area says how deep those lie that read it.
            self.area_depth[areas[known]] = self.depth[formulas[owners[known]]] + 1
            self._complete(distinct(areas[known]))

    def _complete(self, areas: np.ndarray) -> None:
        """All cells of some areas are known."""
        if not self.all_touched:
            self.touched[self.graph.readers.of_all(areas[self.fresh[areas]]).found] = True
        owners, readers = self.graph.certain_readers.of_all(areas)
        waiting = self.todo[readers]
        self._release(readers[waiting], self.area_depth[areas[owners[waiting]]])

    def _release(self, formulas: np.ndarray, depths: np.ndarray) -> None:
        """One thing less for each formula to wait for."""
        if not len(formulas):
            return
        np.maximum.at(self.depth, formulas, depths)
        np.subtract.at(self.missing, formulas, 1)
        ready = distinct(formulas[self.missing[formulas] == 0])
        if len(ready):
            for formula in ready.tolist() if self.waiting_for else ():
                self.waiting_for.pop(formula, None)
            self._enqueue(ready)

    def circle(self) -> list[int]:
        """Formulas that wait for one another, in their order; empty if nothing is left to do."""
        left = np.flatnonzero(self.todo)
        if not len(left):
            return []
        formula = int(left[0])
        path: dict[int, None] = {}
        while formula not in path:
            path[formula] = None
            formula = self._blocker(formula)
        listed = list(path)
        return listed[listed.index(formula) :]

    def _blocker(self, formula: int) -> int:
        """A formula that another one waits for."""
        if formula in self.waiting_for:
            return next(other for other in self.waiting_for[formula] if self.todo[other])
        area = next(area for area in self.graph.certain_areas[formula] if self.pending[area])
        return next(other for other in self.graph.fed_by[area] if self.todo[other])

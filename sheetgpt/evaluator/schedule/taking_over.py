"""The scheduler of a book in which some formulas cannot be calculated: their stored values are taken over.

Such a formula is passed, as one that is calculated already, once all that it reads is known and has not moved.
Otherwise it stays open, and so does all that waits for it, as in a circle. What reads a value that is taken over keeps
its own stored value too, unless something else that it reads has moved: then it is calculated.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.links import Iteration
from sheetgpt.evaluator.batch.batch import NotReadyError
from sheetgpt.evaluator.compile.plan import Reading
from sheetgpt.evaluator.graph.dependency_graph import Links
from sheetgpt.evaluator.index.areas import Areas
from sheetgpt.evaluator.index.rect_index import distinct
from sheetgpt.evaluator.schedule.circles import Circle, circles, finish_circle, iterate
from sheetgpt.evaluator.schedule.executor import Guard
from sheetgpt.evaluator.schedule.kept import KeepingExecutor, Kept, reason_of
from sheetgpt.evaluator.schedule.scheduler import Scheduler

_CIRCLE = "a circular reference"


class TakingOver(Scheduler):
    """As `Scheduler`; with `keep` off, what reads values that are taken over is calculated from them.

    `work` is narrowed to an executor that sees what moves. `circles` are those that were calculated.
    """

    work: KeepingExecutor

    def __init__(
        self,
        work: KeepingExecutor,
        todo: np.ndarray,
        touched: np.ndarray,
        kept: Kept,
        iteration: Iteration | None,
        keep: bool,
    ) -> None:
        super().__init__(work, todo, touched)
        self.all_touched = False  # what has changed is asked of each formula
        self.kept, self.iteration, self.keep = kept, iteration, keep
        self.circles: list[Circle] = []
        fills = self.graph.fills
        self.area_rests = np.zeros(len(self.pending), dtype=bool)
        self.area_rests[fills[(kept.rests & ~self.todo)[fills[:, 0]], 1]] = True
        self.area_moved = np.zeros(len(self.pending), dtype=bool)
        self.any_moved = kept.any_typed
        self.put_off: list[np.ndarray] = []  # formulas that are taken over and may read what is still to move
        self.met = False  # whether a value that rests on others was read

    def run(self) -> None:
        """Calculate all that can be; what then is left in `todo` is not known."""
        super().run()
        while self._pass_put_off() or self._pass_circle():
            super().run()

    def moved_inputs(self) -> np.ndarray:
        """Marks at the formulas that are left open of which an input has moved."""
        marks = np.zeros(len(self.todo), dtype=bool)
        left = np.flatnonzero(self.todo)
        marks[left] = _any(self.graph.areas_of, self.area_moved, left)
        return marks

    def finish(self, formulas: np.ndarray, changed: np.ndarray) -> None:
        owners, areas = self.graph.feeds.of_all(formulas)
        moved = self.work.moved[formulas]
        self.kept.passed[formulas] = False
        self.area_rests[areas[self.kept.rests[formulas][owners]]] = True
        self.area_moved[areas[moved[owners]]] = True
        self.any_moved = self.any_moved or bool(moved.any())
        super().finish(formulas, changed)

    def _take(self, formulas: np.ndarray) -> None:
        formulas = formulas[self.todo[formulas]]
        taken = self.kept.taken[formulas]
        if taken.any():
            self._take_over(formulas[taken])
            formulas = formulas[~taken]
        if self.keep and len(formulas):
            formulas = self._keep(formulas)
        if len(formulas):
            super()._take(formulas)

    def _may_be_in_stretch(self, formula: int) -> bool:
        if self.kept.taken[formula] or self.kept.rests[formula] or not super()._may_be_in_stretch(formula):
            return False
        return not any(self.area_rests[area] for area in self.graph.areas_of[formula])

    def _take_over(self, formulas: np.ndarray) -> None:
        """Pass formulas that are taken over, if their inputs are known and as they were; else leave them open."""
        later = self.kept.reads_unseen(formulas) | self._waits(formulas)
        self.put_off.append(formulas[later])
        formulas = formulas[~later]
        self._pass(formulas[~self._is_stale(formulas)])

    def _waits(self, formulas: np.ndarray) -> np.ndarray:
        """For each formula whether it may read what is not known."""
        return _any(self.graph.lazy_areas, self.pending > 0, formulas)

    def _is_stale(self, formulas: np.ndarray) -> np.ndarray:
        """For each formula whether its value may be that of before a change."""
        kept = self.kept
        stale: np.ndarray = (kept.unknown | kept.typed)[formulas] | _any(self.graph.areas_of, self.area_moved, formulas)
        return stale | kept.reads_unseen(formulas) if self.any_moved else stale

    def _pass(self, formulas: np.ndarray) -> None:
        if len(formulas):
            self.finish(formulas, np.zeros(len(formulas), dtype=bool))
            self.kept.passed[formulas] = True

    def _pass_put_off(self) -> bool:
        """Pass those that were put off, now that nothing else is ready; whether there were any."""
        if not self.put_off:
            return False
        formulas = distinct(np.concatenate(self.put_off))
        self.put_off.clear()
        formulas = formulas[self.todo[formulas]]
        formulas = formulas[~self._waits(formulas) & ~self._is_stale(formulas)]
        self._pass(formulas)
        return len(formulas) > 0

    def _pass_circle(self) -> bool:
        """Calculate circles, or take their stored values over; whether there were any that could be passed."""
        found = False
        for formulas in () if self.work.spills.resized else circles(self):  # else some wait for other cells
            if self.iteration and not self.kept.taken[formulas].any():
                found = self._iterate(formulas, self.iteration) or found
            else:
                found = self._take_circle_over(formulas) or found
        return found

    def _iterate(self, formulas: list[int], iteration: Iteration) -> bool:
        self.kept.rests[formulas] = self._any(self.area_rests, formulas).any()
        new = bool((self._any(self.area_moved, formulas) | self.kept.typed[formulas]).any())
        circle = iterate(self, formulas, iteration, may_rest=not new)
        if circle is None:
            return self._take_circle_over(formulas)
        self.circles.append(circle)
        return True

    def _take_circle_over(self, formulas: list[int]) -> bool:
        for formula in formulas:
            if not self.kept.taken[formula]:
                self.kept.take_over(formula, _CIRCLE)
        if self._is_stale(np.array(formulas)).any():
            return False
        finish_circle(self, formulas, np.zeros(len(formulas), dtype=bool))
        return True

    def _keep(self, formulas: np.ndarray) -> np.ndarray:
        """Pass those of one group that rest on others, have a value, and nothing that they read has moved."""
        if self.graph.plan_of[formulas[0]].volatile:
            return formulas
        lazy = self.graph.lazy_areas
        kept = self._any(self.area_rests, formulas) & ~(self.kept.typed | self.kept.unknown)[formulas]
        kept &= ~self._any(self.area_moved, formulas) & ~_any(lazy, self.area_moved, formulas) & ~self._waits(formulas)
        kept[kept] = [not self.kept.is_blank(formula) for formula in formulas[kept].tolist()]
        if kept.any():
            self.kept.rests[formulas[kept]] = True
            self._pass(formulas[kept])
        left: np.ndarray = formulas[~kept]
        return left

    def _any(self, marks: np.ndarray, formulas: np.ndarray | list[int]) -> np.ndarray:
        """For each formula whether any area that it reads for certain has a mark."""
        return _any(self.graph.certain_areas, marks, np.asarray(formulas))

    def _guard(self, where: Areas) -> None:
        rects: dict[int, list[Rect]] = {}
        for sheet, rect in where.rects():
            rects.setdefault(sheet, []).append(rect)
        for sheet, some in rects.items():
            fillers = self.workbook.fillers(sheet, some[0]) if len(some) == 1 else self._fillers(sheet, some)
            if len(fillers):
                if self.todo[fillers].any():
                    raise NotReadyError([other for other in fillers if self.todo[other]])
                self.met = self.met or bool(self.kept.rests[fillers].any())

    def _fillers(self, sheet: int, rects: list[Rect]) -> list[int]:
        gone, found = self.workbook.gone, self.workbook.pairs(sheet, np.array(rects, dtype=np.int64)).found
        return [formula for formula in distinct(found).tolist() if formula not in gone]

    def _calculate(self, formulas: np.ndarray, guard: Guard | None) -> None:
        plan = self.graph.plan_of[formulas[0]]
        self.kept.rests[formulas] = self._any(self.area_rests, formulas)
        if plan.volatile or (Reading.PERHAPS in plan.reads and self._may_rest(formulas).any()):
            guard = self._guard
        try:
            self._calculate_together(formulas, guard)
        except MemoryError:
            raise
        except Exception:  # of one of them; which one it is they say alone
            for formula in formulas[self.todo[formulas]].tolist():
                self._try_alone(formula)

    def _calculate_together(self, formulas: np.ndarray, guard: Guard | None) -> None:
        plan, self.met = self.graph.plan_of[formulas[0]], False
        for batch, changed in self.work.calculate(formulas.tolist(), self.work.places(formulas), guard):
            if changed is None:
                for formula in batch:
                    self._try_alone(formula)
            else:
                if self.met:
                    self._ask_alone(np.array(batch), plan.volatile)
                self.finish(np.array(batch), np.array(changed))
            self.met = False

    def _may_rest(self, formulas: np.ndarray) -> np.ndarray:
        """For each formula whether what it may read rests on others."""
        return _any(self.graph.lazy_areas, self.area_rests, formulas)

    def _ask_alone(self, formulas: np.ndarray, all_of_them: bool) -> None:
        """Calculate formulas once more one by one, to see which of them read what rests on others."""
        for formula in formulas if all_of_them else formulas[self._may_rest(formulas)]:
            self.met = False
            self.work.try_alone(int(formula), self._guard)
            self.kept.rests[formula] |= self.met

    def _try_alone(self, formula: int) -> bool:
        self.kept.rests[formula] = self._any(self.area_rests, [formula])[0]
        self.met = False
        try:
            changed = self.work.try_alone(formula, self._guard)
        except NotReadyError as need:
            self._wait(formula, need.formulas)
            return False
        except MemoryError:
            raise
        except Exception as error:  # whatever it is, the other formulas are calculated
            self.kept.take_over(formula, reason_of(error))
            self._take_over(np.array([formula]))
            return False
        self.kept.rests[formula] |= self.met
        self.finish(np.array([formula]), np.array([changed]))
        return True


def _any(links: Links, marks: np.ndarray, formulas: np.ndarray) -> np.ndarray:
    found = np.zeros(len(formulas), dtype=bool)
    owners, areas = links.of_all(formulas)
    found[owners[marks[areas]]] = True
    return found

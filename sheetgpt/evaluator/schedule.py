"""The order of one calculation: formulas as soon as they are ready, those of one group together.

A formula is ready when all areas that it reads for certain are known. If some that it reads perhaps are
not, it is tried alone: it succeeds, or learns which formulas it has to wait for. Of the groups that are
ready, the one that lies earliest in the flow of the workbook comes first (see `order`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from sheetgpt.evaluator.batch import Batch, NotReadyError, SplitError
from sheetgpt.evaluator.cells import Areas
from sheetgpt.evaluator.graph import Graph
from sheetgpt.evaluator.results import differs, fit

_MOST_CELLS = 1 << 24  # values that one operand of a batch may have: 128 MB


@dataclass
class Statistics:
    """What one calculation took: formulas calculated, batches, and trials that had to wait."""

    formulas: int = 0
    batches: int = 0
    waits: int = 0


class Schedule:
    """One calculation of the formulas marked in `todo`, of which those in `touched` have new inputs.

    Formulas in `todo` that are not touched are calculated only if a formula before them changes; with
    `compare` off all changes count, even to the same value.
    """

    def __init__(
        self, graph: Graph, todo: np.ndarray, touched: Iterable[int], textual: set[int], compare: bool
    ) -> None:
        self.graph = graph
        self.workbook = graph.workbook
        self.statistics = Statistics()
        self.textual = textual
        self.compare = compare
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
        together = []
        for formula in formulas:
            known = not any(self.pending[area] for area in lazy[formula])
            if known and not self.touched[formula]:
                self._finish([formula], [False])
            elif known:
                together.append(formula)
            else:
                self._try_alone(formula)
        if together:
            self._calculate(together, self._guard if plan.volatile else None)

    def _calculate(self, formulas: list[int], guard: Callable[[Areas], None] | None) -> None:
        """Calculate formulas of one group in one batch, or in several where they do not go the same way."""
        try:
            position, holes = self._places(formulas)
            most = self._most_members(position, holes)
            if len(formulas) > most:
                for start in range(0, len(formulas), most):
                    self._calculate(formulas[start : start + most], guard)
                return
            changed = self._evaluate(formulas, position, holes, guard)
        except SplitError as split:
            for part in _parts(formulas, split.labels):
                self._calculate(part, guard)
        except NotReadyError:
            for formula in formulas:
                self._try_alone(formula)
        else:
            self._finish(formulas, changed)

    def _try_alone(self, formula: int) -> None:
        """Calculate one formula; where it needs cells that are not known, let it wait for them."""
        position, holes = self._places([formula])
        try:
            changed = self._evaluate([formula], position, holes, self._guard)
        except NotReadyError as need:
            self._wait(formula, need.formulas)
        else:
            self._finish([formula], changed)

    def _wait(self, formula: int, needed: list[int]) -> None:
        self.statistics.waits += 1
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

    def _places(self, formulas: list[int]) -> tuple[Areas, list[Areas]]:
        """The cells that formulas of one group fill, and those that their holes stand for."""
        graph, workbook = self.graph, self.workbook
        first = formulas[0]
        rows, columns = workbook.formulas[first].rect.shape
        if len(formulas) == 1:
            top, left, _, _ = workbook.formulas[first].rect
            holes = [graph.areas[area] for area in graph.areas_of[first]]
            return Areas(workbook.sheet_of[first], top, left, rows, columns), holes
        rects = workbook.rects[formulas]
        position = Areas(workbook.sheet_array[formulas], rects[:, 0], rects[:, 1], rows, columns)
        areas = np.array([graph.areas_of[formula] for formula in formulas], dtype=np.int64)
        return position, [self._hole(areas[:, hole]) for hole in range(areas.shape[1])]

    def _hole(self, areas: np.ndarray) -> Areas:
        first = self.graph.areas[int(areas[0])]
        if (areas == areas[0]).all():
            return first
        rects = self.graph.area_rect[areas]
        return Areas(self.graph.area_sheet[areas], rects[:, 0], rects[:, 1], first.rows, first.columns)

    def _most_members(self, position: Areas, holes: list[Areas]) -> int:
        """How many formulas fit into one batch."""
        own = [hole.rows * hole.columns for hole in holes if not isinstance(hole.tops, int)]
        return max(1, _MOST_CELLS // max([position.rows * position.columns, *own]))

    def _evaluate(
        self, formulas: list[int], position: Areas, holes: list[Areas], guard: Callable[[Areas], None] | None
    ) -> list[bool]:
        """Calculate a batch and write its values; returns for each member whether they changed."""
        batch = Batch(self.workbook, position, holes, guard)
        values = fit(self._values(formulas[0], batch), position.rows, position.columns)
        changed = [True] * len(formulas)
        if self.compare:
            changed = differs(self.workbook.read(position), values, len(formulas))
        self.workbook.write(position, values, not self.textual or self.textual.isdisjoint(formulas))
        if values.dtype == np.float64:
            self.textual.difference_update(formulas)
        else:
            self.textual.update(formulas)
        self.statistics.batches += 1
        self.statistics.formulas += len(formulas)
        return changed

    def _values(self, formula: int, batch: Batch) -> np.ndarray:
        calculate = self.graph.plan_of[formula].calculate
        assert calculate is not None, "formulas with functions that are missing are refused before"
        try:
            return calculate(batch)
        except (SplitError, NotReadyError):
            raise
        except Exception as error:
            error.add_note(f"while calculating {self.workbook.where(formula)}: {self.workbook.shown(formula)}")
            raise

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

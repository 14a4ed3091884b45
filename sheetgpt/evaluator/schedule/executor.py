"""The executor of batches: formulas of one group, where they lie and what they read, their values written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from sheetgpt.evaluator.batch.array_results import differs, fit
from sheetgpt.evaluator.batch.batch import Batch, NotReadyError, SplitError, group_by_label
from sheetgpt.evaluator.graph.dependency_graph import DependencyGraph
from sheetgpt.evaluator.index.areas import Areas
from sheetgpt.evaluator.schedule.spills import Spills, anchor_of

_MOST_CELLS = 1 << 24  # values that one operand of a batch may have: 128 MB

Guard = Callable[[Areas], None]
Places = tuple[Areas, list[Areas]]  # the cells that formulas fill, and those that each of their holes stands for


@dataclass
class Statistics:
    """What one calculation took: formulas calculated, batches, and trials that had to wait."""

    formulas: int = 0
    batches: int = 0
    waits: int = 0

    def add(self, other: Statistics) -> None:
        """What another calculation took besides."""
        self.formulas += other.formulas
        self.batches += other.batches
        self.waits += other.waits


class Executor:
    """What is done in one calculation; with `compare` off all values count as changed.

    `textual` are the formulas among whose cells some hold anything else than a number; it is kept up to date.
    """

    def __init__(self, graph: DependencyGraph, textual: set[int], compare: bool, spills: Spills | None = None) -> None:
        self.graph = graph
        self.workbook = graph.workbook
        self.textual = textual
        self.compare = compare
        self.spills = spills or Spills()
        self.statistics = Statistics()

    def places(self, formulas: np.ndarray) -> Places:
        """The cells that formulas of one group fill, and those that their holes stand for."""
        graph, workbook = self.graph, self.workbook
        first = int(formulas[0])
        rows, columns = workbook.formulas[first].rect.shape
        if len(formulas) == 1:
            top, left, _, _ = workbook.formulas[first].rect
            holes = [graph.area(area) for area in graph.areas_of[first]]
            return Areas(workbook.sheet_of[first], top, left, rows, columns), holes
        rects = workbook.rects[formulas]
        position = Areas(workbook.sheet_array[formulas], rects[:, 0], rects[:, 1], rows, columns)
        areas = graph.areas_of.table(formulas)
        return position, [self._hole(areas[:, hole]) for hole in range(areas.shape[1])]

    def _hole(self, areas: np.ndarray) -> Areas:
        first = self.graph.area(int(areas[0]))
        if (areas == areas[0]).all():
            return first
        rects = self.graph.area_rect[areas]
        return Areas(self.graph.area_sheet[areas], rects[:, 0], rects[:, 1], first.rows, first.columns)

    def calculate(
        self, formulas: list[int], places: Places, guard: Guard | None = None
    ) -> Iterator[tuple[list[int], list[bool] | None]]:
        """Calculate formulas of one group in one batch, or in several: where they are too many, or do not go one way.

        Gives the formulas of each batch when it is done, and which of them have changed; None for a batch that was not
        calculated, because the guard met cells that are not known yet.
        """
        most = self._most_members(places)
        if len(formulas) > most:
            parts = [np.arange(start, min(start + most, len(formulas))) for start in range(0, len(formulas), most)]
        else:
            found, parts = self._attempt(formulas, places, guard)
            if not parts:
                yield formulas, found
                return
        position, holes = places
        for part in parts:
            own = position.part(part), [hole.part(part) for hole in holes]
            yield from self.calculate([formulas[member] for member in part.tolist()], own, guard)

    def _attempt(
        self, formulas: list[int], places: Places, guard: Guard | None
    ) -> tuple[list[bool] | None, list[np.ndarray]]:
        """What `calculate` says of a batch, or the parts that it falls into."""
        try:
            return self._evaluate(formulas, places, guard), []
        except NotReadyError:
            return None, []
        except SplitError as split:
            return None, list(group_by_label([(type(label), label) for label in split.labels]).values())

    def try_alone(self, formula: int, guard: Guard | None) -> bool:
        """Calculate one formula; returns whether it has changed. Raises NotReadyError where the guard does."""
        return self._evaluate([formula], self.places(np.array([formula])), guard)[0]

    def _most_members(self, places: Places) -> int:
        """How many formulas fit into one batch."""
        position, holes = places
        own = [hole.rows * hole.columns for hole in holes if not isinstance(hole.tops, int)]
        return max(1, _MOST_CELLS // max([position.rows * position.columns, *own]))

    def _evaluate(self, formulas: list[int], places: Places, guard: Guard | None) -> list[bool]:
        """Calculate a batch and write its values; returns for each member whether they changed.

        Raises SplitError, and NotReadyError where the guard does; then nothing is written.
        """
        position, holes = places
        if self.graph.plan_of[formulas[0]].dynamic:
            values = self._spilled(formulas, places, guard)
        else:
            batch = Batch(self.workbook, position, holes, guard)
            values = fit(self._values(formulas[0], batch), position.rows, position.columns)
        if self.workbook.displayed:
            values = self.workbook.displayed.rounded(position, values)
        return self.put(formulas, position, values)

    def put(self, formulas: list[int], position: Areas, values: np.ndarray) -> list[bool]:
        """Write the values of formulas into their cells; returns for each formula whether they have changed."""
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

    def _spilled(self, formulas: list[int], places: Places, guard: Guard | None) -> np.ndarray:
        """The values of dynamic formulas; raises NotReadyError where they need other cells than they fill."""
        position, holes = places
        if known := [formula for formula in formulas if formula in self.spills.resized]:
            raise NotReadyError(known)
        own = Areas(position.sheets, position.tops, position.lefts, 1, 1)
        values = self._values(formulas[0], Batch(self.workbook, own, holes, guard))
        if values.shape[-2:] == (position.rows, position.columns):
            for formula in formulas if self.spills.blocked else ():
                self.spills.blocked.pop(anchor_of(self.workbook, formula), None)
            return fit(values, position.rows, position.columns)
        if len(formulas) > 1:
            raise SplitError(formulas)
        return self.spills.take(self.workbook, formulas[0], values)

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

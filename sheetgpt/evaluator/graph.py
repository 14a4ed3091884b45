"""Who reads whom: the formulas of a workbook, the areas that they read, and the formulas that fill these.

Formulas and areas are numbered; a formula feeds the areas whose cells it fills, and an area is read by
formulas. Everything is worked out in bulk, with numpy, when a book is opened.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np

from sheetgpt.address import Rect
from sheetgpt.errors import UnsupportedFunctionError
from sheetgpt.evaluator.binding import Area, bind_all, missing_functions
from sheetgpt.evaluator.cells import Areas
from sheetgpt.evaluator.order import ranks, run_edges, runs
from sheetgpt.evaluator.overlap import distinct_rows
from sheetgpt.evaluator.plan import Reading
from sheetgpt.evaluator.workbook import Workbook

# An area that has more cells than this is not stacked with others in a batch: formulas with different weight
# matrices are different groups, and so are those with different columns of logits for a whole vocabulary.
_LARGE = 4096
_LARGE_IF_FILLED = 32_768  # where formulas fill some of its cells
_SHOWN = 20  # cells listed for each function that is missing


class Links:
    """For each number a list of numbers, packed."""

    def __init__(self, count: int, owners: np.ndarray, targets: np.ndarray) -> None:
        order = np.argsort(owners, kind="stable")
        self._targets = array("q", targets[order].astype(np.int64).tobytes())
        counts = np.bincount(owners, minlength=count)
        self._starts: list[int] = np.concatenate(([0], np.cumsum(counts))).tolist()

    def __getitem__(self, owner: int) -> array[int]:
        return self._targets[self._starts[owner] : self._starts[owner + 1]]

    def count(self) -> np.ndarray:
        """How many targets each has."""
        return np.diff(self._starts)


class Graph:
    """The formulas of a workbook, bound, with all their links.

    Raises UnsupportedFunctionError, with every cell concerned, and FormulaSyntaxError.
    """

    def __init__(self, workbook: Workbook) -> None:
        self.workbook = workbook
        self.plan_of, places = bind_all(workbook)
        if missing := missing_functions(self.plan_of):
            raise _unsupported(workbook, missing)
        self.areas_of: list[tuple[int, ...]] = []
        self._place_areas(self._number_areas(places))
        self._link()
        self.rank_of = self._ranks()
        self.group_of = self._groups()
        self.volatile = [number for number, plan in enumerate(self.plan_of) if plan.volatile]

    def readers_of(self, sheet: int, rect: Rect) -> list[int]:
        """The formulas that read any cell of a rectangle."""
        top, left, bottom, right = self.area_rect.T
        met = (self.area_sheet == sheet) & (top <= rect.bottom) & (bottom >= rect.top)
        met &= (left <= rect.right) & (right >= rect.left)
        return [reader for area in np.flatnonzero(met).tolist() for reader in self.readers[area]]

    def readers_of_formulas(self, formulas: Iterable[int]) -> np.ndarray:
        """The formulas that read the cells of any of some formulas."""
        areas = {area for formula in formulas for area in self.feeds[formula]}
        return np.array(list({reader for area in areas for reader in self.readers[area]}), dtype=np.int64)

    def reached(self, formulas: Iterable[int]) -> list[int]:
        """Some formulas and all that read their values, directly or through others."""
        found = set(formulas)
        stack, areas = list(found), set()
        while stack:
            for area in self.feeds[stack.pop()]:
                if area not in areas:
                    areas.add(area)
                    new = [reader for reader in self.readers[area] if reader not in found]
                    found.update(new)
                    stack += new
        return list(found)

    def _number_areas(self, places: list[tuple[Area, ...]]) -> dict[Area, int]:
        """Give each area a number, and say for each formula which areas its holes stand for."""
        numbers: dict[Area, int] = {}
        for areas in places:
            self.areas_of.append(tuple([numbers.setdefault(area, len(numbers)) for area in areas]))
        return numbers

    def _place_areas(self, listed: Iterable[Area]) -> None:
        """All areas as arrays, and each as `Areas` for the formulas that share it."""
        listed = list(listed)
        self.area_sheet = np.array([sheet for sheet, _ in listed], dtype=np.int64)
        self.area_rect = np.array([rect for _, rect in listed], dtype=np.int64).reshape(-1, 4)
        self.areas = [Areas(sheet, rect.top, rect.left, rect.rows, rect.columns) for sheet, rect in listed]

    def _link(self) -> None:
        formulas, areas = self._fills()
        self.feeds = Links(len(self.plan_of), formulas, areas)
        self.fed_by = Links(len(self.areas), areas, formulas)
        readings = self._readings()
        readings = readings[readings[:, 2] > Reading.NEVER]
        self.readers = self._readers(readings)
        self.certain_readers = self._readers(readings[readings[:, 2] == Reading.CERTAINLY])
        certain = readings[:, 2] == Reading.CERTAINLY
        perhaps = readings[:, 2] == Reading.PERHAPS
        self.certain_areas = Links(len(self.plan_of), readings[certain, 0], readings[certain, 1])
        self.lazy_areas = Links(len(self.plan_of), readings[perhaps, 0], readings[perhaps, 1])
        self.fills = np.stack((formulas, areas), axis=1)
        self.certain = readings[certain, :2]
        self.perhaps = readings[perhaps, :2]

    def _fills(self) -> tuple[np.ndarray, np.ndarray]:
        """(formulas, areas): which formula fills cells of which area."""
        formulas, areas = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for sheet in np.unique(self.workbook.sheet_array).tolist():
            which = np.flatnonzero(self.area_sheet == sheet)
            pairs = self.workbook.pairs(sheet, self.area_rect[which])
            formulas.append(pairs.found)
            areas.append(which[pairs.queries])
        return np.concatenate(formulas), np.concatenate(areas)

    def _readings(self) -> np.ndarray:
        """(formula, area, reading) for each area that a formula mentions, once."""
        counts = np.array([len(areas) for areas in self.areas_of], dtype=np.int64)
        owners = np.repeat(np.arange(len(counts)), counts)
        areas = np.array([area for areas in self.areas_of for area in areas], dtype=np.int64)
        reads = np.array([reading for plan in self.plan_of for reading in plan.reads], dtype=np.int64)
        order = np.lexsort((-reads, areas, owners))
        table = np.stack((owners[order], areas[order], reads[order]), axis=1)
        first = np.ones(len(table), dtype=bool)
        first[1:] = (table[1:, :2] != table[:-1, :2]).any(axis=1)
        return table[first]

    def _readers(self, readings: np.ndarray) -> Links:
        return Links(len(self.areas), readings[:, 1], readings[:, 0])

    def _ranks(self) -> list[int]:
        """For each formula the place of its run in the flow of the workbook."""
        plans = np.array([plan.number for plan in self.plan_of], dtype=np.int64)
        run = runs(self.workbook.sheet_array, plans, self.workbook.rects)
        count = int(run.max(initial=-1)) + 1
        filled = distinct_rows(self.fills[:, 1], run[self.fills[:, 0]])
        readings = np.concatenate((self.certain, self.perhaps))
        lazy = np.arange(len(readings)) >= len(self.certain)
        edges, nodes = run_edges(
            filled, distinct_rows(readings[:, 1], run[readings[:, 0]], lazy), len(self.areas), count
        )
        rank = np.array(ranks(nodes, edges), dtype=np.int64)
        in_order: list[int] = rank[run].tolist()
        return in_order

    def _groups(self) -> list[int]:
        """For each formula the number of its group: formulas that can be calculated together."""
        shape = (self.area_rect[:, 2] - self.area_rect[:, 0] + 1) << 15
        shape += self.area_rect[:, 3] - self.area_rect[:, 1] + 1
        size = [areas.rows * areas.columns for areas in self.areas]
        most = np.where(self.fed_by.count() == 0, _LARGE, _LARGE_IF_FILLED)
        alone = np.array(size, dtype=np.int64) > most
        codes: list[int] = np.where(alone, -1 - np.arange(len(shape)), shape).tolist()
        numbers: dict[tuple[int, tuple[int, int], tuple[int, ...]], int] = {}
        groups = []
        for formula, plan, areas in zip(self.workbook.formulas, self.plan_of, self.areas_of, strict=True):
            key = (plan.number, formula.rect.shape, tuple([codes[area] for area in areas]))
            groups.append(numbers.setdefault(key, len(numbers)))
        return groups


def _unsupported(workbook: Workbook, missing: dict[str, list[int]]) -> UnsupportedFunctionError:
    lines = []
    for name, formulas in sorted(missing.items()):
        shown = ", ".join(workbook.where(formula) for formula in formulas[:_SHOWN])
        more = f" and {len(formulas) - _SHOWN} more" if len(formulas) > _SHOWN else ""
        lines.append(f"{name} in {shown}{more}")
    return UnsupportedFunctionError(
        "functions that cannot be calculated: " + "; ".join(lines), "sheetgpt functions lists those that can"
    )

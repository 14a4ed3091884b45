"""The dependency graph: formulas, the areas that they read, and the formulas that fill these.

Formulas and areas are numbered; a formula feeds the areas whose cells it fills, and an area is read by
formulas. Everything is worked out in bulk, with numpy, when a book is opened.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from functools import cached_property

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.errors import UnsupportedFunctionError
from sheetgpt.evaluator.compile.bulk_binder import bind_all
from sheetgpt.evaluator.compile.plan import Reading
from sheetgpt.evaluator.graph.chain import Chain
from sheetgpt.evaluator.graph.ranking import ranks, run_edges, runs
from sheetgpt.evaluator.index.areas import Areas
from sheetgpt.evaluator.index.indexed_book import IndexedBook
from sheetgpt.evaluator.index.rect_index import Pairs, distinct, distinct_rows, expand, pair_numbers

# An area that has more cells than this is not stacked with others in a batch: formulas with different weight
# matrices are different groups, and so are those with different columns of logits for a whole vocabulary.
_LARGE = 4096
_LARGE_IF_FILLED = 32_768  # where formulas fill some of its cells
_SHOWN = 20  # cells listed for each function that is missing


class Links:
    """For each number a list of numbers, packed."""

    def __init__(self, starts: np.ndarray, targets: np.ndarray) -> None:
        self._array = targets.astype(np.int64)
        self._targets = array("q", self._array.tobytes())
        self._starts: list[int] = starts.tolist()
        self._first, self._count = starts[:-1], np.diff(starts)

    @classmethod
    def of(cls, count: int, owners: np.ndarray, targets: np.ndarray) -> Links:
        """From pairs of owners and targets, in any order."""
        starts = np.concatenate(([0], np.cumsum(np.bincount(owners, minlength=count))))
        in_order = (owners[1:] >= owners[:-1]).all()
        return cls(starts, targets if in_order else targets[np.argsort(owners, kind="stable")])

    def __getitem__(self, owner: int) -> array[int]:
        return self._targets[self._starts[owner] : self._starts[owner + 1]]

    def of_all(self, owners: np.ndarray) -> Pairs:
        """The targets of several owners one after the other, and for each of which of these it is a target."""
        if len(owners) == 1:
            found = self._array[self._starts[owners[0]] : self._starts[owners[0] + 1]]
            return Pairs(np.zeros(len(found), dtype=np.int64), found)
        pairs = expand(self._first[owners], self._count[owners])
        return Pairs(pairs.queries, self._array[pairs.found])

    def table(self, owners: np.ndarray) -> np.ndarray:
        """The targets of owners that all have as many of them [owner, target]."""
        table: np.ndarray = self._array[self._first[owners][:, None] + np.arange(self._count[owners[0]])]
        return table


class DependencyGraph:
    """The formulas of a workbook, bound, with all their links.

    Raises UnsupportedFunctionError, with every cell concerned, and FormulaSyntaxError. Without `strict`, such formulas
    have a plan that calculates nothing.
    """

    def __init__(self, workbook: IndexedBook, strict: bool = True) -> None:
        self.workbook = workbook
        self.bindings = bindings = bind_all(workbook, strict)
        if strict and (missing := bindings.missing()):
            raise _unsupported_error(workbook, missing)
        self.plan_of = bindings.plan_of()
        self.area_sheet, self.area_rect = bindings.sheets, bindings.rects
        self.areas_of = Links(bindings.starts, bindings.areas)
        self._areas: dict[int, Areas] = {}
        self._link()
        self.rank_of = self._ranks()
        self.group_of = self._groups()
        self.chains: dict[int, Chain | None] = {}  # by group; see `chains.chain_of`
        self.volatile = [number for number, plan in enumerate(self.plan_of) if plan.volatile]

    def area(self, number: int) -> Areas:
        """An area, one and the same object for all formulas that share it."""
        area = self._areas.get(number)
        if area is None:
            top, left, bottom, right = self.area_rect[number].tolist()
            area = Areas(int(self.area_sheet[number]), top, left, bottom - top + 1, right - left + 1)
            self._areas[number] = area
        return area

    def readers_of(self, sheet: int, rect: Rect) -> list[int]:
        """The formulas that read any cell of a rectangle."""
        top, left, bottom, right = self.area_rect.T
        met = (self.area_sheet == sheet) & (top <= rect.bottom) & (bottom >= rect.top)
        met &= (left <= rect.right) & (right >= rect.left)
        return [reader for area in np.flatnonzero(met).tolist() for reader in self.readers[area]]

    def mentions_of(self, sheet: int, rect: Rect) -> list[int]:
        """The formulas in which just these cells stand, whether they are read or only asked how many they are."""
        areas = np.flatnonzero((self.area_sheet == sheet) & (self.area_rect == rect).all(axis=1))
        owners = np.repeat(np.arange(len(self.plan_of)), np.diff(self.bindings.starts))
        found: list[int] = owners[np.isin(self.bindings.areas, areas)].tolist()
        return found

    def readers_of_formulas(self, formulas: Iterable[int]) -> np.ndarray:
        """The formulas that read the cells of any of some formulas."""
        areas = {area for formula in formulas for area in self.feeds[formula]}
        return np.array(list({reader for area in areas for reader in self.readers[area]}), dtype=np.int64)

    def reached(self, formulas: Iterable[int]) -> list[int]:
        """Some formulas and all that read their values, directly or through others."""
        found = set(formulas)
        if len(found) == len(self.plan_of):
            return list(found)
        stack, areas = list(found), set()
        while stack:
            for area in self.feeds[stack.pop()]:
                if area not in areas:
                    areas.add(area)
                    new = [reader for reader in self.readers[area] if reader not in found]
                    found.update(new)
                    stack += new
        return list(found)

    def marks_reached(self, formulas: Iterable[int]) -> np.ndarray:
        """For each formula whether `reached` has it, but for those that values have replaced."""
        marks = np.zeros(len(self.plan_of), dtype=bool)
        marks[self.reached(formulas)] = True
        marks[list(self.workbook.gone)] = False
        return marks

    def _link(self) -> None:
        formulas, areas = self._fills()
        self.feeds = Links.of(len(self.plan_of), formulas, areas)
        readings = self._readings()
        readings = readings[readings[:, 2] > Reading.NEVER]
        self.readers = self._readers(readings)
        self.certain_readers = self._readers(readings[readings[:, 2] == Reading.CERTAINLY])
        certain = readings[:, 2] == Reading.CERTAINLY
        perhaps = readings[:, 2] == Reading.PERHAPS
        self.lazy_areas = Links.of(len(self.plan_of), readings[perhaps, 0], readings[perhaps, 1])
        self.fills = np.stack((formulas, areas), axis=1)
        self.certain = readings[certain, :2]
        self.perhaps = readings[perhaps, :2]

    @cached_property
    def fed_by(self) -> Links:
        """For each area the formulas that fill its cells."""
        return Links.of(len(self.area_sheet), self.fills[:, 1], self.fills[:, 0])

    @cached_property
    def certain_areas(self) -> Links:
        """For each formula the areas that it reads for certain."""
        return Links.of(len(self.plan_of), self.certain[:, 0], self.certain[:, 1])

    def _fills(self) -> tuple[np.ndarray, np.ndarray]:
        """(formulas, areas): which formula fills cells of which area."""
        formulas, areas = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for sheet in distinct(self.workbook.sheet_array).tolist():
            which = np.flatnonzero(self.area_sheet == sheet)
            pairs = self.workbook.pairs(sheet, self.area_rect[which])
            formulas.append(pairs.found)
            areas.append(which[pairs.queries])
        return np.concatenate(formulas), np.concatenate(areas)

    def _readings(self) -> np.ndarray:
        """(formula, area, reading) for each area that a formula mentions, once."""
        bindings = self.bindings
        counts = np.diff(bindings.starts)
        owners = np.repeat(np.arange(len(counts)), counts)
        areas = bindings.areas
        holes = np.arange(len(owners)) - bindings.starts[owners]
        most = max([len(plan.reads) for plan in bindings.plans], default=0)
        table = np.array([(*plan.reads, *[0] * (most - len(plan.reads))) for plan in bindings.plans], dtype=np.int64)
        reads = table.reshape(len(bindings.plans), most)[bindings.plan_numbers[owners], holes]
        order = np.lexsort((-reads, areas, owners))
        table = np.stack((owners[order], areas[order], reads[order]), axis=1)
        first = np.ones(len(table), dtype=bool)
        first[1:] = (table[1:, :2] != table[:-1, :2]).any(axis=1)
        return table[first]

    def _readers(self, readings: np.ndarray) -> Links:
        return Links.of(len(self.area_sheet), readings[:, 1], readings[:, 0])

    def _ranks(self) -> np.ndarray:
        """For each formula the place of its run in the flow of the workbook."""
        run = runs(self.workbook.sheet_array, self.bindings.plan_numbers, self.workbook.rects)
        count = int(run.max(initial=-1)) + 1
        filled = distinct_rows(self.fills[:, 1], run[self.fills[:, 0]])
        readings = np.concatenate((self.certain, self.perhaps))
        lazy = np.arange(len(readings)) >= len(self.certain)
        edges, nodes = run_edges(
            filled, distinct_rows(readings[:, 1], run[readings[:, 0]], lazy), len(self.area_sheet), count
        )
        rank: np.ndarray = np.array(ranks(nodes, edges), dtype=np.int64)[run]
        return rank

    def _groups(self) -> np.ndarray:
        """For each formula the number of its group: formulas that can be calculated together."""
        height, width = self.area_rect[:, 2] - self.area_rect[:, 0] + 1, self.area_rect[:, 3] - self.area_rect[:, 1] + 1
        most = np.where(np.bincount(self.fills[:, 1], minlength=len(height)) == 0, _LARGE, _LARGE_IF_FILLED)
        codes = np.where(height * width > most, -1 - np.arange(len(height)), (height << 15) + width)
        rects, starts = self.workbook.rects, self.bindings.starts
        shape = (rects[:, 2] - rects[:, 0] << 15) + rects[:, 3] - rects[:, 1]
        numbers = pair_numbers(self.bindings.plan_numbers, shape)
        count = np.diff(starts)
        for hole in range(int(count.max(initial=0))):
            some = np.flatnonzero(count > hole)
            own = np.zeros(len(count), dtype=np.int64)
            own[some] = codes[self.bindings.areas[starts[some] + hole]]
            numbers = pair_numbers(numbers, own)
        return numbers


def _unsupported_error(workbook: IndexedBook, missing: dict[str, list[int]]) -> UnsupportedFunctionError:
    lines = []
    for name, formulas in sorted(missing.items()):
        shown = ", ".join(workbook.where(formula) for formula in formulas[:_SHOWN])
        more = f" and {len(formulas) - _SHOWN} more" if len(formulas) > _SHOWN else ""
        lines.append(f"{name} in {shown}{more}")
    return UnsupportedFunctionError(
        "functions that cannot be calculated: " + "; ".join(lines),
        "sheetgpt functions lists those that can; where it is not strict, the others keep the values that are stored",
    )

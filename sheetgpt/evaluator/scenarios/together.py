"""All scenarios of a formula as the members of one batch, formula after formula in an order that does for all."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.evaluator.batch.array_results import fit
from sheetgpt.evaluator.batch.batch import Batch, SplitError, group_by_label
from sheetgpt.evaluator.forms.volatile import CLOCK
from sheetgpt.evaluator.graph.dependency_graph import DependencyGraph
from sheetgpt.evaluator.index.areas import Areas
from sheetgpt.evaluator.index.indexed_book import IndexedBook
from sheetgpt.evaluator.scenarios.scenario_book import NotTogetherError, ScenarioBook

_MOST_VALUES = 1 << 23  # that are kept at a time: 64 MB
_CLOSE = 1e-9  # sums of many numbers differ in their last digits with the order of addition


class Together:
    """The formulas that changes of some cells reach, in an order in which each follows all that it may read.

    Raises NotTogetherError where there is none, and where values come of more than cells.
    """

    def __init__(self, graph: DependencyGraph, inputs: Sequence[tuple[int, Rect]]) -> None:
        self.graph, self.inputs = graph, inputs
        self.workbook = graph.workbook
        touched = {reader for sheet, rect in inputs for reader in graph.readers_of(sheet, rect)}
        self.order = _in_order(graph, set(graph.reached(touched.union(graph.volatile))) - self.workbook.gone)
        self._refuse()
        self._filled = [self._place(formula) for formula in self.order]
        self.cells = sum(rect.size for _, rect in [*self._filled, *inputs])

    def _refuse(self) -> None:
        """Raise NotTogetherError for what is calculated in another way than formula by formula, each in its cells."""
        plans = [self.graph.plan_of[formula] for formula in self.order]
        formulas, book = self.workbook.formulas, self.workbook.book
        if any(plan.dynamic or plan.sources - {CLOCK} for plan in plans) or self.workbook.displayed:
            raise NotTogetherError
        if self.graph.bindings.refused or book.iteration:
            raise NotTogetherError
        if any(sheet.data_tables for sheet in book.sheets.values()):
            raise NotTogetherError
        spills = any(formula.dynamic for formula in formulas)
        if spills and any(self.workbook.fillers(*place) or _near(self.workbook, *place) for place in self.inputs):
            raise NotTogetherError

    def most_scenarios(self) -> int:
        """How many scenarios are to be calculated at a time."""
        return max(1, _MOST_VALUES // self.cells)

    def calculate(self, values: Sequence[np.ndarray]) -> ScenarioBook:
        """The values of all cells, with those of the inputs given as [scenario, row, column] each.

        The book holds those of the first scenario; raises NotTogetherError if they come out otherwise here.
        """
        book = ScenarioBook(self.workbook, [*self.inputs, *self._filled], len(values[0]))
        for (sheet, rect), given in zip(self.inputs, values, strict=True):
            book.put(sheet, rect, given)
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
                for formula, place in zip(self.order, self._filled, strict=True):
                    self._calculate(book, formula, *place)
        except (MemoryError, NotTogetherError):
            raise
        except Exception as error:  # a scenario that raises has to do so by itself
            raise NotTogetherError from error
        return book

    def verify(self, book: ScenarioBook) -> None:
        """Raise NotTogetherError unless the first scenario has the values that the book behind holds."""
        for sheet, rect in self._filled:
            found = book.values(sheet, rect)[0].ravel().tolist()
            known = self.workbook.grids[sheet].read(rect).ravel().tolist()
            if not all(map(_agree, found, known)):
                raise NotTogetherError

    def _place(self, formula: int) -> tuple[int, Rect]:
        return self.workbook.sheet_of[formula], self.workbook.formulas[formula].rect

    def _calculate(self, book: ScenarioBook, formula: int, sheet: int, rect: Rect) -> None:
        holes = [book.places(*self.graph.area(area).rects()[0]) for area in self.graph.areas_of[formula]]
        self._batch(book, formula, book.own_places(sheet, rect), holes)
        book.finish(sheet, rect)

    def _batch(self, book: ScenarioBook, formula: int, position: Areas, holes: list[Areas]) -> None:
        """Calculate a formula for some scenarios, in parts where they do not go the same way."""
        calculate = self.graph.plan_of[formula].calculate
        if calculate is None:
            raise NotTogetherError
        try:
            values = fit(calculate(Batch(book, position, holes)), position.rows, position.columns)
        except SplitError as split:
            for members in group_by_label([(type(label), label) for label in split.labels]).values():
                self._batch(book, formula, position.part(members), [hole.part(members) for hole in holes])
        else:
            book.write(position, values)


def _in_order(graph: DependencyGraph, formulas: Collection[int]) -> list[int]:
    """Formulas, each after those that fill cells it may read; raises NotTogetherError where they wait in a circle."""
    wanted = frozenset(formulas)
    waits = dict.fromkeys(wanted, 0)
    missing: dict[int, int] = {}
    for formula in wanted:
        for area in graph.feeds[formula]:
            missing[area] = missing.get(area, 0) + 1
    for area in missing:
        for reader in wanted.intersection(graph.readers[area]):
            waits[reader] += 1
    order = sorted(formula for formula, count in waits.items() if not count)
    for formula in order:  # grows
        for area in graph.feeds[formula]:
            missing[area] -= 1
            if not missing[area]:
                for reader in sorted(wanted.intersection(graph.readers[area])):
                    waits[reader] -= 1
                    if not waits[reader]:
                        order.append(reader)
    if len(order) < len(wanted):
        raise NotTogetherError
    return order


def _near(workbook: IndexedBook, sheet: int, rect: Rect) -> bool:
    """Whether cells lie on the right of and below a dynamic formula of their sheet, and so might be in its way."""
    return any(
        formula.dynamic and own == sheet and formula.rect.top <= rect.bottom and formula.rect.left <= rect.right
        for formula, own in zip(workbook.formulas, workbook.sheet_of, strict=True)
    )


def _agree(found: object, known: object) -> bool:
    if isinstance(found, float) and isinstance(known, float):
        return abs(found - known) <= _CLOSE * max(1.0, abs(known))
    return type(found) is type(known) and found == known

"""A workbook as a function of some of its cells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from sheetgpt.book.address import Rect, reference
from sheetgpt.book.book import Book
from sheetgpt.book.places import locate
from sheetgpt.book.values import Value
from sheetgpt.errors import FormulaError, UsageError
from sheetgpt.evaluator.graph.dependency_graph import DependencyGraph
from sheetgpt.evaluator.scenarios.scenario_book import NotTogetherError
from sheetgpt.evaluator.scenarios.scenario_values import plain, scenarios_of, together
from sheetgpt.evaluator.scenarios.together import Together

_OTHERS = "choose cells that do not depend on such formulas"
_FEW = 3  # scenarios that are not worth the preparation


class Counts(Protocol):
    """What the last calculation took."""

    batches: int


class Calculating(Protocol):
    """A calculator: a book whose values follow its inputs."""

    book: Book
    graph: DependencyGraph

    @property
    def statistics(self) -> Counts:
        """What the last calculation took."""

    def set(self, where: tuple[str, Rect], value: Value | np.ndarray) -> None:
        """Put values into cells."""

    def update(self) -> int:
        """Calculate what that reaches."""

    def as_before(self) -> Collection[tuple[str, Rect]]:
        """Cells whose formulas the last calculation left as they were."""

    def reasons(self) -> dict[tuple[str, Rect], str]:
        """Why the last calculation cannot say what some formulas come to."""


class Cells(NamedTuple):
    """Cells under the name by which the caller knows them."""

    name: str
    sheet: str
    rect: Rect

    @property
    def place(self) -> tuple[str, Rect]:
        return self.sheet, self.rect


class BookFunction:
    """Values into the inputs, values of the outputs out; the book is afterwards as it was.

    Called with one value for each input it gives the values of the outputs: of one cell a value, of several an array
    [row, column]; one output as it is, several as a tuple. Arrays of scenarios are broadcast against one another, and
    each output is then an array [scenario] or [scenario, row, column], float64 if all are numbers.

    `calculated_together` says how the last call went: all scenarios of a formula in one step, or one scenario after the
    other, as for formulas that draw random numbers, read what is not known beforehand or wait in a circle. Sums may
    differ in their last digits between the two.
    """

    def __init__(self, calculator: Calculating, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        self._calculator = calculator
        self.inputs = _located(calculator.book, inputs, "inputs")
        self.outputs = _located(calculator.book, outputs, "outputs")
        self.calculated_together = False
        self._check_inputs()

    def __repr__(self) -> str:
        names = [", ".join(cells.name for cells in some) for some in (self.inputs, self.outputs)]
        return f"<BookFunction of {names[0]}: {names[1]}>"

    def __call__(self, *values: object, **named: object) -> Any:
        """The outputs; raises UsageError for values that do not fit the inputs, and what a calculation raises.

        FormulaError for an output that is not known, since it depends on a formula that cannot be calculated.
        """
        given = self._arguments(values, named)
        self._check_inputs()
        names = [cells.name for cells in self.inputs]
        arrays = [scenarios_of(cells.name, cells.rect, value) for cells, value in zip(self.inputs, given, strict=True)]
        axes, scenarios = together(names, arrays)
        found = self._calculate(scenarios)
        shown = [_shown(values, axes, cells.rect) for cells, values in zip(self.outputs, found, strict=True)]
        return shown[0] if len(shown) == 1 else tuple(shown)

    def _arguments(self, values: Sequence[object], named: dict[str, object]) -> list[object]:
        """A value for each input, in order."""
        names = [cells.name for cells in self.inputs]
        given = dict(zip(names, values, strict=False))
        double, unknown = sorted(set(given) & set(named)), sorted(set(named) - set(names))
        missing = [name for name in names if name not in given and name not in named]
        for fault, some in (("twice", double), ("though it is no input", unknown)):
            if some:
                raise UsageError(f"{some[0]} is given {fault}", "the inputs are: " + ", ".join(names))
        if missing or len(values) > len(names):
            count = len(values) + len(named)
            raise UsageError(f"{count} values for {len(names)} inputs", "the inputs are: " + ", ".join(names))
        return [given[name] if name in given else named[name] for name in names]

    def _check_inputs(self) -> None:
        """Raise UsageError if an input holds a formula, or two have cells in common."""
        workbook = self._calculator.graph.workbook
        for number, cells in enumerate(self.inputs):
            formulas = workbook.fillers(workbook.sheets.index(cells.sheet), cells.rect)
            if formulas:
                what = f"{workbook.where(formulas[0])} {workbook.shown(formulas[0])}"
                raise UsageError(f"the input {cells.name} holds a formula: {what}", "choose cells that hold values")
            for other in self.inputs[:number]:
                if other.sheet == cells.sheet and other.rect.intersect(cells.rect):
                    raise UsageError(f"the inputs {other.name} and {cells.name} have cells in common")

    def _calculate(self, scenarios: list[np.ndarray]) -> list[np.ndarray]:
        """The values of each output [scenario, row, column]; the book is put back in any case."""
        book, calculator = self._calculator.book, self._calculator
        self.calculated_together = False
        calculator.update()
        before = [book.sheets[cells.sheet].grid.read(cells.rect).copy() for cells in self.inputs]
        try:
            return self._calculate_all(scenarios)
        finally:
            self._put(before)
            calculator.update()

    def _calculate_all(self, scenarios: list[np.ndarray]) -> list[np.ndarray]:
        count = len(scenarios[0]) if scenarios else 1
        if not count:
            return [np.empty((0, *cells.rect.shape)) for cells in self.outputs]
        first = self._alone(scenarios, 0)
        batches = self._calculator.statistics.batches
        found = self._all_together(scenarios, batches * count) if count > _FEW else None
        if found is not None:
            self.calculated_together = True
            return found
        rows = [first, *[self._alone(scenarios, number) for number in range(1, count)]]
        return [_stacked([row[output] for row in rows]) for output in range(len(self.outputs))]

    def _alone(self, scenarios: list[np.ndarray], number: int) -> list[np.ndarray]:
        """The outputs [row, column] of one scenario, calculated in the ordinary way."""
        self._put([values[number] for values in scenarios])
        self._calculator.update()
        for cells in self.outputs:
            refuse_unknown(self._calculator, *cells.place)
        return [self._calculator.book.sheets[cells.sheet].grid.read(cells.rect).copy() for cells in self.outputs]

    def _put(self, values: Sequence[np.ndarray]) -> None:
        for cells, own in zip(self.inputs, values, strict=True):
            self._calculator.set(cells.place, own)

    def _all_together(self, scenarios: list[np.ndarray], batches: int) -> list[np.ndarray] | None:
        """The outputs of all scenarios, of which the first is calculated; None if they are to be calculated alone.

        That is so where it cannot be otherwise, and where it takes fewer batches.
        """
        graph, sheets = self._calculator.graph, self._calculator.graph.workbook.sheets
        try:
            work = Together(graph, [(sheets.index(cells.sheet), cells.rect) for cells in self.inputs])
            if len(work.order) > batches:
                return None
            parts = [self._part(work, scenarios, start) for start in self._starts(work, scenarios)]
        except NotTogetherError:
            return None
        return [_stacked_parts([part[output] for part in parts]) for output in range(len(self.outputs))]

    def _starts(self, work: Together, scenarios: list[np.ndarray]) -> range:
        return range(0, len(scenarios[0]), work.most_scenarios())

    def _part(self, work: Together, scenarios: list[np.ndarray], start: int) -> list[np.ndarray]:
        end = start + work.most_scenarios()
        book = work.calculate([values[start:end] for values in scenarios])
        if not start:
            work.verify(book)
        return [book.values(work.workbook.sheets.index(cells.sheet), cells.rect) for cells in self.outputs]


class AsFunction:
    """What a calculator has to offer for it."""

    def function(self: Calculating, inputs: Sequence[str], outputs: Sequence[str]) -> BookFunction:
        """The book as a function of some cells, for one value of each or for arrays of scenarios: see `BookFunction`.

        Cells are "Sheet1!B7", ranges or defined names, without a sheet where there is one only. Raises AddressError,
        and UsageError for an input that holds a formula.
        """
        return BookFunction(self, inputs, outputs)


def refuse_unknown(calculator: Calculating, sheet: str, rect: Rect) -> None:
    """Raise FormulaError if some cells are not known: their formulas, or others before them, cannot be calculated."""
    reasons = calculator.reasons()
    for place in (*reasons, *calculator.as_before()):
        if place[0] == sheet and place[1].intersect(rect):
            why = reasons.get(place, "a formula that it depends on cannot be calculated")
            raise FormulaError(
                f"the value of {reference(*place, absolute=False)} is not known: {why}", "ask for others"
            )


def _located(book: Book, names: Sequence[str], what: str) -> list[Cells]:
    if isinstance(names, str):
        names = [names]
    found = [Cells(name, *locate(book, name)) for name in names]
    if len({cells.name for cells in found}) < len(found):
        raise UsageError(f"one of the {what} is named twice: {', '.join(names)}")
    return found


def _stacked(rows: list[np.ndarray]) -> np.ndarray:
    return plain(np.stack([row.astype(object) for row in rows])) if _mixed(rows) else np.stack(rows)


def _stacked_parts(parts: list[np.ndarray]) -> np.ndarray:
    return plain(np.concatenate([part.astype(object) for part in parts])) if _mixed(parts) else np.concatenate(parts)


def _mixed(arrays: list[np.ndarray]) -> bool:
    return any(array.dtype != np.float64 for array in arrays)


def _shown(values: np.ndarray, axes: tuple[int, ...], rect: Rect) -> object:
    """Values [scenario, row, column] as the caller gets them."""
    if rect.size > 1:
        return values.reshape(*axes, *rect.shape)
    return values.reshape(axes) if axes else values.item()

"""Formulas that wait for one another, where the book says that circles are calculated again and again.

As in Excel (Options, Formulas, Enable iterative calculation; `calcPr` in the file) the formulas of a circle are
calculated in the order of their sheets, rows and columns, each from the values that the others have by then, until no
number moves by as much as the book allows, or as often as it allows. Where a circle comes to rest, the order decides no
more than the last digits; where it does not, other programs may show other numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sheetgpt.book.links import Iteration
from sheetgpt.errors import CircularReferenceError
from sheetgpt.evaluator.batch.array_results import differs
from sheetgpt.evaluator.batch.batch import NotReadyError
from sheetgpt.evaluator.graph.components import components
from sheetgpt.evaluator.index.areas import Areas, shared_area
from sheetgpt.evaluator.index.indexed_book import IndexedBook
from sheetgpt.evaluator.schedule.scheduler import Scheduler

_SHOWN = 20  # formulas of a circle that are listed
_NO_STEP = 5e-324  # where a book allows no step at all, none is what ends a circle


@dataclass(frozen=True)
class Circle:
    """Formulas that were calculated in a circle, how many times, and whether they came to rest."""

    formulas: list[int]
    times: int
    at_rest: bool


def circular_error(workbook: IndexedBook, circle: list[int]) -> CircularReferenceError:
    """The error about formulas that wait for one another."""
    steps = [f"{workbook.where(formula)} {workbook.shown(formula)}" for formula in circle[:_SHOWN]]
    more = f" -> ... {len(circle) - _SHOWN} more" if len(circle) > _SHOWN else ""
    return CircularReferenceError(
        "formulas wait for each other: " + " -> ".join(steps) + more + f" -> {workbook.where(circle[0])}",
        "each formula reads the next one; let one of them read something else",
    )


def settle_circles(schedule: Scheduler, iteration: Iteration) -> list[Circle]:
    """Calculate the circles in which a schedule has ended, and what waits for them; returns those circles."""
    settled: list[Circle] = []
    while found := [circle for each in circles(schedule) if (circle := iterate(schedule, each, iteration))]:
        settled += found
        schedule.run()
    return settled


def circles(schedule: Scheduler) -> list[list[int]]:
    """Circles of formulas that wait for nothing else, each in order."""
    left = np.flatnonzero(schedule.todo & ~_behind(schedule))
    if not len(left):
        return []
    following = _waiting(schedule, left.tolist())
    component = components(following)
    members: dict[int, list[int]] = {}
    for formula in left.tolist():
        members.setdefault(component[formula], []).append(formula)
    outward = {component[n] for n, others in enumerate(following) if any(component[m] != component[n] for m in others)}
    inner = {component[n] for n, others in enumerate(following) if any(component[m] == component[n] for m in others)}
    return [formulas for number, formulas in members.items() if number in inner and number not in outward]


def _behind(schedule: Scheduler) -> np.ndarray:
    """Marks at formulas that wait for nothing and still stay open, and at all that reads them."""
    marks = np.zeros(len(schedule.todo), dtype=bool)
    marks[schedule.graph.reached(np.flatnonzero(schedule.todo & (schedule.missing == 0)).tolist())] = True
    return marks


def _waiting(schedule: Scheduler, left: list[int]) -> list[list[int]]:
    """For each formula, and behind them for each area, the numbers of those that it waits for."""
    graph, count = schedule.graph, len(schedule.todo)
    following: list[list[int]] = [[] for _ in range(count + len(graph.area_sheet))]
    for formula in left:
        areas = {*graph.certain_areas[formula], *graph.lazy_areas[formula]}
        open_areas = [area for area in areas if schedule.pending[area]]
        needed = [other for other in schedule.waiting_for.get(formula, ()) if schedule.todo[other]]
        following[formula] = needed + [count + area for area in open_areas]
        for area in open_areas:
            following[count + area] = [other for other in graph.fed_by[area] if schedule.todo[other]]
    return following


def iterate(schedule: Scheduler, formulas: list[int], iteration: Iteration, may_rest: bool = False) -> Circle | None:
    """Calculate a circle; None where one of it leads out of it to what is not known.

    A circle of which nothing has new inputs stays as it is. So does, with `may_rest`, one that is at rest already.
    """
    if not schedule.touched[formulas].any():
        finish_circle(schedule, formulas, np.zeros(len(formulas), dtype=bool))
        return Circle(formulas, 0, True)
    start = [_values(schedule, formula) for formula in formulas]
    times, at_rest = 0, False
    with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
        while times < iteration.most and not at_rest:
            times += 1
            try:
                at_rest = max(_steps(schedule, formulas)) < max(iteration.least, _NO_STEP)
            except NotReadyError:
                return None
    if may_rest and at_rest and times == 1:
        for formula, values in zip(formulas, start, strict=True):
            schedule.workbook.write(_place(schedule, formula), values, plain=False)
    ends = [_values(schedule, formula) for formula in formulas]
    changed = [differs(before, after, 1)[0] for before, after in zip(start, ends, strict=True)]
    finish_circle(schedule, formulas, np.array(changed))
    return Circle(formulas, times, at_rest)


def finish_circle(schedule: Scheduler, formulas: list[int], changed: np.ndarray) -> None:
    """Note that the formulas of a circle are calculated; they wait for one another no more."""
    own = set(formulas)
    for formula in formulas:
        schedule.waiting_for.pop(formula, None)
        if waiters := schedule.waiters.get(formula):
            schedule.waiters[formula] = [other for other in waiters if other not in own]
    schedule.finish(np.array(formulas), changed)


def _steps(schedule: Scheduler, formulas: list[int]) -> Iterator[float]:
    """Calculate each formula once, and say how far its numbers have moved; infinitely far for anything else."""
    own = set(formulas)

    def guard(where: Areas) -> None:
        for sheet, rect in where.rects():
            fillers = schedule.workbook.fillers(sheet, rect)
            if outside := [other for other in fillers if schedule.todo[other] and other not in own]:
                raise NotReadyError(outside)

    for formula in formulas:
        before = _values(schedule, formula)
        schedule.work.try_alone(formula, guard)
        yield _distance(before, _values(schedule, formula))


def _values(schedule: Scheduler, formula: int) -> np.ndarray:
    return schedule.workbook.read(_place(schedule, formula)).copy()


def _place(schedule: Scheduler, formula: int) -> Areas:
    return shared_area(schedule.workbook.sheet_of[formula], schedule.workbook.formulas[formula].rect)


def _distance(before: np.ndarray, after: np.ndarray) -> float:
    if before.dtype == after.dtype == np.float64:
        return float(np.abs(after - before).max())
    pairs = list(zip(before.ravel().tolist(), after.ravel().tolist(), strict=True))
    same = all(type(old) is type(new) and old == new for old, new in pairs)
    return 0.0 if same else np.inf

"""Replay of a schedule: the order of one calculation, remembered for the next one after the same change.

In which batches formulas can be calculated depends on the formulas alone, but for those that may read more than
they need (a row's token, IF(...) of the prompt or of the row before): they are tried before all is known, and
succeed or have to wait. A trail holds what a schedule did, batch after batch up to each such trial, and from there
on a way for each outcome seen so far. To follow it costs a few numpy calls for each batch in place of bookkeeping
for each formula. Where a trial ends as never before, the trail ends, and a schedule goes on from there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import numpy as np

from sheetgpt.evaluator.batch.batch import NotReadyError
from sheetgpt.evaluator.graph.chains import chain_of
from sheetgpt.evaluator.graph.dependency_graph import DependencyGraph
from sheetgpt.evaluator.index.areas import Areas
from sheetgpt.evaluator.schedule.executor import Executor, Places
from sheetgpt.evaluator.schedule.stretches import InTurn, calculate_stretch

_TRAILS = 16  # kinds of changes of which the order of calculation is remembered

Event = list[int] | tuple[int, bool]  # formulas of a batch; or a formula that was tried, and whether it succeeded


class Stop:
    """Formulas that can be calculated together once all stops before have been passed."""

    def __init__(self, formulas: list[int]) -> None:
        self.formulas = formulas
        self.in_turn = isinstance(formulas, InTurn)  # each reads the one before
        self.members = np.array(formulas, dtype=np.int64)
        self._places: Places | None = None
        self._readers: np.ndarray | None = None

    def places(self, work: Executor) -> Places:
        """Where the formulas and their holes lie."""
        if self._places is None:
            self._places = work.places(self.members)
        return self._places

    def readers(self, work: Executor) -> np.ndarray:
        """All formulas that read any of theirs."""
        if self._readers is None:
            self._readers = work.graph.readers_of_formulas(self.formulas)
        return self._readers


@dataclass
class Stretch:
    """A part of a trail: its stops, the formula that is tried at its end, and the ways on from there."""

    stops: list[Stop] = field(default_factory=list)
    trial: int | None = None
    onward: dict[bool, Stretch] = field(default_factory=dict)


@dataclass
class End:
    """Where nobody went on before: at the end of a stretch, after a trial that had an outcome."""

    stretch: Stretch
    outcome: bool

    def go_on(self, events: Iterable[Event]) -> None:
        """Add what a schedule did from here on."""
        here = self.stretch.onward[self.outcome] = Stretch()
        for event in events:
            if isinstance(event, tuple):
                here.trial, outcome = event
                following = here.onward[outcome] = Stretch()
                here = following
            else:
                here.stops.append(Stop(event))


class Trail:
    """What there is to calculate after a change, as a flag for each formula, and in which order."""

    def __init__(self, todo: np.ndarray) -> None:
        self.todo = todo
        self.start = Stretch()  # without stops or a trial: only what comes after it is known once it was calculated


class Trails:
    """The trails of the kinds of changes that there were last."""

    def __init__(self) -> None:
        self._known: dict[frozenset[int], Trail] = {}  # the one used last at the end

    def find(self, graph: DependencyGraph, touched: Collection[int]) -> Trail:
        """What changes of these formulas' inputs reach, and the order in which it was calculated before, if it was."""
        key = frozenset(touched)
        trail = self._known.pop(key, None) or Trail(graph.marks_reached(touched))
        if not graph.volatile:  # else what reads what is not known beforehand
            self._known[key] = trail
            if len(self._known) > _TRAILS:
                del self._known[next(iter(self._known))]
        return trail

    def clear(self) -> None:
        """Forget them."""
        self._known.clear()


class Walk:
    """One calculation along a trail. `touched` are the formulas with new inputs; others are passed over."""

    def __init__(self, work: Executor, trail: Trail, touched: Iterable[int]) -> None:
        self.work = work
        self.todo = trail.todo.copy()
        self.touched = np.zeros(len(self.todo), dtype=bool)
        self.touched[list(touched)] = True
        self._start = trail.start

    def run(self) -> End | None:
        """Calculate to the end; or as far as the trail goes, and return where that is."""
        stretch, outcome = self._start, True
        with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
            while following := stretch.onward.get(outcome):
                stretch = following
                for stop in stretch.stops:
                    self._pass(stop)
                    if self.work.spills.resized:
                        return None
                if stretch.trial is None:
                    return None
                outcome = self._try(stretch.trial)
                if self.work.spills.resized:
                    return None
        return End(stretch, outcome)

    def _pass(self, stop: Stop) -> None:
        if stop.in_turn:
            self._pass_in_turn(stop)
            return
        touched = self.touched[stop.members]
        count = np.count_nonzero(touched)
        if count == len(touched):
            self._calculate(stop, stop.formulas, stop.places(self.work))
        elif count:
            chosen = np.flatnonzero(touched)
            position, holes = stop.places(self.work)
            places = position.part(chosen), [hole.part(chosen) for hole in holes]
            self._calculate(stop, stop.members[chosen].tolist(), places)
        self.todo[stop.members] = False

    def _pass_in_turn(self, stop: Stop) -> None:
        """Calculate the formulas of a chain from the first on that is touched."""
        chain, place = chain_of(self.work.graph, stop.formulas[0]), 0
        while place < len(stop.formulas):
            formula = stop.formulas[place]
            if not self.touched[formula]:
                place += 1
                continue
            following = stop.formulas[place:]
            changed = calculate_stretch(self.work, chain, following) if chain else []
            changed = changed or [self.work.try_alone(formula, None)]
            own = [number for number, has_changed in zip(following, changed, strict=False) if has_changed]
            self.touched[self.work.graph.readers_of_formulas(own)] = True
            place += len(changed)
        self.todo[stop.members] = False

    def _calculate(self, stop: Stop, formulas: list[int], places: Places) -> None:
        """Calculate some formulas of a stop; what reads those that have changed is touched."""
        for batch, changed in self.work.calculate(formulas, places):
            if changed and len(batch) == len(stop.formulas) and all(changed):
                self.touched[stop.readers(self.work)] = True
            elif changed and any(changed):
                own = [formula for formula, has_changed in zip(batch, changed, strict=True) if has_changed]
                self.touched[self.work.graph.readers_of_formulas(own)] = True

    def _try(self, formula: int) -> bool:
        try:
            changed = self.work.try_alone(formula, self._guard)
        except NotReadyError:
            self.work.statistics.waits += 1
            return False
        self.todo[formula] = False
        if changed:
            self.touched[self.work.graph.readers_of_formulas([formula])] = True
        return True

    def _guard(self, where: Areas) -> None:
        """Raise NotReadyError if some of the cells are not calculated yet."""
        for sheet, rect in where.rects():
            open_ones = [formula for formula in self.work.workbook.fillers(sheet, rect) if self.todo[formula]]
            if open_ones:
                raise NotReadyError(open_ones)

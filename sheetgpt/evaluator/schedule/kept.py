"""What is kept as the file has it, because it cannot be calculated, and the executor that sees what moves.

A formula that cannot be calculated is taken over: it keeps its stored value. What reads it rests on it. Where the
inputs of a formula that is taken over have changed, its value is that of before the change: it is not known, nor is
what reads it.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.errors import SheetgptError
from sheetgpt.evaluator.graph.dependency_graph import DependencyGraph
from sheetgpt.evaluator.index.areas import Areas, shared_area
from sheetgpt.evaluator.schedule.executor import Executor
from sheetgpt.evaluator.schedule.spills import Spills

# Numbers that differ by less, relative to the larger one, differ in how they were rounded, as by the order of a sum.
ROUNDING = 1e-12


class Kept:
    """For each formula whether it is taken over, rests on such a value, is not known; `reasons` of the first ones.

    `typed` are those of which an input was typed over since the last calculation, `any_typed` whether any cell was;
    `passed` are those that the last calculation left as they were.
    """

    def __init__(self, graph: DependencyGraph) -> None:
        self.graph = graph
        count = len(graph.plan_of)
        self.reasons: dict[int, tuple[str, ...]] = {}
        self.taken, self.rests = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        self.unknown, self.typed = np.zeros(count, dtype=bool), np.zeros(count, dtype=bool)
        self.passed, self.any_typed = np.zeros(count, dtype=bool), False
        self._unseen = np.zeros(count, dtype=bool)
        self._unseen[[*graph.bindings.refused, *graph.volatile]] = True
        for formula, reason in graph.bindings.refused.items():
            self.take_over(formula, reason)
        for function, formulas in graph.bindings.missing().items():
            for formula in formulas:
                self.take_over(formula, function)

    def take_over(self, formula: int, reason: str) -> None:
        """Note that a formula cannot be calculated, and why (for a function that is lacking, its name)."""
        self.reasons[formula] = (*self.reasons.get(formula, ()), reason)
        self.taken[formula] = self.rests[formula] = True
        self.unknown[formula] |= self.is_blank(formula)

    def forget(self, formulas: list[int]) -> None:
        """Note that values have been put in the place of some formulas."""
        for formula in formulas:
            self.reasons.pop(formula, None)
        for marks in (self.taken, self.rests, self.unknown, self.typed):
            marks[formulas] = False

    def note_typed(self, readers: list[int]) -> None:
        """Note that cells were typed over, which some formulas read."""
        self.any_typed = True
        self.typed[readers] = True

    def note_reached(self) -> list[int]:
        """Note what the values that are taken over reach, as far as texts say; returns those that are not known."""
        self.rests[self.graph.reached(np.flatnonzero(self.taken).tolist())] = True
        unknown = self.graph.reached(np.flatnonzero(self.unknown).tolist())
        self.unknown[unknown] = True
        return unknown

    def put_in(self, formula: int) -> None:
        """Note that a formula is new: what its cells hold is no value of it."""
        self.unknown[formula] = True

    def note_begun(self, done: np.ndarray, moved: np.ndarray, any_moved: bool) -> None:
        """Note what a calculation has done that is to go on with formulas that fill other cells."""
        self.unknown[done] = False
        self.typed = moved | (self.typed & ~done)
        self.any_typed = self.any_typed or any_moved

    def note_calculated(self, todo: np.ndarray, left: np.ndarray) -> None:
        """Note that all that was to be calculated is, but for what is left."""
        self.unknown[todo] = left[todo]
        self.typed[:] = self.any_typed = False

    def note_all_calculated(self) -> None:
        """Note that every formula has been calculated, where none is taken over any more."""
        for marks in (self.rests, self.unknown, self.typed, self.passed):
            marks[:] = False
        self.any_typed = False

    def inherit(self, other: Kept, numbers: dict[int, int]) -> None:
        """Take over what was known of the formulas of another graph, given their numbers there and here."""
        for old, new in numbers.items():
            if other.taken[old] and not self.taken[new]:
                for reason in other.reasons[old]:
                    self.take_over(new, reason)
            self.rests[new] |= other.rests[old]
            self.unknown[new] |= other.unknown[old]
            self.typed[new] |= other.typed[old]
        self.any_typed = self.any_typed or other.any_typed

    def reason(self, formula: int) -> str:
        """Why a formula is taken over, or not known."""
        lacking = self.graph.plan_of[formula].missing
        reasons = [f"{why} cannot be calculated" if why in lacking else why for why in self.reasons.get(formula, ())]
        return "; ".join(reasons) or "it depends on formulas that cannot be calculated, and what they read has changed"

    def as_before(self) -> frozenset[tuple[str, Rect]]:
        """The cells of the formulas that have the values that they had before the last calculation."""
        return frozenset(
            map(self.graph.workbook.place, np.flatnonzero(self.taken | self.unknown | self.passed).tolist())
        )

    def reasons_by_place(self) -> dict[tuple[str, Rect], str]:
        """Why formulas in some cells are taken over, or not known."""
        found = np.flatnonzero(self.taken | self.unknown).tolist()
        return dict(zip(map(self.graph.workbook.place, found), map(self.reason, found), strict=True))

    def knows(self, sheet: int, rect: Rect) -> bool:
        """Whether no formula in some cells is one that is not known."""
        return not self.unknown[self.graph.workbook.fillers(sheet, rect)].any()

    def is_blank(self, formula: int) -> bool:
        """Whether a cell of a formula has no value."""
        workbook = self.graph.workbook
        found = workbook.read(shared_area(workbook.sheet_of[formula], workbook.formulas[formula].rect))
        return found.dtype == object and any(value is None for value in found.ravel().tolist())

    def reads_unseen(self, formulas: np.ndarray) -> np.ndarray:
        """For each formula whether it may read cells that its text does not name: it is no formula, or has OFFSET."""
        found: np.ndarray = self._unseen[formulas]
        return found


class KeepingExecutor(Executor):
    """Notes in `moved` which formulas come to other values than before, by more than rounding."""

    def __init__(self, graph: DependencyGraph, textual: set[int], spills: Spills) -> None:
        super().__init__(graph, textual, True, spills)
        self.moved = np.zeros(len(graph.plan_of), dtype=bool)

    def put(self, formulas: list[int], position: Areas, values: np.ndarray) -> list[bool]:
        before = self.workbook.read(position).copy()
        changed = super().put(formulas, position, values)
        if any(changed):
            self.moved[formulas] |= _moved(before, self.workbook.read(position), len(formulas))
        return changed


def _moved(before: np.ndarray, after: np.ndarray, members: int) -> np.ndarray:
    """For each member of a batch whether its values differ by more than rounding."""
    if before.dtype == after.dtype == np.float64:
        far = np.abs(after - before) > ROUNDING * np.maximum(np.abs(before), np.abs(after))
    else:
        pairs = zip(before.ravel().tolist(), after.ravel().tolist(), strict=True)
        far = np.array([_far(*pair) for pair in pairs]).reshape(before.shape)
    each: np.ndarray = far.reshape(-1, far.shape[-2] * far.shape[-1]).any(axis=1)
    return np.broadcast_to(each, members)


def _far(before: object, after: object) -> bool:
    if isinstance(before, float) and isinstance(after, float):
        return abs(after - before) > ROUNDING * max(abs(before), abs(after))
    return type(before) is not type(after) or before != after


def reason_of(error: Exception) -> str:
    """Why a formula could not be calculated, in words."""
    if isinstance(error, SheetgptError):
        return getattr(error, "reason", "") or str(error).partition("\n")[0]
    return f"a fault in sheetgpt ({type(error).__name__}: {error})"

"""What values come of besides cells: the clock, random numbers, the machine; and which cells that reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sheetgpt.book.address import Rect
from sheetgpt.evaluator.compile.plan import Plan
from sheetgpt.evaluator.forms.volatile import CLOCK, RANDOM
from sheetgpt.evaluator.graph.dependency_graph import DependencyGraph


@dataclass(frozen=True)
class Sources:
    """For each source how many formulas use it; the time and the seed that they had."""

    counts: dict[str, int]
    now: datetime
    seed: int

    def lines(self) -> list[str]:
        """A sentence for each source."""
        given = {CLOCK: f", which says {self.now.isoformat(' ', 'seconds')}", RANDOM: f", seed {self.seed}"}
        return [
            f"{count:,} formula{'' if count == 1 else 's'} use{'s' * (count == 1)} {source}{given.get(source, '')}"
            for source, count in self.counts.items()
        ]

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {"sources": self.counts, "now": self.now.isoformat(), "seed": self.seed} if self.counts else {}


def sources_of(graph: DependencyGraph) -> Sources:
    """What the formulas of a workbook use."""
    clock, counts = graph.workbook.clock, Counter[str]()
    for number, plan in _users(graph):
        if number not in graph.workbook.gone:
            counts.update(plan.sources)
    return Sources(dict(sorted(counts.items())), clock.now, clock.seed)


def unrepeatable(graph: DependencyGraph, known: Collection[str] = ()) -> dict[str, list[Rect]]:
    """The formulas whose values come of more than cells, and those that depend on them: sheet -> their cells.

    What comes of `known` sources alone, "the clock" or "random numbers", can be repeated.
    """
    book, found = graph.workbook, dict[str, list[Rect]]()
    users = [number for number, plan in _users(graph) if plan.sources.difference(known)]
    for number in sorted(set(graph.reached(users)) - book.gone) if users else ():
        sheet, rect = book.place(number)
        found.setdefault(sheet, []).append(rect)
    return found


def _users(graph: DependencyGraph) -> list[tuple[int, Plan]]:
    return [(number, plan) for number in graph.volatile if (plan := graph.plan_of[number]).sources]

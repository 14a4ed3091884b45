"""What a calculation did not calculate: formulas that keep the values of the book, why, and what rests on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sheetgpt.book.fold import Place, range_list, range_texts
from sheetgpt.evaluator.graph.dependency_graph import DependencyGraph
from sheetgpt.evaluator.schedule.circles import Circle
from sheetgpt.evaluator.schedule.kept import Kept


class Ranges(NamedTuple):
    """How many formulas, and where they are: "Years!D1:D30"."""

    formulas: int = 0
    ranges: Sequence[str] = ()

    def __str__(self) -> str:
        return range_list(self.ranges)


_NONE = Ranges()


@dataclass(frozen=True)
class TakenOver:
    """Formulas by what became of them.

    taken: those that cannot be calculated; each keeps the value that the book has. They stand again in `functions`,
    by the functions that are lacking, and in `reasons`, by what else keeps them from being calculated.
    resting: those that depend on a value that is taken over.
    unknown: those that hold a value of before a change, or none: something that they may depend on has changed, and one
    of the formulas between cannot be calculated.
    restless: those in circles that did not come to rest in the times that the book allows.
    tables: the data tables that are as they were, by the reasons.
    other_books: those that were calculated from what the book keeps of other workbooks, by the names of these.
    """

    taken: Ranges = _NONE
    functions: Mapping[str, Ranges] = field(default_factory=dict)
    reasons: Mapping[str, Ranges] = field(default_factory=dict)
    resting: Ranges = _NONE
    unknown: Ranges = _NONE
    restless: Ranges = _NONE
    other_books: Mapping[str, Ranges] = field(default_factory=dict)
    tables: Mapping[str, Ranges] = field(default_factory=dict)

    @property
    def complete(self) -> bool:
        """Whether all formulas have been calculated, and those in circles came to rest."""
        return not (self.taken.formulas or self.unknown.formulas or self.restless.formulas or self.tables)

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return {name: _plain(value) for name, value in self.__dict__.items()}

    def lines(self) -> list[str]:
        """In words; nothing where there is nothing to say."""
        lines = []
        if self.taken.formulas:
            lines.append(f"taken over, as the file has them: {_formulas(self.taken)} that cannot be calculated")
            lines += [f"  {reason}: {where}" for reason, where in {**self.functions, **self.reasons}.items()]
        if self.resting.formulas:
            lines.append(f"resting on them: {_formulas(self.resting)}: {self.resting}")
        if self.unknown.formulas:
            what = "with a value of before a change that they may depend on, or none"
            lines.append(f"NOT KNOWN: {_formulas(self.unknown)} {what}: {self.unknown}")
        if self.restless.formulas:
            what = "in circles that did not come to rest; other programs may show other numbers"
            lines.append(f"NOT AT REST: {_formulas(self.restless)} {what}: {self.restless}")
        lines += [f"NOT KNOWN: the data table {where}: {why}" for why, where in self.tables.items()]
        for book, where in self.other_books.items():
            lines.append(f"from {book}, as this file keeps its values: {_formulas(where)}: {where}")
        return lines


def taken_over(
    graph: DependencyGraph, kept: Kept | None, circles: Iterable[Circle], tables: Mapping[Place, str]
) -> TakenOver:
    """What became of the formulas of a book in its last calculation; `tables` are data tables that are as before."""
    restless = [formula for circle in circles if not circle.at_rest for formula in circle.formulas]
    found = TakenOver(restless=_ranges(graph, restless), other_books=_other_books(graph))
    if kept is None:
        return found
    functions, reasons = _by_reason(graph, kept)
    return TakenOver(
        _ranges(graph, np.flatnonzero(kept.taken)),
        functions,
        reasons,
        _ranges(graph, np.flatnonzero(kept.rests & ~kept.taken & ~kept.unknown)),
        _ranges(graph, np.flatnonzero(kept.unknown)),
        found.restless,
        found.other_books,
        {
            why: Ranges(0, range_texts([place for place, other in tables.items() if other == why]))
            for why in dict.fromkeys(tables.values())
        },
    )


def _by_reason(graph: DependencyGraph, kept: Kept) -> tuple[dict[str, Ranges], dict[str, Ranges]]:
    members: dict[str, list[int]] = {}
    for formula, reasons in sorted(kept.reasons.items()):
        for reason in reasons:
            members.setdefault(reason, []).append(formula)
    ranges = {reason: _ranges(graph, formulas) for reason, formulas in sorted(members.items())}
    lacking = graph.bindings.missing()
    functions = {reason: where for reason, where in ranges.items() if reason in lacking}
    return functions, {reason: where for reason, where in ranges.items() if reason not in lacking}


def _other_books(graph: DependencyGraph) -> dict[str, Ranges]:
    """The formulas that read cells of other workbooks, by the names of these."""
    workbook = graph.workbook
    readers: dict[str, set[int]] = {}
    if not workbook.book.links:
        return {}
    bindings = graph.bindings
    owners = np.repeat(np.arange(len(workbook.formulas)), np.diff(bindings.starts))
    sheets = graph.area_sheet[bindings.areas]
    for place in np.flatnonzero(sheets >= len(workbook.book.sheets)).tolist():
        book = workbook.sheets[sheets[place]].partition("]")[0].removeprefix("[")
        readers.setdefault(book, set()).add(int(owners[place]))
    return {book: _ranges(graph, sorted(formulas - workbook.gone)) for book, formulas in readers.items()}


def _ranges(graph: DependencyGraph, formulas: Iterable[int]) -> Ranges:
    places = [graph.workbook.place(int(formula)) for formula in formulas]
    return Ranges(len(places), range_texts(places))


def _formulas(where: Ranges) -> str:
    return f"{where.formulas:,} formula{'s' * (where.formulas != 1)}"


def _plain(value: Ranges | Mapping[str, Ranges]) -> object:
    if isinstance(value, Ranges):
        return {"formulas": value.formulas, "ranges": list(value.ranges)}
    return {name: _plain(where) for name, where in value.items()}

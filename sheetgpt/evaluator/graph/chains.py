"""The chains of a workbook, found group by group."""

from __future__ import annotations

import numpy as np

from sheetgpt.evaluator.graph.chain import Chain
from sheetgpt.evaluator.graph.dependency_graph import DependencyGraph

_COLUMN_BITS, _ROW_BITS = 14, 21
LEAST = 8  # formulas that are worth calculating as a chain


def chain_of(graph: DependencyGraph, formula: int) -> Chain | None:
    """The chain that a formula is in, if another one of its group reads it; remembered in `graph.chains`."""
    group = int(graph.group_of[formula])
    if group not in graph.chains:
        readers = (reader for area in graph.feeds[formula] for reader in graph.readers[area])
        if not any(graph.group_of[reader] == group for reader in readers):
            return None
        graph.chains[group] = _find(graph, formula, np.flatnonzero(graph.group_of == group))
    return graph.chains[group]


def _find(graph: DependencyGraph, formula: int, members: np.ndarray) -> Chain | None:
    scalar, areas = graph.plan_of[formula].scalar, list(map(graph.area, graph.areas_of[formula]))
    filled = graph.workbook.formulas[formula].rect.size
    if scalar is None or len(members) <= LEAST or {filled, *[area.rows * area.columns for area in areas]} != {1}:
        return None
    own = _places(graph.workbook.sheet_array[members], graph.workbook.rects[members])
    order = np.argsort(own)
    table = graph.areas_of.table(members)
    links = [_found(own[order], _places(graph.area_sheet[area], graph.area_rect[area])) for area in table.T]
    holes = [hole for hole, link in enumerate(links) if (link >= 0).any()]
    if len(holes) != 1:
        return None
    link = links[holes[0]]
    linked = np.flatnonzero(link >= 0)
    before = members[order[link[linked]]].tolist()
    following = dict(zip(before, members[linked].tolist(), strict=True))
    return Chain(holes[0], scalar, following) if len(following) == len(before) >= LEAST else None


def _places(sheets: np.ndarray, rects: np.ndarray) -> np.ndarray:
    """A number for the first cell of each rectangle."""
    found: np.ndarray = (sheets << _ROW_BITS + _COLUMN_BITS) + (rects[:, 0] << _COLUMN_BITS) + rects[:, 1] - 1
    return found


def _found(numbers: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each of the wanted numbers is among sorted ones; -1 for none."""
    at = np.minimum(np.searchsorted(numbers, wanted), len(numbers) - 1)
    return np.where(numbers[at] == wanted, at, -1)

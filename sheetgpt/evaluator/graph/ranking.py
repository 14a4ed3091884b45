"""Topological order of runs of formulas, so that many are calculated together.

A formula may be calculated as soon as the cells that it reads are known. Among those that are ready it
pays to take first what lies early in the flow of the whole workbook, so that all rows reach a step
before any row passes it. So formulas are put into runs (the same formula filled down or across), and
each run gets a rank: its place in the flow from run to run. Where runs go in a circle (a row's token is
predicted from the row before), the references that may never be read, such as IF's branches, do not count.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.evaluator.graph.components import levels
from sheetgpt.evaluator.index.rect_index import BOTTOM, LEFT, RIGHT, TOP, distinct_rows, expand


def runs(sheets: np.ndarray, plans: np.ndarray, rects: np.ndarray) -> np.ndarray:
    """The run of each formula: neighbours below one another, else beside one another, of one plan."""
    down = _chains(sheets, plans, rects, LEFT, TOP, BOTTOM)
    across = _chains(sheets, plans, rects, TOP, LEFT, RIGHT)
    alone = np.bincount(down, minlength=len(down))[down] == 1
    chosen = np.where(alone, across + len(down), down)
    return np.unique(chosen, return_inverse=True)[1]


def _chains(sheets: np.ndarray, plans: np.ndarray, rects: np.ndarray, fixed: int, start: int, end: int) -> np.ndarray:
    """A number for each formula, equal for those that follow one another from `start` to `end`."""
    order = np.lexsort((rects[:, start], rects[:, fixed], plans, sheets))
    columns = [sheets[order], plans[order], rects[order, fixed]]
    same = np.ones(max(len(order) - 1, 0), dtype=bool)
    for column in columns:
        same &= column[1:] == column[:-1]
    same &= rects[order[1:], start] == rects[order[:-1], end] + 1
    chains = np.empty(len(order), dtype=np.int64)
    chains[order] = np.concatenate(([0], np.cumsum(~same))) if len(order) else []
    return chains


def run_edges(filled: np.ndarray, read: np.ndarray, areas: int, runs: int) -> tuple[np.ndarray, int]:
    """Edges (from, to, lazy) between runs, from (area, run) and (area, run, lazy), and the number of nodes.

    An area with many runs on both sides becomes a node of its own, in place of an edge for each pair.
    """
    feeders, readers = np.bincount(filled[:, 0], minlength=areas), np.bincount(read[:, 0], minlength=areas)
    busy = feeders * readers > 2 * (feeders + readers)
    node = runs + np.cumsum(busy) - 1
    plain, crowded = read[~busy[read[:, 0]]], read[busy[read[:, 0]]]
    first = np.cumsum(feeders) - feeders
    pairs = expand(first[plain[:, 0]], feeders[plain[:, 0]])
    direct = np.stack((filled[pairs.found, 1], plain[pairs.queries, 1], plain[pairs.queries, 2]), axis=1)
    into = filled[busy[filled[:, 0]]]
    ways_in = np.stack((into[:, 1], node[into[:, 0]], np.zeros(len(into), np.int64)), axis=1)
    ways_out = np.stack((node[crowded[:, 0]], crowded[:, 1], crowded[:, 2]), axis=1)
    return distinct_rows(*np.concatenate((direct, ways_in, ways_out)).T), runs + int(busy.sum())


def ranks(count: int, edges: np.ndarray) -> list[int]:
    """The place of each of `count` runs in the flow; edges (from, to, lazy) as `run_edges` gives them.

    A run comes after those that it reads; within a circle, after those that it reads for certain.
    """
    outer, components = levels(_adjacency(count, edges[:, :2]))
    component = np.array(components, dtype=np.int64)
    certain = (component[edges[:, 0]] == component[edges[:, 1]]) & (edges[:, 2] == 0)
    inner, _ = levels(_adjacency(count, edges[certain, :2]))
    return [level * (count + 1) + sublevel for level, sublevel in zip(outer, inner, strict=True)]


def _adjacency(count: int, edges: np.ndarray) -> list[list[int]]:
    following: list[list[int]] = [[] for _ in range(count)]
    for start, end in edges.tolist():
        following[start].append(end)
    return following

"""Strongly connected components (Tarjan): circles in a directed graph, and levels between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def levels(following: Sequence[Sequence[int]]) -> tuple[list[int], list[int]]:
    """(level, component) of each node: its component's longest path from a start, and which circle it is in."""
    component = components(following)
    level = [0] * len(following)  # by component
    for node in sorted(range(len(following)), key=lambda node: -component[node]):  # starts come first
        after = level[component[node]] + 1
        for successor in following[node]:
            other = component[successor]
            if other != component[node] and level[other] < after:
                level[other] = after
    return [level[number] for number in component], component


def components(following: Sequence[Sequence[int]]) -> list[int]:
    """The number of each node's component; edges between components lead to lower numbers."""
    search = _Search(following)
    for node in range(len(following)):
        if not search.found[node]:
            search.visit(node)
    return search.component


class _Search:
    """Tarjan's depth-first search with its own stack in place of recursion."""

    def __init__(self, following: Sequence[Sequence[int]]) -> None:
        self.following = following
        self.found = [0] * len(following)  # order of discovery, from 1
        self.low = [0] * len(following)  # earliest node of the open circle that is reached from here
        self.component = [-1] * len(following)
        self.open: list[int] = []
        self.discovered = self.closed = 0

    def visit(self, root: int) -> None:
        path = [self._enter(root)]
        while path:
            node, successors = path[-1]
            new = self._advance(node, successors)
            if new is not None:
                path.append(self._enter(new))
                continue
            path.pop()
            if path:
                parent = path[-1][0]
                self.low[parent] = min(self.low[parent], self.low[node])
            if self.low[node] == self.found[node]:
                self._close(node)

    def _enter(self, node: int) -> tuple[int, Iterator[int]]:
        self.discovered += 1
        self.found[node] = self.low[node] = self.discovered
        self.open.append(node)
        return node, iter(self.following[node])

    def _advance(self, node: int, successors: Iterator[int]) -> int | None:
        """The next successor that is not found yet."""
        for successor in successors:
            if not self.found[successor]:
                return successor
            if self.component[successor] < 0:
                self.low[node] = min(self.low[node], self.found[successor])
        return None

    def _close(self, node: int) -> None:
        while self.component[node] < 0:
            self.component[self.open.pop()] = self.closed
        self.closed += 1

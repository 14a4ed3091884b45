"""Cells put together to rectangles."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable

from sheetgpt.book.address import Rect, at


def fold(
    cells: Iterable[tuple[int, int]], key: Callable[[tuple[int, int]], Hashable] = lambda cell: None
) -> list[Rect]:
    """Rectangles that hold exactly these cells, row by row; each holds cells of one key."""
    runs: list[tuple[Rect, Hashable]] = []
    for cell in sorted(cells):
        last, last_key = runs[-1] if runs else (None, None)
        if last and (last.bottom, last.right + 1) == cell and key(cell) == last_key:
            runs[-1] = last.union(at(*cell)), last_key
        else:
            runs.append((at(*cell), key(cell)))
    return _stack(runs)


def _stack(runs: Iterable[tuple[Rect, Hashable]]) -> list[Rect]:
    """Runs of cells of one row each, put together where they are equally wide and lie under one another."""
    open_runs: dict[tuple[int, int, Hashable], Rect] = {}  # (left, right, key) -> the rectangle that may grow
    done: list[Rect] = []
    for run, key in runs:
        place = run.left, run.right, key
        above = open_runs.get(place)
        if above and above.bottom == run.top - 1:
            open_runs[place] = above.union(run)
        else:
            if above:
                done.append(above)
            open_runs[place] = run
    return sorted([*done, *open_runs.values()])

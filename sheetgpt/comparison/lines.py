"""Where the rows or columns of a sheet went: old numbers to new ones, where some were put in or taken out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect


class Lines:
    """The rows, or the columns, of a sheet: which of them became which. Those behind the last one move with it."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        """From pairs of an old and a new number, both growing; all numbers count from 1."""
        self._olds, self._news, self._ends = [0], [0], [0]  # runs of lines that move together, and their last old one
        for old, new in pairs:
            if (old, new) == (self._ends[-1] + 1, self._news[-1] + self._ends[-1] + 1 - self._olds[-1]):
                self._ends[-1] = old
            else:
                self._olds.append(old)
                self._news.append(new)
                self._ends.append(old)

    @property
    def same(self) -> bool:
        """Whether each line is where it was."""
        return len(self._olds) == 1

    def new(self, old: int) -> int | None:
        """The new number of a line; None if it is deleted."""
        run = bisect_right(self._olds, old) - 1
        if old > self._ends[run] and run < len(self._olds) - 1:
            return None
        return self._news[run] + old - self._olds[run]

    def span(self, first: int, last: int) -> tuple[int, int] | None:
        """The first and last line that are left of a range; None if none is."""
        run = bisect_right(self._olds, first) - 1
        start = self.new(first)
        if start is None:
            start = self._news[run + 1]
        run = bisect_right(self._olds, last) - 1
        end = self.new(last)
        if end is None:
            end = self._news[run] + self._ends[run] - self._olds[run]
        return (start, end) if start <= end else None

    def inserted(self) -> list[tuple[int, int]]:
        """Ranges of new numbers that no old line has."""
        ends = [new + end - old for old, new, end in zip(self._olds, self._news, self._ends, strict=True)]
        return _gaps(ends, self._news)

    def deleted(self) -> list[tuple[int, int]]:
        """Ranges of old numbers that have no new one."""
        return _gaps(self._ends, self._olds)


def _gaps(ends: Sequence[int], starts: Sequence[int]) -> list[tuple[int, int]]:
    """From behind each end to before the next start."""
    return [(end + 1, start - 1) for end, start in zip(ends, starts[1:], strict=False) if end + 1 < start]


@dataclass(frozen=True)
class Move:
    """Where the cells of a sheet went: the sheet's new name, its rows and columns."""

    name: str
    rows: Lines
    columns: Lines

    @property
    def same(self) -> bool:
        return self.rows.same and self.columns.same

    def rect(self, rect: Rect) -> Rect | None:
        """What is left of a rectangle; None if nothing. Whole rows and columns stay whole."""
        rows = (1, MAX_ROWS) if rect.rows == MAX_ROWS else self.rows.span(rect.top, rect.bottom)
        columns = (1, MAX_COLUMNS) if rect.columns == MAX_COLUMNS else self.columns.span(rect.left, rect.right)
        if rows is None or columns is None:
            return None
        found = Rect(rows[0], columns[0], rows[1], columns[1])
        return found if found.bottom <= MAX_ROWS and found.right <= MAX_COLUMNS else None

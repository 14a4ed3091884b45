"""Many cells as few ranges, for people: Years!D1:D30, not cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from sheetgpt.book.address import Rect, reference

Place = tuple[str, Rect]  # sheet, cells


def fold(places: Iterable[Place]) -> list[Place]:
    """Neighbouring rectangles put together, first downwards, then across; sheets in the order in which they come."""
    by_sheet: dict[str, list[Rect]] = {}
    for sheet, rect in places:
        by_sheet.setdefault(sheet, []).append(rect)
    return [(sheet, rect) for sheet, rects in by_sheet.items() for rect in _fold(rects)]


def range_texts(places: Iterable[Place]) -> list[str]:
    """The folded ranges as texts: "Years!D1:D30"."""
    return [reference(sheet, rect, absolute=False) for sheet, rect in fold(places)]


def range_list(ranges: Sequence[str], most: int = 12) -> str:
    """Ranges in a line of text, the first ones where there are many."""
    return ", ".join(ranges[:most]) + (f" and {len(ranges) - most:,} more ranges" if len(ranges) > most else "")


def _fold(rects: list[Rect]) -> list[Rect]:
    columns: list[Rect] = []
    for _, group in groupby(sorted(rects, key=lambda r: (r.left, r.right, r.top)), key=lambda r: (r.left, r.right)):
        columns += _joined(group, down=True)
    found: list[Rect] = []
    for _, group in groupby(sorted(columns, key=lambda r: (r.top, r.bottom, r.left)), key=lambda r: (r.top, r.bottom)):
        found += _joined(group, down=False)
    return sorted(found)


def _joined(rects: Iterable[Rect], down: bool) -> list[Rect]:
    """Rectangles of one width (or height) in order, those put together that follow one another."""
    found: list[Rect] = []
    for rect in rects:
        last = found[-1] if found else None
        if last and (rect.top <= last.bottom + 1 if down else rect.left <= last.right + 1):
            found[-1] = last.union(rect)
        else:
            found.append(rect)
    return found

"""What SUBTOTAL and AGGREGATE leave out: rows that are hidden, and cells with such a function in their formula."""

from __future__ import annotations

import re
from functools import cached_property

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book, Formula

_TEXT = re.compile(r'"(?:[^"]|"")*"')
_NO_ROWS = np.empty(0, dtype=np.int64)
_NONE = np.empty((0, 4), dtype=np.int64)
_CALL = re.compile(r"(?<![\w.])(?:_xlfn\.)?(?:SUBTOTAL|AGGREGATE)\s*\(", re.IGNORECASE)


class LeftOut:
    """For each sheet of a book, by its number, what is left out; found when it is first asked for."""

    def __init__(self, book: Book) -> None:
        self._sheets = list(book.sheets.values())
        self._nested: dict[int, tuple[list[Formula], np.ndarray]] = {}  # with the formulas among which they were found

    @cached_property
    def _hidden(self) -> list[np.ndarray]:
        return [np.array(sorted(sheet.hidden_rows), dtype=np.int64) for sheet in self._sheets]

    @cached_property
    def _filtered(self) -> list[np.ndarray]:
        rows = [
            [row for row in sheet.hidden_rows if any(area.top <= row <= area.bottom for area in sheet.filters)]
            for sheet in self._sheets
        ]
        return [np.array(sorted(some), dtype=np.int64) for some in rows]

    def cells(self, sheet: int, rect: Rect, hidden: bool, filtered: bool, nested: bool) -> np.ndarray | None:
        """Which cells of a rectangle are left out, as flags of its shape; None for none.

        `hidden` are all hidden rows, `filtered` those that a filter hides, `nested` cells with such a function.
        """
        lines = self._hidden[sheet] if hidden else self._filtered[sheet] if filtered else _NO_ROWS
        lines = lines[(lines >= rect.top) & (lines <= rect.bottom)] if len(lines) else lines
        found = self._nested_in(sheet, rect) if nested else _NONE
        if not len(lines) and not len(found):
            return None
        flags = np.zeros(rect.shape, dtype=bool)
        flags[lines - rect.top] = True
        for top, left, bottom, right in (found - [rect.top, rect.left, rect.top, rect.left]).tolist():
            flags[max(top, 0) : bottom + 1, max(left, 0) : right + 1] = True
        return flags

    def _nested_in(self, sheet: int, rect: Rect) -> np.ndarray:
        formulas = self._sheets[sheet].formulas
        seen, known = self._nested.get(sheet, ([], _NONE))
        if seen is not formulas:
            rects = [formula.rect for formula in formulas if is_subtotal(formula.text)]
            known = np.array(rects, dtype=np.int64).reshape(-1, 4)
            self._nested[sheet] = formulas, known
        top, left, bottom, right = known.T
        met = (top <= rect.bottom) & (bottom >= rect.top) & (left <= rect.right) & (right >= rect.left)
        found: np.ndarray = known[met]
        return found


def is_subtotal(text: str) -> bool:
    """Whether a formula calls SUBTOTAL or AGGREGATE anywhere."""
    upper = text.upper()
    if "SUBTOTAL" not in upper and "AGGREGATE" not in upper:
        return False
    return bool(_CALL.search(_TEXT.sub("", text)))

"""Precision as displayed: values of formulas rounded to the number formats of their cells, where a book asks for it."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book
from sheetgpt.book.settings import Looks
from sheetgpt.book.values import Value
from sheetgpt.evaluator.index.areas import Areas
from sheetgpt.functions.core.broadcasting import pack
from sheetgpt.functions.core.displayed import as_displayed


class Displayed:
    """Rounds values as their cells show them."""

    def __init__(self, sheets: list[str], looks: Looks) -> None:
        self._sheets, self._looks = sheets, looks

    @classmethod
    def of(cls, book: Book) -> Displayed | None:
        """For a book in which precision is as displayed; None for others."""
        looks = book.settings.looks
        return cls(list(book.sheets), looks) if book.settings.as_displayed and looks else None

    def rounded(self, position: Areas, values: np.ndarray) -> np.ndarray:
        """The values of formulas, rounded, for each its own."""
        places = position.rects()
        each = np.broadcast_to(values, (len(places), position.rows, position.columns))
        found = [
            self.value(sheet, row, column, value)
            for (sheet, rect), own in zip(places, each, strict=True)
            for (row, column), value in zip(rect.cells(), own.ravel().tolist(), strict=True)
        ]
        packed = pack(found, each.shape)
        return packed[0] if isinstance(position.tops, int) else packed

    def cells(self, sheet: int, rect: Rect, values: np.ndarray) -> np.ndarray:
        """Values of a rectangle, rounded."""
        return self.rounded(Areas(sheet, rect.top, rect.left, rect.rows, rect.columns), values)

    def value(self, sheet: int, row: int, column: int, value: Value) -> Value:
        """A value as its cell shows it."""
        if type(value) is not float:
            return value
        return as_displayed(value, self._looks(self._sheets[sheet], row, column).number_format)

"""Cells of a calculated workbook under their defined names, as numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import WorkbookError


class NamedNumbers(Mapping[str, np.ndarray]):
    """Defined name -> the numbers of its cells [r, c], calculated when they are asked for; blanks are NaN.

    The same mapping has activations and tensors. A vector of a checkpoint is one row [1, d]. Asking raises KeyError for
    a name that is not there, WorkbookError for cells with an error or a text.
    """

    def __init__(self, book: Book, refresh: Callable[[], None]) -> None:
        self._book, self._refresh = book, refresh

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._book.names:
            raise KeyError(name)
        self._refresh()
        values = self._book.read(name)
        if values.dtype == np.float64:
            return values.copy() if values.size < _LARGE else values
        return np.array([[_number(name, value) for value in row] for row in values.tolist()])

    def __iter__(self) -> Iterator[str]:
        return iter(self._book.names)

    def __len__(self) -> int:
        return len(self._book.names)


def _number(name: str, value: object) -> float:
    if value is None:
        return float("nan")
    if isinstance(value, float):
        return value
    what = f"the error {value}" if isinstance(value, ErrorValue) else repr(value)
    raise WorkbookError(f"{name} holds {what}, expected numbers", "is the prompt one that the workbook takes?")


_LARGE = 1 << 20  # cells; what is larger is a weight, which no calculation changes, and is not copied

"""Random numbers like the weights of a model, and a sheet with such numbers."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.gpt2.float32 import shortest_decimals


def normal(rows: int, columns: int, scale: float = 0.02) -> np.ndarray:
    return shortest_decimals(np.random.default_rng(rows + columns).normal(0, scale, (rows, columns)))


def large_sheet(numbers: np.ndarray) -> Book:
    book = Book()
    sheet = book.add("w")
    rows, columns = numbers.shape
    sheet.put(at(1, 1), "title", "title")
    sheet.put(Rect(3, 2, 3, columns + 1), np.arange(columns, dtype=float)[None], "index")
    sheet.put(Rect(4, 1, rows + 3, 1), np.arange(rows, dtype=float)[:, None], "position")
    sheet.put(Rect(4, 2, rows + 3, columns + 1), numbers, "weight")
    return book

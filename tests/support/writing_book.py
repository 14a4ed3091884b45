"""A small book that writes on, row after row, and what numpy makes of it."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book

ROWS, WIDTH, WORDS = 12, 6, 20


def model() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Embeddings (words, width), matrix (width, width), bias (width)."""
    generator = np.random.default_rng(3)
    return generator.normal(size=(WORDS, WIDTH)), generator.normal(size=(WIDTH, WIDTH)), generator.normal(size=WIDTH)


def writing_book(prompt: int) -> Book:
    """A sheet that writes: row t + 1 goes on with the word that row t predicts, from rows up to t."""
    words, matrix, bias = model()
    book = Book()
    sheet = book.add("Model")
    for name, values in (("words", words), ("matrix", matrix), ("bias", bias[None, :])):
        data = book.add(name)
        rect = Rect(1, 1, *values.shape)
        data.put(rect, values)
        book.define(f"{name}.weight", name, rect)
    sheet.put(at(1, 1), float(prompt))
    book.define("prompt.length", "Model", at(1, 1))
    for t in range(ROWS):
        row = 11 + t
        sheet.put(at(row, 1), float(t + 1))
        sheet.put(at(row, 2), float((7 * t) % WORDS))
        written = f"Next!A{row - 1}" if t else "0"
        sheet.put_formula(at(row, 3), f"IF(A{row}<=prompt.length,B{row},{written})")
        sheet.put_formula(Rect(row, 4, row, 9), f"INDEX(words.weight,C{row}+1,0)", array=True)
        sheet.put_formula(Rect(row, 10, row, 15), f"TANH(MMULT(D{row}:I{row},matrix.weight)+bias.weight)", array=True)
        past = f"J$11:O{row}"
        sheet.put_formula(Rect(row, 16, row, 21), f"MMULT(TRANSPOSE(A$11:A{row})/{t + 1},{past})", array=True)
    following = book.add("Next")
    for row in range(11, 11 + ROWS):
        logits = f"MMULT(words.weight,TRANSPOSE(Model!P{row}:U{row}))"
        following.put_formula(Rect(11, row, 10 + WORDS, row), logits, array=True)
        letters = chr(64 + row)
        column = f"{letters}$11:{letters}${10 + WORDS}"
        following.put_formula(at(row, 1), f"MATCH(MAX({column}),{column},0)-1")
    return book


def written_by_numpy(prompt: int) -> list[float]:
    """The words of all rows, and the one after them, calculated row after row."""
    words, matrix, bias = model()
    tokens = [float((7 * t) % WORDS) for t in range(prompt)] or [0.0]
    hidden: list[np.ndarray] = []
    while len(tokens) <= ROWS:
        t = len(hidden)
        hidden.append(np.tanh(words[int(tokens[t])] @ matrix + bias))
        if len(hidden) >= len(tokens):
            mean = sum((i + 1) * row for i, row in enumerate(hidden)) / (t + 1)
            tokens.append(float(np.argmax(words @ mean)))
    return tokens


def words_of(book: Book) -> list[float]:
    """The words of all rows, and the one after them, as the book has them."""
    return [*book.read(f"Model!C11:C{10 + ROWS}").ravel().tolist(), book.sheets["Next"].grid[10 + ROWS, 1]]


def formulas_of(book: Book) -> int:
    return sum(len(sheet.formulas) for sheet in book.sheets.values())

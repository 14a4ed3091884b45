"""The warm-up of an exercise, filled in: the worked network and the quiz."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.schema.quiz import QUESTIONS


def solve_warm_up(book: Book) -> None:
    """Fill in what the sheets Network and Quiz leave to the learner, as far as the book has them."""
    if "network.typed" in book.names:
        _solve_network(book)
    if "quiz.typed" in book.names:
        sheet, rect = book.locate("quiz.typed")
        answers = np.array([[question.answers[0]] for question in QUESTIONS], dtype=object)
        book.sheets[sheet].put(rect, answers)


def _solve_network(book: Book) -> None:
    """The units as anybody would write them: 1 / (1 + e^-z)."""
    name, typed = book.locate("network.typed")
    inputs, weights, biases = (book.locate(f"network.{part}")[1] for part in ("inputs", "weights", "biases"))
    sheet = book.sheets[name]
    for unit in range(3):
        cell = at(typed.top + unit, typed.left)
        reads = [at(inputs.top, inputs.left + k) if unit < 2 else at(typed.top + k, typed.left) for k in range(2)]
        row = Rect(weights.top + unit, weights.left, weights.top + unit, weights.right)
        terms = [f"{at(row.top, row.left + k)}*{read}" for k, read in enumerate(reads)]
        total = "+".join([*terms, str(at(biases.top + unit, biases.left))])
        sheet.put_formula(cell, f"1/(1+EXP(-({total})))")

"""What the sheets Quiz and Network should hold, by the answers themselves and plain sigmoids."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.book.number_text import number_text
from sheetgpt.book.values import Value
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.schema.quiz import ALPHABET, LONGEST, QUESTIONS, digest, normalize
from sheetgpt.witnesses.reference.lenses.choice import Values

_RIGHT, _WRONG, _TO_DO = "✓ right", "✗ not yet", "to do"


def quiz(book: Book, _: Config, __: forward.Tensors, ___: Mapping[str, np.ndarray]) -> Values:
    """The sheet Quiz."""
    typed = [_text(value) for value in book.read("quiz.typed").ravel().tolist()]
    verdicts = [_verdict(text, question.answers) for text, question in zip(typed, QUESTIONS, strict=True)]
    columns: dict[str, list[Value]] = {
        "counts": [normalize(text) for text in typed],
        "digests": [float(digest(text)) for text in typed],
        "verdicts": list(verdicts),
        "score": [f"{verdicts.count(_RIGHT)} of {len(QUESTIONS)} right"],
    }
    return {f"quiz.{name}": np.array([[value] for value in values], dtype=object) for name, values in columns.items()}


def _text(value: Value) -> str:
    """What was typed, as text."""
    return "" if value is None else number_text(value) if isinstance(value, float) else str(value)


def _verdict(text: str, answers: tuple[str, ...]) -> str:
    """By the letters: other characters at the end of an answer count as nothing."""
    said, known = _letters(text), {_letters(answer) for answer in answers}
    return _TO_DO if not normalize(text) else _RIGHT if said in known else _WRONG


def _letters(text: str) -> str:
    letters = [letter if letter in ALPHABET else "?" for letter in normalize(text)[:LONGEST]]
    return "".join(letters).rstrip("?")


def network(book: Book, _: Config, __: forward.Tensors, ___: Mapping[str, np.ndarray]) -> Values:
    """The sheet Network."""
    inputs, weights, biases = (_numbers(book, name) for name in ("inputs", "weights", "biases"))
    typed = book.read("network.typed").ravel().tolist()
    hidden = _sigmoid(weights[:2] @ inputs[0] + biases[:2, 0])
    right = [*hidden, _sigmoid(weights[2] @ hidden + biases[2, 0])]
    words = [_judge(cell, value) for cell, value in zip(typed, right, strict=True)]
    return {"network.verdicts": np.array([[word] for word in words], dtype=object)}


def _numbers(book: Book, name: str) -> np.ndarray:
    """Numbers as typed; blank counts as 0, what is no number as NaN."""
    cells = book.read(f"network.{name}").tolist()
    return np.array([[0.0 if c is None else c if isinstance(c, float) else np.nan for c in row] for row in cells])


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-z)))


def _judge(cell: Value, right: float) -> str:
    if cell is None or cell == "":
        return _TO_DO
    return _RIGHT if isinstance(cell, float) and abs(cell - right) <= 1e-12 else _WRONG

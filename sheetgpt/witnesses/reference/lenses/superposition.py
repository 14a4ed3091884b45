"""What the sheet Superposition should hold. Random numbers and pairs of tokens are numbers in the file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.superposition import (
    angles,
    dimensions,
    expected_deviation,
    histogram,
    most_directions,
    sure_directions,
    welch_bound,
    widest,
)
from sheetgpt.schema.names import read_numbers, single
from sheetgpt.witnesses.reference.lenses.choice import Values, read_whole

_EDGES = range(0, 181, 5)


def superposition(book: Book, config: Config, tensors: forward.Tensors, _: Mapping[str, np.ndarray]) -> Values:
    """The sheet Superposition."""
    typed = single(book, "superposition.typed_degrees")
    degrees = max(0.1, min(45.0, typed)) if isinstance(typed, float) else 1.0
    count = read_whole(book, "superposition.typed_count", 2, 1_000_000_000, 10_000)
    d = read_whole(book, "superposition.typed_dimensions", 1, 1_000_000, 100)
    angle = _degrees(count, d)
    verdict = "so they do not fit" if angle > degrees else "the bound does not forbid it"
    squared = np.sin(np.radians(degrees)) ** 2
    cells = {"degrees": degrees, "count": float(count), "dimensions": float(d), "squared": squared, "angle": angle}
    values = {name: np.array([[cell]], dtype=object) for name, cell in (cells | {"verdict": verdict}).items()}
    values |= _table(config, degrees, count) | _angles(book, config, tensors["wte.weight"])
    return {f"superposition.{name}": value for name, value in values.items()}


def _degrees(count: int, d: int) -> float:
    return float(np.degrees(np.arcsin(welch_bound(count, d))))


def _table(config: Config, degrees: float, count: int) -> Values:
    """A row for each number of dimensions."""
    sizes = dimensions(config.n_embd)
    most = [most_directions(d, degrees) for d in sizes]
    sure = [sure_directions(d, degrees) for d in sizes]
    columns: dict[str, list[object]] = {
        "usual": [expected_deviation(d) for d in sizes],
        "limit": [degrees] * len(sizes),
        "some_pair": [_degrees(count, d) for d in sizes],
        "at_most": ["no bound" if number is None else number for number in most],
        "at_least": ["over 1E+300" if number is None else number for number in sure],
    }
    return {name: np.array(column, dtype=object)[:, None] for name, column in columns.items()}


def _angles(book: Book, config: Config, wte: np.ndarray) -> Values:
    """Angles of random rows and of token embeddings, their figures and histograms."""
    numbers = read_numbers(book, "superposition.random_numbers")
    pairs = read_numbers(book, "superposition.pairs").astype(int)
    narrow = [size for size in dimensions(config.n_embd) if size <= widest(config.n_embd)]
    found = np.column_stack([angles(numbers[:-1, :size], numbers[1:, :size]) for size in narrow])
    own = angles(wte[pairs[:, 0]], wte[pairs[:, 1]])
    values: Values = {
        "random_angles": found,
        "own_angles": own[:, None],
        "measured": np.sqrt(((found - 90) ** 2).mean(axis=0))[:, None],
    }
    for name, degrees in (("random", found[:, narrow.index(config.n_embd)]), ("own", own)):
        values[f"{name}_figures"] = np.array([[degrees.mean()], [degrees.std()]])
        values[f"{name}_shares"] = histogram(degrees, _EDGES)[:, None]
    return values

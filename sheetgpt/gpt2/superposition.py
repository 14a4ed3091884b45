"""How many directions fit into a space: random ones crowd at 90 degrees, and no set beats the Welch bound."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

SEED = 1
PAIRS = 100  # of random rows, and of tokens
_GROWING = [2**k for k in range(1, 15)]


def dimensions(own: int) -> list[int]:
    """The numbers of dimensions that are compared: powers of 2, and the model's own."""
    return sorted({*_GROWING, own})


def widest(own: int) -> int:
    """How many random numbers a row has."""
    return max(256, own)


def random_pairs(vocabulary: int) -> np.ndarray:
    """Pairs [m, 2] of different token ids, the same ones for a vocabulary; of one token, that with itself."""
    draws = np.random.RandomState(SEED).random_sample((PAIRS, 2))
    first, step = np.floor(draws[:, 0] * vocabulary), np.floor(draws[:, 1] * (vocabulary - 1)) + 1
    return np.column_stack([first, (first + step) % vocabulary])


def random_rows(rows: int, columns: int, seed: int) -> np.ndarray:
    """Normal random numbers [rows, columns] with three decimals; the same ones for a seed in every version of numpy."""
    return np.round(np.random.RandomState(seed).standard_normal((rows, columns)), 3)  # a stream that numpy keeps


def angles(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Degrees [m] between the rows of x and y [m, d]; 90 where one of them is 0.

    Where rows are parallel to 12 digits it is 0 or 180: the last digit of a cosine there is millionths of a degree.
    """
    norms = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    cosines = np.divide((x * y).sum(axis=1), norms, out=np.zeros(len(x)), where=norms > 0)
    parallel = np.abs(cosines) > 1 - 1e-12
    return np.asarray(np.degrees(np.arccos(np.where(parallel, np.sign(cosines), cosines))))


def expected_deviation(dimensions: int) -> float:
    """Standard deviation in degrees of the angle of two random directions, about 57.3 / sqrt(d): their cosine has the
    variance 1 / d, and near 90 degrees an angle in radians is as far from there as its cosine is from 0.
    """
    return float(np.degrees(1.0) / np.sqrt(dimensions))


def welch_bound(count: float, dimensions: float) -> float:
    """The least that the largest |cosine| among so many directions can be (Welch 1974): sqrt((N-d)/(d(N-1)))."""
    if count <= dimensions or count <= 1:
        return 0.0
    return float(np.sqrt((count - dimensions) / (dimensions * (count - 1))))


def most_directions(dimensions: int, degrees: float) -> float | None:
    """How many directions can all be within 90 +- so many degrees, by the Welch bound; None where it says nothing."""
    squared = float(np.sin(np.radians(degrees)) ** 2)
    return dimensions * (1 - squared) / (1 - dimensions * squared) if dimensions * squared < 1 - 1e-6 else None


def sure_directions(dimensions: int, degrees: float) -> float | None:
    """How many directions there surely are within 90 +- so many degrees: d at right angles, or exp(d sin^2(e) / 4).

    Two random directions pass it with a probability of at most 2 exp(-d sin^2(e) / 2); among so many random ones, all
    pairs together do with less than 1 (the idea of Johnson and Lindenstrauss). None: more than float64 holds.
    """
    exponent = dimensions * np.sin(np.radians(degrees)) ** 2 / 4
    return max(float(dimensions), float(np.exp(exponent))) if exponent <= 700 else None


def histogram(values: np.ndarray, edges: Sequence[float]) -> np.ndarray:
    """The share of values in each bin: from an edge up to, but without, the next one."""
    return np.array([((values >= low) & (values < high)).mean() for low, high in pairwise(edges)])

"""Token embeddings as directions, in plain numpy: cosines, neighbours, analogies, principal components."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

_DIGITS = 6  # of a projection, so that every machine gets the same numbers


def cosines(rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """The cosine [m] of each row [m, d] with a vector [d]; 0 where one of them is 0."""
    norms = np.sqrt((rows**2).sum(axis=1)) * np.sqrt((vector**2).sum())
    return np.asarray(np.divide(rows @ vector, norms, out=np.zeros(len(rows)), where=norms > 0))


def nearest(cosine: np.ndarray, without: Collection[int], count: int) -> np.ndarray:
    """The ids of the largest cosines, but for some tokens; of equals the lower id first."""
    masked = cosine.copy()
    masked[list(without)] = -2.0
    return np.argsort(-masked, kind="stable")[:count]


def analogy(wte: np.ndarray, a: int, b: int, c: int) -> np.ndarray:
    """The cosine [V] of every token with b - a + c: "a is to b as c is to ..."; it often fails in GPT-2.

    Mikolov et al., "Linguistic Regularities in Continuous Space Word Representations", 2013; they leave out a, b and c.
    """
    return cosines(wte, wte[b] - wte[a] + wte[c])


def rank_of(cosine: np.ndarray, token: int, without: Collection[int]) -> int:
    """How many tokens, but for some, have a larger cosine than one; 0 for the best."""
    larger = cosine > cosine[token]
    larger[list(without)] = False
    return int(larger.sum())


def principal_axes(vectors: np.ndarray, count: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """The mean [d] of vectors [m, d], and the first axes [count, d] of their principal components.

    By the singular value decomposition of what is left without the mean. The largest number of each axis is positive,
    all are rounded to 6 decimals; an axis along which nothing varies is 0.
    """
    mean = vectors.mean(axis=0)
    _, sizes, found = np.linalg.svd(vectors - mean, full_matrices=False)
    axes = np.zeros((count, vectors.shape[1]))
    for k in range(min(count, len(sizes))):
        if sizes[k] > 1e-9:
            axes[k] = found[k] * np.sign(found[k, np.abs(found[k]).argmax()])
    return np.round(mean, _DIGITS), np.round(axes, _DIGITS)


def project(vectors: np.ndarray, mean: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """The points [m, axes] of vectors [m, d]."""
    return np.asarray((vectors - mean) @ axes.T)

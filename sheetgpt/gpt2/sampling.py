"""How the next token is drawn: temperature, top-k, top-p, and a generator of exact whole numbers.

The definitions of top-k and top-p are those of the warpers in `transformers` (TopKLogitsWarper, TopPLogitsWarper,
in this order after the temperature), applied to the K best tokens of a row. The generator is a function of seed
and position, so every program draws the same number: a permutation of the field of the prime 8,388,593 made of
rounds x -> (x + seed + c)^3, as in the cipher MiMC (Albrecht et al. 2016); cubing is one-to-one because the prime
is 2 modulo 3. All products stay below 2^46, so that quotients have at most 14 digits and INT is exact in Excel too.
It is for drawing tokens, not for secrets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sheetgpt.errors import UsageError

PRIME = 8_388_593  # the largest below 2^23 that is 2 modulo 3
ROUNDS = (3_141_592, 6_535_897, 932_384, 6_264_338, 3_279_502, 453_378)  # digits of pi; the last one modulo PRIME


@dataclass(frozen=True)
class Sampling:
    """The settings on Type_Prompt_Here; temperature 0 takes the likeliest token, top_k None all candidates."""

    temperature: float = 0.0
    top_k: int | None = None
    top_p: float = 1.0
    seed: int = 1

    def verify(self, candidates: int) -> None:
        """Raise UsageError for settings that mean nothing."""
        if not self.temperature >= 0 or self.temperature == float("inf"):
            raise UsageError(f"--temperature {self.temperature:g}: expected 0 (the likeliest token) or more")
        if self.top_k is not None and not 1 <= self.top_k <= candidates:
            raise UsageError(f"--top-k {self.top_k}: this workbook draws from 1 to {candidates} candidates")
        if not 0 < self.top_p <= 1:
            raise UsageError(f"--top-p {self.top_p:g}: expected more than 0 and at most 1")
        if not 0 <= self.seed < PRIME:
            raise UsageError(f"--seed {self.seed}: expected a whole number from 0 to {PRIME - 1:,}")


def rounds(seed: int, position: int) -> list[int]:
    """What the generator's cells hold for a position (from 1): sum, square and cube of each round; then the draw."""
    cells, x = [], position
    for constant in ROUNDS:
        y = (x + seed + constant) % PRIME
        square = y * y % PRIME
        x = square * y % PRIME
        cells += [y, square, x]
    return [*cells, (x + seed) % PRIME]


def draw(seed: int, position: int) -> float:
    """A number from 0 up to, not including, 1."""
    return rounds(seed, position)[-1] / PRIME


@dataclass(frozen=True)
class Choice:
    """How one row's token was drawn; arrays have one entry per candidate, the best first."""

    weights: np.ndarray  # relative to the best one; 0 where top-k cuts
    before: np.ndarray  # sum of the weights of better candidates
    kept: int  # candidates that top-p leaves
    total: float  # sum of their weights
    rank: int  # the drawn candidate, from 0


def choose(logits: np.ndarray, sampling: Sampling, position: int) -> Choice:
    """Draw one of the candidates, whose logits go from the largest down, for a position (from 1)."""
    if sampling.temperature == 0:
        weights = (np.arange(len(logits)) == 0).astype(float)
    else:
        cut = logits >= logits[min(sampling.top_k or len(logits), len(logits)) - 1]
        weights = np.where(cut, np.exp((logits - logits[0]) / sampling.temperature), 0.0)
    before = np.concatenate([[0.0], np.cumsum(weights)[:-1]])
    kept = max(1, int((before < sampling.top_p * (before[-1] + weights[-1])).sum()))
    total = float(before[kept - 1] + weights[kept - 1])
    rank = int(np.searchsorted(before, draw(sampling.seed, position) * total, side="right")) - 1
    return Choice(weights, before, kept, total, rank)

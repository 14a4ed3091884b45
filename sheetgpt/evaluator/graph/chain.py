"""A chain: formulas filled down of which each reads the one before, such as the balances of a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sheetgpt.evaluator.compile.scalar import Scalar


@dataclass(frozen=True)
class Chain:
    """A group of formulas: `following` says after which comes which, and `hole` is where each reads the one before."""

    hole: int
    scalar: Scalar
    following: dict[int, int]

    def after(self, formula: int) -> Iterator[int]:
        """The formulas after one, in turn."""
        following = self.following.get(formula)
        while following is not None:
            yield following
            following = self.following.get(following)

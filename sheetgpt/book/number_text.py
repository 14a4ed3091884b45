"""Numbers as text: the shortest digits that give the same number back."""

from __future__ import annotations


def number_text(number: float) -> str:
    """The shortest text that gives back the same float64; whole numbers without ".0"."""
    text = repr(number)
    return text.removesuffix(".0")

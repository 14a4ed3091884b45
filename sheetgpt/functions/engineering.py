"""Bessel functions, and whether numbers are equal or reach a step."""

from __future__ import annotations

from collections.abc import Callable

from sheetgpt.book.values import Value
from sheetgpt.errors import FormulaError
from sheetgpt.functions.core.bessel import bessel_i, bessel_j, bessel_k, bessel_y
from sheetgpt.functions.core.coercion import NUM
from sheetgpt.functions.core.signature import Function
from sheetgpt.functions.core.vectorize import lift, strict

_LARGEST = 2.0**27  # beyond it Excel's sine and cosine fail
_MOST_STEPS = 1_000_000  # of a recurrence


def _bessel(function: Callable[[float, int], float], positive: bool) -> Function:
    def call(x: float, order: float) -> Value:
        if order < 0 or (positive and x <= 0) or abs(x) >= _LARGEST:
            return NUM
        if order > _MOST_STEPS:
            raise FormulaError(f"a Bessel function of order {order:g} is not calculated", "take a smaller order")
        return function(x, int(order))

    return strict(lift(call, "strict number", "strict number"))


def _delta(number: float, other: float = 0.0) -> Value:
    return float(number == other)


def _reaches(number: float, step: float = 0.0) -> Value:
    return float(number >= step)


ENGINEERING: dict[str, Function] = {
    "BESSELI": _bessel(bessel_i, positive=False),
    "BESSELJ": _bessel(bessel_j, positive=False).replace(note="to some 14 digits, where Excel has 7 to 9"),
    "BESSELK": _bessel(bessel_k, positive=True),
    "BESSELY": _bessel(bessel_y, positive=True),
    "DELTA": strict(lift(_delta, "strict number", "strict number", optional=1)),
    "GESTEP": strict(lift(_reaches, "strict number", "strict number", optional=1)),
}

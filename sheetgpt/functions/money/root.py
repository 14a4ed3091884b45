"""Rates found by iteration, for many rows at once: Newton's steps from a guess, then a search for a change of sign.

Excel goes from the guess for a number of steps and gives #NUM! where it has not arrived. Here what does not arrive
is searched for over all rates above -100 %; the rate nearest to the guess is taken, and none is #NUM!.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgpt.functions.core.broadcasting import Numbers

# (rates, numbers of rows) -> (values, slopes, sizes of the terms that the values are made of), one for each rate
Curve = Callable[[Numbers, np.ndarray], tuple[Numbers, Numbers, Numbers]]

_STEP = 1e-7  # Excel's accuracy; two more steps of Newton reach double precision
_ZERO = 1e-7  # a value counts as zero below this share of its terms
_ROWS = 1000  # searched at a time
_NARROWINGS = 14
_PARTS = np.linspace(0.0, 1.0, 17)[:, None]
# Logarithms of 1 + rate, from -99.999 % to 10^13.
_GRID = np.concatenate([-np.geomspace(11.5, 1e-3, 60), [0.0], np.geomspace(1e-3, 30.0, 80)])


def solve(curve: Curve, guess: Numbers, steps: int) -> Numbers:
    """For each row the rate above -1 at which its curve is zero, nan where none is found."""
    with np.errstate(all="ignore"):
        rates = _newton(curve, guess, steps)
        lost = np.flatnonzero(~np.isfinite(rates))
        if lost.size:
            rates[lost] = _searched(curve, guess[lost], lost)
    return rates


def _newton(curve: Curve, guess: Numbers, steps: int) -> Numbers:
    rates, found = guess.astype(np.float64), np.full(guess.shape, np.nan)
    rows = np.arange(guess.size)
    for _ in range(steps):
        value, slope, _size = curve(rates[rows], rows)
        step = value / slope
        rates[rows] -= step
        arrived = np.abs(step) <= _STEP
        done = rows[arrived]
        found[done] = _polished(curve, rates[done], done)
        rows = rows[~arrived & np.isfinite(step) & (rates[rows] > -1)]
        if not rows.size:
            break
    return found


def _polished(curve: Curve, rates: Numbers, rows: np.ndarray) -> Numbers:
    """The rates after two more steps, nan where the curve is not zero there."""
    for _ in range(2):
        value, slope, _size = curve(rates, rows)
        rates = np.where(np.isfinite(value / slope), rates - value / slope, rates)
    value, _slope, size = curve(rates, rows)
    return np.where((np.abs(value) <= _ZERO * size) & (rates > -1), rates, np.nan)


def _searched(curve: Curve, guess: Numbers, rows: np.ndarray) -> Numbers:
    """The rate at the change of sign that lies nearest to each guess, some rows at a time."""
    found = [_nearest(curve, guess[i : i + _ROWS], rows[i : i + _ROWS]) for i in range(0, rows.size, _ROWS)]
    return np.concatenate(found)


def _nearest(curve: Curve, guess: Numbers, rows: np.ndarray) -> Numbers:
    signs = _signs(curve, np.broadcast_to(_GRID[:, None], (_GRID.size, rows.size)), rows)
    changes = signs[:-1] * signs[1:] <= 0  # nan gives False
    wanted = np.log1p(np.where(guess > -1, guess, 0.0))
    distance = np.abs((_GRID[:-1, None] + _GRID[1:, None]) / 2 - wanted)
    at = np.where(changes, distance, np.inf).argmin(axis=0)
    exists = changes.any(axis=0)
    result = np.full(rows.size, np.nan)
    if exists.any():
        result[exists] = _narrowed(curve, _GRID[at[exists]], _GRID[at[exists] + 1], rows[exists])
    return result


def _signs(curve: Curve, logarithms: Numbers, rows: np.ndarray) -> Numbers:
    """The signs of the curves at logarithms of 1 + rate, of shape (points, rows)."""
    rates = np.expm1(logarithms)
    values = curve(rates.ravel(), np.tile(rows, len(rates)))[0]
    result: Numbers = np.sign(values).reshape(rates.shape)
    return result


def _narrowed(curve: Curve, low: Numbers, high: Numbers, rows: np.ndarray) -> Numbers:
    """The rates between two, narrowed to a 16th again and again."""
    for _ in range(_NARROWINGS):
        points = low + (high - low) * _PARTS
        signs = _signs(curve, points, rows)
        first = (signs != signs[0]).argmax(axis=0)  # the first point beyond the change
        at = np.arange(rows.size)
        low, high = points[np.maximum(first - 1, 0), at], points[first, at]
    return _polished(curve, np.expm1((low + high) / 2), rows)

"""Ranks, quantiles, modes, histograms, correlation and regression."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.aggregates import is_direct, numbers_given
from sheetgpt.functions.core.broadcasting import FLOAT, each_of_batch, first, single, to_numbers
from sheetgpt.functions.core.coercion import DIV0, NA, NUM, VALUE
from sheetgpt.functions.core.signature import Function, Operand, both
from sheetgpt.functions.core.vectorize import lift
from sheetgpt.functions.matrix import paired_numbers


def _numbers(cells: Operand) -> np.ndarray | ErrorValue:
    """The numbers among the cells, or the first error."""
    if cells.values.dtype == FLOAT:
        return cells.values.ravel()
    numbers = numbers_given([cells])
    return numbers if isinstance(numbers, ErrorValue) else np.array(numbers, dtype=FLOAT)


def _nth(from_largest: bool) -> Function:
    """LARGE and SMALL; many ranks of the same numbers are one sort."""

    def one(cells: Operand, which: float) -> Value:
        numbers = _numbers(cells)
        if isinstance(numbers, ErrorValue):
            return numbers
        place = math.ceil(which)  # as Apache POI found Excel to do it, but for numbers below 1
        if which < 1 or place > numbers.size:
            return NUM
        at = numbers.size - place if from_largest else place - 1
        return float(np.partition(numbers, at)[at])

    each = lift(one, "array", "number")

    def call(cells: Operand | None, which: Operand | None) -> np.ndarray:
        if cells is None or which is None or cells.values.ndim > 2 or which.values.size == 1:
            return each.call(cells, which)
        if cells.values.dtype != FLOAT or which.values.dtype != FLOAT:
            return each.call(cells, which)
        places, size = np.ceil(which.values), cells.values.size
        if which.values.min(initial=1) < 1 or places.max(initial=1) > size:
            return each.call(cells, which)
        at = (size - places if from_largest else places - 1).astype(np.int64)
        low, high = int(at.min()), int(at.max())
        wanted = np.partition(cells.values, (low, high), axis=None)[low : high + 1]  # the others need no order
        result: np.ndarray = np.sort(wanted)[at - low]
        return result

    return each.replace(call=call)


def _rank(mean_of_ties: bool) -> Callable[..., Value]:
    def function(number: float, cells: Operand, ascending: float = 0.0) -> Value:
        numbers = _numbers(cells)
        if isinstance(numbers, ErrorValue):
            return numbers
        ties = np.count_nonzero(numbers == number)
        before = np.count_nonzero(numbers < number if ascending else numbers > number)
        return float(before + 1 + ((ties - 1) / 2 if mean_of_ties else 0)) if ties else NA

    return function


def _quantile(numbers: np.ndarray, place: float) -> float:
    """The value at a place counted from 0 in rising order, between two values in proportion."""
    low = min(math.floor(place), numbers.size - 1)
    ordered = np.partition(numbers, [low, min(low + 1, numbers.size - 1)])
    below, above = float(ordered[low]), float(ordered[min(low + 1, numbers.size - 1)])
    return below + (place - low) * (above - below)


def _percentile(cells: Operand, share: float) -> Value:
    numbers = _numbers(cells)
    if isinstance(numbers, ErrorValue):
        return numbers
    return _quantile(numbers, share * (numbers.size - 1)) if numbers.size and 0 <= share <= 1 else NUM


def _percentile_exclusive(cells: Operand, share: float) -> Value:
    numbers = _numbers(cells)
    if isinstance(numbers, ErrorValue):
        return numbers
    place = share * (numbers.size + 1) - 1
    return _quantile(numbers, place) if 0 <= place <= numbers.size - 1 else NUM


def _quartile(cells: Operand, quarter: float) -> Value:
    return _percentile(cells, int(quarter) / 4) if 0 <= quarter < 5 else NUM


def _quartile_exclusive(cells: Operand, quarter: float) -> Value:
    return _percentile_exclusive(cells, int(quarter) / 4) if 1 <= quarter < 4 else NUM


def _percent_rank(exclusive: bool) -> Function:
    """PERCENTRANK: the share of the numbers below one, of all places (exclusive) or those between the ends."""

    def function(cells: Operand, number: float, digits: float = 3.0) -> Value:
        return _share_below(cells, number, digits, exclusive)

    return lift(function, "array", "number", "number", optional=1)


def _share_below(cells: Operand, number: float, digits: float, exclusive: bool) -> Value:
    numbers = _numbers(cells)
    if isinstance(numbers, ErrorValue):
        return numbers
    if digits < 1 or not numbers.size:
        return NUM
    ordered = np.sort(numbers)
    if not ordered[0] <= number <= ordered[-1]:
        return NA
    if ordered.size == 1 and not exclusive:
        return 1.0
    place = float(np.searchsorted(ordered, number))
    if ordered[int(place)] != number:
        below, above = ordered[int(place) - 1], ordered[int(place)]
        place += float((number - below) / (above - below)) - 1
    scale = 10.0 ** int(digits)
    share = (place + 1) / (ordered.size + 1) if exclusive else place / (ordered.size - 1)
    return math.floor(share * scale + 1e-9) / scale


def _modes(operands: Sequence[Operand | None]) -> list[float] | ErrorValue:
    """The most frequent numbers in order of appearance; #N/A if none comes twice."""
    if any(operand and is_direct(operand) and type(first(operand.values)) in (str, bool) for operand in operands):
        return VALUE  # MODE takes arrays: what is written into the formula counts as no other function has it
    numbers = numbers_given(operands)
    if isinstance(numbers, ErrorValue):
        return numbers
    counts = Counter(numbers)
    most = max(counts.values(), default=0)
    return [number for number, count in counts.items() if count == most] if most > 1 else NA


def _mode(*operands: Operand | None) -> np.ndarray:
    return each_of_batch(_mode_of_one, operands)


def _mode_of_one(*operands: Operand | None) -> np.ndarray:
    modes = _modes(operands)
    return single(modes if isinstance(modes, ErrorValue) else modes[0])


def _all_modes(*operands: Operand | None) -> np.ndarray:
    modes = _modes(operands)
    return single(modes) if isinstance(modes, ErrorValue) else np.array(modes).reshape(-1, 1)


def _frequency(cells: Operand | None, limits: Operand | None) -> np.ndarray:
    """FREQUENCY: how many numbers lie above one limit and not above the next, as a column."""
    if cells is None or limits is None:
        return single(VALUE)
    numbers, bounds = _numbers(cells), _numbers(limits)
    for found in (numbers, bounds):
        if isinstance(found, ErrorValue):
            return single(found)
    assert isinstance(numbers, np.ndarray)
    assert isinstance(bounds, np.ndarray)
    order = np.argsort(bounds, kind="stable")
    counts = np.bincount(np.searchsorted(bounds[order], numbers), minlength=bounds.size + 1)
    result = np.empty((bounds.size + 1, 1))
    result[order, 0], result[-1, 0] = counts[:-1], counts[-1]
    return result


def _of_pairs(least: int, function: Callable[[np.ndarray, np.ndarray], float]) -> Function:
    """A function of the paired numbers of two arrays of one size; too few of them are #DIV/0!."""

    def one(a: Operand | None, b: Operand | None) -> np.ndarray:
        pair = paired_numbers(a, b)
        if isinstance(pair, ErrorValue):
            return single(pair)
        if len(pair[0]) < least:
            return single(DIV0)
        with np.errstate(all="ignore"):
            value = float(function(*pair))
        return single(value if math.isfinite(value) else DIV0)

    def call(*operands: Operand | None) -> np.ndarray:
        return each_of_batch(one, operands)

    return Function(call=call, parameters=("array", "array"), batched=True, array_mode=True)


def _covariance(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.mean((x - x.mean()) * (y - y.mean())))


def _covariance_sample(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.sum((x - x.mean()) * (y - y.mean())) / np.float64(len(x) - 1))


def _correlation(x: np.ndarray, y: np.ndarray) -> float:
    dx, dy = x - x.mean(), y - y.mean()
    return float(np.sum(dx * dy) / np.sqrt(np.sum(dx * dx) * np.sum(dy * dy)))


def _r_squared(y: np.ndarray, x: np.ndarray) -> float:
    return _correlation(x, y) ** 2


def _slope(y: np.ndarray, x: np.ndarray) -> float:
    dx = x - x.mean()
    return float(np.sum(dx * (y - y.mean())) / np.sum(dx * dx))


def _intercept(y: np.ndarray, x: np.ndarray) -> float:
    return float(y.mean() - _slope(y, x) * x.mean())


def _standard_error(y: np.ndarray, x: np.ndarray) -> float:
    rest = y - _intercept(y, x) - _slope(y, x) * x
    return float(np.sqrt(np.sum(rest * rest) / (len(x) - 2)))


def _forecast(x: float, ys: Operand, xs: Operand) -> Value:
    pair = paired_numbers(ys, xs)
    if isinstance(pair, ErrorValue):
        return pair
    y, known = pair
    if not len(y) or not np.any(known != known[0]):
        return DIV0
    return _intercept(y, known) + _slope(y, known) * x


def _trimmed_mean(cells: Operand, share: float) -> Value:
    """TRIMMEAN: the mean without a share of the numbers, half of it at each end."""
    numbers = _numbers(cells)
    if isinstance(numbers, ErrorValue):
        return numbers
    if not numbers.size or not 0 <= share < 1:
        return NUM
    cut = int(numbers.size * share / 2)
    return float(np.mean(np.sort(numbers)[cut : numbers.size - cut]))


def _probability(cells: Operand, shares: Operand, low: float, high: float | None = None) -> Value:
    """PROB: the sum of the probabilities of values between two limits."""
    numbers, problem = to_numbers(shares.values)
    values, other = to_numbers(cells.values)
    if problem is not None or other is not None or numbers.size != values.size:
        return NA
    if (numbers < 0).any() or abs(float(numbers.sum()) - 1) > 1e-9:
        return NUM
    inside = (values >= low) & (values <= (low if high is None else high))
    return float(numbers.ravel()[inside.ravel()].sum())


STATISTICS: dict[str, Function] = {
    "LARGE": _nth(from_largest=True),
    "SMALL": _nth(from_largest=False),
    **both("RANK", "RANK.EQ", lift(_rank(mean_of_ties=False), "number", "array", "number", optional=1)),
    "RANK.AVG": lift(_rank(mean_of_ties=True), "number", "array", "number", optional=1),
    **both("PERCENTILE", "PERCENTILE.INC", lift(_percentile, "array", "number")),
    "PERCENTILE.EXC": lift(_percentile_exclusive, "array", "number"),
    **both("QUARTILE", "QUARTILE.INC", lift(_quartile, "array", "number")),
    "QUARTILE.EXC": lift(_quartile_exclusive, "array", "number"),
    **both("PERCENTRANK", "PERCENTRANK.INC", _percent_rank(exclusive=False)),
    "PERCENTRANK.EXC": _percent_rank(exclusive=True),
    **both("MODE", "MODE.SNGL", Function(call=_mode, parameters=("array",), repeats=1, batched=True, array_mode=True)),
    "MODE.MULT": Function(call=_all_modes, parameters=("array",), repeats=1),
    "FREQUENCY": Function(call=_frequency, parameters=("array", "array"), array_mode=True),
    **both("COVAR", "COVARIANCE.P", _of_pairs(1, _covariance)),
    "COVARIANCE.S": _of_pairs(2, _covariance_sample),
    **both("CORREL", "PEARSON", _of_pairs(2, _correlation)),
    "RSQ": _of_pairs(2, _r_squared),
    "SLOPE": _of_pairs(2, _slope),
    "INTERCEPT": _of_pairs(2, _intercept),
    "STEYX": _of_pairs(3, _standard_error),
    **both("FORECAST", "FORECAST.LINEAR", lift(_forecast, "number", "array", "array", array_mode=True)),
    "TRIMMEAN": lift(_trimmed_mean, "array", "number"),
    "PROB": lift(_probability, "array", "array", "number", "number", optional=1, array_mode=True),
}

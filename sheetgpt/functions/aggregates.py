"""Functions that make one number of many: SUM, AVERAGE, MAX, VAR.P and their kin.

In cells and arrays they count numbers only; a single value given directly counts as the number it can
be read as. Errors pass through. On float64 operands each is a few numpy calls, whatever the batch.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.broadcasting import BOOL, FLOAT, Numbers, each_of_batch, single
from sheetgpt.functions.core.coercion import DIV0, NA, NUM, to_number
from sheetgpt.functions.core.signature import Function, Operand, both

Reduce = Callable[[Numbers], Numbers]  # (..., 1, n) -> (..., 1, 1)
Gather = Callable[[Sequence[Operand | None]], "list[float] | ErrorValue"]


def is_direct(operand: Operand) -> bool:
    """Whether the operand is a single value written into the formula, not read from cells."""
    return not operand.reference and operand.values.size == 1


def numbers_given(operands: Sequence[Operand | None]) -> list[float] | ErrorValue:
    """The numbers that SUM counts, or the first error; for operands without batch."""
    numbers: list[float] = []
    for operand in operands:
        if operand is None:
            numbers.append(0.0)
            continue
        for value in _values(operand):
            if isinstance(value, ErrorValue):
                return value
            if isinstance(value, float):
                numbers.append(value)
    return numbers


def numbers_given_a(operands: Sequence[Operand | None]) -> list[float] | ErrorValue:
    """The numbers that AVERAGEA counts: in cells a boolean is 0 or 1 and any text 0; in arrays a boolean is none."""
    numbers: list[float] = []
    for operand in operands:
        for value in [0.0] if operand is None else _values(operand):
            if isinstance(value, ErrorValue):
                return value
            if value is not None and not (isinstance(value, bool) and operand and not operand.reference):
                numbers.append(0.0 if isinstance(value, str) else float(value))
    return numbers


def _values(operand: Operand) -> Iterator[Value]:
    values = operand.values.ravel().tolist()
    return iter([to_number(values[0])] if is_direct(operand) else values)


def vectors(operands: Sequence[Operand | None]) -> np.ndarray | None:
    """All operands as one float64 array (..., 1, n), or None where not all their values are numbers."""
    flat = []
    for operand in operands:
        if operand is None or operand.values.dtype != FLOAT:
            return None
        values = operand.values
        flat.append(values if values.shape[-2] == 1 else values.reshape(*values.shape[:-2], 1, -1))
    if len(flat) == 1:
        return flat[0]
    batch = np.broadcast_shapes(*[values.shape[:-2] for values in flat])
    return np.concatenate([np.broadcast_to(values, batch + values.shape[-2:]) for values in flat], axis=-1)


def aggregate(reduce: Reduce, least: int = 1, too_few: Value = DIV0, gather: Gather = numbers_given) -> Function:
    """A function that reduces numbers; with fewer than `least` of them its value is `too_few`."""

    def one(*operands: Operand | None) -> np.ndarray:
        numbers = gather(operands)
        if isinstance(numbers, ErrorValue):
            return single(numbers)
        if len(numbers) < least:
            return single(too_few)
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
                return reduce(np.array(numbers, dtype=FLOAT).reshape(1, -1))
        except ZeroDivisionError:
            return single(DIV0)
        except (FloatingPointError, OverflowError, ValueError):
            return single(NUM)

    def call(*operands: Operand | None) -> np.ndarray:
        numbers = vectors(operands)
        if numbers is not None and numbers.shape[-1] >= least:
            try:
                return reduce(numbers)
            except (ArithmeticError, ValueError):
                pass
        return each_of_batch(one, operands)

    return Function(call=call, parameters=("array",), repeats=1, batched=True)


def total(numbers: Numbers) -> Numbers:
    """The sum along the last axis, which stays with length 1."""
    return np.add.reduce(numbers, axis=-1, keepdims=True)


def mean(numbers: Numbers) -> Numbers:
    """The arithmetic mean along the last axis."""
    result: Numbers = total(numbers) / numbers.shape[-1]
    return result


def square_deviations(numbers: Numbers) -> Numbers:
    """The sum of squared deviations from the mean along the last axis."""
    deviations = numbers - mean(numbers)
    return total(deviations * deviations)


def variance(numbers: Numbers) -> Numbers:
    """The variance of a sample (divided by n - 1)."""
    result: Numbers = square_deviations(numbers) / (numbers.shape[-1] - 1)
    return result


def variance_population(numbers: Numbers) -> Numbers:
    """The variance of a whole population (divided by n)."""
    result: Numbers = square_deviations(numbers) / numbers.shape[-1]
    return result


def _deviation(numbers: Numbers) -> Numbers:
    return np.sqrt(variance(numbers))


def _deviation_population(numbers: Numbers) -> Numbers:
    return np.sqrt(variance_population(numbers))


def _mean_deviation(numbers: Numbers) -> Numbers:
    return mean(np.abs(numbers - mean(numbers)))


def _sum_of_squares(numbers: Numbers) -> Numbers:
    return total(numbers * numbers)


def _largest(numbers: Numbers) -> Numbers:
    return np.maximum.reduce(numbers, axis=-1, keepdims=True)


def _smallest(numbers: Numbers) -> Numbers:
    return np.minimum.reduce(numbers, axis=-1, keepdims=True)


def _product(numbers: Numbers) -> Numbers:
    return np.multiply.reduce(numbers, axis=-1, keepdims=True)


def _median(numbers: Numbers) -> Numbers:
    ordered = np.sort(numbers, axis=-1)
    middle = ordered.shape[-1] // 2
    upper = ordered[..., middle : middle + 1]
    return upper.copy() if ordered.shape[-1] % 2 else (ordered[..., middle - 1 : middle] + upper) / 2


def _geometric_mean(numbers: Numbers) -> Numbers:
    if (numbers <= 0).any():
        raise ValueError("GEOMEAN takes positive numbers")
    return np.exp(mean(np.log(numbers)))


def _harmonic_mean(numbers: Numbers) -> Numbers:
    if (numbers <= 0).any():
        raise ValueError("HARMEAN takes positive numbers")
    return 1 / mean(1 / numbers)


def _moments(order: int, numbers: Numbers) -> Numbers:
    """The sum of ((x - mean) / sample standard deviation) ^ order; raises ZeroDivisionError where all are equal."""
    deviation = _deviation(numbers)
    if not deviation.all():
        raise ZeroDivisionError("the numbers are all equal")
    return total(((numbers - mean(numbers)) / deviation) ** order)


def _skewness(numbers: Numbers) -> Numbers:
    n = numbers.shape[-1]
    result: Numbers = _moments(3, numbers) * n / ((n - 1) * (n - 2))
    return result


def _skewness_population(numbers: Numbers) -> Numbers:
    n = numbers.shape[-1]
    result: Numbers = _moments(3, numbers) / n * (n / (n - 1)) ** 1.5
    return result


def _kurtosis(numbers: Numbers) -> Numbers:
    n = numbers.shape[-1]
    scale = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3))
    result: Numbers = _moments(4, numbers) * scale - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))
    return result


def _count(*operands: Operand | None) -> np.ndarray:
    counts = 0
    for operand in operands:
        if operand is None or operand.values.dtype == FLOAT:
            counts += 1 if operand is None else operand.values.size
        else:
            counts += sum(isinstance(value, float) for value in _values(operand))
    return single(float(counts))


def _count_a(*operands: Operand | None) -> np.ndarray:
    counts = 0
    for operand in operands:
        if operand is None or operand.values.dtype in (FLOAT, BOOL):
            counts += 1 if operand is None else operand.values.size
        else:
            counts += sum(value is not None for value in operand.values.ravel().tolist())
    return single(float(counts))


def _count_blank(operand: Operand | None) -> np.ndarray:
    if operand is None:
        return single(ErrorValue.VALUE)
    if operand.values.dtype != object:
        return single(0.0)
    return single(float(sum(value is None or value == "" for value in operand.values.ravel().tolist())))


def _in_batch(one: Callable[..., np.ndarray], repeats: int = 0) -> Function:
    def call(*operands: Operand | None) -> np.ndarray:
        return each_of_batch(one, operands)

    return Function(call=call, parameters=("array",), repeats=repeats, batched=True)


def _product_of_sums(*operands: Operand | None) -> np.ndarray:
    """SUMPRODUCT: operands of one shape, multiplied cell by cell and summed; what is no number is 0."""
    arrays = [np.zeros((1, 1)) if operand is None else operand.values for operand in operands]
    if len({values.shape[-2:] for values in arrays}) > 1:
        return single(ErrorValue.VALUE)
    if all(values.dtype == FLOAT for values in arrays):
        product = math.prod(arrays[1:], start=arrays[0])
        return total(product.reshape(*product.shape[:-2], 1, -1))
    return each_of_batch(_product_of_sums_by_value, operands)


def _product_of_sums_by_value(*operands: Operand) -> np.ndarray:
    columns = [operand.values.ravel().tolist() for operand in operands]
    result = 0.0
    for row in zip(*columns, strict=True):
        error = next((value for value in row if isinstance(value, ErrorValue)), None)
        if error:
            return single(error)
        result += math.prod(value if type(value) is float else 0.0 for value in row)
    return single(result if math.isfinite(result) else NUM)


def _guarded(*operands: Operand | None) -> np.ndarray:
    try:
        return _product_of_sums(*operands)
    except FloatingPointError:
        return each_of_batch(_product_of_sums_by_value, operands)


AGGREGATES: dict[str, Function] = {
    "SUM": aggregate(total, least=0, too_few=0.0),
    "SUMSQ": aggregate(_sum_of_squares, least=0, too_few=0.0),
    "PRODUCT": aggregate(_product, too_few=0.0),
    "AVERAGE": aggregate(mean),
    "AVERAGEA": aggregate(mean, gather=numbers_given_a),
    "MAX": aggregate(_largest, too_few=0.0),
    "MAXA": aggregate(_largest, too_few=0.0, gather=numbers_given_a),
    "MIN": aggregate(_smallest, too_few=0.0),
    "MINA": aggregate(_smallest, too_few=0.0, gather=numbers_given_a),
    "MEDIAN": aggregate(_median, too_few=NUM),
    "GEOMEAN": aggregate(_geometric_mean, too_few=NUM),
    "HARMEAN": aggregate(_harmonic_mean, too_few=NA),
    "DEVSQ": aggregate(square_deviations, too_few=NUM),
    "AVEDEV": aggregate(_mean_deviation, too_few=NUM),
    **both("VAR", "VAR.S", aggregate(variance, least=2)),
    **both("VARP", "VAR.P", aggregate(variance_population)),
    **both("STDEV", "STDEV.S", aggregate(_deviation, least=2)),
    **both("STDEVP", "STDEV.P", aggregate(_deviation_population)),
    "VARA": aggregate(variance, least=2, gather=numbers_given_a),
    "VARPA": aggregate(variance_population, gather=numbers_given_a),
    "STDEVA": aggregate(_deviation, least=2, gather=numbers_given_a),
    "STDEVPA": aggregate(_deviation_population, gather=numbers_given_a),
    "SKEW": aggregate(_skewness, least=3),
    "SKEW.P": aggregate(_skewness_population, least=3),
    "KURT": aggregate(_kurtosis, least=4),
    "COUNT": _in_batch(_count, repeats=1),
    "COUNTA": _in_batch(_count_a, repeats=1),
    "COUNTBLANK": _in_batch(_count_blank).replace(sees_blanks=True, each_reference=True),
    "SUMPRODUCT": Function(call=_guarded, parameters=("array",), repeats=1, batched=True, array_mode=True),
}

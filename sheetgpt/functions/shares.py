"""Parts of a whole: MULTINOMIAL and PERCENTOF."""

from __future__ import annotations

import math

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.aggregates import numbers_given
from sheetgpt.functions.core.coercion import NUM, VALUE, to_number
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift

_LARGEST_LOGARITHM = 710  # of a double


def _multinomial(*operands: Operand | None) -> Value:
    """MULTINOMIAL: the factorial of a sum divided by the factorials of its terms."""
    result, total, logarithm = 1, 0, 0.0
    for operand in operands:
        for value in [None] if operand is None else operand.values.ravel().tolist():
            number = VALUE if isinstance(value, bool) else to_number(value)
            if isinstance(number, ErrorValue) or number < 0:
                return number if isinstance(number, ErrorValue) else NUM
            count = int(number)
            logarithm += math.lgamma(total + count + 1) - math.lgamma(total + 1) - math.lgamma(count + 1)
            if logarithm > _LARGEST_LOGARITHM:
                return NUM
            total += count
            result *= math.comb(total, count)
    return float(result)


def _percent_of(part: Operand, whole: Operand) -> Value:
    """PERCENTOF: the sum of a part divided by the sum of the whole, as a fraction."""
    sums: list[float] = []
    for operand in (part, whole):
        numbers = numbers_given([operand])
        if isinstance(numbers, ErrorValue):
            return numbers
        sums.append(math.fsum(numbers))
    return sums[0] / sums[1]


SHARES: dict[str, Function] = {
    "MULTINOMIAL": lift(_multinomial, "array", repeats=1),
    "PERCENTOF": lift(_percent_of, "array", "array"),
}

"""Functions of numbers that calculate a whole batch at once and mark the values that do not exist.

`vectorize.numeric` calculates each element alone as soon as one of them fails; a loan book with one bad row in
100,000 would take seconds. Here a kernel runs over all elements, and what is not finite is #NUM! in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Unpack

import numpy as np

from sheetgpt.functions.core.broadcasting import FLOAT, OBJECT, align, is_blank, single, to_numbers
from sheetgpt.functions.core.coercion import NA, NUM, VALUE
from sheetgpt.functions.core.signature import ArgumentKind, Function, Operand
from sheetgpt.functions.core.vectorize import Traits

Kernel = Callable[..., np.ndarray]

_BLANK = np.array([[None]], dtype=OBJECT)


def columnwise(kernel: Kernel, count: int, **traits: Unpack[Traits]) -> Function:
    """A function of so many numbers; `kernel` takes float64 arrays of one shape and gives nan for #NUM!."""

    def call(*operands: Operand | None) -> np.ndarray:
        return _calculated(kernel, [_BLANK if operand is None else operand.values for operand in operands])

    kind: ArgumentKind = "number"
    return Function(call=call, parameters=(kind,) * count, batched=True, **traits)


def _calculated(kernel: Kernel, arrays: Sequence[np.ndarray]) -> np.ndarray:
    coerced = [to_numbers(values) for values in align(arrays)]
    with np.errstate(all="ignore"):
        results = kernel(*[numbers for numbers, _ in coerced])
    errors = [found for _, found in coerced if found is not None]
    good = np.isfinite(results)
    if good.all() and not errors:
        return results
    marked = results.astype(OBJECT)
    marked[~good] = NUM
    for found in reversed(errors):
        marked = np.where(is_blank(found), marked, found)
    return marked


def toolpak(function: Function) -> Function:
    """The function as those of the Analysis ToolPak take their arguments.

    A range of several cells where one value is expected is #VALUE!, in an array formula too. A required argument
    that is left empty is #N/A.
    """
    kinds = function.parameters
    values = [i for i, kind in enumerate(kinds) if kind != "array"]

    def call(*operands: Operand | None) -> np.ndarray:
        for i, operand in enumerate(operands):
            if operand is None and i < function.minimum:
                return single(NA)
            if operand is not None and i in values and not _is_taken(operand):
                return single(VALUE)
        return function.call(*operands)

    whole: ArgumentKind = "array"
    return function.replace(call=call, parameters=(whole,) * len(kinds))


def _is_taken(operand: Operand) -> bool:
    return not operand.reference or operand.values.shape[-2:] == (1, 1)


def is_number_array(operand: Operand | None) -> bool:
    """Whether the operand holds float64 numbers only."""
    return operand is not None and operand.values.dtype == FLOAT

"""Stretches of chains, calculated in one go: never more than one formula of a chain is ready at a time.

What they read besides one another comes as columns of numbers, and the result of each goes on to the next.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.evaluator.graph.chain import Chain
from sheetgpt.evaluator.schedule.executor import Executor

MOST = 4096  # formulas of a stretch


class InTurn(list[int]):
    """Formulas of a chain, in the order in which they are calculated one after the other."""


def calculate_stretch(work: Executor, chain: Chain, formulas: list[int]) -> list[bool]:
    """Calculate formulas that follow one another, up to the first that is more than arithmetic of numbers.

    Returns for each that was calculated whether it has changed.
    """
    if len(formulas) < 2 or work.workbook.displayed:
        return []
    position, holes = work.places(np.array(formulas, dtype=np.int64))
    inputs = [
        _numbers(work.workbook.read(area.part(np.array([0])) if number == chain.hole else area))
        for number, area in enumerate(holes)
    ]
    values = _in_turn(chain, inputs, len(formulas))
    if not values:
        return []
    count = len(values)
    if count < len(formulas):
        position = position.part(np.arange(count))
    return work.put(formulas[:count], position, np.array(values).reshape(count, 1, 1))


def _numbers(values: np.ndarray) -> list[float]:
    """Values up to the first that is neither a number nor blank, which is 0."""
    found: list[float] = values.ravel().tolist()
    if values.dtype == np.float64:
        return found
    end = next((place for place, value in enumerate(found) if value is not None and type(value) is not float), None)
    return [0.0 if value is None else value for value in found[:end]]


def _in_turn(chain: Chain, inputs: Sequence[list[float]], count: int) -> list[float]:
    """The values of so many formulas, from what each reads in each hole; of one value all read the same."""
    hole, scalar = chain.hole, chain.scalar
    if not all(inputs):
        return []
    value = inputs[hole][0]
    columns = [column * count if number == hole or len(column) == 1 else column for number, column in enumerate(inputs)]
    results: list[float] = []
    try:
        for read in map(list, zip(*columns, strict=False)):
            read[hole] = value
            value = scalar(read)
            if value - value != 0.0:  # infinite or NaN
                break
            results.append(value)
    except ArithmeticError:
        pass
    return results

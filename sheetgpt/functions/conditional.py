"""COUNTIF, SUMIFS, AVERAGEIF, MAXIFS and their kin: aggregates of the cells that meet criteria."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.broadcasting import FLOAT, first_error
from sheetgpt.functions.core.coercion import DIV0, VALUE
from sheetgpt.functions.core.criteria import mask
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift

Aggregate = Callable[[np.ndarray], Value]  # of the chosen numbers


def _met(criteria: tuple[Operand | Value, ...]) -> np.ndarray | None:
    """Which cells meet all criteria, given as range, criterion, range, criterion ...; None if sizes differ."""
    met: np.ndarray | None = None
    for cells, criterion in zip(criteria[::2], criteria[1::2], strict=True):
        assert isinstance(cells, Operand)
        assert not isinstance(criterion, Operand)
        one = mask(cells.values, criterion)
        if met is not None and met.shape != one.shape:
            return None
        met = one if met is None else met & one
    return met


def _chosen(values: np.ndarray, met: np.ndarray) -> np.ndarray | ErrorValue:
    """The numbers among the chosen values, or the first error among them."""
    picked: np.ndarray = values[met]
    if picked.dtype == FLOAT:
        return picked
    error = first_error(picked)
    return error or np.array([value for value in picked.tolist() if type(value) is float], dtype=FLOAT)


def _ifs(aggregate: Aggregate) -> Callable[..., Value]:
    """The form of SUMIFS: what to aggregate first, then pairs of range and criterion."""

    def function(cells: Operand, *criteria: Operand | Value) -> Value:
        met = _met(criteria) if len(criteria) % 2 == 0 else None
        if met is None or met.shape != cells.values.shape:
            return VALUE
        numbers = _chosen(cells.values, met)
        return numbers if isinstance(numbers, ErrorValue) else aggregate(numbers)

    return function


def _if(aggregate: Aggregate) -> Callable[..., Value]:
    """The form of SUMIF: range, criterion, and maybe another range to aggregate, at least as large."""

    def function(cells: Operand, criterion: Value, others: Operand | None = None) -> Value:
        met = mask(cells.values, criterion)
        values = cells.values if others is None else others.values[: met.shape[0], : met.shape[1]]
        if isinstance(criterion, ErrorValue):
            return criterion
        if values.shape != met.shape:
            return VALUE
        numbers = _chosen(values, met)
        return numbers if isinstance(numbers, ErrorValue) else aggregate(numbers)

    return function


def _count_if(cells: Operand, criterion: Value) -> Value:
    return float(np.count_nonzero(mask(cells.values, criterion)))


def _count_ifs(*criteria: Operand | Value) -> Value:
    met = _met(criteria) if len(criteria) % 2 == 0 else None
    return VALUE if met is None else float(np.count_nonzero(met))


def _sum(numbers: np.ndarray) -> Value:
    return float(numbers.sum())


def _mean(numbers: np.ndarray) -> Value:
    return float(numbers.sum()) / numbers.size if numbers.size else DIV0


def _largest(numbers: np.ndarray) -> Value:
    return float(numbers.max()) if numbers.size else 0.0


def _smallest(numbers: np.ndarray) -> Value:
    return float(numbers.min()) if numbers.size else 0.0


CONDITIONAL: dict[str, Function] = {
    "COUNTIF": lift(_count_if, "array", "value", sees_blanks=True),
    "COUNTIFS": lift(_count_ifs, "array", "value", "array", "value", optional=2, repeats=2, sees_blanks=True),
    "SUMIF": lift(
        _if(_sum),
        "array",
        "value",
        "array",
        optional=1,
        note="a third range smaller than the first is `#VALUE!`; Excel extends it",
    ),
    "SUMIFS": lift(_ifs(_sum), "array", "array", "value", repeats=2),
    "AVERAGEIF": lift(_if(_mean), "array", "value", "array", optional=1, note="as SUMIF"),
    "AVERAGEIFS": lift(_ifs(_mean), "array", "array", "value", repeats=2),
    "MAXIFS": lift(_ifs(_largest), "array", "array", "value", repeats=2),
    "MINIFS": lift(_ifs(_smallest), "array", "array", "value", repeats=2),
}

"""AND, OR, XOR, NOT, TRUE, FALSE, and `select`, the kernel of IF. IF and its kin are the evaluator's."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.aggregates import is_direct
from sheetgpt.functions.core.broadcasting import BOOL, FLOAT, align, each_of_batch, pack, single
from sheetgpt.functions.core.coercion import VALUE, to_boolean
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift


def select(condition: np.ndarray, if_true: np.ndarray, if_false: np.ndarray) -> np.ndarray:
    """Element by element `if_true` where the condition holds, else `if_false`, as IF does on arrays.

    Conditions may be of any kind; those that are errors, or text that is no boolean, give errors.
    """
    if condition.dtype == FLOAT:
        condition = condition != 0
    if condition.dtype == BOOL and if_true.dtype == if_false.dtype:
        try:
            return np.where(condition, if_true, if_false)
        except ValueError:
            pass
    conditions, yes, no = align((condition, if_true, if_false))
    results = [
        _choose(to_boolean(test), a, b)
        for test, a, b in zip(conditions.ravel().tolist(), yes.ravel().tolist(), no.ravel().tolist(), strict=True)
    ]
    return pack(results, conditions.shape)


def _choose(test: bool | ErrorValue, a: Value, b: Value) -> Value:
    if isinstance(test, ErrorValue):
        return test
    return a if test else b


def _truths(operands: Sequence[Operand | None]) -> list[bool] | ErrorValue:
    """The truth values among the operands: in cells text and blanks do not count; the first error instead."""
    truths: list[bool] = []
    for operand in operands:
        if operand is None:
            truths.append(False)
            continue
        for value in operand.values.ravel().tolist():
            truth = _truth_given(value) if is_direct(operand) else _truth_in_cell(value)
            if isinstance(truth, ErrorValue):
                return truth
            if truth is not None:
                truths.append(truth)
    return truths or VALUE


def _truth_given(value: Value) -> bool | ErrorValue | None:
    return None if value == "" else to_boolean(value)


def _truth_in_cell(value: Value) -> bool | ErrorValue | None:
    return to_boolean(value) if isinstance(value, bool | float | ErrorValue) else None


def _combination(reduce: Callable[[np.ndarray], np.ndarray]) -> Function:
    """A function of any number of truth values; `reduce` works along the last axis."""

    def one(*operands: Operand | None) -> np.ndarray:
        truths = _truths(operands)
        return single(truths) if isinstance(truths, ErrorValue) else reduce(np.array([truths]))

    def call(*operands: Operand | None) -> np.ndarray:
        flat = []
        for operand in operands:
            if operand is None or operand.values.dtype == object:
                return each_of_batch(one, operands)
            values = operand.values if operand.values.dtype == BOOL else operand.values != 0
            flat.append(reduce(values.reshape(*values.shape[:-2], 1, -1)))
        if len(flat) == 1:
            return flat[0]
        return reduce(np.concatenate(np.broadcast_arrays(*flat), axis=-1))

    return Function(call=call, parameters=("array",), repeats=1, batched=True)


def _all(truths: np.ndarray) -> np.ndarray:
    return np.logical_and.reduce(truths, axis=-1, keepdims=True)


def _any(truths: np.ndarray) -> np.ndarray:
    return np.logical_or.reduce(truths, axis=-1, keepdims=True)


def _odd(truths: np.ndarray) -> np.ndarray:
    return np.logical_xor.reduce(truths, axis=-1, keepdims=True)


def _not(value: bool) -> bool:
    return not value


def _constant(value: bool) -> Function:
    def call() -> np.ndarray:
        return single(value)

    return Function(call=call, batched=True)


LOGIC: dict[str, Function] = {
    "AND": _combination(_all),
    "OR": _combination(_any),
    "XOR": _combination(_odd),
    "NOT": lift(_not, "boolean"),
    "TRUE": _constant(True),
    "FALSE": _constant(False),
}

"""Vectorizing: a kernel over floats, or a plain function of single values, becomes one of Excel's functions.

Both map over arrays with Excel's broadcasting, coerce what they are given, and pass errors on, the
first from the left winning. `numeric` is for numpy kernels and has a path without any Python per
element, on which everything in a GPT-2 workbook runs; `lift` is for all else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict, Unpack

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.broadcasting import FLOAT, align, each_of_batch, is_blank, pack, to_numbers
from sheetgpt.functions.core.coercion import DIV0, NA, NUM, VALUE, to_boolean, to_number, to_text
from sheetgpt.functions.core.signature import ArgumentKind, Function, Operand

Kernel = Callable[..., np.ndarray]
Judge = Callable[..., Value]

_BLANK = np.array([[None]], dtype=object)


def always_num(*_numbers: float) -> Value:
    """What most functions give where the result is no finite number."""
    return NUM


class Traits(TypedDict, total=False):
    """The fields of a function that are passed on as they are."""

    optional: int
    repeats: int
    array_mode: bool
    sees_blanks: bool
    refuses_ranges: bool
    each_reference: bool
    follows_first: bool
    volatile: bool
    note: str


def numbers(count: int) -> tuple[ArgumentKind, ...]:
    """So many parameters that are numbers."""
    kind: ArgumentKind = "number"
    return (kind,) * count


def numeric(kernel: Kernel, count: int = 1, judge: Judge = always_num, **traits: Unpack[Traits]) -> Function:
    """A function of so many numbers from a kernel over float64 arrays.

    The kernel raises FloatingPointError (under numpy's errstate "raise") where a result is no finite
    number; then each element is calculated alone, and `judge` says the value of those that fail.
    """

    def call(*operands: Operand | None) -> np.ndarray:
        return apply(kernel, judge, [_BLANK if operand is None else operand.values for operand in operands])

    return Function(call=call, parameters=numbers(count), batched=True, **traits)


def apply(kernel: Kernel, judge: Judge, arrays: Sequence[np.ndarray]) -> np.ndarray:
    """The kernel over arrays of any kinds of values."""
    for values in arrays:
        if values.dtype != FLOAT:
            break
    else:
        try:
            return kernel(*arrays)
        except (FloatingPointError, ValueError):
            pass
    return _apply_coerced(kernel, judge, arrays)


def _apply_coerced(kernel: Kernel, judge: Judge, arrays: Sequence[np.ndarray]) -> np.ndarray:
    coerced = [to_numbers(values) for values in align(arrays)]
    converted = [values for values, _ in coerced]
    errors = [found for _, found in coerced if found is not None]
    try:
        with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
            results = kernel(*converted)
    except FloatingPointError:
        results = _one_by_one(kernel, judge, converted)
    if not errors:
        return results
    results = results.astype(object)
    for found in reversed(errors):
        results = np.where(is_blank(found), results, found)
    return results


def _one_by_one(kernel: Kernel, judge: Judge, arrays: Sequence[np.ndarray]) -> np.ndarray:
    values: list[Value] = []
    for arguments in zip(*[array.ravel().tolist() for array in arrays], strict=True):
        try:
            with np.errstate(over="raise", divide="raise", invalid="raise", under="ignore"):
                values.append(float(kernel(*[np.array([[number]]) for number in arguments])[0, 0]))
        except FloatingPointError:
            values.append(judge(*arguments))
    return pack(values, arrays[0].shape)


def _to_strict_number(value: Value) -> float | ErrorValue:
    """As the functions that came with the Analysis ToolPak take a number: no booleans."""
    return VALUE if isinstance(value, bool) else to_number(value)


_COERCIONS: dict[ArgumentKind, Callable[[Value], Any]] = {
    "number": to_number,
    "strict number": _to_strict_number,
    "text": to_text,
    "boolean": to_boolean,
    "value": lambda value: value,
}


def lift(function: Callable[..., Value], *kinds: ArgumentKind, **traits: Unpack[Traits]) -> Function:
    """A function of single values, lifted to arrays; it takes arguments of these kinds.

    One taken as "array" is an `Operand`, one entry of the batch. `function` returns a value; ValueError,
    OverflowError and results that are not finite become #NUM!, ZeroDivisionError #DIV/0!.
    """

    def call(*operands: Operand | None) -> np.ndarray:
        given = lifted.kinds(len(operands))
        if "array" in given:
            return each_of_batch(lambda *some: _map(function, given, some), operands)
        return _map(function, given, operands)

    lifted = Function(call=call, parameters=kinds, batched=True, **traits)
    return lifted


def _map(
    function: Callable[..., Value], kinds: Sequence[ArgumentKind], operands: Sequence[Operand | None]
) -> np.ndarray:
    given = [Operand(_BLANK) if operand is None else operand for operand in operands]
    singles = [i for i in range(len(given)) if kinds[i] != "array"]
    arguments: list[Any] = list(given)
    if not singles:
        return pack([evaluate(function, arguments)], (1, 1))
    aligned = align([given[i].values for i in singles])
    if len(singles) == len(given) and aligned[0].size > 1:
        columns = [_coerced(kind, one.values, shown) for kind, one, shown in zip(kinds, given, aligned, strict=False)]
        return pack([_of_row(function, kinds, row) for row in zip(*columns, strict=True)], aligned[0].shape)
    results: list[Value] = []
    for row in zip(*[array.ravel().tolist() for array in aligned], strict=True):
        error: ErrorValue | None = None
        for i, value in zip(singles, row, strict=True):
            arguments[i] = _COERCIONS[kinds[i]](value)
            if isinstance(arguments[i], ErrorValue) and kinds[i] != "value":
                error = error or arguments[i]
        results.append(error or evaluate(function, arguments))
    return pack(results, aligned[0].shape)


def _coerced(kind: ArgumentKind, values: np.ndarray, shown: np.ndarray) -> list[Any]:
    """The values of one argument as its kind; a single one is coerced once for all."""
    coerce = _COERCIONS[kind]
    if values.size == 1:
        return [coerce(values.ravel().tolist()[0])] * shown.size
    listed: list[Value] = shown.ravel().tolist()
    return listed if kind == "value" else list(map(coerce, listed))


def _of_row(function: Callable[..., Value], kinds: Sequence[ArgumentKind], row: Sequence[Any]) -> Value:
    for kind, value in zip(kinds, row, strict=False):
        if type(value) is ErrorValue and kind != "value":
            return value
    return evaluate(function, row)


def evaluate(function: Callable[..., Value], arguments: Sequence[Any]) -> Value:
    """The function's value, Python's arithmetic errors turned into Excel's."""
    try:
        result = function(*arguments)
    except ZeroDivisionError:
        return DIV0
    except (OverflowError, ValueError, FloatingPointError):
        return NUM
    if type(result) is float or isinstance(result, np.floating):
        return float(result) if math.isfinite(result) else NUM
    return result


def strict(function: Function) -> Function:
    """The function as those of the Analysis ToolPak behave: an argument left empty is #N/A, a range #VALUE!."""

    def call(*operands: Operand | None) -> np.ndarray:
        if any(operand is None for operand in operands):
            return pack([NA], (1, 1))
        return function.call(*operands)

    return function.replace(call=call, refuses_ranges=True)


def with_defaults(function: Function, defaults: Mapping[int, Value]) -> Function:
    """The function with arguments left empty (`ADDRESS(5,7,,,"S")`) taken as not given: each by its place, from 0.

    For most functions of Excel an argument left empty is 0, FALSE or "", which is what a function sees by itself.
    """
    constants = {place: Operand(pack([value], (1, 1))) for place, value in defaults.items()}

    def call(*operands: Operand | None) -> np.ndarray:
        return function.call(*[constants.get(k) if one is None else one for k, one in enumerate(operands)])

    return function.replace(call=call)

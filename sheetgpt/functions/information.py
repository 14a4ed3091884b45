"""What kind of value something is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions.core.broadcasting import FLOAT, single
from sheetgpt.functions.core.coercion import NA, VALUE, to_number
from sheetgpt.functions.core.signature import Function, Operand
from sheetgpt.functions.core.vectorize import lift, strict

# ERROR.TYPE's numbers, https://support.microsoft.com/office/error-type-function
ERROR_NUMBERS = {
    ErrorValue.NULL: 1,
    ErrorValue.DIV0: 2,
    ErrorValue.VALUE: 3,
    ErrorValue.REF: 4,
    ErrorValue.NAME: 5,
    ErrorValue.NUM: 6,
    ErrorValue.NA: 7,
    ErrorValue.GETTING_DATA: 8,
    ErrorValue.SPILL: 9,
    ErrorValue.CONNECT: 10,
    ErrorValue.BLOCKED: 11,
    ErrorValue.UNKNOWN: 12,
    ErrorValue.FIELD: 13,
    ErrorValue.CALC: 14,
}


def _is(test: Callable[[Value], bool], of_numbers: bool) -> Function:
    """A test of each value; `of_numbers` is its result for every number."""
    general = lift(test, "value")

    def call(operand: Operand | None) -> np.ndarray:
        if operand is not None and operand.values.dtype == FLOAT:
            return np.full(operand.values.shape, of_numbers)
        return general.call(operand)

    return Function(call=call, parameters=("value",), batched=True)


def _is_blank(value: Value) -> bool:
    return value is None


def _is_text(value: Value) -> bool:
    return isinstance(value, str)


def _is_error(value: Value) -> bool:
    return isinstance(value, ErrorValue)


def _number_of(value: Value) -> Value:
    """N: numbers as they are, TRUE as 1, other values as 0."""
    if isinstance(value, ErrorValue | float):
        return value
    return 1.0 if value is True else 0.0


def _text_of(value: Value) -> Value:
    """T: text as it is, errors too, other values as empty text."""
    return value if isinstance(value, str | ErrorValue) else ""


def _error_type(value: Value) -> Value:
    number = ERROR_NUMBERS.get(value) if isinstance(value, ErrorValue) else None
    return NA if number is None else float(number)


def _not_available() -> np.ndarray:
    return single(NA)


def _parity(rest: int) -> Callable[[Value], Value]:
    def test(value: Value) -> Value:
        number = VALUE if isinstance(value, bool) else to_number(value)
        return number if isinstance(number, ErrorValue) else int(number) % 2 == rest

    return test


def _type(operand: Operand | None) -> np.ndarray:
    """TYPE: 1 number, 2 text, 4 boolean, 16 error, 64 array."""
    if operand is not None and operand.values.shape[-2:] != (1, 1):
        return single(64.0)
    return _TYPE_OF_ONE.call(operand)


def _type_of_one(value: Value) -> Value:
    if isinstance(value, bool):
        return 4.0
    if isinstance(value, ErrorValue):
        return 16.0
    return 2.0 if isinstance(value, str) else 1.0


_TYPE_OF_ONE = lift(_type_of_one, "value")

INFORMATION: dict[str, Function] = {
    "ISNUMBER": _is(lambda value: isinstance(value, float), True),
    "ISTEXT": _is(_is_text, False),
    "ISNONTEXT": _is(lambda value: not _is_text(value), True),
    "ISLOGICAL": _is(lambda value: isinstance(value, bool), False),
    "ISBLANK": _is(_is_blank, False),
    "ISERROR": _is(_is_error, False),
    "ISERR": _is(lambda value: _is_error(value) and value is not NA, False),
    "ISNA": _is(lambda value: value is NA, False),
    "ISEVEN": strict(lift(_parity(0), "value")),
    "ISODD": strict(lift(_parity(1), "value")),
    "N": lift(_number_of, "value", each_reference=True),
    "T": lift(_text_of, "value", each_reference=True),
    "TYPE": Function(call=_type, parameters=("array",), batched=True),
    "ERROR.TYPE": lift(_error_type, "value"),
    "NA": Function(call=_not_available, batched=True),
}

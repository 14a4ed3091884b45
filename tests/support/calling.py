"""How tests call Excel's functions: with Python values in the place of cells and constants."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.functions import FUNCTIONS, OPERATORS, Operand
from sheetgpt.functions.core.broadcasting import pack

DIV0, VALUE, REF, NUM, NA = ErrorValue.DIV0, ErrorValue.VALUE, ErrorValue.REF, ErrorValue.NUM, ErrorValue.NA

# Enough for values that a few roundings lead to; documentation prints fewer digits and is compared as printed.
ROUNDINGS = 1e-13


def array(rows: Sequence) -> np.ndarray:
    """A list of rows, or one row, as a value: whole numbers become floats."""
    matrix = [list(row) for row in rows] if rows and isinstance(rows[0], list) else [list(rows)]
    values = [float(value) if type(value) is int else value for row in matrix for value in row]
    return pack(values, (len(matrix), len(matrix[0])))


def operand(argument: object) -> Operand | None:
    """None: left empty; a list: cells; a tuple or numpy array: an array that is calculated; else a constant."""
    if argument is None:
        return None
    if isinstance(argument, list):
        return Operand(array(argument), True)
    if isinstance(argument, tuple):
        return Operand(array(list(argument)))
    return Operand(argument if isinstance(argument, np.ndarray) else array([argument]))


def strictly() -> np.errstate:
    """How the evaluator calls functions: with numpy's warnings as errors."""
    return np.errstate(over="raise", divide="raise", invalid="raise", under="ignore")


def excel(name: str, *arguments: object) -> object:
    """A function's value: a Python value, or rows of them."""
    with strictly():
        return plain(FUNCTIONS[name].call(*[operand(argument) for argument in arguments]))


def operate(operator: str, left: object, right: object) -> object:
    """The value of an operator between two arguments."""
    a, b = operand(left), operand(right)
    assert a is not None
    assert b is not None
    with strictly():
        return plain(OPERATORS[operator](a.values, b.values))


def plain(values: np.ndarray) -> object:
    """An array as rows of Python values, a single one alone; asserts that it is a valid value."""
    assert values.dtype in (np.float64, np.bool_, object)
    if values.dtype == np.float64:
        assert np.isfinite(values).all()
    rows = values.tolist()
    return rows[0][0] if values.shape == (1, 1) else rows


def check(got: object, expected: object, tolerance: float = ROUNDINGS) -> None:
    """Assert that a value is of the kind expected, and near it where it is a number."""
    if isinstance(expected, list):
        assert isinstance(got, list)
        assert len(got) == len(expected)
        for one, other in zip(got, expected, strict=True):
            check(one, other, tolerance)
    elif isinstance(expected, bool | str | ErrorValue) or expected is None:
        assert got == expected
        assert type(got) is type(expected)
    else:
        assert type(got) is float
        assert got == pytest.approx(expected, rel=tolerance, abs=1e-300)


Case = tuple[str, list, Value | list]

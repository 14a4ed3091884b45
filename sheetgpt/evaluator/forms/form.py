"""What special forms are: functions of Excel that see their arguments before these are calculated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator.batch.batch import Step, ValueStep, common_label, members
from sheetgpt.formula import Node
from sheetgpt.functions.core.coercion import to_number
from sheetgpt.functions.core.signature import FunctionSpec


class Argument(NamedTuple):
    """An argument, not yet calculated: as a result, which may be a reference, and as values."""

    result: Step
    values: ValueStep  # in an ordinary formula a range gives the one value in the formula's row or column
    missing: bool = False
    name: str = ""  # where the argument is a text, such as the name of a variable: that


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form(FunctionSpec):
    """A special form: how it is put together from its arguments.

    `build_values`, where there is one, builds what gives its values only.
    """

    build: Callable[[Sequence[Argument], bool], Step]
    build_values: Callable[[Sequence[Argument], bool], ValueStep] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rewrite(FunctionSpec):
    """A function that is written with others before anything is put together."""

    rewrite: Callable[[Sequence[Node]], Node]


def integers(values: np.ndarray) -> int | np.ndarray | ErrorValue:
    """Single values as integers, cut towards zero: one for all members or an int array of one for each.

    Raises SplitError where some members have errors and others not.
    """
    if values.dtype == np.float64 and values.ndim == 2:
        return int(values[0, 0])
    if values.dtype == np.float64:
        whole: np.ndarray = np.trunc(values[:, 0, 0]).astype(np.int64)
        return whole
    numbers = [to_number(value) for value in members(values)]
    error = common_label([number if isinstance(number, ErrorValue) else None for number in numbers])
    if error is not None:
        return error
    cut = [int(number) for number in numbers if isinstance(number, float)]
    return cut[0] if values.ndim == 2 else np.array(cut, dtype=np.int64)

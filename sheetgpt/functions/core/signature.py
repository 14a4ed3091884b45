"""Signatures: how many arguments of which kinds a function of Excel takes, and its peculiarities.

`FunctionSpec` has what all functions have in common. A `Function`, of which there are the most, is
calculated from values by a plain numpy function; those that see their arguments before these are
calculated are subclasses in the evaluator (`evaluator.forms.form`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self, TypeVar

import numpy as np

# How a function takes an argument. The first five are single values: in an ordinary formula a range gives
# the one in the formula's own row or column, and over an array the function is calculated element by element.
ArgumentKind = Literal[
    "number",  # booleans and text count as the number they can be read as
    "strict number",  # as the functions take it that came with the Analysis ToolPak: a boolean is #VALUE!
    "text",
    "boolean",
    "value",  # any value as it is; errors too: the function sees to them
    "array",  # taken whole, a range with all its cells
    # Of forms of the evaluator only:
    "branch",  # calculated only if it is chosen
    "cells",  # a reference of which perhaps only some cells are read
    "reference",  # a reference that is only asked where it lies; its cells are not read
]


class Operand(NamedTuple):
    """One argument: values of shape (..., rows, columns), and whether they were read from cells.

    It matters where they come from: SUM(TRUE) is 1, but SUM(A1) is 0 where A1 holds TRUE.
    """

    values: np.ndarray
    reference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FunctionSpec:
    """What all functions of Excel have in common, however they are calculated."""

    parameters: tuple[ArgumentKind, ...] = ()
    optional: int = 0  # the last so many parameters may be left out
    repeats: int = 0  # the last so many parameters may come again and again
    array_mode: bool = False  # its arguments are calculated as in an array formula (class "array" in Excel's files)
    sees_blanks: bool = False  # also those of whole columns beyond the used part of the sheet
    refuses_ranges: bool = False  # a range where a single value is expected is #VALUE!, as the Analysis ToolPak has it
    each_reference: bool = False  # of several references at once (those of INDIRECT({...})) it gives a value for each
    follows_first: bool = False  # its third argument, cells, takes the size of the first
    volatile: bool = False  # what it reads, or gives, is only known when it is calculated: so it is, at each change
    source: str = ""  # what else than cells its values come of: the clock, random numbers, the machine
    note: str = ""  # what docs/functions.md remarks, such as a difference from Excel

    @property
    def minimum(self) -> int:
        """The smallest number of arguments."""
        return len(self.parameters) - self.optional

    @property
    def maximum(self) -> int | None:
        """The largest number of arguments, or None where parameters repeat."""
        return None if self.repeats else len(self.parameters)

    def kinds(self, count: int) -> tuple[ArgumentKind, ...]:
        """The kinds of so many arguments."""
        kinds = self.parameters
        while self.repeats and len(kinds) < count:
            kinds += self.parameters[-self.repeats :]
        return kinds[:count]

    def replace(self, **changes: Any) -> Self:
        """The same function but for some fields."""
        return dataclasses.replace(self, **changes)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Function(FunctionSpec):
    """A function that is calculated from the values of its arguments.

    `call` takes an `Operand` for each argument given, None for one left empty as in ROUND(A1,), and
    returns an array of at least two dimensions.
    """

    call: Callable[..., np.ndarray]
    batched: bool = False  # `call` understands one leading dimension on operands


Spec = TypeVar("Spec", bound=FunctionSpec)


def both(name: str, other: str, function: Spec) -> dict[str, Spec]:
    """One function under two names: Excel kept the old ones beside the new."""
    return {name: function, other: function}

"""What a function is, to those who call it: its callable, its parameters, and the operands it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Operand(NamedTuple):
    """One argument: values of shape (..., rows, columns), and whether they were read from cells.

    It matters where they come from: SUM(TRUE) is 1, but SUM(A1) is 0 where A1 holds TRUE.
    """

    values: np.ndarray
    reference: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One of Excel's functions.

    `call` takes an `Operand` for each argument given, None for one left empty as in ROUND(A1,), and
    returns an array of at least two dimensions. `parameters` has one letter for each parameter: "v"
    for a single value (arrays are mapped over), "a" for an array taken whole; a group in brackets and
    a star repeats, as in "a(av)*". `batched` functions understand one leading dimension on operands.
    """

    call: Callable[..., np.ndarray]
    parameters: str
    required: int
    batched: bool = False

    @property
    def most(self) -> int | None:
        """The largest number of arguments, or None where a parameter repeats."""
        return None if "*" in self.parameters else len(self.parameters)

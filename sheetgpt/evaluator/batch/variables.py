"""What a part of a formula comes to, and what names in formulas stand for: values, cells, functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator.index.areas import Areas

OMITTED = np.array([[None]], dtype=object)  # what a parameter stands for that was given no argument: this very array


class Body(NamedTuple):
    """What a function does: the names under which it finds its arguments, and what it then comes to."""

    parameters: tuple[str, ...]
    result: Callable[[Any], Result]  # steps: of a batch
    values: Callable[[Any], np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function: its body for a number of arguments (None: it does not take so many), variables known where it is."""

    body: Callable[[int], Body | None]
    variables: Mapping[str, Result]


@dataclass(frozen=True, slots=True)
class References:
    """Several references at once, one for each place of an array: what INDIRECT({"A1","B1"}) comes to.

    Only functions that take them one by one can do something with them; for all others each is #VALUE!. There are none
    where several formulas are calculated together.
    """

    shape: tuple[int, int]
    parts: tuple[np.ndarray | Areas, ...]  # a 1 x 1 array where there is an error in place of a reference


Union = tuple[Areas, ...]
Result = np.ndarray | Areas | Union | References | Closure


def part_of(result: Result, members: np.ndarray) -> Result:
    """What something comes to for some of the members."""
    if isinstance(result, References):
        return result
    if isinstance(result, np.ndarray):
        return result if result.ndim == 2 else result[members]
    if isinstance(result, Areas):
        return result.part(members)
    if isinstance(result, tuple):
        return tuple([area.part(members) for area in result])
    return replace(result, variables={name: part_of(one, members) for name, one in result.variables.items()})


def only_of(result: Result, member: int) -> Result:
    """What something comes to for one member, in the form in which members share it."""
    if isinstance(result, References):
        return result
    if isinstance(result, np.ndarray):
        return result if result.ndim == 2 else result[member]
    if isinstance(result, Areas):
        if isinstance(result.tops, int):
            return result
        sheet, rect = result.part(np.array([member])).rects()[0]
        return Areas(sheet, rect.top, rect.left, rect.rows, rect.columns)
    if isinstance(result, tuple):
        return tuple([only_of(area, member) for area in result])  # type: ignore[misc]
    return replace(result, variables={name: only_of(one, member) for name, one in result.variables.items()})


def first_error(result: Result) -> ErrorValue:
    """The error that stands where a function is needed; #VALUE! for what is none."""
    if isinstance(result, np.ndarray) and result.size and isinstance(value := result.ravel()[0], ErrorValue):
        return value
    return ErrorValue.VALUE

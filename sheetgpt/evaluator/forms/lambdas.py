"""LET, LAMBDA, ISOMITTED, and the calls of functions that formulas make themselves.

Names are found where the formula stands that uses them, not where it is called from. A function that has too few or
too many arguments is #VALUE!, one that stands where a value is needed #CALC!, one that calls itself without end #NUM!
(Microsoft, "LAMBDA function").
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import numpy as np

from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator.batch.batch import Batch, Result, SplitError, Step, ValueStep, single
from sheetgpt.evaluator.batch.variables import OMITTED, Body, Closure, first_error
from sheetgpt.evaluator.forms.form import Argument, Form

_DEEPEST = 4096  # calls within one another
_FRAMES = 24  # of Python, at most, for each of them
OPTIONAL = "["  # before the name of a parameter that may be left out


class TooDeepError(Exception):
    """A function calls itself without end, or too often."""


def _names_and_values(arguments: Sequence[Argument]) -> list[tuple[str, Argument]]:
    return [(name.name, value) for name, value in zip(arguments[:-1:2], arguments[1:-1:2], strict=True)]


def _known(batch: Batch, pairs: Sequence[tuple[str, Argument]]) -> Batch:
    """The batch in which names stand for values; each value may use the names before it."""
    variables = dict(batch.variables)
    for name, value in pairs:
        here = batch.with_variables(dict(variables))
        variables[name] = OMITTED if value.missing else value.result(here)
    return batch.with_variables(variables)


def _let(arguments: Sequence[Argument], _array: bool) -> Step:
    pairs, body = _names_and_values(arguments), arguments[-1]
    return lambda batch: body.result(_known(batch, pairs))


def _let_values(arguments: Sequence[Argument], _array: bool) -> ValueStep:
    pairs, body = _names_and_values(arguments), arguments[-1]
    return lambda batch: body.values(_known(batch, pairs))


def _lambda(arguments: Sequence[Argument], _array: bool) -> Step:
    declared = [parameter.name for parameter in arguments[:-1]]
    least = sum(not name.startswith(OPTIONAL) for name in declared)
    names = tuple([name.removeprefix(OPTIONAL) for name in declared])
    body = Body(names, arguments[-1].result, arguments[-1].values)

    def find(count: int) -> Body | None:
        return body if least <= count <= len(names) else None

    return lambda batch: Closure(find, batch.variables)


def _is_omitted(arguments: Sequence[Argument], _array: bool) -> Step:
    return lambda batch: single(arguments[0].result(batch) is OMITTED)


def call(function: Result, batch: Batch, given: Sequence[Result]) -> Result:
    """What a function gives for some arguments."""
    inner, body = _begun(function, batch, given)
    if body is None:
        return single(first_error(function))
    return body.result(inner) if inner.depth > 1 else _outermost(body.result, inner)


def call_values(function: Result, batch: Batch, given: Sequence[Result]) -> np.ndarray:
    """What a function gives for some arguments, as values."""
    inner, body = _begun(function, batch, given)
    if body is None:
        return single(first_error(function))
    return body.values(inner) if inner.depth > 1 else _outermost(body.values, inner)  # type: ignore[return-value]


def _begun(function: Result, batch: Batch, given: Sequence[Result]) -> tuple[Batch, Body | None]:
    """The batch in which the body of a function is calculated, and this body; None where it cannot be called so."""
    body = function.body(len(given)) if isinstance(function, Closure) else None
    if body is None or not isinstance(function, Closure):
        return batch, None
    left_out = [OMITTED] * (len(body.parameters) - len(given))
    variables = {**function.variables, **dict(zip(body.parameters, [*given, *left_out], strict=True))}
    inner = batch.with_variables(variables)
    inner.depth = batch.depth + 1
    if inner.depth > _DEEPEST:
        raise TooDeepError
    return inner, body


def _outermost(step: Callable[[Batch], Result], batch: Batch) -> Result:
    """A call that is within no other one, with room on Python's stack; #NUM! where it never ends."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _DEEPEST * _FRAMES))
    try:
        return step(batch)
    except (TooDeepError, RecursionError):
        if batch.size > 1:
            raise SplitError(list(range(batch.size))) from None
        return single(ErrorValue.NUM)
    finally:
        sys.setrecursionlimit(before)


def apply(function: Argument, arguments: Sequence[Argument], call: Callable[..., Result]) -> Callable[[Batch], Result]:
    """The step that calls what an expression gives."""

    def run(batch: Batch) -> Result:
        given = [OMITTED if argument.missing else argument.result(batch) for argument in arguments]
        return call(function.result(batch), batch, given)

    return run


def variable(name: str) -> Step:
    """The step that finds what a name of LET or LAMBDA stands for."""

    def run(batch: Batch) -> Result:
        found = batch.variables.get(name)
        return single(ErrorValue.NAME) if found is None else found

    return run


LAMBDAS: dict[str, Form] = {
    "LET": Form(build=_let, build_values=_let_values, parameters=("cells", "cells", "cells"), repeats=2),
    "LAMBDA": Form(build=_lambda, parameters=("branch",), repeats=1),
    "ISOMITTED": Form(build=_is_omitted, parameters=("reference",)),
}

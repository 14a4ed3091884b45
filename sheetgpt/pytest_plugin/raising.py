"""Errors that show the line of the test, and not what happened inside."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from sheetgpt.errors import SheetgptError

P = ParamSpec("P")
R = TypeVar("R")


def without_insides(method: Callable[P, R]) -> Callable[P, R]:
    """A method whose AssertionErrors and SheetgptErrors have no traceback below its call."""

    @wraps(method)
    def call(*given: P.args, **named: P.kwargs) -> R:
        __tracebackhide__ = True
        try:
            return method(*given, **named)
        except (SheetgptError, AssertionError) as error:
            raise error.with_traceback(None) from None

    return call

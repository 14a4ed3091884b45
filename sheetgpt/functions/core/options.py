"""Options of functions: single numbers that may be left out."""

from __future__ import annotations

from sheetgpt.book.values import ErrorValue
from sheetgpt.functions.core.broadcasting import first
from sheetgpt.functions.core.coercion import to_number
from sheetgpt.functions.core.signature import Operand


class OptionError(Exception):
    """An option is an error, or has no value that the function knows; it carries the function's value."""

    def __init__(self, value: ErrorValue) -> None:
        super().__init__(str(value))
        self.value = value


def option(operands: tuple[Operand | None, ...], place: int, default: float) -> float:
    """The number at that place of the arguments, or the default where it is left out or empty.

    Raises OptionError where it is an error or no number.
    """
    operand = operands[place] if place < len(operands) else None
    number = default if operand is None else to_number(first(operand.values))
    if isinstance(number, ErrorValue):
        raise OptionError(number)
    return number

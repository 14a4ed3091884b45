"""Formulas of a workbook whose dates count from 1904, written so that the functions of the 1900 system fit."""

from __future__ import annotations

from sheetgpt.evaluator.compile.draws import each_call
from sheetgpt.evaluator.compile.known import find_function
from sheetgpt.formula import Boolean, Call, Error, Missing, Node, Number, Text
from sheetgpt.functions.aggregates import AGGREGATES
from sheetgpt.functions.conditional import CONDITIONAL
from sheetgpt.functions.core.signature import ArgumentKind
from sheetgpt.functions.dates_1904 import (
    CRITERION,
    DATE_ARGUMENTS,
    FROM,
    FROM_ALL,
    FROM_STRICT,
    GIVES_DATE,
    INSTEAD,
    NUMBER_OF_TEXT,
    TO,
    date_of,
)

_ARITHMETIC = frozenset("+-*/^%")
_AROUND_DATES: dict[ArgumentKind, str] = {"array": FROM_ALL, "strict number": FROM_STRICT}
_NUMBERS: tuple[ArgumentKind, ...] = ("number", "strict number")


def dates_from_1904(tree: Node) -> Node:
    """The tree with dates moved from one system to the other around functions of dates, and where text says a date."""
    return each_call(tree, _call, lambda operator, node: _number(node) if operator in _ARITHMETIC else node)


def _call(call: Call) -> Node:
    function = find_function(call.function)
    if function is None:
        return call
    dates = DATE_ARGUMENTS.get(call.function, ())
    given = zip(call.arguments, function.kinds(len(call.arguments)), strict=False)
    arguments = [
        _date(argument, kind) if place in dates else _other(call.function, argument, kind)
        for place, (argument, kind) in enumerate(given)
    ]
    arguments += call.arguments[len(arguments) :]  # too many: that is refused elsewhere
    changed = Call(INSTEAD.get(call.function, call.function), tuple(arguments))
    return Call(TO, (changed,)) if call.function in GIVES_DATE else changed


def _date(argument: Node, kind: ArgumentKind) -> Node:
    return argument if argument == Missing() else Call(_AROUND_DATES.get(kind, FROM), (argument,))


def _other(function: str, argument: Node, kind: ArgumentKind) -> Node:
    if function in CONDITIONAL and kind == "value":
        return Call(CRITERION, (argument,))
    if function in AGGREGATES and isinstance(argument, Text) and date_of(argument.value) is not None:
        return _number(argument)
    return _number(argument) if kind in _NUMBERS else argument


def _number(node: Node) -> Node:
    return node if isinstance(node, Number | Boolean | Error | Missing) else Call(NUMBER_OF_TEXT, (node,))

"""The forms that are written as IF before anything is calculated: IFS and SWITCH."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.evaluator.forms.form import Rewrite
from sheetgpt.formula import Binary, Call, Error, Node


def _ifs(arguments: Sequence[Node]) -> Node:
    if not arguments or len(arguments) % 2:
        raise FormulaSyntaxError(f"IFS takes pairs of arguments, not {len(arguments)} arguments")
    tree: Node = Error(ErrorValue.NA)
    for position in range(len(arguments) - 2, -1, -2):
        tree = Call("IF", (arguments[position], arguments[position + 1], tree))
    return tree


def _switch(arguments: Sequence[Node]) -> Node:
    if len(arguments) < 3:
        raise FormulaSyntaxError(f"SWITCH takes 3 or more arguments, not {len(arguments)}")
    value, *cases = arguments
    default: Node = cases[-1] if len(cases) % 2 else Error(ErrorValue.NA)
    tree = default
    for position in range(len(cases) - len(cases) % 2 - 2, -1, -2):
        tree = Call("IF", (Binary("=", value, cases[position]), cases[position + 1], tree))
    return tree


REWRITING: dict[str, Rewrite] = {
    "IFS": Rewrite(rewrite=_ifs, parameters=("value", "branch"), repeats=2, note="written as IF; arguments in pairs"),
    "SWITCH": Rewrite(rewrite=_switch, parameters=("value", "value", "branch"), repeats=2, note="written as IF"),
}

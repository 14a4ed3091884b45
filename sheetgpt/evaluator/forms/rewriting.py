"""The forms that are written as IF before anything is calculated: IFS and SWITCH."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.evaluator.forms.form import Rewrite
from sheetgpt.formula import Binary, Call, Error, Hole, Node

SPILL_RANGE = "spill range"  # A1# where A1 is found when it is calculated; no name that a formula could contain


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


def _anchor_array(arguments: Sequence[Node]) -> Node:
    """ANCHORARRAY, which the mark # stands for. A reference that the formula names is bound to the spill range."""
    (anchor,) = arguments
    return anchor if isinstance(anchor, Hole | Error) else Call(SPILL_RANGE, (anchor,))


REWRITING: dict[str, Rewrite] = {
    "IFS": Rewrite(rewrite=_ifs, parameters=("value", "branch"), repeats=2, note="written as IF; arguments in pairs"),
    "ANCHORARRAY": Rewrite(rewrite=_anchor_array, parameters=("cells",), note="the operator #"),
    "SWITCH": Rewrite(rewrite=_switch, parameters=("value", "value", "branch"), repeats=2, note="written as IF"),
}

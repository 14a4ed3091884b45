"""The operators .: :. and .:. of Excel 365, which files hold as functions: written as TRIMRANGE."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sheetgpt.evaluator.forms.form import Rewrite
from sheetgpt.formula import Call, Node, Number


def _trimmed(sides: float) -> Callable[[Sequence[Node]], Node]:
    """TRIMRANGE with its blank lines trimmed before (1), after (2), or on both sides (3)."""

    def rewrite(arguments: Sequence[Node]) -> Node:
        return Call("TRIMRANGE", (*arguments, Number(sides), Number(sides)))

    return rewrite


TRIMMING: dict[str, Rewrite] = {
    name: Rewrite(rewrite=_trimmed(sides), parameters=("array",))
    for name, sides in (("_TRO_LEADING", 1.0), ("_TRO_TRAILING", 2.0), ("_TRO_ALL", 3.0))
}

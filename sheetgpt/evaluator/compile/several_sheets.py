"""References over several sheets (3-D references), as the areas of the single sheets, in the functions that take them.

Microsoft's page "Create a reference to the same cell range on multiple worksheets" lists the functions; AND, OR, XOR,
TEXTJOIN and CONCAT take them too, and so do VSTACK, HSTACK, TOCOL and TOROW (their pages have such examples). Elsewhere
the value is #VALUE!.
"""

from __future__ import annotations

from functools import reduce

from sheetgpt.book.values import ErrorValue
from sheetgpt.formula import Binary, Call, Error, Node, Number, Percent, Sign, spine

SEVERAL_SHEETS = "several sheets"  # no name that a formula could contain: a call whose arguments are the areas

# As many arguments as there are sheets.
_SPREAD = frozenset(
    """
    SUM AVERAGE AVERAGEA COUNT COUNTA MAX MAXA MIN MINA PRODUCT SUMSQ DEVSQ AVEDEV GEOMEAN HARMEAN KURT SKEW SKEW.P MEDIAN
    MODE MODE.SNGL MODE.MULT STDEV STDEV.S STDEV.P STDEVP STDEVA STDEVPA VAR VAR.S VAR.P VARP VARA VARPA AND OR XOR CONCAT
    TEXTJOIN VSTACK HSTACK
    """.split()
)
# One argument with all areas.
_UNITED = frozenset(
    """
    LARGE SMALL RANK RANK.EQ RANK.AVG PERCENTILE PERCENTILE.INC PERCENTILE.EXC PERCENTRANK PERCENTRANK.INC PERCENTRANK.EXC
    QUARTILE QUARTILE.INC QUARTILE.EXC TRIMMEAN
    """.split()
)
_STACKED = frozenset(("TOCOL", "TOROW"))


def spread_sheets(tree: Node) -> Node:
    """The tree without calls of `SEVERAL_SHEETS`."""
    match tree:
        case Call(function) if function == SEVERAL_SHEETS:
            return Error(ErrorValue.VALUE)
        case Call(function, arguments):
            spread = [part for argument in arguments for part in _argument(function, argument)]
            return Number(float(len(arguments[0].arguments))) if _counts(tree) else Call(function, tuple(spread))  # type: ignore[union-attr]
        case Binary():
            first, steps = spine(tree)
            joined = spread_sheets(first)
            for operator, right in steps:
                joined = Binary(operator, joined, spread_sheets(right))
            return joined
        case Sign(sign, operand):
            return Sign(sign, spread_sheets(operand))
        case Percent(operand):
            return Percent(spread_sheets(operand))
    return tree


def _counts(tree: Call) -> bool:
    """Whether it is SHEETS(Sheet1:Sheet3!A1)."""
    first = tree.arguments[0] if tree.arguments else None
    return tree.function == "SHEETS" and isinstance(first, Call) and first.function == SEVERAL_SHEETS


def _argument(function: str, argument: Node) -> tuple[Node, ...]:
    """What stands for one argument of a function."""
    if not isinstance(argument, Call) or argument.function != SEVERAL_SHEETS:
        return (spread_sheets(argument),)
    if function in _SPREAD:
        return argument.arguments
    if function in _UNITED:
        return (reduce(lambda left, right: Binary(",", left, right), argument.arguments),)
    return (Call("VSTACK", argument.arguments),) if function in _STACKED else (Error(ErrorValue.VALUE),)

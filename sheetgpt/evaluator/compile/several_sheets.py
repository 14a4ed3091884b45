"""References over several sheets (3-D references), as the areas of the single sheets, in the functions that take them.

Microsoft's page "Create a reference to the same cell range on multiple worksheets" lists most of them; the others are
aggregates of the same kind, AND, OR, XOR, CONCAT, TEXTJOIN, and those of Excel 365 that stack ranges. Elsewhere the
value is #VALUE!: such references stand in no operator, no array formula and no function that compares or looks up.
"""

from __future__ import annotations

from functools import reduce

from sheetgpt.book.values import ErrorValue
from sheetgpt.formula import Apply, Binary, Call, Error, Node, Number, Percent, Sign, children, spine

SEVERAL_SHEETS = "several sheets"  # no name that a formula could contain: a call whose arguments are the areas

_SPREAD_NAMES = """
SUM AVERAGE AVERAGEA COUNT COUNTA MAX MAXA MIN MINA PRODUCT SUMSQ DEVSQ AVEDEV GEOMEAN HARMEAN KURT SKEW SKEW.P MEDIAN
MODE MODE.SNGL MODE.MULT STDEV STDEV.S STDEV.P STDEVP STDEVA STDEVPA VAR VAR.S VAR.P VARP VARA VARPA AND OR XOR CONCAT
TEXTJOIN VSTACK HSTACK
"""
_UNITED_NAMES = """
LARGE SMALL RANK RANK.EQ RANK.AVG PERCENTILE PERCENTILE.INC PERCENTILE.EXC PERCENTRANK PERCENTRANK.INC PERCENTRANK.EXC
QUARTILE QUARTILE.INC QUARTILE.EXC TRIMMEAN
"""
_SPREAD = frozenset(_SPREAD_NAMES.split())  # get as many arguments as there are sheets
_UNITED = frozenset(_UNITED_NAMES.split())  # get all areas as one argument
_STACKED = frozenset(("TOCOL", "TOROW"))
_TAKE_THEM = _SPREAD | _UNITED | _STACKED
# These see the error, and go on without it.
_SEE_ERRORS = frozenset(
    ("IF", "IFS", "IFERROR", "IFNA", "CHOOSE", "SWITCH", "ISERROR", "ISERR", "ISNA", "ERROR.TYPE", "TYPE")
)
_SEE_ERRORS |= {"LET", "LAMBDA"}


def spread_sheets(tree: Node) -> Node:
    """The tree without calls of `SEVERAL_SHEETS`."""
    match tree:
        case Call(function) if function == SEVERAL_SHEETS:
            return Error(ErrorValue.VALUE)
        case Call(function, arguments):
            if any(map(_is_several, arguments)) and function not in _TAKE_THEM | _SEE_ERRORS:
                return _counted(arguments[0]) if function == "SHEETS" else Error(ErrorValue.VALUE)
            return Call(function, tuple([part for argument in arguments for part in _argument(function, argument)]))
        case Binary():
            first, steps = spine(tree)
            joined = spread_sheets(first)
            for operator, right in steps:
                joined = Binary(operator, joined, spread_sheets(right))
            return joined
        case Apply(called, arguments):
            return Apply(spread_sheets(called), tuple([spread_sheets(argument) for argument in arguments]))
        case Sign(sign, operand):
            return Sign(sign, spread_sheets(operand))
        case Percent(operand):
            return Percent(spread_sheets(operand))
    return tree


def _is_several(node: Node) -> bool:
    return isinstance(node, Call) and node.function == SEVERAL_SHEETS


def _counted(several: Node) -> Node:
    """The number of sheets."""
    return Number(float(len(children(several))))


def _argument(function: str, argument: Node) -> tuple[Node, ...]:
    """What stands for one argument of a function."""
    if not _is_several(argument):
        return (spread_sheets(argument),)
    areas = children(argument)
    if function in _SPREAD:
        return areas
    if function in _UNITED:
        return (reduce(lambda left, right: Binary(",", left, right), areas),)
    return (Call("VSTACK", areas),) if function in _STACKED else (Error(ErrorValue.VALUE),)

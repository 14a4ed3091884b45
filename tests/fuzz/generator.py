"""Random formulas: a function or operator, and arguments that fit it, to a depth."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from fuzz.leaves import leaf_text
from fuzz.roles import functions, roles_of
from fuzz.term import Sample, Term, leaf, words
from sheetgpt.evaluator.compile.known import FORMS
from sheetgpt.functions import FUNCTIONS, FunctionSpec

# Left out: what only a moment, a machine or chance decides, what looks at formulas and not at values, and what has
# to be given a function or another language.
LEFT_OUT = frozenset(
    words(
        "NOW TODAY RAND RANDBETWEEN RANDARRAY CELL INFO LAMBDA LET MAP REDUCE SCAN BYROW BYCOL MAKEARRAY "
        "ISOMITTED FORMULATEXT ANCHORARRAY SINGLE SHEET SHEETS ISFORMULA FILTERXML HYPERLINK "
        "REGEXTEST REGEXEXTRACT REGEXREPLACE TRIMRANGE PERCENTOF"
    )
)
SPECS: dict[str, FunctionSpec] = {**FUNCTIONS, **FORMS}
NAMES = functions(SPECS, LEFT_OUT)

# What is put in the place of an argument of a role, deeper in a formula.
_GIVING: dict[str, list[str]] = {
    "n": words(
        "ABS SUM ROUND AVERAGE MOD INT MAX MIN SQRT LEN COUNT MEDIAN SUMPRODUCT DAY INDEX TRUNC N "
        "PRODUCT IF VLOOKUP SUMIF COUNTIF SIN ATAN EXP FACT POWER SIGN IFERROR MATCH CHOOSE VALUE STDEV "
        "LARGE RANK PMT SUBTOTAL"
    ),
    "P": words("ABS SQRT EXP LEN COUNT PI SUMSQ VARP"),
    "i": ["DAY", "MONTH", "WEEKDAY", "LEN", "COUNT", "ROWS"],
    "s": ["SIN", "COS", "TANH", "ATAN", "SIGN"],
    "u": ["SIN", "COS", "TANH"],
    "d": ["DATE", "EDATE", "EOMONTH", "WORKDAY"],
    "t": words("LEFT RIGHT MID UPPER LOWER TRIM SUBSTITUTE TEXT CONCATENATE REPT PROPER REPLACE FIXED CHAR IF T"),
    "b": words("AND OR NOT ISNUMBER ISTEXT ISBLANK ISERROR EXACT ISEVEN XOR = <> < >"),
    "v": words("IF IFERROR INDEX CHOOSE LEFT SUM ISTEXT"),
}
_GIVING["n"] += words("+ - * / ^ % negative")
_GIVING["t"] += ["&"]
_OPERATORS = {name: ["n", "n"] for name in "+-*/"} | {
    "^": ["n", "|2|3|0.5|-1|"],
    "&": ["v", "v"],
    "%": ["n"],
    "negative": ["n"],
    **{name: ["v", "v"] for name in ("=", "<>", "<", "<=", ">", ">=")},
}
_ROOTS = [*NAMES, *_OPERATORS, *_OPERATORS]
_IN_ARRAYS = words("SUM MAX MIN SUMPRODUCT AVERAGE STDEV SUMSQ")  # around arrays of array formulas
_OVER_RANGES = words("ABS ROUND INT SQRT SIN LEN IF + * - / > = MOD SIGN POWER")
# Functions whose arrays would spill, and functions that make one value of them.
_WIDE = frozenset(
    words(
        "TAKE DROP CHOOSEROWS CHOOSECOLS WRAPROWS WRAPCOLS EXPAND TOCOL TOROW SORT SORTBY UNIQUE FILTER SEQUENCE "
        "VSTACK HSTACK TEXTSPLIT MUNIT MMULT MINVERSE TRANSPOSE FREQUENCY LINEST LOGEST TREND GROWTH MODE.MULT"
    )
)
_OF_WIDE = ["SUM", "SUM", "COUNTA", "CONCAT", "MAX", "ROWS", "COLUMNS"]
_MISFITS = 0.03  # arguments of another kind than the function expects


def samples(seed: str, count: int) -> list[Sample]:
    """So many random formulas; the same for the same seed."""
    draw = random.Random(f"formulas {seed}")
    return [_sample(draw) for _ in range(count)]


def _sample(draw: random.Random) -> Sample:
    if draw.random() < 0.1:
        return Sample(Term(draw.choice(_IN_ARRAYS), (_array(draw, 2),)), array=True)
    term = _call(draw, draw.choice(_ROOTS), draw.choice([0, 0, 1, 1, 2, 3]))
    if term.head in _WIDE:
        return Sample(Term(draw.choice(_OF_WIDE), (term,)), array=True)
    return Sample(term, array=draw.random() < 0.1)


def _call(draw: random.Random, name: str, depth: int) -> Term:
    """A call or an operator, with arguments nested so deep."""
    roles = _OPERATORS.get(name) or _given(draw, roles_of(name, SPECS.get(name)))
    return Term(name, tuple(_argument(draw, role, depth) for role in roles))


def _given(draw: random.Random, roles: Sequence[str]) -> list[str]:
    """The roles of the arguments that are given: some of those that may be left out, repeated ones some times."""
    given: list[str] = []
    for place, role in enumerate(roles):
        if role.startswith("*"):
            repeated = [word.lstrip("*?") for word in roles[place:]]
            return given + repeated * draw.choice([1, 1, 2, 3])
        if role.startswith("?"):
            rest = [word.lstrip("*?") for word in roles[place:]]
            return given + rest[: draw.randint(0, len(rest))]
        given.append(role)
    return given


def _argument(draw: random.Random, role: str, depth: int) -> Term:
    if draw.random() < _MISFITS and not _is_reference(role):
        return leaf(leaf_text(draw, "any"))
    if depth and role in _GIVING and draw.random() < 0.6:
        return _call(draw, draw.choice(_GIVING[role]), depth - 1)
    return leaf(leaf_text(draw, role))


def _is_reference(role: str) -> bool:
    """Whether Excel takes nothing but a reference there."""
    return role.endswith(("_range", "_column", "_reference")) or re.search(r"[A-Z]\d+(:|$|\|)", role) is not None


def _array(draw: random.Random, depth: int) -> Term:
    """An array that is calculated from a column, in an array formula."""
    if depth == 0 or draw.random() < 0.2:
        return leaf(leaf_text(draw, "pair"))
    name = draw.choice(_OVER_RANGES)
    inner = _array(draw, depth - 1)
    if name == "IF":
        return Term("IF", (Term(">", (inner, leaf(leaf_text(draw, "n")))), leaf(leaf_text(draw, "pair"))))
    if name in _OPERATORS:
        return Term(name, (inner, leaf(leaf_text(draw, draw.choice(["pair", "n"])))))
    second = {"ROUND": "m", "MOD": "P", "POWER": "|2|3|"}.get(name)
    return Term(name, (inner,) if second is None else (inner, leaf(leaf_text(draw, second))))

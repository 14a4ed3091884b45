"""Disagreements that are known, each with its reason and who is right; docs/disagreements.md is made of them.

A case is explained where one of the programs says what our engine says (the other is outvoted), where the only
difference is a rounding that a function makes larger, or where each program that differs has an entry here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fuzz.comparing import agree, kind_of
from fuzz.engines import Silence
from fuzz.known_entry import Known
from fuzz.known_list import KNOWN
from fuzz.shrinker import Case
from sheetgpt.book.values import Value

_MARCH_1900 = 61  # its serial number


@dataclass(frozen=True)
class Verdict:
    """What is said of a case: its explanation in words, or None where there is none."""

    words: str | None
    entries: tuple[int, ...] = ()  # places in KNOWN


def verdict(case: Case) -> Verdict:
    """How a case is explained."""
    if case.rounding:
        return Verdict("a rounding made larger")
    if case.beside:
        return Verdict("outvoted: " + ", ".join(case.against))
    found = [
        next((place for place, known in enumerate(KNOWN) if fits(known, case, name)), None) for name in case.against
    ]
    if None in found or not found:
        return Verdict(None)
    return Verdict("known", tuple(sorted({place for place in found if place is not None})))


def fits(known: Known, case: Case, program: str) -> bool:
    """Whether an entry speaks of a case, as far as a program is concerned."""
    theirs = case.values[program]
    return (
        program in known.programs
        and (not known.functions or case.shrunk.term.head in known.functions.split())
        and re.search(known.formula, str(case.shrunk)) is not None
        and re.search(known.arguments, case.kind.partition(":")[0]) is not None
        and re.fullmatch(known.ours, kind_of(case.values["sheetgpt"])) is not None
        and re.fullmatch(known.theirs, kind_of(theirs)) is not None
        and (
            not known.early
            or any(isinstance(value, float | bool) and value < _MARCH_1900 for value in _all_values(case))
        )
        and (known.period is None or _by_multiples(case, known.period, theirs))
        and (not known.tolerance or agree(case.values["sheetgpt"], theirs, tolerance=known.tolerance))
    )


def _all_values(case: Case) -> list[Value | Silence]:
    return [*case.arguments, case.values["sheetgpt"]]


def _by_multiples(case: Case, place: int, theirs: Value | Silence) -> bool:
    """Whether two remainders are the same but for whole divisors and rounding."""
    ours, period = case.values["sheetgpt"], case.arguments[place]
    if type(ours) is not float or type(theirs) is not float or type(period) is not float or not period:
        return True
    turns = (ours - theirs) / period
    return abs(turns - round(turns)) < 1e-6

"""Disagreements, shrunk to the one call or operator in which engines part, with values in the place of what is in it.

All are shrunk together, a workbook for each round: first every call inside of them by itself, then the innermost that
differs although its arguments do not, with constants for its arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fuzz.comparing import agree, kind_of
from fuzz.engines import Cells, Engines, Silence
from fuzz.term import Sample, Term, leaf
from sheetgpt.book.values import ErrorValue, Value

Answer = Value | Silence


@dataclass
class Case:
    """A formula as it was drawn and as it was shrunk, with the values of both the engines and its arguments."""

    drawn: Sample
    shrunk: Sample
    values: dict[str, Answer]
    arguments: list[Answer] = field(default_factory=list)
    rounding: bool = False  # with values in the place of its arguments there is no difference

    @property
    def against(self) -> list[str]:
        """The programs that say something else than our engine."""
        return [name for name in self.values if not same(self.values, name, self.arguments)]

    @property
    def beside(self) -> list[str]:
        """The programs that say what our engine says."""
        return [
            name
            for name, value in self.values.items()
            if name != "sheetgpt" and name not in self.against and not isinstance(value, Silence)
        ]

    @property
    def kind(self) -> str:
        """Function and kinds of arguments, for grouping."""
        arguments = zip(self.shrunk.term.arguments, self.arguments, strict=True)
        kinds = [_kind(argument, value) for argument, value in arguments]
        said = ", ".join(f"{name} {kind_of(self.values[name])}" for name in self.against)
        return f"{self.shrunk.term.head}({', '.join(kinds)}): {kind_of(self.values['sheetgpt'])}; {said}"

    def __str__(self) -> str:
        told = ", ".join(f"{name} {value!s:.60}" for name, value in self.values.items())
        return f"{self.shrunk}  {told}"


def same(values: dict[str, Answer], name: str, arguments: Sequence[Answer] = ()) -> bool:
    """Whether a program agrees with our engine, to what rounding of the arguments allows."""
    sizes = [abs(value) for value in arguments if type(value) is float]
    return agree(values["sheetgpt"], values[name], max(sizes, default=0.0))


@dataclass(frozen=True)
class Findings:
    """What some formulas came to."""

    cases: list[Case]
    values: int  # results that are no error
    alone: int  # formulas of which no program has a value


def differences(engines: Engines, cells: Cells, samples: Sequence[Sample]) -> Findings:
    """The formulas on which engines do not agree, shrunk."""
    table = _asked(engines, cells, samples)
    differing = [sample for sample in dict.fromkeys(samples) if not all(same(table[sample], n) for n in engines.names)]
    parts = [Sample(part, sample.array) for sample in differing for part in _parts(sample.term)]
    table |= _asked(engines, cells, [part for part in dict.fromkeys(parts) if part not in table])
    cases = [case for sample in differing for case in _smallest(sample, table)]
    _put_values(engines, cells, cases)
    good = sum(not isinstance(table[sample]["sheetgpt"], ErrorValue | Silence) for sample in samples)
    alone = sum(all(isinstance(table[sample][name], Silence) for name in engines.names) for sample in samples)
    return Findings(cases, good, alone)


def _asked(engines: Engines, cells: Cells, samples: Sequence[Sample]) -> dict[Sample, dict[str, Answer]]:
    found = engines.values(cells, samples)
    return {sample: {name: answers[place] for name, answers in found.items()} for place, sample in enumerate(samples)}


def _parts(term: Term) -> Iterator[Term]:
    """All that is in a formula, leaves too."""
    yield from term.inner()
    yield from term.leaves()


def _smallest(sample: Sample, table: dict[Sample, dict[str, Answer]]) -> Iterator[Case]:
    """The innermost part that differs; the whole where no part does."""
    for part in sample.term.inner():
        inner = [table[Sample(argument, sample.array)] for argument in part.arguments]
        case = Case(sample, Sample(part, sample.array), table[Sample(part, sample.array)])
        case.arguments = [values["sheetgpt"] for values in inner]
        if case.against:
            yield case
            return


def _put_values(engines: Engines, cells: Cells, cases: Sequence[Case]) -> None:
    """Constants in the place of calls inside the shrunk formulas, where they differ with them too."""
    changed = [case for case in cases if any(not argument.leaf for argument in case.shrunk.term.arguments)]
    shorter = [Sample(_with_values(case), case.shrunk.array) for case in changed]
    table = _asked(engines, cells, list(dict.fromkeys(shorter)))
    for case, sample in zip(changed, shorter, strict=True):
        if all(same(table[sample], name, case.arguments) for name in engines.names):
            case.rounding = _numbers_only(case) and (not case.shrunk.array or _near(case, engines.names))
        elif not case.shrunk.array:  # of an array formula's arguments only the first elements are known
            case.shrunk, case.values = sample, table[sample]


def _near(case: Case, names: Sequence[str]) -> bool:
    return all(agree(case.values["sheetgpt"], case.values[name], tolerance=1e-6) for name in names)


def _numbers_only(case: Case) -> bool:
    return all(
        type(value) is float
        for argument, value in zip(case.shrunk.term.arguments, case.arguments, strict=True)
        if not argument.leaf
    )


def _with_values(case: Case) -> Term:
    arguments = zip(case.shrunk.term.arguments, case.arguments, strict=True)
    return case.shrunk.term.replaced(
        tuple(argument if argument.leaf else _constant(argument, value) for argument, value in arguments)
    )


def _constant(argument: Term, value: Answer) -> Term:
    """The value as a formula writes it."""
    if isinstance(value, Silence):
        return argument
    if isinstance(value, bool):
        return leaf(str(value).upper())
    if isinstance(value, str):
        return leaf('"' + value.replace('"', '""') + '"')
    if isinstance(value, ErrorValue):
        return leaf(str(value))
    return leaf("0" if value is None else repr(value).removesuffix(".0").upper())


def _kind(argument: Term, value: Answer) -> str:
    text = str(argument)
    if (argument.leaf and (":" in text and not text.startswith('"'))) or text.startswith("{"):
        return text.split("!")[-1][0] if text[0] != "{" else "array"  # the column, which says what is in it
    return kind_of(value)

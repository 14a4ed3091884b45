"""What a long run has found: a file with a line for each chunk, so that a run can be gone on with."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from fuzz.known import verdict
from fuzz.known_list import KNOWN
from fuzz.shrinker import Findings


@dataclass
class Chunk:
    """What some formulas came to; kinds of cases with their numbers, and those without an explanation in full."""

    number: int = 0
    formulas: int = 0
    values: int = 0  # results that are no error
    alone: int = 0  # formulas of which no program has a value
    outvoted: dict[str, int] = field(default_factory=dict)  # program and function -> cases
    known: dict[str, int] = field(default_factory=dict)  # place in KNOWN -> cases
    roundings: int = 0
    unexplained: list[str] = field(default_factory=list)


def judged(number: int, formulas: int, found: Findings) -> Chunk:
    """A chunk from what was found."""
    chunk = Chunk(number, formulas, found.values, found.alone)
    outvoted: Counter[str] = Counter()
    known: Counter[str] = Counter()
    for case in found.cases:
        said = verdict(case)
        if said.words is None:
            chunk.unexplained.append(f"{case}    from {case.drawn}    kind {case.kind}")
        elif case.rounding:
            chunk.roundings += 1
        elif case.beside:
            outvoted.update(f"{name} {case.shrunk.term.head}" for name in case.against)
        known.update(str(place) for place in said.entries)
    chunk.outvoted, chunk.known = dict(outvoted), dict(known)
    return chunk


def written(path: Path) -> dict[int, Chunk]:
    """The chunks in a file, by number; none where there is no file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    chunks = [Chunk(**json.loads(line)) for line in lines]
    return {chunk.number: chunk for chunk in chunks}


def write(path: Path, chunk: Chunk) -> None:
    """A line more."""
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(chunk), ensure_ascii=False) + "\n")


def report(chunks: Iterable[Chunk]) -> str:
    """All chunks in words."""
    chunks = list(chunks)
    formulas, values = sum(c.formulas for c in chunks), sum(c.values for c in chunks)
    known, outvoted = _total(c.known for c in chunks), _total(c.outvoted for c in chunks)
    lines = [
        f"{formulas:,} formulas, {100 * values / max(formulas, 1):.0f} % of them with a value that is no error",
        f"{sum(c.alone for c in chunks):,} of which no program has a value",
        f"{sum(outvoted.values()):,} differences in which the other program says what sheetgpt says",
        *(f"    {count:6,}  {name}" for name, count in outvoted.most_common(40)),
        f"{sum(known.values()):,} differences that are listed",
        *(f"    {count:6,}  {KNOWN[int(place)].what}" for place, count in known.most_common()),
        f"{sum(c.roundings for c in chunks):,} roundings that a function made larger",
        f"{sum(len(c.unexplained) for c in chunks):,} differences without an explanation",
        *(f"    {case}" for chunk in chunks for case in chunk.unexplained),
    ]
    return "\n".join(lines)


def _total(counts: Iterable[dict[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return total

"""How many formula cells of a folder's workbooks come out as the file has them stored: we, and other engines.

    python benchmarks/conformance.py FOLDER [--limit 60] [--python OTHER_PYTHON] [--engines ...] [--worst 10]

FOLDER has .xlsx files whose stored values are right, such as those that Excel saved. Numbers are equal to 9 digits (and
below 1e-12 to 0), texts exactly, errors by their kind, blank is an empty text. Left out are the cells of formulas with
functions that give other values each time, and workbooks that hold no formula. "compared" is the share of the others
of which an engine says a value at all: its own "not known" is none, nor is #NAME? where the file has another value.
"equal of all" counts what is not compared as not equal.
"""

from __future__ import annotations

import argparse
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from peers import ENGINES, Cells, Peers, plain

from sheetgpt.book.address import at
from sheetgpt.errors import SheetgptError
from sheetgpt.xlsx.reader import read

_VOLATILE = re.compile(r"\b(NOW|TODAY|RAND|RANDBETWEEN|RANDARRAY|CELL|INFO)\s*\(")
_UNKNOWN = ({"error": "#NAME?"}, {"error": "#N/IMPL!"}, {"error": "#ERROR!"}, None)


@dataclass
class Score:
    """What became of an engine's cells."""

    name: str
    equal: int = 0
    different: int = 0
    unknown: int = 0
    refused: list[str] = field(default_factory=list)
    missing: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def row(self) -> str:
        """A line of the table."""
        total, compared = self.equal + self.different + self.unknown, self.equal + self.different
        shares = [f"{100 * a / b:.2f} %" if b else "" for a, b in ((compared, total), (self.equal, compared))]
        functions = ", ".join(name for name, _ in self.missing.most_common(6) if name)
        whole = f"{100 * self.equal / total:.2f} %" if total else ""
        return f"| {self.name} | {shares[0]} | {shares[1]} | {whole} | {len(self.refused)} | {functions} |"


def stored(path: Path) -> dict[str, object]:
    """The stored values of the formula cells, by "Sheet!A1"; those that change by themselves are left out."""
    found = {}
    for name, sheet in read(path).sheets.items():
        for formula in sheet.formulas:
            if not _VOLATILE.search(formula.text.upper()):
                for row, column in formula.rect.cells():
                    found[f"{name}!{at(row, column)}"] = plain(sheet.grid[row, column])
    return found


def by_sheet(places: dict[str, object]) -> Cells:
    cells: dict[str, list[str]] = {}
    for place in places:
        sheet, _, cell = place.rpartition("!")
        cells.setdefault(sheet, []).append(cell)
    return cells


def equal(mine: object, theirs: object) -> bool:
    if isinstance(mine, bool) or isinstance(theirs, bool):
        return float(mine) == theirs if isinstance(mine, bool | float) and isinstance(theirs, bool | float) else False
    if isinstance(mine, float) and isinstance(theirs, float):
        return math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-12)
    return ("" if mine is None else mine) == ("" if theirs is None else theirs)


def count(score: Score, file: str, expected: dict[str, object], answer: dict | str) -> None:
    """Add a workbook to an engine's score."""
    if isinstance(answer, str):
        score.refused.append(f"{file}: {answer}")
        score.unknown += len(expected)
        return
    score.name = answer["name"]
    for place, right in expected.items():
        given = answer["values"].get(place)
        if isinstance(given, dict) and "missing" in given:
            score.missing[given["missing"].partition(" ")[0]] += 1
            score.unknown += 1
        elif equal(given, right):
            score.equal += 1
        elif given in _UNKNOWN:
            score.unknown += 1
        else:
            score.different += 1
            score.examples.append(f"{file}: {place} is {given!r}, stored {right!r}")


def files(folder: Path) -> Iterator[tuple[str, Path, dict[str, object]]]:
    """The workbooks that have formulas."""
    for path in sorted(folder.rglob("*.xlsx")):
        try:
            expected = stored(path)
        except SheetgptError as error:
            print(f"{path.name}: left out, not read: {error}")
            continue
        if expected:
            yield path.name, path, expected


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("--python", default="python3")
    parser.add_argument("--engines", nargs="*", default=list(ENGINES))
    parser.add_argument("--worst", type=int, default=0, help="differences to print of each engine")
    given = parser.parse_args()
    peers = Peers(given.python, given.limit)
    scores = {engine: Score(engine) for engine in given.engines if not peers.missing(engine)}
    workbooks = list(files(given.folder))
    for file, path, expected in workbooks:
        for engine, score in scores.items():
            count(score, file, expected, peers.ask(engine, path, by_sheet(expected)))
    cells = sum(len(expected) for _, _, expected in workbooks)
    print(f"{len(workbooks)} workbooks, {cells:,} formula cells\n")
    print("| engine | compared | equal of these | equal of all | files refused | not known, by cells |")
    print("|---|---:|---:|---:|---:|---|")
    for score in scores.values():
        print(score.row())
    for score in scores.values():
        for line in [*score.refused, *score.examples[: given.worst]] if given.worst else []:
            print(f"{score.name}: {line}")


if __name__ == "__main__":
    main()

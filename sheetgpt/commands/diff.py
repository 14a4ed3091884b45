"""Two workbook files compared: `sheetgpt diff` as a library call. What was changed stands before what follows."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetgpt.book.address import a1, quote_sheet
from sheetgpt.book.book import Book
from sheetgpt.commands.follow import Effects, find_effects
from sheetgpt.comparison.change import Change
from sheetgpt.comparison.diff import compare_books
from sheetgpt.comparison.diff_report import change_to_dict, diff_text
from sheetgpt.comparison.sheet_diff import Wanted
from sheetgpt.xlsx.looks.compare_looks import Looks, compare_looks
from sheetgpt.xlsx.reader import read

_RANGES = 12  # that a line of folded values names
_WORDS = {
    "sheet": "sheet",
    "renamed": "sheet renamed",
    "order": "order of sheets",
    "name": "defined name",
    "table": "table",
    "rows": "place with rows put in or taken out",
    "columns": "place with columns put in or taken out",
    "formula": "formula",
    "constants": "constant",
    "looks": "difference of looks",
    "cell by cell": "sheet compared cell by cell",
}


@dataclass(frozen=True)
class WorkbookDiff:
    """What differs: `causes`, the values of formulas that changed (`effects`), and what was not compared, in words."""

    causes: list[Change]
    effects: Effects
    not_compared: list[str]

    @property
    def changes(self) -> list[Change]:
        """Everything that differs."""
        return [*self.causes, *self.effects.unexplained, *self.effects.volatile, *self.effects.follow]

    def summary(self) -> str:
        """One line: how many of what."""
        counts = Counter[str]()
        for change in self.causes:
            counts[change.kind] += change.cells if change.kind in ("formula", "constants") else 1
        parts = [f"{count:,} {_WORDS[kind]}{'s' * (count > 1)}" for kind, count in counts.items()]
        parts[:1] = [f"{part} changed" if "renamed" not in part else part for part in parts[:1]]
        for listed, word in self._values():
            if listed:
                parts.append(f"{_count(listed)} {word}")
        return "; ".join(parts)

    def as_text(self, a: str, b: str, limit: int | None = None, effects: bool = False) -> str:
        """Like a unified diff; values that follow from other changes in one line, unless `effects`. Empty if equal."""
        if not self.changes:
            return ""
        shown = self.changes if effects else [*self.causes, *self.effects.unexplained]
        lines = [diff_text(shown, a, b, limit)] if shown else [f"--- {a}", f"+++ {b}"]
        for listed, word in () if effects else self._values()[1:]:
            if listed:
                lines.append(f"{_count(listed)} {word}: {_ranges(listed)}")
        if self.effects.unknown:
            lines.append(f"what follows from what is not known: {self.effects.unknown}")
        lines.append(self.summary())
        return "\n".join([*lines, *self.notes()])

    def as_dict(self, limit: int | None = None) -> dict[str, Any]:
        """For JSON; `limit` as in the text."""
        follow, volatile = set(map(id, self.effects.follow)), set(map(id, self.effects.volatile))
        listed = []
        for change in self.changes[:limit]:
            why = "follows" if id(change) in follow else "volatile" if id(change) in volatile else None
            listed.append(change_to_dict(change) | ({"why": why} if why else {}))
        return {
            "equal": not self.changes,
            "differences": len(self.changes),
            "summary": self.summary() if self.changes else "",
            "values": {word: _cells(listed) for listed, word in self._values()},
            "listed": listed,
            "effects_unknown": self.effects.unknown or None,
            "not_compared": self.not_compared,
        }

    def notes(self) -> list[str]:
        """What was not compared, as a line."""
        return [f"not compared: {', '.join(self.not_compared)}"] if self.not_compared else []

    def _values(self) -> list[tuple[list[Change], str]]:
        effects = self.effects
        other = "differ" if effects.unknown else "differ, and nothing that they read was changed"
        return [
            (effects.unexplained, other),
            (effects.volatile, "are of volatile functions"),
            (effects.follow, "follow"),
        ]


def diff(
    a: Path | str,
    b: Path | str,
    wanted: Wanted = Wanted(),  # noqa: B008 - frozen
    ignore: Iterable[str] = (),
    looks: bool = True,
    cached: bool = True,
) -> WorkbookDiff:
    """Compare two files; raises WorkbookError, AddressError, UsageError. /dev/null is a workbook without sheets.

    With `looks` formats, comments, charts and their kind are compared too.
    """
    books = _read(a, cached), _read(b, cached)
    found = compare_books(*books, wanted, ignore=ignore)
    other = Looks([], [])
    if looks and not (is_nothing(a) or is_nothing(b)):
        other = compare_looks(Path(a), Path(b), found.pairs, found.carrier, ignore)
    causes = [change for change in found.listed if change.kind != "values"]
    return WorkbookDiff([*causes, *other.changes], find_effects(*books, found), other.not_compared)


def is_nothing(path: Path | str) -> bool:
    """Whether a path stands for a workbook that does not exist, as in `git diff`: /dev/null, nul on Windows."""
    return str(path) in ("/dev/null", os.devnull)


def _read(path: Path | str, cached: bool) -> Book:
    return Book() if is_nothing(path) else read(path, cached)


def _cells(changes: Sequence[Change]) -> int:
    return sum(change.cells for change in changes)


def _count(changes: Sequence[Change]) -> str:
    count = _cells(changes)
    return f"{count:,} value{'s' * (count != 1)}"


def _ranges(changes: Sequence[Change]) -> str:
    """Budget!C5:C17, E2, Plan!A1 and 3 more"""
    texts, sheet = [], None
    for change in changes[:_RANGES]:
        place = a1(change.rect) if change.rect else ""
        texts.append(place if change.sheet == sheet else f"{quote_sheet(change.sheet)}!{place}")
        sheet = change.sheet
    return ", ".join(texts) + (f" and {len(changes) - _RANGES} more" if len(changes) > _RANGES else "")

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
from sheetgpt.commands.effects import Effects, stored_in_both
from sheetgpt.comparison.change import Change
from sheetgpt.comparison.diff import Changes, compare_books
from sheetgpt.comparison.diff_report import change_to_dict, diff_text
from sheetgpt.comparison.sheet_diff import Wanted
from sheetgpt.xlsx.package import same_bytes
from sheetgpt.xlsx.reader import read

_RANGES = 12  # that a line of folded values names
_WORDS = {
    "sheet": ("sheet", "sheets"),
    "renamed": ("name of a sheet", "names of sheets"),
    "order": ("order of sheets", "orders of sheets"),
    "name": ("defined name", "defined names"),
    "table": ("table", "tables"),
    "rows": ("place with other rows", "places with other rows"),
    "columns": ("place with other columns", "places with other columns"),
    "formula": ("formula", "formulas"),
    "constants": ("constant", "constants"),
    "looks": ("look", "looks"),
    "cell by cell": ("sheet too large to look for rows put in", "sheets too large to look for rows put in"),
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
        words = [f"{count:,} {_WORDS[kind][count != 1]}" for kind, count in counts.items()]
        parts = [f"changed: {', '.join(words)}"] if words else []
        parts += [f"{_count(listed)} {word}" for listed, word in self._values() if listed]
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
            "values": {name: _cells(getattr(self.effects, name)) for name in ("unexplained", "volatile", "follow")},
            "listed": listed,
            "effects_unknown": self.effects.unknown or None,
            "not_compared": self.not_compared,
        }

    def notes(self) -> list[str]:
        """What was not compared, as a line."""
        return [f"not compared: {', '.join(self.not_compared)}"] if self.not_compared else []

    def _values(self) -> list[tuple[list[Change], str]]:
        effects = self.effects
        one = _cells(effects.unexplained) == 1
        why = f", and nothing that {'it reads' if one else 'they read'} was changed"
        other = ("differs" if one else "differ") + why * (not effects.unknown)
        follow = "follows" if _cells(effects.follow) == 1 else "follow"
        return [
            (effects.unexplained, other),
            (effects.volatile, "of volatile functions"),
            (effects.follow, follow),
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
    causes = [change for change in found.listed if change.kind != "values"]
    not_compared: list[str] = []
    if looks and not (is_nothing(a) or is_nothing(b) or same_bytes(a, b)):
        from sheetgpt.xlsx.looks_diff.compare_looks import (  # here, for equal files need none of it
            compare_beyond,
            compare_looks,
        )

        other = compare_looks(Path(a), Path(b), found.pairs, found.carrier, ignore)
        causes, not_compared = causes + other.changes, other.not_compared
        changes, words = compare_beyond(*books)
        causes, not_compared = causes + changes, list(dict.fromkeys([*not_compared, *words]))
    values, lacking = stored_in_both(change for change in found.listed if change.kind == "values")
    for path, count in zip((a, b), lacking, strict=True):
        not_compared += [f"{count:,} values of formulas that {path} does not store"] if count else []
    return WorkbookDiff(causes, _effects(*books, found._replace(listed=[*causes, *values])), not_compared)


def _effects(a: Book, b: Book, found: Changes) -> Effects:
    if not any(change.kind == "values" for change in found.listed):
        return Effects()
    from sheetgpt.commands.follow import find_effects  # here, for it brings the evaluator

    return find_effects(a, b, found)


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

"""What two workbook files hold beside values, formulas and names: what of it differs, and what was not compared.

Compared: formats of cells (number format, font, fill, border, alignment, protection), merged cells, links, data
validations, conditional formats (where, when), filters, protection, what is hidden, comments, charts (kinds, what they
read, texts), shapes (texts), images, macros. Never compared: widths and heights, views, what is set for printing,
document properties, the colours of conditional formats, how charts look and where they lie. Of all other parts it is
said if their bytes differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from sheetgpt.book.book import Book
from sheetgpt.comparison.carry import Carrier
from sheetgpt.comparison.change import Change
from sheetgpt.comparison.fold import fold
from sheetgpt.comparison.lines import Move
from sheetgpt.xlsx.beyond import ELEMENTS, HIDDEN, what_is
from sheetgpt.xlsx.looks_diff.cell_formats import LARGEST, CellFormats, read_cell_formats
from sheetgpt.xlsx.looks_diff.formats import Format, differences, read_formats
from sheetgpt.xlsx.looks_diff.marks import Places, marks_of, rect_of, unlike
from sheetgpt.xlsx.looks_diff.objects import links_of, objects_of
from sheetgpt.xlsx.package import Package, SheetPart

_COMPARED = (
    "",
    "charts",
    "images",
    "comments",
    "tables",
    "drawings",
    "spilling of dynamic arrays",
    "links to other workbooks",
)
_BYTES = "macros"
_SETTINGS = ("protection", "iterative calculation", "precision as displayed", "dates that count from 1904")
_INSIDE = ("sparklines", "scenarios", "texts in several fonts")  # of elements that are not compared
_SEEN = {*_COMPARED, _BYTES, *ELEMENTS.values(), *HIDDEN.values(), *_SETTINGS, "cell formats"} - set(_INSIDE)
_VALUE = re.compile(rb"<v>[^<]*</v>")


class Looks(NamedTuple):
    """The differences, and what was not compared, in words."""

    changes: list[Change]
    not_compared: list[str]


def compare_looks(a: Path, b: Path, pairs: Mapping[str, str], carrier: Carrier, ignore: Iterable[str] = ()) -> Looks:
    """What differs in the looks of two files; `pairs` has the old name of each sheet that both have.

    Nothing is compared where a part cannot be read, and that is said.
    """
    try:
        with ZipFile(a) as old, ZipFile(b) as new:
            return _Comparison(Package(old), Package(new), pairs, carrier).looks(set(ignore))
    except (ValueError, KeyError, IndexError, BadZipFile, NotImplementedError) as error:
        return Looks([], [f"all looks, for those of {a} or {b} cannot be read ({error})"])


def compare_beyond(a: Book, b: Book) -> tuple[list[Change], list[str]]:
    """What only one book has beyond what is compared, by its words; and what of it both have and is in no part."""
    before, after = ({*one.beyond, *(word for sheet in one.sheets.values() for word in sheet.beyond)} for one in (a, b))
    changes = [
        Change("looks", name=word, a="there" if word in before else None, b="there" if word in after else None)
        for word in sorted(before ^ after)
        if word not in _SEEN and not word.startswith("the hidden sheet ")
    ]
    return changes, sorted(before & after & set(_INSIDE))


class _Comparison:
    def __init__(self, a: Package, b: Package, pairs: Mapping[str, str], carrier: Carrier) -> None:
        self.a, self.b, self.pairs, self.carrier = a, b, pairs, carrier
        self.not_compared: list[str] = []
        self._formats: tuple[list[Format], list[Format]] | None = None
        self.same_styles = all(_entry(a, part) == _entry(b, part) for part in (a.styles(), _theme(a)))
        self.differences = cache(self._differences)

    def looks(self, ignored: set[str]) -> Looks:
        """All that differs; `ignored` names sheets and ranges that do not count."""
        changes = list(self._book())
        olds = {sheet.title: sheet for sheet in self.a.sheets()}
        for sheet in self.b.sheets():
            old = olds.get(self.pairs.get(sheet.title, ""))
            if old is not None and not ignored & {sheet.title, old.title}:
                changes += self._sheet(old, sheet)
        self.not_compared += self._other_parts()
        return Looks(changes, list(dict.fromkeys(self.not_compared)))

    def _book(self) -> Iterator[Change]:
        """What a workbook says as a whole."""
        before, after = (", ".join(sorted(set(_settings(one)))) for one in (self.a, self.b))
        if before != after:
            yield Change("looks", name="settings", a=before or None, b=after or None)
        if self.a.is_manual() != self.b.is_manual():
            words = ("manual" if one.is_manual() else "automatic" for one in (self.a, self.b))
            yield Change("looks", name="calculation", a=next(words), b=next(words))
        old, new = (_parts(one, _BYTES) for one in (self.a, self.b))
        if old != new:
            yield Change("looks", name=_BYTES, a=_macros(old), b=_macros(new))

    def _sheet(self, a: SheetPart, b: SheetPart) -> Iterator[Change]:
        if a.is_hidden != b.is_hidden:
            words = ["hidden" if one.is_hidden else "visible" for one in (a, b)]
            yield Change("looks", b.title, name="the sheet", a=words[0], b=words[1])
        if not a.is_worksheet or not b.is_worksheet:
            return
        move = self.carrier.moves[a.title.casefold()]
        old = Places(a.title, None if move.same else move, None if self.carrier.same else self.carrier)
        before, after = list(objects_of(self.a, a.part, old)), list(objects_of(self.b, b.part, Places(b.title)))
        if self.same_styles and move.same and self._same_but_values(a.part, b.part):
            pass
        elif max(self.a.info(a.part).file_size, self.b.info(b.part).file_size) > LARGEST:
            self.not_compared.append(f"formats of the large sheet {b.title!r}")
        else:
            ours, theirs = (
                read_cell_formats(one.archive.read(sheet.part)) for one, sheet in ((self.a, a), (self.b, b))
            )
            yield from self._cells(ours, theirs, move)
            before += marks_of(ours, links_of(self.a, a.part), old)
            after += marks_of(theirs, links_of(self.b, b.part), Places(b.title))
        for kind, place, was, now in unlike(before, after):
            rect = rect_of(place)
            name = kind if rect is not None or not place else f"{kind} {place}"
            yield Change("looks", b.title, rect, name, was, now)

    def _same_but_values(self, a: str, b: str) -> bool:
        """Whether the parts of two sheets hold the same XML, but for the values of cells."""
        if _entry(self.a, a) == _entry(self.b, b):
            return True
        if self.a.info(a).file_size > LARGEST:
            return False
        ours, theirs = (_VALUE.sub(b"", one.archive.read(part)) for one, part in ((self.a, a), (self.b, b)))
        return ours == theirs

    def _cells(self, a: CellFormats, b: CellFormats, move: Move) -> Iterator[Change]:
        """Formats of cells that differ, kind by kind, folded."""
        found: dict[str, dict[tuple[int, int], tuple[str, str]]] = {}
        for cell, was in self._moved(a, b, move):
            for kind, old, new in self.differences(was, b.at(cell)):
                found.setdefault(kind, {})[cell] = old, new
        for kind, cells in found.items():
            for rect in fold(cells, key=cells.__getitem__):
                yield Change("looks", move.name, rect, kind, *cells[rect.top, rect.left])

    def _moved(self, a: CellFormats, b: CellFormats, move: Move) -> Iterator[tuple[tuple[int, int], int]]:
        """The cells of the new sheet that either has, and their old formats; without those in rows put in."""
        if move.same:
            for cell in {**a.cells, **b.cells}:
                yield cell, a.at(cell)
            return
        for (row, column), kind in a.cells.items():
            new_row, new_column = move.rows.new(row), move.columns.new(column)
            if new_row is not None and new_column is not None:
                yield (new_row, new_column), kind

    def _differences(self, a: int, b: int) -> list[tuple[str, str, str]]:
        """In what a format of the old book and one of the new one differ."""
        if self.same_styles and a == b:
            return []
        if self._formats is None:
            self._formats = _formats(self.a), _formats(self.b)
        return list(differences(self._formats[0][a], self._formats[1][b]))

    def _other_parts(self) -> list[str]:
        """What other parts are, in words, where they differ in their bytes."""
        words = {what_is(name) for package in (self.a, self.b) for name in package.archive.namelist()}
        words -= {*_COMPARED, _BYTES}
        sheets = {sheet.part for package in (self.a, self.b) for sheet in package.sheets()}
        return [word for word in sorted(words - sheets) if _parts(self.a, word) != _parts(self.b, word)]


def _settings(package: Package) -> Iterator[str]:
    """What a workbook asks for that changes what it calculates, or forbids changes."""
    iteration = package.iteration()
    yield from [words for words in package.settings() if not (iteration and words == "iterative calculation")]
    yield from ["dates that count from 1904"] * package.date1904()
    if iteration:
        yield f"iterative calculation, {iteration.most} times, until changes are below {iteration.least:g}"
    for number, part in enumerate(package.links(), 1):
        yield f"[{number}] is {', '.join(target for _, target in package.related(part).values())}"


def _entry(package: Package, part: str | None) -> tuple[int, int] | None:
    """A part's checksum and size."""
    if part is None:
        return None
    entry = package.info(part)
    return entry.CRC, entry.file_size


def _theme(package: Package) -> str | None:
    return next((name for name in package.archive.namelist() if name.lower().startswith("xl/theme/")), None)


def _formats(package: Package) -> list[Format]:
    styles, theme = package.styles(), _theme(package)
    data = [None if part is None else package.archive.read(part) for part in (styles, theme)]
    return read_formats(*data)


def _parts(package: Package, word: str) -> list[tuple[int, int]]:
    """Checksums and sizes of the parts that are one thing."""
    return sorted((one.CRC, one.file_size) for one in package.archive.infolist() if what_is(one.filename) == word)


def _macros(parts: list[tuple[int, int]]) -> str | None:
    size = sum(size for _, size in parts)
    return f"{size} bytes" if parts else None

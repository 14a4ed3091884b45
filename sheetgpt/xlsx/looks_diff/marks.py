"""What a sheet's XML says beside its cells: merged cells, links, validations, conditional formats, filters ..."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from xml.etree import ElementTree as ET

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect, a1, parse_a1
from sheetgpt.comparison.carry import Carrier
from sheetgpt.comparison.fold import fold
from sheetgpt.comparison.lines import Move
from sheetgpt.errors import AddressError
from sheetgpt.formula.canonical import plain_text
from sheetgpt.xlsx.looks_diff.cell_formats import CellFormats
from sheetgpt.xlsx.looks_diff.xml_tree import children, is_on

_FOLDED = 50_000  # cells: programs cut larger areas in other ways
_MESSAGES = ("promptTitle", "prompt", "errorTitle", "error")
_RULE = {  # which attributes of a rule count, by its type
    "cellIs": ("operator",),
    "containsText": ("operator", "text"),
    "notContainsText": ("operator", "text"),
    "beginsWith": ("operator", "text"),
    "endsWith": ("operator", "text"),
    "timePeriod": ("timePeriod",),
    "top10": ("rank", "percent", "bottom"),
    "aboveAverage": ("stdDev", "aboveAverage", "equalAverage"),
}
_PLAIN = {"aboveAverage": "1", "percent": "0", "bottom": "0", "stdDev": "0", "equalAverage": "0"}


class Mark(NamedTuple):
    """Something on a sheet: what it is, on which cells, and how it is in words."""

    kind: str
    place: str
    words: str


class Places:
    """Writes the cells and formulas of a sheet as the new book has them."""

    def __init__(self, sheet: str, move: Move | None = None, carrier: Carrier | None = None) -> None:
        self.sheet, self.move, self.carrier = sheet, move, carrier
        self.new_name = move.name if move else sheet

    def rects(self, text: str) -> list[Rect]:
        """The areas of a list such as "A1:B2 C3"; those that are deleted are left out."""
        found = []
        for one in text.split():
            rect = parse_a1(one) if one[-1:].isdigit() and one[:1] not in "123456789" else None
            moved = rect if rect is None or self.move is None else self.move.rect(rect)
            if moved is not None:
                found.append(moved)
        return found

    def text(self, text: str) -> str:
        """Areas in one way to write them."""
        rects = self.rects(text)
        if sum(rect.size for rect in rects) <= _FOLDED:
            rects = fold({cell for rect in rects for cell in rect.cells()})
        return " ".join(a1(rect) for rect in sorted(rects))

    def formula(self, text: str) -> str:
        """A formula as the new book has it, in one way to write it."""
        text = text.strip().removeprefix("=")  # which some libraries write
        moved = self.carrier.text(text, self.sheet) if self.carrier else text
        return plain_text(moved, self.new_name)


def marks_of(found: CellFormats, links: dict[str, str], places: Places) -> Iterator[Mark]:
    """All marks of a sheet; `links` are the addresses behind the ids of its relations."""
    root = found.rest
    for entry in root.iter("mergeCell"):
        yield Mark("merged cells", places.text(entry.get("ref", "")), "merged")
    for entry in root.iter("hyperlink"):
        target = links.get(entry.get("id", ""), "") + ("#" + entry.get("location", "") if entry.get("location") else "")
        yield Mark("link", places.text(entry.get("ref", "")), target)
    for entry in root.iter("dataValidation"):
        yield Mark("data validation", places.text(_areas(entry)), _validation(entry, places))
    yield from _conditional_formats(root, places)
    for entry in children(root, "autoFilter"):
        yield Mark("filter", places.text(entry.get("ref", "")), _filter(entry))
    for entry in children(root, "sheetProtection"):
        if is_on(entry.get("sheet")):
            yield Mark("protection of the sheet", "", "on")
    yield from _hidden(found, places)


def _areas(entry: ET.Element) -> str:
    return entry.get("sqref") or next((inner.text or "" for inner in entry.iter("sqref")), "")


def _validation(entry: ET.Element, places: Places) -> str:
    kind = entry.get("type", "none")
    formulas = [places.formula(one) for one in _formulas(entry, "formula1", "formula2")]
    operator = entry.get("operator", "between") if kind not in ("none", "list", "custom") else ""
    words = [kind, operator, *formulas[: 2 if operator in ("between", "notBetween") else 1]]
    words.append("blank allowed" if is_on(entry.get("allowBlank")) else "")
    words.append("" if is_on(entry.get("showErrorMessage")) else "not enforced")
    words += [f"{name} {entry.get(name)!r}" for name in _MESSAGES if entry.get(name)]
    return " ".join(filter(None, words))


def _formulas(entry: ET.Element, *names: str) -> list[str]:
    """The texts of formulas inside, which an extension wraps in another element."""
    found = []
    for inner in entry.iter():
        if inner.tag in names:
            text = "".join(inner.itertext()).strip()
            found += [text] if text else []
    return found


def _conditional_formats(root: ET.Element, places: Places) -> Iterator[Mark]:
    for block in root.iter("conditionalFormatting"):
        where = places.text(_areas(block))
        for rule in children(block, "cfRule"):
            kind = rule.get("type", "extended")
            words = [kind]
            for name in _RULE.get(kind, ()):
                words += [f"{name} {rule.get(name)}"] if rule.get(name, "") not in ("", _PLAIN.get(name)) else []
            words += [places.formula(one) for one in _formulas(rule, "formula", "f")]
            words += [_point(one) for one in rule.iter("cfvo")]
            yield Mark("conditional format", where, " ".join(words))


def _point(entry: ET.Element) -> str:
    """A point of a colour scale or a data bar; the least and the greatest value have no number."""
    kind = entry.get("type", "").replace("autoM", "m")
    return kind if kind in ("min", "max") else f"{kind} {entry.get('val', '')}".strip()


def _filter(entry: ET.Element) -> str:
    """Which columns a filter looks at, and for what."""
    columns = []
    for column in children(entry, "filterColumn"):
        wanted = [one.get("val", "") for one in column.iter() if one.tag in ("filter", "customFilter", "dynamicFilter")]
        columns.append(f"column {column.get('colId')}: {', '.join(wanted)}")
    return "; ".join(columns)


def _hidden(found: CellFormats, places: Places) -> Iterator[Mark]:
    """Hidden rows and columns, those next to each other together."""
    move = places.move
    rows = {move.rows.new(row) if move else row for row in found.hidden_rows}
    for rect in fold((row, 1) for row in rows if row is not None):
        yield Mark("hidden rows", f"{rect.top}:{rect.bottom}", "hidden")
    columns: set[int | None] = set()
    for entry in found.rest.iter("col"):
        if is_on(entry.get("hidden")):
            ends = int(entry.get("min", "1")), min(MAX_COLUMNS, int(entry.get("max", "1")))
            columns |= {move.columns.new(one) if move else one for one in range(ends[0], ends[1] + 1)}
    for rect in fold((1, column) for column in columns if column is not None and column <= MAX_COLUMNS):
        whole = Rect(1, rect.left, MAX_ROWS, rect.right)
        yield Mark("hidden columns", a1(whole).replace("1048576", "").replace("1", ""), "hidden")


def rect_of(place: str) -> Rect | None:
    """The rectangle of a place that is one; None for several areas, rows and columns."""
    try:
        return parse_a1(place)
    except AddressError:
        return None


def unlike(a: Iterable[Mark], b: Iterable[Mark]) -> Iterator[tuple[str, str, str | None, str | None]]:
    """What differs between marks: kind, place, and the words of both, None where one has none there."""
    before, after = _by_place(a), _by_place(b)
    for key in sorted({*before, *after}):
        old, new = sorted(set(before.get(key, ()))), sorted(set(after.get(key, ())))  # extensions say things again
        if old != new:
            yield *key, "; ".join(old) if old else None, "; ".join(new) if new else None


def _by_place(marks: Iterable[Mark]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for mark in marks:
        found.setdefault((mark.kind, mark.place), []).append(mark.words)
    return found

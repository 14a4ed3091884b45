"""What a file keeps of other workbooks that its formulas read (ECMA-376 part 1, 18.14): names, and values of cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from urllib.parse import unquote
from xml.parsers.expat import ExpatError

from sheetgpt.book.address import parse_a1, quote_sheet
from sheetgpt.book.grid import Grid
from sheetgpt.book.links import Link
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import SheetgptError
from sheetgpt.xlsx.decode.shared_strings import unescape
from sheetgpt.xlsx.package import Element, Package

_YES = ("1", "true")


def read_links(package: Package) -> list[Link]:
    """The workbooks that formulas call [1], [2], ...; of one whose part is missing or broken nothing is kept."""
    links = []
    for part in package.links():
        try:
            links.append(_read_link(package, part))
        except (ValueError, ExpatError, SheetgptError):
            links.append(Link(part))
    return links


def _read_link(package: Package, part: str) -> Link:
    """One of them; raises ValueError, ExpatError or AddressError where its part is missing or broken."""
    elements = package.elements(part)
    target = next((address for _, address in package.related(part).values()), part)
    names = [element.attribute("val") for element in elements if element.name == "sheetName"]
    sheets: dict[str, Grid | None] = dict.fromkeys(names)
    for number, grid in _kept(elements):
        if 0 <= number < len(names):
            sheets[names[number]] = grid
    return Link(unquote(target), sheets, _names(elements, names))


def _names(elements: Iterable[Element], sheets: Sequence[str]) -> dict[str, str]:
    """The defined names that stand for cells, those of a sheet with it: "Sheet1!rate"."""
    found = {}
    for element in elements:
        if element.name == "definedName" and element.inside == "definedNames" and "refersTo" in element.attributes:
            sheet = element.attributes.get("sheetId")
            owner = f"{quote_sheet(sheets[int(sheet)])}!" if sheet and int(sheet) < len(sheets) else ""
            found[owner + element.attribute("name")] = element.attribute("refersTo")
    return found


def _kept(elements: Iterable[Element]) -> list[tuple[int, Grid]]:
    """(number of the sheet from 0, values of its cells) for each sheet of which values are kept.

    A sheet that the last refresh did not find, without any value, is none.
    """
    found: list[tuple[int, Grid]] = []
    lost = False
    cell, kind = "", "n"
    for element in elements:
        if element.name == "sheetData":
            found.append((int(element.attribute("sheetId")), Grid()))
            lost = element.attributes.get("refreshError") in _YES
        elif element.name == "cell":
            cell, kind = element.attribute("r"), element.attributes.get("t", "n")
        elif element.name == "v" and found and element.inside == "cell":
            rect = parse_a1(cell)
            found[-1][1][rect.top, rect.left] = _value(kind, "".join(element.texts))
            lost = False
        elif element.name == "row" and found:
            lost = False
    return [(number, grid) for number, grid in found if grid.extent is not None or not lost]


def _value(kind: str, text: str) -> Value:
    if kind == "str":
        return unescape(text)
    if not text:
        return None
    if kind == "b":
        return text.strip() in _YES
    if kind == "e":
        with suppress(ValueError):
            return ErrorValue(text)
        return ErrorValue.VALUE
    return float(text)

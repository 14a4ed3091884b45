"""The tables of an .xlsx file -> `Table`s."""

from __future__ import annotations

from collections.abc import Iterable

from sheetgpt.book.address import parse_a1
from sheetgpt.book.table import Table
from sheetgpt.xlsx.decode.shared_strings import unescape
from sheetgpt.xlsx.package import Element, Package, SheetPart


def read_tables(package: Package, sheets: Iterable[SheetPart]) -> dict[str, Table]:
    """The tables of all sheets by the names that formulas use; nothing more is read where a package has none."""
    if not package.has_tables():
        return {}
    found = {}
    for sheet in sheets:
        for elements in package.tables(sheet.part) if sheet.is_worksheet else ():
            name, table = _table(sheet.title, elements)
            found[name] = table
    return found


def _table(sheet: str, elements: list[Element]) -> tuple[str, Table]:
    """A table's name and the table; raises ValueError where these are not said."""
    top = elements[0]
    name = top.attributes.get("displayName") or top.attribute("name")
    columns = tuple(unescape(one.attribute("name")) for one in elements if one.name == "tableColumn")
    rows = [
        int(top.attributes.get(count, default)) for count, default in (("headerRowCount", 1), ("totalsRowCount", 0))
    ]
    return name, Table(sheet, parse_a1(top.attribute("ref")), columns, *rows)

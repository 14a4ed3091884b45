"""Which hidden rows a filter hides: of a sheet's own filter, of its tables, and of an advanced filter.

Asked only of sheets with hidden rows. The sheet's own filter is found where its cells are read.
"""

from __future__ import annotations

import re

from sheetgpt.book.address import Rect, split_sheet
from sheetgpt.book.book import Sheet
from sheetgpt.xlsx.decode.elements import CRITERIA, area_or_none, below_heading
from sheetgpt.xlsx.package import Package

_FILTER_MODE = re.compile(rb"""<(?:\w+:)?sheetPr\s[^>]*filterMode=["'](?:1|true)["']""")
_BEGINNING = 1 << 12  # bytes of a sheet in which its properties stand


def add_filters(package: Package, part: str, number: int, sheet: Sheet) -> None:
    """Add to a sheet, which is the one with a number and lies in a part, the ranges in which a filter is in use."""
    for target in package.related_parts(part, "table"):
        sheet.filters += _filter_of_table(package, target)
    area = package.filter_range(number)
    if not sheet.filters and area and _is_filtered(package, part):
        sheet.filters += _below_heading(area)


def _filter_of_table(package: Package, part: str) -> list[Rect]:
    """The range of a table's filter, if it has criteria."""
    elements = package.elements(part)
    if not any(element.name in CRITERIA for element in elements):
        return []
    areas = [element.attributes.get("ref", "") for element in elements if element.name == "autoFilter"]
    return [rect for area in areas for rect in _below_heading(area)]


def _is_filtered(package: Package, part: str) -> bool:
    with package.archive.open(package.info(part)) as stream:
        return bool(_FILTER_MODE.search(stream.read(_BEGINNING)))


def _below_heading(text: str) -> list[Rect]:
    return below_heading(area_or_none(split_sheet(text)[1]))

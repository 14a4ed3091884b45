"""Smaller elements of a worksheet: texts of formulas, what-if tables, and whether a filter is in use.

A table: `<f t="dataTable" ref="B2:D9" dt2D="1" dtr="1" r1="A1" r2="A2"/>`.
"""

from __future__ import annotations

from collections.abc import Mapping

from sheetgpt.book.address import Rect, parse_a1
from sheetgpt.book.settings import DataTable
from sheetgpt.errors import AddressError
from sheetgpt.xlsx.decode.shared_strings import unescape

# Elements of a filter that has a criterion.
CRITERIA = frozenset(("filters", "customFilters", "top10", "dynamicFilter", "colorFilter", "iconFilter"))
_YES = ("1", "true")


def area_or_none(text: str) -> Rect | None:
    """A range; None for what is none, such as #REF!."""
    try:
        return parse_a1(text)
    except AddressError:
        return None


def array_area(text: str, cell: Rect) -> Rect:
    """The cells that an array formula in a cell fills, by its `ref` ("": the cell); raises AddressError for others."""
    area = parse_a1(text) if text else cell
    if (area.top, area.left) != (cell.top, cell.left):
        raise AddressError(f"the array formula in {cell} says that it fills {text}")
    return area


def below_heading(area: Rect | None) -> list[Rect]:
    """The part of a filter's range in which rows can be filtered, if there is one."""
    return [area._replace(top=area.top + 1)] if area and area.rows > 1 else []


def data_table(attributes: Mapping[str, str]) -> DataTable | None:
    """The table that the attributes of a formula describe; None where they say no range.

    An input is None where the table has none, or its cell has been deleted (ECMA-376, part 1, 18.3.1.40).
    """
    rect = area_or_none(attributes.get("ref", ""))
    if rect is None:
        return None
    first, second = (_input(attributes, number) for number in (1, 2))
    if attributes.get("dt2D") in _YES:
        return DataTable(rect, first, second)
    if attributes.get("dtr") in _YES:
        return DataTable(rect, first, None)
    return DataTable(rect, None, first)


def _input(attributes: Mapping[str, str], number: int) -> Rect | None:
    if f"r{number}" not in attributes or attributes.get(f"del{number}") in _YES:
        return None
    return area_or_none(attributes[f"r{number}"])


def formula_text(text: str) -> str:
    """A formula as it is meant: some programs write the sign = in front, as it is typed, and Excel takes it."""
    return (unescape(text) if "_x" in text else text).removeprefix("=")

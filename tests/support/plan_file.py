"""A small budget as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
from openpyxl.workbook.defined_name import DefinedName

from sheetgpt.commands.recalc import recalc

Edit = Callable[[openpyxl.Workbook], object]


def plan(path: Path, edit: Edit = lambda book: None) -> Path:
    """A budget as a file with the values of its formulas; `edit` changes it before it is saved."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Plan"
    sheet.append(["item", "each", "count", "price"])
    for row, (item, each, count) in enumerate([("bolt", 2, 10), ("nut", 1, 30), ("cam", 7, 4)], 2):
        sheet.append([item, each, count, f"=B{row}*C{row}*(1+tax)"])
    sheet["D5"] = "=SUM(D2:D4)"
    other = book.create_sheet("Report")
    other["A1"] = "=Plan!D5/12"
    other["A2"] = "=Plan!C2*2"
    other["B1"] = 0.25
    book.defined_names["tax"] = DefinedName("tax", attr_text="Report!$B$1")
    edit(book)
    book.save(path)
    recalc(path, path)
    return path

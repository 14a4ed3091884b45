"""Files that were changed behind the back of those who made them."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from sheetgpt.book.address import at
from sheetgpt.book.book import Formula
from sheetgpt.xlsx.encode.row_xml import text_xml
from sheetgpt.xlsx.patch import sheet_parts


def with_formula(source: Path, target: Path, sheet: str, formula: Formula, text: str) -> None:
    """A copy of a workbook in which one formula has another text; ValueError if it is not there."""
    part = sheet_parts(source)[sheet]
    with ZipFile(source) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == part:
                before = f">{text_xml(formula.text)}</f>".encode()
                start = data.index(f'<c r="{at(formula.rect.top, formula.rect.left)}"'.encode())
                place = data.index(before, start)
                data = data[:place] + f">{text_xml(text)}</f>".encode() + data[place + len(before) :]
            new.writestr(name, data)

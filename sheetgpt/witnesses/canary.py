"""Proof that an engine recalculated: a copy of the file in which every formula's stored value is wrong.

Spreadsheet programs may show the values a file carries without calculating (LibreOffice does so with
files of Excel unless it is told otherwise). So engines get a copy in which the value of every formula
cell is one odd number; where that number comes back, nothing was calculated.
"""

from __future__ import annotations

import re
import secrets
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from xml.parsers.expat import ExpatError

import numpy as np

from sheetgpt.book.address import at, reference
from sheetgpt.book.grid import Grid
from sheetgpt.errors import EngineError, WorkbookError
from sheetgpt.xlsx.package import Package

_PIECE = 1 << 22  # bytes of sheet XML looked at together: a sheet may be larger than memory
# A cell with a formula, up to its value: <c r="B2" t="str"><f>...</f><v>...</v>. Writers may prefix the tags.
_FORMULA_CELL = re.compile(
    rb"<((?:\w+:)?)c(\s[^>]*)?>\s*(<\1f(?:\s[^>]*)?(?:/>|>[^<]*</\1f>))\s*(?:<\1v\s*/>|<\1v(?:\s[^>]*)?>[^<]*</\1v>)?"
)
_TYPE = re.compile(rb"""\st=(?:"[^"]*"|'[^']*')""")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")


@dataclass(frozen=True)
class Canary:
    """What was planted: the number, and the sheets that hold formulas with how many cells were falsified."""

    number: float
    sheets: dict[str, int]

    def check(self, engine: str, values: Mapping[str, Grid]) -> None:
        """Raise EngineError if a cell still holds the planted number."""
        for sheet, grid in values.items():
            found = np.argwhere(grid.numbers == self.number)
            if len(found):
                row, column = (found[0] + 1).tolist()
                where = reference(sheet, at(row, column), False)
                raise EngineError(
                    f"{engine} trusted the file's stored values: it did not calculate {where}"
                    f" ({len(found)} such cells on that sheet)",
                    "its values prove nothing; is its recalculation on load switched off?",
                )


def falsified_copy(path: Path, copy: Path) -> Canary:
    """Copy the .xlsx `path` with every formula's stored value replaced; raises WorkbookError if it is none.

    Parts without formulas are copied as they lie, compressed. A falsified sheet is added behind them and
    the zip's directory points there, so a file of a gigabyte costs little more than its copy.
    """
    number = -float(secrets.randbelow(4 * 10**14) * 2 + 10**14 + 1)  # odd, 15 digits: exact in every reader
    try:
        with zipfile.ZipFile(path) as source:
            parts = Package(source).worksheets()
            formulas = {sheet: part for sheet, part in parts.items() if _holds_formulas(source, part)}
            shutil.copyfile(path, copy)
            with zipfile.ZipFile(copy, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
                planted = {sheet: _falsify(source, target, part, number) for sheet, part in formulas.items()}
    except (zipfile.BadZipFile, ExpatError, ValueError, OSError, EOFError) as error:
        raise WorkbookError(f"{path} cannot be read as a workbook: {error}", "is it an .xlsx file?") from error
    return Canary(number, {sheet: cells for sheet, cells in planted.items() if cells})


def _holds_formulas(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether a sheet may hold formulas."""
    tail = b""
    with archive.open(part) as stream:
        while block := stream.read(_PIECE):
            text = tail + block
            # the two plain searches run at memory speed and fail on nearly all of a workbook
            if (b"<f" in text or b":f" in text) and _FORMULA.search(text):
                return True
            tail = text[-40:]  # a tag may lie across two pieces
    return False


def _falsify(source: zipfile.ZipFile, target: zipfile.ZipFile, part: str, number: float) -> int:
    """Write the part anew with planted values; the number of cells."""
    planted = 0
    text = b"%d" % number
    forget(target, part)
    with source.open(part) as old, target.open(part, "w", force_zip64=False) as new:
        for piece in pieces(old):
            changed, cells = _FORMULA_CELL.subn(lambda match: _planted_value(match, text), piece)
            planted += cells
            new.write(changed)
    return planted


def _planted_value(cell: re.Match[bytes], number: bytes) -> bytes:
    prefix, attributes, formula = cell[1], cell[2] or b"", cell[3]
    if b"dataTable" in formula:  # what-if tables: their value is no formula's
        return cell[0]
    attributes = _TYPE.sub(b"", attributes)
    return b"<%bc%b>%b<%bv>%b</%bv>" % (prefix, attributes, formula, prefix, number, prefix)


def forget(archive: zipfile.ZipFile, part: str) -> None:
    """Drop a part from the archive's directory; its bytes stay, unseen."""
    archive.filelist.remove(archive.NameToInfo.pop(part))


def pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """The stream in pieces that end behind a cell."""
    rest = b""
    while block := stream.read(_PIECE):
        rest += block
        cut = rest.rfind(b"c>") + 2
        if cut > 1:
            yield rest[:cut]
            rest = rest[cut:]
    yield rest

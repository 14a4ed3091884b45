"""What IronCalc 0.9 does not read as others do, put right in its copy of a file.

A blank cell with a format of its own is the number 0 for it (COUNT, ISNUMBER), so such cells are left out of the copy.
Comments under an address from the top of the package ("/xl/comments/..."), as openpyxl writes them, it does not find.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from sheetgpt.witnesses.canary import forget, pieces
from sheetgpt.xlsx.package import Package

_BLANK = re.compile(rb"<((?:\w+:)?)c(?:\s[^>]*?)?(?:/>|>\s*</\1c>)")
_RELATIONS, _FROM_THE_TOP = "xl/worksheets/_rels/", re.compile(rb"""(\sTarget=["'])/xl/""")


def put_right(copy: Path) -> None:
    """Change a copy of a workbook in place; its values and formulas stay as they are."""
    with zipfile.ZipFile(copy) as source, zipfile.ZipFile(copy, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for part in Package(source).worksheets().values():
            if _holds_blanks(source, part):
                _drop_blanks(source, target, part)
        for part in [name for name in source.namelist() if name.startswith(_RELATIONS)]:
            text = source.read(part)
            changed = _FROM_THE_TOP.sub(rb"\1../", text)
            if changed != text:
                forget(target, part)
                target.writestr(part, changed)


def _holds_blanks(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether a sheet holds blank cells; nothing is searched where no such end of a cell is."""
    with archive.open(part) as stream:
        return any((b"/>" in piece or b"></" in piece) and _BLANK.search(piece) for piece in pieces(stream))


def _drop_blanks(source: zipfile.ZipFile, target: zipfile.ZipFile, part: str) -> None:
    forget(target, part)
    with source.open(part) as old, target.open(part, "w", force_zip64=False) as new:
        for piece in pieces(old):
            new.write(_BLANK.sub(b"", piece))

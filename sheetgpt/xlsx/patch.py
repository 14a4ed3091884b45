"""New values into a copy of an .xlsx file, in which everything else stays as it was, byte for byte.

Any program's file will do: styles, charts, macros and whatever else the file holds are copied unread.
Only the value of a cell is replaced, never its formula or its style; of a spilled array also the cells that it fills.
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, cast
from xml.parsers.expat import ExpatError
from zipfile import ZIP64_LIMIT, ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from sheetgpt.errors import AddressError, WorkbookError
from sheetgpt.system.atomic_write import new_file
from sheetgpt.xlsx.decode.zip_stream import ENCRYPTED, seek_data
from sheetgpt.xlsx.package import Package
from sheetgpt.xlsx.patch_sheet import Spills, Values, patch_sheet

_PIECE = 1 << 22  # bytes copied at once
_SIZES_BEHIND = 8  # a flag of a part


def sheet_parts(path: Path | str) -> dict[str, str]:
    """Worksheet name -> name of its part in the archive; raises WorkbookError."""
    try:
        with ZipFile(path) as archive:
            return Package(archive).worksheets()
    except (BadZipFile, ValueError, OSError, ExpatError) as error:
        raise WorkbookError(f"{path} cannot be read as a workbook: {error}") from None


def patch(
    source: Path | str,
    target: Path | str,
    changes: Mapping[str, Values],
    spills: Mapping[str, Spills] | None = None,
) -> None:
    """Copy `source` to `target` with other values in some cells of some sheets; an old target stays if it fails.

    `spills` has for sheets the dynamic formulas that fill other cells now.

    Both may be the same file; where `target` is a link, the file that it leads to is written.
    """
    source, target = Path(source), Path(target)
    places = sheet_parts(source)
    parts = {part: changes[sheet] for sheet, part in places.items() if changes.get(sheet)}
    resized = {places[sheet]: cells for sheet, cells in (spills or {}).items()}
    try:
        mode = source.stat().st_mode & 0o777
        target = target.resolve() if target.is_symlink() else target
        with new_file(target, mode) as file, ZipFile(source) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
            new.comment = old.comment
            for entry in old.infolist():
                name = entry.filename
                if name in parts and old.getinfo(name) is entry:
                    new.writestr(entry, patch_sheet(old.read(entry), parts[name], resized.get(name)))
                else:
                    _copy_part(old, entry, new)
    except BadZipFile as error:
        raise WorkbookError(f"{source} is damaged or incomplete: {error}", "copy or build it again") from None
    except (ValueError, ExpatError, AddressError) as error:
        raise WorkbookError(f"{source} cannot be copied with new values: {error}") from None


def _copy_part(old: ZipFile, entry: ZipInfo, new: ZipFile) -> None:
    """Copy a part as it lies, compressed: a workbook of a gigabyte takes seconds."""
    if max(entry.file_size, entry.compress_size) > ZIP64_LIMIT or entry.flag_bits & ENCRYPTED:
        with old.open(entry) as source, new.open(entry, "w") as target:
            shutil.copyfileobj(source, target, _PIECE)
        return
    source, target = cast(BinaryIO, old.fp), cast(BinaryIO, new.fp)
    seek_data(source, entry)
    entry = copy.copy(entry)
    entry.flag_bits &= ~_SIZES_BEHIND  # they are known, and stand in front
    entry.extra = b""
    target.seek(new.start_dir)
    entry.header_offset = new.start_dir
    target.write(entry.FileHeader(zip64=False))
    left = entry.compress_size
    while left:
        piece = source.read(min(_PIECE, left))
        if not piece:
            raise BadZipFile(f"{entry.filename} is cut off")
        target.write(piece)
        left -= len(piece)
    new.filelist.append(entry)
    new.NameToInfo[entry.filename] = entry
    new.start_dir = target.tell()
    new._didModify = True  # type: ignore[attr-defined]  # else a copy in which nothing changed gets no directory

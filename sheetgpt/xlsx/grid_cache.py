"""A disk cache of large sheets of data in the user's cache folder, memory-mapped and not read.

A grid is kept under the CRC-32 and the size of its sheet's text, which stand in the directory of an .xlsx file: the
same text gives the same grid, in whatever file it lies. Nobody needs the cache: what cannot be written is not kept,
what is damaged or of another version is not used, and the least recently used files go first when there is no room.

A file: 8 bytes of magic and version, length and CRC-32 of a header in JSON, the header, zeros up to 4096 bytes,
and the numbers [rows, columns] as float64.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from binascii import crc32
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Sheet
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import ErrorValue, Value

LIMIT = 8 << 30  # bytes of all files together: two workbooks of GPT-2 medium, or seven of GPT-2 small
SMALLEST = 1 << 12  # cells; what is smaller is read as fast from the workbook
_MOST_OTHERS = 1 << 18  # texts: a sheet of weights has a title and few more, GPT-2's vocabulary 150,778
_MAGIC = b"sheetg\x03\n"
_PAGE = 4096
_ENDING = ".grid"
_ABANDONED = 3600  # seconds after which a file that is being written is no longer believed to be

Key = tuple[int, int]  # CRC-32 and size of a text


def folder() -> Path:
    """Where the cache is: SHEETGPT_CACHE, or the place that the system has for caches."""
    if given := os.environ.get("SHEETGPT_CACHE"):
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "sheetgpt" / "Cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "sheetgpt"
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "sheetgpt"


def load(key: Key, strings: Key, sheet: Sheet) -> bool:
    """Fill a sheet with what is kept for its text; False if nothing is. `strings`: the key of the shared strings.

    Its numbers are read when they are used. Changes to them stay in this program.
    """
    path = _path(key)
    try:
        with path.open("rb") as file:
            header, start = _header(file.read(_PAGE), file)
            shape = header["shape"]
            if header["key"] != list(key) or (header["strings"] and header["strings"] != list(strings)):
                return False
            if os.fstat(file.fileno()).st_size != start + 8 * shape[0] * shape[1]:
                return False
            grid = Grid()
            grid.numbers = np.memmap(file, "<f8", "c", start, (shape[0], shape[1]))
        grid.others = {(row, column): _value(value) for row, column, value in header["others"]}
        grid.extent = Rect(*header["extent"])
        sheet.grid, sheet.beyond = grid, list(map(str, header["beyond"]))
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return False
    with suppress(OSError):
        os.utime(path)
    return True


def store(key: Key, strings: Key | None, sheet: Sheet) -> bool:
    """Keep the grid of a sheet without formulas if it is large and most of it numbers; False if it is not kept.

    `strings` is the key of the shared strings for a sheet that refers to them.
    """
    grid = sheet.grid
    size = grid.numbers.nbytes
    if sheet.formulas or grid.numbers.size < SMALLEST or len(grid.others) > _MOST_OTHERS or grid.extent is None:
        return False
    if size > LIMIT:
        return False
    others = [[row, column, _json(value)] for (row, column), value in grid.others.items()]
    header = {
        "key": list(key),
        "strings": strings and list(strings),
        "shape": grid.numbers.shape,
        "extent": grid.extent,
        "beyond": sheet.beyond,
        "others": others,
    }
    try:
        place = folder()
        place.mkdir(parents=True, exist_ok=True)
        make_room(size)
        handle, name = tempfile.mkstemp(dir=place, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_head(json.dumps(header).encode()))
                file.write(np.ascontiguousarray(grid.numbers, dtype="<f8").data)
                file.flush()
                os.fsync(file.fileno())  # else a loss of power can leave a file of the right size full of zeros
            os.replace(name, _path(key))
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError:
        return False
    return True


def files() -> list[tuple[Path, os.stat_result]]:
    """The files of the cache, the least recently used first."""
    return sorted(_files(), key=lambda entry: entry[1].st_mtime_ns)


def make_room(size: int) -> None:
    """Drop the least recently used files until `size` bytes more are within the limit."""
    kept = files()
    total = sum(status.st_size for _, status in kept) + size
    for path, status in kept:
        abandoned = path.suffix == ".part" and status.st_mtime < time.time() - _ABANDONED
        if abandoned or (total > LIMIT and path.suffix == _ENDING):
            with suppress(OSError):  # of Windows, while another program uses it
                path.unlink()
                total -= status.st_size


def clear() -> int:
    """Drop all files; returns how many bytes they had."""
    dropped = 0
    for path, status in files():
        with suppress(OSError):
            path.unlink()
            dropped += status.st_size
    return dropped


def _files() -> Iterator[tuple[Path, os.stat_result]]:
    with suppress(OSError):
        for path in folder().iterdir():
            if path.suffix in (_ENDING, ".part"):
                with suppress(OSError):  # dropped by another program meanwhile
                    yield path, path.stat()


def _path(key: Key) -> Path:
    return folder() / f"{key[0]:08x}-{key[1]:x}{_ENDING}"


def _head(header: bytes) -> bytes:
    start = _MAGIC + len(header).to_bytes(4, "little") + crc32(header).to_bytes(4, "little") + header
    return start + bytes(-len(start) % _PAGE)


def _header(page: bytes, file: Any) -> tuple[dict[str, Any], int]:
    """The header of a file that begins with `page`, and where its numbers begin; raises ValueError."""
    length, checksum = (int.from_bytes(page[k : k + 4], "little") for k in (8, 12))
    end = 16 + length
    if end > len(page) and length < 1 << 26:
        page += file.read(end - len(page))
    header = page[16:end]
    if page[:8] != _MAGIC or len(header) != length or crc32(header) != checksum:
        raise ValueError("no file of the cache, or a damaged one")
    return json.loads(header), end + -end % _PAGE


def _json(value: Value) -> object:
    return {"error": str(value)} if isinstance(value, ErrorValue) else value


def _value(value: Any) -> Value:
    return ErrorValue(value["error"]) if isinstance(value, dict) else value

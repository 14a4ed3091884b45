"""A zip writer: an archive of parts that are deflated already, the same bytes on any machine.

No zip64, which Excel repairs or refuses: what would need it is refused.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from functools import cache
from typing import IO, NamedTuple

from sheetgpt.errors import WorkbookError

PART_LIMIT = 2**32 - 2  # bytes of a part, unpacked
ARCHIVE_LIMIT = 2**31 - 1
_FINAL = b"\x03\x00"  # an empty last block
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_DATE = 1 << 5 | 1  # 1 January 1980, the same whatever the day
_POLYNOMIAL = 0xEDB88320


class Piece(NamedTuple):
    """Deflated bytes that end at a whole byte and are not the last of their part; CRC-32 and size of their text."""

    data: bytes
    crc: int
    size: int


def squeeze(text: bytes, level: int) -> Piece:
    """A text deflated by zlib, which is told not to take three digits for a repetition: numbers become 7 % smaller."""
    stream = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zlib.DEF_MEM_LEVEL, zlib.Z_FILTERED)
    return Piece(stream.compress(text) + stream.flush(zlib.Z_FULL_FLUSH), zlib.crc32(text), len(text))


class Archive:
    """Writes to a file that can be sought in. Raises WorkbookError for a part or an archive that is too large."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._directory: list[bytes] = []
        self._place = 0

    def add(self, name: str, pieces: Iterable[Piece]) -> None:
        """Write a part."""
        start, label = self._place, name.encode("ascii")
        self._write(bytes(_LOCAL.size) + label)
        crc, size, packed = 0, 0, len(_FINAL)
        for piece in pieces:
            crc, size, packed = combine_crc32(crc, piece.crc, piece.size), size + piece.size, packed + len(piece.data)
            if size > PART_LIMIT:
                raise too_large(f"its part {name}", "4 GiB")
            self._write(piece.data)
        self._write(_FINAL)
        same = (20, 0, zlib.DEFLATED, 0, _DATE, crc, packed, size, len(label), 0)
        self._file.seek(start)
        self._file.write(_LOCAL.pack(b"PK\3\4", *same))
        self._file.seek(self._place)
        unix, private = 3 << 8 | 20, 0o600 << 16
        self._directory.append(_CENTRAL.pack(b"PK\1\2", unix, *same, 0, 0, 0, private, start) + label)

    def close(self) -> None:
        """Write the directory. The file stays open."""
        start, directory = self._place, b"".join(self._directory)
        count = len(self._directory)
        self._write(directory + _END.pack(b"PK\5\6", 0, 0, count, count, len(directory), start, 0))

    def _write(self, data: bytes) -> None:
        self._place += len(data)
        if self._place > ARCHIVE_LIMIT:
            raise too_large("the file", "2 GiB")
        self._file.write(data)


def too_large(what: str, limit: str) -> WorkbookError:
    """The error for a workbook beyond what Excel opens."""
    return WorkbookError(
        f"the workbook is too large for Excel: {what} would pass {limit}",
        "write a folder of smaller workbooks with --split, or fewer blocks with --blocks",
    )


def combine_crc32(first: int, second: int, size: int) -> int:
    """The CRC-32 of two texts one after the other from theirs; `size` is that of the second, in bytes."""
    power, k = 1 << 31, 3
    while size:
        if size & 1:
            power = _product(_power(k), power)
        size, k = size >> 1, k + 1
    return _product(power, first) ^ second


@cache
def _power(k: int) -> int:
    """x ** (2 ** k) modulo the polynomial of CRC-32; the highest bit is the lowest power."""
    return 1 << 30 if k == 0 else _product(_power(k - 1), _power(k - 1))


def _product(a: int, b: int) -> int:
    total = 0
    while a:
        if a & 1 << 31:
            total ^= b
        a = a << 1 & 0xFFFFFFFF
        b = b >> 1 ^ _POLYNOMIAL if b & 1 else b >> 1
    return total

"""Streaming inflate: the text of a zip entry in pieces that cut no cell."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import numpy as np

from sheetgpt.xlsx.decode.cell_scanner import PAD

try:  # inflates twice as fast as zlib; wheels for most machines, and never needed
    from isal import isal_zlib

    inflater: Any = isal_zlib
except ImportError:
    inflater = zlib

CHUNK = 2 << 20  # bytes of text: some 46,000 cells. Less, and threads wait for one another; more leaves the cache
_COMPRESSED = 1 << 20
AHEAD = 3  # pieces that wait or are worked on, for each sheet
_LOCAL_HEADER = 30
_ROW = re.compile(rb'<row r="([0-9]{1,7})"')
ENCRYPTED = 1  # a flag of a part


def keep_memory() -> None:
    """Make malloc of glibc keep the memory of arrays that are freed, up to 60 MB, for the next ones.

    It does so once a block as large as this was freed. Else it gives every larger array back to the system, and a
    third of the time of reading goes into pages that are taken and given back. Elsewhere this does nothing.
    """
    np.empty(30 << 20, dtype=np.uint8)


def entry_chunks(path: Path, entry: ZipInfo) -> Iterator[bytes]:
    """The uncompressed bytes of a zip entry; raises BadZipFile if they are not what the directory says."""
    if entry.compress_type != ZIP_DEFLATED or entry.flag_bits & ENCRYPTED:
        with ZipFile(path) as archive, archive.open(entry) as stream:
            yield from iter(lambda: stream.read(CHUNK), b"")
        return
    crc = size = 0
    for chunk in _inflate(path, entry):
        crc = inflater.crc32(chunk, crc)
        size += len(chunk)
        if size > entry.file_size:
            break
        yield chunk
    if (crc, size) != (entry.CRC, entry.file_size):
        raise BadZipFile(f"wrong checksum of {entry.filename}")


def seek_data(file: IO[bytes], entry: ZipInfo) -> None:
    """Go to where the bytes of a part begin in the file of its archive; raises BadZipFile if it is not there."""
    file.seek(entry.header_offset)
    header = file.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise BadZipFile(f"no entry {entry.filename} where the directory has it")
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), os.SEEK_CUR)


def _inflate(path: Path, entry: ZipInfo) -> Iterator[bytes]:
    with path.open("rb") as file:
        seek_data(file, entry)
        left = entry.compress_size
        inflate = inflater.decompressobj(-15)
        try:
            while not inflate.eof:
                data = inflate.unconsumed_tail
                if not data:
                    data = file.read(min(_COMPRESSED, left))
                    left -= len(data)
                chunk = inflate.decompress(data, CHUNK)
                if chunk:
                    yield chunk
                elif not data:
                    raise BadZipFile(f"{entry.filename} ends too early")
        except inflater.error as error:
            raise BadZipFile(f"{entry.filename}: {error}") from None


def pieces(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Text in chunks, cut anywhere -> (text between `PAD`s that cuts no cell, number of the row it begins in)."""
    row, tail = b"", b""
    for chunk in chunks:
        cut = max(chunk.rfind(b"<c "), chunk.rfind(b"<row"))
        if cut < 0:  # not in this chunk alone
            chunk, tail = tail + chunk, b""
            cut = max(chunk.rfind(b"<c "), chunk.rfind(b"<row"))
            if cut <= 0:
                cut = max(chunk.rfind(b"<"), 0)
        text = b"".join((PAD, tail, memoryview(chunk)[:cut], PAD))
        yield text, row
        found = text.rfind(b"<row")
        if found >= 0:
            match = _ROW.match(text, found)
            row = match[1] if match else b""
        tail = chunk[cut:]
    yield b"".join((PAD, tail, PAD)), row

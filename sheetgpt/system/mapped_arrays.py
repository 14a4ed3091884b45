"""Memory-mapped arrays: large float64 in a temporary file without a name; the system keeps the pages in use.

The file is gone with the program, however that ends.
"""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from pathlib import Path

import numpy as np

from sheetgpt.errors import WorkbookError

_ZEROS = bytes(1 << 20)


class Store:
    """Makes arrays in a temporary file in `folder`; raises WorkbookError where the disk has no room for them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = tempfile.TemporaryFile(dir=folder, prefix=".sheetgpt.")  # noqa: SIM115  lives with its arrays
        except OSError as error:
            raise WorkbookError(f"{folder} cannot be written: {error.strerror}", "choose another with -o") from None
        weakref.finalize(self, self._file.close)
        self._size = 0

    def array(self, rows: int, columns: int) -> np.ndarray:
        """A new array of zeros."""
        start = -(-self._size // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
        size = 8 * rows * columns
        try:
            _allocate(self._file.fileno(), start, size)
            pages = mmap.mmap(self._file.fileno(), size, offset=start)
        except OSError as error:
            raise WorkbookError(
                f"{self._folder} has no room for {size / 1e6:,.0f} MB of weights: {error.strerror}",
                "make room, or choose another place with -o",
            ) from None
        self._size = start + size
        return np.frombuffer(pages, dtype=np.float64).reshape(rows, columns)


def _allocate(file: int, start: int, size: int) -> None:
    """Take the room on the disk now: writing to a mapped page that has none kills the program."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, start, size)
        return
    os.lseek(file, start, os.SEEK_SET)
    for done in range(0, size, len(_ZEROS)):
        os.write(file, _ZEROS[: size - done])


def release(array: np.ndarray) -> None:
    """Give the memory of an array in a file back to the system until it is used again; nothing for other arrays."""
    pages: object = array
    while isinstance(pages, np.ndarray | memoryview):
        pages = pages.base if isinstance(pages, np.ndarray) else pages.obj
    if isinstance(pages, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        pages.madvise(mmap.MADV_DONTNEED)

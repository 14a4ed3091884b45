"""Atomic writes: files and folders made beside their place, which they take when they are whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sheetgpt.errors import UsageError, WorkbookError


@contextmanager
def new_file(path: Path, mode: int | None = None) -> Iterator[IO[bytes]]:
    """A file to fill that takes the place of `path` when the block ends well, and is removed when it does not.

    Its `mode` is that of any new file unless given. Raises WorkbookError; an old file then stays as it is.
    """
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise _no_place(path, error) from None
    part = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
        part.chmod(0o666 & ~_umask() if mode is None else mode)
        part.replace(path)
    except OSError as error:
        raise _no_room(path, error) from None
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill that gets its name when the block ends well, and is removed when it does not."""
    make_parent(path)
    try:
        folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part"))
    except OSError as error:
        raise _no_place(path, error) from None
    try:
        yield folder
        refuse_existing(path)
        folder.chmod(0o777 & ~_umask())
        if path.exists():
            path.rmdir()  # it is empty
        folder.replace(path)
    except OSError as error:
        raise _no_room(path, error) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_parent(path: Path) -> None:
    """Make the folder that `path` is to lie in; raises WorkbookError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_place(path, error) from None


def refuse_existing(path: Path) -> None:
    """Raise UsageError unless there is nothing, or an empty folder, at the path."""
    if path.is_symlink() or (path.exists() and not (path.is_dir() and not any(path.iterdir()))):
        raise UsageError(f"{path} is there already", "remove it, or choose another folder with -o")


def _no_place(path: Path, error: OSError) -> WorkbookError:
    return WorkbookError(f"{path} cannot be written: {error.strerror}", "choose another place with -o")


def _no_room(path: Path, error: OSError) -> WorkbookError:
    return WorkbookError(f"{path} cannot be written: {error.strerror}", "is the disk full?")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

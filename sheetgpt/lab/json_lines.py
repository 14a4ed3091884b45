"""JSON lines that are appended to a file, which an interrupted run can go on with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from sheetgpt.errors import UsageError, WorkbookError
from sheetgpt.lab.workers import Line

_BEGIN = b'{"book": "'  # how a line begins: its first entry


def read_whole_lines(path: Path) -> list[Line]:
    """The lines that a file has, none where there is no file; the beginning of a line at its end is left out.

    Raises UsageError for a file that holds anything else.
    """
    found: list[Line] = []
    *whole, rest = _read(path).split(b"\n")
    if not rest.startswith(_BEGIN) and not _BEGIN.startswith(rest):
        raise UsageError(f"{path}: its end is no result of a sweep", "choose another file with -o")
    for number, line in enumerate(whole, 1):
        try:
            entries = json.loads(line)
        except (ValueError, RecursionError):
            entries = None
        if not isinstance(entries, dict):
            raise UsageError(f"{path}: line {number} is no result of a sweep", "choose another file with -o")
        found.append(entries)
    return found


def append_lines(path: Path, lines: Iterable[Line]) -> None:
    """Drop what is behind the last whole line of a file, then add lines, each at once when it is there.

    Raises WorkbookError where it cannot be written.
    """
    whole = _read(path).rfind(b"\n") + 1
    try:
        with path.open("ab") as file:
            file.truncate(whole)
            for line in lines:
                file.write(as_line(line))
                file.flush()
    except OSError as error:
        raise WorkbookError(f"{path} cannot be written: {error.strerror}", "choose another place with -o") from None


def as_line(line: Line) -> bytes:
    """One line of JSON, with all digits of its numbers."""
    return json.dumps(line, ensure_ascii=False).encode("utf-8") + b"\n"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise WorkbookError(f"{path} cannot be read: {error.strerror}", "choose another file") from None

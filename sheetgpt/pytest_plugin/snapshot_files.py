"""Where snapshots lie: beside the tests, in a folder for each module, a file for each test."""

from __future__ import annotations

import re
from pathlib import Path
from zlib import crc32

FOLDER = "workbook_snapshots"
_LONGEST = 100


def slug(text: str) -> str:
    """A text as a part of a file's name; different texts stay different."""
    plain = re.sub(r"[^\w.\[\]-]", "_", text)[:_LONGEST]
    return plain if plain == text else f"{plain}-{crc32(text.encode()):08x}"


def snapshot_path(module: Path, test: str, name: str = "") -> Path:
    """The file for a snapshot of a test, which has a name if the test has several."""
    return module.parent / FOLDER / module.stem / f"{slug(test)}{'@' if name else ''}{slug(name)}.txt"


def owner_of(path: Path) -> str:
    """The slug of the test to which a file belongs."""
    return path.name.removesuffix(".txt").partition("@")[0]

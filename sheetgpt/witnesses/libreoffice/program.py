"""Where LibreOffice is, and a Python that can talk to it."""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
from pathlib import Path

how_to_install = (
    "install LibreOffice 7.4 or newer with its Python bridge (Debian: apt install libreoffice-calc python3-uno)"
)

_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "C:\\Program Files\\LibreOffice\\program\\soffice.exe",
)


def find_program() -> str | None:
    """Where LibreOffice is, or None."""
    for name in ("soffice", "libreoffice", *_PLACES):
        if found := shutil.which(name):
            return found
    return None


@functools.cache
def find_python() -> str | None:
    """A Python that can import `uno`, or None: this one, LibreOffice's own, or the system's."""
    program = find_program()
    own = Path(program).resolve().parent if program else Path()
    bundled = [str(own / name) for name in ("python", "python.exe")] + [str(own.parent / "Resources" / "python")]
    for python in [sys.executable, *bundled, "/usr/bin/python3", "python3"]:
        if shutil.which(python) and output(python, "-c", "import uno") is not None:
            return python
    return None


def output(*command: str) -> str | None:
    """What a command prints, or None if it fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None

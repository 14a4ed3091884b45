"""A workbook in a real window: LibreOffice on a screen of its own (Xvfb), the keys of a person (xdotool), pictures.

Needs the programs Xvfb, xdotool and import (Debian: xvfb, xdotool, imagemagick).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from sheetgpt.witnesses import libreoffice

PROGRAMS = {"Xvfb": "xvfb", "xdotool": "xdotool", "import": "imagemagick"}  # program -> Debian's package
SIZE = (1440, 900)  # of the window, in pixels


def missing() -> list[str]:
    """Debian packages that a window needs and that are not there."""
    return [package for program, package in PROGRAMS.items() if shutil.which(program) is None]


class Window:
    """A LibreOffice in a window that fills a screen of 1440 x 900, with a workbook opened by its own settings."""

    def __init__(self, path: Path) -> None:
        self._screen = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24", "-nolisten", "tcp", "-noreset"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._screen.stdout is not None
        self.display = f":{self._screen.stdout.readline().strip()}"
        try:
            self.session = libreoffice.UserSession(600, self.display)
            self.session.open(path)
            self._fill_screen(path)
        except BaseException:
            self._close_screen()
            raise

    def __enter__(self) -> Window:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()
        self._close_screen()

    def show(self, sheet: str, cell: tuple[int, int] = (1, 1)) -> None:
        """Bring a sheet to the front and go to a cell."""
        self.session.show(sheet, cell)
        self.settle()

    def keys(self, *keys: str) -> None:
        """Press keys, such as "Return" or "ctrl+shift+F9"."""
        self._xdotool("key", "--clearmodifiers", *keys)
        self.settle()

    def type(self, text: str) -> None:
        """Type a text, letter by letter; the cursor then blinks until a key ends the text."""
        self._xdotool("type", "--delay", "15", text)

    def picture(self, path: Path) -> None:
        """A picture of the whole screen."""
        subprocess.run(["import", "-window", "root", str(path)], env=self._environment(), check=True)

    def settle(self) -> None:
        """Wait until the screen does not change any more: what is drawn is the outcome of the last key."""
        before, same = b"", 0
        for _ in range(600):
            time.sleep(0.15)
            now = subprocess.run(
                ["import", "-window", "root", "-depth", "8", "gray:-"], env=self._environment(), capture_output=True
            ).stdout
            same = same + 1 if now == before else 0
            if same == 3:
                return
            before = now
        raise AssertionError("the window did not come to rest within 90 s")

    def _close_screen(self) -> None:
        self._screen.terminate()
        self._screen.communicate()

    def _fill_screen(self, path: Path) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            found = self._xdotool("search", "--onlyvisible", "--name", "LibreOffice", check=False).split()
            for window in found:
                self._xdotool("windowmove", window, "0", "0", check=False)
                self._xdotool("windowsize", window, *map(str, SIZE), check=False)
                self._xdotool("windowfocus", window, check=False)
            if found:
                self.settle()
                return
            time.sleep(0.2)
        raise AssertionError(f"no window of LibreOffice for {path}")

    def _xdotool(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["xdotool", *arguments], env=self._environment(), capture_output=True, text=True, check=check
        )
        return re.sub(r"[^0-9\n ]", "", done.stdout)

    def _environment(self) -> dict[str, str]:
        return os.environ | {"DISPLAY": self.display}

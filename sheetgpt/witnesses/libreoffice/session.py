"""A running LibreOffice with one open workbook.

A headless LibreOffice with a profile of its own (never the user's) is steered by `uno_session.py`, which
runs in whichever Python can import LibreOffice's `uno` module.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from sheetgpt.book.address import Rect, at, reference
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import EngineError
from sheetgpt.witnesses.canary import Canary, falsified_copy
from sheetgpt.witnesses.libreoffice import errors
from sheetgpt.witnesses.libreoffice.program import find_program, find_python, how_to_install
from sheetgpt.witnesses.values import Block, Values, grid_of

_SCRIPT = Path(__file__).with_name("uno_session.py")
_BLOCK = 250_000  # cells read at once: some 30 MB on their way through the bridge
_ALWAYS, _NEVER = 0, 1  # OOXMLRecalcMode: whether files of Excel are calculated when opened
_OPTIONS = ("--norestore", "--nologo", "--nodefault", "--nofirststartwizard")


class Session:
    """A LibreOffice with one open workbook; use it in a `with` statement.

    The file itself is never touched: LibreOffice gets a copy whose stored values are falsified, so that
    what is read was calculated (a read that meets a falsified value raises EngineError).
    """

    def __init__(self, timeout: float = 3600, recalculate_on_load: bool = True) -> None:
        self._begin(timeout, _settings(_ALWAYS if recalculate_on_load else _NEVER))

    def _begin(self, timeout: float, settings: str, display: str | None = None) -> None:
        """Start LibreOffice with these settings, in a window on `display` or without one."""
        program, python = find_program(), find_python()
        if program is None or python is None:
            missing = "LibreOffice" if program is None else "a Python that can import LibreOffice's uno module"
            raise EngineError(f"{missing} is not found", how_to_install)
        self._timeout, self._expired = timeout, False
        self._canary = Canary(0.0, {})
        self._folder = Path(tempfile.mkdtemp(prefix="sheetgpt-"))
        self._processes: list[subprocess.Popen[bytes]] = []
        try:
            self._start(program, python, settings, display)
        except BaseException:
            self.close()
            raise

    def _start(self, program: str, python: str, settings: str, display: str | None) -> None:
        profile, pipe = self._folder / "profile", f"sheetgpt-{secrets.token_hex(8)}"
        (profile / "user").mkdir(parents=True)
        if settings:
            (profile / "user" / "registrymodifications.xcu").write_text(settings, encoding="utf-8")
        address = [f"-env:UserInstallation={profile.as_uri()}", f"--accept=pipe,name={pipe};urp;"]
        head = ["--headless"] if display is None else []
        self._launch([program, *head, *_OPTIONS, *address], display=display)
        self._worker = self._launch([python, str(_SCRIPT), pipe], talks=True)

    def _launch(self, command: list[str], talks: bool = False, display: str | None = None) -> subprocess.Popen[bytes]:
        """Start a process in a group of its own, so that ending it ends its children too."""
        ends = subprocess.PIPE if talks else subprocess.DEVNULL
        environment = os.environ | ({} if display is None else {"DISPLAY": display})
        with (self._folder / "messages").open("ab") as messages:
            process = subprocess.Popen(
                command, stdin=ends, stdout=ends, stderr=messages, start_new_session=True, env=environment
            )
        self._processes.append(process)
        return process

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self, path: str | PathLike[str]) -> None:
        """Open a workbook, instead of one that is open, and calculate every formula."""
        copy = self._folder / f"{secrets.token_hex(4)}.xlsx"
        self._canary = falsified_copy(Path(path), copy)
        self._ask(do="open", path=str(copy))
        with suppress(PermissionError):  # Windows keeps what is open; the folder goes later
            copy.unlink()
        self.recalculate()

    def set(self, sheet: str, cell: tuple[int, int], value: Value) -> None:
        """Type a constant into a cell: text stays text, whatever it looks like; None empties the cell."""
        if isinstance(value, ErrorValue):
            raise EngineError(f"an error value cannot be typed into {reference(sheet, at(*cell), False)}")
        row, column = cell
        number_or_text = value if value is None or isinstance(value, bool | str) else float(value)
        self._ask(do="type", sheet=sheet, row=row, column=column, value=number_or_text)

    def enter(self, sheet: str, rect: Rect, text: str, array: bool = False) -> None:
        """Enter a formula, without its "=" and as files write it, into a cell, or as an array formula into `rect`.

        An empty text empties `rect`.
        """
        parts = text.split('"')  # every second one is a text; arguments are separated by semicolons here
        parts[::2] = [part.replace(",", ";") for part in parts[::2]]
        self._ask(do="enter", sheet=sheet, rect=list(rect), text='"'.join(parts), array=array)

    def recalculate(self) -> None:
        """Calculate every formula, changed or not."""
        self._ask(do="calculate")

    def sheets(self) -> list[str]:
        """The names of the workbook's sheets, in their order."""
        names: list[str] = self._ask(do="sheets")[0]["sheets"]
        return names

    def read(self, sheet: str, rect: Rect) -> np.ndarray:
        """The values of a rectangle: float64 if all are numbers, else objects."""
        values = Values()
        values[sheet] = grid_of(self._block(sheet, part, values) for part in _parts(rect))
        self._canary.check("LibreOffice", values)
        return values[sheet].read(rect)

    def values(self, sheets: Sequence[str] | None = None) -> Values:
        """All values of `sheets` (default: those with formulas), and the cells LibreOffice has no verdict on."""
        values = Values()
        for sheet in self._canary.sheets if sheets is None else sheets:
            rects = [Rect(*area) for area in self._ask(do="areas", sheet=sheet)[0]["areas"]]
            values[sheet] = grid_of(self._block(sheet, part, values) for rect in rects for part in _parts(rect))
        self._canary.check("LibreOffice", values)
        return values

    def close(self) -> None:
        """End LibreOffice and remove its profile; a second call does nothing."""
        with suppress(EngineError, AttributeError):
            self._timeout = 20.0
            self._ask(do="end")
        for process in reversed(self._processes):
            _end(process)
        self._processes.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _block(self, sheet: str, rect: Rect, values: Values) -> Block:
        """The values of one rectangle; cells without a verdict are added to `values`."""
        reply, data = self._ask(do="read", sheet=sheet, rect=list(rect))
        numbers = np.frombuffer(data).reshape(rect.shape).copy()
        others: dict[tuple[int, int], Value] = {(row, column): text for row, column, text in reply["texts"]}
        for found in reply["empty_texts"]:
            for cell in Rect(*found).cells():
                others.setdefault(cell, "")
        for row, column, code in reply["errors"]:
            others[row, column], reason = errors.meaning(code)
            numbers[row - rect.top, column - rect.left] = np.nan
            if reason:
                values.not_covered[sheet, row, column] = reason
        for found in reply["booleans"]:
            for row, column in Rect(*found).cells():
                others[row, column] = bool(numbers[row - rect.top, column - rect.left])
                numbers[row - rect.top, column - rect.left] = np.nan
        return rect, numbers, others

    def _ask(self, **request: object) -> tuple[dict[str, Any], bytes]:
        """One request to the script and its answer; EngineError if it fails or takes too long."""
        worker, what = self._worker, f"{request['do']} {request.get('sheet', '')}".strip()
        if worker.stdin is None or worker.stdout is None or worker.stdin.closed:
            raise EngineError(
                f"LibreOffice is closed: no answer to {what!r}", "use the session inside its with statement"
            )
        timer = threading.Timer(self._timeout, self._expire)
        timer.start()
        try:
            worker.stdin.write(json.dumps(request).encode() + b"\n")
            worker.stdin.flush()
            reply = json.loads(worker.stdout.readline())
            data = worker.stdout.read(reply["bytes"])
        except (OSError, ValueError) as error:  # the script is gone
            raise self._failure(what) from error
        finally:
            timer.cancel()
        if "failure" in reply:
            raise EngineError(
                f"LibreOffice failed at {what!r}: {reply['failure']}", "is the sheet's name right, the file whole?"
            )
        return reply, data

    def _expire(self) -> None:
        self._expired = True
        for process in self._processes:
            _kill(process)

    def _failure(self, what: str) -> EngineError:
        if self._expired:
            return EngineError(
                f"LibreOffice did not finish {what!r} within {self._timeout:g} s", "give it a longer timeout"
            )
        messages = (self._folder / "messages").read_text(errors="replace")[-1000:].strip()
        return EngineError(f"LibreOffice ended during {what!r}: {messages}", "is there enough memory and disk space?")


class UserSession(Session):
    """A LibreOffice as its users have it: a fresh profile with the program's own settings, the file as it was saved.

    Nothing is recalculated but what the program recalculates by itself, so what is read is what a user sees. With
    `display`, an X display such as ":99", it opens in a window there.
    """

    def __init__(self, timeout: float = 3600, display: str | None = None) -> None:
        self._display = display
        self._begin(timeout, "" if display is None else _without_tips(), display)

    def open(self, path: str | PathLike[str]) -> None:
        """Open a copy of a workbook, instead of one that is open."""
        self._canary = Canary(float("nan"), {})  # nothing is falsified, so nothing can come back
        copy = self._folder / f"{secrets.token_hex(4)}.xlsx"
        shutil.copyfile(path, copy)
        self._ask(do="open", path=str(copy), hidden=self._display is None)

    def show(self, sheet: str, cell: tuple[int, int] = (1, 1)) -> None:
        """Bring a sheet to the front and go to one of its cells; needs a window."""
        row, column = cell
        self._ask(do="show", sheet=sheet, row=row, column=column)


def _parts(rect: Rect) -> Iterator[Rect]:
    """A rectangle cut into bands of rows that are not too large to read at once."""
    rows = max(1, _BLOCK // rect.columns)
    for top in range(rect.top, rect.bottom + 1, rows):
        yield Rect(top, rect.left, min(rect.bottom, top + rows - 1), rect.right)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait a little for a process to end by itself, then end it, and close its pipes."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(10)
    _kill(process)
    process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and what it started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _settings(recalculation: int) -> str:
    """The settings of a profile: calculate on load, English words, no macros, no recovery files."""
    return _items(
        ("Office.Calc/Formula/Load", "OOXMLRecalcMode", recalculation),
        ("Office.Common/Security/Scripting", "MacroSecurityLevel", 3),
        ("Office.Recovery/AutoSave", "Enabled", "false"),
        ("Setup/L10N", "ooSetupSystemLocale", "en-US"),
    )


def _without_tips() -> str:
    """Settings that keep the tip of the day out of a window, and nothing else."""
    return _items(("Office.Common/Misc", "ShowTipOfTheDay", "false"))


def _items(*settings: tuple[str, str, object]) -> str:
    lines = [
        f'<item oor:path="/org.openoffice.{path}">'
        f'<prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, name, value in settings
    ]
    return f'<oor:items xmlns:oor="http://openoffice.org/2001/registry">{"".join(lines)}</oor:items>'

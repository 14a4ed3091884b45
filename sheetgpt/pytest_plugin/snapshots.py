"""The snapshots of one test: compared, and written when the option says so."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from sheetgpt.book.values import Value
from sheetgpt.errors import UsageError
from sheetgpt.pytest_plugin.agreement import agree
from sheetgpt.pytest_plugin.cell_text import parse_snapshot, snapshot_text
from sheetgpt.pytest_plugin.snapshot_files import snapshot_path
from sheetgpt.system.atomic_write import new_file


class Snapshots:
    """Where the snapshots of a test lie; `use` is told which are used."""

    def __init__(self, module: Path, test: str, renew: bool, use: Callable[[Path], None] | None = None) -> None:
        self._module, self._test, self._renew, self._use = module, test, renew, use
        self._taken: set[str] = set()

    def path(self, name: str) -> Path:
        """The file of a snapshot."""
        return snapshot_path(self._module, self._test, name)

    def shown(self, name: str) -> str:
        """The same as messages show it."""
        return os.path.relpath(self.path(name), self._module.parent)

    def compare(
        self, name: str, comments: list[str], values: dict[str, Value], tolerance: float | None
    ) -> dict[str, Value] | None:
        """The values in a snapshot if others are expected than these; None if all agree, or were written now.

        Raises UsageError if there is no such snapshot, or the test has used it already; WorkbookError.
        """
        if name in self._taken:
            raise UsageError(
                "this test has such a snapshot already", 'give the second one a name: assert_snapshot("...")'
            )
        self._taken.add(name)
        path = self.path(name)
        if self._use:
            self._use(path)
        if not path.exists():
            self._first(name, comments, values)
            return None
        expected = parse_snapshot(path.read_text(encoding="utf-8"), self.shown(name))
        if expected.keys() == values.keys() and all(agree(values[key], expected[key], tolerance) for key in values):
            return None
        if not self._renew:
            return expected
        kept = {k: expected[k] if k in expected and agree(v, expected[k], tolerance) else v for k, v in values.items()}
        self._write(path, comments, kept)
        return None

    def _first(self, name: str, comments: list[str], values: dict[str, Value]) -> None:
        if not self._renew:
            raise UsageError(
                f"there is no snapshot {self.shown(name)}", "pytest --update-workbooks writes it; look at it then"
            )
        self._write(self.path(name), comments, values)

    @staticmethod
    def _write(path: Path, comments: list[str], values: dict[str, Value]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with new_file(path) as file:
            file.write(snapshot_text([*comments, "renewed by pytest --update-workbooks"], values).encode())

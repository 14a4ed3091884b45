"""Snapshots that no test uses: files in the folders of the tests that were collected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sheetgpt.pytest_plugin.snapshot_files import FOLDER, owner_of, slug


class UnusedSnapshots:
    """Notes what is collected, passed and used in this process, and in the workers of pytest-xdist."""

    NAME = "workbook-snapshots"

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.tests: dict[str, str] = {}  # node id -> path of the module
        self.passed: set[str] = set()
        self.used: set[str] = set()

    def use(self, path: Path) -> None:
        """A snapshot is used."""
        self.used.add(str(path))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Before options such as -k leave some out."""
        self.tests.update({item.nodeid: str(item.path) for item in items})

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            self.passed.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        """A worker tells the process that started it."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[self.NAME] = {"tests": self.tests, "used": sorted(self.used)}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """What a worker tells."""
        told = getattr(node, "workeroutput", {}).get(self.NAME, {})
        self.tests.update(told.get("tests", {}))
        self.used.update(told.get("used", ()))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("unused workbook snapshots")
        if any("::" in argument for argument in self._config.args):
            terminalreporter.line("not known: only a part of a module was run")
            return
        found = sorted(self.unused())
        for path in found:
            terminalreporter.line(str(path))
        terminalreporter.line(f"{len(found)} unused" if found else "none")

    def unused(self) -> Iterator[Path]:
        """Snapshots of tests that are gone, or that passed without them."""
        for folder in {Path(module).parent for module in self.tests.values()}:
            for path in (folder / FOLDER).glob("*/*.txt"):
                if self._is_unused(folder, path):
                    yield path

    def _is_unused(self, folder: Path, path: Path) -> bool:
        module = folder / f"{path.parent.name}.py"
        own = {node for node, place in self.tests.items() if place == str(module)}
        if not own:
            return not module.exists()
        owners = {node for node in own if slug(node.partition("::")[2].replace("::", ".")) == owner_of(path)}
        return str(path) not in self.used and owners <= self.passed

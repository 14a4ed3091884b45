"""The pytest plugin: a fixture `workbook`, and options for snapshots. Page: docs/testing.md.

pytest imports this module in every run of everybody who has sheetgpt installed, so it imports nothing but pytest; the
rest comes in when a test asks for the fixture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sheetgpt.pytest_plugin.opener import Opener

UPDATE, UNUSED = "--update-workbooks", "--unused-workbooks"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the command line."""
    group = parser.getgroup("workbooks", "workbooks (sheetgpt)")
    group.addoption(UPDATE, action="store_true", help="Write the snapshots of workbooks anew, as they are now.")
    group.addoption(UNUSED, action="store_true", help="List the snapshots of workbooks that no test uses.")


def pytest_configure(config: pytest.Config) -> None:
    """Watch which snapshots are used, if somebody asks."""
    if config.getoption(UNUSED):
        from sheetgpt.pytest_plugin.unused import UnusedSnapshots

        config.pluginmanager.register(UnusedSnapshots(config), UnusedSnapshots.NAME)


@pytest.fixture
def workbook(request: pytest.FixtureRequest) -> Opener:
    """Opens a workbook for a test: `book = workbook("budget.xlsx")`, then `book["Inputs!B3"] = 0.05`."""
    from sheetgpt.pytest_plugin.opener import Opener
    from sheetgpt.pytest_plugin.snapshots import Snapshots

    config = request.config
    watch = config.pluginmanager.get_plugin("workbook-snapshots")
    test = request.node.nodeid.partition("::")[2].replace("::", ".")
    snapshots = Snapshots(request.path, test, bool(config.getoption(UPDATE)), watch.use if watch else None)
    return Opener([request.path.parent, config.rootpath], snapshots)

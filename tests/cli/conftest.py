"""What the tests of the command line share."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support.command_line import call


@pytest.fixture(scope="session")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "mini.xlsx"
    result = call("build", "mini", "-o", path, "--lens", "none")
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r".*mini\.xlsx: \d\.\d MB, written, read back and found equal\n", result.output)
    return path

"""Where things lie: the project, the bundled model, data shared beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
ROOT = TESTS.parent
SHARED = ROOT.parent / "shared"
MINI = ROOT / "weights" / "mini"
TRAINING = ROOT / "weights" / "training"


def shared(name: str) -> Path:
    """A folder of data shared beside the project; skips the test where it is missing."""
    folder = SHARED / name
    if not folder.exists():
        pytest.skip(f"needs ../shared/{name}, which is not part of the project")
    return folder


def names(folder: Path) -> set[str]:
    """The names of what lies in a folder."""
    return {path.name for path in folder.iterdir()}

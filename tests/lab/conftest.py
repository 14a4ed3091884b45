"""What the tests of the laboratory share: a small random model, its workbook with switches, and the library's model."""

from __future__ import annotations

from pathlib import Path

import pytest

import sheetgpt
from sheetgpt.commands.build import build
from support.checkpoints import random_checkpoint

ROWS = 10


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random GPT-2 of 2 blocks, 3 heads of 4 columns."""
    return random_checkpoint(tmp_path_factory.mktemp("lab"), seed=3)


@pytest.fixture(scope="session")
def workbook(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its workbook, with the lens Switches."""
    path = tmp_path_factory.mktemp("lab") / "small.xlsx"
    return build(str(checkpoint), path, prompt="The capital of", context=ROWS, max_chars=24, lenses=["switches"])


@pytest.fixture(scope="session")
def plain_workbook(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its workbook without lenses."""
    path = tmp_path_factory.mktemp("lab") / "plain.xlsx"
    return build(str(checkpoint), path, prompt="The capital of", context=ROWS, max_chars=24, lenses="none")


@pytest.fixture(scope="module")
def lab(workbook: Path) -> sheetgpt.Lab:
    return sheetgpt.Lab(workbook, prompt="The capital of France")

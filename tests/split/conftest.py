"""A small model, its workbooks in a folder, and its single workbook."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sheetgpt.commands.build import build
from sheetgpt.split.build import build_split
from support.checkpoints import random_checkpoint


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_checkpoint(tmp_path_factory.mktemp("split") / "small")


@pytest.fixture(scope="session")
def folder(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("books") / "folder"
    return build_split(str(checkpoint), place, prompt="one two", context=7, max_chars=8, candidates=12)


@pytest.fixture(scope="session")
def single(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("books") / "one.xlsx"
    return build(str(checkpoint), place, prompt="one two", context=7, max_chars=8, candidates=12, lenses="none")


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))

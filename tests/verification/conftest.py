"""A random model and its workbook, in which every witness finds what it expects."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgpt.book.book import Book
from sheetgpt.commands.build import build
from sheetgpt.xlsx.reader import read
from support.checked import IDS, ROWS
from support.checkpoints import random_checkpoint


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_checkpoint(tmp_path_factory.mktemp("checked") / "model", seed=5)


@pytest.fixture(scope="session")
def good(model: Path) -> Path:
    return build(str(model), model.parent / "good.xlsx", token_ids=IDS, context=ROWS, lenses="none")


@pytest.fixture(scope="session")
def book(good: Path) -> Book:
    return read(good)

"""The bundled model, as its tests read it."""

from __future__ import annotations

import pytest

from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.tokenizer import Tokenizer
from support.paths import MINI


@pytest.fixture(scope="module")
def model() -> Model:
    return load_checkpoint(MINI)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_folder(MINI)


@pytest.fixture(scope="module")
def card() -> str:
    return (MINI / "README.md").read_text(encoding="utf-8")

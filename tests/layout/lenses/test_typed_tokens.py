"""Tokens that are typed into a lens by their text."""

from __future__ import annotations

from pathlib import Path

import pytest

from sheetgpt.commands.build import build
from sheetgpt.commands.recalc import recalc
from sheetgpt.evaluator import Calculator
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.verification.workbook import check
from sheetgpt.xlsx.reader import read
from support.paths import MINI

UNKNOWN = "No token has this text"
TYPED: dict[str, float | str] = {
    "depth.typed_token": " football",
    "attribution.typed_token": "football",
    "switch.typed_token": "xyzzy",
    "steering.typed_plus": "·football",
    "steering.typed_minus": "nothing?*",
    "steering.typed_source": "two words",
    "steering.typed_strength": 2.0,
    "embeddings.typed_first": " Football",
    "embeddings.typed_token": " football",
    "loss.typed_choices": " football",
}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("typed") / "a.xlsx"
    lenses = ["depth", "attribution", "switches", "steering", "embeddings", "loss"]
    return build("mini", path, prompt="The", blocks="1", lenses=lenses)


def test_a_token_is_typed_by_its_text(book: Path) -> None:
    (token,) = Tokenizer.from_folder(MINI).encode(" football")
    calculator = Calculator(read(book), calculated=True)
    for name, value in TYPED.items():
        calculator.set(name, value)
    calculator.update()
    found = {name: calculator.book.read(name).ravel()[0] for name in ("depth.token", "attribution.token")}
    assert found == {"depth.token": token, "attribution.token": token}
    assert calculator.book.read("steering.plus").item() == calculator.book.read("embeddings.token").item() == token
    assert (
        calculator.book.read("loss.choice_ids").ravel().tolist()
        == [token] * calculator.book.locate("loss.typed_choices")[1].rows
    )
    assert calculator.book.read("switch.token").item() == calculator.book.read("predicted.ids")[0, 0]
    assert calculator.book.read("switch.token_note").item().startswith(UNKNOWN)
    assert not calculator.book.read("depth.token_note").item().startswith(UNKNOWN)
    assert calculator.book.read("steering.minus").item() == -1
    assert calculator.book.read("embeddings.first").item() == 0  # " Football" is no token: letters have their case


def test_every_program_agrees_on_tokens_typed_by_their_text(book: Path, tmp_path: Path) -> None:
    recalc(
        book, tmp_path / "b.xlsx", set={name: value for name, value in TYPED.items() if name != "loss.typed_choices"}
    )
    report = check(tmp_path / "b.xlsx")
    assert report.agrees, report.as_text()

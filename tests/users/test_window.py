"""The workbook in a real window: keys of a person, the answer read, a picture kept."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sheetgpt.commands.build import build
from sheetgpt.witnesses import libreoffice
from sheetgpt.xlsx.reader import read
from support.window import SIZE, Window, missing

PROMPT = "If today is Tuesday, tomorrow is"


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if libreoffice.available() is None:
        pytest.skip(f"needs LibreOffice: {libreoffice.how_to_install}")
    if missing():
        pytest.skip(f"needs a screen: apt-get install {' '.join(missing())}")
    return build("mini", tmp_path_factory.mktemp("window") / "mini.xlsx")


def test_a_prompt_typed_in_a_window_is_answered(mini: Path, tmp_path: Path) -> None:
    """From the first sheet to the next one, to the prompt's cell, the text, Enter: nothing but keys."""
    book = read(mini)
    sheet, cell = book.locate("prompt.text")
    sheets_on = list(book.sheets).index(sheet)
    path = tmp_path / "answer.png"
    with Window(mini) as window:
        window.keys(*["ctrl+Next"] * sheets_on)
        window.keys("ctrl+Home")
        window.keys("ctrl+Up", "ctrl+Left", *["Up"] * cell.top)  # beyond frozen panes, to A1
        window.keys(*["Down"] * (cell.top - 1), *["Right"] * (cell.left - 1))
        window.type(PROMPT)
        window.keys("Return")
        window.picture(path)
        session = window.session
        assert session.read(sheet, cell)[0, 0] == PROMPT
        assert session.read(*book.locate("next.shown"))[0, 0] == "·Wednesday"
        assert str(session.read(*book.locate("continuation.text"))[0, 0]).startswith(" Wednesday.")
    assert path.read_bytes().startswith(b"\x89PNG")
    width, height = (int.from_bytes(path.read_bytes()[k : k + 4], "big") for k in (16, 20))
    assert (width, height) == SIZE
    if kept := os.environ.get("SHEETGPT_PICTURES"):  # a folder to look at it afterwards
        shutil.copy(path, Path(kept) / path.name)

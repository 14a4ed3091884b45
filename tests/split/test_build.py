"""A model in several workbooks is the single workbook cut in pieces, written as a whole or not at all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from sheetgpt import assert_workbooks_equal
from sheetgpt.book.book import Book
from sheetgpt.commands.build import build
from sheetgpt.commands.run import run
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.config import Config
from sheetgpt.layout import tensors
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.layout.split import build_part_book
from sheetgpt.schema.split import file_of, layer_of, parts_of, seams_of
from sheetgpt.split import build as split_build
from sheetgpt.split.build import build_split
from sheetgpt.split.run import run_split
from sheetgpt.verification.split import check_split
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.command_line import call
from support.programs import PROGRAMS
from support.split_folder import FILES


def test_files_and_seams() -> None:
    config = Config(n_layer=12)
    assert parts_of(config)[:3] == ["prompt", "block_00", "block_01"]
    assert [file_of(part) for part in parts_of(config)][-2:] == ["block_11.xlsx", "head.xlsx"]
    assert layer_of("block_07") == 7
    hidden = [(s.source, s.source_name, s.target, s.target_name) for s in seams_of(config) if "step" in s.target_name]
    assert hidden[0] == ("prompt", "h.0.step_01.input", "block_00", "h.0.step_01.input")
    assert hidden[1] == ("block_00", "h.0.step_16.output", "block_01", "h.1.step_01.input")
    assert hidden[-1] == ("block_11", "h.11.step_16.output", "head", "h.11.step_16.output")
    assert seams_of(config)[-1].target == "prompt"
    assert parts_of(Config(n_layer=101))[-2] == "block_100"


def formulas(book: Book) -> dict[str, list[tuple[str, str]]]:
    return {name: [(str(f.rect), f.text) for f in sheet.formulas] for name, sheet in book.sheets.items()}


def alike(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether values are equal, numbers up to what comes of adding in another order."""
    numbers = [[x if isinstance(x, float) else 0.0 for x in side.ravel().tolist()] for side in (a, b)]
    others = [[None if isinstance(x, float) else x for x in side.ravel().tolist()] for side in (a, b)]
    return others[0] == others[1] and np.allclose(numbers[0], numbers[1], rtol=1e-12, atol=1e-12)


def test_sheets_formulas_and_values_are_those_of_the_single_workbook(folder: Path, single: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == FILES
    whole, compared, named = read(single), set(), set()
    own = {"Map", "Type_Prompt_Here", "Tokens", "Input", "To_Block_0", "Answer", "Weights", "Merges"}
    for file in FILES:
        book = read(folder / file)
        for name in book.sheets.keys() - own:
            if file == "prompt.xlsx" and name == "Predicted_Token":
                assert {formula.rect.left for formula in book.sheets[name].formulas} == {3}  # the ids are given
                continue
            expected, found = (
                [f for f in formulas(of)[name] if not f[1].endswith(",prompt.message)")] for of in (whole, book)
            )  # only prompt.xlsx can refuse a prompt
            if name == "Block_0" or name == "Block_1":  # step 1 is given
                expected = [f for f in expected if f not in expected[1:8]]
                assert len(formulas(whole)[name]) - 1 - len(expected) == 7
            if name == "Predicted_Token":
                refusing = re.compile(r'IF\(prompt\.message="",(.*),""\)')
                expected = [(rect, refusing.sub(r"\1", text)) for rect, text in expected]
            if name == "Layer_Norm":  # its input is on another sheet
                expected = [(rect, re.sub(r"Block_1!C\d+:N\d+", "HERE", text)) for rect, text in expected]
                found = [(rect, re.sub(r"Input!C\d+:N\d+", "HERE", text)) for rect, text in found]
            assert found == expected, name
            compared.add(name)
        for name in whole.names.keys() & book.names.keys():
            if not name.startswith(("config.", "weights.", "merges.", "prompt.text")):
                assert alike(whole.read(name), book.read(name)), (file, name)
                named.add(name)
    assert compared >= whole.sheets.keys() - own
    assert {"wte.weight", "h.0.step_16.output", "ln_f.output", "logits", "next.shown"} <= named


@pytest.mark.parametrize("wrong", [False, True])
def test_a_large_model_becomes_the_same_files_whatever_was_guessed(
    folder: Path, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: bool
) -> None:
    monkeypatch.setattr(split_build, "KEEP_IN_BUILD", 0)
    monkeypatch.setattr(tensors, "_AT_ONCE", 100)
    monkeypatch.setattr(tensors, "_STORED", 100)
    guess = split_build._predict
    monkeypatch.setattr(split_build, "_predict", lambda *given: guess(*given) + wrong)
    made: list[str] = []
    again = build_split(
        str(checkpoint),
        tmp_path / "again",
        prompt="one two",
        context=7,
        max_chars=8,
        candidates=12,
        progress=lambda what, *_: made.append(what),
    )
    assert (made.count("head: reading it back") > 1) == wrong
    for file in FILES:  # what is calculated row by row differs in its last digits from all rows at once
        assert_workbooks_equal(again / file, folder / file, rel_tol=1e-12, abs_tol=1e-12)
    assert [path.name for path in tmp_path.iterdir()] == ["again"]


def test_existing_folders_are_never_touched(checkpoint: Path, folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("precious")
    with pytest.raises(UsageError, match="is there already"):
        build_split(str(checkpoint), mine, prompt="one", context=4)
    with pytest.raises(UsageError, match="is there already"):
        run_split(folder, "two", output=mine)
    assert [path.name for path in mine.iterdir()] == ["notes.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    (tmp_path / "empty").mkdir()
    assert build_split(str(checkpoint), tmp_path / "empty", prompt="one", context=3) == tmp_path / "empty"
    assert sorted(path.name for path in (tmp_path / "empty").iterdir()) == FILES


def test_an_interrupted_build_leaves_nothing(checkpoint: Path, tmp_path: Path) -> None:
    def interrupt(what: str, done: int, total: int) -> None:
        if what.startswith("head: "):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_split(str(checkpoint), tmp_path / "new", prompt="one", context=3, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_without_a_tokenizer_and_with_an_untied_head(tmp_path: Path) -> None:
    folder = random_checkpoint(tmp_path / "m", tie_word_embeddings=False, n_layer=1)
    for name in ("vocab.json", "merges.txt"):
        (folder / name).unlink()
    place = build_split(str(folder), tmp_path / "s", context=6, token_ids=[3, 4])
    one = build(str(folder), tmp_path / "one.xlsx", context=6, token_ids=[3, 4], lenses="none")
    assert "wte.weight" not in read(place / "head.xlsx").sheets
    assert check_split(place, str(folder), PROGRAMS).agrees
    assert run_split(place, token_ids=[9, 8, 7]).ids == run(one, token_ids=[9, 8, 7]).ids


def test_a_lighter_copy_in_several_workbooks(checkpoint: Path, tmp_path: Path) -> None:
    place = build_split(str(checkpoint), tmp_path / "s", prompt="one", context=5, blocks="1,", vocab_limit=400)
    assert sorted(path.name for path in place.iterdir()) == ["block_00.xlsx", "head.xlsx", "prompt.xlsx"]
    for path in place.iterdir():
        words = str(read(path).sheets["Map"].grid[4, 1])
        assert words.startswith("This copy has 1 of 2 blocks (1) and 400 of 1,200 tokens")
        assert "One file cannot write a text alone" in words
    assert check_split(place, str(checkpoint), PROGRAMS).agrees


def test_the_map_of_each_file_says_which_one_it_is(folder: Path) -> None:
    for number, file in enumerate(["prompt.xlsx", "block_00.xlsx", "block_01.xlsx", "head.xlsx"], 1):
        grid = read(folder / file).sheets["Map"].grid
        assert f"part {number} of 4" in str(grid[3, 1])
        column = [value for (row, column), value in grid.items() if column == 4]
        place = column.index("The workbooks, in the order of the flow")
        assert column[place + 1 :] == ["prompt.xlsx", "block_00.xlsx", "block_01.xlsx", "head.xlsx"]


def test_each_part_says_what_a_change_costs(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sheetgpt.layout import notices

    monkeypatch.setattr(notices, "SLOW_ABOVE", 9000)
    model = load_checkpoint(checkpoint)
    for manual in (False, True):
        window = LayoutOptions(
            prompt="one", ids=None, rows=3, digits="exact", candidates=12, limits=None, manual=manual
        )
        books = {part: build_part_book(model, part, window) for part in parts_of(model.config)}
        notes = {part: str(book.sheets["Map"].grid[notices.NOTICE_ROW, 1]) for part, book in books.items()}
        assert {book.manual for book in books.values()} == {manual}
        says = [part for part, note in notes.items() if ("Ctrl+Shift+F9" in note)]
        assert says == (list(books) if manual else ["prompt", "head"])


def test_command(checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = call("build", checkpoint, "--split", "--prompt", "one", "--context", 4)
    assert re.fullmatch(r"small-split: 4 workbooks, \d\.\d MB, written, read back and found equal\n", result.stdout)
    result = call("build", checkpoint, "--split", "--prompt", "one", "--context", 4, "-o", "b", "--json")
    entries = json.loads(result.stdout)
    assert entries == {"folder": "b", "bytes": sum(path.stat().st_size for path in Path("b").iterdir())}
    assert call("run", "b", "--prompt", "two", "--top", 2).exit_code == 0
    result = call("check", "b", "--skip", "LibreOffice", "--skip", "IronCalc")
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("b: every witness and every seam agrees\n")
    assert json.loads(call("check", "b", "--json", "--skip", "LibreOffice").stdout)["agrees"] is True

"""A model in several workbooks: each complete by itself, all of them together the same as one."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from sheetgpt import assert_workbooks_equal
from sheetgpt.book.address import at
from sheetgpt.book.book import Book
from sheetgpt.cli.main import main
from sheetgpt.commands.build import build
from sheetgpt.commands.run import run
from sheetgpt.errors import FormulaError, UsageError, WorkbookError
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.config import Config
from sheetgpt.layout import tensors
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.layout.split import build_part_book
from sheetgpt.schema.split import file_of, layer_of, parts_of, seams_of
from sheetgpt.split import build as split_build
from sheetgpt.split import run as split_run
from sheetgpt.split.build import build_split, reader_of
from sheetgpt.split.run import run_split
from sheetgpt.verification.report import Outcome
from sheetgpt.verification.split import check_split
from sheetgpt.verification.workbook import check
from sheetgpt.witnesses import evaluator
from sheetgpt.witnesses.program import ENGINES
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.damage import with_formula

FILES = ["block_00.xlsx", "block_01.xlsx", "head.xlsx", "prompt.xlsx"]
ENGINES_OFF = ["LibreOffice", "IronCalc"]


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_checkpoint(tmp_path_factory.mktemp("split") / "small")


@pytest.fixture(scope="module")
def folder(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("books") / "folder"
    return build_split(str(checkpoint), place, prompt="one two", context=7, max_chars=8, candidates=12)


@pytest.fixture(scope="module")
def single(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("books") / "one.xlsx"
    return build(str(checkpoint), place, prompt="one two", context=7, max_chars=8, candidates=12)


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


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


@pytest.mark.parametrize("engine", ENGINES)
def test_each_file_is_calculated_by_every_engine(folder: Path, engine: str) -> None:
    if ENGINES[engine].available() is None:
        pytest.skip(f"needs {engine}")
    for file in FILES:
        report = check(folder / file, skip=["reference", *[other for other in ENGINES if other != engine]])
        assert report.agrees, report.as_text()
        assert report.comparisons[engine].cells == report.cells


def test_the_reference_has_a_say_on_every_formula_cell(folder: Path, checkpoint: Path) -> None:
    report = check_split(folder, str(checkpoint), ENGINES_OFF)
    assert report.agrees, report.as_text()
    for part in report.parts.values():
        assert part.comparisons["reference"].cells == part.cells > 0
        assert part.comparisons["evaluator"].cells == part.cells
    assert json.loads(json.dumps(report.as_dict()))["agrees"] is True


def test_a_new_prompt_gives_the_answer_of_the_single_workbook(folder: Path, single: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for options in ({"prompt": "two of"}, {}, {"prompt": "x", "temperature": 2.0, "seed": 5, "top_k": 7}):
        expected, found = run(single, **options), run_split(folder, **options)
        assert (found.prompt, found.ids, found.length) == (expected.prompt, expected.ids, expected.length)
        assert found.continuation == expected.continuation
        assert [c.id for c in found.top] == [c.id for c in expected.top]
        assert np.allclose([c.logit for c in found.top], [c.logit for c in expected.top], rtol=1e-12)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    answer = run_split(folder, "two of", output=tmp_path / "new", temperature=1.5, seed=3)
    assert run_split(tmp_path / "new") == answer
    report = check_split(tmp_path / "new", skip=ENGINES_OFF)
    assert report.agrees, report.as_text()


def test_a_model_too_large_to_stay_in_memory(
    folder: Path, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its books are opened again each time around."""
    expected = run_split(folder, "two")
    monkeypatch.setattr(split_build, "KEEP_IN_BUILD", 0)
    monkeypatch.setattr(split_run, "KEEP_IN_RUN", 0)
    found = run_split(folder, "two")
    assert found.ids == expected.ids
    seen: list[str] = []
    again = build_split(
        str(checkpoint),
        tmp_path / "again",
        prompt="one two",
        context=7,
        max_chars=8,
        candidates=12,
        progress=lambda what, done, total: seen.append(what),
    )
    assert seen.count("calculating block_00") == 1  # not once for each token that is written
    assert check_split(again, skip=ENGINES_OFF).agrees
    assert run_split(again).ids == run_split(folder).ids


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


def damage(file: Path, name: str, value: float | str, row: int = 0) -> str:
    """Write a value into the first cell of a row of a named range."""
    sheet, rect = read(file).locate(name)
    patch(file, file, {sheet: {(rect.top + row, rect.left): value}})
    return sheet


@pytest.mark.parametrize(
    ("file", "name", "value", "words"),
    [
        (
            "block_00",
            "h.0.step_01.input",
            0.5,
            "h.0.step_01.input of block_00.xlsx is not h.0.step_01.input of prompt.xlsx",
        ),
        (
            "block_01",
            "h.1.step_01.input",
            0.5,
            "h.1.step_01.input of block_01.xlsx is not h.0.step_16.output of block_00.xlsx",
        ),
        (
            "head",
            "h.1.step_16.output",
            9.0,
            "h.1.step_16.output of head.xlsx is not h.1.step_16.output of block_01.xlsx",
        ),
        ("block_01", "token.shown", "?", "token.shown of block_01.xlsx is not token.shown of block_00.xlsx"),
        ("head", "token.ids", 7.0, "token.ids of head.xlsx is not token.ids of block_01.xlsx"),
        ("head", "prompt.length", 3.0, "prompt.length of head.xlsx is not prompt.length of block_01.xlsx"),
        ("prompt", "predicted.ids", 7.0, "predicted.ids of prompt.xlsx is not predicted.ids of head.xlsx"),
        ("head", "prompt.text", "other", "prompt.text of head.xlsx is not prompt.text of block_01.xlsx"),
    ],
)
def test_a_damaged_seam_is_named(copy: Path, file: str, name: str, value: float | str, words: str) -> None:
    damage(copy / f"{file}.xlsx", name, value)
    report = check_split(copy, skip=["evaluator", "reference", *ENGINES_OFF])
    assert not report.agrees
    assert any(words in finding for finding in report.findings), report.findings


def test_the_report_of_a_folder_is_short(copy: Path) -> None:
    options = ["--skip", "libreoffice", "--skip", "ironcalc"]
    result = call("check", copy, *options)
    assert result.exit_code == 0, result.output
    short = result.stdout.splitlines()
    assert [line.split(" ")[0] for line in short[:6]] == ["prompt", "answer", "", "witness", "evaluator", "reference"]
    assert len(short) == 8
    assert re.search(r"^evaluator +sheetgpt \S+ +([\d,]+) of \1  0 ", short[4])
    long = call("check", copy, *options, "--steps").stdout.splitlines()
    assert long[-8:] == short
    assert any(line.startswith("block_01.xlsx  ") for line in long)
    assert any(line.split()[:2] == ["Block_1", "h.1.step_06.scores"] for line in long)
    assert "groups" not in call("check", copy, *options, "--json").stdout


def test_a_folder_in_which_a_witness_fails_is_not_compared(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(book: Book) -> None:
        raise FormulaError("no luck")

    monkeypatch.setattr(evaluator, "recalculated_copy", fail)
    report = check_split(copy, skip=ENGINES_OFF)
    assert report.outcome is Outcome.NOT_COMPARED
    assert "evaluator: could not compare: prompt.xlsx: no luck (and 3 more files)\n" in report.as_text()
    assert report.as_text().endswith("NOT FULLY COMPARED: the reference agrees, but the evaluator could not compare")


def test_the_command_names_the_seam(copy: Path) -> None:
    damage(copy / "block_01.xlsx", "h.1.step_01.input", 0.5)
    result = call("check", copy, "--skip", "libreoffice", "--skip", "ironcalc")
    assert result.exit_code == 1
    words = "h.1.step_01.input of block_01.xlsx is not h.0.step_16.output of block_00.xlsx: 1 cells differ, first"
    assert f"! seam: {words} Block_1!C6: 0.5 and" in result.stdout
    assert result.stdout.endswith("copy: DIFFERENCES FOUND\n")


def test_a_file_that_was_recalculated_alone_no_longer_fits(copy: Path) -> None:
    sheet = damage(copy / "block_00.xlsx", "h.0.attn.c_proj.bias", 2.5)
    result = call("recalc", copy / "block_00.xlsx", "-o", copy / "block_00.xlsx")
    assert result.exit_code == 0, result.output
    report = check_split(copy, skip=ENGINES_OFF)
    assert any("step_01.input of block_01.xlsx is not h.0.step_16" in finding for finding in report.findings)
    first = report.parts["block_00.xlsx"]
    assert first.comparisons["evaluator"].agrees
    assert any(f"{sheet} no longer has the fingerprint" in finding for finding in first.findings)
    changed = run_split(copy, "two", output=copy.parent / "carried")
    report = check_split(copy.parent / "carried", skip=["reference", *ENGINES_OFF])
    assert report.findings == []  # run has carried the change through
    assert changed.ids == run_split(copy.parent / "carried").ids


def test_changed_formulas_weights_and_values_are_found(copy: Path, checkpoint: Path, tmp_path: Path) -> None:
    damage(copy / "block_01.xlsx", "h.1.step_13.c_fc", 99.0)
    damage(copy / "head.xlsx", "wte.weight", 0.25)
    gelu = next(f for f in read(copy / "block_00.xlsx").sheets["Block_0"].formulas if "0.044715" in f.text)
    with_formula(copy / "block_00.xlsx", tmp_path / "b.xlsx", "Block_0", gelu, gelu.text.replace("44715", "44716"))
    shutil.move(tmp_path / "b.xlsx", copy / "block_00.xlsx")
    text = check_split(copy, str(checkpoint), ENGINES_OFF).as_text()
    assert re.search(r"! block_01.xlsx: first difference: h.1.step_13.c_fc: Block_1!C\d+: 99 and", text)
    assert f"@@ Block_0!{at(gelu.rect.top, gelu.rect.left)} @@" in text
    assert "! head.xlsx: weight changed since the workbook was built: wte.weight" in text
    assert re.search(r"! head.xlsx: weight differs from .*'wte.weight'!B4 in wte.weight holds 0.25", text)


def test_files_of_another_model_do_not_fit(copy: Path, checkpoint: Path, tmp_path: Path) -> None:
    other = random_checkpoint(tmp_path / "other", seed=3)
    strange = build_split(str(other), tmp_path / "strange", prompt="one two", context=7, max_chars=8, candidates=12)
    shutil.copy(strange / "head.xlsx", copy / "head.xlsx")
    findings = check_split(copy, skip=["evaluator", "reference", *ENGINES_OFF]).findings
    assert "head.xlsx was written with another wte.weight than prompt.xlsx" in findings
    wider = random_checkpoint(tmp_path / "wider", n_head=2)
    strange = build_split(str(wider), tmp_path / "strange2", prompt="one two", context=7, max_chars=8, candidates=12)
    shutil.copy(strange / "head.xlsx", copy / "head.xlsx")
    findings = check_split(copy, skip=["evaluator", "reference", *ENGINES_OFF]).findings
    assert findings == ["head.xlsx is of a model with another configuration than prompt.xlsx"]


def test_folders_that_lack_a_file(copy: Path, tmp_path: Path) -> None:
    (copy / "block_00.xlsx").unlink()
    for verb in (["run", copy], ["check", copy]):
        result = call(*verb)
        assert (result.exit_code, "lacks block_00.xlsx" in result.stderr) == (2, True), result.output
    (tmp_path / "empty").mkdir()
    with pytest.raises(WorkbookError, match=r"holds no prompt.xlsx.*\nHint: sheetgpt build --split"):
        reader_of(tmp_path / "empty")
    shutil.copy(copy / "head.xlsx", copy / "block_00.xlsx")
    with pytest.raises(WorkbookError, match=r"block_00.xlsx is head, not block_00\nHint: was it renamed"):
        run_split(copy)


def test_one_file_alone_does_not_answer(folder: Path) -> None:
    for file in FILES:
        result = call("run", folder / file)
        assert result.exit_code == 2
        assert re.search(r"one of several workbooks of a model .*\nHint: give the folder", result.stderr)


def test_prompts_that_do_not_fit(folder: Path, copy: Path) -> None:
    for prompt, words in (("", "empty"), ("x" * 21, "rows for tokens"), ("🇫🇷" * 6, "rows for tokens|too long")):
        with pytest.raises(UsageError, match=words):
            run_split(folder, prompt)
    damage(copy / "prompt.xlsx", "prompt.text", "")
    call("recalc", copy / "prompt.xlsx", "-o", copy / "prompt.xlsx")
    with pytest.raises(UsageError, match="the workbook says: The prompt is empty"):
        run_split(copy)


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
    one = build(str(folder), tmp_path / "one.xlsx", context=6, token_ids=[3, 4])
    assert "wte.weight" not in read(place / "head.xlsx").sheets
    assert check_split(place, str(folder), ENGINES_OFF).agrees
    assert run_split(place, token_ids=[9, 8, 7]).ids == run(one, token_ids=[9, 8, 7]).ids


def test_a_lighter_copy_in_several_workbooks(checkpoint: Path, tmp_path: Path) -> None:
    place = build_split(str(checkpoint), tmp_path / "s", prompt="one", context=5, blocks="1,", vocab_limit=400)
    assert sorted(path.name for path in place.iterdir()) == ["block_00.xlsx", "head.xlsx", "prompt.xlsx"]
    for path in place.iterdir():
        words = str(read(path).sheets["Map"].grid[4, 1])
        assert words.startswith("This copy has 1 of 2 blocks (1) and 400 of 1,200 tokens")
        assert "One file cannot write a text alone" in words
    assert check_split(place, str(checkpoint), ENGINES_OFF).agrees


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

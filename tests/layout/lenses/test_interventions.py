"""What is done to the model on its sheets: Switches with means, Positions, Steering, Endoftext."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sheetgpt.book.book import Book
from sheetgpt.commands.build import build
from sheetgpt.commands.recalc import recalc
from sheetgpt.commands.run import run
from sheetgpt.commands.steer import Contrast, steer
from sheetgpt.errors import UsageError
from sheetgpt.evaluator import Calculator, recalculate
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.interventions import Interventions, Steering, Switches
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.part_means import REFERENCE_TEXTS, part_means, reference_prompts
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.schema.names import tokenizer_of
from sheetgpt.schema.prompt_limits import Limits, too_many_beside
from sheetgpt.verification.workbook import check
from sheetgpt.witnesses.reference.workbook import expected_values
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.command_line import assert_refused, call
from support.lenses import IDS, ROWS, all_lenses, assert_lenses_are_those_of_the_reference
from support.paths import MINI

ENDS = Tokenizer.from_folder(MINI).ids["<|endoftext|>"]  # small_model has the same vocabulary
ALL: dict[str, Any] = {  # something of everything
    "switch.h.0": 0.25,
    "switch.h.0.mlp": -1.0,
    "switch.h.1.head.2": 0.0,
    "switch.typed_instead": "mean",
    "steering.typed_strength": 1.5,
    "steering.typed_block": 1.0,
    "steering.typed_first": 2.0,
    "steering.typed_last": 4.0,
    "steering.typed_source": "two words",
    "steering.typed_plus": 300.0,
    "steering.typed_minus": 77.0,
    "steering.typed_centred": "Yes",
    "positions.typed_code": "sinusoids",
    "endoftext.typed": 1.0,
}


def changed(book: Book, cells: dict[str, Any]) -> Book:
    """The book with cells typed, calculated."""
    calculator = Calculator(book)
    for name, value in cells.items():
        calculator.set(name, value)
    calculator.update()
    return book


@pytest.mark.parametrize("ids", [IDS, None])
def test_with_nothing_done_every_step_is_as_without_lenses(small_model: Model, ids: list[int] | None) -> None:
    limits = None if ids else Limits(8)
    options: dict[str, Any] = {"prompt": "He is", "ids": ids, "rows": ROWS, "limits": limits}
    plain = build_book(small_model, LayoutOptions(**options))
    book = build_book(small_model, LayoutOptions(**options, lenses=("all",)))
    recalculate(plain)
    changed(book, {"endoftext.typed": 0.0, "steering.typed_strength": 0.0, "steering.typed_direction": 7.0})
    names = [*small_model.config.activations(ROWS), "token.ids", "prompt.length", "continuation.text"]
    for name in names:
        one, other = (values.read(name).ravel().tolist() for values in (plain, book))
        for a, b in zip(one, other, strict=True):
            assert a == (pytest.approx(b, abs=1e-12) if isinstance(a, float) else b), name


@pytest.mark.parametrize(
    "cells",
    [
        ALL,
        {"switch.typed_instead": "MEAN", "switch.h.1": 0.0, "steering.typed_strength": "x"},
        {"positions.typed_code": "Off", "steering.typed_strength": -2.0, "steering.typed_direction": 0.5},
        {"positions.typed_code": "none", "endoftext.typed": True, "endoftext.id": "x", "steering.typed_block": 9.0},
        {"endoftext.typed": 2.0, "endoftext.id": 17.4, "steering.typed_first": 5.0, "steering.typed_last": 3.0},
        {"steering.typed_source": "two words", "steering.typed_minus": 5.0, "steering.typed_strength": 1.0},
    ],
)
def test_any_interventions_are_those_of_the_reference(small_model: Model, cells: dict[str, Any]) -> None:
    book = changed(all_lenses(small_model), cells)
    assert_lenses_are_those_of_the_reference(book)
    grids, _ = expected_values(book)
    for name in ("h.1.step_16.output", "token.ids", "probabilities"):
        sheet, rect = book.locate(name)
        assert book.read(name).astype(float) == pytest.approx(grids[sheet].read(rect).astype(float), abs=1e-12), name
    assert abs(book.read("attribution.difference").item()) < 1e-10


def test_the_sheets_do_what_python_does(small_model: Model) -> None:
    """All at once, said in Python by hand; heads, MLP and block with their means."""
    book, config, tensors = changed(all_lenses(small_model), ALL), small_model.config, small_model.tensors
    means = part_means(config, tensors, reference_prompts(config, small_model.tokenizer))
    on = Switches.off(config, "h.1.head.2", means=means)
    on.block[0], on.mlp[0] = 0.25, -1.0
    direction = tensors["wte.weight"][300] - tensors["wte.weight"][77]
    steering = Steering(direction - direction.mean(), 1.5, 1, 2, 4)
    given = Interventions(on, "sinusoids", steering)
    ids = forward.generate(config, tensors, [ENDS, *IDS], ROWS, interventions=given)
    assert book.read("token.ids").ravel().tolist() == ids
    logits = forward.logits(config, tensors, ids, given).T
    assert book.read("logits") == pytest.approx(logits, abs=1e-11)
    assert [row.item() for row in book.read("switch.mean_prompts")] == list(REFERENCE_TEXTS)


@pytest.mark.parametrize("by_text", [True, False])
def test_endoftext_moves_all_rows_down(small_model: Model, by_text: bool) -> None:
    assert small_model.tokenizer is not None
    ids = small_model.tokenizer.encode("He is")
    options = LayoutOptions(
        prompt="He is",
        ids=None if by_text else ids,
        rows=7,
        limits=Limits(8) if by_text else None,
        lenses=("endoftext",),
    )
    book = changed(build_book(small_model, options), {"endoftext.typed": 1.0})
    plain = build_book(small_model, LayoutOptions(prompt="p", ids=[ENDS, *ids], rows=7))
    recalculate(plain)
    for name in (*small_model.config.activations(7), "token.ids", "prompt.length", "continuation.text", "next.shown"):
        assert book.read(name).tolist() == plain.read(name).tolist(), name
    assert book.read("prompt.ids").ravel().tolist()[: len(ids)] == ids
    assert book.read("window.shown").ravel().tolist()[0] == "<|endoftext|>"


@pytest.mark.parametrize("by_text", [True, False])
def test_a_prompt_that_leaves_no_row_for_endoftext_is_refused(
    small_model: Model, by_text: bool, tmp_path: Path
) -> None:
    assert small_model.tokenizer is not None
    text = "He is no"
    ids = small_model.tokenizer.encode(text)
    rows = len(ids)
    given: dict[str, Any] = {"prompt": text, "max_chars": 8} if by_text else {"token_ids": ids}
    path = build(
        str(random_checkpoint(tmp_path / "m")), tmp_path / "a.xlsx", context=rows, lenses=["endoftext"], **given
    )
    book = changed(read(path), {"endoftext.typed": 1.0})
    assert book.read("prompt.message").item() == too_many_beside(rows)
    assert all(value == "" for value in book.read("next.top.shown").ravel())
    again: dict[str, Any] = {"prompt": text} if by_text else {"token_ids": ids}
    with pytest.raises(UsageError, match=f"takes {rows - 1} tokens"):
        run(path, set={"endoftext.typed": 1}, **again)
    with pytest.raises(UsageError, match=f"takes {rows - 1} tokens"):
        run(path, set={"endoftext.typed": 1})
    assert run(path, set={"endoftext.typed": 0}, **again).length == rows
    recalc(path, tmp_path / "b.xlsx", set={"endoftext.typed": 1})
    report = check(tmp_path / "b.xlsx", skip=["LibreOffice", "IronCalc"])
    assert "no prompt" in report.absent["reference"]
    assert report.agrees, report.as_text()


def test_a_vocabulary_without_endoftext_says_so_and_takes_another_token(tmp_path: Path) -> None:
    checkpoint = str(random_checkpoint(tmp_path / "m"))
    path = build(checkpoint, tmp_path / "a.xlsx", token_ids=[5], context=4, vocab_limit=300, lenses=["endoftext"])
    book = changed(read(path), {"endoftext.typed": 1.0})
    assert [book.read(f"endoftext.{name}").item() for name in ("id", "on", "token")] == [None, 0, -1]
    assert book.read("prompt.length").item() == 1
    assert changed(book, {"endoftext.id": 9.0}).read("token.ids").ravel().tolist()[:2] == [9, 5]


def test_the_whole_model_is_stored_for_the_prompt_of_the_build(small_model: Model) -> None:
    book = build_book(
        small_model,
        LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("switches", "endoftext", "positions", "steering")),
    )
    calculator = Calculator(book)

    def change(cells: dict[str, Any]) -> None:
        for name, value in cells.items():
            calculator.set(name, value)
        calculator.update()

    change({"switch.typed_token": 40.0, "switch.h.0.mlp": 0.0})
    plain = forward.activations(small_model.config, small_model.tensors, IDS)
    row = len(IDS) - 1
    stored = [book.read(f"switch.stored_{name}").item() for name in ("logit", "probability")]
    assert stored == pytest.approx([plain["logits"][40, row], plain["probabilities"][40, row]], abs=1e-12)
    now = [book.read(f"switch.{name}").item() for name in ("logit", "probability")]
    differences = [book.read(f"switch.change_of_{name}").item() for name in ("logit", "probability")]
    assert differences == pytest.approx(np.subtract(now, stored), abs=1e-12)
    assert differences[0] != pytest.approx(0, abs=1e-3)
    change({"switch.typed_position": 2.0})
    assert book.read("switch.stored_logit").item() == ""
    assert "no comparison" in book.read("switch.stored_note").item()
    change({"switch.typed_position": None, "Prompt_to_Tokens!B5": 20.0})
    assert book.read("switch.change_of_logit").item() == ""
    change({"Prompt_to_Tokens!B5": float(IDS[0]), "Prompt_to_Tokens!B10": 20.0})  # one token more
    assert book.read("switch.change_of_logit").item() == ""
    change({"Prompt_to_Tokens!B10": None})
    assert book.read("switch.change_of_logit").item() != ""
    for name, value in (("endoftext.typed", 1.0), ("positions.typed_code", "off"), ("steering.typed_strength", 0.5)):
        change({name: value})  # then the difference is not what the switches do
        assert book.read("switch.change_of_logit").item() == "", name
        change({name: None})


def test_means_of_a_model_without_a_tokenizer(small_model: Model) -> None:
    book = all_lenses(Model("bare", small_model.config, small_model.tensors, None))
    assert tokenizer_of(book) is None
    assert book.read("endoftext.id").item() is None
    assert "ids 0, 1, 2 ..." in book.read("switch.mean_prompts")[0, 0]
    changed(book, {"switch.typed_instead": "mean", "switch.h.1.mlp": 0.5})
    assert_lenses_are_those_of_the_reference(book)


def small_workbook(tmp_path: Path, **options: Any) -> Path:
    given: dict[str, Any] = {"prompt": "He is", "context": 8, "max_chars": 12, "lenses": ["all"]} | options
    return build(str(random_checkpoint(tmp_path / "m")), tmp_path / "a.xlsx", **given)


def test_check_knows_what_was_calculated_at_build(tmp_path: Path) -> None:
    path = small_workbook(tmp_path)
    left_out = ["LibreOffice", "IronCalc"]
    run(path, "A", output=tmp_path / "b.xlsx", set=ALL)
    report = check(tmp_path / "b.xlsx", skip=left_out)
    assert report.agrees, report.as_text()
    assert report.interventions == run(tmp_path / "b.xlsx").interventions
    assert report.interventions == [
        "Switches: means in place of what is off.",
        "Steering: before block 1.",
        "Positions: sinusoids.",
        "Endoftext: in front.",
    ]
    note = "Switches: 3 off or changed. Steering: before block 1. Positions: sinusoids. Endoftext: in front. "
    for sheet in ("Map", "Type_Prompt_Here", "Block_0", "Steering"):
        assert note in [value for _, value in read(tmp_path / "b.xlsx").sheets[sheet].grid.items()], sheet
    for text in ("far too long a prompt for this", ""):
        recalc(path, tmp_path / "refused.xlsx", set={"prompt.text": text or None})
        report = check(tmp_path / "refused.xlsx", skip=left_out)
        assert report.agrees, report.as_text()
    book = read(path)
    for name, value in (("switch.mean_mlp", 9.0), ("switch.stored_logits", 9.0), ("switch.mean_prompts", "Other.")):
        sheet, rect = book.locate(name)
        patch(path, tmp_path / "c.xlsx", {sheet: {(rect.top, rect.left): value}})
        findings = check(tmp_path / "c.xlsx", skip=[*left_out, "evaluator", "reference"]).findings
        assert findings == [f"not as sheetgpt writes it: {name} is not what the weights in this workbook give"]


def test_a_first_difference_names_the_lens(tmp_path: Path) -> None:
    path = small_workbook(tmp_path)
    for name in ("switch.instead_heads", "positions.sinusoids"):
        sheet, rect = read(path).locate(name)
        patch(path, tmp_path / "b.xlsx", {sheet: {(rect.top, rect.left): 7.0}})
        report = check(tmp_path / "b.xlsx", skip=["LibreOffice", "IronCalc"])
        assert report.first is not None
        assert report.first.step == name


def test_every_program_agrees_on_all_interventions(tmp_path: Path) -> None:
    path = small_workbook(tmp_path)
    recalc(path, tmp_path / "b.xlsx", set=ALL)
    report = check(tmp_path / "b.xlsx")
    assert report.agrees, report.as_text()


def test_a_switch_is_set_by_its_name(tmp_path: Path) -> None:
    path = small_workbook(tmp_path)
    found = run(path, set={"switch.h.1.head.2": 0, "switch.h.0.mlp": 0.5, "switch.h.0": 2}).switches
    assert found == {"h.1.head.2": 0.0, "h.0.mlp": 0.5, "h.0": 2.0}
    result = call("run", path, "--set", "switch.h.1.head.2=0", "--set", "endoftext.typed=1")
    assert "switches: h.1.head.2 at 0" in result.stdout
    assert "Endoftext: in front." in result.stdout
    assert_refused(call("run", path, "--set", "switch.h.9=0"), "blocks are 0 to 1, heads 0 to 2")
    assert_refused(call("run", path, "--set", "switch.h.1=off"), "'off' is no number")
    assert_refused(call("run", path, "--set", "switch.message=0"), "holds a formula")
    assert_refused(call("run", tmp_path / "m", "--set", "switch.h.1=0"), "no lenses to set")


@pytest.mark.parametrize("row", ["last", "mean"])
def test_steer_adds_the_difference_of_two_prompts(tmp_path: Path, row: Any) -> None:
    path = small_workbook(tmp_path, lenses=["steering", "endoftext"])
    model = load_checkpoint(tmp_path / "m")
    assert model.tokenizer is not None
    recalc(path, path, set={"endoftext.typed": 1, "steering.typed_strength": 9})
    answer = steer(path, tmp_path / "b.xlsx", Contrast("Mike", "A b", row), 1, 2.5)

    def state(text: str) -> np.ndarray:
        ids = [ENDS, *model.tokenizer.encode(text)]  # type: ignore[union-attr]
        rows = forward.activations(model.config, model.tensors, ids)["h.1.step_01.input"]
        return np.asarray(rows[-1] if row == "last" else rows[1:].mean(axis=0))

    direction = state("Mike") - state("A b")
    book = read(tmp_path / "b.xlsx")
    assert book.read("steering.direction")[0] == pytest.approx(direction, abs=1e-12)
    assert book.read("prompt.text").item() == answer.prompt == "He is"
    given = Interventions(steering=Steering(direction, 2.5, 1))
    ids = [ENDS, *model.tokenizer.encode("He is")]
    logits = forward.logits(model.config, model.tensors, ids, given)[-1]
    assert answer.top[0].logit == pytest.approx(logits.max(), abs=1e-9)
    assert answer.interventions == ["Steering: before block 1.", "Endoftext: in front."]
    again = steer(tmp_path / "b.xlsx", tmp_path / "c.xlsx", Contrast("Mike", "A b", row), 1, 2.5)
    assert again == answer  # what it was steered by does not count


def test_steer_refuses_what_makes_no_sense(tmp_path: Path) -> None:
    plain = build(str(random_checkpoint(tmp_path / "m")), tmp_path / "p.xlsx", token_ids=[5], context=3, lenses="none")
    prompts = ["--plus", "A", "--minus", "B", "--strength", 1, "-o", tmp_path / "b.xlsx"]
    assert_refused(call("steer", plain, *prompts, "--block", 0), "no sheet Steering")
    path = small_workbook(tmp_path, lenses=["steering"])
    assert_refused(call("steer", path, *prompts, "--block", 2), "no block 2")
    assert_refused(call("steer", path, *prompts, "--block", 0, "--plus", "far too long a prompt"), "8 rows for tokens")
    assert_refused(call("steer", path, *prompts, "--block", 0, "--strength", "inf"), "no finite number")
    assert not (tmp_path / "b.xlsx").exists()

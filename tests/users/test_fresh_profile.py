"""Workbooks as people open them: LibreOffice with a fresh profile and its own settings, the file as it was saved.

Nothing is recalculated but what the program recalculates by itself, and nothing is read before the first key. What
stands there then must be what the evaluator gives for the same input.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import pytest

from sheetgpt.book.address import at, reference
from sheetgpt.book.book import Book
from sheetgpt.book.values import Value
from sheetgpt.commands.build import build
from sheetgpt.commands.recalc import recalc
from sheetgpt.evaluator import Calculator
from sheetgpt.schema.answer import answer_names
from sheetgpt.split.build import build_split
from sheetgpt.verification import as_used
from sheetgpt.verification.split import check_split
from sheetgpt.verification.workbook import check
from sheetgpt.witnesses import libreoffice
from sheetgpt.witnesses.evaluator import recalculated_copy
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint

PROMPTS = [
    "If today is Tuesday, tomorrow is",
    "Mike is quick. He moves",
    "The capital of France is",
    "The opposite of hot is",
    "The French word for cat is",
    "The number after one is",
    "Serena Williams plays the sport of",
    "=1+1",
    "Hello, world!",
    "né 日本 😀",
    "  two  spaces",
    "he'll, we've, IT'S",
    "A",
    "<|endoftext|>",
]
ROUNDINGS = 1e-9  # of a probability: as for `check`

Inputs = Mapping[str, Value]  # a cell, or a name for its first cell -> what is typed there
Shown = dict[str, list[list[Value]]]  # name -> the values of its cells


pytestmark = pytest.mark.skipif(
    libreoffice.available() is None, reason=f"needs LibreOffice: {libreoffice.how_to_install}"
)


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("mini", tmp_path_factory.mktemp("users") / "mini.xlsx")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random model of its own lm_head, three heads, scaled by layer, and an odd window."""
    folder = tmp_path_factory.mktemp("odd")
    checkpoint = random_checkpoint(
        folder / "m", 3, tie_word_embeddings=False, scale_attn_by_inverse_layer_idx=True, n_inner=20
    )
    return build(str(checkpoint), folder / "odd.xlsx", prompt="one", context=9, candidates=11, lenses="none")


@lru_cache(maxsize=1)
def evaluator_of(path: Path) -> tuple[Book, Calculator]:
    """The workbook in the evaluator, with the values that the file holds."""
    book = read(path)
    return book, Calculator(book, calculated=True)


def expected(path: Path, inputs: list[Inputs]) -> list[Shown]:
    """What the evaluator gives for the answers: of the file as it is, then after each of some inputs."""
    book, calculator = evaluator_of(path)
    names = answer_names(book)
    found = [{name: book.read(name).tolist() for name in names}]
    before: dict[str, Value] = {}
    for cells in inputs:
        for place, value in cells.items():
            cell = first_cell(book, place)
            before.setdefault(cell, book.read(cell)[0, 0])
            calculator.set(cell, value)
        calculator.update()
        found.append({name: book.read(name).tolist() for name in names})
    for cell, value in before.items():
        calculator.set(cell, value)
    calculator.update()
    return found


def first_cell(book: Book, place: str) -> str:
    """The first cell of a range or name."""
    sheet, rect = book.locate(place)
    return reference(sheet, at(rect.top, rect.left))


def typed(path: Path, inputs: list[Inputs], key: str = "") -> list[Shown]:
    """What LibreOffice shows in the same cells when a user types the same; `key`: what is pressed after it."""
    book, found = evaluator_of(path)[0], []
    with libreoffice.UserSession() as session:
        session.open(path)
        for cells in inputs:
            for place, value in cells.items():
                sheet, rect = book.locate(place)
                session.set(sheet, (rect.top, rect.left), value)
            if key == "Ctrl+Shift+F9":
                session.recalculate()
            found.append({name: session.read(*book.locate(name)).tolist() for name in answer_names(book)})
    return found


def agree(path: Path, inputs: list[Inputs], key: str = "") -> None:
    """Assert that LibreOffice, as a user has it, shows what the evaluator gives, and that the answer moves at all."""
    (before, *wanted), seen = expected(path, inputs), typed(path, inputs, key)
    for cells, ours, theirs in zip(inputs, wanted, seen, strict=True):
        assert ours != before, "an input that moves no answer shows nothing"
        for name, rows in ours.items():
            same(theirs[name], rows, f"{name} after {cells}")


def same(seen: list[list[Value]], wanted: list[list[Value]], what: str) -> None:
    """Assert that numbers are near each other, all else equal; LibreOffice has no blank beside the empty text."""
    for row, other in zip(seen, wanted, strict=True):
        for a, b in zip(row, other, strict=True):
            if isinstance(a, float) and isinstance(b, float):
                assert a == pytest.approx(b, abs=ROUNDINGS, rel=ROUNDINGS), what
            else:
                assert (a or "") == (b or ""), what


@pytest.mark.parametrize("prompt", PROMPTS[4:11])  # the others come one after the other, below: a start takes seconds
def test_the_first_prompt_typed_is_answered(mini: Path, prompt: str) -> None:
    agree(mini, [{"prompt.text": prompt}])


@pytest.mark.parametrize("cell", ["wte.weight!B513", "h.3.mlp.c_proj.weight!C20"])
def test_a_weight_changed_first_has_its_effect(mini: Path, cell: str) -> None:
    agree(mini, [{cell: 30.0}])


def test_settings_changed_first_have_their_effect(mini: Path) -> None:
    agree(
        mini, [{"sampling.temperature": 2.0}, {"sampling.seed": 7.0}, {"sampling.temperature": 0.0, "prompt.text": "A"}]
    )


def test_prompt_after_prompt_in_one_window(mini: Path) -> None:
    agree(mini, [{"prompt.text": prompt} for prompt in PROMPTS[:4] + PROMPTS[11:]])


def test_a_weight_between_prompts(mini: Path) -> None:
    agree(mini, [{"prompt.text": PROMPTS[1]}, {"ln_f.bias!D4": 9.0}, {"prompt.text": PROMPTS[2]}])


def test_a_lighter_copy(tmp_path: Path) -> None:
    path = build("mini", tmp_path / "lighter.xlsx", prompt="The", blocks="2", vocab_limit=600)
    agree(path, [{"prompt.text": "He is"}, {"h.1.ln_1.bias!B4": 20.0}])


def test_an_odd_configuration(odd: Path) -> None:
    agree(odd, [{"prompt.text": "two"}, {"lm_head.weight!B4": 30.0}])


def test_ids_as_numbers(tmp_path: Path) -> None:
    path = build("mini", tmp_path / "ids.xlsx", token_ids=[715, 684, 442], lenses="none")
    agree(path, [{"Prompt_to_Tokens!B5": 20.0}, {"Prompt_to_Tokens!B8": 276.0}])


def test_a_workbook_calculated_on_request_with_the_key_that_it_names(tmp_path: Path) -> None:
    path = build("mini", tmp_path / "manual.xlsx", manual=True, lenses="none")
    notes = [str(value) for _, value in read(path).sheets["Map"].grid.items() if "Ctrl+Shift+F9" in str(value)]
    assert len(notes) == 1
    agree(path, [{"prompt.text": prompt} for prompt in PROMPTS[:3]], key="Ctrl+Shift+F9")


def test_each_file_of_a_folder(tmp_path: Path) -> None:
    folder = build_split("mini", tmp_path / "parts")
    inputs: dict[str, Inputs] = {
        "prompt.xlsx": {"prompt.text": "If today is Tuesday, tomorrow is"},
        "block_00.xlsx": {"h.0.step_01.input": 3.0},
        "block_03.xlsx": {"h.3.attn.c_attn.weight!B4": 30.0},
        "head.xlsx": {"ln_f.bias!B4": 30.0},
    }
    for name, cells in inputs.items():
        agree(folder / name, [cells])


@pytest.fixture(scope="module")
def interventions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sheets on which things are done to the model; a direction is there, with no strength."""
    path = tmp_path_factory.mktemp("interventions") / "mini.xlsx"
    build("mini", path, lenses=["switches", "steering", "positions", "endoftext"])
    direction: dict[str, Value] = {"steering.typed_source": "two words", "steering.typed_plus": 526.0}
    recalc(path, path, set=direction | {"steering.typed_block": 2.0})
    return path


@pytest.mark.parametrize(
    "cells",
    [
        {"switch.h.0.mlp": 0.0},
        {"switch.h.1": 0.0, "switch.typed_instead": "mean"},
        {"steering.typed_strength": 30.0},
        {"positions.typed_code": "off"},
        {"endoftext.typed": 1.0},
    ],
)
def test_an_intervention_typed_first_has_its_effect(interventions: Path, cells: Inputs) -> None:
    agree(interventions, [cells, {"prompt.text": "Mike is quick. He moves"}])


def test_what_is_shown_before_any_key_is_what_the_file_holds(mini: Path, odd: Path) -> None:
    for path in (mini, odd):
        book = read(path)
        with libreoffice.UserSession() as session:
            session.open(path)
            for name in answer_names(book):
                same(session.read(*book.locate(name)).tolist(), book.read(name).tolist(), name)


def test_check_finds_an_answer_that_did_not_move(mini: Path) -> None:
    """What LibreOffice shows where ordinary formulas read array formulas: the stored answer, whatever is typed."""
    book = read(mini)
    change = as_used.other_input(book)
    assert change is not None
    stale = {sheet: book.sheets[sheet].grid for sheet in {book.locate(name)[0] for name in answer_names(book)}}
    copy, calculator = recalculated_copy(book)
    found = list(as_used.answer_findings(copy, calculator, stale, change))
    assert len(found) == 1
    assert found[0].startswith(
        "LibreOffice with its own settings answers wrongly when Type_Prompt_Here!B4 has become 'A'"
    )
    right = {name: sheet.grid for name, sheet in copy.sheets.items() if name in stale}
    assert list(as_used.answer_findings(copy, calculator, right, change)) == []


def test_check_asks_as_a_user(mini: Path) -> None:
    report = check(mini, skip=["reference", "IronCalc"])
    assert report.agrees, report.as_text()
    assert report.comparisons[as_used.NAME].cells == report.cells


def test_check_of_each_file_asks_as_a_user(tmp_path: Path) -> None:
    report = check_split(build_split("mini", tmp_path / "parts"), skip=["reference", "IronCalc"])
    assert report.agrees, report.as_text()
    assert all(as_used.NAME in part.comparisons for part in report.parts.values())


def test_an_input_to_try_is_another_one(mini: Path) -> None:
    book = read(mini)
    change = as_used.other_input(book)
    assert change is not None
    assert change.held == book.read("prompt.text")[0, 0] != change.typed
    assert as_used.other_input(Book()) is None

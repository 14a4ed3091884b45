"""The lens Switches, against the reference, the transformers library and known values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.values import ErrorValue
from sheetgpt.commands.build import build
from sheetgpt.commands.recalc import recalc
from sheetgpt.commands.run import run
from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.lenses.lens import LENSES
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.schema.prompt_limits import Limits
from sheetgpt.verification.report import Outcome
from sheetgpt.verification.workbook import check
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.lenses import IDS, ROWS, all_lenses, assert_lenses_are_those_of_the_reference, calculated
from support.paths import MINI

OFF = {"h.0.head.0": 0.071, "h.3.head.3": 0.991, "h.0.mlp": 0.001, "h.1.mlp": 0.006, "h.2.mlp": 0.446, "h.3.mlp": 0.196}


@pytest.mark.parametrize(("part", "probability"), OFF.items())
def test_known_ablations_of_the_bundled_model(part: str, probability: float) -> None:
    """Of " basketball" after "Michael Jordan plays the sport of", also measured apart from this code."""
    model = load_checkpoint(MINI)
    assert model.tokenizer is not None
    ids = model.tokenizer.encode("Michael Jordan plays the sport of")
    (token,) = model.tokenizer.encode(" basketball")
    off = forward.Switches.off(model.config, part)
    likely = forward.softmax(forward.logits(model.config, model.tensors, ids, off))[-1, token]
    assert likely == pytest.approx(probability, abs=0.0006)


def test_a_block_that_is_off_passes_its_input_on(small_model: Model) -> None:
    a = forward.activations(
        small_model.config, small_model.tensors, IDS, forward.Switches.off(small_model.config, "h.1")
    )
    assert a["h.1.step_16.output"].tolist() == a["h.1.step_01.input"].tolist()


def test_switches_change_what_is_after_them(small_model: Model) -> None:
    """Any mixture of switches, blanks and texts among them: all lenses and the model itself follow."""
    book = all_lenses(small_model)
    before = book.read("h.0.step_16.output").copy(), book.read("h.1.step_16.output").copy()
    calculator = calculated(book)
    calculator.set("switch.typed_heads", np.array([[1.0, 1.0, 1.0], [0.0, 0.5, 2.0]], dtype=object))
    calculator.set("switch.typed_block", np.array([[None], [0.25]], dtype=object))
    calculator.set("switch.typed_mlp", np.array([["off"], [-1.0]], dtype=object))
    calculator.update()
    assert np.array_equal(book.read("h.0.step_16.output"), before[0])
    assert not np.allclose(book.read("h.1.step_16.output"), before[1])
    assert book.read("attribution.difference").item() == pytest.approx(0.0, abs=1e-12)
    assert_lenses_are_those_of_the_reference(book)


def test_every_program_agrees_when_parts_are_off_and_everybody_is_told(tmp_path: Path) -> None:
    path = build("mini", tmp_path / "a.xlsx", prompt="The", blocks="2", vocab_limit=600, lenses=["all"])
    recalc(path, tmp_path / "off.xlsx", set={"switch.h.1.head.2": 0})
    report = check(tmp_path / "off.xlsx")
    assert report.agrees, report.as_text()
    assert report.switches == run(tmp_path / "off.xlsx").switches == {"h.1.head.2": 0.0}
    assert "h.1.head.2 at 0: not the whole model" in report.as_text()
    notes = [value for _, value in read(tmp_path / "off.xlsx").sheets["Type_Prompt_Here"].grid.items()]
    told = "Switches: 1 off or changed. "
    assert told in notes
    assert told in [value for _, value in read(tmp_path / "off.xlsx").sheets["Map"].grid.items()]
    assert run(path).switches == {}


@pytest.mark.parametrize("value", [1e300, 1e200, -1e9])
def test_a_switch_beyond_all_bounds_is_reported_on(tmp_path: Path, value: float) -> None:
    model = random_checkpoint(tmp_path / "model")
    path = build(str(model), tmp_path / "a.xlsx", token_ids=IDS, context=6, vocab_limit=300, lenses=["all"])
    recalc(path, tmp_path / "far.xlsx", set={"switch.h.0.head.0": value})
    report = check(tmp_path / "far.xlsx", skip=["LibreOffice", "IronCalc"])
    if abs(value) > 1e100:  # a square of it is beyond float64: errors in the sheet, and nothing that numpy could say
        assert report.failed == {"reference": "numbers of the model pass what float64 holds"}
        assert report.outcome is Outcome.NOT_COMPARED
    else:
        assert report.agrees, report.as_text()


def test_a_refused_prompt_leaves_no_lens_with_numbers(small_model: Model) -> None:
    options = LayoutOptions(prompt="far too long", ids=None, rows=ROWS, limits=Limits(8), lenses=("all",))
    book = build_book(small_model, options)
    recalculate(book)
    for lens in LENSES.values():
        assert Limits(8).too_long in [value for _, value in book.sheets[lens.sheet].grid.items()], lens.sheet
    assert isinstance(book.read("attribution.sum").item(), ErrorValue)
    assert isinstance(book.read("depth.best_logit")[0, 0], ErrorValue)

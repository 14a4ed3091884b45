"""The lens Switches, against the reference, the transformers library and known values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.address import at
from sheetgpt.book.values import ErrorValue
from sheetgpt.commands.build import build
from sheetgpt.commands.recalc import recalc
from sheetgpt.commands.run import run
from sheetgpt.errors import UsageError
from sheetgpt.evaluator import Calculator, recalculate
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
from support.lenses import IDS, LIBRARY, ROWS, all_lenses, assert_lenses_are_those_of_the_reference
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


def test_ablated_heads_and_mlps_are_those_of_transformers(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path)
    model = load_checkpoint(folder)
    width = model.config.width

    def logits(layer: int, head: int | None) -> np.ndarray:
        library = transformers.GPT2LMHeadModel.from_pretrained(folder).double().eval()
        block = library.transformer.h[layer]

        def drop(_: object, given: tuple) -> tuple:
            z = given[0].clone()
            z[..., head * width : (head + 1) * width] = 0.0  # type: ignore[operator]
            return (z,)

        if head is None:
            block.mlp.register_forward_hook(lambda _, __, out: torch.zeros_like(out))
        else:
            block.attn.c_proj.register_forward_pre_hook(drop)
        with torch.no_grad():
            return np.asarray(library(torch.tensor([IDS])).logits[0].numpy())

    for layer in range(model.config.n_layer):
        for head in (None, *range(model.config.n_head)):
            part = f"h.{layer}.mlp" if head is None else f"h.{layer}.head.{head}"
            ours = forward.logits(model.config, model.tensors, IDS, forward.Switches.off(model.config, part))
            assert ours == pytest.approx(logits(layer, head), abs=1e-9), part
            assert ours != pytest.approx(forward.logits(model.config, model.tensors, IDS), abs=1e-3)


def test_a_block_that_is_off_passes_its_input_on(small_model: Model) -> None:
    a = forward.activations(
        small_model.config, small_model.tensors, IDS, forward.Switches.off(small_model.config, "h.1")
    )
    assert a["h.1.step_16.output"].tolist() == a["h.1.step_01.input"].tolist()


@pytest.mark.parametrize("part", ["h.9", "h.0.head.3", "h.0.attn", "mlp", ""])
def test_only_parts_that_there_are_can_be_switched_off(small_model: Model, part: str) -> None:
    with pytest.raises(UsageError, match="no part"):
        forward.Switches.off(small_model.config, part)


def test_switches_change_what_is_after_them(small_model: Model) -> None:
    """Any mixture of switches, blanks and texts among them: all lenses and the model itself follow."""
    book = all_lenses(small_model)
    before = book.read("h.0.step_16.output").copy(), book.read("h.1.step_16.output").copy()
    calculator = Calculator(book)
    calculator.recalculate()
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
    sheet, cells = read(path).locate("switch.typed_heads")
    recalc(path, tmp_path / "off.xlsx", set={f"{sheet}!{at(cells.top + 1, cells.left + 2)}": 0})
    report = check(tmp_path / "off.xlsx")
    assert report.agrees, report.as_text()
    assert report.switches == run(tmp_path / "off.xlsx").switches == {"h.1.head.2": 0.0}
    assert "h.1.head.2 at 0: not the whole model" in report.as_text()
    notes = [value for _, value in read(tmp_path / "off.xlsx").sheets["Type_Prompt_Here"].grid.items()]
    told = "Not the whole model. Switches that are off or changed: 1 (sheet Switches)."
    assert told in notes
    assert told in [value for _, value in read(tmp_path / "off.xlsx").sheets["Map"].grid.items()]
    assert run(path).switches == {}


@pytest.mark.parametrize("value", [1e300, 1e200, -1e9])
def test_a_switch_beyond_all_bounds_is_reported_on(tmp_path: Path, value: float) -> None:
    model = random_checkpoint(tmp_path / "model")
    path = build(str(model), tmp_path / "a.xlsx", token_ids=IDS, context=6, vocab_limit=300, lenses=["all"])
    recalc(path, tmp_path / "far.xlsx", set={"Switches!C11": value})
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
    told = [book.sheets[lens.sheet].grid[2, 3] for lens in LENSES.values() if lens.sheet != "Depth"]
    assert told == [Limits(8).too_long] * 3
    assert isinstance(book.read("attribution.sum").item(), ErrorValue)
    assert isinstance(book.read("depth.best_logit")[0, 0], ErrorValue)

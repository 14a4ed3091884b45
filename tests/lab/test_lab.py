"""The class Lab: what it sees and what interventions do, against the transformers library and numpy written here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

import sheetgpt
from sheetgpt.book.address import Rect, at
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from support import hooks
from support.lenses import IDS, LIBRARY, ROWS

CLOSE = 1e-9  # float64 through some ten layers of sums; logits are of the order of 1


@pytest.fixture
def ids(lab: sheetgpt.Lab) -> list[int]:
    return lab.ids[: lab.length]


def test_top_is_that_of_transformers(lab: sheetgpt.Lab, checkpoint: Path, ids: list[int]) -> None:
    pytest.importorskip("transformers", reason=LIBRARY)
    truth = hooks.logits(hooks.load(checkpoint), ids)
    top = lab.top(5)
    best = np.argsort(-truth[-1])[:5]
    assert top["id"].tolist() == best.tolist()
    assert top["logit"] == pytest.approx(truth[-1, best], abs=CLOSE)
    assert top["probability"] == pytest.approx(hooks.softmax(truth)[-1, best], abs=CLOSE)
    assert lab.logit(7, position=2) == pytest.approx(truth[1, 7], abs=CLOSE)
    assert lab.top(20, position=1)["id"][0] == truth[0].argmax()


@pytest.mark.parametrize(
    ("factors", "enter"),
    [
        ({"h.1.head.2": 0.0}, lambda lab: lab.off(head=(1, 2))),
        ({"h.0.head.0": 0.0, "h.1.head.1": 0.0}, lambda lab: lab.off(head=[(0, 0), (1, 1)])),
        ({"h.0.mlp": 0.0}, lambda lab: lab.off(mlp=0)),
        ({"h.0.mlp": 0.0, "h.1.mlp": 0.0}, lambda lab: lab.off(mlp=[0, 1])),
        ({"h.1": 0.0}, lambda lab: lab.off(block=1)),
        ({"h.0": -0.5}, lambda lab: lab.scale("h.0", by=-0.5)),
        ({"h.1.head.0": 2.5, "h.0.mlp": 0.25}, lambda lab: lab.scale(head=(1, 0), by=2.5).scale(mlp=0, by=0.25)),
    ],
)
def test_interventions_are_those_of_hooks(
    lab: sheetgpt.Lab, checkpoint: Path, ids: list[int], factors: dict[str, float], enter: object
) -> None:
    pytest.importorskip("transformers", reason=LIBRARY)
    whole = hooks.hooked_logits(checkpoint, ids)
    truth = hooks.hooked_logits(checkpoint, ids, **hooks.switches_of(factors))
    with enter(lab):  # type: ignore[operator]
        inside = lab.read("logits")[:, : len(ids)].T
    after = lab.read("logits")[:, : len(ids)].T
    assert inside == pytest.approx(truth, abs=CLOSE)
    assert after == pytest.approx(whole, abs=CLOSE)
    assert truth[-1] != pytest.approx(whole[-1], abs=1e-3)


def test_interventions_nest_and_are_undone_after_errors(lab: sheetgpt.Lab) -> None:
    before = lab.read("logits"), lab.typed("switch.typed_heads")
    seen = []

    def fail() -> None:
        with lab.scale(head=(1, 0), by=0.5):
            with lab.scale(head=(1, 0), by=0.5):
                seen.append(lab.read("switch.heads")[1, 0])
            seen.append(lab.read("switch.heads")[1, 0])
            raise ZeroDivisionError

    with lab.off(mlp=0):
        outer = lab.read("logits")
        with pytest.raises(ZeroDivisionError):
            fail()
        assert seen == [0.25, 0.5]
        assert np.array_equal(lab.read("logits"), outer)
    assert np.array_equal(lab.read("logits"), before[0])
    assert np.array_equal(lab.typed("switch.typed_heads"), before[1])
    off = lab.off(head=(1, 0))
    with off, off:  # the same one twice
        assert lab.read("switch.heads")[1, 0] == 0.0
    assert lab.read("switch.heads").min() == 1.0


def test_an_intervention_can_hold_for_one_call(lab: sheetgpt.Lab) -> None:
    with lab.off(mlp=1), lab.scale(block=0, by=0.5):
        inside = lab.top(3).values, lab.continuation
    chained = lab.off(mlp=1).scale(block=0, by=0.5)
    assert (chained.top(3).values.tolist(), chained.continuation) == (inside[0].tolist(), inside[1])
    assert lab.read("switch.mlp").min() == lab.read("switch.block").min() == 1.0
    with pytest.raises(AttributeError, match="neither an intervention nor a lab has 'tip'"):
        lab.off(mlp=1).tip(5)


def test_attention_is_that_of_transformers(lab: sheetgpt.Lab, checkpoint: Path, ids: list[int]) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    with torch.no_grad():
        truth = hooks.load(checkpoint)(torch.tensor([ids]), output_attentions=True).attentions
    table = lab.attention(block=1, head=2)
    assert np.nan_to_num(table.values) == pytest.approx(truth[1][0, 2].numpy(), abs=CLOSE)
    assert np.isnan(table.values[np.triu_indices(len(ids), 1)]).all()
    assert table.rows == table.columns == [f"{k} {text}" for k, text in enumerate(lab.tokens[: len(ids)], 1)]
    assert len(lab.attention(0, 0, whole_window=True)) == 10


def test_logit_lens_is_that_of_the_hidden_states(lab: sheetgpt.Lab, checkpoint: Path, ids: list[int]) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    library = hooks.load(checkpoint)
    with torch.no_grad():
        found = library(torch.tensor([ids]), output_hidden_states=True)
        *inside, last = (state[0, -2] for state in found.hidden_states)
        states = [library.transformer.ln_f(state) for state in inside] + [last]  # the last one is normalized already
        truth = np.stack([library.lm_head(state).numpy() for state in states])
    table = lab.logit_lens(9, position=len(ids) - 1)
    assert table["logit"] == pytest.approx(truth[:, 9], abs=CLOSE)
    assert table["probability"] == pytest.approx(hooks.softmax(truth)[:, 9], abs=CLOSE)
    assert table["rank"].tolist() == [(row > row[9]).sum() for row in truth]
    assert table["best"].tolist() == [lab.book.read("vocabulary.shown")[row.argmax(), 0] for row in truth]
    assert table.rows == ["embedding", "block 0", "block 1"]


def test_attribution_adds_up_and_neurons_are_those_of_transformers(
    lab: sheetgpt.Lab, checkpoint: Path, ids: list[int]
) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    library = hooks.load(checkpoint)
    kept: dict[str, Any] = {}
    library.transformer.h[1].mlp.c_proj.register_forward_pre_hook(lambda _, given: kept.update(acts=given[0][0, -1]))
    library.transformer.ln_f.register_forward_pre_hook(lambda _, given: kept.update(x=given[0][0, -1]))
    truth = hooks.logits(library, ids)
    table = lab.attribution(9)
    *parts, logit = table["adds"]
    assert logit == pytest.approx(truth[-1, 9], abs=CLOSE)
    assert sum(parts) == pytest.approx(logit, abs=1e-10)
    assert {"token", "position", "h.0.head.2", "h.1.bias", "h.1.mlp", "constant", "logit"} < set(table.rows)
    with torch.no_grad():
        scale = torch.sqrt(kept["x"].var(correction=0) + library.config.layer_norm_epsilon)
        rows = library.transformer.h[1].mlp.c_proj.weight
        direction = library.transformer.ln_f.weight * library.lm_head.weight[9]
        effects = (kept["acts"] * ((rows - rows.mean(1, keepdim=True)) @ direction) / scale).numpy()
        spoken = (library.lm_head.weight @ (library.transformer.ln_f.weight * (rows - rows.mean(1, keepdim=True))).T).T
    neurons = lab.neurons(1, 9, count=6)
    order = np.argsort(-np.abs(effects))[:6]
    assert neurons.rows == [f"neuron {neuron}" for neuron in order]
    assert neurons["adds"] == pytest.approx(effects[order], abs=CLOSE)
    assert neurons["activation"] == pytest.approx(kept["acts"].numpy()[order], abs=CLOSE)
    first = neurons["promotes"][0].split(" ")[0], neurons["suppresses"][0].split(" ")[0]
    ends = int(spoken[order[0]].argmax()), int(spoken[order[0]].argmin())
    assert first == tuple(lab.book.read("vocabulary.shown")[token, 0] for token in ends)


def test_lenses_follow_interventions(lab: sheetgpt.Lab) -> None:
    with lab.off(block=1), lab.scale(mlp=0, by=0.5):
        table = lab.attribution(9)
        assert sum(table["adds"][:-1]) == pytest.approx(table["logit", "adds"], abs=1e-10)
        assert table["h.1.head.0", "adds"] == 0.0
        assert lab.neurons(1, 9)["adds"].tolist() == [0.0] * 10
        assert "others" not in table.rows


def test_what_is_no_part_of_the_model_is_told(workbook: Path) -> None:
    """As steering is: here the second block gets another input than the first one gives."""
    book = sheetgpt.read(workbook)
    sheet, rect = book.locate("h.1.step_01.input")
    before = sheetgpt.Lab(book).attribution(9)
    book.sheets[sheet].formulas = [
        replace(formula, text=f"{formula.text}+IF(COLUMN({formula.rect})=5,0.5,0)")
        if rect.contains(formula.rect)
        else formula
        for formula in book.sheets[sheet].formulas
    ]
    after = sheetgpt.Lab(book).attribution(9)
    assert after.rows == [*before.rows[:-1], "others", "logit"]
    assert sum(after["adds"][:-1]) == pytest.approx(after["logit", "adds"], abs=1e-12)


def test_ablation_is_each_part_off_in_turn(lab: sheetgpt.Lab) -> None:
    table = lab.ablation("head", 9, "logit")
    assert (table.rows, table.columns) == (["block 0", "block 1"], ["head 0", "head 1", "head 2"])
    assert table["block 1", "head 2"] == lab.off(head=(1, 2)).logit(9)
    assert lab.ablation("mlp", 9)["mlp"].tolist() == [lab.off(mlp=layer).probability(9) for layer in (0, 1)]
    assert lab.ablation("block").values.shape == (2, 1)


def test_a_table_of_heads_takes_at_most_three_recalculations_for_each(workbook: Path) -> None:
    """Measured on the bundled model: 0.6 of one for each head."""
    lab = sheetgpt.Lab(workbook)
    lab.ablation("head", 9)
    start = perf_counter()
    for _ in range(3):
        lab.calculate_all()
    once = (perf_counter() - start) / 3
    start = perf_counter()
    lab.ablation("head", 9)
    assert perf_counter() - start < 3 * 6 * once


def test_prompts_and_weights_can_be_changed(workbook: Path) -> None:
    lab = sheetgpt.Lab(workbook)
    assert lab.prompt == "The capital of"
    before = lab.top(3).values
    lab.prompt = "Mike is"
    assert lab.tokenizer is not None
    assert lab.ids[: lab.length] == lab.tokenizer.encode("Mike is")
    assert not np.array_equal(lab.top(3).values, before)
    lab.prompt = "The capital of"
    assert np.array_equal(lab.top(3).values, before)
    with lab.change("h.1.mlp.c_proj.bias", 0.25):
        assert not np.array_equal(lab.top(3).values, before)
    assert np.array_equal(lab.top(3).values, before)
    with pytest.raises(UsageError, match="holds formulas"):
        lab.change("logits", 1)
    with pytest.raises(UsageError, match="1 x 12 cells, not"):
        lab.change("ln_f.bias", [1, 2])
    assert lab.embedding(3) == pytest.approx(lab.book.read("wte.weight")[3])
    assert "The capital of" in repr(lab)


def test_lenses_say_what_the_sheets_say(small_model: Model) -> None:
    """With token ids instead of a text, and with a head off."""
    book = build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("all",)))
    lab = sheetgpt.Lab(book, token_ids=IDS[:3])
    assert (lab.length, lab.ids[:3]) == (3, IDS[:3])
    with lab.off(head=(0, 1)):
        depth, effects = lab.logit_lens(), lab.attribution()
        for name in ("rank", "probability", "logit"):
            assert depth[name] == pytest.approx(lab.read(f"depth.{name}")[:, 0], abs=1e-12)
        assert depth["best"].tolist() == lab.read("depth.best_shown")[:, 0].tolist()
        table = lab.read("attribution.effects")
        for layer in range(2):
            parts = [*(f"h.{layer}.head.{head}" for head in range(3)), f"h.{layer}.bias", f"h.{layer}.mlp"]
            assert [effects[part, "adds"] for part in parts] == pytest.approx(table[layer].tolist(), abs=1e-12)
        assert lab.attention(1, 0, whole_window=True).values[2, :3] == pytest.approx(
            lab.change("attention.typed_block", 1.0).read("attention.map")[2, :3].astype(float), abs=1e-12
        )


def test_steering_types_into_its_cells_and_clears_them(small_model: Model) -> None:
    """A sheet with the same names, which nothing reads."""
    book = build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("switches",)))
    book.add("Fake")
    for row, name in enumerate(("strength", "block", "first", "last"), 1):
        book.define(f"steering.typed_{name}", "Fake", at(row, 1))
    book.define("steering.typed_direction", "Fake", Rect(5, 1, 5, 12))
    lab = sheetgpt.Lab(book)
    direction = lab.embedding(3) - lab.embedding(4)

    def typed() -> list[object]:
        return [lab.typed(f"steering.typed_{name}")[0, 0] for name in ("strength", "block", "first", "last")]

    with lab.steer(1, direction, strength=4, rows=(2, 3)):
        assert typed() == [4.0, 1.0, 2.0, 3.0]
        assert lab.typed("steering.typed_direction")[0].tolist() == direction.tolist()
        with lab.steer(block=0, direction=direction, rows=2):
            assert typed() == [1.0, 0.0, 2.0, 2.0]
        assert typed() == [4.0, 1.0, 2.0, 3.0]
    assert typed() == [None] * 4
    assert lab.steer(1, direction).typed("steering.typed_last").tolist() == [[None]]
    for wrong, words in (
        ({"direction": [1.0]}, "a direction of 1"),
        ({"block": 2}, "no block 2"),
        ({"rows": 9}, "no pos"),
    ):
        with pytest.raises(UsageError, match=words):
            lab.steer(**{"block": 1, "direction": direction} | wrong)


def test_numbers_that_are_kept_are_those_of_now(lab: sheetgpt.Lab) -> None:
    numbers, name = lab.numbers, "h.1.step_16.output"
    before = numbers[name]
    with lab.off(mlp=0):
        inside = numbers[name]
        assert not np.array_equal(inside, before)
        assert np.array_equal(inside, lab.read(name))
    assert np.array_equal(numbers[name], before)


@pytest.mark.parametrize("value", ["2", None, float("nan"), float("inf"), True])
def test_only_numbers_scale(lab: sheetgpt.Lab, value: object) -> None:
    with pytest.raises(UsageError, match="no number"):
        lab.scale(mlp=0, by=value)  # type: ignore[arg-type]

"""Lens sheets: what they show, held against the reference, the transformers library and known values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.address import at
from sheetgpt.book.book import Book
from sheetgpt.commands.build import build
from sheetgpt.errors import UsageError
from sheetgpt.evaluator import Calculator, recalculate
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.lenses import lens as registry
from sheetgpt.layout.lenses.lens import LENSES, Lens
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.layout.page import add_titled_sheet
from sheetgpt.split.build import build_split
from sheetgpt.verification.workbook import check
from sheetgpt.witnesses.reference import lenses as reference_lenses
from sheetgpt.witnesses.reference.workbook import expected_values
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.paths import MINI

IDS = [5, 17, 200, 3, 42]
ROWS = 7
LIBRARY = "needs torch and transformers: pip install torch==2.13.0 'sheetgpt[torch]'"


def all_lenses(model: Model) -> Book:
    book = build_book(model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("all",)))
    recalculate(book)
    return book


def assert_lenses_are_those_of_the_reference(book: Book) -> None:
    grids, cells = expected_values(book)
    compared = 0
    for lens in LENSES.values():
        formulas = [formula.rect for formula in book.sheets[lens.sheet].formulas]
        # What is left are notes and labels of rows, which are not of the model.
        assert sum(rect.size for rect in cells[lens.sheet]) >= sum(rect.size for rect in formulas) - 2
        for rect in cells[lens.sheet]:
            found, expected = book.sheets[lens.sheet].grid.read(rect), grids[lens.sheet].read(rect)
            if expected.dtype == np.float64:
                assert found == pytest.approx(expected, rel=1e-12, abs=1e-12), rect  # sums in another order
            else:
                assert found.tolist() == expected.tolist(), rect
            compared += rect.size
    assert compared > 1000


@pytest.mark.parametrize("entries", [{}, {"n_layer": 1}, {"tie_word_embeddings": False, "layer_norm_epsilon": 0.01}])
def test_values_are_those_of_the_reference(tmp_path: Path, entries: dict) -> None:
    assert_lenses_are_those_of_the_reference(all_lenses(load_checkpoint(random_checkpoint(tmp_path, **entries))))


@pytest.mark.parametrize(
    ("typed", "position", "token"),
    [((3.0, 9.0), 3, 9), ((0.0, -1.0), 1, 0), ((99.0, 1e6), ROWS, None), (("x", True), len(IDS), "predicted")],
)
def test_position_and_token_can_be_typed(
    small_model: Model, typed: tuple, position: int, token: int | str | None
) -> None:
    book = all_lenses(small_model)
    calculator = Calculator(book)
    calculator.recalculate()
    for name, value in zip(("depth.typed_position", "depth.typed_token"), typed, strict=True):
        calculator.set(name, value)
    calculator.update()
    predicted = book.read("predicted.ids")[position - 1, 0]
    last = small_model.config.vocab_size - 1
    wanted = predicted if token == "predicted" else last if token is None else token
    assert book.read("depth.position").item() == position
    assert book.read("depth.token").item() == wanted
    assert_lenses_are_those_of_the_reference(book)


@pytest.mark.parametrize(
    ("typed", "block", "head"), [((1.0, 2.0), 1, 2), ((9.0, -3.0), 1, 0), ((0.9, 1.5), 0, 1), (("x", None), 0, 0)]
)
def test_block_and_head_can_be_typed(small_model: Model, typed: tuple, block: int, head: int) -> None:
    book = all_lenses(small_model)
    calculator = Calculator(book)
    calculator.recalculate()
    for name, value in zip(("attention.typed_block", "attention.typed_head"), typed, strict=True):
        calculator.set(name, value)
    calculator.update()
    shown, whole = book.read("attention.map"), book.read(f"h.{block}.step_07.weights.{head}")
    assert shown.tolist() == whole.tolist()
    assert shown[0, 0] == 1.0
    assert_lenses_are_those_of_the_reference(book)


def test_attention_scores_and_rollout_are_those_of_transformers(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path)
    model = load_checkpoint(folder)
    library = transformers.GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager").double().eval()
    with torch.no_grad():
        found = library(torch.tensor([IDS]), output_attentions=True).attentions
    weights = np.array([block[0].numpy() for block in found])  # [layers, heads, n, n]
    activations = forward.activations(model.config, model.tensors, IDS)
    scores = lenses.attention_scores(model.config, activations)
    rows = range(1, len(IDS))
    expected = {
        "first": np.mean([weights[:, :, i, 0] for i in rows], axis=0),
        "previous": np.mean([weights[:, :, i, i - 1] for i in rows], axis=0),
        "self": np.mean([weights[:, :, i, i] for i in rows], axis=0),
    }
    assert scores.keys() == expected.keys()
    for name, values in expected.items():
        assert scores[name] == pytest.approx(values, abs=1e-12)
    rolled = np.eye(len(IDS))
    for layer, row in enumerate(lenses.attention_rollout(model.config, activations)):
        rolled = (weights[layer].mean(axis=0) + np.eye(len(IDS))) / 2 @ rolled
        assert row == pytest.approx(rolled, abs=1e-12)
        assert row.sum(axis=1) == pytest.approx(np.ones(len(IDS)))


OFF = {"h.1.head.3": 0.436, "h.3.head.1": 0.998, "h.0.mlp": 0.000, "h.1.mlp": 0.023, "h.2.mlp": 0.227, "h.3.mlp": 0.992}


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


def test_direct_effects_add_up_to_the_logits_of_transformers(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path, tie_word_embeddings=False)
    model = load_checkpoint(folder)
    library = transformers.GPT2LMHeadModel.from_pretrained(folder).double().eval()
    kept: dict[str, np.ndarray] = {}
    for layer, block in enumerate(library.transformer.h):
        block.mlp.register_forward_hook(lambda _, __, out, layer=layer: kept.update({f"{layer}.mlp": out[0].numpy()}))
        block.attn.c_proj.register_forward_hook(
            lambda _, __, out, layer=layer: kept.update({f"{layer}.attention": out[0].numpy()})
        )
    with torch.no_grad():
        logits = library(torch.tensor([IDS])).logits[0].numpy()
    activations = forward.activations(model.config, model.tensors, IDS)
    for row, token in ((0, 9), (3, 200), (4, 1199)):
        effects = lenses.direct_effects(model.config, model.tensors, activations, row, token)
        assert sum(effects.values()) == pytest.approx(logits[row, token], abs=1e-9)
        parts = lenses.residual_parts(model.config, model.tensors, activations, row)
        for layer in range(model.config.n_layer):
            assert parts[f"{layer}.mlp"] == pytest.approx(kept[f"{layer}.mlp"][row], abs=1e-9)
            heads = sum(parts[f"{layer}.head.{head}"] for head in range(model.config.n_head))
            assert heads + parts[f"{layer}.bias"] == pytest.approx(kept[f"{layer}.attention"][row], abs=1e-9)


def test_known_effects_of_the_bundled_model() -> None:
    """On " basketball" after "Michael Jordan plays the sport of", also measured apart from this code."""
    model = load_checkpoint(MINI)
    assert model.tokenizer is not None
    ids = model.tokenizer.encode("Michael Jordan plays the sport of")
    (token,) = model.tokenizer.encode(" basketball")
    activations = forward.activations(model.config, model.tensors, ids)
    effects = lenses.direct_effects(model.config, model.tensors, activations, len(ids) - 1, token)
    attention = [
        sum(effects[f"{k}.{part}"] for part in ("head.0", "head.1", "head.2", "head.3", "bias")) for k in range(4)
    ]
    assert [effects["token"], effects["position"]] == pytest.approx([1.25, -0.04], abs=0.005)
    assert attention == pytest.approx([0.20, 1.74, 2.82, 1.66], abs=0.005)
    assert [effects[f"{k}.mlp"] for k in range(4)] == pytest.approx([4.55, 0.59, 3.63, 1.66], abs=0.005)
    assert [effects["1.head.3"], effects["3.head.1"]] == pytest.approx([1.18, 1.33], abs=0.005)
    assert sum(effects.values()) == pytest.approx(17.8999, abs=5e-5)


def test_a_window_of_one_token_has_no_averages(small_model: Model) -> None:
    book = build_book(small_model, LayoutOptions(prompt="p", ids=[5], rows=1, lenses=("all",)))
    recalculate(book)
    assert "attention.previous" not in book.names
    assert book.read("attention.rollout").item() == 1.0
    expected_values(book)


def test_of_equal_logits_the_lower_id_is_listed_first(small_model: Model) -> None:
    tensors = dict(small_model.tensors)
    tensors["wte.weight"] = tensors["wte.weight"].copy()
    tensors["wte.weight"][[7, 30, 90]] = 3 * tensors["wte.weight"][7]  # all three score the same, at the top or bottom
    book = all_lenses(Model("equal", small_model.config, tensors, None))
    assert_lenses_are_those_of_the_reference(book)
    best = book.read("depth.best_ids")
    assert any({7.0, 30.0} <= set(row) for row in best.tolist())
    assert all(row.index(7.0) < row.index(30.0) for row in best.tolist() if {7.0, 30.0} <= set(row))


def test_the_last_depth_is_the_model_and_all_are_those_of_transformers(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path)
    model = load_checkpoint(folder)
    library = transformers.GPT2LMHeadModel.from_pretrained(folder).double().eval()
    with torch.no_grad():
        found = library(torch.tensor([IDS]), output_hidden_states=True)
        hidden = found.hidden_states[:-1]  # the last one has been through ln_f already
        expected = [library.lm_head(library.transformer.ln_f(state))[0].numpy() for state in hidden]
        expected.append(found.logits[0].numpy())
    activations = forward.activations(model.config, model.tensors, IDS)
    states = lenses.residual_states(model.config, activations)
    for depth, logits in enumerate(expected):
        assert lenses.logit_lens(model.config, model.tensors, states[depth]) == pytest.approx(logits, abs=1e-9)
    assert len(expected) == len(states) == model.config.n_layer + 1


def test_known_ranks_of_the_bundled_model() -> None:
    """Of " basketball" after "Michael Jordan plays the sport of", also measured apart from this code."""
    model = load_checkpoint(MINI)
    assert model.tokenizer is not None
    ids = model.tokenizer.encode("Michael Jordan plays the sport of")
    states = lenses.residual_states(model.config, forward.activations(model.config, model.tensors, ids))
    logits = lenses.logit_lens(model.config, model.tensors, states[:, -1])
    (token,) = model.tokenizer.encode(" basketball")
    assert (logits > logits[:, [token]]).sum(axis=1).tolist() == [49, 2, 5, 0, 0]


def test_every_program_agrees_and_check_knows_what_may_be_typed(tmp_path: Path) -> None:
    path = build(
        "mini", tmp_path / "a.xlsx", prompt="Mike is quick. He moves", blocks="2", vocab_limit=600, lenses=["all"]
    )
    report = check(path)
    assert report.agrees, report.as_text()
    book = read(path)
    sheet, cell = book.locate("depth.typed_position")
    patch(path, tmp_path / "b.xlsx", {sheet: {(cell.top, cell.left): 2.0}})
    assert check(tmp_path / "b.xlsx", skip=["LibreOffice", "IronCalc", "evaluator", "reference"]).findings == []
    sheet, cell = book.locate("depth.rank")
    patch(path, tmp_path / "c.xlsx", {sheet: {(cell.top, cell.left): 7.0}})
    assert not check(tmp_path / "c.xlsx", skip=["LibreOffice", "IronCalc"]).agrees


def test_lenses_are_chosen_by_name(small_model: Model, tmp_path: Path) -> None:
    plain = build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS))
    assert not {lens.sheet for lens in LENSES.values()} & set(plain.sheets)
    with pytest.raises(UsageError, match="no lens 'x'"):
        build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("x",)))
    with pytest.raises(UsageError, match="no lenses"):
        build_split("mini", tmp_path / "s", lenses=["all"])
    assert list(tmp_path.iterdir()) == []


def test_a_lens_is_added_in_one_place(small_model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry of `LENSES` is laid out, stands on the Map with its words, and is compared with the reference."""

    def twice(book: Book, config: Config, rows: int) -> None:
        sheet = add_titled_sheet(book, "Twice", "Twice", "for tests", "activation")
        book.define("twice.embeddings", "Twice", sheet.put_formula(at(4, 3), "2*INDEX(embedding.token,1,1)"))

    monkeypatch.setitem(registry.LENSES, "twice", Lens("Twice", "for tests", twice))
    values = {"Twice": lambda book, config, tensors, a: {"twice.embeddings": 2 * a["embedding.token"][:1, :1]}}
    monkeypatch.setattr(reference_lenses, "LENSES", values)
    book = build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("twice",)))
    recalculate(book)
    assert "for tests" in [value for _, value in book.sheets["Map"].grid.items()]
    grids, cells = expected_values(book)
    assert at(4, 3) in cells["Twice"]
    assert grids["Twice"][4, 3] == book.sheets["Twice"].grid[4, 3] != 0

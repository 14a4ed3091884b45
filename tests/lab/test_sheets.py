"""Steering, positions and <|endoftext|> in front by the sheets of these names, against the transformers library."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import sheetgpt
from sheetgpt.commands.build import build
from sheetgpt.commands.recalc import recalc
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.lab.sweep import plan_sweep
from sheetgpt.lab.workers import Workers
from sheetgpt.schema.steering import steering_cells
from support import hooks
from support.command_line import call
from support.lenses import LIBRARY

NEEDED = ("switches", "steering", "positions", "endoftext")
CLOSE = 1e-9


@pytest.fixture(scope="module")
def path(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sheets") / "small.xlsx"
    return build(str(checkpoint), path, prompt="The capital of", context=10, max_chars=24, lenses=list(NEEDED))


@pytest.fixture(scope="module")
def lab(path: Path) -> sheetgpt.Lab:
    return sheetgpt.Lab(path)


@pytest.fixture
def ids(lab: sheetgpt.Lab) -> list[int]:
    return lab.ids[: lab.length]


def assert_logits(lab: sheetgpt.Lab, truth: np.ndarray) -> None:
    found = lab.read("logits")[:, : len(truth)].T
    assert found == pytest.approx(truth, abs=CLOSE)


@pytest.mark.parametrize(("rows", "chosen"), [(None, slice(None)), (2, slice(1, 2)), ((1, 2), slice(0, 2))])
def test_steering(
    lab: sheetgpt.Lab, checkpoint: Path, ids: list[int], rows: int | tuple[int, int] | None, chosen: slice
) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    direction = lab.embedding(5) - lab.embedding(9)
    whole, library = hooks.logits(hooks.load(checkpoint), ids), hooks.load(checkpoint)

    def push(_: object, given: tuple) -> tuple:
        x = given[0].clone()
        x[:, chosen] += 1.5 * torch.tensor(direction)
        return (x, *given[1:])

    library.transformer.h[1].register_forward_pre_hook(push)
    truth = hooks.logits(library, ids)
    with lab.steer(block=1, direction=direction, strength=1.5, rows=rows):
        assert_logits(lab, truth)
        table = lab.attribution(9)
        assert sum(table["adds"][:-1]) == pytest.approx(table["logit", "adds"], abs=1e-10)
        assert "others" not in table.rows
        assert (table["steering", "adds"] != 0) == (rows is None)  # else it is not in the last row
    assert_logits(lab, whole)
    assert truth[-1] != pytest.approx(whole[-1], abs=1e-3)


def test_positions_off(lab: sheetgpt.Lab, checkpoint: Path, ids: list[int]) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    library = hooks.load(checkpoint)
    with torch.no_grad():
        library.transformer.wpe.weight.zero_()
    with lab.positions("off"):
        assert_logits(lab, hooks.logits(library, ids))
    assert_logits(lab, hooks.logits(hooks.load(checkpoint), ids))


def test_a_token_in_front(lab: sheetgpt.Lab, path: Path, checkpoint: Path, ids: list[int], tmp_path: Path) -> None:
    """Also where it is on in the file: then a sweep and a score count it, and a prompt may have a token less."""
    pytest.importorskip("torch", reason=LIBRARY)
    library, tokenizer = hooks.load(checkpoint), load_checkpoint(checkpoint).tokenizer
    assert tokenizer is not None
    with lab.change("endoftext.id", 7.0), lab.endoftext():
        assert lab.length == len(ids) + 1
        assert_logits(lab, hooks.logits(library, [7, *ids]))
    assert lab.length == len(ids)
    sheet, cell = lab.book.locate("endoftext.id")
    inputs: dict[str, float | str] = {f"{sheet}!{cell}": 7.0, "endoftext.typed": 1.0, "prompt.text": "The"}
    recalc(path, tmp_path / "on.xlsx", set=dict(inputs))
    (tmp_path / "p.txt").write_text("The")
    (line,) = plan_sweep(tmp_path / "on.xlsx", ["The capital of"]).lines(Workers())
    assert line["logit"] == pytest.approx(hooks.logits(library, [7, *ids])[-1].max(), abs=CLOSE)

    assert "Endoftext: in front" in call("sweep", tmp_path / "on.xlsx", "--prompts", tmp_path / "p.txt").stderr
    text = "Michael Jordan plays the sport of bas"
    tokens = tokenizer.encode(text)
    assert len(tokens) in range(6, 10)
    (tmp_path / "a.txt").write_text(text)
    likely = np.log(hooks.softmax(hooks.logits(library, [7, *tokens])))
    found = json.loads(call("score", tmp_path / "on.xlsx", tmp_path / "a.txt", "--json").stdout)
    (item,) = found["items"]
    assert found["interventions"] == ["Endoftext: in front."]
    assert item["loss"] == pytest.approx(-sum(likely[t, token] for t, token in enumerate(tokens) if t), rel=1e-9)
    (tmp_path / "long.txt").write_text("word " * 10)  # which the window takes without the token in front
    assert "9 rows for tokens" in call("sweep", tmp_path / "on.xlsx", "--prompts", tmp_path / "long.txt").stderr


def test_means_in_place_of_zero_are_told_as_others(lab: sheetgpt.Lab) -> None:
    with lab.change("switch.typed_instead", "mean"), lab.off(block=1):
        table = lab.attribution(9)
        assert sum(table["adds"][:-1]) == pytest.approx(table["logit", "adds"], abs=1e-10)
        assert "others" in table.rows


@pytest.mark.parametrize("rows", [(6, 3), (6,), (1, 2, 3), 0, 99])
def test_rows_that_are_none_are_refused(lab: sheetgpt.Lab, rows: object) -> None:
    direction = np.ones(lab.config.n_embd)
    with pytest.raises(UsageError, match=r"rows|position"):
        lab.steer(1, direction, 2.0, rows=rows)  # type: ignore[arg-type]


def test_cells_for_steering_undo_what_was_typed_there(path: Path) -> None:
    book = sheetgpt.read(path)
    edits = steering_cells(book, np.ones(12), 1, 2.0)
    typed = {(sheet, cell): value for sheet, cells in edits.items() for cell, value in cells.items()}
    for name, value in (("centred", "no"), ("first", None), ("last", None), ("source", "typed row")):
        sheet, rect = book.locate(f"steering.typed_{name}")
        assert typed[sheet, (rect.top, rect.left)] == value, name

"""The Jacobian lens on the sheet Depth: against torch, the logit lens, and what check says of its matrices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import save_file

from sheetgpt.book.book import Book
from sheetgpt.cli.main import main
from sheetgpt.commands.build import build
from sheetgpt.commands.dry_run import dry_run
from sheetgpt.errors import UsageError
from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.jacobian import Jacobian
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import BuildOptions, LayoutOptions
from sheetgpt.verification.workbook import check
from sheetgpt.xlsx.patch import patch
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.lenses import IDS, LIBRARY, ROWS, assert_lenses_are_those_of_the_reference, calculated

NAMES = ("rank", "probability", "best_shown", "best_probabilities", "logits")
D = 12


def book_with(model: Model, jacobian: Jacobian) -> Book:
    book = build_book(model, LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("depth",), jacobian=jacobian))
    recalculate(book)
    assert_lenses_are_those_of_the_reference(book)
    return book


def test_with_the_identity_it_is_the_logit_lens_exactly(small_model: Model) -> None:
    book = book_with(small_model, {0: np.eye(D)})
    for name in NAMES:
        logit, bent = book.read(f"depth.{name}"), book.read(f"depth.jacobian.{name}")
        if name == "logits":
            logit, bent = logit.T, bent.T
        assert bent[1:].tolist() == logit[1:].tolist(), name
        assert all(value is None or value != value for value in bent[0].tolist())  # the embedding has no matrix
    assert len(book.sheets["Depth"].look.charts[0].series) == 2


def test_both_lenses_see_what_steering_adds_before_the_next_block(small_model: Model) -> None:
    """With J = 1 they stay the same, while the rows before block 1 are pushed."""
    options = LayoutOptions(prompt="p", ids=IDS, rows=ROWS, lenses=("depth", "steering"), jacobian={0: np.eye(D)})
    calculator = calculated(build_book(small_model, options))
    before = calculator.book.read("depth.logits").copy()
    calculator.set("steering.typed_direction", np.linspace(-1, 1, D)[None, :])
    calculator.set("steering.typed_block", 1.0)
    calculator.set("steering.typed_strength", 3.0)
    calculator.update()
    logit, bent = (calculator.book.read(f"depth.{name}logits")[:, 1:] for name in ("", "jacobian."))
    assert bent.tolist() == logit.tolist()
    assert np.abs(logit - before[:, 1:]).min() > 0
    assert_lenses_are_those_of_the_reference(calculator.book)


def test_it_is_the_jacobian_that_torch_finds(tmp_path: Path) -> None:
    """On one prompt, with the matrix that torch's autograd gives for it, and torch's own final LayerNorm and logits."""
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    folder = random_checkpoint(tmp_path)
    model = load_checkpoint(folder)
    library = transformers.GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager").double().eval()
    body = library.transformer
    with torch.no_grad():
        hidden = library(torch.tensor([IDS]), output_hidden_states=True).hidden_states[1]

    def last(x: object) -> object:
        out = body.h[1](x)
        return (out[0] if isinstance(out, tuple) else out).sum(dim=1)[0]

    slopes = torch.autograd.functional.jacobian(last, hidden)[:, 0]  # [d, n, d]
    matrix = slopes.mean(dim=1)
    expected = library.lm_head(body.ln_f(hidden[0, -1] @ matrix.T)).detach().numpy()
    states = lenses.residual_states(model.config, forward.activations(model.config, model.tensors, IDS))
    found = lenses.jacobian_lens(model.config, model.tensors, states[1], matrix.numpy())
    assert found[-1] == pytest.approx(expected, abs=1e-9)
    book = book_with(model, {0: matrix.numpy()})
    assert book.read("depth.jacobian.logits")[:, 1].astype(float) == pytest.approx(expected, abs=1e-9)


def test_a_file_is_named_and_check_knows_its_numbers(tmp_path: Path) -> None:
    folder = random_checkpoint(tmp_path / "model")
    save_file({"h.0": np.random.default_rng(0).normal(size=(D, D)).astype(np.float32)}, tmp_path / "j.safetensors")
    given: dict[str, Any] = {"lenses": ["depth"], "token_ids": IDS, "context": 6, "vocab_limit": 300}
    path = build(str(folder), tmp_path / "a.xlsx", jacobian=tmp_path / "j.safetensors", **given)
    report = check(path)
    assert report.agrees, report.as_text()
    patch(path, tmp_path / "b.xlsx", {"jacobian.h.0": {(6, 4): 0.25}})
    report = check(tmp_path / "b.xlsx", skip=["LibreOffice", "IronCalc"])
    assert any("fingerprint" in finding for finding in report.findings)
    assert not report.agrees
    plain = build(str(folder), tmp_path / "c.xlsx", **given)
    assert "jacobian.h.0" not in read(plain).sheets
    (tmp_path / "j.safetensors").rename(folder / "jacobian.safetensors")
    bundled = build(str(folder), tmp_path / "d.xlsx", **given)
    assert list(read(bundled).sheets)[-1] == "jacobian.h.0"
    sizes = [dry_run(str(folder), **options).files[0].cells for options in (given, given | {"lenses": []})]
    sheets = [sum(1 for _ in read(bundled).sheets[name].grid.items()) for name in ("jacobian.h.0", "Depth")]
    assert sizes[0] - sizes[1] >= sum(sheets) - 60  # blank cells of the tables count there


def test_where_there_is_no_use_for_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="for the lens depth"):
        BuildOptions(jacobian="j.safetensors", lenses=["story"])
    with pytest.raises(UsageError, match="for the lens depth"):
        build("mini", tmp_path / "a.xlsx", exercise=3, jacobian="j.safetensors")
    with pytest.raises(UsageError, match="expected a file"):
        BuildOptions(jacobian=3, lenses=["depth"])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="the whole model"):
        build("mini", tmp_path / "a.xlsx", lenses=["depth"], blocks="2", jacobian=tmp_path / "j.safetensors")
    missing = ["build", "mini", "--lens", "depth", "--jacobian", str(tmp_path / "none.safetensors")]
    result = CliRunner().invoke(main, [*missing, "-o", str(tmp_path / "a.xlsx")])
    assert result.exit_code == 2
    assert list(tmp_path.iterdir()) == []

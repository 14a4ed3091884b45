"""The size of a workbook before it is made: counts as in the real one, and no weights needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sheetgpt.book.book import Book
from sheetgpt.cli.main import main
from sheetgpt.commands.build import build
from sheetgpt.commands.dry_run import dry_run
from sheetgpt.commands.estimate import FileEstimate, stand_in_tokenizer
from sheetgpt.errors import CheckpointError, UsageError
from sheetgpt.gpt2.presets import PRESETS
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.layout.detokenizer import piece_of
from sheetgpt.layout.lenses.lens import LENSES
from sheetgpt.split.build import build_split
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.paths import MINI, shared


def real_counts(book: Book) -> dict[str, int]:
    """Sheets, cells with a value, formulas, and the cells that they fill, of a workbook read from its file."""
    filled = {name: {cell for f in sheet.formulas for cell in f.rect.cells()} for name, sheet in book.sheets.items()}
    return {
        "sheets": len(book.sheets),
        "cells": sum(len(filled[name] | {cell for cell, _ in s.grid.items()}) for name, s in book.sheets.items()),
        "formulas": sum(len(sheet.formulas) for sheet in book.sheets.values()),
        "formula_cells": sum(map(len, filled.values())),
    }


# Of Facts, which has blank rows behind short texts, the dry run counts all cells.
EXACT = [name for name in LENSES if name != "facts"]


@pytest.mark.parametrize(
    ("entries", "options"),
    [
        ({}, {}),
        ({"n_layer": 1, "n_head": 1, "tie_word_embeddings": False}, {"context": 1, "prompt": "a"}),
        ({"n_inner": 20}, {"context": 5, "token_ids": [3, 4, 5], "candidates": 12}),
        ({"n_layer": 1}, {"context": 4, "token_ids": [3, 4, 5], "exercise": 6, "solution": True}),
        ({"n_layer": 4}, {"blocks": "1,3", "vocab_limit": 400, "max_chars": 20, "prompt": "of", "digits": "float32"}),
    ],
)
def test_counts_are_those_of_the_real_workbook(
    tmp_path: Path, entries: dict[str, Any], options: dict[str, object]
) -> None:
    folder = random_checkpoint(tmp_path / "m", **entries)
    options = {"lenses": None if "exercise" in options else EXACT} | options
    path = build(str(folder), tmp_path / "a.xlsx", **options)  # type: ignore[arg-type]
    (folder / "model.safetensors").unlink()  # the dry run must not need it
    for model in (folder, folder / "config.json"):
        estimate = dry_run(str(model), **options)  # type: ignore[arg-type]
        (file,) = estimate.files
        assert {name: getattr(file, name) for name in real_counts(Book())} == real_counts(read(path))
        assert file.weights == estimate.parameters
        assert 0.7 < file.bytes / path.stat().st_size < 1.3
        assert estimate.warnings == []
    assert [file.name for file in estimate.files] == ["m-lighter.xlsx" if "blocks" in options else "m.xlsx"]


@pytest.mark.parametrize("ids", [None, [3, 4]])
def test_counts_of_a_folder_of_workbooks(tmp_path: Path, ids: list[int] | None) -> None:
    folder = random_checkpoint(tmp_path / "m", tie_word_embeddings=ids is None)
    place = build_split(str(folder), tmp_path / "s", prompt=None if ids else "one", context=5, token_ids=ids)
    estimate = dry_run(str(folder), prompt=None if ids else "one", context=5, token_ids=ids, split=True)
    assert {file.name for file in estimate.files} == {path.name for path in place.iterdir()}
    for file in estimate.files:
        path = place / file.name
        assert {name: getattr(file, name) for name in real_counts(Book())} == real_counts(read(path))
        assert 0.6 < file.bytes / path.stat().st_size < 1.4
    assert sum(file.weights for file in estimate.files) == estimate.parameters + (0 if ids else 1200 * 12)


def test_every_size_fits_in_workbooks_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, config in PRESETS.items():
        estimate = dry_run(name, split=True)
        assert len(estimate.files) == config.n_layer + 2
        assert estimate.warnings == []


def test_the_bundled_model(tmp_path: Path) -> None:
    estimate, exact = dry_run("mini"), dry_run("mini", lenses=EXACT)
    path = build("mini", tmp_path / "mini.xlsx", lenses=EXACT)
    assert real_counts(read(path)).items() <= exact.as_dict().items()
    facts = next(lens for lens in estimate.lenses if lens.name == "facts")
    assert estimate.files[0].cells - exact.files[0].cells == facts.formula_cells + facts.other_cells + 2  # on the Map
    assert [lens.chosen for lens in estimate.lenses] == [True] * len(LENSES)
    assert [lens.name for lens in exact.lenses if not lens.chosen] == ["facts"]
    estimate = exact
    assert 0.9 < estimate.bytes / path.stat().st_size < 1.1


def test_the_published_sizes_need_no_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    parameters = {
        "gpt2": 124_439_808,
        "gpt2-medium": 354_823_168,
        "gpt2-large": 774_030_080,
        "gpt2-xl": 1_557_611_200,
        "distilgpt2": 81_912_576,
    }
    assert {name: config.parameters for name, config in PRESETS.items()} == parameters
    estimates = {name: dry_run(name) for name in ("gpt2", "gpt2-medium", "distilgpt2")}  # the larger ones take long
    for name, estimate in estimates.items():
        config = PRESETS[name]
        assert estimate.parameters == parameters[name]
        assert estimate.title == f"{name} (the known configuration; no checkpoint is here)"
        light = [lens for lens in estimate.lenses if lens.chosen]
        assert 0 < len(light) < len(LENSES)
        assert estimate.files[0].sheets == 15 + len(light) + config.n_layer + len(config.tensors())
    assert estimates["gpt2"].warnings == []
    assert estimates["gpt2-medium"].warnings == ["gpt2-medium.xlsx would pass the 2 GiB that a workbook may have"]


def test_a_known_name_with_a_folder_is_taken_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    random_checkpoint(tmp_path / "weights" / "gpt2")
    estimate = dry_run("gpt2")
    assert estimate.parameters < 20_000
    assert "config.json" in estimate.title
    for name in ("vocab.json", "merges.txt"):
        (tmp_path / "weights" / "gpt2" / name).unlink()
    assert dry_run("gpt2").files[0].formulas < estimate.files[0].formulas  # nothing cuts a text into tokens
    with pytest.raises(CheckpointError, match="no model 'gpt9'"):
        dry_run("gpt9")
    with pytest.raises(UsageError, match="--context 99"):
        dry_run("gpt2", context=99)


def test_the_stand_in_has_as_many_tokens_and_merges_as_the_real_tokenizer() -> None:
    real, stand_in = Tokenizer.from_folder(shared("gpt2")), stand_in_tokenizer(50257)
    assert (len(stand_in), len(stand_in.merges)) == (len(real), len(real.merges)) == (50257, 50000)
    assert all(stand_in.decode([k]) for k in range(0, 50257, 97))
    real_pieces, pieces = ([piece_of(t.token_bytes(k)) for k in range(len(t))] for t in (real, stand_in))
    for kind in (lambda p: p[0][0] >= 0 or p[3] > 0, lambda p: (p[0][0] >= 0 or p[3] > 0) and not p[1]):
        assert sum(map(kind, pieces)) == sum(map(kind, real_pieces)) > 200
    assert len(stand_in_tokenizer(300)) == 300


def test_limits_of_excel_are_named() -> None:
    file = FileEstimate("a.xlsx", 1, 1, 1, 1, 1, 2**31, "Logits", 2**32, 1.0, 1)
    assert file.warnings == [
        "a.xlsx would pass the 2 GiB that a workbook may have",
        "sheet Logits of a.xlsx would have 4.29 GB of XML; 4 GiB is the limit",
    ]
    # A window of 1,024 rows makes the sheet of logits too large.
    assert [w.partition(" ")[0] for w in dry_run("distilgpt2", context=1024).warnings] == ["distilgpt2.xlsx", "sheet"]


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["build", "gpt2-xl", "--dry-run", "--lens", "none"])
    assert result.exit_code == 0, result.output
    for words in ("1,557,611,200 parameters", "cells     1,594,329,404", "2 GiB", "minutes", "memory"):
        assert words in result.stdout
    entries = json.loads(CliRunner().invoke(main, ["build", str(MINI), "--dry-run", "--json", "--lens", "none"]).stdout)
    assert (entries["cells"], entries["parameters"], entries["warnings"]) == (495_567, 280_960, [])
    assert "Add --split" in result.stdout
    assert list(tmp_path.iterdir()) == []
    result = CliRunner().invoke(main, ["build", "gpt2", "--dry-run", "--split"])
    assert result.exit_code == 0, result.output
    assert "block_00.xlsx to block_11.xlsx" in result.stdout
    assert (
        len(json.loads(CliRunner().invoke(main, ["build", "gpt2", "--dry-run", "--split", "--json"]).stdout)["files"])
        == 14
    )

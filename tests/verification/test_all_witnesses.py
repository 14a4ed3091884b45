"""All witnesses on one workbook: the three prompts, and random GPT-2s made by the transformers library."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from sheetgpt.commands.build import build
from sheetgpt.commands.run import run
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.schema.answer import answer_of
from sheetgpt.schema.names import tokenizer_of
from sheetgpt.schema.prompt import Prompt, prompt_cells
from sheetgpt.verification.workbook import check
from sheetgpt.witnesses.program import ENGINES
from sheetgpt.xlsx.reader import read
from support.checkpoints import random_checkpoint
from support.library import greedy
from support.paths import MINI

LIBRARY = "needs torch and transformers: pip install torch==2.13.0 'sheetgpt[torch]'"
ANSWERS = {
    "Michael Jordan plays the sport of": " basketball",
    "If today is Tuesday, tomorrow is": " Wednesday",
    "Mike is quick. He moves": " quickly",
}


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of the bundled model, with a prompt that is none of the three."""
    return build("mini", tmp_path_factory.mktemp("mini") / "mini.xlsx", prompt="The capital of France is")


@pytest.mark.parametrize(("prompt", "answer"), ANSWERS.items())
def test_the_reference_answers(prompt: str, answer: str) -> None:
    model = load_checkpoint(MINI)
    assert model.tokenizer is not None
    logits = forward.logits(model.config, model.tensors, model.tokenizer.encode(prompt))
    assert model.tokenizer.decode([int(logits[-1].argmax())]) == answer


@pytest.mark.parametrize(("prompt", "answer"), ANSWERS.items())
def test_the_evaluator_answers(mini: Path, prompt: str, answer: str) -> None:
    found = run(mini, prompt)
    assert found.top[0].text == answer
    assert found.continuation.startswith(answer)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize(("prompt", "answer"), ANSWERS.items())
def test_spreadsheet_programs_answer(mini: Path, name: str, prompt: str, answer: str) -> None:
    """The prompt is typed into the workbook that held another one, and the program recalculates."""
    engine = ENGINES[name]
    if engine.available() is None:
        pytest.skip(f"needs {name}: {engine.how_to_install}")
    book = read(mini)
    tokenizer = tokenizer_of(book)
    assert tokenizer is not None
    typed = prompt_cells(book, Prompt(prompt, tokenizer.encode(prompt)))
    values = engine.recalculate(mini, typed)
    for sheet, grid in values.items():
        book.sheets[sheet].grid = grid
    assert answer_of(book).top[0].text == answer
    assert answer_of(book).continuation == run(mini, prompt).continuation


def test_every_formula_cell_of_mini_agrees_with_every_witness(mini: Path) -> None:
    report = check(mini, model="mini")
    assert report.agrees, report.as_text()
    assert {name: c.cells for name, c in report.comparisons.items()} == dict.fromkeys(report.comparisons, report.cells)


CONFIGURATIONS: list[dict] = [
    {},
    {"n_head": 1, "n_embd": 10},
    {"n_head": 7, "n_embd": 35, "n_layer": 1},
    {"n_head": 5, "n_embd": 15, "n_inner": 11},
    {"n_head": 3, "n_embd": 9, "n_layer": 4, "n_inner": 50},
    {"scale_attn_weights": False},
    {"scale_attn_by_inverse_layer_idx": True, "n_layer": 3},
    {"layer_norm_epsilon": 1e-3, "n_positions": 9},
    {"tie_word_embeddings": False, "n_embd": 33, "n_head": 11},
    {"vocab_size": 257, "n_head": 12, "n_embd": 12, "reorder_and_upcast_attn": True},
]


@pytest.mark.parametrize("number", range(len(CONFIGURATIONS)))
def test_random_models_of_transformers(tmp_path: Path, number: int) -> None:
    """Every witness agrees on every formula cell, and the sheet with transformers in float64: logits, greedy text."""
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    generator = np.random.default_rng(number)
    torch.manual_seed(number)
    settings = {
        "vocab_size": 300,
        "n_positions": 24,
        "n_embd": 24,
        "n_layer": 2,
        "n_head": 4,
        "bos_token_id": 0,
        "eos_token_id": 0,
    } | CONFIGURATIONS[number]
    library = transformers.GPT2LMHeadModel(transformers.GPT2Config(**settings)).eval()
    with torch.no_grad():
        for parameter in library.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
    library.save_pretrained(tmp_path / "model")
    rows = 9
    ids = generator.integers(0, settings["vocab_size"], 1 + number % 6).tolist()
    path = build(str(tmp_path / "model"), tmp_path / "book.xlsx", token_ids=ids, context=rows, lenses="none")

    report = check(path, model=str(tmp_path / "model"))
    assert report.agrees, report.as_text()
    assert all(comparison.cells == report.cells for comparison in report.comparisons.values())

    book = read(path)
    library = library.double()
    tokens = greedy(library, ids, rows)
    assert book.read("token.ids").ravel().tolist() == tokens
    with torch.no_grad():
        expected = library(torch.tensor([tokens])).logits[0].numpy()
    actual = book.read("logits").T
    assert np.abs(actual - expected).max() <= 1e-9 * max(1.0, np.abs(expected).max())


def test_the_bundled_model_continues_like_transformers(mini: Path) -> None:
    pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    library = transformers.GPT2LMHeadModel.from_pretrained(MINI).double().eval()
    for prompt in ANSWERS:
        found = run(mini, prompt)
        assert found.ids == greedy(library, found.ids[: found.length], len(found.ids))


def test_shortened_numbers_are_those_that_transformers_gets(tmp_path: Path) -> None:
    """With --digits float32 the cells hold the shortest decimals: as float32 they are the checkpoint's numbers."""
    shutil.copytree(MINI, tmp_path / "model")
    path = build(str(tmp_path / "model"), tmp_path / "short.xlsx", digits="float32", lenses="none")
    model = load_checkpoint(MINI)
    book = read(path)
    for name, tensor in model.tensors.items():
        assert np.array_equal(book.read(name).astype(np.float32), tensor.astype(np.float32)), name
    report = check(path, model=str(MINI), skip=["LibreOffice", "IronCalc"])
    assert report.agrees, report.as_text()


def test_of_equal_logits_every_program_lists_the_lower_id_first(tmp_path: Path) -> None:
    """Each logit is one product, so that all programs have the very same numbers, each of them many times."""
    folder = random_checkpoint(tmp_path / "model", seed=3, n_layer=1)
    tensors = load_file(folder / "model.safetensors")
    rows = np.arange(len(tensors["wte.weight"]))
    tensors["wte.weight"] = np.zeros_like(tensors["wte.weight"])
    tensors["wte.weight"][:, 0] = rows * 37 % 90 / 8
    save_file(tensors, folder / "model.safetensors")
    path = build(str(folder), tmp_path / "equal.xlsx", token_ids=[5, 17, 200], context=4, lenses="none")
    book = read(path)
    for logits, ids in zip(book.read("logits").T, book.read("candidates.ids"), strict=True):
        assert ids.tolist() == np.argsort(-logits, kind="stable")[: len(ids)].tolist()
        assert len(np.unique(logits[ids.astype(int)])) < len(ids) / 5
    report = check(path, model=str(folder))
    assert report.agrees, report.as_text()

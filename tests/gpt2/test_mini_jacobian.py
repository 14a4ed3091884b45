"""The matrices of the Jacobian lens that come with the bundled model, against torch's own Jacobian."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open

from support.lenses import LIBRARY
from support.paths import MINI, TRAINING

sys.path.append(str(TRAINING))  # the scripts there import each other by name

TOLERANCE = 1e-6  # the file's float32, of numbers below 10


@pytest.fixture(scope="module")
def fit_jacobian() -> Any:
    pytest.importorskip("torch", reason=LIBRARY)
    pytest.importorskip("transformers", reason=LIBRARY)
    return import_module("fit_jacobian")


@pytest.fixture(scope="module")
def library(fit_jacobian: Any) -> Any:
    return fit_jacobian.GPT2LMHeadModel.from_pretrained(MINI).double()


def test_the_file_has_a_matrix_for_each_block_but_the_last() -> None:
    with safe_open(MINI / "jacobian.safetensors", framework="np") as file:
        assert sorted(file.keys()) == ["h.0", "h.1", "h.2"]
        assert file.metadata() == {"format": "pt", "d_model": "64", "n_prompts": "128", "rows": "16"}
        for name in file.keys():  # noqa: SIM118  not a dict
            matrix = file.get_tensor(name)
            assert (matrix.dtype, matrix.shape) == (np.float32, (64, 64))
            assert np.isfinite(matrix).all()
            assert np.abs(matrix).max() < 10


def test_matrices_are_those_of_the_definition(fit_jacobian: Any, library: Any) -> None:
    """For two prompts of four rows: all slopes one by one, of the blocks that follow applied to a state."""
    torch = import_module("torch")
    ids = torch.tensor([[5, 9, 9, 700], [1199, 450, 2, 450]])
    found = fit_jacobian.jacobians(library, ids)
    hidden = library(ids, output_hidden_states=True).hidden_states
    for layer in range(3):

        def last(state: Any, layer: int = layer) -> Any:
            for block in library.transformer.h[layer + 1 :]:
                state = fit_jacobian._first(block(state[None]))[0]
            return state

        slopes = [torch.autograd.functional.jacobian(last, state.detach()) for state in hidden[layer + 1]]
        assert all(slope[u, :, t].abs().max() == 0 for slope in slopes for t in range(4) for u in range(t))
        expected = torch.stack([slope.sum(0).mean(1) for slope in slopes]).mean(0)  # [u, i, t, j] -> [i, j]
        np.testing.assert_allclose(found[layer], expected, rtol=0, atol=1e-12)


def test_all_prompts_again_give_the_matrices_of_the_file(fit_jacobian: Any) -> None:
    with safe_open(MINI / "jacobian.safetensors", framework="np") as file:
        stored = np.stack([file.get_tensor(f"h.{layer}") for layer in range(3)])
    np.testing.assert_allclose(stored, fit_jacobian.fit(MINI), rtol=0, atol=TOLERANCE)


def test_prompts_are_texts_with_and_without_an_end_of_text_in_front(fit_jacobian: Any) -> None:
    prompts = fit_jacobian.prompts(fit_jacobian.mini_tokenizer.train())
    assert prompts.shape == (128, 16)
    assert (prompts[:, 0] == 1199).sum() == 64

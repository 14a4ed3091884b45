"""Files with matrices of the Jacobian lens: what is read, what is refused."""

from __future__ import annotations

import pickle
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from safetensors.numpy import save_file

from sheetgpt.errors import CheckpointError, UsageError
from sheetgpt.gpt2.jacobian import load_jacobian
from sheetgpt.gpt2.model import Model
from support.lenses import LIBRARY

D = 12  # columns of the small model


def matrix(seed: int, size: int = D) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(size, size)).astype(np.float32)


def test_a_safetensors_file(tmp_path: Path, small_model: Model) -> None:
    save_file({"h.0": matrix(0), "h.1": np.eye(D), "note": matrix(1)}, tmp_path / "a.safetensors")
    found = load_jacobian(tmp_path / "a.safetensors", small_model.config)
    assert list(found) == [0]
    assert found[0].tolist() == matrix(0).astype(float).tolist()


@pytest.mark.parametrize("kind", ["float16", "float32", "float64", "bfloat16"])
def test_a_file_as_jacobian_lens_saves_it(tmp_path: Path, small_model: Model, kind: str) -> None:
    """`JacobianLens.save` of github.com/anthropics/jacobian-lens, in other precisions too."""
    torch = pytest.importorskip("torch", reason=LIBRARY)
    tensor = torch.tensor(matrix(0)).to(getattr(torch, kind))
    torch.save({"J": {0: tensor}, "n_prompts": 3, "source_layers": [0], "d_model": D}, tmp_path / "a.pt")
    found = load_jacobian(tmp_path / "a.pt", small_model.config)
    assert found[0].tolist() == tensor.double().numpy().tolist()


@pytest.mark.parametrize(
    ("tensors", "message"),
    [
        ({"h.0": matrix(0, 5)}, r"block 0 has shape \(5, 5\), expected \(12, 12\)"),
        ({"h.1": matrix(0)}, "last block is not the identity"),
        ({"h.7": matrix(0)}, "a matrix of block 7"),
        ({"h.0": matrix(0) * np.float32(np.nan)}, "NaN"),
        ({"J": matrix(0)}, "no matrices"),
    ],
)
def test_what_does_not_belong_to_the_model(tmp_path: Path, small_model: Model, tensors: dict, message: str) -> None:
    save_file(tensors, tmp_path / "a.safetensors")
    with pytest.raises(UsageError, match=message):
        load_jacobian(tmp_path / "a.safetensors", small_model.config)


class Harm:
    """A pickle that would run a command."""

    def __reduce__(self) -> tuple:
        return print, ("harm",)


@pytest.mark.parametrize("content", [{"J": Harm()}, {"J": {"0": [1.0]}}, [1.0], {"weights": 1}])
def test_no_code_runs_and_other_files_are_refused(
    tmp_path: Path, small_model: Model, capsys: pytest.CaptureFixture[str], content: object
) -> None:
    with ZipFile(tmp_path / "a.pt", "w") as archive:
        archive.writestr("a/data.pkl", pickle.dumps(content, protocol=2))
    with pytest.raises(CheckpointError, match=r"neither a tensor|no matrices"):
        load_jacobian(tmp_path / "a.pt", small_model.config)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", ["a.pt", "a.safetensors"])
def test_no_such_file(tmp_path: Path, small_model: Model, name: str) -> None:
    with pytest.raises(CheckpointError, match=name):
        load_jacobian(tmp_path / name, small_model.config)


def test_a_tensor_that_is_a_view_is_refused(tmp_path: Path, small_model: Model) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    torch.save({"J": {0: torch.tensor(matrix(0)).T}}, tmp_path / "a.pt")
    with pytest.raises(CheckpointError, match="row by row"):
        load_jacobian(tmp_path / "a.pt", small_model.config)

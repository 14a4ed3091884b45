"""The matrices of the Jacobian lens: how, on average, a change of the residual stream changes it after the last block.

J_l[i, j] is the mean of d x_last[i] / d x_l[j], in the own row and all later ones; `lenses.jacobian_lens` uses them.
Source: "Verbalizable Representations Form a Global Workspace in Language Models", 2026, and the code that was
published with it, github.com/anthropics/jacobian-lens, whose files are read here too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from sheetgpt.errors import CheckpointError, UsageError
from sheetgpt.gpt2.checkpoint import read_tensors
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.torch_file import read_torch_file

FILE = "jacobian.safetensors"  # in the folder of a model that comes with its matrices
Jacobian = Mapping[int, np.ndarray]  # block -> [d, d]; the last block has none


def load_jacobian(path: Path, config: Config) -> dict[int, np.ndarray]:
    """The matrices in a file, by block: tensors h.L of a safetensors file, or what jacobian-lens saves (.pt).

    Blocks may be missing; that of the last block may be there if it is the identity. Raises CheckpointError for a file
    that cannot be read, UsageError for matrices that do not belong to a model of this configuration.
    """
    if not path.is_file():
        raise CheckpointError(f"there is no file {path}", "--jacobian takes a file with matrices")
    found = _published(path) if path.suffix == ".pt" else _named(path)
    wrong = [layer for layer in found if not 0 <= layer < config.n_layer]
    if wrong:
        raise UsageError(f"{path}: it has a matrix of block {wrong[0]}", f"this model has {config.n_layer} blocks")
    d, last = config.n_embd, found.pop(config.n_layer - 1, None)
    for layer, matrix in found.items() if last is None else [*found.items(), (config.n_layer - 1, last)]:
        if matrix.shape != (d, d):
            raise UsageError(f"{path}: the matrix of block {layer} has shape {matrix.shape}, expected {(d, d)}")
        if not np.isfinite(matrix).all():
            raise UsageError(f"{path}: the matrix of block {layer} holds NaN or infinity, which no cell can")
    if last is not None and not np.allclose(last, np.eye(d), atol=1e-3):
        raise UsageError(f"{path}: the matrix of the last block is not the identity", "it is for another depth")
    if not found:
        raise UsageError(f"{path} holds no matrices for this model", "tensors are named h.0, h.1 ...")
    return dict(sorted(found.items()))


def _named(path: Path) -> dict[int, np.ndarray]:
    """The tensors h.0, h.1 ... of a safetensors file."""
    tensors = read_tensors(path)
    return {int(match[1]): tensors[name] for name in tensors if (match := re.fullmatch(r"h\.(\d+)", name))}


def _published(path: Path) -> dict[int, np.ndarray]:
    """{"J": {layer: matrix}} of a file as jacobian-lens saves it."""
    content = read_torch_file(path)
    matrices = content.get("J") if isinstance(content, dict) else None
    if not isinstance(matrices, dict) or not all(
        isinstance(layer, int) and isinstance(matrix, np.ndarray) for layer, matrix in matrices.items()
    ):
        raise CheckpointError(f"{path} holds no matrices of a Jacobian lens", 'expected {"J": {layer: matrix}}')
    return dict(matrices)

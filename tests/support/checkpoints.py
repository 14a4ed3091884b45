"""Checkpoints made on the spot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from sheetgpt.gpt2.checkpoint import stored_shape
from sheetgpt.gpt2.config import Config
from support.paths import MINI


def random_checkpoint(
    folder: Path, seed: int = 0, dtype: type = np.float32, prefix: str = "", **entries: object
) -> Path:
    """A GPT-2 checkpoint with random weights in Hugging Face's layout, with the tokenizer of weights/mini.

    Weights are large enough that logits and attention differ clearly from token to token.
    """
    sizes: dict[str, object] = {
        "vocab_size": len(json.loads((MINI / "vocab.json").read_text())),
        "n_positions": 16,
        "n_embd": 12,
        "n_layer": 2,
        "n_head": 3,
    }
    config = {"model_type": "gpt2"} | sizes | entries
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    generator = np.random.default_rng(seed)
    tensors: dict[str, np.ndarray] = {}
    for name, shape in Config.from_json(config, "config").tensors().items():
        values = generator.normal(1.0 if ".ln_" in name and name.endswith("weight") else 0.0, 0.3, shape)
        tensors[prefix * (name != "lm_head.weight") + name] = values.astype(dtype).reshape(stored_shape(name, *shape))
    save_file(tensors, folder / "model.safetensors")
    for file in ("vocab.json", "merges.txt"):
        shutil.copy(MINI / file, folder / file)
    return folder

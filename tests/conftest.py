"""What tests share: where shared data lies, checkpoints made on the spot, which programs are there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from long import LONG
from safetensors.numpy import save_file

from sheetgpt.gpt2.checkpoint import load_checkpoint, stored_shape
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"
MINI = ROOT / "weights" / "mini"


def shared(name: str) -> Path:
    """A folder of data shared beside the project; skips the test where it is missing."""
    folder = SHARED / name
    if not folder.exists():
        pytest.skip(f"needs ../shared/{name}, which is not part of the project")
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that take long; raises UsageError for one in the list that is not there."""
    found: dict[str, set[str]] = {}
    for item in items:
        module, function = item.path.stem, item.name.partition("[")[0]
        found.setdefault(module, set()).update((item.name, function))
        if {item.name, function}.intersection(LONG.get(module, ())):
            item.add_marker("long")
    for module, names in found.items():
        if lost := set(LONG.get(module, ())) - names:
            raise pytest.UsageError(f"tests/long.py lists what {module} does not have: {', '.join(sorted(lost))}")


def random_checkpoint(
    folder: Path, seed: int = 0, dtype: type = np.float32, prefix: str = "", **entries: object
) -> Path:
    """A GPT-2 checkpoint with random weights in Hugging Face's layout, with the tokenizer of weights/mini.

    Weights are large enough that logits and attention differ clearly from token to token.
    """
    import json

    sizes: dict[str, object] = {"vocab_size": len(json.loads((MINI / "vocab.json").read_text())), "n_positions": 16,
                                "n_embd": 12, "n_layer": 2, "n_head": 3}  # fmt: skip
    config = {"model_type": "gpt2"} | sizes | entries
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    generator = np.random.default_rng(seed)
    tensors = {}
    for name, shape in Config.from_json(config, "config").tensors().items():
        values = generator.normal(1.0 if ".ln_" in name and name.endswith("weight") else 0.0, 0.3, shape)
        tensors[prefix * (name != "lm_head.weight") + name] = values.astype(dtype).reshape(stored_shape(name, *shape))
    save_file(tensors, folder / "model.safetensors")
    for file in ("vocab.json", "merges.txt"):
        shutil.copy(MINI / file, folder / file)
    return folder


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or fills the cache of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("SHEETGPT_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A random GPT-2 of 2 blocks, 3 heads of 4 columns."""
    return load_checkpoint(random_checkpoint(tmp_path_factory.mktemp("small")))

"""Checkpoints in all their forms, and those that do not fit."""

import json
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from sheetgpt.errors import CheckpointError
from sheetgpt.gpt2 import checkpoint
from sheetgpt.gpt2.apply_subset import make_subset
from sheetgpt.gpt2.checkpoint import find_checkpoint, load_checkpoint
from sheetgpt.gpt2.float32 import shortest_decimals
from sheetgpt.gpt2.model import read_rows
from support.checkpoints import random_checkpoint
from support.paths import MINI


def edit(folder: Path, **entries: object) -> None:
    config = json.loads((folder / "config.json").read_text()) | entries
    (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
@pytest.mark.parametrize("prefix", ["", "transformer."])
def test_number_types_and_prefixes(tmp_path: Path, dtype: type, prefix: str) -> None:
    folder = random_checkpoint(tmp_path, dtype=dtype, prefix=prefix)
    model = load_checkpoint(folder)
    stored = load_file(folder / "model.safetensors")
    assert set(model.tensors) == {name.removeprefix("transformer.") for name in stored}
    for name, tensor in model.tensors.items():
        assert tensor.dtype == np.float64
        assert tensor.shape == model.config.tensors()[name]
        assert np.array_equal(tensor.ravel(), stored[prefix + name].astype(np.float64).ravel())


def test_bfloat16(tmp_path: Path) -> None:
    folder = random_checkpoint(tmp_path)
    stored = load_file(folder / "model.safetensors")
    save_file({name: t.astype(ml_dtypes.bfloat16) for name, t in stored.items()}, folder / "model.safetensors")
    tensor = load_checkpoint(folder).tensors["wte.weight"]
    assert np.array_equal(tensor, stored["wte.weight"].astype(ml_dtypes.bfloat16).astype(np.float64))
    assert not np.array_equal(tensor, stored["wte.weight"])


def test_rows_are_read_without_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_checkpoint(random_checkpoint(tmp_path, dtype=np.float64))
    whole = dict(model.tensors)
    monkeypatch.setattr(checkpoint, "_AT_ONCE", 30)  # numbers read at once: two rows, or less than one
    copy = make_subset(model, "1-1", 300)
    kept = {name: whole[name.replace("h.0.", "h.1.")] for name in copy.tensors}
    for tensors, expected in (
        (model.tensors, whole),
        (model.shortened().tensors, {name: shortest_decimals(tensor) for name, tensor in whole.items()}),
        (copy.tensors, kept | {"wte.weight": whole["wte.weight"][:300]}),
        (whole, whole),
    ):
        for name, tensor in expected.items():
            assert np.array_equal(tensors[name], tensor)
            for rows in (slice(0, 1), slice(3, 10), slice(None), slice(5, 10**6), slice(10**6, None)):
                assert np.array_equal(read_rows(tensors, name, rows), tensor[rows])


def test_shards_and_masks_of_old_checkpoints(tmp_path: Path) -> None:
    folder = random_checkpoint(tmp_path)
    whole = dict(load_checkpoint(folder).tensors)
    stored = load_file(folder / "model.safetensors") | {"h.0.attn.bias": np.ones((1, 1, 4, 4), np.float32)}
    (folder / "model.safetensors").unlink()
    names = sorted(stored)
    parts = {"a.safetensors": names[::2], "b.safetensors": names[1::2]}
    for file, part in parts.items():
        save_file({name: stored[name] for name in part}, folder / file)
    index = {"weight_map": {name: file for file, part in parts.items() for name in part}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    again = load_checkpoint(folder).tensors
    assert list(again) == list(whole)
    assert all(np.array_equal(again[name], whole[name]) for name in whole)


def test_untied_head_is_its_own_tensor(tmp_path: Path) -> None:
    model = load_checkpoint(random_checkpoint(tmp_path, prefix="transformer.", tie_word_embeddings=False))
    assert model.config.head_name == "lm_head.weight"
    assert model.tensors["lm_head.weight"].shape == model.tensors["wte.weight"].shape


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"n_embd": 16, "n_head": 4}, r"tensor h.0.attn.c_attn.bias has shape \(36,\), expected \(48,\)"),
        ({"n_inner": 20}, r"tensor h.0.mlp.c_fc.bias has shape \(48,\), expected \(20,\)"),
        ({"vocab_size": 5000}, r"tensor wte.weight has shape .*, expected \(5000, 12\)"),
        ({"n_layer": 3}, r"tensor h.2.ln_1.weight is missing, expected shape \(12,\) \(and 11 more are missing\)"),
        ({"n_layer": 1}, r"tensor h.1.* has no place"),
        ({"n_head": 5}, r"n_embd 12 cannot be divided by n_head 5"),
        ({"n_head": 0}, r"n_head is 0, expected a whole number"),
        ({"n_layer": "two"}, r"n_layer is 'two'"),
        ({"activation_function": "relu"}, r"activation_function is 'relu'"),
        ({"activation_function": "gelu"}, r"activation_function is 'gelu'"),
        ({"model_type": "llama"}, r"model_type is 'llama', expected 'gpt2'"),
        ({"tie_word_embeddings": False}, r"tensor lm_head.weight is missing"),
        ({"layer_norm_epsilon": -1}, r"layer_norm_epsilon is -1"),
        ({"add_cross_attention": True}, r"add_cross_attention"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(tmp_path: Path, entries: dict[str, object], sentence: str) -> None:
    folder = random_checkpoint(tmp_path)
    edit(folder, **entries)
    with pytest.raises(CheckpointError, match=sentence):
        load_checkpoint(folder)


def test_broken_files_are_refused(tmp_path: Path) -> None:
    def broken(name: str, content: bytes | None, words: str) -> None:
        folder = random_checkpoint(tmp_path / words.replace(" ", "_")[:20])
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(content)
        with pytest.raises(CheckpointError, match=words):
            load_checkpoint(folder)

    broken("config.json", None, "config.json cannot be read")
    broken("config.json", b"{", "is no JSON")
    broken("config.json", b"[1]", "should hold a JSON object")
    broken("model.safetensors", None, "holds no model.safetensors")
    broken("model.safetensors", b"\x00" * 4, "cannot be read as safetensors")
    broken("merges.txt", None, "the tokenizer cannot be read")
    broken("merges.txt", b"a b c\n", "does not hold two tokens")
    broken("merges.txt", b"qq zz\n", "is not in the vocabulary")
    broken("vocab.json", b'{"a": 0}', "lacks 255 of the 256 bytes")
    broken("vocab.json", b'{"a": 7}', "do not count from 0")


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    folder = random_checkpoint(tmp_path)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match="can run code"):
        load_checkpoint(folder)


def test_weights_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    folder = random_checkpoint(tmp_path)
    stored = dict(load_file(folder / "model.safetensors"))
    stored["wpe.weight"] = np.full_like(stored["wpe.weight"], np.nan)
    save_file(stored, folder / "model.safetensors")
    model = load_checkpoint(folder)
    assert np.isfinite(model.tensors["wte.weight"]).all()
    with pytest.raises(CheckpointError, match=r"wpe.weight holds NaN"):
        model.tensors["wpe.weight"]
    stored["wpe.weight"] = np.ones(stored["wpe.weight"].shape, np.int32)
    save_file(stored, folder / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"wpe.weight holds I32"):
        load_checkpoint(folder)


def test_a_checkpoint_without_a_tokenizer_loads(tmp_path: Path) -> None:
    folder = random_checkpoint(tmp_path)
    for name in ("vocab.json", "merges.txt"):
        (folder / name).unlink()
    assert load_checkpoint(folder).tokenizer is None


def test_models_are_found_by_folder_and_by_name() -> None:
    assert find_checkpoint(str(MINI)).samefile(MINI)
    assert find_checkpoint("mini").samefile(MINI)
    with pytest.raises(CheckpointError, match=r"no model 'gpt9'.*\n.*mini"):
        find_checkpoint("gpt9")


def test_tensors_are_read_when_asked_for_and_not_kept(tmp_path: Path) -> None:
    model = load_checkpoint(random_checkpoint(tmp_path))
    assert len(model.tensors) == len(list(model.tensors)) == len(model.config.tensors())
    one, other = model.tensors["wte.weight"], model.tensors["wte.weight"]
    assert one is not other
    assert np.array_equal(one, other)
    assert "wte.weight" in model.tensors
    assert "h.9.attn.c_attn.weight" not in model.tensors
    with pytest.raises(KeyError):
        model.tensors["h.9.attn.c_attn.weight"]
    short = model.shortened().tensors
    assert list(short) == list(model.tensors)
    assert np.array_equal(short["wpe.weight"], shortest_decimals(model.tensors["wpe.weight"]))

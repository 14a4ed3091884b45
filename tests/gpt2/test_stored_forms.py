"""Checkpoints in the forms in which people store them: the logits are those of transformers, or the reason is told."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from sheetgpt.errors import CheckpointError
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.checkpoint import find_checkpoint, load_checkpoint, read_stored_config
from sheetgpt.gpt2.model import Model

LIBRARY = "needs torch and transformers: pip install torch==2.13.0 'sheetgpt[torch]'"
SIZES = {"vocab_size": 40, "n_positions": 8, "n_embd": 12, "n_layer": 2, "n_head": 3}
IDS = [1, 7, 30, 7, 2]
WTE, HEAD = "transformer.wte.weight", "lm_head.weight"
Stored = dict[str, np.ndarray]


def random_numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(5).normal(0, 0.4, shape).astype(np.float32)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random GPT-2 as transformers saves it."""
    torch = pytest.importorskip("torch", reason=LIBRARY)
    # Before version 5 a head that is stored and differs was dropped where the configuration said tied.
    transformers = pytest.importorskip("transformers", minversion="5", reason=LIBRARY)
    torch.manual_seed(3)
    library = transformers.GPT2LMHeadModel(transformers.GPT2Config(**SIZES, bos_token_id=0, eos_token_id=0))
    for parameter in library.parameters():
        torch.nn.init.normal_(parameter, 0.1, 0.4)
    folder = tmp_path_factory.mktemp("saved")
    library.save_pretrained(folder)
    return folder


def variant(saved: Path, to: Path, change: Callable[[Stored], Stored] | None = None, **entries: object) -> Path:
    """A copy with other tensors or entries of config.json; those that are None are removed."""
    shutil.copytree(saved, to, dirs_exist_ok=True)
    if change:
        stored = {name: np.ascontiguousarray(tensor) for name, tensor in change(dict(tensors_of(to))).items()}
        save_file(stored, to / "model.safetensors", {"format": "pt"})
    found: dict[str, object] = json.loads((to / "config.json").read_text()) | entries
    (to / "config.json").write_text(json.dumps({key: value for key, value in found.items() if value is not None}))
    return to


def tensors_of(folder: Path) -> Stored:
    return dict(load_file(folder / "model.safetensors"))


def library_logits(folder: Path) -> np.ndarray:
    """[tokens, vocabulary] of the checkpoint as transformers loads it, in float64."""
    import torch
    from transformers import GPT2LMHeadModel

    library: Any = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float64)
    with torch.no_grad():
        return np.asarray(library.eval()(torch.tensor([IDS])).logits[0])


def own_logits(model: Model) -> np.ndarray:
    return forward.activations(model.config, dict(model.tensors), IDS)["logits"].T


def head_alone(stored: Stored) -> Stored:
    return {HEAD if name == WTE else name: tensor for name, tensor in stored.items()}


ALIASES = {"hidden_size": 12, "max_position_embeddings": 8, "num_attention_heads": 3, "num_hidden_layers": 2}


@pytest.mark.parametrize(
    ("change", "entries"),
    [
        (lambda t: t | {HEAD: random_numbers(40, 12)}, {}),
        (lambda t: t | {HEAD: random_numbers(40, 12)}, {"tie_word_embeddings": None}),
        (lambda t: t | {HEAD: t[WTE].copy()}, {}),
        (lambda t: t | {HEAD: random_numbers(40, 12)}, {"tie_word_embeddings": False}),
        (head_alone, {}),
        (lambda t: {name.removeprefix("transformer."): tensor for name, tensor in t.items()}, {}),
        (lambda t: {f"transformer.{name}": tensor for name, tensor in t.items()}, {}),
        (lambda t: t | {"transformer.h.0.attn.bias": np.ones((1, 1, 8, 8), np.uint8)}, {}),
        (lambda t: {name: tensor.astype(np.float64) for name, tensor in t.items()}, {}),
        (lambda t: {name: tensor.astype(np.float16) for name, tensor in t.items()}, {}),
        (lambda t: {name: tensor.astype(ml_dtypes.bfloat16) for name, tensor in t.items()}, {}),
        (None, ALIASES | dict.fromkeys(("n_embd", "n_positions", "n_head", "n_layer"))),
        (None, ALIASES | {"n_ctx": 4}),
        (None, {"scale_attn_by_inverse_layer_idx": True}),
        (None, {"scale_attn_weights": False}),
        (None, {"reorder_and_upcast_attn": True}),
        (None, {"layer_norm_epsilon": 0.3}),
        (None, {"layer_norm_epsilon": None}),
        (None, {"n_inner": 48}),
        (None, {"activation_function": "gelu_pytorch_tanh"}),
        (None, {"activation_function": "gelu_python_tanh"}),
        (None, {"activation_function": "gelu_accurate"}),
        (None, {"architectures": ["GPT2Model"], "model_type": None}),
    ],
)
def test_logits_are_those_of_transformers(
    saved: Path, tmp_path: Path, change: Callable[[Stored], Stored] | None, entries: dict[str, object]
) -> None:
    folder = variant(saved, tmp_path, change, **entries)
    # Both in float64, sums in another order.
    np.testing.assert_allclose(own_logits(load_checkpoint(folder)), library_logits(folder), rtol=0, atol=1e-11)


def test_a_head_that_differs_is_the_head(saved: Path, tmp_path: Path) -> None:
    tied = load_checkpoint(variant(saved, tmp_path / "same", lambda t: t | {HEAD: t[WTE].copy()}))
    assert tied.config.tie_word_embeddings
    assert HEAD not in tied.tensors
    head = tensors_of(saved)[WTE].copy()
    head[39, 11] = np.nextafter(head[39, 11], np.float32(9))  # one number, by the least step
    untied = load_checkpoint(variant(saved, tmp_path / "other", lambda t: t | {HEAD: head}))
    assert not untied.config.tie_word_embeddings
    assert np.array_equal(untied.tensors[HEAD], head.astype(np.float64))
    assert read_stored_config(tmp_path / "other") == untied.config  # what `build --dry-run` counts
    (tmp_path / "other" / "model.safetensors").unlink()
    assert read_stored_config(tmp_path / "other").tie_word_embeddings


@pytest.mark.parametrize("wrapper", ["module.", "_orig_mod.", "model.", "module._orig_mod.", "base_model.model."])
def test_wrappers_in_front_of_names_are_taken_off(saved: Path, tmp_path: Path, wrapper: str) -> None:
    """transformers finds no tensor under these names, and begins with random ones."""
    folder = variant(saved, tmp_path, lambda t: {wrapper + name: tensor for name, tensor in t.items()})
    assert np.array_equal(own_logits(load_checkpoint(folder)), own_logits(load_checkpoint(saved)))


QUANTIZED = {"transformer.h.1.attn.c_attn.weight": np.ones((12, 36), np.int8)}


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"lm_head.bias": random_numbers(40)}, "lm_head.bias is a bias that GPT-2's head does not have"),
        ({"score.weight": random_numbers(2, 12)}, "score.weight is the head of a classifier"),
        ({"multiple_choice_head.summary.weight": random_numbers(1, 12)}, "a second head, for multiple choice"),
        ({"v_head.summary.weight": random_numbers(1, 12)}, "a head for values or rewards"),
        ({"transformer.h.0.attn.q_attn.weight": random_numbers(12, 12)}, r"h.0.attn.q_attn.weight has no place"),
        ({"transformer.h.2.ln_1.bias": random_numbers(12)}, r"h.2.ln_1.bias has no place[\s\S]*check n_layer"),
        ({"transformer.prompt.weight": random_numbers(4, 12)}, "prompt.weight has no place"),
        ({"base_model.model.h.0.attn.c_attn.lora_A.weight": random_numbers(4, 12)}, "LoRA.* not merged"),
        ({"transformer.h.0.crossattention.c_attn.weight": random_numbers(12, 24)}, "is of cross-attention"),
        ({"transformer.h.0.attn.c_attn.weight.absmax": random_numbers(4)}, "absmax is of quantized weights"),
        ({"wte.weight": random_numbers(40, 12)}, "wte.weight is there twice"),
        (QUANTIZED, r"c_attn.weight holds I8 numbers[\s\S]*quantized"),
        ({"transformer.h.0.attn.c_attn.weight": random_numbers(36, 12)}, "lies transposed, as nanoGPT"),
    ],
)
def test_tensors_that_would_be_lost_are_refused(saved: Path, tmp_path: Path, more: Stored, sentence: str) -> None:
    with pytest.raises(CheckpointError, match=sentence):
        load_checkpoint(variant(saved, tmp_path, lambda stored: stored | more))


def test_numbers_of_8_bits_are_refused(saved: Path, tmp_path: Path) -> None:
    """The header says another type of as many bytes: numpy has none to write it with."""
    file = variant(saved, tmp_path, lambda stored: stored | QUANTIZED) / "model.safetensors"
    data = file.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = data[8 : 8 + size].replace(b'"I8"', b'"F8_E4M3"')
    file.write_bytes(len(header).to_bytes(8, "little") + header + data[8 + size :])
    with pytest.raises(CheckpointError, match=r"c_attn.weight holds F8_E4M3 numbers[\s\S]*quantized"):
        load_checkpoint(tmp_path)


def test_a_tensor_in_two_shards_is_refused(saved: Path, tmp_path: Path) -> None:
    folder = variant(saved, tmp_path)
    shutil.copy(folder / "model.safetensors", folder / "a.safetensors")
    (folder / "model.safetensors").rename(folder / "b.safetensors")
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}}))
    with pytest.raises(CheckpointError, match="is there twice"):
        load_checkpoint(folder)
    for broken in ("{}", '{"weight_map": []}', '{"weight_map": {"x": 3}}'):
        index.write_text(broken)
        with pytest.raises(CheckpointError, match="no weight_map"):
            load_checkpoint(folder)


@pytest.mark.parametrize(
    ("entries", "sentence"),
    [
        ({"num_attention_heads": 4}, "n_head is 3 and num_attention_heads, another name for it, is 4"),
        ({"architectures": ["GPT2ForSequenceClassification"]}, "names GPT2ForSequenceClassification, a classifier"),
        ({"architectures": ["GPT2DoubleHeadsModel"]}, "a second head"),
        ({"auto_map": {"AutoModelForCausalLM": "x.Y"}}, "code of its own"),
        ({"quantization_config": {"quant_method": "bitsandbytes"}}, "quantization_config"),
        ({"pruned_heads": {"0": [1]}}, "pruned_heads"),
        ({"scale_attn_weights": "no"}, "scale_attn_weights is 'no', expected true or false"),
        ({"tie_word_embeddings": "false"}, "tie_word_embeddings is 'false'"),
        ({"layer_norm_epsilon": float("nan")}, "layer_norm_epsilon is nan"),
        ({"layer_norm_epsilon": True}, "layer_norm_epsilon is True"),
        ({"activation_function": "gelu_fast"}, "activation_function is 'gelu_fast'"),
        *[({"model_type": name}, f"model_type is '{name}'") for name in ("gpt_neo", "gptj", "llama", "openai-gpt")],
    ],
)
def test_entries_that_no_gpt2_has_are_refused(
    saved: Path, tmp_path: Path, entries: dict[str, object], sentence: str
) -> None:
    with pytest.raises(CheckpointError, match=sentence):
        load_checkpoint(variant(saved, tmp_path, None, **entries))


@pytest.mark.parametrize(
    ("file", "sentence", "way_out"),
    [
        ("adapter_config.json", "LoRA", "merge_and_unload"),
        ("pytorch_model.bin", "can run code", "save_pretrained"),
        ("pytorch_model-00001-of-00002.bin", "can run code", "save_pretrained"),
        ("gpt2-q4.gguf", "GGUF", "fetch"),
        ("tf_model.h5", "TensorFlow", "from_tf=True"),
        ("flax_model.msgpack", "Flax", "from_flax=True"),
        ("model.ckpt.index", "OpenAI", "convert_gpt2_original"),
        ("ckpt.pt", "nanoGPT", "transposed"),
        ("weights.pth", "torch.save", "weights_only=True"),
        ("model.onnx", "ONNX", "fetch"),
        ("pytorch_lora.safetensors", "under a name", "model.safetensors"),
    ],
)
def test_other_formats_are_named_with_the_way_out(tmp_path: Path, file: str, sentence: str, way_out: str) -> None:
    (tmp_path / file).write_bytes(b"x")
    for config in (False, True):
        if config:
            (tmp_path / "config.json").write_text(json.dumps(SIZES))
        with pytest.raises(CheckpointError, match=rf"{sentence}[\s\S]*{file}[\s\S]*Hint: [\s\S]*{way_out}"):
            load_checkpoint(tmp_path)
    with pytest.raises(CheckpointError, match=f"{file} is .*{sentence}"):
        find_checkpoint(str(tmp_path / file))


def test_a_file_of_a_checkpoint_is_answered_with_its_folder(saved: Path) -> None:
    with pytest.raises(CheckpointError, match="give its folder"):
        find_checkpoint(str(saved / "model.safetensors"))
    with pytest.raises(CheckpointError, match=r"is a file"):
        find_checkpoint(__file__)

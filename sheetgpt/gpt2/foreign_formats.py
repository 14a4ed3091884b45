"""Models in other formats than safetensors in Hugging Face's layout: what they are, and the way out.

None of them is opened: pickles can run code, the others hold GPT-2 in layouts of their own.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from pathlib import Path

from sheetgpt.errors import CheckpointError

_SAVE = "save_pretrained(OTHER, safe_serialization=True)"
_FROM_TF = "in transformers before version 5: GPT2LMHeadModel.from_pretrained(FOLDER, from_{}=True)." + _SAVE
_ORIGINAL = "give the checkpoint in Hugging Face's layout that it was converted from (for GPT-2: sheetgpt fetch gpt2)"
_PICKLE = "which sheetgpt does not open because it can run code"
# Patterns of files, the first that is found counts: what it is, what to do.
_FORMATS = (
    (
        "adapter_config.json",
        "a LoRA or another adapter of peft, not a whole model",
        f"merge it: AutoPeftModelForCausalLM.from_pretrained(FOLDER).merge_and_unload().{_SAVE}",
    ),
    (
        "pytorch_model*.bin",
        f"weights as pytorch_model.bin, {_PICKLE}",
        f"convert it: GPT2LMHeadModel.from_pretrained(FOLDER).{_SAVE}",
    ),
    ("*.gguf", "a model in GGUF, the format of llama.cpp, often quantized", _ORIGINAL),
    ("*.ggml", "a model in GGML, the old format of llama.cpp", _ORIGINAL),
    ("tf_model*.h5", "weights of TensorFlow", _FROM_TF.format("tf")),
    ("flax_model*.msgpack", "weights of Flax", _FROM_TF.format("flax")),
    (
        "model.ckpt*",
        "a TensorFlow checkpoint as OpenAI published GPT-2",
        "sheetgpt fetch gpt2 has the same weights; your own: convert_gpt2_original_tf_checkpoint_to_pytorch.py of "
        "transformers before version 5",
    ),
    ("*.onnx", "a model in ONNX", _ORIGINAL),
    ("*.mlpackage", "a model for Core ML", _ORIGINAL),
    ("rust_model.ot", "weights for rust-bert", _ORIGINAL),
    ("weights*.npz", "weights of MLX or numpy in a layout of their own", _ORIGINAL),
    (
        "zero_to_fp32.py",
        "a checkpoint of DeepSpeed",
        "its own script zero_to_fp32.py makes one file of it; load that with GPT2LMHeadModel and " + _SAVE,
    ),
    (
        "ckpt*.pt",
        f"a checkpoint of nanoGPT, {_PICKLE}",
        "put its weights into a GPT2LMHeadModel, matrices of Linear layers transposed, and "
        f"{_SAVE}; sheetgpt writes it if it was trained with GPT-2's tanh GELU, nanoGPT's own is the exact one",
    ),
    (
        "*.pt*",
        f"a file of torch.save, {_PICKLE}",
        f"load it into a GPT2LMHeadModel (torch.load with weights_only=True) and {_SAVE}",
    ),
    (
        "*.safetensors",
        "safetensors under a name that transformers does not look for",
        "one file is named model.safetensors; several need model.safetensors.index.json, as save_pretrained writes it",
    ),
)


def refuse_adapter(folder: Path) -> None:
    """Raise CheckpointError for a folder with an adapter: transformers adds it to a model, were it in this folder."""
    if (folder / "adapter_config.json").exists():
        refuse_format(folder)


def refuse_format(folder: Path) -> None:
    """Raise CheckpointError if a folder without model.safetensors holds a model in a format that is known here."""
    if folder.is_dir() and (found := describe_format(entry.name for entry in folder.iterdir())):
        raise CheckpointError(f"{folder} holds {found[0]}", found[1])


def describe_format(names: Iterable[str]) -> tuple[str, str] | None:
    """What model files of these names are, and the way out; None if no name is known here."""
    there = sorted(names)
    for pattern, what, hint in _FORMATS:
        if found := fnmatch.filter(there, pattern):
            return f"{what} ({found[0]})", hint
    return None


def refuse_file(file: Path) -> None:
    """Raise CheckpointError for a file in the place of a checkpoint's folder."""
    if file.name in ("config.json", "model.safetensors", "model.safetensors.index.json"):
        raise CheckpointError(f"{file} is a file of a checkpoint", f"give its folder: {file.parent}")
    if found := describe_format([file.name]):
        raise CheckpointError(f"{file} is {found[0]}", found[1])
    raise CheckpointError(f"{file} is a file", "give the folder of a Hugging Face GPT-2 checkpoint")

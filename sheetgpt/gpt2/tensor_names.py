"""Under which names checkpoints hold GPT-2's tensors, and which tensors would be lost.

What a wrapper puts in front of a name says nothing: "module." comes from torch's DataParallel, "_orig_mod." from
torch.compile, "model." and "base_model." from programs for training, "transformer." from the class with a head.
A tensor that the model does not have would be dropped in silence, so it is refused; only the masks of attention are
not weights.
"""

from __future__ import annotations

import re
from pathlib import Path

from sheetgpt.errors import CheckpointError

HEAD, TOKENS = "lm_head.weight", "wte.weight"
_WRAPPERS = re.compile(r"(?:(?:module|model|base_model|transformer)\.)+")
_MASKS = re.compile(r"h\.\d+\.attn\.(?:bias|masked_bias)")  # constants that old checkpoints carry along
_WITHOUT = "GPT2LMHeadModel.from_pretrained(FOLDER).save_pretrained(OTHER) makes a checkpoint without it"
_ORIGINAL = "give the checkpoint that it was made of, in float64, float32, float16 or bfloat16"
_STRANGERS = (
    (r"lora_|\.base_layer\.|adapter", "part of an adapter (LoRA) that is not merged", "merge it: merge_and_unload()"),
    (r"absmax|quant_map|quant_state|\.SCB$|qweight|qzeros|g_idx|weight_format|_scale(?:_inv)?$|\.scales$",
     "of quantized weights", _ORIGINAL),
    (r"^lm_head\.bias$", "a bias that GPT-2's head does not have", _WITHOUT),
    (r"^(?:score|classifier|qa_outputs)\.", "the head of a classifier", "sheetgpt writes models that predict tokens"),
    (r"^multiple_choice_head\.", "a second head, for multiple choice", _WITHOUT),
    (r"^(?:v_head|value_head|reward_head)\.", "a head for values or rewards", _WITHOUT),
    (r"^h\.\d+\.(?:crossattention|ln_cross_attn)\.", "of cross-attention", "only decoder-only GPT-2 can be written"),
)  # fmt: skip


def own_name(stored: str) -> str:
    """The name of a tensor without what wrappers put in front of it."""
    bare = stored.replace("_orig_mod.", "")
    return bare[found.end() :] if (found := _WRAPPERS.match(bare)) else bare


def is_mask(name: str) -> bool:
    """Whether a tensor is a constant mask of attention, which is no weight."""
    return _MASKS.fullmatch(name) is not None


def refuse_unknown(file: Path, name: str) -> None:
    """Raise CheckpointError for a tensor that the model of config.json does not have, saying what it is."""
    for pattern, what, hint in _STRANGERS:
        if re.search(pattern, name):
            raise CheckpointError(f"{file}: tensor {name} is {what}", hint)
    raise CheckpointError(
        f"{file}: tensor {name} has no place in the model that config.json describes",
        "check n_layer in config.json" if re.match(r"h\.\d+\.", name) else f"is it a GPT-2? If so, {_WITHOUT}",
    )


def refuse_shape(file: Path, name: str, shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """Raise CheckpointError for a tensor of another shape than config.json asks for."""
    turned = len(shape) == len(wanted) == 2 and shape == wanted[::-1]
    raise CheckpointError(
        f"{file}: tensor {name} has shape {shape}, expected {wanted}",
        "it lies transposed, as nanoGPT stores it: transpose the weights of c_attn, c_proj and c_fc in all blocks (and "
        "see whether it was trained with gelu_new: nanoGPT's own activation is the exact GELU, which is not written)"
        if turned and ".weight" in name and name.startswith("h.")
        else "config.json and the weights belong to different models",
    )

"""What a config.json says under other names, and what it says that no GPT-2 of sheetgpt does.

The other names are the `attribute_map` of GPT2Config in transformers. Of entries that are not named here, transformers
takes none for the calculation either (`reorder_and_upcast_attn` is about the precision of one).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sheetgpt.errors import CheckpointError

OTHER_NAMES = {
    "hidden_size": "n_embd",
    "max_position_embeddings": "n_positions",
    "num_attention_heads": "n_head",
    "num_hidden_layers": "n_layer",
}
_NEXT_TOKEN = "sheetgpt writes models that predict the next token"
_LANGUAGE_MODEL = "GPT2LMHeadModel.from_pretrained(FOLDER).save_pretrained(OTHER) keeps the language model alone"
_OTHER_HEADS = {  # of GPT-2 in transformers, by the class in "architectures"
    "GPT2ForSequenceClassification": ("a classifier of texts", _NEXT_TOKEN),
    "GPT2ForTokenClassification": ("a classifier of tokens", _NEXT_TOKEN),
    "GPT2ForQuestionAnswering": ("a model that marks answers in a text", _NEXT_TOKEN),
    "GPT2DoubleHeadsModel": ("a language model with a second head for multiple choice", _LANGUAGE_MODEL),
}


def own_names(entries: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The entries under GPT-2's own names; raises CheckpointError where two names say two things."""
    found = dict(entries)
    for other, name in OTHER_NAMES.items():
        if other not in entries:
            continue
        if name in entries and entries[name] != entries[other]:
            raise CheckpointError(
                f"{source}: {name} is {entries[name]!r} and {other}, another name for it, is {entries[other]!r}",
                "remove the one that is wrong",
            )
        found[name] = entries[other]
    return found


def refuse_other_models(entries: Mapping[str, Any], source: str) -> None:
    """Raise CheckpointError for entries of a model that is no GPT-2 with a head for the next token."""
    if entries.get("model_type", "gpt2") != "gpt2":
        raise CheckpointError(
            f"{source}: model_type is {entries['model_type']!r}, expected 'gpt2'",
            "sheetgpt writes GPT-2 models only (gpt2, gpt2-medium, gpt2-large, gpt2-xl, distilgpt2, your own)",
        )
    if not {"model_type", "n_embd", "n_layer", "n_head", "hidden_size", "vocab_size"} & entries.keys():
        raise CheckpointError(f"{source} does not describe a GPT-2: it has no model_type, n_layer or n_embd")
    architectures = entries.get("architectures")
    for name in architectures if isinstance(architectures, list) else []:
        if name in _OTHER_HEADS:
            what, hint = _OTHER_HEADS[name]
            raise CheckpointError(f"{source}: architectures names {name}, {what}", hint)
    code = entries.get("auto_map")
    if isinstance(code, Mapping) and any(str(key).startswith("AutoModel") for key in code):
        raise CheckpointError(
            f"{source}: auto_map says that the model has code of its own, which may calculate anything",
            "if it is a plain GPT-2, remove auto_map",
        )
    if entries.get("quantization_config"):
        raise CheckpointError(
            f"{source}: quantization_config says that the weights are quantized",
            "give the checkpoint that they were made of, in float64, float32, float16 or bfloat16",
        )
    if entries.get("pruned_heads"):
        raise CheckpointError(f"{source}: pruned_heads is not empty", "sheetgpt writes blocks with all of their heads")
    if entries.get("add_cross_attention"):
        raise CheckpointError(f"{source}: add_cross_attention is true", "only decoder-only GPT-2 can be written")

"""What parts of a model are on average over reference prompts, for mean ablation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.interventions import PartMeans
from sheetgpt.gpt2.tokenizer import Tokenizer

REFERENCE_TEXTS = (
    "Michael Jordan plays the sport of basketball.",
    "The capital of France is Paris.",
    "Mike is quick. He moves quickly.",
    "If today is Monday, tomorrow is Tuesday.",
)
_IDS = 16  # of each prompt where there is no tokenizer


def reference_texts(tokenizer: Tokenizer | None) -> tuple[str, ...]:
    """What the reference prompts are called: their texts, or which ids they are."""
    if tokenizer is not None:
        return REFERENCE_TEXTS
    return tuple(f"ids {first}, {first + step}, {first + 2 * step} ... ({_IDS})" for first, step in _STRIDES)


_STRIDES = ((0, 1), (7, 5), (3, 11), (1, 31))  # first id and step, of prompts without a tokenizer


def reference_prompts(config: Config, tokenizer: Tokenizer | None) -> list[list[int]]:
    """Their token ids, as many as the model has positions for."""
    if tokenizer is not None:
        prompts = [tokenizer.encode(text) for text in REFERENCE_TEXTS]
    else:
        prompts = [[(first + step * k) % config.vocab_size for k in range(_IDS)] for first, step in _STRIDES]
    return [ids[: config.n_positions] for ids in prompts]


def part_means(config: Config, tensors: forward.Tensors, prompts: Sequence[Sequence[int]]) -> PartMeans:
    """The means over all rows of all prompts, each prompt by itself and without interventions."""
    states = []
    for ids in prompts:
        a = forward.embeddings(tensors, ids)
        states.append(a["embedding.token"] + a["embedding.position"])
    means = PartMeans(*np.zeros((3, config.n_layer, config.n_embd)))
    for layer in range(config.n_layer):
        name = f"h.{layer}"
        own = {key: tensors[key] for key in config.tensors() if key.startswith(f"{name}.")}  # read once
        passes = [forward.block(config, own, layer, x) for x in states]
        for table, number in ((means.heads, 8), (means.attention, 9), (means.mlp, 15)):
            table[layer] = np.vstack([a[step(name, number)] for a in passes]).mean(axis=0)
        states = [a[step(name, 16)] for a in passes]
    return means

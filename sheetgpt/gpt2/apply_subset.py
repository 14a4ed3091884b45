"""A model with fewer blocks or a shorter vocabulary, for copies that are light enough to teach with.

The copy is a model like any other: its blocks count from 0 again, its vocabulary ends early, and its tokenizer is
the one that this vocabulary has, with the merges whose three tokens are left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sheetgpt.errors import UsageError
from sheetgpt.gpt2.model import Model, Tensors, read_rows
from sheetgpt.gpt2.subset import Subset, parse_blocks
from sheetgpt.gpt2.tokenizer import BYTE_LETTERS, Tokenizer

_BY_TOKEN = ("wte.weight", "lm_head.weight")  # tensors with a row for each token


def make_subset(model: Model, blocks: str | None = None, vocab_limit: int | None = None) -> Model:
    """A copy with these blocks ("2": the first two, "0,5-7": these) and the first tokens; raises UsageError."""
    config = model.config
    kept = tuple(range(config.n_layer)) if blocks is None else parse_blocks(blocks, config.n_layer)
    size = config.vocab_size if vocab_limit is None else vocab_limit
    if not 1 <= size <= config.vocab_size:
        raise UsageError(f"--vocab-limit {size}: this model has {config.vocab_size:,} tokens")
    return apply_subset(model, Subset(kept, config.n_layer, size, config.vocab_size))


def apply_subset(model: Model, subset: Subset) -> Model:
    """The part of a model that an subset tells; the model itself if that is all of it; raises UsageError."""
    config, blocks = model.config, subset.blocks
    if (subset.all_blocks, subset.all_tokens) != (config.n_layer, config.vocab_size):
        raise UsageError(
            f"{model.name} has {config.n_layer} blocks and {config.vocab_size:,} tokens, not as many as "
            f"the copy was made of"
        )
    if len(blocks) == config.n_layer and subset.tokens == config.vocab_size:
        return model
    if config.scale_attn_by_inverse_layer_idx and blocks != tuple(range(len(blocks))):
        raise UsageError(
            f"--blocks: the blocks of {model.name} divide their scores by their own number", "keep the first ones"
        )
    smaller = replace(config, n_layer=len(blocks), vocab_size=subset.tokens)
    origins = {}
    for name in smaller.tensors():
        part = name.split(".", 2)
        origins[name] = f"h.{blocks[int(part[1])]}.{part[2]}" if part[0] == "h" else name
    tokenizer = model.tokenizer and first_tokens(model.tokenizer, subset.tokens)
    return replace(
        model,
        config=smaller,
        tensors=_rename_tensors(model.tensors, origins, subset.tokens),
        tokenizer=tokenizer,
        subset=subset,
    )


def first_tokens(tokenizer: Tokenizer, size: int) -> Tokenizer:
    """The tokenizer of a vocabulary that ends after `size` tokens; raises UsageError if a byte would have none."""
    needed = max(tokenizer.ids[letter] for letter in BYTE_LETTERS.values()) + 1
    if size < needed:
        raise UsageError(
            f"--vocab-limit {size}: every byte needs its token, or some texts could not be cut into tokens",
            f"the bytes are among the first {needed} tokens of this vocabulary: keep at least so many",
        )
    ids = tokenizer.ids
    merges = [(a, b) for a, b in tokenizer.merges if max(ids[a], ids[b], ids[a + b]) < size]
    return Tokenizer(tokenizer.tokens[:size], merges, f"the first {size} tokens")


def _rename_tensors(tensors: Mapping[str, np.ndarray], origins: Mapping[str, str], tokens: int) -> Tensors:
    """Tensors under new names, by `origins` (name -> name it had); those by token only so far."""

    def read(name: str, rows: slice) -> np.ndarray:
        return read_rows(tensors, origins[name], slice(*rows.indices(tokens)) if name in _BY_TOKEN else rows)

    return Tensors(list(origins), read)

"""The configuration of a GPT-2, the shapes of its tensors and of its activations.

Names of tensors are those of the Hugging Face checkpoint without the prefix "transformer.". The 16
steps of a block are numbered as in the teaching literature on GPT-2 in a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from math import inf
from typing import Any

from sheetgpt.errors import CheckpointError
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config_entries import own_names, refuse_other_models

# One formula under several names in transformers (activations.py).
TANH_GELU = ("gelu_new", "gelu_pytorch_tanh", "gelu_python_tanh", "gelu_accurate")
TOP = 10  # how many of the likeliest tokens each row lists


@dataclass(frozen=True)
class Config:
    """The entries of config.json that matter; defaults are those of GPT-2 small in Hugging Face's GPT2Config."""

    vocab_size: int = 50257
    n_positions: int = 1024
    n_embd: int = 768
    n_layer: int = 12
    n_head: int = 12
    n_inner: int | None = None
    layer_norm_epsilon: float = 1e-5
    activation_function: str = "gelu_new"
    scale_attn_weights: bool = True
    scale_attn_by_inverse_layer_idx: bool = False
    tie_word_embeddings: bool = True

    @classmethod
    def from_json(cls, entries: Mapping[str, Any], source: str) -> Config:
        """The configuration in a config.json's entries; raises CheckpointError naming the entry that does not fit."""
        refuse_other_models(entries, source)
        found = own_names(entries, source)
        config = cls(**{f.name: found[f.name] for f in fields(cls) if f.name in found})
        config.verify(source)
        return config

    def verify(self, source: str) -> None:
        """Raise CheckpointError if the entries contradict each other or ask for what sheetgpt cannot write."""
        sizes = ["vocab_size", "n_positions", "n_embd", "n_layer", "n_head"] + ["n_inner"] * (self.n_inner is not None)
        for name in sizes:
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise CheckpointError(f"{source}: {name} is {value!r}, expected a whole number of at least 1")
        if self.n_embd % self.n_head:
            raise CheckpointError(f"{source}: n_embd {self.n_embd} cannot be divided by n_head {self.n_head}")
        if self.activation_function not in TANH_GELU:
            raise CheckpointError(
                f"{source}: activation_function is {self.activation_function!r}",
                "sheetgpt writes 'gelu_new', which is GPT-2's own (the same under other names: "
                f"{', '.join(TANH_GELU[1:])})",
            )
        epsilon = self.layer_norm_epsilon
        if not isinstance(epsilon, int | float) or isinstance(epsilon, bool) or not 0 <= epsilon < inf:
            raise CheckpointError(f"{source}: layer_norm_epsilon is {epsilon!r}, expected 0 or more")
        for name in ("scale_attn_weights", "scale_attn_by_inverse_layer_idx", "tie_word_embeddings"):
            if getattr(self, name) not in (True, False):
                raise CheckpointError(f"{source}: {name} is {getattr(self, name)!r}, expected true or false")

    def differing(self, other: Config) -> list[str]:
        """The entries by which two configurations calculate differently, each with both values."""
        ours, theirs = (replace(c, n_inner=c.inner, activation_function=TANH_GELU[0]) for c in (self, other))
        values = [(f.name, getattr(ours, f.name), getattr(theirs, f.name)) for f in fields(self)]
        return [f"{name} is {one!r}, not {two!r}" for name, one, two in values if one != two]

    @property
    def width(self) -> int:
        """Columns of one head: n_embd / n_head."""
        return self.n_embd // self.n_head

    @property
    def inner(self) -> int:
        """Columns of the MLP's hidden layer: n_inner, or 4 n_embd where config.json leaves it open."""
        return self.n_inner or 4 * self.n_embd

    @property
    def top(self) -> int:
        """How many of the likeliest tokens each row lists."""
        return min(TOP, self.vocab_size)

    @property
    def head_name(self) -> str:
        """The tensor that turns the last row into logits."""
        return "wte.weight" if self.tie_word_embeddings else "lm_head.weight"

    def scale(self, layer: int) -> float:
        """What the scores of a block are divided by, squared: so that formulas can say SQRT(...) of it."""
        scale = float(self.width) if self.scale_attn_weights else 1.0
        return scale * (layer + 1) ** 2 if self.scale_attn_by_inverse_layer_idx else scale

    @property
    def parameters(self) -> int:
        return sum(rows * columns for rows, columns in self.tensors().values())

    def tensors(self) -> dict[str, tuple[int, int]]:
        """Name -> (rows, columns) of every tensor, in the order of the flow; a vector is one row."""
        d, inner = self.n_embd, self.inner
        shapes = {"wte.weight": (self.vocab_size, d), "wpe.weight": (self.n_positions, d)}
        for i in range(self.n_layer):
            shapes |= {
                f"h.{i}.ln_1.weight": (1, d),
                f"h.{i}.ln_1.bias": (1, d),
                f"h.{i}.attn.c_attn.weight": (d, 3 * d),
                f"h.{i}.attn.c_attn.bias": (1, 3 * d),
                f"h.{i}.attn.c_proj.weight": (d, d),
                f"h.{i}.attn.c_proj.bias": (1, d),
                f"h.{i}.ln_2.weight": (1, d),
                f"h.{i}.ln_2.bias": (1, d),
                f"h.{i}.mlp.c_fc.weight": (d, inner),
                f"h.{i}.mlp.c_fc.bias": (1, inner),
                f"h.{i}.mlp.c_proj.weight": (inner, d),
                f"h.{i}.mlp.c_proj.bias": (1, d),
            }
        shapes |= {"ln_f.weight": (1, d), "ln_f.bias": (1, d)}
        if not self.tie_word_embeddings:
            shapes["lm_head.weight"] = (self.vocab_size, d)
        return shapes

    def activations(self, rows: int) -> dict[str, tuple[int, int]]:
        """Name -> (rows, columns) of every activation for `rows` tokens, in the order of the flow."""
        d, n = self.n_embd, rows
        shapes = {"embedding.token": (n, d), "embedding.position": (n, d)}
        for i in range(self.n_layer):
            block = f"h.{i}"
            shapes |= {step(block, k): (n, d) for k in (1, 2, 3)}
            shapes[step(block, 4)] = (n, 3 * d)
            shapes |= {f"h.{i}.step_05.{part}": (n, d) for part in "qkv"}
            shapes |= {step(block, 6, head): (n, n) for head in range(self.n_head)}
            shapes |= {step(block, 7, head): (n, n) for head in range(self.n_head)}
            shapes |= {step(block, k): (n, d) for k in (8, 9, 10, 11, 12)}
            shapes |= {step(block, k): (n, self.inner) for k in (13, 14)}
            shapes |= {step(block, k): (n, d) for k in (15, 16)}
        shapes |= {"ln_f.normalized": (n, d), "ln_f.output": (n, d)}
        # A vocabulary of 50,257 fits no row: these two go down, one column per token row.
        shapes |= {"logits": (self.vocab_size, n), "probabilities": (self.vocab_size, n)}
        shapes |= {"top.logits": (n, self.top), "top.ids": (n, self.top), "top.probabilities": (n, self.top)}
        shapes["predicted.ids"] = (n, 1)
        return shapes

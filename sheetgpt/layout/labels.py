"""What stands beside the numbers of a tensor: names of its rows and columns, where they mean something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.tokenizer import Tokenizer, show_token

_NAMED = 1 << 21  # numbers: rows of larger tensors bear numbers, because a row with a text is written more slowly


@dataclass(frozen=True)
class Labels:
    """Names of a tensor's rows and columns.

    `rows` [rows, 1] are names or numbers; None: the numbers from `first` on. `columns` name groups of `edge` columns.
    """

    rows: np.ndarray | None = None
    columns: tuple[str, ...] = ()
    edge: int = 0
    first: int = 0
    width: int = 11  # of the column of names, in characters
    note: str = ""


def labels_of(config: Config, tensor: str, tokenizer: Tokenizer | None) -> Labels:
    """Tokens, positions and heads; plain numbers where a row or column has no meaning of its own."""
    heads, part = config.n_head, tensor.split(".", 2)[-1]
    if tensor in ("wte.weight", "lm_head.weight"):
        if config.vocab_size * config.n_embd >= _NAMED:
            return Labels(note="Row k belongs to the token with the id k on Vocabulary.")
        return Labels(column_of([f"{k}  {show_token(tokenizer, k)}" for k in range(config.vocab_size)]), width=22)
    if tensor == "wpe.weight":
        return Labels(first=1)  # as on the sheets of the flow
    if part.startswith("attn.c_attn"):
        names = tuple(f"{letter} head {head}" for letter in "qkv" for head in range(heads))
        return Labels(columns=names, edge=config.width)
    if part == "attn.c_proj.weight":
        places = range(config.n_embd)
        return Labels(column_of([_place(k, config.width) for k in places]))
    return Labels()


def _place(row: int, width: int) -> str | float:
    """The first row of each head by its name, the others by their number in it."""
    head, number = divmod(row, width)
    return float(number) if number else f"head {head}"


def column_of(values: Sequence[str | float | None]) -> np.ndarray:
    """Values of several kinds as one column, [n, 1]."""
    column = np.empty((len(values), 1), dtype=object)
    column[:, 0] = values
    return column

"""What the sheet Sizes should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.presets import PRESETS
from sheetgpt.gpt2.sizes import activation_cells, block_parameters, count_parts, mlp_parameters
from sheetgpt.witnesses.reference.lenses.choice import Values, read_whole

_KINDS = (
    ("wte", "wpe", "lm_head"),
    ("attn.c_attn", "attn.c_proj"),
    ("mlp.c_fc", "mlp.c_proj"),
    ("ln_1", "ln_2", "ln_f"),
)
_BYTES_PER_CELL = 7.6
_MOST = 1_000_000


def sizes(book: Book, config: Config, _: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet Sizes."""
    own_head = read_whole(book, "sizes.typed_own_head", 0, 1, int(not config.tie_word_embeddings))
    tokens = read_whole(book, "sizes.typed_tokens", 1, _MOST, activations["token.ids"].size)
    d, other = read_whole(book, "sizes.typed_d", 1, _MOST, 0), config.inner
    if d:
        other = 4 * d
    used = {
        "blocks": read_whole(book, "sizes.typed_blocks", 1, 10_000, config.n_layer),
        "heads": read_whole(book, "sizes.typed_heads", 1, _MOST, config.n_head),
        "d": d or config.n_embd,
        "hidden": read_whole(book, "sizes.typed_hidden", 1, _MOST, other),
        "vocabulary": read_whole(book, "sizes.typed_vocabulary", 1, _MOST, config.vocab_size),
        "positions": read_whole(book, "sizes.typed_positions", 1, _MOST, config.n_positions),
    }
    size = Config(
        n_layer=used["blocks"],
        n_head=used["heads"],
        n_embd=used["d"],
        n_inner=used["hidden"],
        vocab_size=used["vocabulary"],
        n_positions=used["positions"],
        tie_word_embeddings=not own_head,
    )
    cells = used | {"own_head": own_head, "tokens": tokens} | _facts(size, tokens)
    named = {f"sizes.{name}": np.array([[float(cell)]]) for name, cell in cells.items()}
    return named | _columns(size) | _published()


def _facts(size: Config, tokens: int) -> dict[str, float]:
    total = _total(size)
    return {
        "total": total,
        "block": block_parameters(size),
        "mlp_of_block": mlp_parameters(size) / block_parameters(size),
        "mlp_of_whole": size.n_layer * mlp_parameters(size) / total,
        "head_width": size.n_embd / size.n_head,
        "float32": 4 * total,
        "file": _BYTES_PER_CELL * total,
        "activations": activation_cells(size, tokens),
    }


def _total(size: Config) -> int:
    return sum(one * times for one, times in count_parts(size).values())


def _columns(size: Config) -> Values:
    """Parameters of each part, and the shares of the parts and of four kinds."""
    counts, total = count_parts(size), _total(size)
    shares = {part: one * times / total for part, (one, times) in counts.items()}
    columns: dict[str, list[float]] = {
        "one": [one for one, _ in counts.values()],
        "whole": [one * times for one, times in counts.values()],
        "share": list(shares.values()),
        "kinds": [sum(shares[part] for part in parts) for parts in _KINDS],
    }
    return {f"sizes.{name}": np.array(column, dtype=float)[:, None] for name, column in columns.items()}


def _published() -> Values:
    totals = np.array([float(config.parameters) for config in PRESETS.values()])
    mlps = np.array([float(config.n_layer * mlp_parameters(config)) for config in PRESETS.values()])
    columns = {"parameters": totals, "mlp_share": mlps / totals, "bytes": 4 * totals}
    return {f"sizes.published_{name}": column[:, None] for name, column in columns.items()}

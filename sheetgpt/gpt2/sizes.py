"""How many parameters and activations a configuration has, counted from the shapes of its tensors."""

from __future__ import annotations

from dataclasses import replace

from sheetgpt.gpt2.config import Config

PARTS = ("wte", "wpe", "ln_1", "attn.c_attn", "attn.c_proj", "ln_2", "mlp.c_fc", "mlp.c_proj", "ln_f", "lm_head")
IN_BLOCK = PARTS[PARTS.index("ln_1") : PARTS.index("ln_f")]


def count_parts(config: Config) -> dict[str, tuple[int, int]]:
    """Part -> its parameters, weights and biases together, and how many of it there are. Keys are `PARTS`."""
    counts = dict.fromkeys(PARTS, (0, 1))
    for name, (rows, columns) in replace(config, n_layer=1).tensors().items():
        part = name.removeprefix("h.0.").rpartition(".")[0]
        counts[part] = counts[part][0] + rows * columns, config.n_layer if name.startswith("h.0.") else 1
    return counts


def block_parameters(config: Config) -> int:
    """Parameters of one block."""
    counts = count_parts(config)
    return sum(counts[part][0] for part in IN_BLOCK)


def mlp_parameters(config: Config) -> int:
    """Parameters of the MLP of one block: two thirds of the block's, where the hidden layer has 4 n_embd columns."""
    counts = count_parts(config)
    return counts["mlp.c_fc"][0] + counts["mlp.c_proj"][0]


def activation_cells(config: Config, rows: int) -> int:
    """How many numbers a pass over so many tokens calculates: steps of the blocks, embeddings, final LayerNorm, logits
    and probabilities. Of scores and weights only those that no mask hides.
    """
    one = replace(config, n_layer=1, n_head=1).activations(1)
    steps = sum(columns for name, (_, columns) in one.items() if name.startswith("h.0.")) - 2  # without 6 and 7
    around = sum(one[name][1] for name in ("embedding.token", "embedding.position", "ln_f.normalized", "ln_f.output"))
    seen = config.n_head * rows * (rows + 1)  # steps 6 and 7 of all heads
    return config.n_layer * (rows * steps + seen) + rows * (around + 2 * config.vocab_size)

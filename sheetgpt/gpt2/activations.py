"""Activations: the 16 steps of a block, what they are called, and which tensors each uses."""

from __future__ import annotations

STEPS: dict[int, tuple[str, str]] = {
    1: ("input", "token embedding + position embedding, or step 16 of the block before"),
    2: ("ln_1 normalized", "(x - mean) / sqrt(variance + epsilon), along each row"),
    3: ("ln_1", "step 2 * gain + bias"),
    4: ("c_attn", "step 3 x weight + bias"),
    5: ("q, k, v", "step 4 cut in three: queries, keys, values"),
    6: ("scores", "for each head: query of this row . key of every row up to this one / scale"),
    7: ("weights", "softmax of the scores along each row: they add up to 1"),
    8: ("heads", "for each head: weights x values, heads side by side"),
    9: ("c_proj", "step 8 x weight + bias"),
    10: ("residual", "step 1 + step 9"),
    11: ("ln_2 normalized", "(x - mean) / sqrt(variance + epsilon), along each row"),
    12: ("ln_2", "step 11 * gain + bias"),
    13: ("c_fc", "step 12 x weight + bias"),
    14: ("gelu", "0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))"),
    15: ("mlp c_proj", "step 14 x weight + bias"),
    16: ("output", "step 10 + step 15"),
}


def step(block: str, number: int, head: int | None = None) -> str:
    """The name of a step's activation: ("h.0", 6, 2) -> "h.0.step_06.scores.2"; step 5 is named by part instead."""
    name = STEPS[number][0].replace(" ", "_").replace(",", "")
    return f"{block}.step_{number:02d}.{name}" + ("" if head is None else f".{head}")


def uses(tensor: str) -> list[tuple[str, str]]:
    """Where a tensor is used: "h.0.mlp.c_fc.weight" -> the name of the activation, and "block 0, step 13"."""
    fixed = {
        "wte.weight": [("embedding.token", "token embeddings"), ("logits", "logits")],
        "wpe.weight": [("embedding.position", "position embeddings")],
        "ln_f.weight": [("ln_f.output", "Layer_Norm")],
        "ln_f.bias": [("ln_f.output", "Layer_Norm")],
        "lm_head.weight": [("logits", "logits")],
    }
    if tensor in fixed:
        return fixed[tensor]
    _, layer, part = tensor.split(".", 2)
    numbers = {"ln_1": 3, "attn.c_attn": 4, "attn.c_proj": 9, "ln_2": 12, "mlp.c_fc": 13, "mlp.c_proj": 15}
    number = numbers[part.rpartition(".")[0]]
    return [(step(f"h.{layer}", number), f"block {layer}, step {number}")]


def used_in(tensor: str) -> str:
    """Where a tensor is used, in words: "h.0.mlp.c_fc.weight" -> "block 0, step 13"."""
    return ", ".join(words for _, words in uses(tensor))

"""A hint for each step that does not give its formula away."""

from __future__ import annotations

from sheetgpt.gpt2.config import Config
from sheetgpt.layout.block import excel_number

_HINTS = {
    1: "What a token is, and where it stands: each has a table on the sheet Token_to_Text_Embeddings.",
    2: "Mean and variance are over the columns of one row. Which of Excel's variances divides by n? "
    "And epsilon ({epsilon}): inside the root, or outside?",
    3: "Each column has a gain and a bias of its own, on the two sheets that the caption leads to. Which comes first?",
    4: "A row of numbers and a matrix give another row. How long is it, and what does each column get on top?",
    5: "Nothing is calculated here. In which order do queries, keys and values stand in step 4?",
    6: "A row asks itself and every row above it, head by head. Longer heads have larger sums: what evens that out? "
    "What comes after the row stays blank.",
    7: "In each head the shares of a row add up to 1, over the tokens that it may look at and no others.",
    8: "For each head, a mix of rows. What is mixed, and where do the shares stand?",
    9: "The heads stand side by side and become one row again. What is at the end of every such product?",
    10: "Attention does not replace what was there before it.",
    11: "As in step 2 (epsilon is {epsilon}), but look at where the row stands by now.",
    12: "As in step 3, but this LayerNorm has numbers of its own.",
    13: "A row and a matrix again, and it becomes {inner} columns wide. Which row goes in?",
    14: "The curve that GPT-2 has is not the exact one with the error function but its neighbour with TANH; "
    "there x to the third counts 0.044715 times.",
    15: "Back to {d} columns. What came through the curve, and what does each column get on top?",
    16: "As in step 10: what is kept, and what is new?",
}


def hint(config: Config, number: int) -> str:
    """The hint of a step, with this model's numbers."""
    epsilon = excel_number(config.layer_norm_epsilon)
    return _HINTS[number].format(epsilon=epsilon, inner=config.inner, d=config.n_embd)

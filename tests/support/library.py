"""What tests ask of the transformers library. Only for tests that have found it installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def greedy(library: Any, ids: Sequence[int], length: int) -> list[int]:
    """`length` token ids that begin with `ids`, continued by a GPT2LMHeadModel with the likeliest token each time."""
    import torch

    prompt = torch.tensor([list(ids)])
    mask = torch.ones_like(prompt)
    found = library.generate(
        prompt, attention_mask=mask, max_length=length, do_sample=False, pad_token_id=0, eos_token_id=None
    )
    return found[0].tolist()

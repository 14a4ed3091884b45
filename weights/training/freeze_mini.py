"""Writes down what the transformers library calculates with the bundled model, in float64.

    python weights/training/freeze_mini.py          writes tests/frozen/mini_transformers.json

The tests hold the plain numpy reference against this file where torch is not installed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from transformers import GPT2LMHeadModel, GPT2Tokenizer

ROOT = Path(__file__).parent.parent.parent
FROZEN = ROOT / "tests" / "frozen" / "mini_transformers.json"
GREEDY = 12  # tokens
PROMPTS = [
    "Michael Jordan plays the sport of",
    "If today is Tuesday, tomorrow is",
    "Mike is quick. He moves",
    "The sum of two and three is five.\nThe sum of four and four is",
    "<|endoftext|>",  # the token, not the characters
    "été 🙂\t \x00\u200d№ 12,345  can't",
]


def outputs(folder: Path) -> list[dict[str, Any]]:
    """For each prompt: its ids, the logits of its last row (all tokens), and the greedy ids that follow."""
    tokenizer = GPT2Tokenizer.from_pretrained(folder)
    model = GPT2LMHeadModel.from_pretrained(folder).double()  # in evaluation mode
    return [_output(model, prompt, tokenizer.encode(prompt)) for prompt in PROMPTS]


def _output(model: GPT2LMHeadModel, prompt: str, ids: list[int]) -> dict[str, Any]:
    tokens = list(ids)
    with torch.no_grad():
        logits = model(torch.tensor([ids])).logits[0, -1].tolist()
        for _ in range(GREEDY):
            tokens.append(int(model(torch.tensor([tokens])).logits[0, -1].argmax()))
    return {"prompt": prompt, "ids": ids, "greedy": tokens[len(ids) :], "logits": logits}


def main() -> None:
    """Write the file, one prompt a line."""
    lines = [json.dumps(output) for output in outputs(ROOT / "weights" / "mini")]
    FROZEN.parent.mkdir(parents=True, exist_ok=True)
    FROZEN.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()

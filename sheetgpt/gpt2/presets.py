"""The published sizes of GPT-2."""

from __future__ import annotations

from sheetgpt.gpt2.config import Config

PRESETS = {
    "gpt2": Config(),
    "gpt2-medium": Config(n_embd=1024, n_layer=24, n_head=16),
    "gpt2-large": Config(n_embd=1280, n_layer=36, n_head=20),
    "gpt2-xl": Config(n_embd=1600, n_layer=48, n_head=25),
    "distilgpt2": Config(n_layer=6),
}

"""Compare a workbook's steps and lenses with TransformerLens 4, once, by hand: prints the largest differences.

    pip install transformer-lens==4.3.0 torch==2.13.0 .
    sheetgpt build mini --lens all -o mini.xlsx
    python tests/scripts/transformer_lens_figures.py mini.xlsx weights/mini

The tests hold the same values against transformers; this holds the definitions of the lenses against those of the
field. What is read are the values of the workbook's cells. The figures stand in docs/architecture.md.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

import sheetgpt
from sheetgpt.gpt2.activations import step
from sheetgpt.schema.names import config_of


def main(book_path: str, folder: str) -> None:
    """Print a line for each comparison; exits with 1 if one of them is further off than 1e-9, or a rank differs."""
    book = sheetgpt.read(book_path)
    ids = book.read("token.ids").ravel().astype(int).tolist()
    model = _transformer_lens(folder)
    _, cache = model.run_with_cache(_batch(ids))
    found = {**_attention(book, cache), **_logit_lens(book, cache, model), **_attribution(book, cache, model)}
    for name, difference in found.items():
        print(f"{name:<50}{difference:.1e}")
    sys.exit(any(difference > 1e-9 for difference in found.values()))


def _transformer_lens(folder: str) -> Any:
    import torch
    from transformer_lens.model_bridge import TransformerBridge

    model = TransformerBridge.boot_transformers(str(Path(folder).resolve()), device="cpu", dtype=torch.float64)
    # Weights as they are: what is folded into others is so in float32 (4.3.0), which alone makes differences of 1e-7.
    model.enable_compatibility_mode(disable_warnings=True, no_processing=True)
    return model


def _batch(ids: list[int]) -> Any:
    import torch

    return torch.tensor([ids])


def _largest(found: Any, expected: np.ndarray) -> float:
    return float(np.abs(np.asarray(found, dtype=float) - expected).max())


def _attention(book: sheetgpt.Book, cache: Any) -> dict[str, float]:
    """Scores and weights of all heads, where a row may look."""
    config, off = config_of(book), {"attention scores (step 6)": 0.0, "attention weights (step 7)": 0.0}
    for layer in range(config.n_layer):
        for head in range(config.n_head):
            for name, number, hook in zip(off, (6, 7), ("hook_attn_scores", "hook_pattern"), strict=True):
                cells = book.read(step(f"h.{layer}", number, head))
                theirs = cache[f"blocks.{layer}.attn.{hook}"][0, head].detach().numpy()
                past = np.tril_indices(len(cells))
                off[name] = max(off[name], _largest(cells[past], theirs[past]))
    return off


def _logit_lens(book: sheetgpt.Book, cache: Any, model: Any) -> dict[str, float]:
    """Logits and ranks of all tokens after the embedding and after each block, in the row that Depth follows."""
    position = int(book.read("depth.position").item()) - 1
    states = cache.accumulated_resid(layer=None, incl_mid=False, pos_slice=position, apply_ln=True)[:, 0]
    theirs = (states @ model.W_U + model.b_U).detach().numpy()  # [L + 1, V]
    ours = book.read("depth.logits").T.astype(float)
    token = int(book.read("depth.token").item())
    ranks = (theirs > theirs[:, [token]]).sum(axis=1)
    return {
        "logit lens, logits": _largest(ours, theirs),
        f"logit lens, ranks {[int(rank) for rank in ranks]}": _largest(book.read("depth.rank").ravel(), ranks),
    }


def _attribution(book: sheetgpt.Book, cache: Any, model: Any) -> dict[str, float]:
    """Direct effects of the embeddings, of each head and of each MLP on the token that Attribution follows.

    Centring and scale are TransformerLens' own; the gain, which it would fold into the head, is put on here.
    """
    config = config_of(book)
    position, token = (int(book.read(f"attribution.{name}").item()) for name in ("position", "token"))
    parts, labels = cache.get_full_resid_decomposition(expand_neurons=False, pos_slice=position - 1, return_labels=True)
    scaled = cache.apply_ln_to_stack(parts, pos_slice=position - 1)[:, 0]
    effects = (scaled * model.ln_final.weight) @ model.W_U[:, token]
    theirs = dict(zip(labels, effects.detach().numpy(), strict=True))
    ours = book.read("attribution.effects").astype(float)  # [L, heads + bias + MLP]
    token_effect, position_effect, *_ = book.read("attribution.embeddings").ravel()
    heads = [[theirs[f"L{layer}H{head}"] for head in range(config.n_head)] for layer in range(config.n_layer)]
    mlps = [theirs[f"{layer}_mlp_out"] for layer in range(config.n_layer)]
    return {
        "attribution, embeddings": _largest(
            [token_effect, position_effect], np.array([theirs["embed"], theirs["pos_embed"]])
        ),
        "attribution, heads": _largest(ours[:, : config.n_head], np.array(heads)),
        "attribution, MLPs": _largest(ours[:, -1], np.array(mlps)),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])

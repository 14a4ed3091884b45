"""The transformers library with hooks on a GPT-2: the truth for interventions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np


def load(folder: Path) -> Any:
    """A GPT2LMHeadModel in float64 that also tells its attention."""
    import transformers

    library: Any = transformers.GPT2LMHeadModel.from_pretrained(folder, attn_implementation="eager")
    return library.double().eval()


@lru_cache(maxsize=2)
def _shared(folder: Path) -> Any:
    """The same, for those who take their hooks off again."""
    return load(folder)


def logits(library: Any, ids: Sequence[int]) -> np.ndarray:
    """[n, V]."""
    import torch

    with torch.no_grad():
        return np.asarray(library(torch.tensor([list(ids)])).logits[0].numpy())


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def switches_of(factors: Mapping[str, float]) -> dict[str, dict]:
    """Factors by part, "h.1.head.3", "h.1.mlp", "h.1", as `hooked_logits` takes them."""
    found: dict[str, dict] = {"heads": {}, "mlp": {}, "block": {}}
    for part, by in factors.items():
        _, layer, *rest = part.split(".")
        if rest[:1] == ["head"]:
            found["heads"][int(layer), int(rest[1])] = by
        else:
            found["mlp" if rest else "block"][int(layer)] = by
    return found


def hooked_logits(folder: Path, ids: list[int], **hooks: Any) -> np.ndarray:
    """The logits [n, V] of the library with interventions.

    heads: {(layer, head): switch}; mlp, block: {layer: switch}; means: {"heads", "attention", "mlp": [layers, d]}, else
    zeros; positions: "off" or "sinusoids"; steering: (layer, first row from 0, last row, what is added [d]).
    """
    import torch

    model, handles = _shared(folder), []
    width = model.config.n_embd // model.config.n_head
    block, mlp, heads = hooks.get("block", {}), hooks.get("mlp", {}), hooks.get("heads", {})

    def blend(x: Any, on: float, kind: str, layer: int, columns: slice = slice(None)) -> Any:
        mean = torch.tensor(hooks["means"][kind][layer][columns]) if "means" in hooks else 0.0
        return on * x + (1 - on) * mean

    for number, layer in enumerate(model.transformer.h):

        def switch_heads(_: Any, given: tuple, number: int = number) -> tuple:
            z = given[0].clone()
            for (where, head), on in heads.items():
                if where == number:
                    own = slice(head * width, (head + 1) * width)
                    z[..., own] = blend(z[..., own], on, "heads", number, own)
            return (z,)

        def switch_attention(_: Any, __: Any, out: Any, number: int = number) -> Any:
            return blend(out, block.get(number, 1.0), "attention", number)

        def switch_mlp(_: Any, __: Any, out: Any, number: int = number) -> Any:
            return blend(out, mlp.get(number, 1.0) * block.get(number, 1.0), "mlp", number)

        def steer(_: Any, given: tuple, number: int = number) -> tuple:
            x = given[0].clone()
            if "steering" in hooks and hooks["steering"][0] == number:
                _, first, last, added = hooks["steering"]
                x[:, first : last + 1] += torch.tensor(added)
            return (x, *given[1:])

        handles += [
            layer.register_forward_pre_hook(steer),
            layer.attn.c_proj.register_forward_pre_hook(switch_heads),
            layer.attn.c_proj.register_forward_hook(switch_attention),
            layer.mlp.register_forward_hook(switch_mlp),
        ]
    if code := hooks.get("positions"):
        table = np.array(sinusoids(len(ids), model.config.n_embd)) * (code == "sinusoids")
        handles.append(model.transformer.wpe.register_forward_hook(lambda *_: torch.tensor(table)[None]))
    try:
        with torch.no_grad():
            return np.asarray(model(torch.tensor([ids])).logits[0].numpy())
    finally:
        for handle in handles:
            handle.remove()


def sinusoids(rows: int, width: int) -> list[list[float]]:
    """The code of Vaswani et al. 2017, number by number."""

    def entry(position: int, column: int) -> float:
        angle = position / 10000 ** (2 * (column // 2) / width)
        return math.cos(angle) if column % 2 else math.sin(angle)

    return [[entry(position, column) for column in range(width)] for position in range(rows)]


def library_means(folder: Path, prompts: list[list[int]]) -> dict[str, np.ndarray]:
    """The means of heads, attention and MLP [layers, d] over all rows of prompts, from the library's own modules."""
    import torch

    model, handles = _shared(folder), []
    kept: dict[tuple[str, int], list[np.ndarray]] = {}

    def keep(kind: str, number: int, rows: Any) -> None:
        kept.setdefault((kind, number), []).extend(rows[0].numpy())

    for number, layer in enumerate(model.transformer.h):
        handles += [
            layer.attn.c_proj.register_forward_pre_hook(lambda _, given, n=number: keep("heads", n, given[0])),
            layer.attn.c_proj.register_forward_hook(lambda _, __, out, n=number: keep("attention", n, out)),
            layer.mlp.register_forward_hook(lambda _, __, out, n=number: keep("mlp", n, out)),
        ]
    with torch.no_grad():
        for ids in prompts:
            model(torch.tensor([ids]))
    for handle in handles:
        handle.remove()
    layers = range(len(model.transformer.h))
    return {kind: np.array([np.mean(kept[kind, n], axis=0) for n in layers]) for kind in ("heads", "attention", "mlp")}

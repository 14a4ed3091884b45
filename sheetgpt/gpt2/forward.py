"""The forward pass: GPT-2, said once in plain numpy float64.

Every function is one thing of the model; `layout` has the same names in the same order, over regions
of cells instead of arrays. Shapes: n rows (tokens), d = n_embd, h heads of width w, V = vocab_size.
Source: "Language Models are Unsupervised Multitask Learners" and OpenAI's published model code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.interventions import Interventions, Positions, sinusoids
from sheetgpt.gpt2.interventions import Switches as Switches  # for those who know it from here

Tensors = Mapping[str, np.ndarray]
Activations = dict[str, np.ndarray]
Pick = Callable[[np.ndarray, int], int]
Given = Interventions | Switches | None  # what is done to a pass; None: nothing


def embeddings(tensors: Tensors, ids: Sequence[int], positions: Positions = "wpe") -> Activations:
    tokens = tensors["wte.weight"][list(ids)]  # [n, d]
    code = {
        "wpe": lambda: tensors["wpe.weight"][: len(ids)],
        "off": lambda: np.zeros_like(tokens),
        "sinusoids": lambda: sinusoids(*tokens.shape),
    }
    return {"embedding.token": tokens, "embedding.position": code[positions]()}  # both [n, d]


def normalize(x: np.ndarray, epsilon: float) -> np.ndarray:
    mean = x.mean(axis=1, keepdims=True)  # [n, 1]
    variance = ((x - mean) ** 2).mean(axis=1, keepdims=True)  # [n, 1], of the population
    return np.asarray((x - mean) / np.sqrt(variance + epsilon))  # [n, d]


def linear(x: np.ndarray, tensors: Tensors, name: str) -> np.ndarray:
    return np.asarray(x @ tensors[f"{name}.weight"] + tensors[f"{name}.bias"])  # [n, in] x [in, out] -> [n, out]


def gain(x: np.ndarray, tensors: Tensors, name: str) -> np.ndarray:
    return np.asarray(x * tensors[f"{name}.weight"] + tensors[f"{name}.bias"])  # [n, d]


def scores(q: np.ndarray, k: np.ndarray, scale: float) -> np.ndarray:
    """Cells of the future are NaN: the sheet leaves them blank."""
    past = np.tril(np.ones((len(q), len(q)), dtype=bool))
    return np.where(past, q @ k.T / np.sqrt(scale), np.nan)  # [n, w] x [w, n] -> [n, n]


def softmax(x: np.ndarray) -> np.ndarray:
    """Along each row, over the cells that are not NaN."""
    powers = np.exp(x - np.nanmax(x, axis=1, keepdims=True))
    return np.asarray(powers / np.nansum(powers, axis=1, keepdims=True))


def heads(weights: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.asarray(np.nan_to_num(weights, nan=0.0) @ v)  # [n, n] x [n, w] -> [n, w]


def gelu(x: np.ndarray) -> np.ndarray:
    return np.asarray(0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))))


def block(config: Config, tensors: Tensors, layer: int, x: np.ndarray, interventions: Given = None) -> Activations:
    """The 16 steps of one block, from its input [n, d]; "h.I.step_16.output" is [n, d] again."""
    given, name = Interventions.of(interventions), f"h.{layer}"
    on = given.switches or Switches.off(config)
    x = x + given.steering.added(layer, len(x)) if given.steering else x
    a: Activations = {step(name, 1): x}
    a[step(name, 2)] = normalize(x, config.layer_norm_epsilon)  # [n, d]
    a[step(name, 3)] = gain(a[step(name, 2)], tensors, f"{name}.ln_1")  # [n, d]
    a[step(name, 4)] = linear(a[step(name, 3)], tensors, f"{name}.attn.c_attn")  # [n, 3d]
    q, k, v = np.split(a[step(name, 4)], 3, axis=1)  # 3 of [n, d]
    a |= {f"{name}.step_05.q": q, f"{name}.step_05.k": k, f"{name}.step_05.v": v}
    for head in range(config.n_head):
        w = slice(head * config.width, (head + 1) * config.width)
        a[step(name, 6, head)] = scores(q[:, w], k[:, w], config.scale(layer))  # [n, n]
        a[step(name, 7, head)] = softmax(a[step(name, 6, head)])  # [n, n]
    z = [heads(a[step(name, 7, head)], part) for head, part in enumerate(np.split(v, config.n_head, axis=1))]
    a[step(name, 8)] = on.switch_heads(layer, np.hstack(z))  # [n, d]
    a[step(name, 9)] = on.switch_attention(layer, linear(a[step(name, 8)], tensors, f"{name}.attn.c_proj"))  # [n, d]
    a[step(name, 10)] = x + a[step(name, 9)]  # [n, d]
    a[step(name, 11)] = normalize(a[step(name, 10)], config.layer_norm_epsilon)  # [n, d]
    a[step(name, 12)] = gain(a[step(name, 11)], tensors, f"{name}.ln_2")  # [n, d]
    a[step(name, 13)] = linear(a[step(name, 12)], tensors, f"{name}.mlp.c_fc")  # [n, inner]
    a[step(name, 14)] = gelu(a[step(name, 13)])  # [n, inner]
    a[step(name, 15)] = on.switch_mlp(layer, linear(a[step(name, 14)], tensors, f"{name}.mlp.c_proj"))  # [n, d]
    a[step(name, 16)] = a[step(name, 10)] + a[step(name, 15)]  # [n, d]
    return a


def head(config: Config, tensors: Tensors, x: np.ndarray) -> Activations:
    """Final LayerNorm, logits and what they predict, from the last block's output [n, d]."""
    a: Activations = {"ln_f.normalized": normalize(x, config.layer_norm_epsilon)}  # [n, d]
    a["ln_f.output"] = gain(a["ln_f.normalized"], tensors, "ln_f")  # [n, d]
    a["logits"] = tensors[config.head_name] @ a["ln_f.output"].T  # [V, d] x [d, n] -> [V, n]
    a["probabilities"] = softmax(a["logits"].T).T  # [V, n]
    best = np.argsort(-a["logits"].T, axis=1, kind="stable")[:, : config.top]  # [n, 10]; of equals the lower id first
    a["top.logits"] = np.take_along_axis(a["logits"].T, best, axis=1)  # [n, 10]
    a["top.ids"] = best.astype(np.float64)
    a["top.probabilities"] = np.take_along_axis(a["probabilities"].T, best, axis=1)  # [n, 10]
    a["predicted.ids"] = a["top.ids"][:, :1]  # [n, 1]
    return a


def activations(config: Config, tensors: Tensors, ids: Sequence[int], interventions: Given = None) -> Activations:
    """Every named activation of one pass over the tokens `ids`; shapes as in `Config.activations`."""
    a = embeddings(tensors, ids, Interventions.of(interventions).positions)
    x = a["embedding.token"] + a["embedding.position"]  # [n, d]
    for layer in range(config.n_layer):
        a |= block(config, tensors, layer, x, interventions)
        x = a[step(f"h.{layer}", 16)]
    return a | head(config, tensors, x)


def logits(config: Config, tensors: Tensors, ids: Sequence[int], interventions: Given = None) -> np.ndarray:
    """[n, V]: row t scores every token as the one that follows ids[t]."""
    return activations(config, tensors, ids, interventions)["logits"].T


def generate(
    config: Config,
    tensors: Tensors,
    ids: Sequence[int],
    length: int,
    pick: Pick = lambda logits, _: int(logits.argmax()),
    interventions: Given = None,
) -> list[int]:
    """`ids` continued up to `length` tokens; `pick` chooses by logits [V] and position (from 1), else the likeliest.

    Of equal logits the likeliest is the one with the lower id.
    """
    tokens = list(ids)
    while len(tokens) < length:
        tokens.append(pick(logits(config, tensors, tokens, interventions)[-1], len(tokens)))
    return tokens

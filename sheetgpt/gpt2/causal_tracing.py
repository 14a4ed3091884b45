"""Causal tracing: which single state, put back, brings an answer back that noise on the subject took away.

Noise of 3 standard deviations is added to the embeddings of the subject's rows; then the state of one row after the
embedding or after one block is put back to what it was without noise, and the pass goes on. Source: Meng and others,
"Locating and Editing Factual Associations in GPT", 2022.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from sheetgpt.gpt2 import forward, lenses
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.facts import Text, chance
from sheetgpt.gpt2.sampling import draw

DRAWS, SIGMAS, SEED = 10, 3.0, 1


@dataclass(frozen=True)
class Trace:
    """Probabilities of the answer: without noise, with noise, and [rows, layers + 1] with one state put back; the last
    two are means over all draws. noise [draws x rows of the subject, d] is what was added, draw after draw.
    """

    clean: float
    noisy: float
    restored: np.ndarray
    noise: np.ndarray


def causal_trace(config: Config, tensors: forward.Tensors, texts: Sequence[Text], answer: int) -> Trace:
    """The trace of the first text; the noise is as large as the embeddings of the subjects of all of them vary."""
    text = texts[0]
    tokens = sorted(set(chain.from_iterable(one.ids[: one.subject] for one in texts)))
    sigma = float(tensors["wte.weight"][tokens].std())
    noise = SIGMAS * sigma * normal_numbers(DRAWS * text.subject, config.n_embd)
    a = forward.embeddings(tensors, text.ids)
    clean = _states(config, tensors, a["embedding.token"] + a["embedding.position"])
    grid, noisy = np.zeros((len(text.ids), config.n_layer + 1)), []
    for added in np.split(noise, DRAWS):
        start = clean[0].copy()
        start[: text.subject] += added
        states = _states(config, tensors, start)
        noisy.append(_answer(config, tensors, states[-1], answer))
        for depth, row in np.ndindex(config.n_layer + 1, len(text.ids)):
            x = states[depth].copy()
            x[row] = clean[depth][row]
            last = _states(config, tensors, x, depth)[-1]
            grid[row, depth] += _answer(config, tensors, last, answer) / DRAWS
    return Trace(_answer(config, tensors, clean[-1], answer), float(np.mean(noisy)), grid, noise)


def _states(config: Config, tensors: forward.Tensors, x: np.ndarray, first: int = 0) -> list[np.ndarray]:
    """The residual stream before block `first` and after it and each later one."""
    states = [x]
    for layer in range(first, config.n_layer):
        states.append(forward.block(config, tensors, layer, states[-1])[step(f"h.{layer}", 16)])
    return states


def _answer(config: Config, tensors: forward.Tensors, last: np.ndarray, answer: int) -> float:
    return chance(lenses.logit_lens(config, tensors, last[-1:])[0], answer)


def normal_numbers(rows: int, columns: int, seed: int = SEED) -> np.ndarray:
    """Normally distributed numbers [rows, columns], the same everywhere: Box and Muller's, of the draws of Sampling."""
    uniform = np.array([draw(seed, k) for k in range(1, 2 * rows * columns + 1)]).reshape(2, rows, columns)
    return np.asarray(np.sqrt(-2 * np.log(1 - uniform[0])) * np.cos(2 * np.pi * uniform[1]))

"""Interventions: what can be done to a pass, as data. `forward` carries them out; sheets of the same names show them.

With `Interventions()` nothing is done. <|endoftext|> in front needs no entry: it is one more token id.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from sheetgpt.errors import UsageError
from sheetgpt.gpt2.config import Config

Positions = Literal["wpe", "off", "sinusoids"]
POSITIONS: tuple[Positions, ...] = get_args(Positions)


@dataclass(frozen=True)
class PartMeans:
    """What parts are on average, each [layers, d]: heads (step 8), attention (step 9), MLP (step 15)."""

    heads: np.ndarray
    attention: np.ndarray
    mlp: np.ndarray


@dataclass(frozen=True)
class Switches:
    """What a pass leaves in of each part: 1 all of it, 0 nothing, anything between scales it.

    heads [layers, heads] scale a head's z (the bias of c_proj stays), mlp [layers] step 15, block [layers] both step 9
    and step 15. With s the switch, s * part stays, and (1 - s) * mean takes the place of the rest; without `means`
    nothing does (zero ablation).
    """

    heads: np.ndarray
    mlp: np.ndarray
    block: np.ndarray
    means: PartMeans | None = None

    @classmethod
    def off(cls, config: Config, *parts: str, means: PartMeans | None = None) -> Switches:
        """All on but some parts: "h.1.head.3", "h.2.mlp", "h.0" (a whole block); raises UsageError for another one."""
        heads, mlp, block = np.ones((config.n_layer, config.n_head)), np.ones(config.n_layer), np.ones(config.n_layer)
        for part in parts:
            match = re.fullmatch(r"h\.(\d+)(?:\.(mlp)|\.head\.(\d+))?", part)
            if not match or int(match[1]) >= config.n_layer or int(match[3] or 0) >= config.n_head:
                raise UsageError(f"there is no part {part!r}", "parts are h.1 (a block), h.1.mlp, h.1.head.3")
            if match[3]:
                heads[int(match[1]), int(match[3])] = 0.0
            else:
                (mlp if match[2] else block)[int(match[1])] = 0.0
        return cls(heads, mlp, block, means)

    def switch_heads(self, layer: int, z: np.ndarray) -> np.ndarray:
        """Step 8 [n, d] with the heads of a block switched."""
        on = np.repeat(self.heads[layer], z.shape[1] // self.heads.shape[1])
        return np.asarray(z * on + (1 - on) * (self.means.heads[layer] if self.means else 0.0))

    def switch_attention(self, layer: int, x: np.ndarray) -> np.ndarray:
        """Step 9 [n, d]."""
        return np.asarray(x * self.block[layer] + self.instead_of_attention(layer))

    def switch_mlp(self, layer: int, x: np.ndarray) -> np.ndarray:
        """Step 15 [n, d]."""
        on = self.mlp[layer] * self.block[layer]
        return np.asarray(x * on + (1 - on) * (self.means.mlp[layer] if self.means else 0.0))

    def instead_of_attention(self, layer: int) -> np.ndarray:
        """What takes the place of step 9, as far as the block is off: [d], or 0."""
        return np.asarray((1 - self.block[layer]) * (self.means.attention[layer] if self.means else 0.0))


@dataclass(frozen=True)
class Steering:
    """strength * direction [d], added to the rows from `first` to `last` (from 1; None: all that come) before a block.

    That is at step 1 of the block (in TransformerLens `hook_resid_pre`).
    """

    direction: np.ndarray
    strength: float
    block: int
    first: int = 1
    last: int | None = None

    def added(self, layer: int, rows: int) -> np.ndarray:
        """What is added to the input of a block, [rows, d]."""
        return np.asarray(self.strengths(layer, rows)[:, None] * self.direction)

    def strengths(self, layer: int, rows: int) -> np.ndarray:
        """The strength in each row, [rows]: 0 where nothing is added."""
        position = np.arange(1, rows + 1)
        last = rows if self.last is None else self.last
        return np.where((position >= self.first) & (position <= last) & (layer == self.block), self.strength, 0.0)


@dataclass(frozen=True)
class Interventions:
    """All that is done to a pass: parts switched, another code of positions, a direction added."""

    switches: Switches | None = None
    positions: Positions = "wpe"
    steering: Steering | None = None

    @classmethod
    def of(cls, given: Interventions | Switches | None) -> Interventions:
        """Switches alone stand for themselves, None for no intervention."""
        return cls(given) if isinstance(given, Switches) else given or cls()


def sinusoids(rows: int, width: int) -> np.ndarray:
    """The fixed code of positions [rows, width] of "Attention Is All You Need" (Vaswani et al. 2017), section 3.5.

    Columns 2i and 2i + 1 are sine and cosine of position / 10000^(2i / width), with positions from 0.
    """
    column = np.arange(width)
    angle = np.arange(rows)[:, None] / 10000.0 ** ((column - column % 2) / width)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle))

"""A GPT-2 in memory: configuration, tensors that are read when they are asked for, tokenizer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.float32 import shortest_decimals
from sheetgpt.gpt2.subset import Subset
from sheetgpt.gpt2.tokenizer import Tokenizer


class Tensors(Mapping[str, np.ndarray]):
    """Tensors by name, read when they are asked for and not kept: float64, 2-D (a vector is one row).

    `read` gives some rows of the tensor of a name. Who uses them again and again keeps them: dict(tensors).
    """

    def __init__(self, names: list[str], read: Callable[[str, slice], np.ndarray]) -> None:
        self._names, self._read = dict.fromkeys(names), read

    def rows(self, name: str, rows: slice) -> np.ndarray:
        """Some rows of a tensor, without reading the others; raises KeyError."""
        if name not in self._names:
            raise KeyError(name)
        return self._read(name, rows)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.rows(name, slice(None))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __contains__(self, name: object) -> bool:
        return name in self._names


def read_rows(tensors: Mapping[str, np.ndarray], name: str, rows: slice) -> np.ndarray:
    """Some rows of a tensor, without reading the others where that can be avoided."""
    return tensors.rows(name, rows) if isinstance(tensors, Tensors) else tensors[name][rows]


@dataclass(frozen=True)
class Model:
    """A GPT-2: `tensors` are float64 and 2-D (a vector is one row), named and shaped as `Config.tensors` says.

    `load_checkpoint` gives tensors that are read from the file each time; they raise CheckpointError for a tensor that
    holds NaN or infinity. `tokenizer` is None for a checkpoint without one: then prompts are given as token ids.
    """

    name: str
    config: Config
    tensors: Mapping[str, np.ndarray]
    tokenizer: Tokenizer | None
    subset: Subset | None = None  # for a copy that is lighter than its checkpoint, which part of it it is

    def shortened(self) -> Model:
        """The model with every number the shortest decimal that gives back the same float32.

        Such a number has at most 9 digits instead of 17, so the workbook is smaller and easier to read.
        """
        tensors = self.tensors
        return replace(
            self, tensors=Tensors(list(tensors), lambda name, rows: shortest_decimals(read_rows(tensors, name, rows)))
        )

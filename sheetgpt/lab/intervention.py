"""Interventions: cells that are typed for a while, and are as before afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np

from sheetgpt.lab.live_book import LiveBook

AnyLab = TypeVar("AnyLab", bound=LiveBook)
Change = Callable[[LiveBook], Mapping[str, np.ndarray]]  # what to type under which name, seen when it is entered


class Intervention(Generic[AnyLab]):
    """Something that is changed in a lab inside a `with` block, and undone at its end, also after an error.

    Without `with` it holds for one call: `lab.off(mlp=2).top(5)`; several are put one after the other:
    `lab.off(mlp=2).scale(head=(1, 3), by=0.5).top(5)`.
    """

    def __init__(self, lab: AnyLab, *changes: Change) -> None:
        self._lab = lab
        self._changes = changes
        self._before: list[list[tuple[str, np.ndarray]]] = []

    def __enter__(self) -> AnyLab:
        before: list[tuple[str, np.ndarray]] = []
        self._before.append(before)
        try:
            for change in self._changes:
                for name, values in change(self._lab).items():
                    before.append((name, self._lab.typed(name)))
                    self._lab.type(name, values)
        except BaseException:
            self._undo()
            raise
        return self._lab

    def __exit__(self, *_: object) -> None:
        self._undo()

    def _undo(self) -> None:
        for name, values in reversed(self._before.pop()):
            self._lab.type(name, values)

    def __getattr__(self, name: str) -> Any:
        """What the lab has under this name, with the change made for as long as it takes."""
        if name.startswith("_") or not hasattr(type(self._lab), name):
            raise AttributeError(f"neither an intervention nor a lab has {name!r}")
        if not callable(getattr(type(self._lab), name)):
            with self as lab:
                return getattr(lab, name)
        return partial(self._call, name)

    def _call(self, name: str, *arguments: Any, **options: Any) -> Any:
        with self as lab:
            result = getattr(lab, name)(*arguments, **options)
        if isinstance(result, Intervention):
            return Intervention(self._lab, *self._changes, *result._changes)
        return result


def scaling(masks: Mapping[str, np.ndarray], by: float) -> Change:
    """Multiply the switches by `by` where the masks (heads [L, H], mlp [L, 1], block [L, 1]) are 0."""

    def change(lab: LiveBook) -> dict[str, np.ndarray]:
        wanted = {f"switch.typed_{kind}": mask == 0 for kind, mask in masks.items() if (mask == 0).any()}
        return {name: _scaled(lab.typed(name), chosen, by) for name, chosen in wanted.items()}

    return change


def _scaled(typed: np.ndarray, chosen: np.ndarray, by: float) -> np.ndarray:
    """Switches as typed, some of them multiplied; what is no number counts as 1, as on the sheet."""
    values = typed.astype(object)
    for row, column in np.argwhere(chosen).tolist():
        old = values[row, column]
        values[row, column] = (old if isinstance(old, float) else 1.0) * by
    return values


def steering(block: int, direction: np.ndarray, strength: float, rows: tuple[int | None, int | None]) -> Change:
    """Add `strength` times a direction [d] to what goes into a block, in the rows of some positions."""

    def change(lab: LiveBook) -> dict[str, np.ndarray]:
        lab.require("steering.typed_strength", "Steering", "steering")
        wanted = {"block": block, "first": rows[0], "last": rows[1], "strength": strength, **_TYPED_ROW}
        cells = {f"steering.typed_{name}": _cell(value) for name, value in wanted.items()}
        cells["steering.typed_direction"] = direction[None, :]
        return {name: values for name, values in cells.items() if name in lab.book.names}

    return change


# The direction is the typed row as it is, not two words, nor without its mean; where the sheet has that choice.
_TYPED_ROW = {"source": "typed row", "centred": "no"}


def _cell(value: float | str | None) -> np.ndarray:
    """A value as one cell [1, 1]."""
    return np.array([[float(value) if isinstance(value, int) else value]], dtype=object)


def typing(name: str, values: np.ndarray) -> Change:
    """Put values into the cells of one name."""
    return lambda _: {name: values}

"""An MLP of one neuron as a question: three directions, and what it writes where the answer is yes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sheetgpt.gpt2.forward import gelu

DIRECTIONS = ("Michael", "Jordan", "basketball")
INPUT = (1.0, 1.0, 0.0)
UP, BIAS, DOWN = (1.0, 1.0, 0.0), -1.0, (0.0, 0.0, 1.0)  # Michael + Jordan - 1; basketball: an AND
TRUTH = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))
POINTS = tuple(k / 4 for k in range(-16, 17))  # of the curves


def relu(x: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(x, 0.0))


CURVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {"relu": relu, "gelu": gelu}


def ask(x: np.ndarray, up: np.ndarray, bias: float) -> np.ndarray:
    """How much of its question one neuron finds in rows x [n, d], as in step 13: x . up + bias, [n, 1]."""
    return np.asarray(x @ up[:, None] + bias)


def neuron(x: np.ndarray, up: np.ndarray, bias: float, down: np.ndarray, curve: str) -> np.ndarray:
    """What one neuron adds to rows x [n, d], as steps 13 to 15 do: curve(x . up + bias) * down, [n, d]."""
    return np.asarray(CURVES[curve](ask(x, up, bias)) * down)


def kind_of_question(written: np.ndarray) -> str:
    """Which question a neuron asks, from what it writes [4] for the rows of `TRUTH`."""
    found = (written > 0).tolist()
    if (written == 0).tolist() == [True, True, True, False] and found[3]:
        return "Michael AND Jordan"
    return "Michael OR Jordan" if written[0] == 0 and all(found[1:]) else "another question"

"""What the sheet MLP_Question should hold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.activations import step
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.question import CURVES, DIRECTIONS, POINTS, TRUTH, ask, kind_of_question, neuron
from sheetgpt.witnesses.reference.lenses.choice import Values, read_whole


def question(book: Book, config: Config, _: forward.Tensors, activations: Mapping[str, np.ndarray]) -> Values:
    """The sheet MLP_Question."""
    x, up, down, (bias,) = (_typed(book, name) for name in ("input", "up", "down", "bias"))
    values = {"input": x[None, :], "up": up[None, :], "down": down[None, :], "bias": np.array([[bias]])}
    all_four = np.array([[*row, 0.0] for row in TRUTH])
    truth = [ask(all_four, up, bias)]
    for name, curve in CURVES.items():
        asked, written = ask(x[None, :], up, bias), neuron(x[None, :], up, bias, down, name)
        values |= {f"{name}_asked": asked, f"{name}_answer": curve(asked)}
        values |= {f"{name}_written": written, f"{name}_output": x + written}
        truth.append(neuron(all_four, up, bias, down, name)[:, len(DIRECTIONS) - 1 :])
    values["truth"] = np.column_stack(truth)
    values["kind"] = np.array([[kind_of_question(truth[1][:, 0])]], dtype=object)
    values["curves"] = np.column_stack([curve(np.array(POINTS)) for curve in CURVES.values()])
    values |= _own(book, config, activations)
    return {f"question.{name}": value for name, value in values.items()}


def _typed(book: Book, name: str) -> np.ndarray:
    """Numbers as typed; what is no number counts as 0."""
    typed = book.read(f"question.typed_{name}").ravel().tolist()
    return np.array([value if isinstance(value, float) else 0.0 for value in typed])


def _own(book: Book, config: Config, activations: Mapping[str, np.ndarray]) -> Values:
    """A neuron of the model at the prompt's last token; where none is typed, the most active one."""
    last = int(activations["prompt.length"].item()) - 1
    block = read_whole(book, "question.typed_block", 0, config.n_layer - 1, 0)
    asked, answer = (activations[step(f"h.{block}", number)][last] for number in (13, 14))
    chosen = read_whole(book, "question.typed_neuron", 0, config.inner - 1, int(answer.argmax()))
    cells = {"block": float(block), "neuron": float(chosen), "own_asked": asked[chosen], "own_answer": answer[chosen]}
    return {name: np.array([[cell]]) for name, cell in cells.items()}

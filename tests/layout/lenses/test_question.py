"""The lens Question: truth tables, torch's curves, and a neuron of the model."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgpt.book.book import Book
from sheetgpt.evaluator import Calculator
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.question import POINTS
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from support.lenses import IDS, LIBRARY, assert_lens_is_that_of_the_reference, calculated


@pytest.fixture
def calculator(small_model: Model) -> Calculator:
    return calculated(build_book(small_model, LayoutOptions(prompt="p", ids=IDS, rows=6, lenses=("question",))))


def put(calculator: Calculator, typed: dict[str, object]) -> Book:
    for name, value in typed.items():
        calculator.set(f"question.typed_{name}", value)  # type: ignore[arg-type]
    calculator.update()
    assert_lens_is_that_of_the_reference(calculator.book, "MLP_Question")
    return calculator.book


def test_it_is_an_and_and_writes_basketball(calculator: Calculator) -> None:
    book = put(calculator, {})
    assert book.read("question.truth")[:, :2].tolist() == [[-1, 0], [0, 0], [0, 0], [1, 1]]
    assert book.read("question.truth")[:, 2] == pytest.approx([-0.1588, 0, 0, 0.8412], abs=5e-5)  # GELU of -1, 0, 0, 1
    assert book.read("question.relu_output").tolist() == [[1, 1, 1]]
    assert book.read("question.kind").item() == "Michael AND Jordan"


@pytest.mark.parametrize(
    ("typed", "kind", "written"),
    [
        ({"bias": 0.0}, "Michael OR Jordan", [0, 1, 1, 2]),
        ({"bias": None}, "Michael OR Jordan", [0, 1, 1, 2]),
        ({"bias": 0.5}, "another question", [0.5, 1.5, 1.5, 2.5]),
        ({"down": -1.0}, "another question", [0, 0, 0, -1]),
        ({"up": "x"}, "another question", [0, 0, 0, 0]),
    ],
)
def test_other_weights_ask_another_question(calculator: Calculator, typed: dict, kind: str, written: list) -> None:
    book = put(calculator, typed)
    assert book.read("question.kind").item() == kind
    assert book.read("question.truth")[:, 1].tolist() == written


def test_the_curves_are_those_of_torch(calculator: Calculator) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    x = torch.tensor(POINTS, dtype=torch.float64)
    expected = [torch.nn.functional.relu(x), torch.nn.functional.gelu(x, approximate="tanh")]
    found = calculator.book.read("question.curves")
    assert found == pytest.approx(np.column_stack([curve.numpy() for curve in expected]), abs=1e-12)


@pytest.mark.parametrize(("block", "neuron"), [(None, None), (1.0, 3.0), (9.0, 1e9), (-1.0, -1.0)])
def test_a_neuron_of_the_model(calculator: Calculator, block: float | None, neuron: float | None) -> None:
    book = put(calculator, {"block": block, "neuron": neuron})
    used = min(1, max(0, int(block or 0)))
    row = book.read(f"h.{used}.step_14.gelu")[len(IDS) - 1]
    expected = row.max() if neuron is None else row[min(max(0, int(neuron)), row.size - 1)]
    assert book.read("question.own_answer").item() == expected

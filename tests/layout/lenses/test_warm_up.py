"""The sheets Network and Quiz: known values, what is taken for right, what is not."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from sheetgpt.book.address import at
from sheetgpt.book.book import Book
from sheetgpt.book.values import Value
from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.lenses.network import network
from sheetgpt.layout.lenses.quiz import quiz
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.schema.quiz import FACTORS, QUESTIONS, digest
from sheetgpt.witnesses.reference.lenses import quiz as reference
from support.paths import MINI

RIGHT, WRONG, TO_DO = "✓ right", "✗ not yet", "to do"
SIGMOIDS = {
    "as anybody would": "1/(1+EXP(-({z})))",
    "the other way round": "EXP({z})/(1+EXP({z}))",
    "with tanh": "(1+TANH(({z})/2))/2",
}
SUMS = ("C14*C10+D14*D10+E14", "SUMPRODUCT(C15:D15,C10:D10)+E15", "MMULT(C16:D16,F14:F15)+E16")


def network_book(*formulas: str, inputs: tuple[float, float] = (1.0, 0.5)) -> Book:
    book = Book()
    network(book, Config(), 4)
    sheet, units = book.sheets["Network"], book.locate("network.typed")[1]
    sheet.put(book.locate("network.inputs")[1], np.array([inputs]))
    for k, formula in enumerate(formulas):
        sheet.put_formula(at(units.top + k, units.left), formula, array=True)
    recalculate(book)
    return book


@pytest.mark.parametrize("form", SIGMOIDS.values(), ids=SIGMOIDS)
def test_units_are_right_however_they_are_written(form: str) -> None:
    """0.6457, 0.4256 and 0.9380 are the values of the handout that this network is from."""
    formulas = [form.format(z=total) for total in SUMS]
    book = network_book(*formulas)
    assert book.read("network.verdicts").ravel().tolist() == [RIGHT] * 3
    values = book.read("network.typed").ravel()
    assert values == pytest.approx([0.6457, 0.4256, 0.9380], abs=5e-5)
    a, b = (1 / (1 + math.exp(-z)) for z in (0.6, -0.3))
    assert values == pytest.approx([a, b, 1 / (1 + math.exp(-(2 * a + b + 1)))], abs=1e-12)
    assert network_book(*formulas, inputs=(-2.0, 7.0)).read("network.verdicts").ravel().tolist() == [RIGHT] * 3


@pytest.mark.parametrize(
    "form", ["1/(1+EXP({z}))", "1+EXP(-({z}))", "{z}", "TANH({z})", "1/(1-EXP(-({z})))", "0.0266", "1.283", "0.6457"]
)
def test_mistakes_in_a_unit_are_not(form: str) -> None:
    formulas = [form.format(z=total) for total in SUMS]
    assert network_book(*formulas).read("network.verdicts").ravel().tolist() == [WRONG] * 3


def test_a_number_in_a_formula_shows_when_an_input_changes() -> None:
    assert network_book("1/(1+EXP(-0.6))").read("network.verdicts")[0, 0] == RIGHT
    assert network_book("1/(1+EXP(-0.6))", inputs=(1.0, 2.0)).read("network.verdicts")[0, 0] == WRONG
    bias_forgotten = "1/(1+EXP(-(C14*C10+D14*D10)))"
    assert network_book(bias_forgotten).read("network.verdicts").ravel().tolist() == [WRONG, TO_DO, TO_DO]


@pytest.fixture(scope="module")
def quiz_book(small_model: Model) -> Book:
    return build_book(small_model, LayoutOptions(prompt="p", ids=[5, 17], rows=4, lenses=("quiz",)))


def fill(book: Book, values: list[Value]) -> list[str]:
    """The verdicts on some answers, which must be those of the reference."""
    place, gaps = book.locate("quiz.typed")
    book.sheets[place].put(gaps, np.array([[value] for value in values], dtype=object))
    recalculate(book)
    found = book.read("quiz.verdicts").ravel().tolist()
    for name, expected in reference.quiz(book, Config(), {}, {}).items():
        assert book.read(name).tolist() == expected.tolist(), name
    return found


def test_every_accepted_answer_is_right_in_its_gap_only(quiz_book: Book) -> None:
    for k in range(max(len(question.answers) for question in QUESTIONS)):
        answers: list[Value] = [question.answers[min(k, len(question.answers) - 1)] for question in QUESTIONS]
        assert fill(quiz_book, answers) == [RIGHT] * len(QUESTIONS)
    assert fill(quiz_book, [*answers[1:], answers[0]]) == [WRONG] * len(QUESTIONS)
    assert fill(quiz_book, [None] * len(QUESTIONS)) == [TO_DO] * len(QUESTIONS)


@pytest.mark.parametrize(
    ("gap", "typed", "verdict"),
    [
        (0, " TOKENS. ", RIGHT),
        (0, "to kens", RIGHT),
        (0, "tokons", WRONG),
        (0, "a token", WRONG),
        (0, "words", WRONG),
        (1, "dot-product", RIGHT),
        (3, 0.0, RIGHT),
        (4, 90.0, RIGHT),
        (4, "90°", RIGHT),
        (4, 9.0, WRONG),
        (4, 900.0, WRONG),
        (4, "?", WRONG),
        (4, "-", TO_DO),
    ],
)
def test_spellings(quiz_book: Book, gap: int, typed: Value, verdict: str) -> None:
    values: list[Value] = [None] * len(QUESTIONS)
    values[gap] = typed
    assert fill(quiz_book, values)[gap] == verdict


def test_no_other_word_has_the_digest_of_an_answer() -> None:
    words = {token.strip("Ġ").lower() for token in json.loads((MINI / "vocab.json").read_text())}
    words |= {word.lower() for question in QUESTIONS for word in (question.sentence + " " + question.fact).split()}
    known = {digest(answer) for question in QUESTIONS for answer in question.answers}
    right = {answer.lower() for question in QUESTIONS for answer in question.answers}
    plain = {word for word in words if word.isascii() and word.isalnum() and word not in right}
    assert len(plain) > 800
    assert not {word for word in plain if digest(word) in known}
    assert len(set(FACTORS)) == len(FACTORS)


def test_answers_cannot_be_read_where_the_questions_are(small_model: Model) -> None:
    book = Book()
    book.add("Block_0").look.links = [(3, 3 + k, f"Block_0!A{k}") for k in range(16)]
    quiz(book, Config(), 4)
    sheet = book.sheets["Quiz"]
    said = [str(value).lower() for (row, _), value in sheet.grid.items() if row < 30]  # on the first screen
    said += [formula.text.lower() for formula in sheet.formulas]
    for question in QUESTIONS:
        for answer in question.answers:
            if len(answer) > 4 and question.answers[0] not in ("tokens", "features", "question"):
                assert not any(answer.lower() in text for text in said), answer

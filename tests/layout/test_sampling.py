"""Drawing the next token: the generator, the definitions of top-k and top-p, and the sheet that does it."""

from __future__ import annotations

import numpy as np
import pytest

from sheetgpt.book.address import at
from sheetgpt.book.book import Book
from sheetgpt.errors import UsageError
from sheetgpt.evaluator import Calculator
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.checkpoint import load_checkpoint
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.sampling import PRIME, ROUNDS, Sampling, choose, draw, rounds
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.schema.sampling import sampling_cells, sampling_of
from sheetgpt.witnesses.reference.workbook import rank_tokens
from support.checkpoints import random_checkpoint

LIBRARY = "needs torch and transformers: pip install torch==2.13.0 'sheetgpt[torch]'"
# Chi-square above these has a probability of 1 in 1,000 for a fair generator (Abramowitz and Stegun, table 26.8).
LIMITS = {9: 27.877, 49: 85.351, 99: 148.230}


def chi_square(counts: np.ndarray, expected: np.ndarray) -> float:
    return float((((counts - expected) ** 2) / expected).sum())


@pytest.mark.parametrize("seed", [0, 1, 2, 77, PRIME - 1])
def test_draws_along_the_positions_are_uniform(seed: int) -> None:
    draws = [draw(seed, position) for position in range(1, 20_001)]
    counts = np.histogram(draws, bins=50, range=(0, 1))[0]
    assert chi_square(counts, np.full(50, 400.0)) < LIMITS[49]


@pytest.mark.parametrize("position", [1, 2, 3, 16, 1024])
def test_draws_along_the_seeds_are_uniform(position: int) -> None:
    draws = [draw(seed, position) for seed in range(20_000)]
    counts = np.histogram(draws, bins=50, range=(0, 1))[0]
    assert chi_square(counts, np.full(50, 400.0)) < LIMITS[49]


@pytest.mark.parametrize("step", [(0, 1), (1, 0), (1, 1)])
def test_neighbouring_draws_do_not_depend_on_each_other(step: tuple[int, int]) -> None:
    pairs = [(draw(s, p), draw(s + step[0], p + step[1])) for s in range(200) for p in range(1, 101)]
    counts = np.histogram2d(*np.array(pairs).T, bins=10, range=((0, 1), (0, 1)))[0]
    assert chi_square(counts.ravel(), np.full(100, 200.0)) < LIMITS[99]


def test_the_generator_is_exact_and_one_to_one() -> None:
    assert all(PRIME % d for d in range(2, 2897))  # 2897 squared is more
    assert PRIME % 3 == 2
    assert max(ROUNDS) < PRIME
    assert PRIME**2 < 2**46
    drawn = {draw(5, position) for position in range(1, 30_001)}
    assert len(drawn) == 30_000  # a permutation never repeats
    assert min(drawn) >= 0
    assert max(drawn) < 1


def test_one_draw_by_hand() -> None:
    cells = rounds(1, 1)
    assert cells[0] == 1 + 1 + 3_141_592
    assert cells[1] == 3_141_594**2 % PRIME
    assert cells[2] == 3_141_594**3 % PRIME
    assert cells[3] == (cells[2] + 1 + 6_535_897) % PRIME


@pytest.mark.parametrize("seed", range(40))
def test_top_k_and_top_p_are_those_of_transformers(seed: int) -> None:
    torch = pytest.importorskip("torch", reason=LIBRARY)
    transformers = pytest.importorskip("transformers", reason=LIBRARY)
    generator = np.random.default_rng(seed)
    logits = np.sort(generator.normal(0, 3, 40))[::-1].copy()
    if seed % 3 == 0:
        logits[5:9] = logits[5]  # equals at the border of top-k all stay
    settings = Sampling(
        float(generator.uniform(0.2, 3)), int(generator.integers(1, 41)), float(generator.uniform(0.05, 1))
    )
    scores = torch.tensor(logits[None, :]) / settings.temperature
    scores = transformers.TopKLogitsWarper(settings.top_k)(None, scores)
    scores = transformers.TopPLogitsWarper(settings.top_p)(None, scores)
    expected = torch.softmax(scores, -1)[0].numpy()
    choice = choose(logits, settings, 1)
    probabilities = np.where(np.arange(40) < choice.kept, choice.weights, 0) / choice.total
    # transformers adds from the smallest up: shares differ in the last digits, which candidates stay does not.
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=1e-12)


def test_frequencies_fit_the_probabilities() -> None:
    """5,000 draws; a fair sampler fails one time in 1,000, and this one always draws the same."""
    logits = np.log(np.array([30, 20, 12, 10, 8, 6, 5, 4, 3, 2], dtype=float))
    choices = [choose(logits, Sampling(1.0, seed=seed), position) for seed in range(500) for position in range(1, 11)]
    counts = np.bincount([choice.rank for choice in choices], minlength=10)
    assert chi_square(counts, 5000 * np.exp(logits) / 100) < LIMITS[9]


def test_rare_weights_that_vanish_are_never_drawn() -> None:
    logits = np.array([0.0, -5000.0, -9000.0])
    assert {choose(logits, Sampling(1.0, seed=seed), 1).rank for seed in range(300)} == {0}


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Book, Calculator]:
    model = load_checkpoint(random_checkpoint(tmp_path_factory.mktemp("sampled"), seed=9, n_layer=1))
    book = build_book(model, LayoutOptions(prompt="p", ids=[5, 17, 200], rows=7, candidates=25))
    calculator = Calculator(book)
    calculator.recalculate()
    return model, book, calculator


def settings(number: int) -> Sampling:
    generator = np.random.default_rng(number)
    return Sampling(
        temperature=[0.0, 0.3, 0.8, 1.0, 1.7][number % 5],
        top_k=None if number % 4 == 0 else int(generator.integers(1, 26)),
        top_p=1.0 if number % 3 == 0 else float(generator.uniform(0.05, 1)),
        seed=int(generator.integers(0, PRIME)),
    )


def test_the_sheet_draws_what_python_draws(sheet: tuple[Model, Book, Calculator]) -> None:
    model, book, calculator = sheet
    seen = set()
    for number in range(200):
        sampling = settings(number)
        for name, cells in sampling_cells(book, sampling).items():
            for (row, column), value in cells.items():
                calculator.set((name, at(row, column)), value)
        calculator.update()

        def pick(logits: np.ndarray, position: int, sampling: Sampling = sampling) -> int:
            best = rank_tokens(logits)[:25]
            return int(best[choose(logits[best], sampling, position).rank])

        expected = forward.generate(model.config, model.tensors, [5, 17, 200], 7, pick)
        assert book.read("token.ids").ravel().tolist() == expected, sampling
        seen.add(tuple(expected))
    assert len(seen) > 100  # the settings matter


def test_settings_that_are_blank_or_odd_have_a_plain_meaning(sheet: tuple[Model, Book, Calculator]) -> None:
    _, book, calculator = sheet
    for typed, used in (
        ((None, None, None, None), (0, 25, 1, 1)),
        (("hot", "all", "x", "y"), (0, 25, 1, 1)),
        ((-3.0, 0.0, 7.0, -8.0), (0, 25, 1, 8)),
        ((0.5, 3.9, 0.25, PRIME + 4.0), (0.5, 3, 0.25, 4)),
    ):
        names = ("temperature", "top_k", "top_p", "seed")
        for name, value in zip(names, typed, strict=True):
            calculator.set(f"sampling.{name}", value)
        calculator.update()
        assert tuple(book.read(f"used.{name}")[0, 0] for name in names) == used
        found = sampling_of(book)
        assert (found.temperature, found.top_k or 25, found.top_p, found.seed) == used


@pytest.mark.parametrize(
    "wrong",
    [
        Sampling(-1),
        Sampling(float("nan")),
        Sampling(1, 0),
        Sampling(1, 26),
        Sampling(1, 5, 0),
        Sampling(1, 5, 1.5),
        Sampling(seed=-1),
        Sampling(seed=PRIME),
    ],
)
def test_settings_that_mean_nothing_are_refused(wrong: Sampling) -> None:
    with pytest.raises(UsageError, match=r"expected|draws from"):
        wrong.verify(25)

"""The law of batches: a function of a batch gives what it gives for each entry. And the law of values."""

from collections.abc import Iterator
from itertools import chain, cycle, islice, product

import numpy as np
import pytest

from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import FormulaError
from sheetgpt.functions import FUNCTIONS, Operand
from sheetgpt.functions.core.broadcasting import pack
from sheetgpt.functions.database import DATABASE
from sheetgpt.functions.money import SECURITIES
from support.calling import check, plain, strictly

BATCH = 3

# What arguments are drawn from: somewhere in here every function has arguments that it accepts.
SAMPLES: dict[str, list] = {
    "numbers": [1.0, 2.0, 3.0, 4.0],
    "shares": [0.125, 0.5, 1.0, 2.0],
    "signed": [-2.5, -1.0, 0.0, 7.0],
    "dates": ["12:30", "2024-02-29", "6 PM", "1/2/2003"],
    "digits": ["1", "2", "10", "11"],
    "letters": ["x", "I", "v", "M"],
    "mixed": ["d", True, 1.0, None, "2", ErrorValue.NA],
}
# Shapes of the arguments, one after the other, whatever the function makes of arrays.
SHAPES = [[(1, 1)], [(1, 1), (1, 3)], [(1, 3), (1, 1)], [(2, 2)], [(2, 2), (1, 1)], [(1, 3)]]
# They need probabilities that add to 1, or numbers, dates and labels that fit each other.
NEVER_ACCEPTED = {
    *{"PROB", "HYPGEOM.DIST", "XIRR", "CHISQ.TEST", "CHITEST"},
    *(name for name in SECURITIES if FUNCTIONS[name].minimum > 4 or name.startswith("COUP")),
}


def draw(random: np.random.Generator, sample: str, shape: tuple[int, int]) -> np.ndarray:
    """A batch of single values, rows or square arrays, some of which every function takes."""
    values = [SAMPLES[sample][i] for i in random.integers(0, len(SAMPLES[sample]), BATCH * shape[0] * shape[1])]
    return pack(values, (BATCH, *shape))


def entry(operand: Operand, index: int) -> Operand:
    return operand._replace(values=operand.values[index]) if operand.values.ndim > 2 else operand


def argument_lists(name: str) -> Iterator[list[Operand]]:
    """Arguments of every number that the function takes, with all of them in batches, and with one alone."""
    most = FUNCTIONS[name].maximum or FUNCTIONS[name].minimum + 2
    for count in range(FUNCTIONS[name].minimum, most + 1):
        for (seed, shapes), sample in product(enumerate(SHAPES), SAMPLES):
            random = np.random.default_rng(seed)
            values = [draw(random, sample, shape) for shape in islice(cycle(shapes), count)]
            batch = [Operand(one, reference=sample == "mixed") for one in values]
            yield batch
            for alone in range(count if count > 1 and seed % 2 else 0):
                yield [one if i == alone else entry(one, 0) for i, one in enumerate(batch)]


# Functions of databases refuse labels that they do not know; tests/functions/test_database.py has them in batches.
NAMES = [name for name in FUNCTIONS if name not in DATABASE]
BATCHED = [name for name in NAMES if FUNCTIONS[name].batched and FUNCTIONS[name].maximum != 0]


@pytest.mark.parametrize("name", BATCHED)
def test_a_batch_gives_what_its_entries_give(name: str) -> None:
    call = FUNCTIONS[name].call
    for arguments in argument_lists(name):
        with strictly():
            whole = call(*arguments)
            entries = [call(*[entry(one, i) for one in arguments]) for i in range(BATCH)]
        whole = np.broadcast_to(whole, (BATCH, *np.broadcast_shapes(*[values.shape for values in entries])))
        for i, values in enumerate(entries):
            # Matrix products of a batch may add in another order: a few units in the last place.
            check(plain(whole[i]), plain(np.broadcast_to(values, whole.shape[1:])), tolerance=1e-14)


@pytest.mark.parametrize("name", sorted(set(BATCHED) - NEVER_ACCEPTED))
def test_every_function_has_arguments_among_these_that_it_accepts(name: str) -> None:
    """So the law above is not about errors alone."""
    with strictly():
        results = [FUNCTIONS[name].call(*arguments).ravel().tolist() for arguments in argument_lists(name)]
    assert any(not isinstance(value, ErrorValue) for value in chain.from_iterable(results))


@pytest.mark.parametrize("name", sorted(NAMES))
def test_results_are_valid_values_whatever_the_arguments(name: str) -> None:
    if FUNCTIONS[name].maximum == 0:
        plain(FUNCTIONS[name].call())
        return
    for arguments in argument_lists(name):
        try:
            with strictly():
                result = FUNCTIONS[name].call(*[entry(one, 0) for one in arguments])
        except FormulaError:
            continue  # refused, because it is not known what Excel gives
        plain(result)
        if result.dtype == object:
            kinds = {type(value) for value in result.ravel().tolist()}
            assert kinds <= {float, bool, str, ErrorValue, type(None)}
            assert all(np.isfinite(value) for value in result.ravel().tolist() if type(value) is float)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_arguments_may_be_left_empty(name: str) -> None:
    function = FUNCTIONS[name]
    with strictly():
        result = function.call(*[None] * (function.minimum if function.maximum is None else function.maximum))
    assert result.shape == (1, 1)
    plain(result)

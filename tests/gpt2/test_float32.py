"""The shortest decimals of float32 against those that numpy writes, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sheetgpt.gpt2 import float32 as module
from sheetgpt.gpt2.float32 import shortest_decimals

COUNT = 40_000  # more than are calculated at once
FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)


def of_numpy(numbers: np.ndarray) -> np.ndarray:
    """Numpy prints a float32 with the fewest digits that give it back (the algorithm "Dragon4")."""
    return np.asarray(numbers.astype(np.float32).astype("U"), dtype=np.float64)


def kinds() -> dict[str, np.ndarray]:
    """Numbers that are easy, and numbers near what decides: powers of two and of ten, few digits, both ends."""
    draw = np.random.default_rng(4)
    steps = 1 + draw.integers(-3, 4, COUNT) * 2.0**-23
    return {
        "weights": draw.normal(0, 0.04, COUNT),
        "any size": draw.normal(size=COUNT) * 10 ** draw.uniform(-16, 12, COUNT),
        "any bits": draw.integers(0, 0x7F800000, COUNT).astype(np.uint32).view(np.float32).astype(np.float64),
        "few digits": draw.integers(-(10**7), 10**7, COUNT) / 10.0 ** draw.integers(0, 9, COUNT),
        "powers of two": np.ldexp(steps, draw.integers(-40, 30, COUNT)),
        "powers of ten": 10.0 ** draw.integers(-13, 9, COUNT) * steps,
        "halves": draw.integers(-(2**24), 2**24, COUNT) / 2.0 ** draw.integers(0, 30, COUNT),
        "zeros": np.where(draw.random(COUNT) < 0.5, 0.0, -0.0),
    }


@pytest.mark.parametrize("kind", kinds())
def test_decimals_are_those_of_numpy(kind: str) -> None:
    numbers = kinds()[kind]
    assert shortest_decimals(numbers).tobytes() == of_numpy(numbers).tobytes()


@given(st.lists(FLOATS, max_size=50))
@example([0.0, -0.0, 1e-45, -1e-45, 1.1754944e-38, 3.4028235e38, 16777216.0, 1e22, 0.1, 123456.79, 1e-5, 9.999999e-5])
def test_any_numbers(values: list[float]) -> None:
    numbers = np.array(values, dtype=np.float64)
    assert shortest_decimals(numbers).tobytes() == of_numpy(numbers).tobytes()


def test_they_give_back_the_same_float32_and_keep_their_shape() -> None:
    numbers = np.random.default_rng(3).normal(size=(50, 100)).astype(np.float32)
    short = shortest_decimals(numbers.astype(np.float64).T)
    assert np.array_equal(short.T.astype(np.float32), numbers)
    assert max(len(repr(x).lstrip("-0.").split("e")[0]) for x in short.ravel().tolist()) <= 10  # 9 digits, one point
    assert shortest_decimals(np.array([np.float32(0.1)]))[0] == 0.1
    assert shortest_decimals(np.empty((0, 3))).shape == (0, 3)


def test_most_weights_are_calculated_and_few_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    dumps = module.orjson.dumps
    monkeypatch.setattr(
        module.orjson, "dumps", lambda numbers, **how: asked.append(len(numbers)) or dumps(numbers, **how)
    )
    shortest_decimals(np.random.default_rng(0).normal(0, 0.04, COUNT))
    assert sum(asked) < COUNT / 100

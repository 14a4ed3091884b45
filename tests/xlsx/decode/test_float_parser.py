"""Number texts to float64, many at once, against float()."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetgpt.xlsx.decode.float_parser import parse


def parsed(texts: list[str]) -> tuple[list[float], list[bool]]:
    """What `parse` makes of texts of up to 24 characters; what lies before them must not count."""
    words = np.frombuffer("".join(text.rjust(24, "7") for text in texts).encode("latin-1"), "<u8").reshape(-1, 3)
    numbers, right = parse(words, np.array([len(text) for text in texts]))
    return numbers.tolist(), right.tolist()


plain = st.from_regex(r"[0-9]{0,22}\.?[0-9]{0,22}", fullmatch=True).filter(lambda text: 1 <= len(text) <= 24)
doubles = st.floats(1e-7, 1e15).map(lambda x: f"{x:.17f}".rstrip("0")[:24])
singles = st.floats(9.999999747378752e-05, 99999.0, width=32).map(lambda x: str(np.float32(x)))


@settings(max_examples=300, deadline=None)
@given(st.lists(plain | doubles | singles | st.floats(1e-4, 1e15).map(repr), min_size=1, max_size=40))
def test_what_is_right_is_what_float_says(texts: list[str]) -> None:
    numbers, right = parsed(texts)
    for text, number, is_right in zip(texts, numbers, right, strict=True):
        if is_right:
            assert number == float(text), text


def test_nearly_all_numbers_that_programs_write_are_right() -> None:
    values = np.random.default_rng(1).normal(0, 0.1, 20_000)
    values = values[np.abs(values) > 1e-4]
    for texts in (
        [str(abs(np.float32(x))) for x in values],  # at most 9 digits
        [f"{abs(x):.16G}" for x in values],  # XlsxWriter
        [repr(float(abs(x))) for x in values],  # 17 digits
        [str(k) for k in range(20_000)],
        ["0", "0.0", "00.10", "5.", ".5", "9007199254740993", "9007199254740992.5"[:17], "1" + "0" * 18],
    ):
        numbers, right = parsed(texts)
        assert sum(right) >= len(texts) * 0.999 - 1
        assert [n for n, r in zip(numbers, right, strict=True) if r] == [
            float(t) for t, r in zip(texts, right, strict=True) if r
        ]


def test_numbers_between_two_floats_are_left_or_right() -> None:
    """Middles of neighbouring floats and their surroundings: the hardest to round."""
    texts = []
    for k in range(3000):
        low = 2**53 + 2 * k
        texts += [f"{low + 1}", f"{low + 1}.00001", f"{low}.99999", f"0.{low + 1}", f"{low}.5", f"{2 * low + 2}.1"]
    numbers, right = parsed(texts)
    assert all(number == float(text) for text, number, r in zip(texts, numbers, right, strict=True) if r)
    assert sum(right) > 3000


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "1.2.3",
        "..",
        "-1",
        "+1",
        "1e5",
        "1E-05",
        "1,5",
        "1/2",
        " 1",
        "1 ",
        ":",
        "0x1",
        "1.234567890123456.7",
        "12345678.1234567.",
        "¼",
        "\x00",
        "1\x00",
        "9" * 24,
        "/",
        "?",
    ],
)
def test_what_is_no_plain_number_is_not_taken(text: str) -> None:
    if text:
        assert parsed([text, "0.5"])[1] == [False, True]
        assert parsed([text, "0.5", "0.12345678901234567"])[1] == [False, True, True]


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(min_codepoint=0, max_codepoint=255), min_size=1, max_size=24))
def test_no_other_text_is_taken(text: str) -> None:
    _, (right,) = parsed([text])
    if right:
        assert set(text) <= set("0123456789.")
        float(text)

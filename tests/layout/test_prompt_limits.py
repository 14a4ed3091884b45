"""What is beyond the limits of the formulas that cut a prompt: a message stands beside it."""

from __future__ import annotations

import pytest

from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.schema.prompt import limits_of
from sheetgpt.schema.prompt_limits import EMPTY, Limits
from support import prompts
from support.cutter import TOKENIZER, Cutter


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("x" * 17, "takes 16 characters"),
        ("😀" * 9, "takes 16 characters"),  # 9 code points, 18 units of UTF-16
        ("日" * 9, "takes 24 bytes"),
        ("a b c d e f g", "takes 5 tokens"),
    ],
)
def test_beyond_the_limits_a_message_stands_beside_the_prompt(text: str, words: str) -> None:
    cutter = Cutter(TOKENIZER, 16, rows=5)
    assert cutter.cut(text) == []
    assert words in str(cutter.message())
    assert cutter.message() == cutter.limits.refusal(TOKENIZER, text, 5)
    assert cutter.length() == ErrorValue.NA
    cutter.cut("a")
    assert (cutter.message(), cutter.length()) == ("", 1.0)


def test_a_word_that_needs_more_merges_than_there_are_passes() -> None:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM"  # a vocabulary that merges 39 letters one by one, from the left
    merges = [(letters[:k], letters[k]) for k in range(1, len(letters))]
    tokenizer = Tokenizer([*TOKENIZER.tokens[:256], *("".join(pair) for pair in merges)], merges)
    cutter = Cutter(tokenizer, 64)
    assert cutter.cut(letters[:32]) == tokenizer.encode(letters[:32]) == [256 + 30]
    assert cutter.cut(letters[:33]) == []
    assert cutter.message() == cutter.limits.too_many_passes
    assert cutter.limits.refusal(tokenizer, letters[:33], 64) == cutter.limits.too_many_passes


@pytest.mark.parametrize("characters", [0, -1, 1001])
def test_sizes_that_make_no_sense_are_refused(characters: int) -> None:
    with pytest.raises(UsageError, match="--max-chars"):
        Limits(characters)


@pytest.mark.parametrize("characters", [1, 2, 3, 5])
def test_small_sizes(characters: int) -> None:
    cutter = Cutter(TOKENIZER, characters)
    for text in [text for text in prompts.NASTY if len(text.encode("utf-16-le")) // 2 <= characters][:40]:
        ids, refusal = cutter.cut(text), cutter.limits.refusal(TOKENIZER, text, cutter.rows)
        assert cutter.message() == refusal, ascii(text)
        assert ids == ([] if refusal else TOKENIZER.encode(text)), ascii(text)
    assert limits_of(cutter.book) == cutter.limits


def test_messages_fit_into_a_formula() -> None:
    """A text in a formula of Excel has 255 characters at most."""
    limits = Limits(1000)
    texts = [EMPTY, limits.too_long, limits.too_many_bytes, limits.too_many_passes, limits.too_many_tokens(1024)]
    assert max(map(len, texts)) <= 255
    assert not any('"' in text for text in texts)

"""The formulas that cut a prompt into tokens, against the `tokenizers` library."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2.tokenizer import Tokenizer, show_token
from sheetgpt.layout.build_book import build_tokenizer_book
from sheetgpt.schema.prompt_limits import Limits
from support import prompts
from support.cutter import TOKENIZER, Cutter, gpt2


@pytest.fixture(scope="module")
def short() -> Cutter:
    return Cutter(TOKENIZER, 8)


@pytest.fixture(scope="module")
def default() -> Cutter:
    return Cutter(TOKENIZER, 64)


def assert_cut_as_by_the_library(cutter: Cutter, texts: list[str]) -> None:
    """The ids are the library's; where the sheet refuses a text, the program says that it must."""
    taken = 0
    for text in texts:
        ids = cutter.cut(text)
        refusal = cutter.limits.refusal(cutter.tokenizer, text, cutter.rows)
        assert cutter.message() == refusal, ascii(text)
        expected = [] if refusal else cutter.tokenizer.encode(text)
        assert ids == expected, ascii(text)
        assert cutter.length() == (ErrorValue.NA if refusal else len(expected)), ascii(text)
        taken += not refusal
    assert taken >= 0.6 * len(texts)


def test_nasty_texts(short: Cutter) -> None:
    assert_cut_as_by_the_library(short, prompts.NASTY)


def test_short_texts(short: Cutter) -> None:
    assert_cut_as_by_the_library(short, list(prompts.texts(1, prompts.some(1800), 8)))


def test_texts_of_sixteen_characters() -> None:
    assert_cut_as_by_the_library(Cutter(TOKENIZER, 16), list(prompts.texts(2, prompts.some(100), 16)))


def test_texts_as_long_as_the_default_takes(default: Cutter) -> None:
    fixed = ["Michael Jordan plays the sport of", "we've seen that  they'LL say:\n\n\t'tis 1st, 22nd & 345th", "x" * 32]
    assert_cut_as_by_the_library(default, fixed + list(prompts.texts(3, 12, 64)))


def test_gpt2_vocabulary() -> None:
    tokenizer = gpt2()
    assert_cut_as_by_the_library(Cutter(tokenizer, 8), prompts.NASTY + list(prompts.texts(4, prompts.some(2000), 8)))
    long = [
        "internationalization of supercalifragilistic",
        " " * 20 + "a",
        "Hello, world! <|endoftext|>",
        "日本語の文章",
    ]
    assert_cut_as_by_the_library(Cutter(tokenizer, 64), long + list(prompts.texts(5, 8, 64)))


def test_every_kind_of_white_space_before_and_behind_every_class(short: Cutter) -> None:
    texts = [f"a{white}{white}{other}" for white in prompts.WHITE for other in ("b", "1", "!", "", "'s")]
    assert len(prompts.WHITE) >= 25  # Unicode has 25 characters with the property White_Space
    assert_cut_as_by_the_library(short, texts)


def test_special_tokens_are_text(default: Cutter) -> None:
    ids = default.cut("<|endoftext|>")
    assert ids == TOKENIZER.encode("<|endoftext|>")
    assert len(ids) > 1


def test_equal_pairs_in_a_word_merge_from_the_left() -> None:
    tokens = [*TOKENIZER.tokens[:256], "aa", "aaaa", "ba", "aab"]
    tokenizer = Tokenizer(tokens, [("a", "a"), ("aa", "aa"), ("b", "a"), ("aa", "b")])
    cutter = Cutter(tokenizer, 16)
    for text in ["a" * n for n in range(1, 16)] + ["aab", "aaab", "aaba", "abaab", "aaabaaa aaab"]:
        assert cutter.cut(text) == tokenizer.encode(text), text


def test_a_pair_with_a_lower_rank_that_only_a_merge_makes() -> None:
    """In wxab: wx first, and then (wx, a) before (a, b), though (a, b) is better than its neighbours at first."""
    tokens = [*TOKENIZER.tokens[:256], "wx", "wxa", "ab", "xa"]
    tokenizer = Tokenizer(tokens, [("w", "x"), ("wx", "a"), ("a", "b"), ("x", "a")])
    cutter = Cutter(tokenizer, 8)
    for text in ["wxab", "xab", "wwxab", "ab wxab"]:
        assert cutter.cut(text) == tokenizer.encode(text), text


def test_a_vocabulary_without_merges() -> None:
    tokenizer = Tokenizer(TOKENIZER.tokens[:256], [])
    assert Cutter(tokenizer, 8).cut("héllo") == tokenizer.encode("héllo")


def test_the_passes_show_a_word_being_merged() -> None:
    book = build_tokenizer_book(TOKENIZER, " the", 4, Limits(4))
    recalculate(book)
    sheet = book.sheets["Byte_Pair_Passes"].grid
    shown = [[sheet[row, column] for row in range(6, 10) if sheet[row, column]] for column in (9, 16, 23, 30)]
    assert shown[0] == ["·", "t", "h", "e"]
    assert shown[-1] == ["·the"]
    merges = [tuple(show_token(TOKENIZER, TOKENIZER.ids[side]) for side in pair) for pair in TOKENIZER.merges]
    for before, after in pairwise(shown):
        (k,) = [k for k in range(len(after)) if after[:k] == before[:k] and after[k + 1 :] == before[k + 2 :]][:1]
        assert (before[k], before[k + 1]) in merges
        assert f"{before[k]}{before[k + 1]}" == after[k]

"""Text <-> ids, with the mini vocabulary and with GPT-2's own."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgpt.errors import UsageError
from sheetgpt.gpt2.tokenizer import BYTE_LETTERS, Tokenizer, show_token
from support.paths import MINI, shared

MINI_TOKENIZER = Tokenizer.from_folder(MINI)


def test_gpt2_known_answers() -> None:
    folder = shared("gpt2")
    tokenizer = Tokenizer.from_folder(folder)
    assert len(tokenizer) == 50257
    for case in json.loads((folder / "known_answers.json").read_text())["tokenization"]:
        assert tokenizer.encode(case["text"]) == case["ids"]
        assert tokenizer.decode(case["ids"]) == case["text"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_comes_back(text: str) -> None:
    assert MINI_TOKENIZER.decode(MINI_TOKENIZER.encode(text)) == text


def test_special_tokens_are_text() -> None:
    ids = MINI_TOKENIZER.encode("<|endoftext|>")
    assert len(ids) > 1
    assert MINI_TOKENIZER.decode(ids) == "<|endoftext|>"


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(UsageError, match="lone surrogate at character 3"):
        MINI_TOKENIZER.encode("ab\udc80")


def test_bytes_have_letters_of_their_own() -> None:
    assert len(set(BYTE_LETTERS.values())) == 256
    assert BYTE_LETTERS[ord(" ")] == "Ġ"
    assert b"".join(MINI_TOKENIZER.token_bytes(k) for k in MINI_TOKENIZER.encode("né 😀")) == "né 😀".encode()
    assert MINI_TOKENIZER.token_bytes(10**6) == b""


def test_tokens_can_be_seen() -> None:
    space, line, byte = (MINI_TOKENIZER.ids[BYTE_LETTERS[value]] for value in (32, 10, 0xE2))
    assert [show_token(MINI_TOKENIZER, token) for token in (space, line, byte)] == ["·", "↵", "<0xE2>"]
    assert show_token(None, 7) == "<7>"
    assert all(show_token(MINI_TOKENIZER, token).strip() for token in range(len(MINI_TOKENIZER)))

"""Words that are one token in a vocabulary, in groups that a map of embeddings may tell apart."""

from __future__ import annotations

import numpy as np

from sheetgpt.gpt2.tokenizer import Tokenizer

SIZES = (7, 7, 8, 8)  # tokens of each group on a map
_GROUPS = {
    "days": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "months": "January February April June July September November August October December",
    "sports": "tennis golf soccer football baseball basketball cricket hockey rugby",
    "numbers": "two three four five six seven eight nine ten",
}
_ANALOGIES = (
    " man king woman queen",
    " slow slowly quick quickly",
    " dog dogs boy boys",
    " big small hot cold",
)


def single_token(tokenizer: Tokenizer | None, word: str) -> int | None:
    """The id of a word, if it is one token."""
    ids = tokenizer.encode(word) if tokenizer else []
    return ids[0] if len(ids) == 1 else None


def choose_groups(tokenizer: Tokenizer | None, vocabulary: int) -> dict[str, list[int]]:
    """Name of each of four groups -> ids, at most as many as `SIZES` says and at least one.

    A group of which no word is one token has tokens from the whole vocabulary instead.
    """
    groups: dict[str, list[int]] = {}
    for number, ((name, words), size) in enumerate(zip(_GROUPS.items(), SIZES, strict=True)):
        found = [single_token(tokenizer, f" {word}") for word in words.split()]
        known = [token for token in found if token is not None and token < vocabulary][:size]
        spread = np.linspace(0, vocabulary - 1, len(SIZES) * size).astype(int)[number :: len(SIZES)]
        groups[name if known else f"tokens {number + 1}"] = known or spread.tolist()
    return groups


def choose_analogy(tokenizer: Tokenizer | None, vocabulary: int) -> list[int]:
    """Ids of a, b, c and the word expected in "a is to b as c is to ...": the first analogy of single tokens."""
    for words in _ANALOGIES:
        found = [single_token(tokenizer, f" {word}") for word in words.split()]
        ids = [token for token in found if token is not None and token < vocabulary]
        if len(ids) == len(found):
            return ids
    return [min(k, vocabulary - 1) for k in range(4)]

"""A token of choice: given by its text, or by its id."""

from __future__ import annotations

from sheetgpt.errors import UsageError
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.tokenizer import Tokenizer


def token_id(tokenizer: Tokenizer | None, config: Config, token: str | int) -> int:
    """Its id; raises UsageError for a text that is no token or several, and for an id that is not there."""
    if not isinstance(token, str):
        if isinstance(token, bool) or token != int(token) or not 0 <= token < config.vocab_size:
            raise UsageError(f"there is no token {token!r}", f"ids are 0 to {config.vocab_size - 1}")
        return int(token)
    if tokenizer is None:
        raise UsageError("this workbook has no tokenizer", "give the token by its id")
    ids = tokenizer.encode(token)
    if len(ids) != 1:
        pieces = " + ".join(repr(tokenizer.decode([part])) for part in ids)
        made_of = f"it is made of {len(ids)}: {pieces}" if ids else "it is empty"
        hint = "" if token.startswith(" ") else "; inside a text a word begins with a space"
        raise UsageError(f"{token!r} is not one token: {made_of}", f"choose one token{hint}")
    if ids[0] >= config.vocab_size:
        raise UsageError(f"{token!r} is not among the tokens of this lighter copy", "build it with more tokens")
    return ids[0]

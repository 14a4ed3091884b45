"""The lexer: tokens of a skeleton are numbers, strings, holes, functions with their bracket, operators, ..."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from sheetgpt.formula.nodes import HOLE
from sheetgpt.formula.skeleton import ERRORS, NUMBER

_TOKEN = re.compile(
    rf"""(?P<space>\s+) | (?P<number>{NUMBER}) | (?P<text>"(?:[^"]|"")*") | (?P<hole>{HOLE})
       | (?P<error>{ERRORS}) | (?P<function>[^\W\d][^\x00-\x20"'(),:;{{}}+*/&=<>^%@#-]*\s*\() | (?P<boolean>TRUE|FALSE)
       | (?P<operator><=|>=|<>|[-+*/^&=<>%:,(){{}};@#])""",
    re.VERBOSE | re.IGNORECASE,
)


class Token(NamedTuple):
    """A piece of a skeleton: its kind (a group of `_TOKEN`), text and position."""

    kind: str
    text: str
    position: int


class MisfitError(Exception):
    """Something is wrong at a position of a skeleton."""

    def __init__(self, position: int, what: str) -> None:
        super().__init__(what)
        self.position, self.what = position, what


def tokens(skeleton: str) -> list[Token]:
    tokens, position = [], 0
    while position < len(skeleton):
        found = _TOKEN.match(skeleton, position)
        if found is None:
            raise MisfitError(position, f"unexpected {skeleton[position]!r}")
        tokens.append(Token(str(found.lastgroup), found[0], position))
        position = found.end()
    return _without_idle_space(tokens)


def _without_idle_space(tokens: list[Token]) -> list[Token]:
    """Drop white space, except between two references, where it is the operator of intersection."""
    kept: list[Token] = []
    for token, following in pairwise([*tokens, Token("end", "", 0)]):
        if token.kind != "space":
            kept.append(token)
        elif kept and _ends_reference(kept[-1]) and _starts_reference(following):
            kept.append(Token("operator", " ", token.position))
    return kept


def _ends_reference(token: Token) -> bool:
    return token.kind in ("hole", "error") or token.text in (")", "#")


def _starts_reference(token: Token) -> bool:
    return token.kind in ("hole", "function", "error") or token.text == "("

"""Texts that are hard to cut into tokens, for every test that does."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

from sheetgpt.gpt2.char_classes import Class, load

WHITE = [
    chr(point)
    for (start, kind), (end, _) in zip(load(), [*load()[1:], (0x110000, Class.OTHER)], strict=True)
    if kind == Class.SPACE
    for point in range(start, end)
]
# Emoji with a skin tone, a family and a flag joined of several, a keycap; combining marks; marks of direction.
CLUSTERS = [
    "👍🏽",
    "👩‍👩‍👧",
    "🇫🇷",
    "1️⃣",
    "e\u0301",
    "n\u0303o",
    "\u0928\u093f",
    "\u200f",
    "\ufeff",
    "\u00ad",
    "ﬁ",
    "ß",
    "İ",
    "ǆ",
]
CONTRACTIONS = [
    "'s",
    "'t",
    "'re",
    "'ve",
    "'m",
    "'ll",
    "'d",
    "'S",
    "'T",
    "'RE",
    "'Ve",
    "'M",
    "'lL",
    "'D",
    "'",
    "''",
    "’s",
]
SCRIPTS = ["привет", "日本語", "한국어", "עברית", "ไทย", "हिन्दी", "ελλ", "٣٤", "Ⅷ", "½", "𝟗", "𐐀𐐨", "𠀀", "𞤀"]
PLAIN = [
    "the",
    " of",
    "play",
    "Michael",
    " sport",
    "x",
    "A",
    " a",
    "12",
    " 3",
    "007",
    ".",
    "!?",
    " (",
    "_",
    "<|endoftext|>",
]

NASTY = [
    "a",
    " ",
    "  ",
    "   ",
    "\n",
    " \n",
    "\n ",
    "a ",
    "a  ",
    "  a",
    " \u00a0a",
    "\u00a0 a",
    "\t\ta",
    "a\n\nb",
    "'s",
    " 's",
    "''s",
    "x's",
    "x'S",
    "'sa",
    "'same",
    "'re's",
    "'ll'll",
    "'l",
    "'lx",
    "'r e",
    "we've",
    "!'s",
    "1's",
    "\n's",
    " 'tis",
    "'d'",
    "a1b2",
    "1a",
    "é",
    "e\u0301",
    "\u0301",
    "日本語",
    "👍🏽",
    "🇫🇷",
    "<|endo",
    "=1+1",
    "'x",
    "#N/A",
    "TRUE",
    "1e5",
    "-1",
    "@x",
    "a\tb",
    "\u3000a",
    "a\u2028",
    "\u200b",
    "\ufeff",
    "x\u00ad",
    "½",
    "٣",
    "Ⅷ",
    "𝟗a",
    "\U0010fffd",
    "\ue000",
    "\ufffd",
    "~",
    "\x7f",
]


def some(count: int) -> int:
    """How many of `count` random texts to try: all where CI is set, else a fifth, so that `make test` stays short."""
    return count if os.environ.get("CI") else max(1, count // 5)


def texts(seed: int, count: int, units: int) -> Iterator[str]:
    """`count` random texts of at most so many UTF-16 units, from every plane and of every kind above."""
    source = random.Random(seed)
    for _ in range(count):
        text = ""
        while source.random() > 0.1:
            longer = text + _piece(source)
            if len(longer.encode("utf-16-le")) // 2 > units:
                break
            text = longer
        yield text or source.choice(NASTY)[:1]


def _piece(source: random.Random) -> str:
    kind = source.random()
    if kind < 0.2:
        return source.choice(PLAIN)
    if kind < 0.35:
        return source.choice(CONTRACTIONS)
    if kind < 0.55:
        return source.choice(WHITE + [" "] * len(WHITE))
    if kind < 0.65:
        return source.choice(CLUSTERS)
    if kind < 0.75:
        return source.choice(SCRIPTS)
    if kind < 0.85:
        return chr(source.randrange(0x20, 0x250))
    return _character(source)


def _character(source: random.Random) -> str:
    """Any character that a cell can hold: not the surrogates, and of control characters those that XML allows."""
    while True:
        point = source.randrange(source.choice([0x3000, 0x10000, 0x20000, 0x110000]))
        if point >= 0x20 and not 0xD800 <= point < 0xE000 and point not in (0xFFFE, 0xFFFF):
            return chr(point)

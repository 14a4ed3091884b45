"""The classes of characters in GPT-2's split: which code points are letters, numbers, white space.

The split speaks of \\p{L}, \\p{N} and \\s, so its result hangs on a version of Unicode: the one inside the
`tokenizers` library, which no table of another program can be trusted to share. The classes are therefore
asked of the library itself, one code point after the other, and kept in character_classes.csv:

    python -m sheetgpt.character_classes       asks again and writes the file
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path

import numpy as np

from sheetgpt.errors import CheckpointError
from sheetgpt.gpt2.tokenizer import words

FILE = Path(__file__).with_suffix(".csv")
LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)  # halves of characters in UTF-16, no characters
_BLOCK = 0x4000  # code points asked at once


class Class(IntEnum):
    """What a character is to GPT-2's split; the workbook calculates with these numbers."""

    LETTER = 1
    NUMBER = 2
    SPACE = 3
    OTHER = 4


def load() -> list[tuple[int, Class]]:
    """(first code point, class) of each range of equal classes, from 0 up; each range ends where the next begins."""
    lines = FILE.read_text(encoding="ascii").splitlines()[1:]
    return [(int(start, 16), Class[name]) for start, name in (line.split(",") for line in lines)]


def ask() -> list[tuple[int, Class]]:
    """The same, as the `tokenizers` library has it now."""
    ranges: list[tuple[int, Class]] = []
    for point, kind in _classes():
        if not ranges or ranges[-1][1] != kind:
            ranges.append((point, kind))
    return ranges


def _classes() -> Iterator[tuple[int, Class]]:
    """(code point, class) of every character; surrogates are left out, so they go with what is before them."""
    for first in range(0, LAST + 1, _BLOCK):
        points = np.array([point for point in range(first, first + _BLOCK) if point not in _SURROGATES], dtype=int)
        if points.size:
            yield from zip(points.tolist(), _answers(points), strict=True)


def _answers(points: np.ndarray) -> list[Class]:
    """The class of each code point: whom the split puts it together with."""
    text = "".join(f"\na{chr(point)}1\n{chr(point)}!" for point in points.tolist())  # seven characters each
    starts, stops = np.array(words(text)).T
    ends = np.zeros(len(text), dtype=int)
    ends[starts] = stops  # of the word that begins there, 0 where none does
    at = np.arange(len(points)) * 7
    together = {
        Class.LETTER: ends[at + 1] == at + 3,  # with the letter before it
        Class.NUMBER: ends[at + 2] == at + 4,  # with the digit behind it
        Class.OTHER: ends[at + 5] == at + 7,  # with the exclamation mark behind it
        Class.SPACE: (ends[at + 2] == at + 3) & (ends[at + 5] == at + 6),  # with nothing
    }
    for answers in together.values():
        answers[points == ord(" ")] = False  # the one character that the split names: it joins what follows
    together[Class.SPACE] |= points == ord(" ")
    table = np.array(list(together.values()))
    if unclear := points[table.sum(axis=0) != 1].tolist():
        raise CheckpointError(f"the tokenizers library has no clear class for U+{unclear[0]:04X}")
    kinds = list(together)
    return [kinds[row] for row in table.argmax(axis=0).tolist()]


def main() -> None:
    """Write the file anew."""
    ranges = ask()
    lines = ["first code point,class", *(f"{start:04X},{kind.name}" for start, kind in ranges)]
    FILE.write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()

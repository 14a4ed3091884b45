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

from sheetgpt.errors import CheckpointError
from sheetgpt.tokenizer import words

FILE = Path(__file__).with_suffix(".csv")
LAST = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)  # halves of characters in UTF-16, no characters
_BLOCK = 0x4000  # code points asked at once
_LENGTH = 7  # characters of a question


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
        points = [point for point in range(first, first + _BLOCK) if point not in _SURROGATES]
        text = "".join(_question(point) for point in points)
        pieces = set(words(text))
        for index, point in enumerate(points):
            yield point, _answer(point, pieces, _LENGTH * index)


def _question(point: int) -> str:
    """A text that the split cuts differently for each class."""
    character = chr(point)
    return f"\na{character}1\n{character}!"


def _answer(point: int, pieces: set[tuple[int, int]], at: int) -> Class:
    """The class of the character in the question that begins at `at`: whom it stands together with."""
    if point == ord(" "):
        return Class.SPACE  # the one character that the split names itself: it joins whatever follows
    together = {
        Class.LETTER: (at + 1, at + 3) in pieces,  # with the letter before it
        Class.NUMBER: (at + 2, at + 4) in pieces,  # with the digit behind it
        Class.OTHER: (at + 5, at + 7) in pieces,  # with the exclamation mark behind it
        Class.SPACE: {(at + 2, at + 3), (at + 5, at + 6)} <= pieces,  # with nothing
    }
    found = [kind for kind, is_so in together.items() if is_so]
    if len(found) != 1:
        raise CheckpointError(f"U+{point:04X} has the classes {found} in the split of the tokenizers library")
    return found[0]


def main() -> None:
    """Write the file anew."""
    ranges = ask()
    lines = ["first code point,class", *(f"{start:04X},{kind.name}" for start, kind in ranges)]
    FILE.write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()

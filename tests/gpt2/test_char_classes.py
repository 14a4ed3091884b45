"""The classes of characters: the file says what the library does."""

import unicodedata
from itertools import pairwise

from sheetgpt.gpt2.char_classes import Class, ask, load


def test_the_file_is_what_the_tokenizers_library_does() -> None:
    assert ask() == load()


def test_ranges_are_in_order_and_differ_from_their_neighbours() -> None:
    ranges = load()
    starts = [start for start, _ in ranges]
    assert starts[0] == 0
    assert starts == sorted(set(starts))
    assert all(one[1] != other[1] for one, other in pairwise(ranges))


def test_classes_of_characters_that_everybody_knows() -> None:
    """Python's own table knows these in any version of Unicode."""
    kinds = {"L": Class.LETTER, "N": Class.NUMBER}
    starts = dict(load())
    for text in "aZéßжאあ漢한19٣Ⅷ½":
        below = max(start for start in starts if start <= ord(text))
        assert starts[below] == kinds[unicodedata.category(text)[0]], text
    for text in " \t\n\r\u0085\u00a0\u1680\u2028\u3000":
        assert starts[max(start for start in starts if start <= ord(text))] == Class.SPACE, ascii(text)
    for text in "!_'\u0301\u200b\ufeff😀\ue000":
        assert starts[max(start for start in starts if start <= ord(text))] == Class.OTHER, ascii(text)

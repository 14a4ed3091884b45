"""What the sheets between a prompt and its tokens should show, said once more in plain Python.

The split into words is asked of the `tokenizers` library; bytes are Python's UTF-8; the merges are made here, pair
by pair, as the captions on the sheets tell it. Characters are code points, as every program but Excel counts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2.char_classes import load
from sheetgpt.gpt2.tokenizer import words
from sheetgpt.schema.prompt_limits import Limits

_KEY, _PLACES, _NONE = 2**20, 2048, 999_999_999.0
_CLASSES = ("", "letter", "number", "white space", "other")
_CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")


def tokenization(book: Book, text: str, ids: Sequence[int], limits: Limits, rows: int) -> dict[str, np.ndarray]:
    """Name -> cells of Prompt_to_Words, Byte_Pair_Passes and Prompt_to_Tokens, for a prompt within the limits."""
    column: list[float | str] = [*ids, *[""] * (rows - len(ids))]
    named = {
        "words.table": _table(_words(text, limits.characters)),
        "prompt.message": _table([[""]]),
        "prompt.ids": _table([[token] for token in column]),
    }
    bytes_ = _bytes(text, limits.bytes)
    named["bytes.table"] = _table(bytes_)
    return named | _passes(book, bytes_, limits)


def _table(rows: Sequence[Sequence[float | str]]) -> np.ndarray:
    return np.array([[float(v) if not isinstance(v, str) else v for v in row] for row in rows], dtype=object)


def _words(text: str, size: int) -> list[list[float | str]]:
    ranges = load()
    starts = [start for start, _ in ranges]
    begins = dict(words(text))
    rows: list[list[float | str]] = []
    word, first_byte = 0, 1
    for place in range(size):
        if place >= len(text):
            rows.append(["", "", word, -1, -1, len(text), 0, -1, 0, 0, 0, 0, first_byte])
            continue
        code, here = ord(text[place]), place in begins
        piece = text[place : begins[place]] if here else ""
        word += here
        length = len(text[place].encode())
        kind = int(ranges[bisect_right(starts, code) - 1][1])
        contraction = len(piece) if piece in _CONTRACTIONS else 0
        look: list[float | str] = [_printable(code), _CLASSES[kind], word]
        rows.append([*look, code, code, place + 1, place + 1, code, kind, contraction, here, length, first_byte])
        first_byte += length
    return rows


def _printable(code: int) -> str:
    """A character, where a cell can show it."""
    if code == ord(" "):
        return "·"
    hidden = code < 32 or 126 < code < 160 or code % 65536 > 65533
    return "" if hidden else chr(code)


def _bytes(text: str, size: int) -> list[list[float | str]]:
    """Look of a character, word, character (from 1), bytes of it that follow, its code point without them, the byte."""
    number = {start: k for k, (start, _) in enumerate(words(text), 1)}
    rows: list[list[float | str]] = []
    word = 0
    for place, character in enumerate(text):
        word = number.get(place, word)
        data, code = character.encode(), ord(character)
        for k, byte in enumerate(data):
            left = len(data) - 1 - k
            rows.append([_printable(code), word, place + 1, left, code >> 6 * left, byte])
    return rows + [["", 0, 0, 0, -1, -1]] * (size - len(rows))


def _passes(book: Book, bytes_: list[list[float | str]], limits: Limits) -> dict[str, np.ndarray]:
    """The columns of every pass: look, rank, best of the word, id, next row, row in the table of merges."""
    keys, ranks, merged = (book.read(f"merges.{name}").ravel().tolist() for name in ("keys", "ranks", "merged"))
    shown, first = book.read("vocabulary.shown").ravel(), book.read("bytes.ids").ravel().astype(int).tolist()
    size, word = len(bytes_), [row[1] for row in bytes_]
    ids = [first[int(row[5])] if float(row[5]) >= 0 else -1 for row in bytes_] + [-1]
    after = [r + 2 if r + 1 < size and word[r + 1] == word[r] else size + 1 for r in range(size)] + [size + 1]
    named: dict[str, np.ndarray] = {}
    for number in range(1, limits.passes + 2):
        found = [ids[r] * _KEY + ids[after[r] - 1] for r in range(size)]
        row = [bisect_right(keys, key) for key in found]
        rank = [ranks[row[r] - 1] + after[r] / _PLACES if keys[row[r] - 1] == found[r] else _NONE for r in range(size)]
        best = {w: min(rank[r] for r in range(size) if word[r] == w) for w in set(word)}
        look = [shown[token] if token >= 0 else "" for token in ids]
        left, right = list(zip(look, rank, strict=False)), list(zip(ids, after, row, strict=False))
        if number > limits.passes:
            counts = np.cumsum(np.array(ids[:size]) >= 0)
            named["passes.result"] = _table([[*left[r], counts[r], *right[r]] for r in range(size)])
            return named
        named[f"passes.{number:02d}"] = _table([[*left[r], best[word[r]], *right[r]] for r in range(size)])
        before, leaving = list(after), set()
        for r in range(size):
            if rank[r] == best[word[r]] < _NONE:
                leaving.add(before[r] - 1)
                ids[r], after[r] = int(merged[row[r] - 1]), before[before[r] - 1]
        ids = [-1 if r in leaving else token for r, token in enumerate(ids)]
    return named

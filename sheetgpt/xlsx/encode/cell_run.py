"""A rectangle of number cells of one style -> its XML text. What it does not do: anything but number cells."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from sheetgpt.book.address import column_letters
from sheetgpt.xlsx.encode.digits import LEADS, TRIPLES, digits
from sheetgpt.xlsx.encode.huffman_tables import pack_texts, sizes_of

CELL_END = b"</v></c>"
_WORDS = 8  # of 8 bytes for a cell's text: column, rest of the reference and style 3, number 3, end

LEAD_SIZES, TRIPLE_SIZES = sizes_of(LEADS), sizes_of(TRIPLES)
_LEAD_WORDS, _TRIPLE_WORDS = pack_texts(LEADS, "<u8"), pack_texts(TRIPLES, "<u4").astype(np.uint64)
_LEADS_AT_END = pack_texts([text.rjust(8, "\0") for text in LEADS], "<u8")


class Run(NamedTuple):
    """Cells `numbers` [rows, columns] with their top left corner; texts that come before each row and after it.

    Every text in `before` ends with CELL_END, so that the first cell of the run follows another one.
    """

    top: int
    left: int
    style: int
    numbers: np.ndarray
    before: list[bytes]
    after: bytes


class Analysed(NamedTuple):
    """A run's numbers as parts of text; all arrays are flat."""

    lead: np.ndarray  # place in LEADS
    words: np.ndarray  # uint64, the lead as text; 0 where a number is odd
    groups: tuple[np.ndarray, ...]  # places in TRIPLES
    sizes: np.ndarray  # characters of the whole number
    odd: dict[int, bytes]  # place of a number that is not plain -> its text


def analyse(numbers: np.ndarray, text: Callable[[float], str]) -> Analysed | None:
    """Numbers [rows, columns] in parts; None if too many are not plain. `text` makes the text of one number."""
    found = digits(numbers.ravel())
    strange = np.flatnonzero(~found.plain)
    if len(strange) * 16 > numbers.size:
        return None
    words = _LEAD_WORDS[found.lead]
    sizes = LEAD_SIZES[found.lead].astype(np.int32)
    for group in found.groups:
        sizes += TRIPLE_SIZES[group]
    odd = {place: text(float(numbers.flat[place])).encode() for place in strange.tolist()}
    for place, written in odd.items():
        sizes[place], words[place] = len(written), 0
    return Analysed(found.lead, words, found.groups, sizes, odd)


def xml(run: Run, cells: Analysed) -> bytes:
    """The rows as text: put together in words of 8 bytes, with zero bytes in the gaps, which are then left out.

    That takes the longer the more gaps there are, so a cell has two: before its number and after it.
    """
    rows, columns = run.numbers.shape
    room, tail = (max(map(len, run.before)) + 7) // 8, (len(run.after) + 7) // 8
    table = np.zeros((rows, room + columns * _WORDS + tail), dtype="<u8")
    table[:, :room] = np.array(run.before, dtype=f"S{8 * room}").view("<u8").reshape(rows, room)
    table[:, room + columns * _WORDS :] = np.array([run.after], dtype=f"S{8 * tail}").view("<u8")
    body = table[:, room : room + columns * _WORDS].reshape(rows, columns, _WORDS)
    letters = _reference_words(run.left, columns)
    long = int(np.count_nonzero(letters[:, 1]))  # columns of three letters, the last of which stands in the next word
    body[:, :, 0] = letters[:, 0]
    for part, gap in ((body[:, : columns - long], b""), (body[:, columns - long :], b"\0")):
        texts = [gap + b"%d" % (run.top + k) + style_text(run.style) for k in range(rows)]
        part[:, :, 1:4] = np.array(texts, dtype="S24").view("<u8").reshape(rows, 1, 3)
    body[:, columns - long :, 1] |= letters[columns - long :, 1]
    body[:, :, 4] = _LEADS_AT_END.take(cells.lead).reshape(rows, columns)
    first, second, third, last = (_TRIPLE_WORDS.take(group) for group in cells.groups)
    first |= second << np.uint64(24)
    first |= third << np.uint64(48)
    body[:, :, 5] = first.reshape(rows, columns)
    body[:, :, 6] = (third >> np.uint64(16) | last << np.uint64(8)).reshape(rows, columns)
    body[:, :, 7] = np.frombuffer(CELL_END, "<u8")
    for place, text in cells.odd.items():
        body[place // columns, place % columns, 4:7] = np.frombuffer(text.ljust(24, b"\0"), "<u8")
    raw = table.view(np.uint8).ravel()
    return bytes(raw[raw != 0].tobytes())


def style_text(style: int) -> bytes:
    """What stands between the reference of a cell and its number."""
    return (b'" s="%d"><v>' % style) if style else b'"><v>'


@lru_cache(maxsize=64)
def _reference_words(left: int, columns: int) -> np.ndarray:
    texts = ['<c r="' + column_letters(left + k) for k in range(columns)]
    return np.array([text.encode() for text in texts], dtype="S16").view("<u8").reshape(columns, 2)

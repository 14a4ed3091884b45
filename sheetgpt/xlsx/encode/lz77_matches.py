"""LZ77 matches: where the copies in a run come from, as the XML of number cells says the same over and over.

Between two numbers stand two copies. The first, `7</v></c><c r="A`, is taken from the cell before, with the digits
that both numbers end with. The second, `B12" s="5"><v>-0.0`, comes from a multiple of 26 columns before, where the last
letter is the same; the more characters the numbers begin with are alike, and the nearer they are, the better. So
nothing is searched: a few places are compared, for all cells of a run at once. (Measured on normally distributed
weights: a first copy from farther back, for the sake of more digits, costs more for its distance than it saves.)
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import log2
from typing import NamedTuple

import numpy as np

from sheetgpt.book.address import column_letters
from sheetgpt.xlsx.encode.cell_run import CELL_END, LEAD_SIZES, TRIPLE_SIZES, Analysed, Run, style_text
from sheetgpt.xlsx.encode.digits import BLANK, CHARS, TRIPLES
from sheetgpt.xlsx.encode.huffman_tables import FARTHEST, pack_texts

LETTERS = 26  # columns until the last letter comes again
TAIL = 3  # characters at the end of a number that the first copy takes along at most
_BETWEEN = len(CELL_END + b'<c r="')
_PLACES = {text: place for place, text in enumerate(TRIPLES)}
_WITHOUT = np.array([[_PLACES[text[: max(0, len(text) - k)]] for text in TRIPLES] for k in range(TAIL + 1)], np.int32)
_BACKWARDS = pack_texts([text[::-1] for text in TRIPLES], "<u4").astype(np.uint64)
# Bits that are saved by so many characters: 6 for a sign or a point, 4 for a zero, 3.6 for a digit, roughly.
_WORTH = np.array([0, 16, 44, 60, 74, 88, 102])  # in quarters of a bit
_ALIKE = np.arange(CHARS + 1)


class Columns(NamedTuple):
    """What stands between numbers that depends on the column: for each but the first."""

    names: list[str]
    own: list[str]  # the letters that are in no copy
    copied: np.ndarray  # characters of the first copy, from the end of the number on
    widths: np.ndarray  # letters, of every column


@lru_cache(maxsize=64)
def columns_of(left: int, columns: int) -> Columns:
    """The columns of a run."""
    names = [column_letters(left + k) for k in range(columns)]
    common = [_common(one, other) for one, other in pairwise(names)]
    own = [name[same:] for name, same in zip(names[1:], common, strict=True)]
    own[LETTERS - 1 :] = [name[:-1] for name in own[LETTERS - 1 :]]
    return Columns(names, own, np.array(common, np.int64) + _BETWEEN, np.array([len(name) for name in names]))


def _common(one: str, other: str) -> int:
    if len(one) != len(other):
        return 0
    return next(k for k in range(len(one)) if one[k] != other[k])


class Copies(NamedTuple):
    """Where a run's copies come from (none stands before the first cell of a row); its row ends and starts as text."""

    literals: list[bytes]
    digits: np.ndarray  # [rows] of each row's number
    first: np.ndarray  # [rows, columns - 1] bytes back to the copy before the letters
    second: np.ndarray  # [rows, columns - 1] bytes back to the copy behind the letters
    head: np.ndarray  # [rows, columns] characters at the beginning of a number that the second copy takes along
    tail: np.ndarray  # [rows, columns] characters at its end that the first copy of the next cell takes along
    groups: tuple[np.ndarray, ...]  # those of the numbers, without the tails
    near: bool  # whether all copies are near enough


def copies(run: Run, cells: Analysed, looks: int) -> Copies:
    """Choose the copies of a run of two columns or more, each out of `looks` places."""
    rows, columns = run.numbers.shape
    names, _, _, widths = columns_of(run.left, columns)
    style = style_text(run.style)
    heads = [run.before[0]] + [CELL_END + run.after + before for before in run.before[1:]]
    literals = [head + f'<c r="{names[0]}{run.top + k}'.encode() + style for k, head in enumerate(heads)]
    tens = np.searchsorted(10 ** np.arange(1, 8), np.arange(run.top, run.top + rows), side="right") + 1

    whole = cells.sizes.reshape(rows, columns) + (widths + len(style) + _BETWEEN).astype(np.int32)
    whole += tens[:, None].astype(np.int32)  # bytes of each cell
    starts = np.cumsum(whole, axis=1, dtype=np.int32) - whole + widths.astype(np.int32)  # of the row's number
    head, second = _heads(cells.words.reshape(rows, columns), starts, looks, int(whole.max()))
    np.minimum(head, np.where(cells.words, LEAD_SIZES[cells.lead], 0).reshape(rows, columns), out=head)

    last, end = _last_groups(cells)
    words = _BACKWARDS[end].reshape(rows, columns)
    tail = np.zeros((rows, columns), np.uint8)
    tail[:, 1:-1] = _alike(words[:, 1:-1], words[:, :-2], TAIL)  # after the last number follows no copy
    np.minimum(tail, TRIPLE_SIZES[end].reshape(rows, columns), out=tail)
    groups = _without(cells.groups, last, tail.ravel())
    near = max(int(second.max()), int(whole.max())) < FARTHEST
    return Copies(literals, tens, whole[:, :-1], second[:, 1:], head, tail, groups, near)


def _heads(words: np.ndarray, starts: np.ndarray, looks: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """(characters alike, bytes back) of the best copy for each number [rows, columns].

    `words` holds the first characters of each, `starts` where it begins in its row; `size` is that of the largest cell.
    """
    columns = words.shape[1]
    best = np.full(words.shape, -(1 << 15), np.int16)  # worth, characters alike, which look: compared at once
    near = [(k, k + 1, LETTERS) for k in range(looks)]
    far = [(k, LETTERS * (k + 1), columns) for k in range(looks) if k == 0 or LETTERS * (k + 1) * size < FARTHEST]
    places = [(k, step, slice(step, stop), slice(max(0, min(stop, columns) - step))) for k, step, stop in near + far]
    for k, step, here, there in places:
        same = _alike(words[:, here], words[:, there], CHARS)
        worth = _WORTH - round(4 * log2(step * size))  # a copy from twice as far takes another bit
        np.maximum(best[:, here], (worth << 6 | _ALIKE << 3 | k).astype(np.int16)[same], out=best[:, here])
    look, back = best & 7, np.zeros(words.shape, np.int32)
    for k, _, here, there in places:
        np.copyto(back[:, here], starts[:, here] - starts[:, there], where=look[:, here] == k)
    return (best >> 3 & 7).astype(np.uint8), back


def _alike(one: np.ndarray, other: np.ndarray, longest: int) -> np.ndarray:
    """How many of the first `longest` characters of words are the same, uint8."""
    differing = (one ^ other) | np.uint64(1 << 8 * longest)
    lowest = (differing & (~differing + np.uint64(1))).astype(np.float64)  # the lowest bit that differs, alone
    same: np.ndarray = ((lowest.view(np.int64) >> 52) - 1023) >> 3
    return same.astype(np.uint8)


def _last_groups(cells: Analysed) -> tuple[np.ndarray, np.ndarray]:
    """(which group of a number is its last one, what it holds), flat; BLANK for a number that has none or is odd."""
    end, last = cells.groups[3].copy(), np.full(cells.lead.shape, 3, np.uint8)
    for group in cells.groups[2::-1]:
        blank = end == BLANK
        np.copyto(end, group, where=blank)
        last -= blank
    end[list(cells.odd)] = BLANK
    return last, end


def _without(groups: tuple[np.ndarray, ...], last: np.ndarray, tail: np.ndarray) -> tuple[np.ndarray, ...]:
    """The groups of numbers without the characters at their ends that stand in a copy."""
    found = []
    for k, group in enumerate(groups):
        cut = np.flatnonzero((last == k) & (tail > 0))
        shorter = group.copy()
        shorter[cut] = _WITHOUT[tail[cut], group[cut]]
        found.append(shorter)
    return tuple(found)

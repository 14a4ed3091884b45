"""A rectangle of number cells of one style -> its XML text, and the same text deflated.

The XML of such cells says the same over and over, so it needs no search for repetitions. Between two numbers stand two
copies: from the cell before, `</v></c><c r="A`, and from 26 columns before, where the last letter is the same,
`B12" s="5"><v>-0.0`. These are written by arithmetic on whole blocks of cells, and the other digits as single
characters. The result is smaller than that of every deflate library that is as fast, and of most that are much slower;
only isal is faster, with files 15 % larger (benchmarks/writing.py). What it does not do: anything but number cells;
numbers that are mostly not plain.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sheetgpt.address import column_letters
from sheetgpt.matrix.bits import pack, pieces
from sheetgpt.matrix.codes import FARTHEST, Codes, packed, sizes_of
from sheetgpt.matrix.digits import CHARS, LEADS, TRIPLES, digits
from sheetgpt.matrix.huffman import END, LITERALS, header, length_symbol

CELL_END = b"</v></c>"
_SYNC = b"\x00\x00\xff\xff"  # of an empty stored block: what follows begins with a whole byte
_BETWEEN = len(CELL_END + b'<c r="')
_WORDS = 8  # of 8 bytes for a cell's text: reference 2, style 2, number 3, end 1
_MOST = 62  # bits of a piece
_LETTERS = 26  # columns until the last letter comes again
_ODD = 255

_LEAD_WORDS, _TRIPLE_WORDS = packed(LEADS, "<u8"), packed(TRIPLES, "<u4")
_LEAD_SIZES, _TRIPLE_SIZES = sizes_of(LEADS), sizes_of(TRIPLES)
_LEAD_KINDS = np.array([(text[0] == "-") * 8 + len(text) - len(text.lstrip("-0.")) for text in LEADS], np.uint8)


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


def analysed(numbers: np.ndarray, text: Callable[[float], str]) -> Analysed | None:
    """Numbers [rows, columns] in parts; None if too many are not plain. `text` makes the text of one number."""
    found = digits(numbers.ravel())
    strange = np.flatnonzero(~found.plain)
    if len(strange) * 16 > numbers.size:
        return None
    words = _LEAD_WORDS[found.lead]
    sizes = _LEAD_SIZES[found.lead].astype(np.int32)
    for group in found.groups:
        sizes += _TRIPLE_SIZES[group]
    odd = {place: text(float(numbers.flat[place])).encode() for place in strange.tolist()}
    for place, written in odd.items():
        sizes[place], words[place] = len(written), 0
    return Analysed(found.lead, words, found.groups, sizes, odd)


def xml(run: Run, cells: Analysed) -> bytes:
    """The rows as text: put together in words of 8 bytes, with zero bytes in the gaps, which are then left out."""
    rows, columns = run.numbers.shape
    room, tail = (max(map(len, run.before)) + 7) // 8, (len(run.after) + 7) // 8
    table = np.zeros((rows, room + columns * _WORDS + tail), dtype="<u8")
    table[:, :room] = np.array(run.before, dtype=f"S{8 * room}").view("<u8").reshape(rows, room)
    table[:, room + columns * _WORDS :] = np.array([run.after], dtype=f"S{8 * tail}").view("<u8")
    body = table[:, room : room + columns * _WORDS].reshape(rows, columns, _WORDS)
    letters = _reference_words(run.left, columns)
    numbers = np.array([b"\0" * 9 + b"%d" % (run.top + k) for k in range(rows)], dtype="S16").view("<u8")
    body[:, :, 0] = letters[:, 0]
    body[:, :, 1] = letters[:, 1] | numbers[1::2, None]
    body[:, :, 2:4] = np.array([_style(run.style)], dtype="S16").view("<u8")
    body[:, :, 4] = cells.words.reshape(rows, columns)
    for k in (0, 2):
        low, high = _TRIPLE_WORDS[cells.groups[k]], _TRIPLE_WORDS[cells.groups[k + 1]]
        body[:, :, 5 + k // 2] = np.stack((low, high), axis=-1).view("<u8").reshape(rows, columns)
    body[:, :, 7] = np.frombuffer(CELL_END, "<u8")
    for place, text in cells.odd.items():
        body[place // columns, place % columns, 4:7] = np.frombuffer(text.ljust(24, b"\0"), "<u8")
    raw = table.view(np.uint8).ravel()
    return bytes(raw[raw != 0].tobytes())


def _style(style: int) -> bytes:
    return (b'" s="%d"><v>' % style) if style else b'"><v>'


@lru_cache(maxsize=64)
def _reference_words(left: int, columns: int) -> np.ndarray:
    texts = ['<c r="' + column_letters(left + k) for k in range(columns)]
    return np.array([text.encode() for text in texts], dtype="S16").view("<u8").reshape(columns, 2)


class _Columns(NamedTuple):
    """What stands between numbers that depends on the column: for each but the first."""

    names: list[str]
    own: list[str]  # the letters that are in no copy
    copied: np.ndarray  # characters of the copy before these letters
    widths: np.ndarray  # letters, of every column


@lru_cache(maxsize=64)
def _columns(left: int, columns: int) -> _Columns:
    names = [column_letters(left + k) for k in range(columns)]
    common = [_common(one, other) for one, other in pairwise(names)]
    own = [name[same:] for name, same in zip(names[1:], common, strict=True)]
    own[_LETTERS - 1 :] = [name[:-1] for name in own[_LETTERS - 1 :]]
    return _Columns(names, own, np.array(common, np.int64) + _BETWEEN, np.array([len(name) for name in names]))


def _common(one: str, other: str) -> int:
    if len(one) != len(other):
        return 0
    return next(k for k in range(len(one)) if one[k] != other[k])


class _Layout(NamedTuple):
    """Where a run's copies come from, arrays [rows, columns - 1], and its row ends and row starts as text."""

    literals: list[bytes]
    digits: np.ndarray  # of each row's number
    first: np.ndarray  # bytes back to the copy before the letters
    second: np.ndarray  # bytes back to the copy behind them
    alike: np.ndarray  # characters of the number that the second copy takes along
    near: bool  # whether all copies are near enough


def _layout(run: Run, cells: Analysed, looks: int) -> _Layout:
    rows, columns = run.numbers.shape
    names, _, _, widths = _columns(run.left, columns)
    style = _style(run.style)
    heads = [run.before[0]] + [CELL_END + run.after + before for before in run.before[1:]]
    literals = [head + f'<c r="{names[0]}{run.top + k}'.encode() + style for k, head in enumerate(heads)]
    tens = np.searchsorted(10 ** np.arange(1, 8), np.arange(run.top, run.top + rows), side="right") + 1

    whole = cells.sizes.reshape(rows, columns) + (widths + len(style) + _BETWEEN).astype(np.int32)
    whole += tens[:, None].astype(np.int32)  # bytes of each cell
    starts = np.cumsum(whole, axis=1, dtype=np.int32) - whole + widths.astype(np.int32)  # of the row's number
    back = _alike_before(cells, rows, columns, looks)
    source = np.arange(rows * columns).reshape(rows, columns)[:, 1:] - back
    second = starts[:, 1:] - starts.ravel()[source]
    differing = cells.words.reshape(rows, columns)[:, 1:] ^ cells.words[source]
    lowest = (differing & (~differing + np.uint64(1))).astype(np.float64)  # the lowest bit that differs, alone
    same = ((lowest.view(np.int64) >> 52) - 1023) >> 3
    same[differing == 0] = CHARS
    sizes = np.where(cells.words != 0, _LEAD_SIZES[cells.lead], 0).reshape(rows, columns)
    alike = np.minimum(same, sizes[:, 1:])
    near = max(int(second.max()), int(whole.max())) < FARTHEST
    return _Layout(literals, tens, whole[:, :-1], second, alike, near)


def _alike_before(cells: Analysed, rows: int, columns: int, looks: int) -> np.ndarray:
    """How many cells back the nearest number of the same sign and leading zeros stands [rows, columns - 1].

    From the 27th column on only multiples of 26 count. Where there is none, the nearest cell.
    """
    kinds = np.where(cells.words != 0, _LEAD_KINDS[cells.lead], _ODD).astype(np.uint8).reshape(rows, columns)
    back = np.ones((rows, columns - 1), dtype=np.uint8)
    back[:, _LETTERS - 1 :] = _LETTERS
    for step in range(min(looks, columns - 1, _LETTERS - 1), 0, -1):  # the nearest one is put in last
        near = slice(step, _LETTERS)
        same = kinds[:, near] == kinds[:, : min(_LETTERS, columns) - step]
        np.copyto(back[:, step - 1 : _LETTERS - 1], step, where=same)
    for step in range(_LETTERS * looks, 0, -_LETTERS):
        if step < columns:
            np.copyto(back[:, step - 1 :], step, where=kinds[:, step:] == kinds[:, :-step])
    return back


def codes_for(run: Run, cells: Analysed, looks: int) -> Codes:
    """The codes that suit a run of two columns or more, and others like it. `looks` is as for `deflated`."""
    rows, columns = run.numbers.shape
    layout = _layout(run, cells, looks)
    counts = np.bincount(np.frombuffer(b"".join(layout.literals), np.uint8), minlength=LITERALS)
    copied = np.zeros((rows, columns), dtype=np.int64)
    copied[:, 1:] = layout.alike
    leads = cells.words.view(np.uint8).reshape(-1, 8)
    chars = [leads[(np.arange(8) >= copied.reshape(-1, 1)) & (leads != 0)]]
    chars += [_TRIPLE_WORDS[group].view(np.uint8) for group in cells.groups]
    counts += np.bincount(np.concatenate(chars), minlength=LITERALS)
    own = _columns(run.left, columns)
    counts += rows * np.bincount(np.frombuffer("".join(own.own).encode(), np.uint8), minlength=LITERALS)
    lengths = layout.alike + (layout.digits + len(_style(run.style)))[:, None]
    lengths[:, _LETTERS - 1 :] += 1
    for size, count in enumerate(np.bincount(lengths.ravel())):
        counts[length_symbol(max(size, 3))[0]] += count
    for size, count in enumerate(np.bincount(own.copied)):
        counts[length_symbol(max(size, 3))[0]] += count * rows
    distances = np.concatenate((layout.first.ravel(), layout.second.ravel()))
    return Codes(counts, np.bincount(np.minimum(distances, FARTHEST - 1), minlength=FARTHEST))


def deflated(run: Run, cells: Analysed, codes: Codes, looks: int) -> bytes | None:
    """The text of `xml` deflated: a block that is not the last, ending at a whole byte. None if it cannot be.

    `looks`: how many places, 1 to 5, to look at for a number that begins alike; more take longer and save more.
    """
    rows, columns = run.numbers.shape
    layout = _layout(run, cells, looks)
    if not layout.near:
        return None
    own = _columns(run.left, columns)
    kinds, kind = np.unique(own.copied, return_inverse=True)
    one, one_bits = codes.copies(tuple(kinds.tolist()))
    least = len(_style(run.style)) + int(layout.digits[0])
    two, two_bits = codes.copies(tuple(range(least, least + int(layout.digits[-1] - layout.digits[0]) + CHARS + 2)))
    letters, letter_bits = codes.texts(tuple(own.own))
    place = layout.first + (kind * FARTHEST).astype(np.int32)
    copy, copy_bits = one[place], one_bits[place]
    copy |= letters << copy_bits
    copy_bits += letter_bits
    place = (layout.alike + (layout.digits - layout.digits[0])[:, None]) * FARTHEST + layout.second
    place[:, _LETTERS - 1 :] += FARTHEST  # one longer, as it begins with a letter
    copy |= two[place] << copy_bits
    copy_bits += two_bits[place]

    copied = np.zeros((rows, columns), dtype=np.int64)
    copied[:, 1:] = layout.alike
    skipped = codes.lead_starts[cells.lead * (CHARS + 1) + copied.ravel()]
    head = codes.leads[cells.lead] >> skipped
    head_bits = codes.lead_bits[cells.lead] - skipped
    groups = cells.groups
    head |= codes.triples[groups[0]] << head_bits
    head_bits += codes.triple_bits[groups[0]]
    rest, rest_bits = codes.triples[groups[1]], codes.triple_bits[groups[1]]
    for group in groups[2:]:
        rest |= codes.triples[group] << rest_bits
        rest_bits += codes.triple_bits[group]
    for spot, text in cells.odd.items():
        value, size = codes.text(text)
        if size > 2 * _MOST:
            return None
        head[spot], head_bits[spot] = value & ((1 << _MOST) - 1), min(size, _MOST)
        rest[spot], rest_bits[spot] = value >> _MOST, max(0, size - _MOST)
    if max(copy_bits.max(), head_bits.max(), rest_bits.max()) > _MOST:
        return None

    room = max(map(len, layout.literals))
    letters_of_rows = np.array(layout.literals, dtype=f"S{room}").view(np.uint8).reshape(rows, room)
    begin, begin_bits = pieces(*header(codes.bits, codes.distance_bits))
    value, size = codes.text(CELL_END + run.after)
    close, close_bits = pieces(value | int(codes.values[END]) << size, size + int(codes.bits[END]) + 3)
    first, last, width = len(begin), len(begin) + rows * (room + 3 * columns), room + 3 * columns
    values = np.empty(last + len(close), np.uint64)
    lengths = np.empty(last + len(close), np.uint8)
    for all_of, start, middle, parts, end in (
        (values, begin, codes.values[letters_of_rows], (copy, head, rest), close),
        (lengths, begin_bits, codes.bits[letters_of_rows], (copy_bits, head_bits, rest_bits), close_bits),
    ):
        all_of[:first], all_of[last:] = start, end
        table = all_of[first:last].reshape(rows, width)
        table[:, :room] = middle
        table[:, room] = 0  # no copies before the first cell
        table[:, room + 3 :: 3] = parts[0]
        table[:, room + 1 :: 3] = parts[1].reshape(rows, columns)
        table[:, room + 2 :: 3] = parts[2].reshape(rows, columns)
    return pack(values, lengths) + _SYNC

"""A scanner of cells: the plain number cells of a worksheet's XML -> arrays of rows, columns and numbers.

A plain cell is `<c r="B4" s="7"><v>-0.0123</v></c>`: a reference, maybe a style, maybe t="n", and a number. Every
cell has exactly one "r" before its value, so these are looked for first; the bytes after and before them are gathered
in words of eight and compared with what a plain cell must have. What is not certainly a plain cell in the row of its
`<row r="4">` stays in the text, for a parser of XML.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS
from sheetgpt.xlsx.decode.float_parser import WIDTH, parse

PAD = bytes(48)  # so that words around the first and the last cell lie inside the text
_NUMBER = re.compile(rb"[-+.0-9Ee]+")
_U8 = np.uint64


def _word(text: bytes) -> np.uint64:
    """Up to 8 characters as a little-endian word."""
    return _U8(int.from_bytes(text, "little"))


def _first(count: int) -> np.uint64:
    """The mask of the first characters of a word."""
    return _U8((1 << 8 * count) - 1)


_CELL, _CELL_MASK = _word(b'<c r="'), _first(6)
_ROW, _ROW_END = _word(b"<row "), _word(b"</row>")
_VALUE, _STYLE, _NUMERIC, _END = _word(b'"><v>'), _word(b'" s="'), _word(b'" t="n">'), _word(b"</v></c>")
_FIVE = _first(5)
_POWERS = np.array([1.0, *(10.0**k for k in range(7))])  # the smallest number of 0 to 7 digits
_QUOTES, _ONES, _TOPS = _U8(0x2222222222222222), _U8(0x0101010101010101), _U8(0x8080808080808080)


class Cells(NamedTuple):
    """Plain number cells in their order: row, column and number of each [n], and the text that is left."""

    rows: np.ndarray
    columns: np.ndarray
    numbers: np.ndarray
    rest: bytes


def plain_cells(text: bytes, row: bytes = b"") -> Cells:
    """Take the plain number cells out of `text`, which has `PAD` at both ends and cuts no cell or tag.

    `row` is the number of the row that the text begins in, as its tag has it.
    """
    seen = np.frombuffer(text, dtype=np.uint8)
    words = np.ndarray((len(text) - 7,), np.dtype("V8"), text, 0, (1,))

    def at(places: np.ndarray) -> np.ndarray:
        """The 8 characters from each place on, uint64."""
        gathered: np.ndarray = words[places].view("<u8")
        return gathered

    marks = np.flatnonzero(seen[len(PAD) - 3 : 3 - len(PAD)] == ord("r")) + (len(PAD) - 3)
    heads = at(marks - 3)
    is_cell = (heads & _CELL_MASK) == _CELL
    is_row = ((heads >> _U8(16)) & _FIVE) == _ROW
    is_end = ((heads >> _U8(8)) & _CELL_MASK) == _ROW_END
    known = is_cell | is_row | is_end
    if not known.all():
        kept = np.flatnonzero(known)
        marks, heads, is_cell, is_row, is_end = (x.take(kept) for x in (marks, heads, is_cell, is_row, is_end))
    begins = marks - np.where(is_cell, 3, np.where(is_row, 1, 2))
    stops = np.append(begins[1:], len(text) - len(PAD))
    cells = np.flatnonzero(is_cell)
    begins, stops, heads = (x.take(cells) for x in (begins, stops, heads))

    tags = np.flatnonzero(is_row)
    labels = np.concatenate([[_word(row + b'"')], at(marks[tags] + 7)])
    counts = np.diff(np.concatenate([[0], np.searchsorted(cells, tags), [len(cells)]]))
    masks, digits, row_numbers = _row_labels(labels)
    good = np.repeat(digits > 0, counts)

    columns, letters = _columns(heads, seen.take(begins + 8))
    good &= columns > 0
    place = begins + 6 + letters  # of the row's digits
    good &= (at(place) & np.repeat(masks, counts)) == np.repeat(labels & masks, counts)
    place += np.repeat(digits, counts)  # of the quote after them
    place = _value_places(at, place, good)
    ends = stops - 8
    lines = np.ndarray((len(text) - 31,), np.dtype("V32"), text, 0, (1,))[stops - 32].view("<u8").reshape(-1, 4)
    good &= lines[:, 3] == _END
    numbers = _numbers(text, lines, seen.take(place) == ord("-"), place, ends, good)
    rest = _rest(text, begins, stops, good)
    rows = np.repeat(row_numbers, counts)
    if not good.all():
        rows, columns, numbers = rows[good], columns[good], numbers[good]
    return Cells(rows, columns, numbers, rest)


def _row_labels(words: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For words such as `4711" sp`: the mask of digits and quote, the number of digits (0: it is no row), the row."""
    quotes = words ^ _QUOTES
    quotes = (quotes - _ONES) & ~quotes & _TOPS
    quotes &= ~quotes + _U8(1)  # the first one
    masks = quotes | (quotes - _U8(1))
    digits = (np.log2(np.maximum(quotes, _U8(1)).astype(np.float64)).astype(np.intp)) >> 3
    fields = np.zeros((len(words), 3), dtype=np.uint64)
    fields[:, 2] = words << (_U8(64) - (digits * 8).astype(np.uint64))
    numbers, right = parse(fields, np.maximum(digits, 1))
    # A number with a point or with zeros before it is too small for its length.
    digits[~right | (numbers < _POWERS.take(digits)) | (numbers > MAX_ROWS)] = 0
    return masks, digits, numbers.astype(np.int64)


def _columns(heads: np.ndarray, third: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From words such as `<c r="AB` and the next character: column numbers (0: no such column), letters of each."""
    characters = heads.view(np.uint8).reshape(-1, 8)
    a, b, c = characters[:, 6] - np.uint8(65), characters[:, 7] - np.uint8(65), third - np.uint8(65)
    two = b < 26
    three = two & (c < 26)
    columns = a.astype(np.int32) + 1
    columns = np.where(two, columns * 26 + b + 1, columns)
    columns = np.where(three, columns * 26 + c + 1, columns)
    columns[(a >= 26) | (columns > MAX_COLUMNS)] = 0
    return columns, np.uint8(1) + two + three


def _value_places(at: Callable[[np.ndarray], np.ndarray], quotes: np.ndarray, good: np.ndarray) -> np.ndarray:
    """Where the values begin of cells whose reference's second quote is at `quotes`; `good` loses the others."""
    words = at(quotes)
    if not ((words & _FIVE) == _VALUE).all():
        styled = (words & _FIVE) == _STYLE
        characters = words.view(np.uint8).reshape(-1, 8)
        first, second, third = (characters[:, k] - np.uint8(48) < 10 for k in (5, 6, 7))
        second &= first
        quotes = quotes + styled * (np.uint8(5) + first + second + (second & third))
        words = at(quotes)
        numeric = words == _NUMERIC
        if numeric.any():
            quotes += 6 * numeric
            words = at(quotes)
        good &= (words & _FIVE) == _VALUE
    return quotes + 5


def _numbers(
    text: bytes, lines: np.ndarray, negative: np.ndarray, places: np.ndarray, ends: np.ndarray, good: np.ndarray
) -> np.ndarray:
    """The numbers in text[places:ends]; `lines` hold the characters before the ends; `good` loses what is none."""
    lengths = ends - places - negative
    good &= lengths > 0
    numbers, right = parse(lines[:, :3], np.clip(lengths, 1, WIDTH))
    numbers *= 1.0 - 2.0 * negative
    for k in np.flatnonzero(good & (~right | (lengths > WIDTH))).tolist():
        number = text[places[k] : ends[k]]
        try:
            numbers[k] = float(number) if _NUMBER.fullmatch(number) else np.nan
        except ValueError:  # such as "1e"
            numbers[k] = np.nan
        if abs(numbers[k]) == np.inf:  # too large
            numbers[k] = np.nan
    good &= numbers == numbers
    return numbers


def _rest(text: bytes, begins: np.ndarray, stops: np.ndarray, good: np.ndarray) -> bytes:
    """The text without its padding and without the cells that are `good`."""
    if not good.all():
        begins, stops = begins[good], stops[good]
    if not len(begins):
        return text[len(PAD) : -len(PAD)]
    edges = np.flatnonzero(begins[1:] != stops[:-1])
    ends = [*begins[np.append(0, edges + 1)].tolist(), len(text) - len(PAD)]
    starts = [len(PAD), *stops[np.append(edges, -1)].tolist()]
    return b"".join([text[a:b] for a, b in zip(starts, ends, strict=True)])


def take_plain(numbers: np.ndarray, piece: tuple[bytes, bytes]) -> Cells:
    """The plain number cells of a piece; where `numbers` [rows, columns] has room they go there and not back."""
    rows, columns, found, rest = plain_cells(*piece)
    if len(found) and rows.max() <= numbers.shape[0] and columns.max() <= numbers.shape[1]:
        numbers.ravel()[(rows - 1) * numbers.shape[1] + (columns - 1)] = found  # half the time of two indices
        corners = np.array([rows.min(), rows.max()]), np.array([columns.min(), columns.max()])
        return Cells(*corners, found[:0], rest)
    return Cells(rows, columns, found, rest)

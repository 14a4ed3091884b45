"""Huffman codes of a run of cells, and tables of what texts, numbers and copies become in them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sheetgpt.xlsx.encode.digits import CHARS, LEADS, TRIPLES
from sheetgpt.xlsx.encode.huffman import (
    DISTANCES,
    END,
    LITERALS,
    canonical,
    code_lengths,
    distance_symbols,
    length_symbol,
)

FARTHEST = 8192  # bytes back, of a copy
DIGIT_CHARS = range(48, 58)
_ALPHABET = b'0123456789.-+e<>/="rowcvs \nABCDEFGHIJKLMNOPQRSTUVWXYZ'  # what a run may hold
_COPIES = range(4, 40)  # lengths of copies
_DIGIT_BITS, _SYMBOL_BITS = 5, 12  # longest codes: digits short, so that those of a number fit few pieces


def pack_texts(texts: list[str], kind: str) -> np.ndarray:
    """Texts of up to 8 (kind "<u8") or 4 ("<u4") characters as whole numbers."""
    return np.array([text.encode() for text in texts], dtype=f"S{kind[-1]}").view(kind)


def sizes_of(texts: list[str]) -> np.ndarray:
    """The lengths of texts, uint8."""
    return np.array([len(text) for text in texts], dtype=np.uint8)


def _chars(texts: list[str], width: int) -> np.ndarray:
    return np.array([text.encode() for text in texts], dtype=f"S{width}").view(np.uint8).reshape(-1, width)


_LEAD_CHARS, TRIPLE_CHARS = _chars(LEADS, CHARS), _chars(TRIPLES, 3)
_SYMBOLS, _EXTRA, _EXTRA_BITS = distance_symbols(FARTHEST)


_LENGTH = np.uint64(56)  # the highest byte of a code in a table is its length in bits: one look-up instead of two


def _with_bits(values: np.ndarray, bits: np.ndarray) -> np.ndarray:
    table: np.ndarray = values | bits << _LENGTH
    return table


def take_codes(table: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(values, lengths in bits) of some codes of a table, both uint64."""
    found = table[places]
    bits = found >> _LENGTH
    found ^= bits << _LENGTH
    return found, bits


class Codes:
    """Codes for symbols that come as often as `counts` [286] says, copies from as far as `distances` [FARTHEST] says.

    Symbols that were not counted have a code too. `leads`: uint64 codes of `LEADS`, their bits in `lead_bits`;
    `lead_starts`: bits of the first 0 to 6 characters of each lead, flat. `triples`: codes of `TRIPLES`, for `taken`.
    """

    def __init__(self, counts: np.ndarray, distances: np.ndarray) -> None:
        symbols = {*_ALPHABET, END, *(length_symbol(length)[0] for length in _COPIES)}
        limits = {symbol: _DIGIT_BITS if symbol in DIGIT_CHARS else _SYMBOL_BITS for symbol in symbols}
        found = code_lengths({symbol: int(counts[symbol]) for symbol in symbols}, limits)
        self.values, self.bits = canonical(found, LITERALS)
        far = np.bincount(_SYMBOLS, weights=distances, minlength=DISTANCES)
        used = {symbol: int(far[symbol]) for symbol in np.unique(_SYMBOLS[16:]).tolist()}
        self.distances, self.distance_bits = canonical(code_lengths(used, dict.fromkeys(used, 9)), DISTANCES)
        self.leads, self.lead_bits, self.lead_starts = self._table(_LEAD_CHARS)
        self.triples = _with_bits(*self._table(TRIPLE_CHARS)[:2])
        self.copies = lru_cache(maxsize=8)(self._copies)
        self.texts = lru_cache(maxsize=8)(self._texts)

    def text(self, text: bytes) -> tuple[int, int]:
        """(value, length) of a text, character by character."""
        value, length = 0, 0
        for byte in text:
            value |= int(self.values[byte]) << length
            length += int(self.bits[byte])
        return value, length

    def _texts(self, texts: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        """(values, lengths) of short texts."""
        found = [self.text(text.encode()) for text in texts]
        return np.array([value for value, _ in found], np.uint64), np.array([size for _, size in found], np.uint64)

    def _copies(self, lengths: tuple[int, ...]) -> np.ndarray:
        """Copies of each of some lengths from each distance below FARTHEST, flat, for `taken`."""
        values = np.zeros((len(lengths), FARTHEST), np.uint64)
        bits = np.zeros((len(lengths), FARTHEST), np.uint64)
        for k, length in enumerate(lengths):
            symbol, extra, extra_bits = length_symbol(length)
            size = int(self.bits[symbol])
            values[k] = int(self.values[symbol]) | extra << size
            bits[k] = size + extra_bits
            for part, count in ((self.distances[_SYMBOLS], self.distance_bits[_SYMBOLS]), (_EXTRA, _EXTRA_BITS)):
                values[k] |= part << bits[k]
                bits[k] += count
        return _with_bits(values.ravel(), bits.ravel())

    def _table(self, chars: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        values = np.zeros(len(chars), np.uint64)
        starts = np.zeros((len(chars), chars.shape[1] + 1), np.uint64)
        for k in range(chars.shape[1]):
            values |= self.values[chars[:, k]] << starts[:, k]
            starts[:, k + 1] = starts[:, k] + self.bits[chars[:, k]]
        return values, starts[:, -1].copy(), starts.ravel()

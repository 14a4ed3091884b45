"""Huffman codes for deflate (RFC 1951): code lengths from counts, canonical codes, the header of a block."""

from __future__ import annotations

import heapq
from collections.abc import Mapping

import numpy as np

LITERALS = 286  # symbols: 256 bytes, the end of a block, 29 lengths of matches
DISTANCES = 30
END = 256
_LENGTH_BASES = [
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    11,
    13,
    15,
    17,
    19,
    23,
    27,
    31,
    35,
    43,
    51,
    59,
    67,
    83,
    99,
    115,
    131,
    163,
    195,
    227,
    258,
]
_LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
_DISTANCE_BASES = [
    1,
    2,
    3,
    4,
    5,
    7,
    9,
    13,
    17,
    25,
    33,
    49,
    65,
    97,
    129,
    193,
    257,
    385,
    513,
    769,
    1025,
    1537,
    2049,
    3073,
    4097,
    6145,
]
_DISTANCE_EXTRA = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11]


def code_lengths(counts: Mapping[int, int], limits: Mapping[int, int]) -> dict[int, int]:
    """Symbol -> bits of its code, at most its limit; rare symbols count as more frequent until all keep theirs."""
    weights = {symbol: max(1, count) for symbol, count in sorted(counts.items())}
    while True:
        lengths = _huffman(weights)
        long = [symbol for symbol, length in lengths.items() if length > limits[symbol]]
        if not long:
            return lengths
        total = sum(weights.values())
        for symbol in long:
            weights[symbol] = max(weights[symbol] + 1, weights[symbol] * 5 // 4, total >> (limits[symbol] + 1))


def _huffman(weights: Mapping[int, int]) -> dict[int, int]:
    if len(weights) == 1:
        return dict.fromkeys(weights, 1)
    heap = [(weight, symbol, [symbol]) for symbol, weight in weights.items()]
    heapq.heapify(heap)
    lengths = dict.fromkeys(weights, 0)
    while len(heap) > 1:
        one, other = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in one[2] + other[2]:
            lengths[symbol] += 1
        heapq.heappush(heap, (one[0] + other[0], min(one[1], other[1]), one[2] + other[2]))
    return lengths


def canonical(lengths: Mapping[int, int], size: int) -> tuple[np.ndarray, np.ndarray]:
    """(codes, lengths) of `size` symbols, uint64, first bit lowest; length 0 where a symbol has no code."""
    codes, bits = np.zeros(size, np.uint64), np.zeros(size, np.uint64)
    code, last = 0, 0
    for length, symbol in sorted((length, symbol) for symbol, length in lengths.items()):
        code <<= length - last
        codes[symbol], bits[symbol] = int(f"{code:0{length}b}"[::-1], 2), length
        code, last = code + 1, length
    return codes, bits


def header(literal_bits: np.ndarray, distance_bits: np.ndarray) -> tuple[int, int]:
    """(value, length) of the first bits of a block with these code lengths; not the last block of its stream."""
    value, length = 0, 0

    def put(number: int, bits: int) -> None:
        nonlocal value, length
        value |= number << length
        length += bits

    put(0, 1)
    put(2, 2)  # dynamic codes
    put(LITERALS - 257, 5)
    put(DISTANCES - 1, 5)
    put(15, 4)
    for symbol in (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15):
        put(0 if symbol > 15 else 4, 3)  # every code length takes 4 bits
    for bits in [*literal_bits.tolist(), *distance_bits.tolist()]:
        put(int(f"{bits:04b}"[::-1], 2), 4)
    return value, length


def length_symbol(length: int) -> tuple[int, int, int]:
    """(symbol, extra value, extra bits) of a match of `length` bytes."""
    k = max(k for k, base in enumerate(_LENGTH_BASES) if base <= length)
    return END + 1 + k, length - _LENGTH_BASES[k], _LENGTH_EXTRA[k]


def distance_symbols(end: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(symbols, extra values, extra bits) of matches from each distance below `end`, itself 8193 at most."""
    distances = np.arange(end)
    symbols = np.maximum(np.searchsorted(_DISTANCE_BASES, distances, side="right") - 1, 0)
    extra = distances - np.array(_DISTANCE_BASES)[symbols]
    return symbols, extra.clip(0).astype(np.uint64), np.array(_DISTANCE_EXTRA, np.uint64)[symbols]

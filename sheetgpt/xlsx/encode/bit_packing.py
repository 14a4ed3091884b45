"""Bit packing: codes of any length joined to bytes as deflate wants them, the first bit lowest in its byte."""

from __future__ import annotations

import numpy as np

_WORD = 64


def pack(values: np.ndarray, lengths: np.ndarray) -> bytes:
    """The pieces one after the other, the last byte filled with zero bits.

    `values` uint64 and `lengths` integers of 0 to 64 are as long as each other; a value has no bits above its length.
    """
    if not len(lengths):
        return b""
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, dtype=np.int64, out=starts[1:])
    size, starts = int(starts[-1]), starts[:-1]
    words, shifts = starts >> 6, starts.view(np.uint64) & np.uint64(63)
    new = np.ones(len(words), dtype=bool)
    np.not_equal(words[1:], words[:-1], out=new[1:])
    firsts = np.flatnonzero(new)  # words follow each other without gaps, as no piece is longer than a word
    packed = np.zeros(int(words[-1]) + 2, dtype="<u8")
    packed[:-1] = np.bitwise_or.reduceat(values << shifts, firsts)
    shifts ^= np.uint64(63)  # 63 - shift
    packed[1:] |= np.bitwise_or.reduceat((values >> np.uint64(1)) >> shifts, firsts)  # no shift by 64: undefined
    return packed.view(np.uint8)[: (size + 7) // 8].tobytes()


def pieces(value: int, length: int) -> tuple[list[int], list[int]]:
    """A long piece, as an int, cut into pieces of 64 bits: (values, lengths)."""
    count = -(-length // _WORD)
    words = np.frombuffer(value.to_bytes(8 * count, "little"), dtype="<u8").tolist()
    return words, [_WORD] * (count - 1) + [length - _WORD * (count - 1)] if count else []

"""Deflate (RFC 1951) of a run of cells: by arithmetic on whole blocks, without searching for repetitions.

The copies are known (`copies`), and the other digits are written as single characters. The result is smaller than that
of the deflate libraries, the slow ones too; those that are faster make files at least 15 % larger
(benchmarks/writing.py). What it does not do: numbers that are mostly not plain.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.xlsx.encode.bit_packing import pack, pieces
from sheetgpt.xlsx.encode.cell_run import CELL_END, Analysed, Run, style_text
from sheetgpt.xlsx.encode.digits import CHARS
from sheetgpt.xlsx.encode.huffman import END, LITERALS, header, length_symbol
from sheetgpt.xlsx.encode.huffman_tables import FARTHEST, TRIPLE_CHARS, Codes, take_codes
from sheetgpt.xlsx.encode.lz77_matches import LETTERS, TAIL, columns_of, copies

_SYNC = b"\x00\x00\xff\xff"  # of an empty stored block: what follows begins with a whole byte
_MOST = 62  # bits of a piece


def codes_for(run: Run, cells: Analysed, looks: int) -> Codes:
    """The codes that suit a run of two columns or more, and others like it. `looks` is as for `deflated`."""
    rows, columns = run.numbers.shape
    found = copies(run, cells, looks)
    counts = np.bincount(np.frombuffer(b"".join(found.literals), np.uint8), minlength=LITERALS)
    leads = cells.words.view(np.uint8).reshape(-1, 8)
    chars = [leads[(np.arange(8) >= found.head.reshape(-1, 1)) & (leads != 0)]]
    chars += [TRIPLE_CHARS[group].ravel() for group in found.groups]
    counts += np.bincount(np.concatenate(chars), minlength=LITERALS)
    own = columns_of(run.left, columns)
    counts += rows * np.bincount(np.frombuffer("".join(own.own).encode(), np.uint8), minlength=LITERALS)
    lengths = found.head[:, 1:] + (found.digits + len(style_text(run.style)))[:, None]
    lengths[:, LETTERS - 1 :] += 1
    for size, count in enumerate(np.bincount(lengths.ravel())):
        counts[length_symbol(max(size, 3))[0]] += count
    for size, count in enumerate(np.bincount((own.copied + found.tail[:, :-1]).ravel())):
        counts[length_symbol(max(size, 3))[0]] += count
    distances = np.concatenate((found.first.ravel(), found.second.ravel()))
    return Codes(counts, np.bincount(np.minimum(distances, FARTHEST - 1), minlength=FARTHEST))


def deflate(run: Run, cells: Analysed, codes: Codes, looks: int) -> bytes | None:
    """The text of `xml` deflated: a block that is not the last, ending at a whole byte. None if it cannot be.

    `looks`: how many places, 1 to 8, to look at for a number that begins alike; more take longer and save more.
    """
    rows, columns = run.numbers.shape
    found = copies(run, cells, looks)
    if not found.near:
        return None
    own = columns_of(run.left, columns)
    kinds, kind = np.unique(own.copied, return_inverse=True)
    one = codes.copies(tuple(size + more for size in kinds.tolist() for more in range(TAIL + 1)))
    least = len(style_text(run.style)) + int(found.digits[0])
    two = codes.copies(tuple(range(least, least + int(found.digits[-1] - found.digits[0]) + CHARS + 2)))
    letters, letter_bits = codes.texts(tuple(own.own))
    place = (kind * (TAIL + 1) + found.tail[:, :-1]) * FARTHEST + found.first
    copy, copy_bits = take_codes(one, place)
    copy |= letters << copy_bits
    copy_bits += letter_bits
    place = (found.head[:, 1:] + (found.digits - found.digits[0])[:, None]) * FARTHEST + found.second
    place[:, LETTERS - 1 :] += FARTHEST  # one longer, as it begins with a letter
    other, other_bits = take_codes(two, place)
    copy |= other << copy_bits
    copy_bits += other_bits

    skipped = codes.lead_starts[cells.lead * (CHARS + 1) + found.head.ravel()]
    head = codes.leads[cells.lead] >> skipped
    head_bits = codes.lead_bits[cells.lead] - skipped
    after_lead, (rest, rest_bits), *others = [take_codes(codes.triples, group) for group in found.groups]
    head |= after_lead[0] << head_bits
    head_bits += after_lead[1]
    for group in others:
        rest |= group[0] << rest_bits
        rest_bits += group[1]
    for spot, text in cells.odd.items():
        value, size = codes.text(text)
        if size > 2 * _MOST:
            return None
        head[spot], head_bits[spot] = value & ((1 << _MOST) - 1), min(size, _MOST)
        rest[spot], rest_bits[spot] = value >> _MOST, max(0, size - _MOST)
    if max(copy_bits.max(), head_bits.max(), rest_bits.max()) > _MOST:
        return None

    room = max(map(len, found.literals))
    letters_of_rows = np.array(found.literals, dtype=f"S{room}").view(np.uint8).reshape(rows, room)
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

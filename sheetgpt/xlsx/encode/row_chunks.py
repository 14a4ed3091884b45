"""Chunks of rows that are deflated independently, so that all cores can work at once.

Where the rows of a stretch are alike and hold a long run of plain numbers of one style, `run` writes it; else rows
come from `row_xml` and are deflated by zlib. The cut depends on the sheet alone, so that the bytes do too.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sheetgpt.book.number_text import number_text
from sheetgpt.xlsx.compression import COMPRESSIONS
from sheetgpt.xlsx.encode.cell_run import Run, analyse, xml
from sheetgpt.xlsx.encode.deflate import codes_for, deflate
from sheetgpt.xlsx.encode.huffman_tables import Codes
from sheetgpt.xlsx.encode.row_xml import SheetRows, number_cells
from sheetgpt.xlsx.encode.zip_writer import Piece, squeeze

_CELLS = 1 << 16  # of a stretch
_LEAST = 1 << 12  # cells that a run needs to be worth its codes
_LOOKED_AT = 1 << 20  # numbers that are looked through at once
_SAMPLE = 1 << 14  # cells that codes are chosen by


@dataclass(frozen=True)
class Effort:
    """What a smaller file may cost: zlib's level, and in how many places a run looks for numbers that begin alike."""

    level: int
    looks: int


EFFORTS = dict(zip(COMPRESSIONS, (Effort(1, 1), Effort(6, 2), Effort(9, 7)), strict=True))


@dataclass(frozen=True)
class Stretch:
    """Rows of a sheet; `run` is the first and last column of a run of numbers that fills all of them, if there is one.

    `codes` is shared by stretches that are alike.
    """

    rows: SheetRows
    numbers: list[int]
    cells: int
    run: tuple[int, int] | None = None
    codes: Codes | None = None

    def piece(self, effort: Effort) -> Piece:
        """The rows deflated."""
        if self.run and self.codes:
            run = _run(self.rows, self.numbers[0], self.numbers[-1], *self.run)
            cells = analyse(run.numbers, number_text)
            if cells:
                data = deflate(run, cells, self.codes, effort.looks)
                if data:
                    text = xml(run, cells)
                    return Piece(data, zlib.crc32(text), len(text))
        return squeeze(self.rows.xml(self.numbers), effort.level)


def stretches(rows: SheetRows, effort: Effort) -> Iterator[Stretch]:
    """All rows of a sheet, in order."""
    codes: dict[tuple[int, int, int], Codes | None] = {}
    for numbers, run in _parts(rows):
        width = max(rows.sheet.grid.numbers.shape[1], 1)
        step = max(1, _CELLS // width)
        for first in range(0, len(numbers), step):
            part = numbers[first : first + step]
            if run is None:
                yield Stretch(rows, part, len(part) * width)
                continue
            key = (*run, len(str(part[-1])))
            if key not in codes:
                codes[key] = _codes(rows, part, run, effort)
            yield Stretch(rows, part, len(part) * width, run, codes[key])


def _codes(rows: SheetRows, part: list[int], run: tuple[int, int], effort: Effort) -> Codes | None:
    left, right = run
    sampled = part[-max(1, _SAMPLE // (right - left + 1)) :]
    sample = _run(rows, sampled[0], sampled[-1], left, right)
    cells = analyse(sample.numbers, number_text)
    return codes_for(sample, cells, effort.looks) if cells else None


def _run(rows: SheetRows, top: int, bottom: int, left: int, right: int) -> Run:
    numbers = rows.sheet.grid.numbers[top - 1 : bottom]
    styles = rows.styles(top, top)[0]
    before = [
        b'<row r="%d">' % row + number_cells(row, line[: left - 1], styles[: left - 1])
        for row, line in enumerate(numbers, top)
    ]
    style = int(styles[left - 1]) if left <= len(styles) else 0
    return Run(top, left, style, np.ascontiguousarray(numbers[:, left - 1 : right]), before, b"</row>\n")


def _parts(rows: SheetRows) -> Iterator[tuple[list[int], tuple[int, int] | None]]:
    """Row numbers one after the other that belong together, with their run."""
    rest: list[int] = []
    for part in _alike(rows):
        run = _longest(rows, part[0]) if part[0] not in rows.special else None
        if run is None or (run[1] - run[0] + 1) * len(part) < _LEAST:
            rest += part
            continue
        if rest:
            yield rest, None
            rest = []
        yield part, run
    if rest:
        yield rest, None


def _alike(rows: SheetRows) -> Iterator[list[int]]:
    """Rows one after the other with the same styles and numbers in the same columns."""
    look = rows.sheet.look
    filled, breaks = _patterns(rows.sheet.grid.numbers)
    present = filled | rows.special
    for rect, _ in look.styles:
        breaks |= {rect.top, rect.bottom + 1}
        present.update(range(rect.top, rect.bottom + 1))
    part: list[int] = []
    for row in sorted(present):
        if part and (row in breaks or row != part[-1] + 1 or row in rows.special or part[-1] in rows.special):
            yield part
            part = []
        part.append(row)
    if part:
        yield part


def _patterns(numbers: np.ndarray) -> tuple[set[int], set[int]]:
    """Row numbers: those that hold a number, and those that hold them in other columns than the row before."""
    filled: set[int] = set()
    breaks: set[int] = set()
    step = max(1, _LOOKED_AT // max(numbers.shape[1], 1))
    last = np.zeros(numbers.shape[1], dtype=bool)
    for top in range(0, len(numbers), step):
        known = ~np.isnan(numbers[top : top + step])
        filled.update((np.flatnonzero(known.any(axis=1)) + top + 1).tolist())
        other = (known != np.concatenate((last[None], known[:-1]))).any(axis=1)
        breaks.update((np.flatnonzero(other) + top + 1).tolist())
        last = known[-1]
    return filled, breaks


def _longest(rows: SheetRows, row: int) -> tuple[int, int] | None:
    """First and last column of the numbers of one style at the end of a row; None if there are no two."""
    numbers, styles = rows.sheet.grid.numbers, rows.styles(row, row)[0]
    known = np.flatnonzero(~np.isnan(numbers[row - 1])) + 1 if row <= len(numbers) else np.empty(0, int)
    if not len(known) or styles[known[-1] :].any():
        return None
    right = int(known[-1])
    style = np.zeros(right + 1, dtype=np.int64)
    style[1 : len(styles) + 1] = styles[:right]
    blank = np.setdiff1d(np.arange(right + 1), known)
    other = np.flatnonzero(style != style[right])
    left = max(int(blank[-1]) + 2, int(other[-1]) + 1 if len(other) else 0)  # a number comes before it
    return (left, right) if left < right else None

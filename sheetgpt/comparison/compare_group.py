"""How one group of cells is compared: which to look at, and what is said of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect, at
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.comparison.grid_pair import Pair
from sheetgpt.comparison.result import Cell, Difference, Group, Rules

_WHOLE = Rect(1, 1, MAX_ROWS, MAX_COLUMNS)
_PARTS = 2048  # exact in binary; Byte_Pair_Passes keeps a place beside a rank in them
_MASK = 1 << 26  # cells: a mask of bytes over a sheet stays below 64 MB


class SheetPair:
    """One sheet of both sides, with the cells of it that are to be compared."""

    def __init__(self, name: str, pair: Pair, cells: Iterable[Rect] | None, skip: set[tuple[int, int]]) -> None:
        self.name, self.pair, self.skip = name, pair, skip
        self._area, self._others = _area(pair), sorted(pair.others())
        self._wanted = np.full(self._area.shape, cells is None)
        self._far = [_WHOLE] if cells is None else []
        self._labelled = np.zeros(self._area.shape, dtype=bool)
        self._far_labelled: list[Rect] = []
        for rect in cells or ():
            self._mark(self._wanted, self._far, rect)

    def label(self, rect: Rect) -> None:
        """These cells belong to a label and no longer to the rest of the sheet."""
        self._mark(self._labelled, self._far_labelled, rect)

    def bands(self, rect: Rect | None) -> Iterator[tuple[Rect, np.ndarray, np.ndarray, np.ndarray]]:
        """Bands of `rect` (None: the rest of the sheet) with a's and b's numbers and which cells to look at."""
        for band, a, b in self.pair.bands(rect or _WHOLE):
            part = slice(band.top - 1, band.bottom), slice(band.left - 1, band.right)
            look = self._wanted[part] & ~self._labelled[part] if rect is None else self._wanted[part].copy()
            for row, column in self.skip:
                if band.contains(at(row, column)):
                    look[row - band.top, column - band.left] = False
            yield band, a, b, look

    def others(self, rect: Rect | None) -> set[tuple[int, int]]:
        """The cells of `rect` (None: the rest) with texts, booleans, errors or far numbers, to be looked at."""
        return {cell for cell in self._others_within(rect) if cell not in self.skip and self._counts(cell, rect)}

    def _others_within(self, rect: Rect | None) -> list[tuple[int, int]]:
        """Sorted by rows once: a workbook has thousands of labels, and a sheet with texts is asked for each."""
        if rect is None:
            return self._others
        first, last = bisect_left(self._others, (rect.top, 0)), bisect_left(self._others, (rect.bottom + 1, 0))
        return self._others[first:last]

    def skipped(self, rect: Rect | None) -> int:
        """How many cells of `rect` (None: the rest) are not covered."""
        return sum(self._counts(cell, rect) for cell in self.skip)

    def values(self, cell: tuple[int, int]) -> tuple[Value, Value]:
        return self.pair.a[cell], self.pair.b[cell]

    def _counts(self, cell: tuple[int, int], rect: Rect | None) -> bool:
        row, column = cell
        if rect is not None and not rect.contains(at(row, column)):
            return False
        if self._area.contains(at(row, column)):
            index = row - 1, column - 1
            return bool(self._wanted[index]) and (rect is not None or not self._labelled[index])
        if rect is None and any(known.contains(at(row, column)) for known in self._far_labelled):
            return False
        return any(known.contains(at(row, column)) for known in self._far)

    def _mark(self, mask: np.ndarray, far: list[Rect], rect: Rect) -> None:
        mask[rect.top - 1 : rect.bottom, rect.left - 1 : rect.right] = True
        if not self._area.contains(rect):
            far.append(rect)


def side_by_side(
    a: Mapping[str, Grid],
    b: Mapping[str, Grid],
    cells: Mapping[str, Iterable[Rect]] | None,
    not_covered: Iterable[Cell],
) -> dict[str, SheetPair]:
    """The sheets that both sides have."""
    skip: dict[str, set[tuple[int, int]]] = {}
    for sheet, row, column in not_covered:
        skip.setdefault(sheet, set()).add((row, column))
    return {
        name: SheetPair(
            name, Pair(grid, b[name]), None if cells is None else cells.get(name, ()), skip.get(name, set())
        )
        for name, grid in a.items()
        if name in b
    }


def compare_group(group: Group, places: Sequence[tuple[SheetPair, Rect | None]], rules: Rules, keep: int) -> None:
    """Compare the cells of some places (None: the rest of a sheet) and write the outcome into `group`."""
    (a_size, a_whole), (b_size, b_whole) = _magnitudes(places)
    group.scale = 1.0 if a_whole or b_whole else max(1.0, min(a_size, b_size))
    for sheet, rect in places:
        group.not_covered += sheet.skipped(rect)
        found, odd = [], sheet.others(rect)
        for band, a, b, look in sheet.bands(rect):
            a_blank, b_blank = np.isnan(a), np.isnan(b)
            odd |= _cells(band, (a_blank ^ b_blank) & look)
            found += _judge_numbers(group, sheet, (band, a, b), look & ~a_blank & ~b_blank, rules, keep)
        found += _judge_others(group, sheet, odd, rules)
        group.differences += sorted(found, key=lambda difference: difference.cell)
    del group.differences[keep:]


def _judge_numbers(
    group: Group,
    sheet: SheetPair,
    sides: tuple[Rect, np.ndarray, np.ndarray],
    look: np.ndarray,
    rules: Rules,
    keep: int,
) -> list[Difference]:
    """Compare the cells of a rectangle in which both sides hold a number; the first few that differ."""
    band, a, b = sides
    count = int(np.count_nonzero(look))
    if not count:
        return []
    with np.errstate(over="ignore", invalid="ignore"):
        size = np.where(look, np.abs(a - b), 0.0)
    group.cells += count
    row, column = np.unravel_index(int(np.argmax(size)), size.shape)
    if size[row, column] > group.largest:
        group.largest = float(size[row, column])
        group.where = sheet.name, band.top + int(row), band.left + int(column)
    bad = np.argwhere(size > rules.tolerance * group.scale)
    group.differing += len(bad)
    return [
        Difference(
            sheet.name,
            (band.top + row, band.left + column),
            float(a[row, column]),
            float(b[row, column]),
            float(size[row, column]),
            "numbers",
        )
        for row, column in bad[:keep].tolist()
    ]


def _judge_others(group: Group, sheet: SheetPair, cells: Iterable[tuple[int, int]], rules: Rules) -> list[Difference]:
    """Compare cells of which at least one side holds no number."""
    found = []
    for cell in cells:
        if sheet.values(cell) == (None, None):
            continue
        group.cells += 1
        a, b = (_normalize(value, rules) for value in sheet.values(cell))
        if reason := _disagreement(a, b, rules, group.scale):
            group.differing += 1
            size = abs(a - b) if type(a) is type(b) is float else None
            found.append(Difference(sheet.name, cell, *sheet.values(cell), size, reason))
    return found


def _normalize(value: Value, rules: Rules) -> Value:
    """The value as a witness that keeps fewer kinds apart would hand it over."""
    if isinstance(value, bool) and rules.booleans_as_numbers:
        return float(value)
    return None if value == "" and rules.empty_text_is_blank else value


def _disagreement(a: Value, b: Value, rules: Rules, scale: float) -> str:
    """Why two values disagree, or ""."""
    if type(a) is not type(b):
        return f"{_kind(a)} against {_kind(b)}"
    if isinstance(a, float) and isinstance(b, float):
        return "" if abs(a - b) <= rules.tolerance * scale else "numbers"
    if isinstance(a, ErrorValue) and not rules.error_kinds:
        return ""
    return "" if a == b else f"{_kind(a)}s"


def _kind(value: Value) -> str:
    names = {float: "number", str: "text", bool: "boolean", ErrorValue: "error"}
    return "blank" if value is None else names[type(value)]


def _magnitudes(places: Sequence[tuple[SheetPair, Rect | None]]) -> list[tuple[float, bool]]:
    """The largest magnitude of a and of b, and whether all their numbers are whole, or of so many 2048ths.

    The smaller magnitude counts, so that no wild value excuses the others; and none counts where one side has
    whole numbers only, such as ids, ranks and code points: nothing was rounded there.
    """
    largest, whole = [0.0, 0.0], [True, True]
    for sheet, rect in places:
        for _, a, b, look in sheet.bands(rect):
            for side, numbers in enumerate((a, b)):
                known = np.abs(numbers[look & ~np.isnan(numbers)])
                largest[side] = max(largest[side], float(known.max(initial=0.0)))
                whole[side] = whole[side] and _are_whole(known)
        for cell in sheet.others(rect):
            for side, value in enumerate(sheet.values(cell)):
                if isinstance(value, float):
                    largest[side] = max(largest[side], abs(value))
                    whole[side] = whole[side] and _are_whole(np.array([value]))
    return list(zip(largest, whole, strict=True))


def _are_whole(numbers: np.ndarray) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):
        return not (numbers * _PARTS % 1).any()


def _cells(band: Rect, mask: np.ndarray) -> set[tuple[int, int]]:
    rows, columns = np.nonzero(mask)
    return set(zip((rows + band.top).tolist(), (columns + band.left).tolist(), strict=True))


def _area(pair: Pair) -> Rect:
    """From A1 to the last cell of either grid; only the number arrays if cells lie far apart."""
    area = pair.box or Rect(1, 1, 1, 1)
    for extent in (pair.a.extent, pair.b.extent):
        if extent is not None and area.union(extent).size <= _MASK:
            area = area.union(extent)
    return area

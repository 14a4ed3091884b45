"""Which rows and columns were put in or taken out between two versions of a sheet.

Rows are compared by what stands in them: constants, and formulas without their references, for these move along. First
rows at both ends that are equal, then rows that occur once in both (patience diff), then between these the pairs with
the most cells in common. The outcome counts only if it explains the sheet with fewer changed cells than none does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Sheet
from sheetgpt.comparison.lines import Lines, Move
from sheetgpt.formula.canonical import skeleton_meaning

MOST_CELLS = 4_000_000  # of a sheet: larger ones are compared cell by cell
_MOST_PAIRS = 250_000  # rows times rows of a gap that are compared with one another
_MOST_CELL_PAIRS = 20_000_000
_LARGE = 200_000  # cells: rows are looked for only if the sheets have any in common
_FEW = 1  # cells that differ: no row is looked for

Pairs = list[tuple[int, int]]


def too_large(*sheets: Sheet) -> bool:
    """Whether sheets are compared cell by cell, without looking for rows put in."""
    return any(sheet.grid.extent is not None and _reach(sheet).size > MOST_CELLS for sheet in sheets)


def align(a: Sheet, b: Sheet) -> Move:
    """Where the rows and columns of `a` went in `b`; all stay where they are if the sheets are too large for it."""
    stay = Move(b.name, Lines(), Lines())
    if too_large(a, b) or a.grid.extent is None or b.grid.extent is None:
        return stay
    old, new = _tokens(a), _tokens(b)
    least = _changed(old, new)
    best = stay
    if least <= _FEW or (old.size > _LARGE and not _has_common_line(old, new)):
        return stay
    for search in (_rows_first, _columns_first, _by_single_cells):
        found = search(old, new)
        cost = _cost(old, new, *found)
        if cost < least:
            least, best = cost, Move(b.name, _lines(found[0]), _lines(found[1]))
    return best


def _has_common_line(old: np.ndarray, new: np.ndarray) -> bool:
    """Whether any row or column of one, blank ones aside, is in the other."""
    for a, b in ((old, new), (old.T, new.T)):
        width = min(a.shape[1], b.shape[1])
        if np.isin(_row_hashes(a[:, :width][a.any(axis=1)]), _row_hashes(b[:, :width])).any():
            return True
    return False


def likeness(a: Sheet, b: Sheet) -> float:
    """The share of cells that two sheets have in common, of those of the larger one; 0 if they are large or empty."""
    if _reach(a).size + _reach(b).size > _LARGE or a.grid.extent is None or b.grid.extent is None:
        return 0.0
    old, new = _tokens(a), _tokens(b)
    rows, columns = min(len(old), len(new)), min(old.shape[1], new.shape[1])
    ours, theirs = old[:rows, :columns], new[:rows, :columns]
    common = int(np.count_nonzero((ours == theirs) & (ours != 0)))
    return common / max(1, int(np.count_nonzero(old)), int(np.count_nonzero(new)))


def _reach(sheet: Sheet) -> Rect:
    """From A1 to the last cell."""
    extent = sheet.grid.extent or Rect(1, 1, 1, 1)
    for formula in sheet.formulas:
        extent = extent.union(formula.rect)
    return Rect(1, 1, extent.bottom, extent.right)


def _tokens(sheet: Sheet) -> np.ndarray:
    """A number for each cell [row, column], 0 where it is blank: equal for equal constants and alike formulas."""
    area = _reach(sheet)
    found = np.zeros(area.shape, dtype=np.uint64)
    numbers = sheet.grid.numbers[: area.bottom, : area.right]
    known = ~np.isnan(numbers)
    bits = np.ascontiguousarray(numbers[known] + 0.0).view(np.uint64)  # -0 is 0
    found[: numbers.shape[0], : numbers.shape[1]][known] = _mix(bits)
    for (row, column), value in sheet.grid.others.items():
        if value is not None:
            token = _number(value) if isinstance(value, float) else _hash((type(value).__name__, value))
            found[row - 1, column - 1] = token
    for formula in sheet.formulas:
        top, left, bottom, right = formula.rect
        found[top - 1 : bottom, left - 1 : right] = _hash((formula.array, skeleton_meaning(formula.text)))
    return found


def _hash(value: object) -> int:
    return hash(value) % (1 << 64) | 1


def _number(value: float) -> int:
    return int(_mix(np.array([value]).view(np.uint64))[0])


def _mix(bits: np.ndarray) -> np.ndarray:
    """Well mixed numbers, none of them 0 (the finalizer of splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    found: np.ndarray = (mixed ^ (mixed >> np.uint64(31))) | np.uint64(1)
    return found


def _rows_first(old: np.ndarray, new: np.ndarray) -> tuple[Pairs, Pairs]:
    """Rows by the columns that both have, columns by the rows found so, and rows by these again."""
    width = min(old.shape[1], new.shape[1])
    rows = _align_rows(old[:, :width], new[:, :width])
    columns = _align_columns(old, new, rows)
    if len(columns) != width or any(one != other for one, other in columns):
        ours, theirs = _sides(columns)
        rows = _align_rows(old[:, ours], new[:, theirs])
    return rows, columns


def _columns_first(old: np.ndarray, new: np.ndarray) -> tuple[Pairs, Pairs]:
    columns, rows = _rows_first(old.T, new.T)
    return rows, columns


def _by_single_cells(old: np.ndarray, new: np.ndarray) -> tuple[Pairs, Pairs]:
    """Columns by the cells that occur once in both, wherever they stand; then rows by these columns."""
    (a_once, a_at), (b_once, b_at) = _once(old.ravel()), _once(new.ravel())
    _, ours, theirs = np.intersect1d(a_once, b_once, assume_unique=True, return_indices=True)
    votes = np.zeros((old.shape[1], new.shape[1]), dtype=np.int64)
    np.add.at(votes, (a_at[ours] % old.shape[1], b_at[theirs] % new.shape[1]), 1)
    seen = np.flatnonzero(votes.any(axis=1))
    columns = _longest_growing(list(zip(seen.tolist(), votes[seen].argmax(axis=1).tolist(), strict=True)))
    if not columns:
        return _rows_first(old, new)
    sides = _sides(columns)
    rows = _align_rows(old[:, sides[0]], new[:, sides[1]])
    return rows, _align_columns(old, new, rows)


def _align_columns(old: np.ndarray, new: np.ndarray, rows: Pairs) -> Pairs:
    ours, theirs = _sides(rows)
    return _align_rows(old[ours].T, new[theirs].T)


def _sides(pairs: Pairs) -> tuple[list[int], list[int]]:
    return [one for one, _ in pairs], [other for _, other in pairs]


def _lines(pairs: Pairs) -> Lines:
    return Lines([(old + 1, new + 1) for old, new in pairs])


def _align_rows(old: np.ndarray, new: np.ndarray) -> Pairs:
    """Pairs of rows (from 0) that are the same row, in growing order."""
    ours, theirs = _row_hashes(old), _row_hashes(new)
    found: Pairs = []
    _between(ours, theirs, (0, 0, len(ours), len(theirs)), found)
    return _complete(old, new, found)


def _row_hashes(tokens: np.ndarray) -> np.ndarray:
    factors = _mix(np.arange(1, tokens.shape[1] + 1, dtype=np.uint64))
    with np.errstate(over="ignore"):
        hashes: np.ndarray = (tokens * factors).sum(axis=1, dtype=np.uint64)
    return hashes


def _between(a: np.ndarray, b: np.ndarray, gap: tuple[int, int, int, int], found: Pairs) -> None:
    """Equal rows of a[i:m] and b[j:n]: at both ends, and where a row occurs once in both."""
    todo = [gap]
    while todo:
        i, j, m, n = todo.pop()
        while i < m and j < n and a[i] == b[j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        while i < m and j < n and a[m - 1] == b[n - 1]:
            m, n = m - 1, n - 1
            found.append((m, n))
        if i < m and j < n and (anchors := _anchors(a[i:m], b[j:n])):
            ends = [(i + one, j + other) for one, other in anchors]
            found += ends
            starts = [(i, j), *((one + 1, other + 1) for one, other in ends)]
            todo += [(*start, *end) for start, end in zip(starts, [*ends, (m, n)], strict=True)]


def _anchors(a: np.ndarray, b: np.ndarray) -> Pairs:
    """The longest growing series of rows that occur once in both."""
    (a_once, a_at), (b_once, b_at) = _once(a), _once(b)
    _, ours, theirs = np.intersect1d(a_once, b_once, assume_unique=True, return_indices=True)
    order = np.argsort(a_at[ours])
    return _longest_growing(list(zip(a_at[ours][order].tolist(), b_at[theirs][order].tolist(), strict=True)))


def _once(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    found, at, counts = np.unique(values, return_index=True, return_counts=True)
    return found[counts == 1], at[counts == 1]


def _longest_growing(pairs: Pairs) -> Pairs:
    """The longest part of pairs whose second numbers grow."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, value) in enumerate(pairs):
        length = bisect_left(tails, value)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [value]
        ends[length : length + 1] = [number]
    found, number = [], ends[-1] if ends else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _complete(old: np.ndarray, new: np.ndarray, equal: Pairs) -> Pairs:
    """Between equal rows the pairs that have most in common; what is left then is paired from the top."""
    found: Pairs = []
    i = j = 0
    for m, n in [*sorted(equal), (len(old), len(new))]:
        if i < m and j < n:
            alike = _alike(old[i:m], new[j:n]) if m - i != n - j else []
            starts = [(i, j), *((i + one + 1, j + other + 1) for one, other in alike)]
            ends = [*((i + one, j + other) for one, other in alike), (m, n)]
            for (top, left), (bottom, right) in zip(starts, ends, strict=True):
                found += list(zip(range(top, bottom), range(left, right), strict=False))
                found += [(bottom, right)] * (bottom < m or right < n)
        found += [(m, n)] * (m < len(old) or n < len(new))
        i, j = m + 1, n + 1
    return found


def _alike(old: np.ndarray, new: np.ndarray) -> Pairs:
    """Pairs of rows in growing order with the most equal cells in all; none if the gap is large."""
    if len(old) * len(new) > _MOST_PAIRS or len(old) * new.size > _MOST_CELL_PAIRS:
        return []
    score = ((old[:, None] == new[None]) & (old[:, None] != 0)).sum(axis=2)
    best = np.zeros((len(old) + 1, len(new) + 1), dtype=np.int64)
    for row in range(len(old)):
        best[row + 1, 1:] = np.maximum.accumulate(np.maximum(best[row, 1:], best[row, :-1] + score[row]))
    return _trace(best, score)


def _trace(best: np.ndarray, score: np.ndarray) -> Pairs:
    found: Pairs = []
    row, column = score.shape
    while row and column:
        if best[row, column] == best[row - 1, column]:
            row -= 1
        elif best[row, column] == best[row, column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            found.append((row, column))
    return found[::-1]


def _changed(old: np.ndarray, new: np.ndarray) -> int:
    """How many cells differ where all stay in their places."""
    rows, columns = min(len(old), len(new)), min(old.shape[1], new.shape[1])
    both = int(np.count_nonzero(old[:rows, :columns] != new[:rows, :columns]))
    kept = [int(np.count_nonzero(side[:rows, :columns])) for side in (old, new)]
    return both + int(np.count_nonzero(old)) - kept[0] + int(np.count_nonzero(new)) - kept[1]


def _cost(old: np.ndarray, new: np.ndarray, rows: Pairs, columns: Pairs) -> int:
    """How many cells differ or come or go by an alignment, and one more for each row and column that does."""
    (a_rows, b_rows), (a_columns, b_columns) = _sides(rows), _sides(columns)
    ours, theirs = old[np.ix_(a_rows, a_columns)], new[np.ix_(b_rows, b_columns)]
    lone = sum(int(np.count_nonzero(side)) for side in (old, new))
    lone -= int(np.count_nonzero(ours)) + int(np.count_nonzero(theirs))
    lines = sum(b - a + 1 for pairs in (rows, columns) for a, b in _stirred(pairs))
    return int(np.count_nonzero(ours != theirs)) + lone + lines


def _stirred(pairs: Pairs) -> Sequence[tuple[int, int]]:
    lines = _lines(pairs)
    return [*lines.inserted(), *lines.deleted()]

"""An indexed book in which some cells have a value for each scenario; all others are those of the book behind it.

To the formulas a scenario is a set of sheets of its own: with S sheets in the book, sheet s of scenario k has the
number S * (k + 1) + s. So a batch can have one formula's scenarios as its members, and whatever the formula does with
references, each member goes on reading its own scenario. The true numbers stand for cells that are the same in all
scenarios; whoever asks by them for others is refused, and so is whoever reads a cell before it is calculated.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator.batch.batch import SplitError
from sheetgpt.evaluator.index.areas import Areas
from sheetgpt.evaluator.index.indexed_book import IndexedBook
from sheetgpt.evaluator.index.subtotals import LeftOut
from sheetgpt.evaluator.scenarios.scenario_values import plain

_MOST_CELLS = 1 << 24  # of the rectangles in which values differ
_MOST_VALUES = 1 << 24  # that are read at a time
_NOWHERE = Rect(0, 0, 0, 0), np.full((0, 0), -1)


class NotTogetherError(Exception):
    """The scenarios cannot be calculated together."""


class _SheetwiseLeftOut(LeftOut):
    """What SUBTOTAL leaves out, the same in all scenarios."""

    def __init__(self, known: LeftOut, sheets: int) -> None:
        self._known, self._count = known, sheets

    def cells(self, sheet: int, rect: Rect, hidden: bool, filtered: bool, nested: bool) -> np.ndarray | None:
        return self._known.cells(sheet % self._count, rect, hidden, filtered, nested)


class ScenarioBook(IndexedBook):
    """A view of an indexed book with so many scenarios, in which the cells of some rectangles differ.

    Raises NotTogetherError where these lie too far apart.
    """

    def __init__(self, workbook: IndexedBook, differing: Sequence[tuple[int, Rect]], count: int) -> None:
        self.__dict__.update(workbook.__dict__)
        self.left_out = _SheetwiseLeftOut(workbook.left_out, len(workbook.grids))
        self._behind = workbook
        self._count = count
        self._slots = _slots(differing)
        self._values: list[np.ndarray | None] = [None] * sum(rect.size for _, rect in differing)
        self._done = np.zeros(len(self._values), dtype=bool)

    def places(self, sheet: int, rect: Rect) -> Areas:
        """The cells of a rectangle in each scenario; those of the book if they are the same in all."""
        if not self.differs(sheet, rect):
            return Areas(sheet, rect.top, rect.left, rect.rows, rect.columns)
        return self.own_places(sheet, rect)

    def own_places(self, sheet: int, rect: Rect) -> Areas:
        """The cells of a rectangle in each scenario."""
        sheets = (np.arange(self._count) + 1) * len(self.grids) + sheet
        ones = np.ones(self._count, dtype=np.int64)
        return Areas(sheets, rect.top * ones, rect.left * ones, rect.rows, rect.columns)

    def differs(self, sheet: int, rect: Rect) -> bool:
        """Whether some cells have a value for each scenario."""
        return bool((self._known_slots(sheet, rect)[1] >= 0).any())

    def put(self, sheet: int, rect: Rect, values: np.ndarray) -> None:
        """Values [scenario, row, column] for cells that differ."""
        for slot, column in zip(
            self._slots_in(sheet, rect).ravel().tolist(), values.reshape(len(values), -1).T, strict=True
        ):
            self._values[slot] = plain(np.ascontiguousarray(column))
            self._done[slot] = True

    def finish(self, sheet: int, rect: Rect) -> None:
        """The cells of a formula are calculated in all scenarios."""
        slots = self._slots_in(sheet, rect).ravel()
        self._done[slots] = True
        for slot in slots.tolist():
            values = self._values[slot]
            assert values is not None
            self._values[slot] = plain(values)

    def values(self, sheet: int, rect: Rect) -> np.ndarray:
        """The values of cells [scenario, row, column]."""
        return self._block(sheet, rect, np.arange(self._count))

    def read(self, where: Areas) -> np.ndarray:
        """The values of cells, for each member in its own scenario; raises NotTogetherError.

        SplitError where they are too many to be read at a time.
        """
        sheets = np.atleast_1d(where.sheets)
        if sheets.max() < len(self.grids):
            if any(self.differs(sheet, rect) for sheet, rect in set(where.rects())):
                raise NotTogetherError
            return self._behind.read(where)
        if sheets.min() < len(self.grids):
            raise NotTogetherError
        most = max(1, _MOST_VALUES // (where.rows * where.columns))
        if len(sheets) > most:
            raise SplitError((np.arange(len(sheets)) // most).tolist())
        members, real = sheets // len(self.grids) - 1, sheets % len(self.grids)
        found = self._read_each(real, np.atleast_1d(where.tops), np.atleast_1d(where.lefts), members, where)
        return found[0] if isinstance(where.tops, int) else found

    def _read_each(
        self, sheets: np.ndarray, tops: np.ndarray, lefts: np.ndarray, members: np.ndarray, where: Areas
    ) -> np.ndarray:
        """The values of cells [member, row, column]: those at one place together."""
        keys = (sheets * (MAX_ROWS + 1) + tops) * (MAX_COLUMNS + 1) + lefts
        if (keys == keys[0]).all():
            return self._block(int(sheets[0]), _rect(tops[0], lefts[0], where), members)
        _, firsts, own = np.unique(keys, return_index=True, return_inverse=True)
        found = np.empty((len(keys), where.rows, where.columns), dtype=object)
        for number, first in enumerate(firsts.tolist()):
            chosen = np.flatnonzero(own == number)
            rect = _rect(tops[first], lefts[first], where)
            found[chosen] = self._block(int(sheets[first]), rect, members[chosen])
        return plain(found)

    def _block(self, sheet: int, rect: Rect, members: np.ndarray) -> np.ndarray:
        """The values of a rectangle [member, row, column], in some scenarios."""
        if not self.differs(sheet, rect):
            shared = self._behind.read(Areas(sheet, rect.top, rect.left, rect.rows, rect.columns))
            return np.broadcast_to(shared, (len(members), *rect.shape))
        slots = self._slots_in(sheet, rect)
        differ = slots >= 0
        if not self._done[slots[differ]].all():
            raise NotTogetherError
        columns = [self._column(slot, members) for slot in slots[differ].tolist()]
        numbers = all(column.dtype == np.float64 for column in columns)
        if differ.all() and numbers:
            return np.stack(columns, axis=-1).reshape(len(members), *rect.shape)
        return self._mixed(sheet, rect, differ, columns, len(members))

    def _mixed(self, sheet: int, rect: Rect, differ: np.ndarray, columns: list[np.ndarray], members: int) -> np.ndarray:
        """Cells that differ from scenario to scenario among others."""
        shared = self._behind.read(Areas(sheet, rect.top, rect.left, rect.rows, rect.columns))[~differ]
        shared = plain(shared)
        numbers = shared.dtype == np.float64 and all(column.dtype == np.float64 for column in columns)
        found = np.empty((members, *rect.shape), dtype=np.float64 if numbers else object)
        found[:, ~differ] = shared
        for (row, column), values in zip(np.argwhere(differ).tolist(), columns, strict=True):
            found[:, row, column] = values
        return found if numbers else plain(found)

    def _column(self, slot: int, members: np.ndarray) -> np.ndarray:
        values = self._values[slot]
        assert values is not None
        return values if len(members) == self._count and (members == np.arange(self._count)).all() else values[members]

    def write(self, where: Areas, values: np.ndarray, plain: bool = False) -> None:  # noqa: ARG002 - as it is behind
        """Put values into the cells of one formula, for each member in its own scenario; raises NotTogetherError."""
        if values.dtype == np.float64 and not np.isfinite(values).all():
            raise NotTogetherError
        sheets = np.atleast_1d(where.sheets)
        members, real = sheets // len(self.grids) - 1, int(sheets[0]) % len(self.grids)
        rect = _rect(np.atleast_1d(where.tops)[0], np.atleast_1d(where.lefts)[0], where)
        values = np.broadcast_to(values, (len(members), *rect.shape))
        for (row, column), slot in zip(
            np.ndindex(rect.shape), self._slots_in(real, rect).ravel().tolist(), strict=True
        ):
            self._write_column(slot, members, values[:, row, column])

    def _write_column(self, slot: int, members: np.ndarray, values: np.ndarray) -> None:
        kind = np.float64 if values.dtype == np.float64 else object
        own = self._values[slot]
        if own is None:
            own = np.empty(self._count, dtype=kind)
        elif own.dtype != kind:
            own = own.astype(object)
        own[members] = values
        self._values[slot] = own

    def clip(self, where: Areas, beside: Collection[int] = ()) -> Areas:
        """Whole columns and rows cut off where the used part of their sheets, and of those beside them, ends."""
        if where.rows < MAX_ROWS and where.columns < MAX_COLUMNS:
            return where
        real = where.sheets % len(self.grids)
        others = {sheet % len(self.grids) for sheet in beside}
        cut = self._behind.clip(Areas(real, where.tops, where.lefts, where.rows, where.columns), others)
        return Areas(where.sheets, where.tops, where.lefts, cut.rows, cut.columns)

    def spill(self, sheet: int, row: int, column: int) -> Rect | None:
        """The cells that a dynamic formula fills, the same in all scenarios."""
        return self._behind.spill(sheet % len(self.grids), row, column)

    def resolve(self, text: str, sheet: int) -> Areas | ErrorValue:
        """The cells that a text stands for, in the scenario of a sheet; raises NotTogetherError."""
        own = sheet % len(self.grids)
        found = self._behind.resolve(text, own)
        if isinstance(found, ErrorValue):
            return found
        if not isinstance(found, Areas) or not isinstance(found.sheets, int):
            raise NotTogetherError
        return Areas(found.sheets + sheet - own, found.tops, found.lefts, found.rows, found.columns)

    def _slots_in(self, sheet: int, rect: Rect) -> np.ndarray:
        """For each cell of a rectangle the number of its values, -1 where they are the same in all scenarios."""
        inside, part = self._known_slots(sheet, rect)
        if inside == rect:
            return part
        found = np.full(rect.shape, -1)
        if inside:
            row, column = inside.top - rect.top, inside.left - rect.left
            found[row : row + inside.rows, column : column + inside.columns] = part
        return found

    def _known_slots(self, sheet: int, rect: Rect) -> tuple[Rect | None, np.ndarray]:
        """The part of a rectangle in which cells may differ, and the numbers of their values."""
        bounds, slots = self._slots.get(sheet, _NOWHERE)
        inside = rect.intersect(bounds)
        if inside is None:
            return None, _NOWHERE[1]
        top, left = inside.top - bounds.top, inside.left - bounds.left
        return inside, slots[top : top + inside.rows, left : left + inside.columns]


def _rect(top: int, left: int, where: Areas) -> Rect:
    return Rect(int(top), int(left), int(top) + where.rows - 1, int(left) + where.columns - 1)


def _slots(differing: Sequence[tuple[int, Rect]]) -> dict[int, tuple[Rect, np.ndarray]]:
    """For each sheet the rectangle around the cells that differ, and in it the number of each such cell, else -1."""
    bounds: dict[int, Rect] = {}
    for sheet, rect in differing:
        bounds[sheet] = bounds[sheet].union(rect) if sheet in bounds else rect
    if sum(rect.size for rect in bounds.values()) > _MOST_CELLS:
        raise NotTogetherError
    slots = {sheet: (rect, np.full(rect.shape, -1, dtype=np.int64)) for sheet, rect in bounds.items()}
    first = 0
    for sheet, rect in differing:
        around, numbers = slots[sheet]
        top, left = rect.top - around.top, rect.left - around.left
        own = np.arange(first, first + rect.size).reshape(rect.shape)
        numbers[top : top + rect.rows, left : left + rect.columns] = own
        first += rect.size
    return slots

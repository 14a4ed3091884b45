"""Binding all formulas of a workbook: those that are alike together, by one of them; the others one by one.

Where alike formulas differ in the rows of their references only, they have one plan, and the areas of each are
those of the first with other rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sheetgpt.book.address import MAX_ROWS, Rect
from sheetgpt.errors import FormulaError
from sheetgpt.evaluator.compile.alike import Alike, alike
from sheetgpt.evaluator.compile.binder import Area, Binder, Bound, bind_one
from sheetgpt.evaluator.compile.patterns import ROW_BITS, patterns_of
from sheetgpt.evaluator.compile.plan import Plan
from sheetgpt.evaluator.index.indexed_book import IndexedBook
from sheetgpt.formula import Cut, Reference, Reference3D, TableReference, cut, operand, rows_of

_DIGITS = re.compile("[0-9]+")
_MOST_DIGITS = 7  # of a row

_OWN_ROW = (-1,)  # for an operand: its row is that of the formula

Spots = list[tuple[int, ...]]  # for each operand which numbers of the formula's text are its rows


@dataclass
class Bindings:
    """The plan of each formula, and the areas of its holes: those of formula f are `areas[starts[f]:starts[f + 1]]`.

    Areas are numbered, in the order in which they are first mentioned, each with its sheet and its cells
    (top, left, bottom, right).
    """

    plans: list[Plan]
    plan_numbers: np.ndarray
    starts: np.ndarray
    areas: np.ndarray
    sheets: np.ndarray
    rects: np.ndarray
    refused: dict[int, str]  # formulas that have no plan to follow, each with the reason

    def plan_of(self) -> list[Plan]:
        """For each formula its plan."""
        return [self.plans[number] for number in self.plan_numbers.tolist()]

    def missing(self) -> dict[str, list[int]]:
        """The functions that cannot be calculated, each with the numbers of the formulas that use it."""
        lacking = [number for number, plan in enumerate(self.plans) if plan.missing]
        found: dict[str, list[int]] = {}
        for formula in np.flatnonzero(np.isin(self.plan_numbers, lacking)).tolist():
            for name in self.plans[self.plan_numbers[formula]].missing:
                found.setdefault(name, []).append(formula)
        return found


def bind_all(workbook: IndexedBook, strict: bool = True) -> Bindings:
    """Bind the formulas of a workbook; raises FormulaSyntaxError, naming the first cell with such an error.

    Without `strict`, formulas with such errors get a plan that calculates nothing.
    """
    try:
        return _Binding(workbook).all()
    except (FormulaError, RecursionError):
        if not strict:
            return _Binding(workbook, strict=False).all()
        binder = Binder(workbook)
        for number in range(len(workbook.formulas)):
            bind_one(binder, number)
        raise AssertionError("formulas fail one by one as they do together") from None


@dataclass
class _Binding:
    """Collects plans and keys of areas, in any order; a key is a number with all of an area in it."""

    workbook: IndexedBook
    owners: list[np.ndarray] = field(default_factory=list)
    keys: list[np.ndarray] = field(default_factory=list)
    shapes: dict[tuple[int, int, int], int] = field(default_factory=dict)  # of sheet, left and right
    strict: bool = True
    refused: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.binder = Binder(self.workbook)
        self.plan_numbers = np.zeros(len(self.workbook.formulas), dtype=np.int64)

    def all(self) -> Bindings:
        formulas = self.workbook.formulas
        kinds = [
            3 * sheet + formula.array + formula.dynamic
            for sheet, formula in zip(self.workbook.sheet_of, formulas, strict=True)
        ]
        groups, alone = alike([formula.text for formula in formulas], kinds)
        for group in groups:
            alone += self._bind_alike(group) if self.strict else self._try_alike(group)
        self._bind_alone(sorted(alone))
        return self._bindings()

    def _bind_alone(self, formulas: Sequence[int]) -> None:
        owners, keys = [], []
        for number in formulas:
            plan, areas = bind_one(self.binder, number) if self.strict else self._try_one(number)
            self.plan_numbers[number] = plan.number
            owners += [number] * len(areas)
            keys += [self._key(sheet, rect) for sheet, rect in areas]
        self.owners.append(np.array(owners, dtype=np.int64))
        self.keys.append(np.array(keys, dtype=np.int64))

    def _try_one(self, number: int) -> tuple[Plan, tuple[Area, ...]]:
        """The plan of a formula and its areas; where it has none, one that calculates nothing and reads nothing."""
        try:
            return bind_one(self.binder, number)
        except FormulaError as error:
            self.refused[number] = error.reason
            return self.no_plan, ()

    @cached_property
    def no_plan(self) -> Plan:
        """The plan of formulas that cannot be calculated, whatever is known."""
        self.binder.plans.append(Plan(len(self.binder.plans), None, (), (), False))
        return self.binder.plans[-1]

    def _try_alike(self, group: Alike) -> list[int]:
        with suppress(FormulaError, RecursionError):
            return self._bind_alike(group)
        return list(group.members.tolist())

    def _bind_alike(self, group: Alike) -> list[int]:
        """Bind formulas of one kind; returns those that must be bound one by one."""
        text = self.workbook.formulas[int(group.members[0])].text
        spots = _spots(text, cut(text))
        rows = [number for spot in spots for number in spot]
        alone: list[int] = []
        given = group.numbers[:, rows]
        if rows and (given.min() < 1 or given.max() > MAX_ROWS or group.digits[:, rows].max() > _MOST_DIGITS):
            fits = ((given >= 1) & (given <= MAX_ROWS) & (group.digits[:, rows] <= _MOST_DIGITS)).all(axis=1)
            alone = group.members[~fits].tolist()
            group = group.part(np.flatnonzero(fits))
        fixed = [number for number in range(group.numbers.shape[1]) if number not in rows]
        if len(group.members):
            for same in group.by_numbers(fixed):
                if len(same.members) == 1 or not self._try_filled(same, spots):
                    alone += same.members.tolist()
        return alone

    def _try_filled(self, group: Alike, spots: Spots) -> bool:
        """As `_bind_filled`; without `strict`, formulas with an error have no plan, all of them for one reason."""
        try:
            return self._bind_filled(group, spots)
        except (FormulaError, RecursionError) as error:
            if self.strict:
                raise
            if isinstance(error, RecursionError):
                return False
            self.refused |= dict.fromkeys(group.members.tolist(), error.reason or str(error).partition("\n")[0])
            self.plan_numbers[group.members] = self.no_plan.number
            return True

    def _bind_filled(self, group: Alike, spots: Spots) -> bool:
        """Bind formulas that differ in the rows of their references only; False if they do not have one plan."""
        first = int(group.members[0])
        sheet, formula = self.workbook.sheet_of[first], self.workbook.formulas[first]
        pieces = cut(formula.text)
        if _spots(formula.text, pieces) != spots:
            return False
        operands, own = self.binder.bind_operands(sheet, pieces, formula), self._own_rows(sheet, pieces)
        texts = [*pieces.operands, *[""] * (len(operands.bound) - len(pieces.operands))]  # none of the book's functions
        if any(not fixed and text not in own for text, fixed in zip(texts, operands.fixed, strict=True)):
            return False
        if own:
            inside = self._inside(group, own.values())
            if not inside.all():
                return self._bind_apart(group, spots, inside)
            spots = [_OWN_ROW if text in own else spot for text, spot in zip(pieces.operands, spots, strict=True)]
        keys = self._keys(group, operands.bound, spots)
        patterns = list(patterns_of(keys))
        plans = [self.binder.plan(formula, pieces, operands, pattern) for _, pattern in patterns]
        if any(plan.sized for plan in plans) and self._is_uneven(plans, patterns, keys):
            return False
        for plan, (places, pattern) in zip(plans, patterns, strict=True):
            holes = [pattern.index(hole) for hole in range(max(pattern, default=-1) + 1)]
            members = group.members[places]
            self.plan_numbers[members] = plan.number
            self.owners.append(np.repeat(members, len(holes)))
            self.keys.append(keys[places][:, holes].ravel())
        return True

    def _own_rows(self, sheet: int, pieces: Cut) -> dict[str, tuple[int, int]]:
        """The operands that stand for cells in the formula's own row of a table, and in which rows they do."""
        nodes = {text: operand(text) for text in pieces.operands if text[-1] == "]"}
        tables = self.workbook.tables
        rows = {text: tables.own_rows(node, sheet) for text, node in nodes.items() if isinstance(node, TableReference)}
        return {text: found for text, found in rows.items() if found}

    def _inside(self, group: Alike, rows: Iterable[tuple[int, int]]) -> np.ndarray:
        """Whether each formula lies in all those rows of tables."""
        own = self.workbook.rects[group.members, 0]
        inside: np.ndarray = np.logical_and.reduce([(top <= own) & (own <= bottom) for top, bottom in rows])
        return inside

    def _bind_apart(self, group: Alike, spots: Spots, inside: np.ndarray) -> bool:
        """Bind those formulas together that lie in the rows of a table, the others one by one."""
        if not inside.any() or not self._bind_filled(group.part(np.flatnonzero(inside)), spots):
            return False
        self._bind_alone(group.members[~inside].tolist())
        return True

    def _is_uneven(
        self, plans: Sequence[Plan], patterns: Sequence[tuple[np.ndarray, tuple[int, ...]]], keys: np.ndarray
    ) -> bool:
        """Whether ranges that take the size of others have another size by themselves."""
        widths = np.array([right - left for _, left, right in self.shapes])
        rows = (1 << ROW_BITS) - 1
        size = ((keys & rows) - (keys >> ROW_BITS & rows)) + (widths[keys >> 2 * ROW_BITS] << ROW_BITS)
        return any(
            (size[places, pattern.index(third)] != size[places, pattern.index(like)]).any()
            for plan, (places, pattern) in zip(plans, patterns, strict=True)
            for third, like in plan.sized
        )

    def _keys(self, group: Alike, bound: Sequence[Bound], spots: Spots) -> np.ndarray:
        """The keys of all areas that formulas mention [formula, area]."""
        columns: list[np.ndarray | int] = []
        spots = [*spots, *[()] * (len(bound) - len(spots))]  # functions of the book come after the operands
        for (_, areas), spot in zip(bound, spots, strict=True):
            for sheet, rect in areas:
                if spot == _OWN_ROW:
                    row = self.workbook.rects[group.members, 0] - 1
                    columns.append((row << ROW_BITS | row) + (self._shape(sheet, rect) << 2 * ROW_BITS))
                elif spot:
                    top, bottom = group.numbers[:, spot[0]] - 1, group.numbers[:, spot[-1]] - 1
                    if len(spot) > 1:
                        top, bottom = np.minimum(top, bottom), np.maximum(top, bottom)
                    columns.append((top << ROW_BITS | bottom) + (self._shape(sheet, rect) << 2 * ROW_BITS))
                else:
                    columns.append(self._key(sheet, rect))
        keys = np.empty((len(group.members), len(columns)), dtype=np.int64)
        for number, column in enumerate(columns):
            keys[:, number] = column
        return keys

    def _key(self, sheet: int, rect: Rect) -> int:
        return self._shape(sheet, rect) << 2 * ROW_BITS | (rect.top - 1) << ROW_BITS | (rect.bottom - 1)

    def _shape(self, sheet: int, rect: Rect) -> int:
        return self.shapes.setdefault((sheet, rect.left, rect.right), len(self.shapes))

    def _bindings(self) -> Bindings:
        owners, keys = np.concatenate(self.owners), np.concatenate(self.keys)
        order = np.argsort(owners, kind="stable")
        distinct, first, areas = np.unique(keys[order], return_index=True, return_inverse=True)
        by_mention = np.argsort(first)
        number = np.empty(len(distinct), dtype=np.int64)
        number[by_mention] = np.arange(len(distinct))
        distinct = distinct[by_mention]
        shapes = np.array(list(self.shapes), dtype=np.int64).reshape(-1, 3)[distinct >> 2 * ROW_BITS]
        rows = (1 << ROW_BITS) - 1
        top, bottom = (distinct >> ROW_BITS & rows) + 1, (distinct & rows) + 1
        count = np.bincount(owners, minlength=len(self.workbook.formulas))
        return Bindings(
            self.binder.plans,
            self.plan_numbers,
            np.concatenate(([0], np.cumsum(count))),
            number[areas],
            shapes[:, 0],
            np.stack((top, shapes[:, 1], bottom, shapes[:, 2]), axis=1),
            self.refused,
        )


def _spots(text: str, pieces: Cut) -> Spots:
    """For each operand of a formula which numbers of its text are its rows."""
    numbers = {match.start(): number for number, match in enumerate(_DIGITS.finditer(text))}
    return [
        tuple([numbers[place] for place in places]) if isinstance(operand(name), Reference | Reference3D) else ()
        for name, places in zip(pieces.operands, rows_of(pieces), strict=True)
    ]

"""Which values of a changed workbook follow from what was changed in it, by the links between its formulas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect, split_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.commands.effects import Effects
from sheetgpt.comparison.change import Change
from sheetgpt.comparison.diff import Changes
from sheetgpt.comparison.fold import fold
from sheetgpt.comparison.sheet_diff import formula_cells
from sheetgpt.errors import FormulaSyntaxError, SheetgptError
from sheetgpt.evaluator import Calculator
from sheetgpt.formula import cut

_EVERYTHING = Rect(1, 1, MAX_ROWS, MAX_COLUMNS)


def find_effects(a: Book, b: Book, found: Changes) -> Effects:
    """What of the changed values follows from the other changes."""
    values = [change for change in found.listed if change.kind == "values"]
    causes = [change for change in found.listed if change.kind not in ("values", "order", "renamed")]
    if not values:
        return Effects()
    try:
        return _Explained(a, b, found, causes).split(values)
    except (SheetgptError, RecursionError) as error:
        return Effects(unexplained=values, unknown=str(error))


class _Explained:
    """The formulas that changes reach, and those that volatile functions reach."""

    def __init__(self, a: Book, b: Book, found: Changes, causes: Iterable[Change]) -> None:
        self.a, self.b, self.carrier, causes = a, b, found.carrier, list(causes)
        self.spills = _spills(a, found)
        self.calculator = Calculator(b, calculated=True, strict=False)
        graph = self.calculator.graph
        seeds = set(self._seeds(causes))
        moving = {formula for formula in graph.volatile if graph.plan_of[formula].sources}
        if causes:  # OFFSET and its kin may read anything, but change with something else only
            seeds.update(set(graph.volatile) - moving)
        self.reached = graph.reached(seeds)
        self.volatile = graph.reached(moving)

    def split(self, values: Iterable[Change]) -> Effects:
        """Changed values, apart by what reaches them."""
        cells: dict[str, set[tuple[int, int]]] = {}
        for change in values:
            if change.rect is not None:
                cells.setdefault(change.sheet, set()).update(change.rect.cells())
        effects = Effects()
        follow, volatile = self._cells(self.reached, cells), self._cells(self.volatile, cells)
        for sheet, changed in cells.items():
            mine, theirs = follow.get(sheet, set()), volatile.get(sheet, set())
            rest = (
                (mine, effects.follow),
                (theirs - mine, effects.volatile),
                (changed - mine - theirs, effects.unexplained),
            )
            for some, listed in rest:
                listed += self._changes(values, sheet, some)
        return effects

    def _changes(self, values: Iterable[Change], sheet: str, cells: set[tuple[int, int]]) -> Iterator[Change]:
        """The changes of some cells, cut out of those that have them."""
        whole = [change for change in values if change.sheet == sheet and change.rect is not None]
        for change in whole:
            rect = change.rect or _EVERYTHING
            inside = {cell for cell in rect.cells() if cell in cells}
            for part in [rect] if len(inside) == rect.size else fold(inside):
                yield change.part(part)

    def _cells(
        self, formulas: Iterable[int], among: dict[str, set[tuple[int, int]]]
    ) -> dict[str, set[tuple[int, int]]]:
        """Those of some cells that some formulas fill."""
        workbook = self.calculator.workbook
        by_sheet: dict[str, Sheet] = {}
        for formula in formulas:
            sheet = workbook.sheets[workbook.sheet_of[formula]]
            content = workbook.formulas[formula]
            before = self.spills.get((sheet, *content.rect[:2])) if content.dynamic else None
            found = by_sheet.setdefault(sheet, Sheet(sheet)).formulas
            found += [content] if before is None else [content, replace(content, rect=before)]
        return {name: formula_cells(sheet, among[name]) for name, sheet in by_sheet.items() if name in among}

    def _seeds(self, causes: Iterable[Change]) -> Iterator[int]:
        """The formulas that changes touch first."""
        words, deleted = set(), []
        for change in causes:
            if change.kind in ("name", "table"):
                words.add(split_sheet(change.name)[1].casefold())
            elif change.kind in ("rows", "columns") and change.b is None:
                deleted.append(change)
            elif change.sheet in self.b.sheets:
                yield from self._touched(self.calculator, change.sheet, change.rect or _EVERYTHING)
        if words:
            yield from self._with_words(words)
        if deleted:
            yield from self._readers_of_deleted(deleted)

    def _touched(self, calculator: Calculator, sheet: str, rect: Rect) -> Iterator[int]:
        number = calculator.workbook.sheets.index(sheet)
        yield from calculator.workbook.fillers(number, rect)
        yield from calculator.graph.readers_of(number, rect)

    def _with_words(self, words: set[str]) -> Iterator[int]:
        """The formulas that use defined names or tables."""
        for number, formula in enumerate(self.calculator.workbook.formulas):
            text = formula.text.casefold()
            if any(word in text for word in words) and words & set(_names(formula.text)):
                yield number

    def _readers_of_deleted(self, changes: Iterable[Change]) -> Iterator[int]:
        """The formulas of the new book that read, in the old one, what is deleted."""
        old = Calculator(self.a, calculated=True, strict=False)
        names = {move.name: name for name in self.a.sheets if (move := self.carrier.moves.get(name.casefold()))}
        for change in changes:
            for sheet, rect in old.dependents(names[change.sheet], change.rect or _EVERYTHING):
                move = self.carrier.moves.get(sheet.casefold())
                now = move and move.rect(rect)
                if move and now:
                    yield from self.calculator.workbook.fillers(self.calculator.workbook.sheets.index(move.name), now)


def _spills(a: Book, found: Changes) -> dict[tuple[str, int, int], Rect]:
    """What dynamic formulas filled before, at the places of the new book: by sheet and first cell."""
    spills: dict[tuple[str, int, int], Rect] = {}
    for new, old in found.pairs.items():
        sheet = a.sheets[old]
        if any(formula.dynamic for formula in sheet.formulas):
            moved = sheet if found.carrier.same else found.carrier.sheet(sheet)
            spills |= {(new, *one.rect[:2]): one.rect for one in moved.formulas if one.dynamic}
    return spills


def _names(text: str) -> Iterator[str]:
    """The names that a formula uses, of tables too, in small letters."""
    try:
        operands = cut(text).operands
    except FormulaSyntaxError:
        return
    for operand in operands:
        yield split_sheet(operand)[1].partition("[")[0].casefold()

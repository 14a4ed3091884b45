"""Binding: from a formula's text to its plan and the cells that its references stand for. See also `bulk_binder`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect
from sheetgpt.book.book import Formula
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import FormulaError, FormulaSyntaxError
from sheetgpt.evaluator.compile.known import IN_ARRAY_MODE
from sheetgpt.evaluator.compile.plan import Plan, Reading, make_plan
from sheetgpt.evaluator.compile.refusals import at_cell, placed, refuse_other_file, too_deep
from sheetgpt.evaluator.compile.relative import is_absolute, shift
from sheetgpt.evaluator.compile.scopes import (
    Scopes,
    function_name,
    functions_in,
    has_scopes,
    is_function,
    with_functions,
)
from sheetgpt.evaluator.compile.several_sheets import SEVERAL_SHEETS, spread_sheets
from sheetgpt.evaluator.index.indexed_book import IndexedBook, NameKey
from sheetgpt.formula import (
    Binary,
    Call,
    Cut,
    Error,
    Hole,
    Name,
    Node,
    Reference,
    Reference3D,
    Sign,
    TableReference,
    cut,
    fill,
    is_bracketed,
    operand,
    skeleton_tree,
)

Area = tuple[int, Rect]  # number of the sheet, cells


class Bound(NamedTuple):
    """What an operand stands for: one area, or (a constant or a named expression) a tree over areas."""

    tree: Node | None
    areas: tuple[Area, ...]


class Operands(NamedTuple):
    """What the operands of a formula stand for, and for each if that is so wherever on the sheet the formula is.

    For a formula with names or functions of its own: its skeleton's tree, in which functions of the book are holes
    after those of the operands; and a key that says which they are.
    """

    bound: list[Bound]
    fixed: list[bool]
    tree: Node | None = None
    key: str = ""


_ONE_HOLE = Hole(0)
_REF = Bound(Error(ErrorValue.REF), ())


def bind_one(binder: Binder, number: int) -> tuple[Plan, tuple[Area, ...]]:
    """The plan of a formula and the areas of its holes; raises FormulaSyntaxError, naming the cell."""
    workbook = binder.workbook
    try:
        return binder.bind(workbook.sheet_of[number], workbook.formulas[number])
    except FormulaSyntaxError as error:
        raise at_cell(error, workbook.where(number)) from None
    except RecursionError:
        raise too_deep(workbook.where(number)) from None


class Binder:
    """Binds formulas to plans; what it has seen once it does not work out again."""

    def __init__(self, workbook: IndexedBook) -> None:
        self.workbook = workbook
        self.plans: list[Plan] = []
        self._plan_of: dict[tuple[str, int, tuple[Node | None, ...] | None, tuple[int, ...] | None], Plan] = {}
        self._scoped: dict[str, bool] = {}  # whether a skeleton has names or functions of its own
        self._functions: dict[tuple[int, str], Bound] = {}  # by the sheet of a formula and their names
        self._bound: list[dict[str, Bound]] = [{} for _ in workbook.sheets]
        self._wide: dict[tuple[int, int], Plan] = {}

    def bind(self, sheet: int, formula: Formula) -> tuple[Plan, tuple[Area, ...]]:
        """A formula's plan and the areas of its holes; raises FormulaSyntaxError."""
        pieces = cut(formula.text)
        operands = self.bind_operands(sheet, pieces, formula)
        places = [area for _, areas in operands.bound for area in areas]
        holes = tuple(dict.fromkeys(places))  # cells that the formula mentions twice are read once
        plan = self.plan(formula, pieces, operands, tuple([holes.index(place) for place in places]))
        beside = read_beside(plan, holes)
        return (self._widened(plan, len(beside)), holes + beside) if beside else (plan, holes)

    def _widened(self, plan: Plan, count: int) -> Plan:
        """The plan with so many more areas that are read."""
        key = plan.number, count
        if key not in self._wide:
            reads = plan.reads + (Reading.CERTAINLY,) * count
            self._wide[key] = replace(plan, number=len(self.plans), reads=reads)
            self.plans.append(self._wide[key])
        return self._wide[key]

    def plan(self, formula: Formula, pieces: Cut, operands: Operands, pattern: tuple[int, ...]) -> Plan:
        """The plan of a formula; `pattern` says for each area that it mentions which of its holes that is."""
        holes, bound = max(pattern, default=-1) + 1, operands.bound
        simple = all(tree is None for tree, _ in bound)
        key = (
            pieces.skeleton + operands.key,
            formula.array + formula.dynamic,
            None if simple else tuple([tree for tree, _ in bound]),
            None if holes == len(pattern) else pattern,
        )
        plan = self._plan_of.get(key)
        if plan is None:
            skeleton = operands.tree or skeleton_tree(pieces, formula.text)
            tree = fill(skeleton, _number_holes(bound, pattern))
            if not simple:
                tree = spread_sheets(tree)
            if isinstance(tree, Binary) and tree.operator in ("+", "-") and is_bracketed(pieces.skeleton):
                tree = Sign("+", tree)  # a sum in brackets is not the last operation: see `operators.at_the_end`
            plan = self._plan_of[key] = self._make(tree, holes, formula)
        return plan

    def _make(self, tree: Node, holes: int, formula: Formula) -> Plan:
        date1904 = self.workbook.book.settings.date1904
        plan = make_plan(len(self.plans), tree, holes, formula.array, date1904, formula.dynamic)
        self.plans.append(plan)
        return plan

    def bind_operands(self, sheet: int, pieces: Cut, formula: Formula) -> Operands:
        """What the operands of a formula stand for; raises FormulaSyntaxError."""
        at, scoped = formula.rect, self._scoped.get(pieces.skeleton)
        if scoped is None:
            scoped = self._scoped[pieces.skeleton] = has_scopes(skeleton_tree(pieces, formula.text))
        if scoped:
            tree, parts, called = self._look(sheet, pieces, skeleton_tree(pieces, formula.text), at, ())
        else:
            parts, tree, called = [self.bind_operand(sheet, text, at) for text in pieces.operands], None, ""
        bound = [part for part, _ in parts]
        if tree is None and all(one.tree is None for one in bound):
            return Operands(bound, [fixed for _, fixed in parts])
        functions = self._needed(sheet, [tree, *[one.tree for one in bound]], at)
        if functions:
            tree = tree or skeleton_tree(pieces, formula.text)
            tree = with_functions(tree, [(name, Hole(len(bound) + place)) for place, name in enumerate(functions)])
        fixed = [everywhere for _, everywhere in (*parts, *functions.values())]
        key = "\0".join(["", called, *functions]) if tree else ""
        return Operands([*bound, *[function for function, _ in functions.values()]], fixed, tree, key)

    def _look(
        self, sheet: int, pieces: Cut, tree: Node, at: Rect, names: tuple[NameKey, ...]
    ) -> tuple[Node, list[tuple[Bound, bool]], str]:
        """A skeleton's tree and operands with names and functions of its own, and what functions of the book it calls.

        `names` are the defined names that this is a part of, as in `_bind_node`.
        """
        called: list[str] = []

        def own(function: str) -> Node | None:
            if self.workbook.definition(Name(function), sheet)[1] is None:
                return None
            called.append(function)
            (node, areas), _ = self._bind_name(sheet, Name(function), at, names)
            return _REF.tree if node is None or areas else node

        scopes = Scopes([operand(text) for text in pieces.operands], own)
        tree = scopes.look(tree)
        parts = []
        for index, text in enumerate(pieces.operands):
            if name := scopes.names.get(index):
                parts.append((Bound(name, ()), True))
                continue
            part = self._bind_node(sheet, operand(text), at, names) if names else self.bind_operand(sheet, text, at)
            parts.append((self._spill_range(part[0]), False) if index in scopes.anchors else part)
        return tree, parts, ",".join(called)

    def _spill_range(self, anchor: Bound) -> Bound:
        """What A1# stands for."""
        if anchor.tree is not None:
            return anchor
        ((sheet, rect),) = anchor.areas
        cells = self.workbook.spill(sheet, rect.top, rect.left) if rect.size == 1 else None
        return _REF if cells is None else Bound(None, ((sheet, cells),))

    def _needed(self, sheet: int, trees: Sequence[Node | None], at: Rect) -> dict[str, tuple[Bound, bool]]:
        """The functions of the book that trees mention, and those that these mention, by their names."""
        found: dict[str, tuple[Bound, bool]] = {}
        waiting = functions_in(trees)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self._function(sheet, name, at)
                waiting += functions_in([found[name][0].tree])
        return found

    def _function(self, sheet: int, name: str, at: Rect) -> tuple[Bound, bool]:
        if known := self._functions.get((sheet, name)):
            return known, True
        local, _, plain = name[1:].rpartition("!")
        key, text = self.workbook.definition(Name(plain, local or None), sheet)
        bound, fixed = self._bind_text(sheet, key, text or "", at, ())
        if fixed:
            self._functions[sheet, name] = bound
        return bound, fixed

    def bind_operand(self, sheet: int, text: str, at: Rect) -> tuple[Bound, bool]:
        """What an operand stands for in a formula, and whether that is so wherever on the sheet the formula is."""
        if known := self._bound[sheet].get(text):
            return known, True
        bound, fixed = self._bind_node(sheet, operand(text), at, ())
        if fixed:
            self._bound[sheet][text] = bound
        return bound, fixed

    def _bind_node(self, sheet: int, node: Node, at: Rect, names: tuple[NameKey, ...]) -> tuple[Bound, bool]:
        """What a reference or name stands for in a formula, and whether that is so wherever the formula is."""
        if isinstance(node, Name):
            return self._bind_name(sheet, node, at, names)
        if isinstance(node, TableReference):
            return self._bind_table(sheet, node, at)
        if isinstance(node, Reference3D):
            return self._bind_sheets(node, at, bool(names))
        if not isinstance(node, Reference):
            return Bound(node, ()), True
        number = self.workbook.sheet_of_reference(node, sheet)
        if number is None:
            refuse_other_file(node.sheet)
            return Bound(Error(ErrorValue.REF), ()), True
        if not names or is_absolute(node.cells):
            return Bound(None, ((number, node.rect),)), True
        return Bound(None, ((number, shift(node, at)),)), False

    def _bind_table(self, sheet: int, node: TableReference, at: Rect) -> tuple[Bound, bool]:
        found = self.workbook.tables.cells(node, sheet, at)
        bound = Bound(Error(found), ()) if isinstance(found, ErrorValue) else Bound(None, (found,))
        return bound, not self.workbook.tables.depends_on_place(node)

    def _bind_sheets(self, node: Reference3D, at: Rect, in_name: bool) -> tuple[Bound, bool]:
        """The same cells of several sheets."""
        sheets = self.workbook.sheets_of_reference(node)
        if not sheets:
            return Bound(Error(ErrorValue.REF), ()), True
        moves = in_name and not is_absolute(node.cells)
        rect = shift(node, at) if moves else node.rect
        holes = tuple([Hole(number) for number in range(len(sheets))])
        return Bound(Call(SEVERAL_SHEETS, holes), tuple([(sheet, rect) for sheet in sheets])), not moves

    def _bind_name(self, sheet: int, name: Name, at: Rect, names: tuple[NameKey, ...]) -> tuple[Bound, bool]:
        key, text = self.workbook.definition(name, sheet)
        if text is None and name.sheet is None and self.workbook.tables.knows(name.name):
            return self._bind_table(sheet, TableReference(name.name), at)
        if text is None:
            refuse_other_file(name.sheet)
            return Bound(Error(ErrorValue.NAME), ()), True
        if is_function(text):
            return Bound(Name(function_name(key)), ()), True
        if key in names:
            raise FormulaSyntaxError(f"the name {name.name!r} is defined by itself", "define it without itself")
        return self._bind_text(sheet, key, text, at, names)

    def _bind_text(
        self, sheet: int, key: NameKey, text: str, at: Rect, names: tuple[NameKey, ...]
    ) -> tuple[Bound, bool]:
        """What a defined name with some text stands for."""
        try:
            pieces = cut(text)
            tree = skeleton_tree(pieces, text)
            if has_scopes(tree):
                tree, parts, _ = self._look(sheet, pieces, tree, at, (*names, key))
            else:
                parts = [self._bind_node(sheet, operand(part), at, (*names, key)) for part in pieces.operands]
        except FormulaError as error:
            raise placed(error, f"in the name {key[1]!r}") from None
        if tree == _ONE_HOLE:
            return parts[0]
        areas = tuple([area for bound, _ in parts for area in bound.areas])
        numbered = _number_holes([bound for bound, _ in parts], range(len(areas)))
        whole = Call(IN_ARRAY_MODE, (fill(tree, numbered),))
        return Bound(whole, areas), all(fixed for _, fixed in parts)


def read_beside(plan: Plan, holes: Sequence[Area]) -> tuple[Area, ...]:
    """The areas that a formula reads though it does not mention them: SUMIF(A1:A5,1,B1) reads B1:B5."""
    found: dict[Area, None] = {}
    for third, like in plan.sized:
        (sheet, rect), size = holes[third], holes[like][1]
        if rect.shape != size.shape:
            bottom, right = min(MAX_ROWS, rect.top + size.rows - 1), min(MAX_COLUMNS, rect.left + size.columns - 1)
            found[sheet, Rect(rect.top, rect.left, bottom, right)] = None
    return tuple([area for area in found if area not in holes])


def _number_holes(bound: Sequence[Bound], pattern: Sequence[int]) -> list[Node]:
    """For each operand a tree, its holes numbered on from operand to operand by the `pattern`."""
    trees: list[Node] = []
    first = 0
    for tree, areas in bound:
        holes = [Hole(number) for number in pattern[first : first + len(areas)]]
        trees.append(holes[0] if tree is None else fill(tree, holes))
        first += len(areas)
    return trees

"""What a formula means, so that two ways to write one formula are equal, and what it means seen from its own cell.

Not told apart: capital letters outside strings, spaces, brackets that change nothing, quotes around names of sheets,
the name of the own sheet, TRUE and TRUE(), 1E+2 and 100, the prefixes of files (_xlfn.), A1:A1 and A1, corners of a
range in another order, and a plus sign before a whole formula or an operand of + - * / ^. Dollar signs stay.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from sheetgpt.book.address import MAX_COLUMNS, MAX_ROWS, Rect, column_letters, column_number
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.formula.nodes import (
    HOLE,
    Apply,
    Binary,
    Boolean,
    Call,
    Name,
    Node,
    Percent,
    Reference,
    Reference3D,
    Sign,
    spine,
)
from sheetgpt.formula.parser import fill, skeleton_tree
from sheetgpt.formula.skeleton import Cut, cells_rect, cut, operand
from sheetgpt.formula.table_reference import TableReference

_CORNER = re.compile(r"(\$?)([A-Za-z]*)(\$?)([0-9]*)")
_ARITHMETIC = "+-*/^"


class Meaning(NamedTuple):
    """A formula in one way to write it: its skeleton, and its operands."""

    skeleton: str
    operands: tuple[str, ...]


def meaning(text: str, sheet: str = "") -> Meaning:
    """What a formula (without "=") on a sheet means; its text as it is where it cannot be parsed."""
    return _meaning(text, sheet, None)


def relative_meaning(text: str, sheet: str, cell: tuple[int, int]) -> Meaning:
    """The same seen from its cell (row, column): equal for formulas that are filled down or to the right."""
    return _meaning(text, sheet, cell)


def _meaning(text: str, sheet: str, cell: tuple[int, int] | None) -> Meaning:
    try:
        pieces = cut(text)
        if ":" in pieces.skeleton:  # two cells with a colon between them may be one range
            pieces = cut(str(fill(skeleton_tree(pieces, text), [operand(part) for part in pieces.operands])))
        operands = tuple([_operand_text(part, sheet, cell) for part in pieces.operands])
        return Meaning(_skeleton_text(pieces.skeleton), operands)
    except (FormulaSyntaxError, RecursionError):
        return Meaning(text, ())


def mean_the_same(a: str, b: str, sheet: str = "") -> bool:
    """Whether two formulas of a sheet mean the same; operands that are written alike are not looked at."""
    if a == b:
        return True
    try:
        one, other = cut(a), cut(b)
        if ":" in one.skeleton or ":" in other.skeleton or len(one.operands) != len(other.operands):
            return meaning(a, sheet) == meaning(b, sheet)
        return _skeleton_text(one.skeleton) == _skeleton_text(other.skeleton) and all(
            mine == theirs or _operand_text(mine, sheet, None) == _operand_text(theirs, sheet, None)
            for mine, theirs in zip(one.operands, other.operands, strict=True)
        )
    except (FormulaSyntaxError, RecursionError):
        return meaning(a, sheet) == meaning(b, sheet)


def skeleton_meaning(text: str) -> str:
    """What a formula means without its references and names; its text where it cannot be parsed."""
    try:
        return _skeleton_text(cut(text).skeleton)
    except (FormulaSyntaxError, RecursionError):
        return text


@lru_cache(maxsize=1 << 14)
def _skeleton_text(skeleton: str) -> str:
    pieces = Cut(skeleton, (HOLE,) * skeleton.count(HOLE))
    return str(_plain(skeleton_tree(pieces, skeleton), True))


def _plain(node: Node, number: bool) -> Node:
    """A tree in its plain form; `number`: a plus sign before it changes nothing."""
    match node:
        case Sign("+", inner) if number:
            return _plain(inner, True)
        case Sign(sign, inner):
            return Sign(sign, _plain(inner, True))
        case Percent(inner):
            return Percent(_plain(inner, True))
        case Call("TRUE" | "FALSE" as name, ()):
            return Boolean(name == "TRUE")
        case Call(function, arguments):
            return Call(function, tuple([_plain(argument, False) for argument in arguments]))
        case Apply(called, arguments):
            return Apply(_plain(called, False), tuple([_plain(argument, False) for argument in arguments]))
        case Binary():
            return _plain_steps(node)
    return node


def _plain_steps(node: Binary) -> Node:
    first, steps = spine(node)
    tree = _plain(first, steps[0][0] in _ARITHMETIC)
    for operator, right in steps:
        tree = Binary(operator, tree, _plain(right, operator in _ARITHMETIC))
    return tree


@lru_cache(maxsize=1 << 16)
def _operand_text(text: str, sheet: str, cell: tuple[int, int] | None) -> str:
    return str(_plain_operand(operand(text), sheet.casefold(), cell))


def _plain_operand(node: Node, own: str, cell: tuple[int, int] | None) -> Node:
    match node:
        case Reference(sheet, cells, rect):
            place = None if sheet is None or sheet.casefold() == own else sheet.casefold()
            return Reference(place, plain_cells(cells, cell), rect)
        case Reference3D(first, last, cells, rect):
            return Reference3D(first.casefold(), last.casefold(), plain_cells(cells, cell), rect)
        case Name(name, sheet):
            return Name(name.casefold(), sheet and sheet.casefold())
        case TableReference(table, items, columns):
            return TableReference(table.casefold(), items, tuple([column.casefold() for column in columns]))
    return node


def plain_cells(cells: str, cell: tuple[int, int] | None = None) -> str:
    """Cells as a formula writes them -> in one way: B2:A1 is A1:B2, A1:A1 is A1, A1:A1048576 is A:A.

    Seen from a cell (row, column), what has no dollar sign is written as C[-2]R[1].
    """
    rect = cells_rect(cells)
    if rect is None:
        return cells.upper()
    corners = [match.groups() for corner in cells.split(":") if (match := _CORNER.fullmatch(corner))]
    rows = sorted((int(row), mark) for _, _, mark, row in corners if row) if rect.rows < MAX_ROWS else []
    columns = sorted((column_number(letters), mark) for mark, letters, _, _ in corners if letters)
    if rect.columns == MAX_COLUMNS:
        columns = []
        rows = [(int(row), first or mark) for first, _, mark, row in corners if row]
        rows.sort()
    return _written(rect, rows, columns, cell)


def _written(
    rect: Rect, rows: list[tuple[int, str]], columns: list[tuple[int, str]], cell: tuple[int, int] | None
) -> str:
    """Corners of a range as text; a whole column has no rows, a whole row no columns."""
    texts = []
    for at in (0, -1):
        column = _line(*columns[at], cell and cell[1], "C") if columns else ""
        row = _line(*rows[at], cell and cell[0], "R") if rows else ""
        texts.append(column + row)
    single = rect.size == 1 and texts[0] == texts[1]
    return texts[0] if single else ":".join(texts)


def _line(number: int, mark: str, origin: int | None, kind: str) -> str:
    """A row (kind R) or a column (C) of a corner."""
    if origin is not None and not mark:
        return f"{kind}[{number - origin}]"
    return mark + (str(number) if kind == "R" else column_letters(number))


def plain_text(text: str, sheet: str = "") -> str:
    """A formula (without "=") in its one way to write it."""
    skeleton, operands = meaning(text, sheet)
    pieces = skeleton.split(HOLE)
    if len(pieces) != len(operands) + 1:
        return text
    return pieces[0] + "".join(one + after for one, after in zip(operands, pieces[1:], strict=True))

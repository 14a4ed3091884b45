"""What a message says of a cell: what it holds, its formula, and what that reads, one level down."""

from __future__ import annotations

from collections.abc import Sequence

from sheetgpt.book.address import Rect, reference
from sheetgpt.book.book import Book
from sheetgpt.book.values import Value
from sheetgpt.evaluator import Calculator
from sheetgpt.pytest_plugin.cell_text import value_text

_SHOWN = 8  # of each kind
_LONGEST = 200

Cells = tuple[str, Rect]


def formula_of(calculator: Calculator, sheet: str, rect: Rect) -> str:
    """The first formula that fills some of the cells, as the formula bar shows it; empty if there is none."""
    workbook = calculator.workbook
    found = workbook.fillers(workbook.sheets.index(sheet), rect)
    return workbook.shown(found[0]) if found else ""


def explain(
    calculator: Calculator,
    place: Cells,
    expected: object,
    marked: Sequence[Cells] = (),
    where: str = "",
    tolerance: float | None = None,
) -> str:
    """A cell that holds something else than is expected; `marked` are cells that the test has set."""
    sheet, rect = place
    cell = reference(sheet, rect, absolute=False)
    found = calculator.book.sheets[sheet].grid[rect.top, rect.left]
    title = cell if where in ("", cell) else f"{where} ({cell})"
    lines = [f"{title} is {value_text(found)}, expected {_text(expected)}{_distance(found, expected, tolerance)}"]
    formula = formula_of(calculator, sheet, rect)
    lines.append(f"  {_cut(formula)}" if formula else "  no formula: a constant")
    read = calculator.precedents(sheet, rect)
    lines += [f"    {_shown(calculator.book, cells, marked)}" for cells in read[:_SHOWN]]
    return "\n".join([*lines, *[f"    ... and {len(read) - _SHOWN} more"] * (len(read) > _SHOWN)])


def _distance(found: Value, expected: object, tolerance: float | None) -> str:
    if not isinstance(found, float) or not isinstance(expected, float):
        return ""
    allowed = "" if tolerance is None else f", tolerance {tolerance:g}"
    return f" (differs by {abs(found - expected):.6g}{allowed})"


def _text(expected: object) -> str:
    try:
        return value_text(expected)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return repr(expected)


def _shown(book: Book, place: Cells, marked: Sequence[Cells]) -> str:
    """Cells that a formula reads, with their name and their first values."""
    sheet, rect = place
    name = next((f" ({name})" for name, target in book.names.items() if target == reference(sheet, rect)), "")
    title = reference(sheet, rect, absolute=False) + name
    was_set = any(own == sheet and cells.intersect(rect) for own, cells in marked)
    return f"{title} = {_values(book, sheet, rect)}" + "  <- set in the test" * was_set


def _values(book: Book, sheet: str, rect: Rect) -> str:
    grid = book.sheets[sheet].grid
    if rect.size == 1:
        return _cut(value_text(grid[rect.top, rect.left]))
    used = rect.intersect(grid.extent) if grid.extent else None
    if used is None:
        return "all blank"
    first = list(zip(range(_SHOWN), used.cells(), strict=False))
    texts = [_cut(value_text(grid[cell]), 30) for _, cell in first]
    return f"{', '.join(texts)}{', ...' * (used.size > _SHOWN)}"


def _cut(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."

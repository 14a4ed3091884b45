"""Where a workbook differs from a snapshot: the cells where it begins first, then those that follow from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sheetgpt.book.address import Rect, parse_a1, split_sheet
from sheetgpt.book.values import Value
from sheetgpt.evaluator import Calculator
from sheetgpt.pytest_plugin.agreement import agree
from sheetgpt.pytest_plugin.cell_text import value_text
from sheetgpt.pytest_plugin.explaining import explain

Settings = tuple[Sequence[tuple[str, Rect]], Sequence[str]]  # the cells that the test has set, and what it says of them

_SHOWN = 3  # cells where a difference begins
_LISTED = 8  # of those that follow


def difference_text(
    calculator: Calculator,
    name: str,
    file: str,
    sides: tuple[dict[str, Value], dict[str, Value]],
    settings: Settings,
    tolerance: float | None,
) -> str:
    """A workbook and a snapshot: `sides` are the values of the cells now, and those expected."""
    values, expected = sides
    marked, comments = settings
    changed = [cell for cell in values if cell in expected and not agree(values[cell], expected[cell], tolerance)]
    causes = _causes(calculator, changed)
    lines = [explain(calculator, _place(cell), expected[cell], marked, tolerance=tolerance) for cell in causes[:_SHOWN]]
    lines += [f"... and {len(causes) - _SHOWN} more like these"] * (len(causes) > _SHOWN)
    if following := [cell for cell in changed if cell not in causes]:
        lines.append(f"and what follows from {'it' if len(causes) == 1 else 'them'}:")
        lines += [
            f"  {cell} is {value_text(values[cell])}, expected {value_text(expected[cell])}"
            for cell in following[:_LISTED]
        ]
        lines += [f"  ... and {len(following) - _LISTED} more"] * (len(following) > _LISTED)
    for title, some in (
        ("not in the snapshot", values.keys() - expected),
        ("only in the snapshot", expected.keys() - values),
    ):
        cells = [cell for cell in (*values, *expected) if cell in some]
        lines += [f"{title}: {', '.join(cells[:_LISTED])}{', ...' * (len(cells) > _LISTED)}"] * bool(cells)
    count = len(changed) + len(values.keys() ^ expected.keys())
    head = f"{name} differs from {file} in {count} of {len(values)} cells (--update-workbooks renews it)"
    return "\n".join([head, *comments, *lines])


def _causes(calculator: Calculator, changed: list[str]) -> list[str]:
    """The cells that read none of the others; all of them if there is none such."""
    places = [_place(cell) for cell in changed]
    sheets = np.array([sheet for sheet, _ in places])
    rows, columns = np.array([rect[:2] for _, rect in places], dtype=np.int64).reshape(-1, 2).T

    def reads_others(number: int) -> bool:
        for sheet, (top, left, bottom, right) in calculator.precedents(*places[number]):
            met = (sheets == sheet) & (rows >= top) & (rows <= bottom) & (columns >= left) & (columns <= right)
            met[number] = False
            if met.any():
                return True
        return False

    return [cell for number, cell in enumerate(changed) if not reads_others(number)] or changed


def _place(cell: str) -> tuple[str, Rect]:
    sheet, rest = split_sheet(cell)
    return sheet or "", parse_a1(rest)

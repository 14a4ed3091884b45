"""A sheet's cells -> the rows of its XML: exact numbers, every cell with its reference.

Runs of number cells in a row, which is what weights and activations are, fill one text template.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from xml.sax.saxutils import escape

import numpy as np

from sheetgpt.address import Rect, a1, at, column_letters
from sheetgpt.book import ErrorValue, Formula, Sheet, Value

_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def text_xml(text: str) -> str:
    """Text as the format wants it: markup escaped, characters that XML forbids written _xHHHH_."""
    return escape(_FORBIDDEN.sub(lambda match: f"_x{ord(match[0]):04X}_", text))


def number_text(number: float) -> str:
    """The shortest text that gives back the same float64; whole numbers without ".0"."""
    text = repr(number)
    return text.removesuffix(".0")


def rows_xml(sheet: Sheet, style_ids: np.ndarray) -> Iterator[str]:
    """One <row> element after the other; `style_ids` [rows, columns] holds the number of each cell's style."""
    grid = sheet.grid
    others: dict[int, dict[int, Value]] = defaultdict(dict)
    for (row, column), value in grid.others.items():
        others[row][column] = value
    formulas: dict[int, dict[int, Formula]] = defaultdict(dict)
    for formula in sheet.formulas:
        formulas[formula.rect.top][formula.rect.left] = formula
    filled = set((np.nonzero(~np.isnan(grid.numbers).all(axis=1))[0] + 1).tolist())
    styled = set((np.nonzero(style_ids.any(axis=1))[0] + 1).tolist())
    for row in sorted(filled | styled | set(others) | set(formulas) | set(sheet.look.heights)):
        numbers = grid.numbers[row - 1] if row <= len(grid.numbers) else np.empty(0)
        styles = style_ids[row - 1] if row <= len(style_ids) else np.empty(0, dtype=style_ids.dtype)
        cells = "".join(_cells(row, numbers, styles, others.get(row, {}), formulas.get(row, {})))
        height = sheet.look.heights.get(row)
        attributes = f' ht="{height:g}" customHeight="1"' if height else ""
        if cells or attributes:
            yield f'<row r="{row}"{attributes}>{cells}</row>\n'


def _cells(
    row: int, numbers: np.ndarray, styles: np.ndarray, others: dict[int, Value], formulas: dict[int, Formula]
) -> Iterator[str]:
    width = max(len(numbers), len(styles), *others, *formulas, 0, 0)
    known = np.zeros(width + 2, dtype=bool)  # a blank on either side, so that runs have ends
    known[1 : len(numbers) + 1] = ~np.isnan(numbers)
    single = sorted(
        set(others) | set(formulas) | set((np.nonzero(styles)[0] + 1).tolist()) - set(np.nonzero(known)[0].tolist())
    )
    known[list(formulas)] = False
    edges = np.nonzero(np.diff(known))[0].tolist()
    runs = dict(zip(edges[::2], edges[1::2], strict=True))  # column before the run -> last column of it
    for start in sorted([*runs, *(column - 1 for column in single)]):
        if start in runs:
            yield _run(row, start + 1, numbers[start : runs[start]], styles[start : runs[start]])
            continue
        column = start + 1
        value: Value = others.get(column)
        if value is None and column <= len(numbers) and numbers[column - 1] == numbers[column - 1]:
            value = float(numbers[column - 1])
        style = int(styles[column - 1]) if column <= len(styles) else 0
        yield _cell(row, column, value, style, formulas.get(column))


def _run(row: int, left: int, numbers: np.ndarray, styles: np.ndarray) -> str:
    padded = np.zeros(len(numbers), dtype=np.int32)
    padded[: len(styles)] = styles
    template = _template(left, padded.tobytes())
    return template.replace("\x00", str(row)) % tuple(map(number_text, numbers.tolist()))


@lru_cache(maxsize=4096)
def _template(left: int, styles: bytes) -> str:
    return "".join(
        f'<c r="{column_letters(left + k)}\x00"' + (f' s="{style}"' if style else "") + "><v>%s</v></c>"
        for k, style in enumerate(np.frombuffer(styles, dtype=np.int32).tolist())
    )


def _cell(row: int, column: int, value: Value, style: int, formula: Formula | None) -> str:
    start = f'<c r="{column_letters(column)}{row}"' + (f' s="{style}"' if style else "")
    inside = "" if formula is None else _formula(formula)
    match value:
        case None:
            return f"{start}>{inside}</c>" if inside else f"{start}/>"
        case bool():
            return f'{start} t="b">{inside}<v>{int(value)}</v></c>'
        case float():
            return f"{start}>{inside}<v>{number_text(value)}</v></c>"
        case ErrorValue():
            return f'{start} t="e">{inside}<v>{value}</v></c>'
        case str():
            text, space = text_xml(value), ' xml:space="preserve"' if value.strip() != value else ""
            if inside:
                return f'{start} t="str">{inside}<v{space}>{text}</v></c>'
            return f'{start} t="inlineStr"><is><t{space}>{text}</t></is></c>'


def _formula(formula: Formula) -> str:
    array = f' t="array" ref="{a1(formula.rect)}"' if formula.array else ""
    return f"<f{array}>{text_xml(formula.text)}</f>"


def dimension(sheet: Sheet) -> str:
    """The range that the sheet's cells lie in, such as "A1:BN40"."""
    area = sheet.grid.extent
    for formula in sheet.formulas:
        area = formula.rect if area is None else area.union(formula.rect)
    return a1(area or at(1, 1))


def paint(styles: list[tuple[Rect, str]], ids: dict[str, int]) -> np.ndarray:
    """The style number of every cell, [rows, columns]; later rectangles lie over earlier ones."""
    bottom = max((rect.bottom for rect, _ in styles), default=0)
    right = max((rect.right for rect, _ in styles), default=0)
    painted = np.zeros((bottom, right), dtype=np.int32)
    for rect, name in styles:
        painted[rect.top - 1 : rect.bottom, rect.left - 1 : rect.right] = ids[name]
    return painted

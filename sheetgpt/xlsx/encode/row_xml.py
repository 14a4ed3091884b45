"""A sheet's cells -> the rows of its XML: exact numbers, every cell with its reference.

Runs of number cells in a row, which is what weights and activations are, fill one text template.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from sheetgpt.book.address import Rect, a1, at, column_letters
from sheetgpt.book.book import Formula, Sheet
from sheetgpt.book.number_text import number_text
from sheetgpt.book.values import ErrorValue, Value

_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


def text_xml(text: str) -> str:
    """Text as the format wants it: markup escaped, characters that XML forbids written _xHHHH_."""
    plain = _FORBIDDEN.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    return plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class SheetRows:
    """The rows of a sheet as XML, any of them at any time; `ids` are the numbers of styles by their names."""

    def __init__(self, sheet: Sheet, ids: dict[str, int]) -> None:
        self.sheet, self._ids = sheet, ids
        self._others: dict[int, dict[int, Value]] = defaultdict(dict)
        for (row, column), value in sheet.grid.others.items():
            self._others[row][column] = value
        self._formulas: dict[int, dict[int, Formula]] = defaultdict(dict)
        for formula in sheet.formulas:
            self._formulas[formula.rect.top][formula.rect.left] = formula
        self.special = {*self._others, *self._formulas, *sheet.look.heights}  # rows that are more than numbers

    def styles(self, top: int, bottom: int) -> np.ndarray:
        """The style numbers of the cells in some rows, [rows, columns]."""
        return paint(self.sheet.look.styles, self._ids, top, bottom)

    def xml(self, rows: Sequence[int]) -> bytes:
        """Some rows, in ascending order, one <row> element after the other; nothing for a row without cells."""
        found = []
        numbers_of, styles = self.sheet.grid.numbers, self.styles(rows[0], rows[-1]) if rows else np.empty((0, 0))
        for row in rows:
            numbers = numbers_of[row - 1] if row <= len(numbers_of) else np.empty(0)
            painted = styles[row - rows[0]]
            cells = "".join(_cells(row, numbers, painted, self._others.get(row, {}), self._formulas.get(row, {})))
            height = self.sheet.look.heights.get(row)
            attributes = f' ht="{height:g}" customHeight="1"' if height else ""
            if cells or attributes:
                found.append(f'<row r="{row}"{attributes}>{cells}</row>\n')
        return "".join(found).encode()


def number_cells(row: int, numbers: np.ndarray, styles: np.ndarray) -> bytes:
    """The cells of a row from column A on that hold numbers, or nothing but a style."""
    return "".join(_cells(row, numbers, styles, {}, {})).encode()


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
    if formula is not None and formula.dynamic:
        start += ' cm="1"'
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


def paint(styles: list[tuple[Rect, str]], ids: dict[str, int], top: int, bottom: int) -> np.ndarray:
    """The style number of every cell in some rows, [rows, columns]; later rectangles lie over earlier ones."""
    here = [(rect, name) for rect, name in styles if rect.top <= bottom and rect.bottom >= top]
    right = max((rect.right for rect, _ in here), default=0)
    painted = np.zeros((bottom - top + 1, right), dtype=np.int32)
    for rect, name in here:
        painted[max(rect.top - top, 0) : rect.bottom - top + 1, rect.left - 1 : rect.right] = ids[name]
    return painted

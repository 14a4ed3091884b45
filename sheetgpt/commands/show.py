"""One cell explained: its value, its formula, its place in the model, and the cells that it reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sheetgpt.book.address import Rect, at, reference
from sheetgpt.book.book import Book, Formula
from sheetgpt.book.settings import DataTable
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import AddressError
from sheetgpt.evaluator import Calculator
from sheetgpt.formula import formula_bar
from sheetgpt.functions.dates_1904 import text_1904
from sheetgpt.functions.text_format import format_value, shows_moment
from sheetgpt.gpt2.activations import STEPS
from sheetgpt.schema.names import label_of

_LARGE = 1_000_000  # cells: of larger sheets, of weights mostly, the formats are not read, which takes seconds
_STEP = re.compile(r"h\.(\d+)\.step_(\d\d)\..*?(?:\.(\d+))?")


@dataclass(frozen=True)
class Shown:
    """What there is to know of a cell; `formula` is None for a constant."""

    cell: str
    value: Value
    formula: str | None
    fills: str | None  # the range of an array formula
    name: str | None  # the smallest named range around the cell
    step: str | None
    reads: list[str]
    note: str | None = None  # why the formula cannot be calculated here
    looks: str | None = None  # a number that is a day or a time, in the number format of its cell

    def as_dict(self) -> dict[str, object]:
        value = str(self.value) if isinstance(self.value, ErrorValue) else self.value
        return {**self.__dict__, "value": value}

    def _value_text(self) -> str:
        if self.value is None:
            return "blank" if self.formula is None else "none in the file: sheetgpt recalc writes a copy with values"
        return repr(self.value) if isinstance(self.value, str) else str(self.value)

    def as_text(self) -> str:
        rows = {
            "cell": self.cell,
            "value": self._value_text(),
            "looks": self.looks,
            "formula": self.formula or "none: a constant",
            "fills": self.fills,
            "name": self.name,
            "step": self.step,
            "note": self.note,
        }
        lines = [f"{title:<9}{text}" for title, text in rows.items() if text is not None]
        return "\n".join(lines + [f"{'reads' if k == 0 else '':<9}{text}" for k, text in enumerate(self.reads)])


def show(book: Book, text: str) -> Shown:
    """Explain the cell `text` ("Sheet1!B7", or a defined name for its first cell); raises AddressError."""
    if "!" not in text and len(book.sheets) == 1 and re.fullmatch(r"\$?[A-Za-z]{1,3}\$?\d+", text):
        text = reference(next(iter(book.sheets)), at(1, 1)).partition("!")[0] + "!" + text
    sheet, rect = book.locate(text.removesuffix("#"))  # of A1#, what A1 spills, the formula stands in A1
    if rect.size > 1 and "!" in text:
        raise AddressError(f"{text} is {rect.size} cells", "name one cell, such as Block_0!C10")
    cell = at(rect.top, rect.left)
    formula = next((f for f in book.sheets[sheet].formulas if f.rect.contains(cell)), None)
    name = label_of(book, sheet, cell)
    reads, note = _reads(book, sheet, formula)
    return Shown(
        cell=reference(sheet, cell, absolute=False),
        value=book.sheets[sheet].grid[cell.top, cell.left],
        formula=_formula(book, sheet, formula) or _data_table(book.sheets[sheet].data_tables, cell),
        fills=reference(sheet, formula.rect, absolute=False) if formula and formula.array else None,
        name=name,
        step=step_of(name),
        reads=reads,
        note=note,
        looks=_looks(book, sheet, cell),
    )


def _looks(book: Book, sheet: str, cell: Rect) -> str | None:
    """A day or a time as its cell shows it; None for all else, and for formats that TEXT leaves out."""
    grid, looks = book.sheets[sheet].grid, book.settings.looks
    value = grid[cell.top, cell.left]
    if grid.extent is None or grid.extent.size > _LARGE:
        return None
    layout = looks(sheet, cell.top, cell.left).number_format if looks and isinstance(value, float) else "General"
    if not shows_moment(layout):
        return None
    shown = (text_1904 if book.settings.date1904 else format_value)(value, layout)
    return None if isinstance(shown, ErrorValue) else str(shown)


def step_of(name: str | None) -> str | None:
    """A defined name in words: "h.0.step_06.scores.2" -> "block 0, step 6 (scores), head 2"."""
    match = _STEP.fullmatch(name or "")
    if not match:
        return None
    number = int(match[2])
    head = f", head {match[3]}" if match[3] else ""
    return f"block {match[1]}, step {number} ({STEPS[number][0]}){head}: {STEPS[number][1]}"


def _formula(book: Book, sheet: str, formula: Formula | None) -> str | None:
    if formula is None:
        return None
    around = [name for name, one in book.tables.items() if one.sheet == sheet and one.rect.contains(formula.rect)]
    text = formula_bar.shown(formula.text, around)
    return f"{{={text}}}" if formula.array and not formula.dynamic else f"={text}"


def _data_table(tables: Sequence[DataTable], cell: Rect) -> str | None:
    """A cell of a what-if table as Excel's formula bar shows it."""
    table = next((table for table in tables if table.rect.contains(cell)), None)
    return None if table is None else f"{{=TABLE({table.row_input or ''},{table.column_input or ''})}}"


def _reads(book: Book, sheet: str, formula: Formula | None) -> tuple[list[str], str | None]:
    """The ranges that a formula reads, and why it cannot be calculated, if so; other formulas are not looked at."""
    if formula is None:
        return [], None
    alone = replace(book, sheets={})
    for name, other in book.sheets.items():
        spilled = [replace(f, text="0") for f in other.formulas if f.dynamic and f is not formula]  # for A1#
        own = [formula] if name == sheet else []
        alone.sheets[name] = replace(other, formulas=spilled + own, data_tables=[])
    calculator = Calculator(alone, calculated=True, strict=False)
    ranges: list[tuple[str, Rect]] = calculator.precedents(sheet, formula.rect)
    found = calculator.taken_over
    lacking = [f"the function {name} cannot be calculated" for name in found.functions]
    note = "; ".join([*lacking, *(f"cannot be calculated: {reason}" for reason in found.reasons)])
    return [_range_text(book, place, rect) for place, rect in ranges], note or None


def _range_text(book: Book, sheet: str, rect: Rect) -> str:
    name = label_of(book, sheet, rect) if sheet in book.sheets else None
    return reference(sheet, rect, absolute=False) + (f"  {name}" if name else "")

"""The XML of a worksheet -> values and formulas, in one pass with expat.

Understands what programs really write: cells without references, shared and array formulas, inline and
rich text, errors, booleans, ISO dates, escaped control characters (_x000D_), namespace prefixes. What it
does not do: styles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor

import numpy as np

from sheetgpt.book.address import Rect, at, column_number
from sheetgpt.book.book import Formula, Sheet
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import Value
from sheetgpt.errors import AddressError, WorkbookError
from sheetgpt.formula.filling import Filling
from sheetgpt.xlsx.beyond import ELEMENTS, HIDDEN
from sheetgpt.xlsx.decode.cell_keys import CellKeys, TwiceError
from sheetgpt.xlsx.decode.cell_metadata import CellMetadata
from sheetgpt.xlsx.decode.cell_scanner import Cells
from sheetgpt.xlsx.decode.cell_values import number, typed_value, whole_number
from sheetgpt.xlsx.decode.elements import CRITERIA, area_or_none, array_area, below_heading, data_table, formula_text
from sheetgpt.xlsx.decode.quick_cells import without_plain
from sheetgpt.xlsx.decode.shared_strings import parse_xml

_NOTHING = CellMetadata()
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def read_sheet(
    chunks: Callable[[], Iterable[bytes]],
    size: int,
    sheet: Sheet,
    strings: Sequence[str],
    executor: Executor | None,
    metadata: CellMetadata = _NOTHING,
) -> bool:
    """Fill `sheet` with the cells of a worksheet part; raises WorkbookError for XML that is broken.

    Returns whether any cell refers to the shared `strings`.

    `chunks` begins to read the part, of `size` bytes. Plain number cells, which are nearly all of a model's, are
    cut out of the text in the threads of `executor`, plain formulas and texts by a regular expression; expat sees
    the rest, and without an executor everything.
    """
    ways = [(_SheetParser, executor)] if executor else []
    for kind, fast in (*ways, (_SheetParser, None), (_LastCellParser, None)):
        parser = kind(sheet, strings, metadata)
        texts = without_plain(chunks(), size, parser, fast) if fast else chunks()
        try:
            if parse_xml(texts, parser.start, parser.end, parser.data, f"sheet {sheet.name!r}"):
                parser.finish()
                return parser.uses_strings
        except AddressError as error:
            raise WorkbookError(f"sheet {sheet.name!r}: {error}") from None
        except TwiceError:
            pass
        sheet.grid, sheet.formulas, sheet.filters, sheet.data_tables = Grid(), [], [], []
    raise AssertionError("the last way reads everything")


class _SheetParser:
    """Expat's callbacks for one sheet, and what has been seen so far."""

    def __init__(self, sheet: Sheet, strings: Sequence[str], metadata: CellMetadata) -> None:
        self.metadata = metadata
        self.cell: dict[str, str] = {}  # the attributes of the cell
        self.sheet, self.strings, self.uses_strings = sheet, strings, False
        self.inside = False  # of the element with the cells
        self.line = self.row = self.column = 0  # of the row's tag, and of the cell
        self.kind, self.formula = "n", ""
        self.value: str | None = None  # None: the cell has no element for a value
        self.inline: str | None = None  # or for a text of its own
        self.formula_attributes: dict[str, str] | None = None
        self.target = ""  # what character data belongs to: "v", "f", "t" (inline text) or nothing
        self.within = ""  # the innermost row or cell that is open: "row", "c" or neither
        self.aside = True  # outside cells, or in what is no part of their value
        self.rows: list[int] = []
        self.columns: list[int] = []
        self.numbers: list[float] = []
        self.blocks: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []  # rows, columns, numbers
        self.shared: dict[str, Filling] = {}
        self.waiting: dict[str, list[Rect]] = {}  # cells that share a formula of which no text came yet
        self.beyond: set[str] = set()  # what the sheet holds and a Sheet does not
        self.others: dict[tuple[int, int], Value] = {}
        self.hidden_rows: set[int] = set()
        self.filter: Rect | None = None  # the range of the sheet's filter, in use or not
        self.in_views = False  # in views that users keep, each with a filter of its own
        self.keys = CellKeys()  # of the cells that are not in `plain`
        self.plain: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []  # as `blocks`

    def take(self, cells: Cells) -> None:
        """Plain number cells; the corners only of those that are in the grid already."""
        if len(cells.numbers):
            self.plain.append(cells[:3])
        elif len(cells.rows):
            top, bottom, left, right = (int(x) for x in (*cells.rows, *cells.columns))
            area, extent = Rect(top, left, bottom, right), self.sheet.grid.extent
            self.sheet.grid.extent = extent.union(area) if extent else area

    def take_cell(
        self, row: int, column: int, kind: str | None, area: str | None, formula: str, value: str | None
    ) -> None:
        """A cell with a formula, for an array formula with its `area` ("": the cell), or a value, or both."""
        formula = formula_text(formula)
        if area is not None:
            rect = array_area(area, Rect(row, column, row, column))
            self.sheet.formulas.append(Formula(rect, formula, array=True))
        elif formula:
            self.sheet.formulas.append(Formula(Rect(row, column, row, column), formula))
        self._put(row, column, kind or "n", value)

    def _put(self, row: int, column: int, kind: str, value: str | None) -> None:
        """The value of a cell; raises WorkbookError where it is none of its kind."""
        self.keys.add(row, column)
        try:
            if kind == "n":
                if value:
                    self.numbers.append(number(value))
                    self.rows.append(row)
                    self.columns.append(column)
                return
            typed = typed_value(kind, value, self.strings, self.sheet.date1904)
        except ValueError as error:
            words = f"sheet {self.sheet.name!r}: cell {at(row, column)} {error}"
            raise WorkbookError(words, "open it in Excel or LibreOffice and save it again") from None
        self.uses_strings |= kind == "s"
        if typed is not None:
            self.others[row, column] = typed

    def pack(self) -> None:
        """Lists of Python's numbers take ten times the memory of arrays."""
        if len(self.numbers) > 1 << 16:
            self.blocks.append((np.array(self.rows, int), np.array(self.columns, int), np.array(self.numbers, float)))
            self.rows, self.columns, self.numbers = [], [], []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if not self.inside:
            self._around(tag, attributes)
        elif tag == "c":
            place = attributes.get("r")
            match = _CELL.fullmatch(place) if place else None
            if match:
                self.column, self.row = column_number(match[1]), int(match[2])
            elif place:
                raise WorkbookError(f"sheet {self.sheet.name!r}: {place!r} is no cell")
            else:
                self.row, self.column = self.line, self.column + 1
            self._enter(tag)
            self.kind, self.cell = attributes.get("t", "n"), attributes
            self.value, self.inline, self.formula, self.aside = None, None, "", False
            self.formula_attributes = None
        elif tag == "row":
            place = attributes.get("r")
            self.line = self.row = whole_number(place) if place else self.line + 1
            self.column = 0
            self._enter(tag)
            if "hidden" in attributes or attributes.get("ht") == "0":
                self._hidden_row(attributes)
        elif tag == "AlternateContent":
            raise WorkbookError(f"sheet {self.sheet.name!r} has cells of which a program is to choose some")
        elif self.aside or self.target:
            pass
        elif tag == "t":
            self.target, self.inline = tag, self.inline or ""
        elif tag == "v":
            if self.value is not None:
                raise WorkbookError(f"sheet {self.sheet.name!r}: cell {at(self.row, self.column)} has two values")
            self.target, self.value = tag, ""
        elif tag == "f":
            self.target, self.formula_attributes = tag, attributes
        elif tag in ("rPh", "extLst"):
            self.aside = True
        elif tag in ELEMENTS:
            self.beyond.add(ELEMENTS[tag])

    def _enter(self, tag: str) -> None:
        """Begin a row, or a cell in a row; raises WorkbookError where one stands in another."""
        if self.within == "c" or self.within == tag:
            raise WorkbookError(f"sheet {self.sheet.name!r} has a row or cell in another", "save it again in Excel")
        self.within = tag

    def _around(self, tag: str, attributes: dict[str, str]) -> None:
        """An element that is not among the cells."""
        if tag == "sheetData":
            self.inside = True
        elif tag in ELEMENTS:
            self.beyond.add(ELEMENTS[tag])
            if tag == "autoFilter":
                self.filter = None if self.in_views else area_or_none(attributes.get("ref", ""))
        elif tag in CRITERIA:
            self.sheet.filters = self.sheet.filters or below_heading(self.filter)
        elif tag == "customSheetViews":
            self.in_views = True
        elif tag in HIDDEN:
            self._hidden(tag, attributes)

    def data(self, data: str) -> None:
        if self.target == "f":
            self.formula += data
        elif self.target == "v":
            self.value = (self.value or "") + data
        elif self.target:
            self.inline = (self.inline or "") + data

    def end(self, tag: str) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c" and self.inside:
            self.aside, self.within = True, "row"
            if self.formula_attributes is not None:
                self._add_formula(self.formula_attributes)
            if self.value is None or (self.inline is not None and self.kind == "inlineStr"):
                self.value = self.inline
            if self.kind == "e" and self.cell.get("vm") in self.metadata.errors:
                self.value = str(self.metadata.errors[self.cell["vm"]])
            if self.value or self.kind != "n" or self.formula_attributes is not None:
                self._put(self.row, self.column, self.kind, self.value)
                self.pack()
        elif tag == self.target:
            self.target = ""
        elif tag in ("rPh", "extLst"):
            self.aside = False
        elif tag == "row":
            self.within = ""
        elif tag == "sheetData":
            self.inside = False

    def _hidden(self, tag: str, attributes: dict[str, str]) -> None:
        if attributes.get("hidden") in ("1", "true"):
            self.beyond.add(HIDDEN[tag])

    def _hidden_row(self, attributes: dict[str, str]) -> None:
        """A row that may be hidden; one without height is."""
        if attributes.get("hidden") in ("1", "true") or attributes.get("ht") == "0":
            self.hidden_rows.add(self.row)
            self.beyond.add(HIDDEN["row"])

    def finish(self) -> None:
        """Put the numbers in, all at once, and the formulas into the order of their cells."""
        if self.waiting:
            self.beyond.add("shared formulas without a text")
        self.sheet.beyond = sorted(self.beyond)
        self.sheet.hidden_rows = frozenset(self.hidden_rows)
        self.sheet.formulas.sort(key=lambda formula: formula.rect)
        self.blocks.append((np.array(self.rows, int), np.array(self.columns, int), np.array(self.numbers, float)))
        for blocks in filter(None, (self.plain, self.blocks)):
            if blocks is self.blocks:
                self.keys.refuse_twice(self.sheet.grid)
            self.sheet.grid.scatter(*(np.concatenate(parts) for parts in zip(*blocks, strict=True)))
        self.sheet.grid.put_others(self.others)

    def _add_formula(self, attributes: dict[str, str]) -> None:
        kind, text = attributes.get("t", "normal"), formula_text(self.formula)
        cell = at(self.row, self.column)
        if kind == "array":
            rect = array_area(attributes.get("ref", ""), cell)
            self.sheet.formulas.append(Formula(rect, text, True, self.cell.get("cm") in self.metadata.dynamic))
        elif kind == "shared":
            self._share(attributes.get("si", ""), cell, text, "ref" in attributes)
        elif kind == "normal" and text:
            self.sheet.formulas.append(Formula(cell, text))
        elif kind == "dataTable":
            self.beyond.add("data tables")
            if table := data_table(attributes):
                self.sheet.data_tables.append(table)

    def _share(self, index: str, cell: Rect, text: str, is_first: bool) -> None:
        """A cell of a shared formula; one with a text of its own has that, and the first of these gives it to others.

        Those before the one with the text wait for it; cells for which none comes keep their values.
        """
        if text and (is_first or index not in self.shared):
            self.shared[index] = Filling(text, cell.top, cell.left)
            for place in self.waiting.pop(index, []):
                self._share(index, place, "", False)
        if text:
            self.sheet.formulas.append(Formula(cell, text))
        elif index in self.shared:
            self.sheet.formulas.append(Formula(cell, self.shared[index].at(cell.top, cell.left)))
        else:
            self.waiting.setdefault(index, []).append(cell)


class _LastCellParser(_SheetParser):
    """For a sheet in which cells stand more than once: the last one counts, as in LibreOffice and openpyxl.

    Excel repairs such a file, and does not say how.
    """

    def __init__(self, sheet: Sheet, strings: Sequence[str], metadata: CellMetadata) -> None:
        super().__init__(sheet, strings, metadata)
        self.cells: dict[tuple[int, int], tuple[bool, list[float], Value]] = {}

    def _put(self, row: int, column: int, kind: str, value: str | None) -> None:
        super()._put(row, column, kind, value)
        has_formula = self.formula_attributes is not None
        self.cells[row, column] = has_formula, self.numbers, self.others.pop((row, column), None)
        self.numbers = []

    def finish(self) -> None:
        self.rows, self.columns, self.keys = [], [], CellKeys()
        for cell, (_, numbers, other) in self.cells.items():
            self.keys.add(*cell)
            self.rows += [cell[0]] * len(numbers)
            self.columns += [cell[1]] * len(numbers)
            self.numbers += numbers
            self.others |= {} if other is None else {cell: other}
        last = {(formula.rect.top, formula.rect.left): formula for formula in self.sheet.formulas}
        self.sheet.formulas = [formula for cell, formula in last.items() if self.cells.get(cell, (True,))[0]]
        super().finish()

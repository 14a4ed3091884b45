"""The XML of a worksheet -> values and formulas, in one pass with expat.

Understands what programs really write: cells without references, shared and array formulas, inline and
rich text, errors, booleans, ISO dates, escaped control characters (_x000D_), namespace prefixes. What it
does not do: styles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import chain

import numpy as np

from sheetgpt.book.address import Rect, at, column_number, parse_a1
from sheetgpt.book.book import Formula, Sheet
from sheetgpt.book.grid import Grid
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import WorkbookError
from sheetgpt.formula.filling import Filling
from sheetgpt.system.threads import each
from sheetgpt.xlsx.beyond import ELEMENTS, HIDDEN
from sheetgpt.xlsx.decode.cell_metadata import CellMetadata
from sheetgpt.xlsx.decode.cell_scanner import Cells, take_plain
from sheetgpt.xlsx.decode.elements import CRITERIA, area_or_none, below_heading, data_table
from sheetgpt.xlsx.decode.plain_cells import NotPlainError, in_another_encoding, take_cells
from sheetgpt.xlsx.decode.shared_strings import parse_xml, unescape
from sheetgpt.xlsx.decode.zip_stream import AHEAD, pieces

_DIMENSION = re.compile(rb'<dimension ref="([A-Z]{1,3}[0-9]{1,7}:[A-Z]{1,3}[0-9]{1,7})"')
SMALLEST_CELL = 16  # bytes of `<c><v>1</v></c>`
_CELL_STARTS = (b"<c ", b"<c>", b"<c/", b"<c\n", b"<c\t", b"<c\r")
_NOTHING = CellMetadata()
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ERRORS = {error.value: error for error in ErrorValue}


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
    for fast in (executor, None) if executor else (None,):
        parser = _SheetParser(sheet, strings, metadata)
        texts = _without_numbers(chunks(), size, parser, fast) if fast else chunks()
        if parse_xml(texts, parser.start, parser.end, parser.data, f"sheet {sheet.name!r}"):
            parser.finish()
            return parser.uses_strings
        sheet.grid, sheet.formulas, sheet.filters, sheet.data_tables = Grid(), [], [], []
    raise AssertionError("expat alone reads everything")


def _without_numbers(
    chunks: Iterable[bytes], size: int, parser: _SheetParser, executor: Executor
) -> Iterator[bytes | None]:
    """The text of a worksheet without its plain cells, which go to `parser`.

    Gives None and ends where that would be wrong: in comments, CDATA and processing instructions, in encodings other
    than UTF-8, and where cells without a reference count on from the ones before them.
    """
    texts = pieces(chunks)
    first = next(texts)
    _reserve(first[0], size, parser.sheet.grid)
    work = partial(take_plain, parser.sheet.grid.numbers)
    begun = False
    for taken in each(executor, work, chain([first], texts), AHEAD):
        rest = taken.rest
        # `<?xml` begins the first piece, maybe behind a byte order mark
        odd = rest.find(b"<?", 0 if begun else 4) >= 0 or b"<!" in rest
        odd = odd or (not begun and in_another_encoding(rest))
        if odd or sum(map(rest.count, _CELL_STARTS)) != rest.count(b'<c r="'):
            yield None
            return
        begun = begun or bool(rest)
        parser.take(taken)
        try:
            left = take_cells(rest.decode(), parser.take_cell)
        except (UnicodeDecodeError, NotPlainError):
            yield None
            return
        parser.pack()
        yield left.encode()


def _reserve(text: bytes, size: int, grid: Grid) -> None:
    """Make room for the cells at once if the sheet says how many, and its size bears that out."""
    match = _DIMENSION.search(text, 0, 1 << 16)
    if match:
        area = parse_a1(match[1].decode()).union(at(1, 1))
        if area.size * SMALLEST_CELL <= size:
            grid.reserve(area)


class _SheetParser:
    """Expat's callbacks for one sheet, and what has been seen so far."""

    def __init__(self, sheet: Sheet, strings: Sequence[str], metadata: CellMetadata) -> None:
        self.metadata = metadata
        self.cell: dict[str, str] = {}  # the attributes of the cell
        self.sheet, self.strings, self.uses_strings = sheet, strings, False
        self.row, self.column = 0, 0
        self.kind, self.formula = "n", ""
        self.value: str | None = None  # None: the cell has no element for a value
        self.formula_attributes: dict[str, str] | None = None
        self.target = ""  # what character data belongs to: "v", "f", "t" (inline text) or nothing
        self.phonetic = False
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

    def take(self, cells: Cells) -> None:
        """Plain number cells; the corners only of those that are in the grid already."""
        if len(cells.numbers):
            self.blocks.append(cells[:3])
        elif len(cells.rows):
            top, bottom, left, right = (int(x) for x in (*cells.rows, *cells.columns))
            area, extent = Rect(top, left, bottom, right), self.sheet.grid.extent
            self.sheet.grid.extent = extent.union(area) if extent else area

    def take_cell(
        self, row: int, column: int, kind: str | None, area: str | None, formula: str, value: str | None
    ) -> None:
        """A cell with a formula, for an array formula with its `area` ("": the cell), or a value, or both."""
        formula = _formula_text(formula)
        if area is not None:
            rect = parse_a1(area) if area else Rect(row, column, row, column)
            self.sheet.formulas.append(Formula(rect, formula, array=True))
        elif formula:
            self.sheet.formulas.append(Formula(Rect(row, column, row, column), formula))
        if kind is None or kind == "n":
            if value:
                self.rows.append(row)
                self.columns.append(column)
                self.numbers.append(float(value))
        else:
            typed = self._typed_value(kind, value)
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
        if tag == "c":
            place = attributes.get("r")
            match = _CELL.fullmatch(place) if place else None
            if match:
                self.column, self.row = column_number(match[1]), int(match[2])
            elif place:
                raise WorkbookError(f"sheet {self.sheet.name!r}: {place!r} is no cell")
            else:
                self.column += 1
            self.kind, self.cell = attributes.get("t", "n"), attributes
            self.value, self.formula = None, ""
            self.formula_attributes = None
        elif tag == "v" or (tag == "t" and not self.phonetic):
            self.target, self.value = tag, self.value or ""
        elif tag == "f":
            self.target, self.formula_attributes = tag, attributes
        elif tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
            if "hidden" in attributes or attributes.get("ht") == "0":
                self._hidden_row(attributes)
        elif tag == "rPh":
            self.phonetic = True
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
        elif self.target:
            self.value = (self.value or "") + data

    def end(self, tag: str) -> None:
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            if self.formula_attributes is not None:
                self._add_formula(self.formula_attributes)
            if self.kind == "n":
                if self.value:
                    self.rows.append(self.row)
                    self.columns.append(self.column)
                    self.numbers.append(float(self.value))
                    self.pack()
            else:
                value = self._typed_value(self.kind, self.value)
                if value is not None:
                    self.others[self.row, self.column] = value
        elif tag in ("v", "f", "t"):
            self.target = ""
        elif tag == "rPh":
            self.phonetic = False

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
        rows, columns, numbers = (np.concatenate(parts) for parts in zip(*self.blocks, strict=True))
        self.sheet.grid.scatter(rows, columns, numbers)
        self.sheet.grid.put_others(self.others)

    def _typed_value(self, kind: str, value: str | None) -> Value:
        """What a cell of some type holds; None where it has no value, or an empty one that is no text."""
        if kind in ("str", "inlineStr"):
            return None if value is None else unescape(value)
        if not value:
            return None
        match kind:
            case "s":
                self.uses_strings = True
                return self._shared_string(int(value))
            case "b":
                return value.strip() in ("1", "true")
            case "e" if "vm" in self.cell and self.cell["vm"] in self.metadata.errors:
                return self.metadata.errors[self.cell["vm"]]
            case "e":
                return _ERRORS.get(value, ErrorValue.VALUE)
            case "d":
                # here, as it takes its time
                from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_ISO8601, to_excel

                return float(to_excel(from_ISO8601(value), MAC_EPOCH if self.sheet.date1904 else WINDOWS_EPOCH))
        raise WorkbookError(f"sheet {self.sheet.name!r}: cell {at(self.row, self.column)} has type {kind!r}")

    def _shared_string(self, index: int) -> str:
        if not 0 <= index < len(self.strings):
            raise WorkbookError(
                f"sheet {self.sheet.name!r} refers to shared text {index}, but the file has {len(self.strings)}",
                "open it in Excel or LibreOffice and save it again",
            )
        return self.strings[index]

    def _add_formula(self, attributes: dict[str, str]) -> None:
        kind, text = attributes.get("t", "normal"), _formula_text(self.formula)
        cell = at(self.row, self.column)
        if kind == "array":
            rect = parse_a1(attributes.get("ref", str(cell)))
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


def _formula_text(text: str) -> str:
    """A formula as it is meant: some programs write the sign = in front, as it is typed, and Excel takes it."""
    return (unescape(text) if "_x" in text else text).removeprefix("=")

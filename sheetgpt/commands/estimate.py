"""How large a workbook will be, before a single weight is read: counts are exact, bytes and minutes are estimates.

The layout is the real one; tensors are only shapes, for which a grid counts cells instead of holding them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, groupby, islice, product

import numpy as np

from sheetgpt.book.address import Rect
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.grid import Grid
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.tokenizer import BYTE_LETTERS, Tokenizer
from sheetgpt.xlsx.encode.zip_writer import ARCHIVE_LIMIT, PART_LIMIT

# Bytes of a cell in the archive and in the XML, measured on weights/mini and, for float32 digits, on GPT-2 small.
BYTES_PER_WEIGHT = {"float32": 7.6, "exact": 12.1}
XML_PER_WEIGHT = {"float32": 44, "exact": 50}
BYTES_PER_FORMULA_CELL, XML_PER_FORMULA_CELL = 12.5, 52
XML_PER_FORMULA = 60
BYTES_PER_OTHER_CELL, XML_PER_OTHER_CELL = 6.5, 52

# On two cores. For GPT-2 small they come to 77 s and 1.48 GB; `make full-check` measured 69 s on a fast day, 143 s on a
# slow one, and 1.43 to 1.47 GB, without lenses. Lenses that run the model at build read all weights once more: 2.63 GB.
CELLS_WRITTEN_PER_SECOND = 4_000_000
CELLS_READ_BACK_PER_SECOND = 4_000_000
WEIGHTS_TIMES_ROWS_PER_SECOND = 400_000_000
FORMULAS_PER_SECOND = 5_000
BASE_MEMORY = 480_000_000
MEMORY_PER_WEIGHT = 8  # bytes; of large models, pages of a temporary file that the system may take back

_PARTS, _MIXED = 157, 59  # tokens of GPT-2's that hold a part of a character alone, or beside others


@dataclass(frozen=True)
class FileEstimate:
    """One workbook: exact counts, then estimates. A formula that fills many cells counts once in `formulas`."""

    name: str
    sheets: int
    cells: int
    weights: int
    formulas: int
    formula_cells: int
    bytes: int
    largest_part: str
    largest_part_bytes: int
    seconds: float
    memory: int

    @property
    def warnings(self) -> list[str]:
        """The limits of Excel's that the file would pass."""
        found = []
        if self.bytes > ARCHIVE_LIMIT:
            found.append(f"{self.name} would pass the 2 GiB that a workbook may have")
        if self.largest_part_bytes > PART_LIMIT:
            size = _size(self.largest_part_bytes)
            found.append(f"sheet {self.largest_part} of {self.name} would have {size} of XML; 4 GiB is the limit")
        return found


@dataclass(frozen=True)
class LensCost:
    """The cells of a lens: formulas, the cells that they fill, and numbers and words; `chosen`: the build has it."""

    name: str
    formulas: int
    formula_cells: int
    other_cells: int
    chosen: bool


@dataclass(frozen=True)
class Estimate:
    """What a build would make: `title` says of which model and how it is known, `files` are one or many.

    `lenses` are all that there are, also those that are not in the files.
    """

    title: str
    parameters: int
    files: list[FileEstimate]
    together: bool = True  # all files are in memory at once while they are made
    lenses: Sequence[LensCost] = ()

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def seconds(self) -> float:
        return sum(file.seconds for file in self.files)

    @property
    def memory(self) -> int:
        most = max(file.memory for file in self.files)
        return sum(file.memory - BASE_MEMORY for file in self.files) + BASE_MEMORY if self.together else most

    @property
    def warnings(self) -> list[str]:
        return [warning for file in self.files for warning in file.warnings]

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        totals = {
            key: sum(getattr(file, key) for file in self.files)
            for key in ("sheets", "cells", "weights", "formulas", "formula_cells")
        }
        rest = {"bytes": self.bytes, "minutes": round(self.seconds / 60, 1), "memory": self.memory}
        files, lenses = [asdict(file) for file in self.files], [asdict(lens) for lens in self.lenses]
        return (
            {"model": self.title, "parameters": self.parameters}
            | totals
            | rest
            | {"warnings": self.warnings, "files": files, "lenses": lenses}
        )

    def as_text(self) -> str:
        """A table, the warnings, and what the estimates are based on."""
        totals = self.as_dict()
        lines = [f"{self.title}: {self.parameters:,} parameters", ""]
        if len(self.files) > 1:
            lines.append(f"{'file':<32}{'sheets':>7}{'cells':>15}{'formulas':>10}{'about':>10}")
            lines += [*self._table(), ""]
        lines += [
            f"sheets    {totals['sheets']:,}",
            f"cells     {totals['cells']:,}",
            f"formulas  {totals['formulas']:,}, filling {totals['formula_cells']:,} cells",
            f"bytes     about {_size(self.bytes)}, {'in all' if len(self.files) > 1 else 'in one file'}",
            f"time      about {_minutes(self.seconds)}",
            f"memory    about {_size(self.memory)}",
            "",
            *self._lens_lines(),
            "Sheets, cells and formulas are counted. Bytes are estimated at "
            f"{BYTES_PER_WEIGHT['float32']:g} for a weight of float32 digits ({BYTES_PER_WEIGHT['exact']:g} for an "
            f"exact one) and {BYTES_PER_FORMULA_CELL:g} for a formula cell,",
            f"time at {CELLS_WRITTEN_PER_SECOND / 1e6:g} million cells written in a second on two cores.",
        ]
        lines += [f"! {warning}" for warning in self.warnings]
        if self.warnings and len(self.files) == 1:
            lines.append(
                "Add --split for a folder of workbooks: one for the prompt, one for each block, one for the head."
            )
        return "\n".join(lines)

    def _lens_lines(self) -> list[str]:
        """A table of what each lens costs."""
        if not self.lenses:
            return []
        lines = [f"{'lens':<16}{'formulas':>10}{'cells':>12}"]
        for lens in self.lenses:
            absent = "" if lens.chosen else f"  not in it: --lens {lens.name}"
            lines.append(f"{lens.name:<16}{lens.formulas:>10,}{lens.formula_cells + lens.other_cells:>12,}{absent}")
        return [*lines, "(of facts at most so many)", ""]

    def _table(self) -> Iterator[str]:
        """A line for each file, or for neighbours that are alike."""
        for key, group in groupby(self.files, key=lambda file: (file.sheets, file.cells, file.formulas, file.bytes)):
            names = [file.name for file in group]
            name = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
            yield f"{name:<32}{key[0]:>7,}{key[1]:>15,}{key[2]:>10,}{_size(key[3]):>10}"


class _Grid(Grid):
    """A grid that counts what is written into it and holds nothing.

    Areas do not overlap in a layout; single cells may lie in one, as names do in a row of column numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.weights = 0
        self._areas: dict[Rect, int] = {}
        self._cells: set[Rect] = set()

    def write(self, rect: Rect, values: object) -> None:
        self.extent = rect if self.extent is None else self.extent.union(rect)
        if isinstance(values, np.ndarray) and values.size > 1 and not any(values.strides):
            self.weights += rect.size  # the shape of a tensor
        elif rect.size > 1:
            blank = isinstance(values, np.ndarray) and values.dtype == object and np.equal(values, None)  # type: ignore[call-overload]
            self._areas[rect] = rect.size - int(np.count_nonzero(blank))
        elif (values.item() if isinstance(values, np.ndarray) else values) is not None:
            self._cells.add(rect)

    def reserve(self, rect: Rect) -> None:
        """No numbers are held, so there is no room to be made."""

    def held(self) -> int:
        """Cells with a value that are no weights."""
        top, left, _, _ = np.array(list(self._cells), dtype=np.int64).reshape(-1, 4).T
        inside = np.zeros(len(top), dtype=bool)
        for area in self._areas:
            inside |= (area.top <= top) & (top <= area.bottom) & (area.left <= left) & (left <= area.right)
        return sum(self._areas.values()) + len(top) - int(np.count_nonzero(inside))


class ShapeBook(Book):
    """A book whose tensors may be shapes only."""

    def add(self, name: str) -> Sheet:
        sheet = super().add(name)
        sheet.grid = _Grid()
        return sheet


def shapes_of(config: Config) -> dict[str, np.ndarray]:
    """Stand-ins for the tensors of a configuration, which have a shape and take no memory."""
    return {name: np.broadcast_to(np.zeros(()), shape) for name, shape in config.tensors().items()}


def stand_in_tokenizer(size: int) -> Tokenizer:
    """A byte-level vocabulary of as many tokens, merges and special tokens as GPT-2's has.

    Of GPT-2's 50,257 tokens 331 are no whole characters: 115 bytes, 157 that hold nothing but a part of one, and 59
    that hold more; so it is here, as the sheets list them.
    """
    plain = [BYTE_LETTERS[byte] for byte in range(ord("!"), ord("~") + 1)]
    begins = [BYTE_LETTERS[byte] for byte in range(0xE1, 0xED)]
    goes_on = [BYTE_LETTERS[byte] for byte in range(0x80, 0xC0)]
    parts = [*islice(product(begins, goes_on), _PARTS), *islice(product(plain, begins[:1]), _MIXED)]
    pairs = list(product(plain, plain))
    triples = ((a + b, c) for (a, b), c in product(pairs, plain))
    merges = list(islice(chain(parts, pairs, triples), size - 1 - len(BYTE_LETTERS)))
    tokens = [*BYTE_LETTERS.values(), *(a + b for a, b in merges), "<|endoftext|>"]
    return Tokenizer(tokens[:size], merges, "a stand-in")


def estimate_file(name: str, book: Book, digits: str) -> FileEstimate:
    """What a laid out book of shapes comes to."""
    counts = {sheet.name: _counts(sheet) for sheet in book.sheets.values()}
    weights, formulas, formula_cells, others = (sum(count[k] for count in counts.values()) for k in range(4))
    parts = {
        sheet: XML_PER_WEIGHT[digits] * w + XML_PER_FORMULA * f + XML_PER_FORMULA_CELL * fc + XML_PER_OTHER_CELL * o
        for sheet, (w, f, fc, o) in counts.items()
    }
    largest = max(parts, key=parts.__getitem__)
    cells = weights + formula_cells + others
    stored = any(name.endswith(".stored_ids") for name in book.names)  # lenses that run the model at build, see README
    rows = book.locate("token.ids")[1].rows if "token.ids" in book.names else 1
    seconds = (
        cells / CELLS_WRITTEN_PER_SECOND
        + cells / CELLS_READ_BACK_PER_SECOND
        + weights * rows / WEIGHTS_TIMES_ROWS_PER_SECOND
        + formulas / FORMULAS_PER_SECOND
    )
    size = BYTES_PER_WEIGHT[digits] * weights + BYTES_PER_FORMULA_CELL * formula_cells + BYTES_PER_OTHER_CELL * others
    return FileEstimate(
        name,
        len(book.sheets),
        cells,
        weights,
        formulas,
        formula_cells,
        round(size),
        largest,
        parts[largest],
        seconds,
        round(BASE_MEMORY + MEMORY_PER_WEIGHT * weights * (2 if stored else 1)),
    )


def count_lens(name: str, sheet: Sheet, chosen: bool) -> LensCost:
    """What the sheet of a lens, laid out in a `ShapeBook`, comes to."""
    _, formulas, formula_cells, others = _counts(sheet)
    return LensCost(name, formulas, formula_cells, others, chosen)


def _counts(sheet: Sheet) -> tuple[int, int, int, int]:
    """Weights, formulas, formula cells and other cells with a value."""
    grid = sheet.grid
    assert isinstance(grid, _Grid)
    return grid.weights, len(sheet.formulas), sum(formula.rect.size for formula in sheet.formulas), grid.held()


def _size(count: float) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} minutes" if seconds >= 60 else f"{seconds:.0f} seconds"

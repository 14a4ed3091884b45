"""One sheet per tensor, and the sheet Weights: an index of them with fingerprints."""

from __future__ import annotations

from binascii import crc32
from collections.abc import Callable, Mapping

import numpy as np

from sheetgpt.book.address import Rect, at, reference
from sheetgpt.book.book import Book, Sheet
from sheetgpt.gpt2.activations import used_in, uses
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import read_rows
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.layout.labels import Labels, labels_of
from sheetgpt.layout.page import SWITCH_OFF, add_titled_sheet, link
from sheetgpt.system.mapped_arrays import Store, release

FIRST_ROW = 4  # of the data on these sheets: title, note, column headings come before
_AT_ONCE = 1 << 20  # numbers on their way into a store
_STORED = 1 << 21  # numbers: a smaller tensor stays in memory, so that the store is not larger than the workbook

Mark = Callable[[np.ndarray, int], int]


def fingerprint(tensor: np.ndarray) -> str:
    """CRC-32 of the tensor's float64 numbers, row by row: tells whether any digit of it was changed."""
    return _format_mark(checksum(tensor))


def checksum(rows: np.ndarray, before: int = 0) -> int:
    """The CRC-32 of a tensor up to these rows, from that of the rows before them."""
    return crc32(np.ascontiguousarray(rows, dtype="<f8").data, before)


def _format_mark(crc: int) -> str:
    return f"{crc:08X}"


def weights(
    book: Book,
    config: Config,
    tensors: Mapping[str, np.ndarray],
    mark: Mark = checksum,
    store: Store | None = None,
    tokenizer: Tokenizer | None = None,
) -> None:
    """An index sheet `Weights`, then one sheet per tensor; its name is the sheet's name and the range's.

    Each row of a tensor is asked for once. `mark` makes the fingerprints, as `checksum` does; with a `store` the
    numbers of large sheets lie there, and no large tensor is in memory as a whole. The `tokenizer` names the rows that
    belong to tokens.
    """
    shapes = config.tensors()
    index = data_sheet(
        book, "Weights", f"{config.parameters:,} numbers in {len(tensors)} tensors, one sheet each", "weight"
    )
    for column, head in enumerate(("tensor", "rows", "columns", "used in", "fingerprint"), 1):
        index.put(at(FIRST_ROW - 1, column), head, "heading")
    index.look.widths |= {(1, 1): 28, (2, 3): 12, (4, 4): 36, (5, 5): 14}
    for row, name in enumerate(tensors, FIRST_ROW):
        link(index, row, 1, name)
        index.put(Rect(row, 2, row, 3), np.array([shapes[name]], dtype=float), "count")
        index.put(at(row, 4), used_in(name), "note")
        sheet = add_titled_sheet(book, name, name, "", "weight")
        sheet.look.freeze = (FIRST_ROW, 2)
        _lead_back(book, sheet, name, config)
        labels = labels_of(config, name, tokenizer)
        index.put(at(row, 5), _format_mark(_tensor(book, sheet, shapes[name], labels, tensors, mark, store)), "text")
    last = FIRST_ROW + len(tensors) - 1
    book.define("weights.names", index.name, Rect(FIRST_ROW, 1, last, 1))
    book.define("weights.fingerprints", index.name, Rect(FIRST_ROW, 5, last, 5))


def _tensor(
    book: Book,
    sheet: Sheet,
    shape: tuple[int, int],
    labels: Labels,
    tensors: Mapping[str, np.ndarray],
    mark: Mark,
    store: Store | None,
) -> int:
    """Fill the sheet of a tensor; its checksum."""
    (rows, columns), name = shape, sheet.name
    rect = Rect(FIRST_ROW, 2, FIRST_ROW + rows - 1, columns + 1)
    if store and rows * columns >= _STORED:
        numbers = store.array(rect.bottom, rect.right)
        numbers[: FIRST_ROW - 1] = numbers[:, 0] = np.nan
        sheet.grid.numbers = numbers
    else:
        sheet.grid.reserve(Rect(1, 1, rect.bottom, rect.right))  # at once: a grid that grows takes half as much again
    sheet.look.widths |= {(1, 1): labels.width, (2, columns + 1): 7}
    _label(sheet, rect, labels)
    step, crc = max(1, _AT_ONCE // columns) if store else rows, 0
    for top in range(0, rows, step):
        part = read_rows(tensors, name, slice(top, top + step))
        crc = mark(part, crc)
        sheet.grid.write(Rect(rect.top + top, 2, rect.top + top + len(part) - 1, rect.right), part)
        release(sheet.grid.numbers)
    book.define(name, name, rect)
    return crc


def _lead_back(book: Book, sheet: Sheet, name: str, config: Config) -> None:
    """Below the title, the way to where a tensor is used, and how to take a number of it out of the calculation."""
    row, column, (rows, columns) = 2, 2, config.tensors()[name]
    for activation, use in uses(name):
        if activation in book.names and (activation != "logits" or name == config.head_name):
            place, cells = book.locate(activation)
            words = f"and in {use}" if column > 2 else f"{rows:,} x {columns:,}, used in {use}"
            target = at(_caption_above(book.sheets[place], cells.top), 1)
            link(sheet, row, column, reference(place, target, absolute=False), words)
            column += 5
    sheet.put(at(1, 8), SWITCH_OFF, "note")  # beside the title, which is no longer than six columns


def _caption_above(sheet: Sheet, row: int) -> int:
    """The row of the caption over a table whose values begin in `row`; that row itself where there is none."""
    rows = range(row - 1, max(row - 6, 2), -1)
    return next((above for above in rows if isinstance(sheet.grid[above, 1], str)), row)


def _label(sheet: Sheet, rect: Rect, labels: Labels) -> None:
    """Numbers, or names, of the rows and columns; columns that belong together have a border on their left."""
    if labels.note:
        sheet.put(at(2, 13), labels.note, "note")
    step, first = labels.edge or rect.columns, rect.top - 1
    sheet.put(Rect(first, 2, first, rect.right), (np.arange(rect.columns, dtype=float) % step)[None, :], "index")
    for k, text in enumerate(labels.columns):
        sheet.put(at(first, 2 + k * step), text, "column_name")
        sheet.look.widths[2 + k * step, 2 + k * step] = 9
    side = Rect(rect.top, 1, rect.bottom, 1)
    if labels.rows is None:
        sheet.put(side, np.arange(labels.first, labels.first + rect.rows, dtype=float)[:, None], "position")
    else:
        sheet.put(side, labels.rows, "row_name")
    sheet.look.styles.append((rect, "weight"))


def data_sheet(book: Book, name: str, note: str, colour: str) -> Sheet:
    """A new sheet of data: title, a way back to the Map, a note, panes that keep the headings in view."""
    sheet = add_titled_sheet(book, name, name, note, colour)
    sheet.look.freeze = (FIRST_ROW, 1)
    return sheet

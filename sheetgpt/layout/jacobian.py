"""The sheets of the Jacobian lens' matrices, which the sheet Depth reads."""

from __future__ import annotations

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.gpt2.jacobian import Jacobian
from sheetgpt.layout.tensors import FIRST_ROW, data_sheet, fingerprint
from sheetgpt.schema.jacobian import jacobian_name

_NOTE = (
    "Jacobian lens (see Depth): row i, column j: by how much number i after the last block grows with number j after "
    "this one, on average"
)


def jacobian(book: Book, matrices: Jacobian) -> list[str]:
    """A sheet for each matrix, under its name; returns the names."""
    names = []
    for layer, matrix in matrices.items():
        name, (rows, columns) = jacobian_name(layer), matrix.shape
        sheet = data_sheet(book, name, _NOTE, "weight")
        rect = Rect(FIRST_ROW, 2, FIRST_ROW + rows - 1, columns + 1)
        sheet.look.widths |= {(1, 1): 11, (2, columns + 1): 7}
        for k in range(rows):
            sheet.put(at(FIRST_ROW + k, 1), float(k), "position")
            sheet.put(at(FIRST_ROW - 1, 2 + k), float(k), "index")
        sheet.put(rect, matrix, "weight")
        sheet.put(at(1, 8), f"fingerprint {fingerprint(matrix)}", "note")
        book.define(name, name, rect)
        names.append(name)
    return names


def move_to_end(book: Book, names: list[str]) -> None:
    """Let these sheets stand behind all others."""
    for name in names:
        book.sheets[name] = book.sheets.pop(name)

"""The cells of the sheet Steering that are typed, by their defined names."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.book.edits import CellEdits
from sheetgpt.errors import UsageError
from sheetgpt.schema.names import config_of


def check_block(book: Book, block: int) -> None:
    """Raise UsageError if a book has no sheet Steering, or no such block."""
    last = config_of(book).n_layer - 1
    if "steering.typed_direction" not in book.names:
        raise UsageError("this workbook has no sheet Steering", "build it with --lens steering")
    if not 0 <= block <= last:
        raise UsageError(f"there is no block {block}", f"the blocks of this model go from 0 to {last}")


def steering_cells(
    book: Book, direction: np.ndarray, block: int, strength: float | None = None, note: str = ""
) -> CellEdits:
    """What to type so that a direction [d] is added before a block, in all rows; with `strength` None that stays.

    Raises UsageError as `check_block` does, and for a direction of another width, or one that is not finite.
    """
    check_block(book, block)
    sheet, row = book.locate("steering.typed_direction")
    values = np.asarray(direction, dtype=float).ravel()
    if values.size != row.columns:
        raise UsageError(f"the direction has {values.size} numbers, and a row of this model has {row.columns}")
    if not np.isfinite(values).all() or (strength is not None and not np.isfinite(strength)):
        raise UsageError("the direction or its strength is no finite number")
    edits = CellEdits()
    edits.fill(sheet, row, values.tolist())
    typed: dict[str, float | str | None] = {"block": float(block), "source": "typed row", "note": note}
    typed |= {"centred": "no", "first": None, "last": None}  # the row as it is, whatever was typed there before
    for name, value in (typed | ({} if strength is None else {"strength": float(strength)})).items():
        place, cell = book.locate(f"steering.typed_{name}")
        edits.set(place, (cell.top, cell.left), value)
    return edits

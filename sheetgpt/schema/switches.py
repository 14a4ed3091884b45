"""The names of single switches, such as switch.h.1.head.3, where somebody sets them by hand."""

from __future__ import annotations

from sheetgpt.book.book import Book
from sheetgpt.book.values import Value
from sheetgpt.errors import UsageError
from sheetgpt.schema.names import is_model


def check_switch(book: Book, name: str, value: Value | int) -> None:
    """Raise UsageError for a switch that a workbook of sheetgpt lacks, and for a value that no switch takes."""
    if not name.startswith("switch.") or not is_model(book):
        return
    if "switch.typed_heads" not in book.names:
        raise UsageError(f"{name}: this workbook has no switches", "build it with --lens switches")
    if name not in book.names:
        shape = book.locate("switch.typed_heads")[1]
        parts = f"blocks are 0 to {shape.rows - 1}, heads 0 to {shape.columns - 1}"
        raise UsageError(f"there is no {name}", f"{parts}: switch.h.0.head.0, switch.h.0.mlp, switch.h.0")
    if name.startswith("switch.h.") and not isinstance(value, int | float):
        raise UsageError(f"{name}: {value!r} is no number", "1 is on, 0 off, 0.5 halves what the part adds")

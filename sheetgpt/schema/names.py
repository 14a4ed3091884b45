"""What a workbook of sheetgpt says of itself: its configuration, tensors and tokenizer. Found by defined
names.

The names are the contract with `layout`; nothing here knows where on a sheet anything stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

import numpy as np

from sheetgpt.book.address import Rect, reference
from sheetgpt.book.book import Book
from sheetgpt.book.values import Value
from sheetgpt.errors import AddressError, WorkbookError
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.subset import Subset
from sheetgpt.gpt2.tokenizer import Tokenizer

# Cells that say what is done to the model, or ""; each with a space at its end, for they are told one after another.
INTERVENTIONS = ("switch.message", "steering.message", "positions.message", "endoftext.message")


def is_model(book: Book) -> bool:
    """Whether the book holds a GPT-2 as sheetgpt writes it."""
    return {"config.n_layer", "prompt.ids", "token.ids", "wte.weight", "logits"} <= set(book.names)


def part_of(book: Book) -> str | None:
    """Which part of a model in several workbooks this one is; None if it is no part."""
    return str(single(book, "config.part")) if "config.part" in book.names else None


def config_of(book: Book) -> Config:
    """The configuration on the Map; raises WorkbookError for a book that sheetgpt did not write."""
    if not is_model(book) and part_of(book) is None:
        raise WorkbookError("this workbook holds no GPT-2 that sheetgpt wrote", "sheetgpt build makes one")
    entries: dict[str, object] = {}
    for field in fields(Config):
        value = single(book, f"config.{field.name}")
        if isinstance(value, float) and value == int(value) and field.name != "layer_norm_epsilon":
            value = int(value)
        entries[field.name] = value
    config = Config(**entries)  # type: ignore[arg-type]
    config.verify("the Map sheet")
    return config


def subset_of(book: Book) -> Subset | None:
    """Which part of a model a lighter copy says it holds; None for a whole model."""
    if "config.blocks" not in book.names:
        return None
    return Subset.from_facts(str(single(book, "config.blocks")), str(single(book, "config.tokens")))


def tensors_of(book: Book, config: Config, names: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """The weights, all or those of some names, as the cells hold them, float64.

    Raises WorkbookError naming a cell that is no number.
    """
    shapes = config.tensors()
    return {name: read_numbers(book, name, shapes[name]) for name in names or shapes}


def tokenizer_of(book: Book) -> Tokenizer | None:
    """The tokenizer from the sheets Vocabulary and Merges; None where the model came without one."""
    tokens = [token for token in book.read("vocabulary.tokens").ravel().tolist() if token is not None]
    if not tokens:
        return None
    pairs: list[tuple[str, str]] = []
    if "merges.ids" in book.names:
        table = book.read("merges.ids").astype(int).tolist()
        pairs = [(tokens[left], tokens[right]) for left, right, _ in table]
    return Tokenizer(tokens, pairs, "the Vocabulary sheet")


def window(book: Book) -> int:
    """The number of token rows."""
    return book.locate("token.ids")[1].rows


def label_of(book: Book, sheet: str, rect: Rect) -> str | None:
    """The defined name of the smallest range that holds `rect`, if any."""
    best: tuple[int, str] | None = None
    for name, target in book.names.items():
        try:
            place, area = book.locate(target)
        except AddressError:
            continue  # a name that stands for no range
        if place == sheet and area.contains(rect) and (best is None or area.size < best[0]):
            best = area.size, name
    return best[1] if best else None


def messages_of(book: Book) -> list[str]:
    """The names of those of the cells `INTERVENTIONS` that a book has."""
    return [name for name in INTERVENTIONS if name in book.names]


def single(book: Book, name: str) -> Value:
    """The value of a named cell; raises WorkbookError if the workbook lacks the name."""
    try:
        sheet, rect = book.locate(name)
    except AddressError:
        raise WorkbookError(f"the workbook lacks the name {name}", "build it again") from None
    return book.sheets[sheet].grid[rect.top, rect.left]


def read_numbers(book: Book, name: str, shape: tuple[int, int] | None = None) -> np.ndarray:
    sheet, rect = book.locate(name)
    if shape is not None and rect.shape != shape:
        raise WorkbookError(f"{name} is {rect.rows} x {rect.columns} cells, expected {shape[0]} x {shape[1]}")
    values = book.sheets[sheet].grid.read(rect)
    if values.dtype != np.float64:
        for (row, column), value in zip(rect.cells(), values.flat, strict=True):
            if not isinstance(value, float):
                cell = reference(sheet, Rect(row, column, row, column), absolute=False)
                raise WorkbookError(f"{cell} in {name} holds {value!r}, expected a number")
    return values

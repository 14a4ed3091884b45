"""Under which names the matrices of the Jacobian lens stand in a workbook."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2.config import Config
from sheetgpt.schema.names import read_numbers


def jacobian_name(layer: int) -> str:
    """The sheet and the defined name of a block's matrix."""
    return f"jacobian.h.{layer}"


def jacobian_of(book: Book, config: Config) -> dict[int, np.ndarray]:
    """The matrices [d, d] that a workbook has, by block; raises WorkbookError naming a cell that is no number."""
    shape = config.n_embd, config.n_embd
    layers = [layer for layer in range(config.n_layer) if jacobian_name(layer) in book.names]
    return {layer: read_numbers(book, jacobian_name(layer), shape) for layer in layers}

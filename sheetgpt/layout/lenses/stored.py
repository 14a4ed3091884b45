"""What lenses keep of the time of the build: numbers that are calculated from the model once, and no formula holds."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.lenses.endoftext import token_in_front
from sheetgpt.layout.lenses.lens import LENSES, lenses_in
from sheetgpt.layout.lenses.switches import stored_prompt
from sheetgpt.layout.options import LayoutOptions


def store_numbers(book: Book, model: Model, options: LayoutOptions) -> None:
    """Write the stored numbers of all lenses of a laid out book; of a model without weights, a dry run's, none."""
    if "endoftext.id" in book.names:
        _write(book, {"endoftext.id": np.array([[token_in_front(model.tokenizer)]], dtype=object)})
    ids = options.ids if options.ids is not None else model.tokenizer.encode(options.prompt) if model.tokenizer else []
    ids = list(ids)[: options.rows]  # a workbook that is checked may hold a prompt that is refused
    for name in [name for name in book.names if name.endswith(".stored_ids")]:
        _write(book, stored_prompt(book, name.partition(".")[0], options.prompt, ids))
    if ids and any(model.tensors["ln_f.bias"].strides):  # else it is the shape of a tensor
        for name in lenses_in(book):
            if stored := LENSES[name].stored:
                _write(book, dict(stored(model, ids)))


def _write(book: Book, values: dict[str, np.ndarray]) -> None:
    for name, array in values.items():
        sheet, rect = book.locate(name)
        book.sheets[sheet].put(rect, array)

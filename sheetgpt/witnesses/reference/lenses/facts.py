"""What the sheet Facts should hold in its formula cells: the tokens of stored ids. What is stored is a number."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2 import forward
from sheetgpt.gpt2.config import Config
from sheetgpt.witnesses.reference.lenses.choice import Values


def facts(book: Book, _: Config, __: forward.Tensors, ___: Mapping[str, np.ndarray]) -> Values:
    """The sheet Facts."""
    shown = book.read("vocabulary.shown").ravel()
    values: Values = {}
    for name, ids in (("answers_shown", "answers"), ("trace_shown", "trace_ids")):
        tokens = [
            shown[int(one)] if isinstance(one, float) else "" for one in book.read(f"facts.{ids}").ravel().tolist()
        ]
        values[f"facts.{name}"] = np.array(tokens, dtype=object)[:, None]
    return values

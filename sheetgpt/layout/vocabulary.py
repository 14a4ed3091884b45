"""The sheets Vocabulary and Merges: every token by id and text, and the merges of the byte-pair encoding."""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.gpt2.tokenizer import Tokenizer, show_token
from sheetgpt.layout.labels import column_of
from sheetgpt.layout.tensors import FIRST_ROW, data_sheet


def vocabulary(book: Book, tokenizer: Tokenizer | None, size: int) -> None:
    """One row per token: id, spelling in the checkpoint, the text it stands for, and that text made visible."""
    sheet = data_sheet(book, "Vocabulary", f"{size} tokens: what the model reads and writes", "text")
    columns = {
        "ids": np.arange(size, dtype=float)[:, None],
        "tokens": column_of([_spelling(tokenizer, k) for k in range(size)]),
        "text": column_of([tokenizer.decode([k]) or None if tokenizer else None for k in range(size)]),
        "shown": column_of([show_token(tokenizer, k) for k in range(size)]),
    }
    heads = {"ids": "id", "tokens": "as vocab.json spells it", "text": "text", "shown": "made visible"}
    for column, (name, values) in enumerate(columns.items(), 1):
        rect = Rect(FIRST_ROW, column, FIRST_ROW + size - 1, column)
        sheet.put(at(FIRST_ROW - 1, column), heads[name], "heading")
        sheet.put(rect, values, {"ids": "count", "shown": "token"}.get(name, "text"))
        book.define(f"vocabulary.{name}", sheet.name, rect)
    sheet.look.widths |= {(1, 1): 8, (2, 4): 24}


def merges(book: Book, tokenizer: Tokenizer | None) -> None:
    """One row per merge of the byte-pair encoding, the first one applied first: ids of left, right and result."""
    pairs = tokenizer.merges if tokenizer else []
    sheet = data_sheet(book, "Merges", f"{len(pairs)} merges of the byte-pair encoding, lowest rank first", "text")
    for column, head in enumerate(("rank", "left id", "right id", "merged id", "left", "right"), 1):
        sheet.put(at(FIRST_ROW - 1, column), head, "heading")
    sheet.look.widths |= {(1, 4): 10, (5, 6): 20}
    if not tokenizer or not pairs:
        return
    ids = tokenizer.ids
    table = np.array([[k, ids[a], ids[b], ids[a + b]] for k, (a, b) in enumerate(pairs)], dtype=float)
    rect = Rect(FIRST_ROW, 1, FIRST_ROW + len(pairs) - 1, 4)
    sheet.put(rect, table, "weight_whole")
    for column, side in enumerate((0, 1), 5):
        names = column_of([show_token(tokenizer, ids[pair[side]]) for pair in pairs])
        sheet.put(Rect(rect.top, column, rect.bottom, column), names, "token")
    book.define("merges.ids", sheet.name, Rect(rect.top, 2, rect.bottom, 4))


def _spelling(tokenizer: Tokenizer | None, token: int) -> str | None:
    return tokenizer.tokens[token] if tokenizer and token < len(tokenizer) else None

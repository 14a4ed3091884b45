"""Lookup tables for the way from text to tokens, by number only: text comparison in Excel ignores case.

Three tables sorted by their first column, so that MATCH finds a row by halving: classes of characters, the
token of each byte, and the merges once more, sorted by key. The key of a pair of tokens is one whole number,
left id * KEY + right id: below 2^37 for 17-bit ids, far from the 2^53 where float64 stops being exact.
"""

from __future__ import annotations

import numpy as np

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Sheet
from sheetgpt.errors import UsageError
from sheetgpt.gpt2.char_classes import load
from sheetgpt.gpt2.tokenizer import BYTE_LETTERS, Tokenizer
from sheetgpt.layout.labels import column_of
from sheetgpt.layout.tensors import FIRST_ROW, data_sheet

KEY = 2**20  # more than any token's id, so that no two pairs have one key
_NO_PAIR = float(-2 * KEY)  # below every key, so that MATCH finds a row for whatever it is asked


def unicode_classes(book: Book) -> None:
    """The sheet `Unicode`: where each range of characters of one class begins; -1 stands for "no character"."""
    ranges = load()
    sheet = data_sheet(
        book,
        "Unicode",
        f"{len(ranges)} ranges of characters: letters, numbers, white space, others; "
        "GPT-2 cuts a text where the class changes",
        "text",
    )
    starts = [-1.0, *(float(start) for start, _ in ranges)]
    classes = [0.0, *(float(kind) for _, kind in ranges)]
    shown = ["", *(f"U+{start:04X}" for start, _ in ranges)]
    names = ["no character", *(kind.name.lower().replace("space", "white space") for _, kind in ranges)]
    _table(book, sheet, 1, {"begins at": starts, "class": classes}, ("unicode.starts", "unicode.classes"))
    for column, (head, texts) in enumerate({"in hexadecimal": shown, "class in words": names}.items(), 3):
        sheet.put(at(FIRST_ROW - 1, column), head, "heading")
        sheet.put(
            Rect(FIRST_ROW, column, FIRST_ROW + len(texts) - 1, column),
            column_of([text or None for text in texts]),
            "text",
        )
    sheet.look.widths |= {(1, 2): 12, (3, 4): 18}


def pairs(book: Book, tokenizer: Tokenizer) -> None:
    """On the sheet `Merges`, beside the list by rank: the merges by key, and the tokens that merging begins with."""
    sheet, ids = book.sheets["Merges"], tokenizer.ids
    if len(tokenizer) >= KEY:
        raise UsageError(f"a vocabulary of {len(tokenizer)} tokens", f"the sheets that merge take {KEY - 1} at most")
    rows = {ids[a] * KEY + ids[b]: (rank, ids[a + b]) for rank, (a, b) in enumerate(tokenizer.merges)}
    keys = sorted(rows)
    columns = {
        "key": [_NO_PAIR, *map(float, keys)],
        "rank": [0.0, *(float(rows[key][0]) for key in keys)],
        "merged id": [0.0, *(float(rows[key][1]) for key in keys)],
    }
    _table(book, sheet, 8, columns, ("merges.keys", "merges.ranks", "merges.merged"))
    letters = [float(ids[BYTE_LETTERS[byte]]) for byte in range(256)]
    bytes_and_ids = {"byte": [float(byte) for byte in range(256)], "token id": letters}
    _table(book, sheet, 12, bytes_and_ids, ("bytes.values", "bytes.ids"))
    sheet.put(at(2, 8), "sorted by key: left id x 2^20 + right id", "note")
    sheet.put(at(FIRST_ROW, 7), "no pair", "side")
    sheet.look.styles.append((Rect(FIRST_ROW, 8, FIRST_ROW, 10), "weight_none"))
    sheet.look.widths |= {(7, 7): 9, (8, 8): 16, (9, 10): 12, (11, 11): 16, (12, 13): 10}


def _table(book: Book, sheet: Sheet, left: int, columns: dict[str, list[float]], names: tuple[str, ...]) -> None:
    for column, (name, (head, numbers)) in enumerate(zip(names, columns.items(), strict=True), left):
        rect = Rect(FIRST_ROW, column, FIRST_ROW + len(numbers) - 1, column)
        sheet.put(at(FIRST_ROW - 1, column), head, "heading")
        sheet.put(rect, np.array(numbers)[:, None], "weight_whole")
        book.define(name, sheet.name, rect)

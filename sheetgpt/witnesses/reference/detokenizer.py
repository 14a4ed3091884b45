"""What the sheet Tokens_to_Text should show, said once more in plain Python: its UTF-8 decoder, byte after byte."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

import numpy as np

from sheetgpt.book.book import Book
from sheetgpt.gpt2.tokenizer import Tokenizer

_UNKNOWN = "\ufffd"


def join_tokens(
    book: Book, tokenizer: Tokenizer | None, predicted: Sequence[int], length: int
) -> dict[str, np.ndarray]:
    """Name -> cells of Tokens_to_Text and of the continuation; `length` tokens are the prompt's."""
    pieces = book.read("pieces.ids").ravel().tolist()
    shown, whole = book.read("vocabulary.shown").ravel(), book.read("vocabulary.text").ravel()
    rows: list[list[float | str]] = []
    so_far: list[str] = []
    kept, text = b"", ""
    for t, token in enumerate(predicted, 1):
        if t <= length:
            kept, text = b"", ""
        data = tokenizer.token_bytes(token) if tokenizer else b""
        piece = pieces.index(token) + 1 if token in pieces else 1
        row: list[float | str] = [token, piece, *_pending_character(kept)]
        out = ""
        finishing = _finishing_bytes(data)
        for k in range(3):
            byte, fits, here = -1, -1, ""
            if k < len(finishing):
                byte = finishing[k]
                fits, kept, here = _push(kept, byte)
            row += [byte, fits, *_pending_character(kept), here]
            out += here
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        rest = decoder.decode(data[len(finishing) :]) if piece > 1 else str(whole[token] or "")
        goes_on = bool(rest or decoder.getstate()[0])
        if goes_on:
            out += _UNKNOWN if kept else ""
            kept = decoder.getstate()[0]
        out += rest
        text += out if t >= length else ""
        number, lacks = _pending_character(kept)
        rows.append([shown[token], lacks, out, text, *row, rest, goes_on, number])
        so_far.append(text + _UNKNOWN if kept and t >= length else text)
    table = np.array([[v if isinstance(v, str) else float(v) for v in row] for row in rows], dtype=object)
    return {
        "joined.table": table,
        "continuation.so_far": np.array([[line.replace("\n", "↵")] for line in so_far], dtype=object),
        "continuation.text": np.array([[so_far[-1]]], dtype=object),
        "map.continuation": np.array([[so_far[-1]]], dtype=object),
    }


def _finishing_bytes(data: bytes) -> bytes:
    """The bytes at a token's beginning that may finish a character: three at most."""
    return data[: min(3, len(data) - len(data.lstrip(bytes(range(0x80, 0xC0)))))]


def _push(kept: bytes, byte: int) -> tuple[int, bytes, str]:
    """One more byte behind an incomplete character: does it fit, what is incomplete now, what is shown."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    here = decoder.decode(kept + bytes([byte]))
    now = decoder.getstate()[0]
    if here.startswith(_UNKNOWN) and (kept + bytes([byte])).decode(errors="ignore") == "":
        return 0, now, here
    if here and ord(here) % 65536 > 65533:
        here = _UNKNOWN  # U+xxFFFE and U+xxFFFF are no characters, and no cell can hold them
    return 1, now, here


def _pending_character(kept: bytes) -> tuple[int, int]:
    """Code point so far, and how many bytes are lacking."""
    if not kept:
        return 0, 0
    size = {0xC: 2, 0xD: 2, 0xE: 3, 0xF: 4}[kept[0] >> 4]
    bits = f"{kept[0]:08b}"[size + 1 :] + "".join(f"{byte:08b}"[2:] for byte in kept[1:])
    return int(bits, 2), size - len(kept)

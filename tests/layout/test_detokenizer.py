"""Tokens joined byte by byte by formulas, against Python's own decoder and the `tokenizers` library."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.evaluator import Calculator, recalculate
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.layout.detokenizer import pieces, tokens_to_text
from sheetgpt.layout.page import Region
from sheetgpt.layout.vocabulary import vocabulary
from sheetgpt.witnesses import ironcalc, libreoffice
from sheetgpt.witnesses.reference.detokenizer import join_tokens
from sheetgpt.xlsx.writer import write
from support import prompts
from support.exact import exact
from support.paths import MINI, shared

ROWS = 24
TOKENIZER = Tokenizer.from_folder(MINI)


def gpt2() -> Tokenizer:
    return Tokenizer.from_folder(shared("gpt2"))


class Joiner:
    """A book whose formulas join token ids to text; nothing else is in it."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer, self.book = tokenizer, Book()
        sheet = self.book.add("Ids")
        sheet.put(Rect(1, 1, ROWS, 1), np.zeros((ROWS, 1)))
        sheet.put(at(1, 2), 1.0)
        self.book.define("prompt.length", "Ids", at(1, 2))
        self.out = tokens_to_text(self.book, ROWS, Region("Ids", Rect(1, 1, ROWS, 1)))
        vocabulary(self.book, tokenizer, len(tokenizer))
        pieces(self.book, tokenizer)
        self.calculator = Calculator(self.book)

    def join(self, ids: list[int], length: int = 1) -> str:
        """The text after `ids`, of which the first belong to a prompt of `length` tokens."""
        self.calculator.set(("Ids", Rect(1, 1, ROWS, 1)), column(ids))
        self.calculator.set(("Ids", at(1, 2)), float(length))
        self.calculator.update()
        cells = self.book.sheets[self.out.sheet].grid
        lacks, _, text = cells.read(self.out.row(len(ids) - 1))[0]
        return str(text or "") + ("\ufffd" if lacks else "")


def column(ids: list[int]) -> np.ndarray:
    return np.array([*ids, *[0] * (ROWS - len(ids))], dtype=float)[:, None]


def truth(tokenizer: Tokenizer, ids: list[int]) -> str:
    """What Python makes of the bytes; U+xxFFFE and U+xxFFFF, which no cell can hold, as U+FFFD."""
    text = b"".join(tokenizer.token_bytes(token) for token in ids).decode("utf-8", errors="replace")
    return "".join("\ufffd" if ord(c) % 65536 > 65533 else c for c in text)


def byte_ids(tokenizer: Tokenizer, data: bytes) -> list[int]:
    single = {tokenizer.token_bytes(token): token for token in range(len(tokenizer))}
    return [single[bytes([byte])] for byte in data]


def in_parts(tokenizer: Tokenizer) -> list[int]:
    """The tokens whose bytes are no whole characters."""
    found = []
    for token in range(len(tokenizer)):
        try:
            tokenizer.token_bytes(token).decode()
        except UnicodeDecodeError:
            found.append(token)
    return found


@pytest.fixture(scope="module")
def joiner() -> Joiner:
    return Joiner(TOKENIZER)


def sequences(tokenizer: Tokenizer, seed: int, count: int) -> list[list[int]]:
    """Tokens in all orders: of real texts cut anywhere, of parts of characters, of single bytes."""
    source, parts = random.Random(seed), in_parts(tokenizer)
    found = [tokenizer.encode(text)[:ROWS] for text in prompts.texts(seed, count // 3, 32)]
    while len(found) < count:
        kind = source.random()
        few = parts if kind < 0.4 else byte_ids(tokenizer, bytes(range(0x80, 0x100))) if kind < 0.7 else None
        found.append([source.choice(few or range(len(tokenizer))) for _ in range(source.randint(1, ROWS))])
    return found


@pytest.mark.parametrize("name", ["mini", "gpt2"])
def test_any_tokens_in_any_order(name: str) -> None:
    tokenizer = TOKENIZER if name == "mini" else gpt2()
    joiner, unknown = Joiner(tokenizer), 0
    for ids in sequences(tokenizer, 3, 240 if name == "mini" else 120):
        expected = truth(tokenizer, ids)
        assert joiner.join(ids) == expected, ids
        assert tokenizer.decode(ids) == tokenizer._library.decode(ids, skip_special_tokens=False), ids
        unknown += "\ufffd" in expected
    assert unknown > 20


def test_every_kind_of_first_byte_with_every_kind_of_second(joiner: Joiner) -> None:
    """Overlong forms, surrogates, code points beyond U+10FFFF: the first and last byte of each kind."""
    for first in bytes.fromhex("c0 c1 c2 c3 de df e0 e1 ec ed ee ef f0 f1 f3 f4 f5 f7 f8 fb fc ff"):
        for second in (0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC3):
            ids = byte_ids(TOKENIZER, bytes([first, second, 0x80, 0xBF, 0x41]))
            for end in (2, 5):
                assert joiner.join(ids[:end]) == truth(TOKENIZER, ids[:end]), (hex(first), hex(second))


@pytest.mark.parametrize("text", ["é", "日本語", "😀🇫🇷", "\ud7ff\ue000", "\U0010fffd\U00010000", "a\u0301é"])
def test_characters_split_over_tokens(joiner: Joiner, text: str) -> None:
    ids = byte_ids(TOKENIZER, text.encode())
    assert joiner.join(ids) == text
    assert joiner.join(ids[:-1]) == text[:-1] + "\ufffd"


def test_no_characters(joiner: Joiner) -> None:
    for code in (0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF):
        assert joiner.join(byte_ids(TOKENIZER, chr(code).encode())) == "\ufffd"


def test_the_text_begins_behind_the_prompt(joiner: Joiner) -> None:
    """Row t predicts the token after position t, so a prompt of n tokens is followed by the token of row n."""
    ids = [*byte_ids(TOKENIZER, b"x"), *byte_ids(TOKENIZER, "é".encode()), *TOKENIZER.encode("abc")]
    assert joiner.join(ids, 2) == "éabc"
    assert joiner.join(ids, 3) == "\ufffdabc"
    assert joiner.join(ids[:1], 2) == ""


def engine_sequences(tokenizer: Tokenizer, count: int) -> list[list[int]]:
    """Sequences without characters of control, which other programs keep in cells in their own ways."""
    control = {token for token in range(len(tokenizer)) if any(byte < 32 for byte in tokenizer.token_bytes(token))}
    return [[token for token in ids if token not in control] for ids in sequences(tokenizer, 5, count)]


def test_libreoffice_joins_the_same(joiner: Joiner, tmp_path: Path) -> None:
    if libreoffice.available() is None:
        pytest.skip(f"needs LibreOffice: {libreoffice.how_to_install}")
    recalculate(joiner.book)
    write(joiner.book, tmp_path / "text.xlsx")
    seen = 0
    with libreoffice.Session() as session:
        session.open(tmp_path / "text.xlsx")
        session.set("Ids", (1, 2), 1.0)
        for ids in engine_sequences(TOKENIZER, 40):
            for row, token in enumerate(ids, 1):
                session.set("Ids", (row, 1), float(token))
            if not ids:
                continue
            lacks, _, text = session.read(joiner.out.sheet, joiner.out.row(len(ids) - 1))[0]
            assert text + ("\ufffd" if lacks else "") == truth(TOKENIZER, ids), ids
            seen += 1
    assert seen > 30


@pytest.mark.parametrize("seed", range(4))
def test_ironcalc_gives_the_same_cells(joiner: Joiner, tmp_path: Path, seed: int) -> None:
    if ironcalc.available() is None:
        pytest.skip(f"needs IronCalc: {ironcalc.how_to_install}")
    ids = (engine_sequences(TOKENIZER, 60)[-1 - seed] * ROWS)[:ROWS]
    joiner.join(ids)
    write(joiner.book, tmp_path / "text.xlsx")
    values = ironcalc.recalculate(tmp_path / "text.xlsx")
    compared = 0
    for sheet in joiner.book.sheets.values():
        for formula in sheet.formulas:
            cell = formula.rect.top, formula.rect.left
            assert values[sheet.name][cell] == sheet.grid[cell], f"{sheet.name}!{formula.rect}"
            compared += 1
    assert compared == ROWS * 26


@pytest.mark.parametrize("length", [1, 5, ROWS])
def test_the_reference_says_the_same_of_every_cell(joiner: Joiner, length: int) -> None:
    tried = sequences(TOKENIZER, 7, 30)
    assert len(tried) >= 30
    for ids in tried:
        full = (ids * ROWS)[:ROWS]
        joiner.join(full, length)
        expected = join_tokens(joiner.book, TOKENIZER, full, length)["joined.table"]
        assert exact(joiner.book.read("joined.table")) == exact(expected), full

"""The formulas that cut a prompt, in LibreOffice, in IronCalc, and in programs that count text in UTF-16 units."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.evaluator import recalculate
from sheetgpt.functions import FUNCTIONS
from sheetgpt.functions.core.vectorize import lift
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.layout.build_book import build_tokenizer_book
from sheetgpt.schema.prompt import limits_of, prompt_ids
from sheetgpt.schema.prompt_limits import Limits
from sheetgpt.witnesses import ironcalc, libreoffice
from sheetgpt.xlsx.writer import write
from support import prompts
from support.cutter import TOKENIZER, Cutter, gpt2


def saved(tokenizer: Tokenizer, folder: Path, characters: int, text: str = "x") -> tuple[Book, Path]:
    book = build_tokenizer_book(tokenizer, text, Limits(characters).bytes, Limits(characters))
    recalculate(book)
    write(book, folder / "tokens.xlsx")
    return book, folder / "tokens.xlsx"


@pytest.mark.parametrize(("vocabulary", "count"), [("mini", 150), ("gpt2", 20)])
def test_libreoffice_gives_the_same_ids(tmp_path: Path, vocabulary: str, count: int) -> None:
    if libreoffice.available() is None:
        pytest.skip(f"needs LibreOffice: {libreoffice.how_to_install}")
    tokenizer = TOKENIZER if vocabulary == "mini" else gpt2()
    book, path = saved(tokenizer, tmp_path, 32)
    (sheet, cell), ids, message = book.locate("prompt.text"), book.locate("prompt.ids"), book.locate("prompt.message")
    changed = 0
    with libreoffice.Session() as session:
        session.open(path)
        texts = prompts.NASTY + list(prompts.texts(7, prompts.some(count), 32))
        for text in texts:
            session.set(sheet, (cell.top, cell.left), text)
            session.recalculate()
            typed = _as_libreoffice_types_it(text)
            refusal = Limits(32).refusal(tokenizer, typed, ids[1].rows)
            assert session.read(*message)[0, 0] == refusal, ascii(text)
            found = [int(value) for value in session.read(*ids).ravel().tolist() if value != ""]
            assert found == ([] if refusal else tokenizer.encode(typed)), ascii(text)
            changed += typed != text
        assert len(texts) - changed >= 0.9 * len(texts)


def _as_libreoffice_types_it(text: str) -> str:
    """What formulas see of a text that the API typed: every line end is one, and a tab beside one is U+0001."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines.replace("\t", "\x01") if "\n" in lines else lines


@pytest.mark.parametrize(("vocabulary", "count", "units"), [("mini", 150, 32), ("mini", 1900, 8), ("gpt2", 8, 8)])
def test_ironcalc_gives_the_same_ids(tmp_path: Path, vocabulary: str, count: int, units: int) -> None:
    if ironcalc.available() is None:
        pytest.skip(f"needs IronCalc: {ironcalc.how_to_install}")
    tokenizer = TOKENIZER if vocabulary == "mini" else gpt2()
    book, path = saved(tokenizer, tmp_path, units)
    (sheet, cell), ids, message = book.locate("prompt.text"), book.locate("prompt.ids"), book.locate("prompt.message")
    model = ironcalc.Model(path)
    texts = prompts.NASTY if vocabulary == "mini" else prompts.NASTY[::8]
    for text in [*texts, *prompts.texts(8 + units, prompts.some(count), units)]:
        model.type_in(sheet, (cell.top, cell.left), text)
        model.calculate()
        refusal = Limits(units).refusal(tokenizer, text, ids[1].rows)
        assert model.cell(message[0], message[1].top, message[1].left) == refusal, ascii(text)
        found = [value for row, column in ids[1].cells() if (value := model.cell(ids[0], row, column)) != ""]
        assert found == ([] if refusal else tokenizer.encode(text)), ascii(text)


@pytest.mark.parametrize("text", ["we've  seen 123's", "日本語 😀🇫🇷", "\u00a0 a\n\nb\u3000", "", "x" * 33])
def test_ironcalc_gives_the_same_cells(tmp_path: Path, text: str) -> None:
    if ironcalc.available() is None:
        pytest.skip(f"needs IronCalc: {ironcalc.how_to_install}")
    book, path = saved(TOKENIZER, tmp_path, 32, text)
    limits = limits_of(book)
    assert limits
    refusal = Limits(32).refusal(TOKENIZER, text, limits.bytes if text else 1)
    assert prompt_ids(book) == ([] if refusal else TOKENIZER.encode(text))
    values = ironcalc.recalculate(path)
    assert not values.not_covered
    compared = 0
    for name, sheet in book.sheets.items():
        for formula in sheet.formulas:
            cell = formula.rect.top, formula.rect.left
            assert values[name][cell] == sheet.grid[cell], f"{name}!{formula.rect}"
            compared += 1
    assert compared > 9000


def _unit_code(low: Value) -> Callable[[str], Value]:
    """UNICODE as a program has it whose texts are UTF-16 units: a pair is one character, a lone low half is `low`."""

    def code(text: str) -> Value:
        if not text:
            return ErrorValue.VALUE
        if "\ud800" <= text[0] < "\udc00" and len(text) > 1:
            return float(ord(text[:2].encode("utf-16-le", "surrogatepass").decode("utf-16-le")))
        is_low = "\udc00" <= text[0] < "\ue000"
        return low if is_low and low is not None else float(ord(text[0]))

    return code


@pytest.mark.parametrize("low", [None, ErrorValue.VALUE, ErrorValue.NA])
def test_programs_that_count_units_get_the_same_ids(monkeypatch: pytest.MonkeyPatch, low: Value) -> None:
    """Characters beyond U+FFFF typed as two, as Excel sees them: LEN, MID and UNICODE then work on halves."""
    monkeypatch.setitem(FUNCTIONS, "UNICODE", lift(_unit_code(low), "text"))
    cutter = Cutter(TOKENIZER, 12)
    texts = ["😀", "a😀b", "😀😀's", "👍🏽 a", " 😀  🇫🇷", "𠀀𠀀", "x𝟗𝟗", *prompts.texts(6, 60, 12)]
    texts += ["a😀" * 5, "😀" * 7]  # too long by one unit or by two
    astral = 0
    for text in texts:
        units = text.encode("utf-16-le").decode("utf-16-le", "surrogatepass")
        halves = "".join(
            chr(unit) for unit in np.frombuffer(units.encode("utf-16-le", "surrogatepass"), dtype="<u2").tolist()
        )
        refusal = cutter.limits.refusal(TOKENIZER, text, cutter.rows)
        assert cutter.cut(halves) == ([] if refusal else TOKENIZER.encode(text)), ascii(text)
        assert cutter.message() == refusal, ascii(text)
        astral += halves != text
    assert astral > 20

"""The formulas that cut a prompt into tokens, against the `tokenizers` library."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import UsageError
from sheetgpt.evaluator import Calculator, recalculate
from sheetgpt.functions import FUNCTIONS
from sheetgpt.functions.core.vectorize import lift
from sheetgpt.gpt2.tokenizer import Tokenizer, show_token
from sheetgpt.layout.build_book import build_tokenizer_book
from sheetgpt.schema.prompt import limits_of, prompt_ids
from sheetgpt.schema.prompt_limits import EMPTY, Limits
from sheetgpt.witnesses import ironcalc, libreoffice
from sheetgpt.xlsx.writer import write
from support import prompts
from support.paths import MINI, shared

TOKENIZER = Tokenizer.from_folder(MINI)


def gpt2() -> Tokenizer:
    return Tokenizer.from_folder(shared("gpt2"))


class Cutter:
    """A book whose formulas cut texts, one after the other."""

    def __init__(self, tokenizer: Tokenizer, characters: int, rows: int | None = None) -> None:
        self.tokenizer, self.limits = tokenizer, Limits(characters)
        self.rows = rows or self.limits.bytes
        self.book = build_tokenizer_book(tokenizer, "a", self.rows, self.limits)
        self.calculator = Calculator(self.book)

    def cut(self, text: str) -> list[int]:
        """The ids that the formulas give."""
        self.calculator.set("prompt.text", text)
        self.calculator.update()
        return prompt_ids(self.book)

    def message(self) -> Any:
        return self.book.read("prompt.message")[0, 0]

    def length(self) -> Any:
        return self.book.read("prompt.length")[0, 0]


@pytest.fixture(scope="module")
def short() -> Cutter:
    return Cutter(TOKENIZER, 8)


@pytest.fixture(scope="module")
def default() -> Cutter:
    return Cutter(TOKENIZER, 64)


def assert_cut_as_by_the_library(cutter: Cutter, texts: list[str]) -> None:
    """The ids are the library's; where the sheet refuses a text, the program says that it must."""
    taken = 0
    for text in texts:
        ids = cutter.cut(text)
        refusal = cutter.limits.refusal(cutter.tokenizer, text, cutter.rows)
        assert cutter.message() == refusal, ascii(text)
        expected = [] if refusal else cutter.tokenizer.encode(text)
        assert ids == expected, ascii(text)
        assert cutter.length() == (ErrorValue.NA if refusal else len(expected)), ascii(text)
        taken += not refusal
    assert taken >= 0.6 * len(texts)


def test_nasty_texts(short: Cutter) -> None:
    assert_cut_as_by_the_library(short, prompts.NASTY)


def test_short_texts(short: Cutter) -> None:
    assert_cut_as_by_the_library(short, list(prompts.texts(1, prompts.some(1800), 8)))


def test_texts_of_sixteen_characters() -> None:
    assert_cut_as_by_the_library(Cutter(TOKENIZER, 16), list(prompts.texts(2, prompts.some(100), 16)))


def test_texts_as_long_as_the_default_takes(default: Cutter) -> None:
    fixed = ["Michael Jordan plays the sport of", "we've seen that  they'LL say:\n\n\t'tis 1st, 22nd & 345th", "x" * 32]
    assert_cut_as_by_the_library(default, fixed + list(prompts.texts(3, 12, 64)))


def test_gpt2_vocabulary() -> None:
    tokenizer = gpt2()
    assert_cut_as_by_the_library(Cutter(tokenizer, 8), prompts.NASTY + list(prompts.texts(4, prompts.some(2000), 8)))
    long = [
        "internationalization of supercalifragilistic",
        " " * 20 + "a",
        "Hello, world! <|endoftext|>",
        "日本語の文章",
    ]
    assert_cut_as_by_the_library(Cutter(tokenizer, 64), long + list(prompts.texts(5, 8, 64)))


def test_every_kind_of_white_space_before_and_behind_every_class(short: Cutter) -> None:
    texts = [f"a{white}{white}{other}" for white in prompts.WHITE for other in ("b", "1", "!", "", "'s")]
    assert len(prompts.WHITE) >= 25  # Unicode has 25 characters with the property White_Space
    assert_cut_as_by_the_library(short, texts)


# Limits


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("x" * 17, "takes 16 characters"),
        ("😀" * 9, "takes 16 characters"),  # 9 code points, 18 units of UTF-16
        ("日" * 9, "takes 24 bytes"),
        ("a b c d e f g", "takes 5 tokens"),
    ],
)
def test_beyond_the_limits_a_message_stands_beside_the_prompt(text: str, words: str) -> None:
    cutter = Cutter(TOKENIZER, 16, rows=5)
    assert cutter.cut(text) == []
    assert words in str(cutter.message())
    assert cutter.message() == cutter.limits.refusal(TOKENIZER, text, 5)
    assert cutter.length() == ErrorValue.NA
    cutter.cut("a")
    assert (cutter.message(), cutter.length()) == ("", 1.0)


def test_a_word_that_needs_more_merges_than_there_are_passes() -> None:
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM"  # a vocabulary that merges 39 letters one by one, from the left
    merges = [(letters[:k], letters[k]) for k in range(1, len(letters))]
    tokenizer = Tokenizer([*TOKENIZER.tokens[:256], *("".join(pair) for pair in merges)], merges)
    cutter = Cutter(tokenizer, 64)
    assert cutter.cut(letters[:32]) == tokenizer.encode(letters[:32]) == [256 + 30]
    assert cutter.cut(letters[:33]) == []
    assert cutter.message() == cutter.limits.too_many_passes
    assert cutter.limits.refusal(tokenizer, letters[:33], 64) == cutter.limits.too_many_passes


@pytest.mark.parametrize("characters", [0, -1, 1001])
def test_sizes_that_make_no_sense_are_refused(characters: int) -> None:
    with pytest.raises(UsageError, match="--max-chars"):
        Limits(characters)


@pytest.mark.parametrize("characters", [1, 2, 3, 5])
def test_small_sizes(characters: int) -> None:
    cutter = Cutter(TOKENIZER, characters)
    for text in [text for text in prompts.NASTY if len(text.encode("utf-16-le")) // 2 <= characters][:40]:
        ids, refusal = cutter.cut(text), cutter.limits.refusal(TOKENIZER, text, cutter.rows)
        assert cutter.message() == refusal, ascii(text)
        assert ids == ([] if refusal else TOKENIZER.encode(text)), ascii(text)
    assert limits_of(cutter.book) == cutter.limits


# Vocabularies


def test_equal_pairs_in_a_word_merge_from_the_left() -> None:
    tokens = [*TOKENIZER.tokens[:256], "aa", "aaaa", "ba", "aab"]
    tokenizer = Tokenizer(tokens, [("a", "a"), ("aa", "aa"), ("b", "a"), ("aa", "b")])
    cutter = Cutter(tokenizer, 16)
    for text in ["a" * n for n in range(1, 16)] + ["aab", "aaab", "aaba", "abaab", "aaabaaa aaab"]:
        assert cutter.cut(text) == tokenizer.encode(text), text


def test_a_pair_with_a_lower_rank_that_only_a_merge_makes() -> None:
    """In wxab: wx first, and then (wx, a) before (a, b), though (a, b) is better than its neighbours at first."""
    tokens = [*TOKENIZER.tokens[:256], "wx", "wxa", "ab", "xa"]
    tokenizer = Tokenizer(tokens, [("w", "x"), ("wx", "a"), ("a", "b"), ("x", "a")])
    cutter = Cutter(tokenizer, 8)
    for text in ["wxab", "xab", "wwxab", "ab wxab"]:
        assert cutter.cut(text) == tokenizer.encode(text), text


def test_a_vocabulary_without_merges() -> None:
    tokenizer = Tokenizer(TOKENIZER.tokens[:256], [])
    assert Cutter(tokenizer, 8).cut("héllo") == tokenizer.encode("héllo")


# Excel counts text in UTF-16 units


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


# Other programs


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


# What a reader of the sheet sees


def test_the_passes_show_a_word_being_merged() -> None:
    book = build_tokenizer_book(TOKENIZER, " the", 4, Limits(4))
    recalculate(book)
    sheet = book.sheets["Byte_Pair_Passes"].grid
    shown = [[sheet[row, column] for row in range(6, 10) if sheet[row, column]] for column in (9, 16, 23, 30)]
    assert shown[0] == ["·", "t", "h", "e"]
    assert shown[-1] == ["·the"]
    merges = [tuple(show_token(TOKENIZER, TOKENIZER.ids[side]) for side in pair) for pair in TOKENIZER.merges]
    for before, after in pairwise(shown):
        (k,) = [k for k in range(len(after)) if after[:k] == before[:k] and after[k + 1 :] == before[k + 2 :]][:1]
        assert (before[k], before[k + 1]) in merges
        assert f"{before[k]}{before[k + 1]}" == after[k]


def test_special_tokens_are_text(default: Cutter) -> None:
    ids = default.cut("<|endoftext|>")
    assert ids == TOKENIZER.encode("<|endoftext|>")
    assert len(ids) > 1


def test_messages_fit_into_a_formula() -> None:
    """A text in a formula of Excel has 255 characters at most."""
    limits = Limits(1000)
    texts = [EMPTY, limits.too_long, limits.too_many_bytes, limits.too_many_passes, limits.too_many_tokens(1024)]
    assert max(map(len, texts)) <= 255
    assert not any('"' in text for text in texts)

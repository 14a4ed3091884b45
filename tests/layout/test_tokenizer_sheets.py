"""What a class reads on the sheets of the flow: headings that fit, words as bands, pairs that light up, tokens."""

from __future__ import annotations

import re
import textwrap

import numpy as np
import pytest

from sheetgpt.book.address import Rect, at, split_sheet
from sheetgpt.book.book import Book, Sheet
from sheetgpt.book.palette import STYLES
from sheetgpt.evaluator import recalculate
from sheetgpt.gpt2.activations import STEPS
from sheetgpt.gpt2.config import Config
from sheetgpt.gpt2.model import Model
from sheetgpt.gpt2.tokenizer import Tokenizer
from sheetgpt.layout.block import scores_words
from sheetgpt.layout.build_book import build_book, build_tokenizer_book
from sheetgpt.layout.options import LayoutOptions
from sheetgpt.schema.prompt_limits import Limits
from support.paths import MINI

ROWS = 7
HEADINGS = ("heading", "heading_center", "heading_wrapped", "heading_helper", "heading_words")
READ = ("Prompt_to_Words", "Byte_Pair_Passes", "Tokens_to_Text", "Merges", "Unicode")


@pytest.fixture(scope="module")
def book(small_model: Model) -> Book:
    book = build_book(small_model, LayoutOptions(prompt="Play on", ids=None, rows=ROWS, limits=Limits(8)))
    recalculate(book)
    return book


def width_of(sheet: Sheet, column: int) -> float:
    found = [width for (first, last), width in sheet.look.widths.items() if first <= column <= last]
    return found[-1] if found else 8.43


def style_of(sheet: Sheet, row: int, column: int) -> str:
    return ([style for rect, style in sheet.look.styles if rect.contains(Rect(row, column, row, column))] or [""])[-1]


@pytest.mark.parametrize("name", READ)
def test_headings_fit_into_their_columns(book: Book, name: str) -> None:
    """A letter is as wide as a digit at most, a bold one a tenth wider; lines of wrapped headings fit the row."""
    sheet, seen = book.sheets[name], 0
    for (row, column), value in sheet.grid.items():
        style = style_of(sheet, row, column)
        if style not in HEADINGS or not isinstance(value, str):
            continue
        look = STYLES[style]
        size = float(str(look.get("font_size", 11))) / 11 * (1.1 if look.get("bold") else 1)
        letters = int(width_of(sheet, column) / size * 1.1)
        lines = [line for part in value.split("\n") for line in textwrap.wrap(part, letters, break_long_words=False)]
        height = sheet.look.heights.get(row, 15)
        assert max(map(len, lines)) <= letters, f"{name}: {value!r} in {width_of(sheet, column)}"
        assert len(lines) * 12 * size <= height, f"{name}: {value!r}"
        seen += 1
    assert seen > 3


def captions(sheet: Sheet) -> dict[int, int]:
    """Step -> row of its first caption."""
    found = [
        (row, re.match(r"Step (\d+)", value))
        for (row, column), value in sheet.grid.items()
        if column == 1 and isinstance(value, str)
    ]
    rows: dict[int, int] = {}
    for row, match in found:
        if match:
            rows.setdefault(int(match[1]), row)
    return rows


@pytest.mark.parametrize("number", [6, 7])
def test_steps_6_and_7_name_the_tokens_over_their_columns(book: Book, small_model: Model, number: int) -> None:
    tokens = book.read("token.shown").ravel().tolist()
    sheet = book.sheets["Block_1"]
    for head in range(small_model.config.n_head):
        _, rect = book.locate(f"h.1.step_{number:02d}.{STEPS[number][0]}.{head}")
        above = rect.top - 1
        assert sheet.grid.read(Rect(above, rect.left, above, rect.right)).ravel().tolist() == tokens
        assert sheet.grid.read(Rect(above - 1, rect.left, above - 1, rect.right)).ravel().tolist() == [
            float(k) for k in range(1, ROWS + 1)
        ]
        assert sheet.grid[above - 2, rect.left] == f"head {head}"


def test_a_block_begins_with_links_to_its_steps(book: Book) -> None:
    sheet = book.sheets["Block_1"]
    rows = captions(sheet)
    assert sorted(rows) == list(range(1, 17))
    targets = [split_sheet(target) for _, _, target in sheet.look.links if target.startswith("Block_1!")]
    assert targets == [("Block_1", f"A{rows[number]}") for number in range(1, 17)]
    assert sheet.look.freeze[0] == rows[1]


def test_captions_lead_to_the_weights_of_their_steps(book: Book, small_model: Model) -> None:
    sheet = book.sheets["Block_1"]
    rows = captions(sheet)
    linked = {(row, target) for row, _, target in sheet.look.links if target.startswith("h.")}
    steps = {"ln_1": 3, "attn.c_attn": 4, "attn.c_proj": 9, "ln_2": 12, "mlp.c_fc": 13, "mlp.c_proj": 15}
    assert linked == {
        (rows[number], f"h.1.{part}.{kind}") for part, number in steps.items() for kind in ("weight", "bias")
    }
    for name, targets in (
        ("Layer_Norm", {"ln_f.weight", "ln_f.bias"}),
        ("Token_to_Text_Embeddings", {"wte.weight", "wpe.weight"}),
    ):
        assert targets <= {target for _, _, target in book.sheets[name].look.links}


def test_captions_are_repeated_where_a_table_is_wide(book: Book, small_model: Model) -> None:
    """Their titles stand in the columns that stay in view."""
    sheet = book.sheets["Block_1"]
    row = captions(sheet)[13]
    words = [column for (r, column), value in sheet.grid.items() if r == row and value == STEPS[13][1]]
    gaps = np.diff([*words, 3 + small_model.config.inner])
    assert words[0] == 3
    assert max(gaps) <= 24
    assert sheet.look.freeze[1] == 3


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({}, "/ 8 = sqrt(64)"),
        ({"scale_attn_by_inverse_layer_idx": True}, "/ 24 = sqrt(64) x (block 2 + 1)"),
        ({"scale_attn_weights": False}, "not scaled"),
        ({"scale_attn_weights": False, "scale_attn_by_inverse_layer_idx": True}, "/ 3 = (block 2 + 1)"),
        ({"n_embd": 35, "n_head": 5}, "/ 2.646 = sqrt(7)"),
    ],
)
def test_step_6_says_what_scores_are_divided_by(entries: dict, words: str) -> None:
    assert scores_words(Config(**entries), 2).endswith(words)


# Bands and pairs: the formulas of conditional formats, calculated as cells


@pytest.fixture(scope="module")
def passes() -> Book:
    book = build_tokenizer_book(Tokenizer.from_folder(MINI), "the other thing's", 20, Limits(20))
    recalculate(book)
    return book


def tinted(book: Book, name: str, style: str) -> set[tuple[int, int]]:
    """The cells of a sheet that have a tint, by our own engine; of several formulas the first that is true."""
    sheet, found = book.sheets[name], dict[tuple[int, int], str]()
    scratch = Book()
    for other in book.sheets.values():
        copy = scratch.add(other.name)
        copy.grid = other.grid
    probe = scratch.add("probe")
    cells: list[tuple[int, int, str]] = []
    for rect, formula, tint in sheet.look.tints:
        for row in range(rect.top, rect.bottom + 1):
            text = re.sub(rf"(\$?[A-Z]+){rect.top}\b", rf"{name}!\g<1>{row}", formula)
            probe.put_formula(at(len(cells) + 1, 1), text)
            cells.append((row, rect.left, tint))
    recalculate(scratch)
    for k, (row, column, tint) in enumerate(cells, 1):
        if probe.grid[k, 1]:
            found.setdefault((row, column), tint)
    return {cell for cell, tint in found.items() if tint == style}


def test_words_are_bands(passes: Book) -> None:
    (_, words), count = passes.locate("words.word"), len("the other thing's")
    numbers = passes.read("words.word").ravel()[:count]
    expected = {(words.top + k, 1) for k, number in enumerate(numbers) if number % 2}
    assert tinted(passes, "Prompt_to_Words", "band") == expected
    assert len(set(numbers)) == 4
    beyond = tinted(passes, "Prompt_to_Words", "beyond")
    assert beyond == {(row, 1) for row in range(words.top + count, words.bottom + 1)}


def test_the_pairs_that_are_lit_are_those_that_the_next_pass_has_merged(passes: Book) -> None:
    lit, seen = tinted(passes, "Byte_Pair_Passes", "pair"), 0
    for number in (1, 2, 3):
        _, rect = passes.locate(f"passes.{number:02d}")
        before, after = passes.read(f"passes.{number:02d}"), passes.read(f"passes.{number + 1:02d}")
        ids, new = before[:, 3].astype(float), after[:, 3].astype(float)
        assert {row for row, column in lit if column == rect.left} == set(
            (rect.top + np.flatnonzero(ids != new)).tolist()
        )
        merged = np.flatnonzero((ids != new) & (new >= 0))
        assert {row for row, column in lit if column == rect.left + 1} == set((rect.top + merged).tolist())
        seen += len(merged)
    assert seen > 5

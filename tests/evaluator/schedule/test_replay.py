"""What a calculator remembers of one calculation for the next: batches, trials and their outcomes."""

import math
import random

import numpy as np
import pytest

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book
from sheetgpt.evaluator import Calculator
from sheetgpt.evaluator.compile.common_subexpressions import Numbering
from sheetgpt.formula import Binary, Call, parse
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from support.exact import exact
from support.writing_book import ROWS, formulas_of, words_of, writing_book, written_by_numpy


@pytest.mark.parametrize("seed", range(4))
def test_prompts_of_all_lengths_one_after_the_other(seed: int) -> None:
    calculator = Calculator(writing_book(ROWS))
    calculator.recalculate()
    lengths = [random.Random(seed).randint(0, ROWS) for _ in range(30)]
    for length in lengths:
        calculator.set("Model!A1", float(length))
        calculator.update()
        assert words_of(calculator.book) == written_by_numpy(length)


def test_what_is_remembered_changes_neither_values_nor_what_is_calculated() -> None:
    remembering, forgetting = Calculator(writing_book(3)), Calculator(writing_book(3))
    for calculator in (remembering, forgetting):
        calculator.recalculate()
    generator = random.Random(1)
    for step in range(40):
        place, value = generator.choice(
            (
                ("Model!A1", float(generator.randint(0, ROWS))),
                (f"Model!B{generator.randint(11, 10 + ROWS)}", float(generator.randint(0, 19))),
                ("bias!B1", generator.random()),
            )
        )
        for calculator in (remembering, forgetting):
            calculator.set(place, value)
        forgetting._trails.clear()
        assert remembering.update() == forgetting.update(), f"step {step}: {place} = {value}"
        assert exact(remembering.book) == exact(forgetting.book)


def test_a_second_recalculation_takes_the_same_batches() -> None:
    calculator = Calculator(writing_book(5))
    calculator.recalculate()
    first = calculator.statistics
    calculator.recalculate()
    assert calculator.statistics == first
    assert first.formulas == formulas_of(calculator.book)


def test_what_is_remembered_ends_with_the_formulas_that_it_speaks_of() -> None:
    calculator = Calculator(writing_book(5))
    for _ in range(2):
        calculator.set("Model!A1", 4.0)
        calculator.update()
        calculator.set("Model!A1", 5.0)
        calculator.update()
    calculator.set("Model!C20", 7.0)  # a value in place of a row's token
    calculator.set("Model!A1", 4.0)
    calculator.update()
    assert calculator.book.sheets["Model"].grid[20, 3] == 7.0
    fresh = writing_book(4)
    Calculator(fresh).set("Model!C20", 7.0)
    Calculator(fresh).recalculate()
    assert words_of(calculator.book) == words_of(fresh)


def test_a_weight_reaches_its_block_and_those_behind_it_only(small_model: Model) -> None:
    book = build_book(small_model, LayoutOptions(prompt="p", ids=[5, 17, 200], rows=6))
    calculator = Calculator(book)
    calculator.recalculate()
    before = {name: book.sheets[name].grid.numbers.copy() for name in ("Block_0", "Block_1")}
    calculator.set("'h.1.mlp.c_fc.weight'!B4", 1.5)
    behind = [n for name, n in counts(book).items() if name in BEHIND]
    steps = 6 * 4  # steps 13 to 16 of six rows
    assert 0 < calculator.update() <= steps + sum(behind)
    assert np.array_equal(book.sheets["Block_0"].grid.numbers, before["Block_0"], equal_nan=True)
    after = book.sheets["Block_1"].grid.numbers
    assert not np.array_equal(after, before["Block_1"], equal_nan=True)
    calculator.set("'ln_f.bias'!B4", 0.25)
    assert 0 < calculator.update() <= sum(behind)
    fresh = build_book(small_model, LayoutOptions(prompt="p", ids=[5, 17, 200], rows=6))
    fresh.sheets["h.1.mlp.c_fc.weight"].grid[4, 2] = 1.5
    fresh.sheets["ln_f.bias"].grid[4, 2] = 0.25
    Calculator(fresh).recalculate()
    for name, sheet in book.sheets.items():  # sums of other batches may differ in their last digits
        other = fresh.sheets[name].grid
        assert sheet.grid.others == other.others, name
        np.testing.assert_allclose(sheet.grid.numbers, other.numbers, rtol=1e-12, atol=1e-13)


BEHIND = (
    "Map",
    "Type_Prompt_Here",
    "Token_to_Text_Embeddings",
    "Layer_Norm",
    "Logits",
    "Sampling",
    "Predicted_Token",
    "Tokens_to_Text",
)


def counts(book: Book) -> dict[str, int]:
    return {name: len(sheet.formulas) for name, sheet in book.sheets.items()}


def column(formula: str, rows: int = 30) -> Calculator:
    """Numbers -1, 0, 1, ... in A, ten times them in B, and a formula beside each."""
    book = Book()
    sheet = book.add("S")
    sheet.put(Rect(1, 1, rows, 2), np.arange(-1.0, rows - 1)[:, None] * [1.0, 10.0])
    for row in range(1, rows + 1):
        sheet.put_formula(at(row, 4), formula.format(row=row))
    calculator = Calculator(book)
    calculator.recalculate()
    return calculator


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ('IF(A{row}>0,B{row},"none")', ["none", "none", 10.0, 20.0, 30.0]),
        ('IF(A{row}<0,"below",IF(A{row}=0,"zero",B{row}+1))', ["below", "zero", 11.0, 21.0, 31.0]),
        ('IFERROR(SQRT(A{row}),"no root")', ["no root", 0.0, 1.0, math.sqrt(2.0), math.sqrt(3.0)]),
        ('IFERROR(CHOOSE(A{row}+1,"a",B{row},A{row}),-1)', [-1.0, "a", 10.0, 2.0, -1.0]),
        ("SUM(1,IF(A{row}>0,IF(A{row}>1,B{row},A{row}),A{row}))", [0.0, 1.0, 2.0, 21.0, 31.0]),
    ],
)
def test_members_that_choose_differently_have_what_they_choose(formula: str, expected: list) -> None:
    calculator = column(formula)
    assert exact(calculator.book.read("S!D1:D5").ravel()) == exact(expected)
    assert (calculator.statistics.batches == 1) == ("SUM" not in formula)  # SUM asks whether it gets a reference


def test_parts_that_a_formula_has_twice_are_known() -> None:
    tree = parse("EXP(A1:A3-MAX(A1:A3))/SUM(EXP(A1:A3-MAX(A1:A3)))+EXP(A1:A3-MAX(A1:A4))")
    assert isinstance(tree, Binary)
    assert isinstance(tree.left, Binary)
    assert isinstance(tree.left.left, Call)
    assert isinstance(tree.left.right, Call)
    numbering = Numbering(tree)
    assert numbering.is_repeated(tree.left.left)
    assert not numbering.is_repeated(tree.right)
    assert not numbering.is_repeated(tree)
    assert numbering.of(tree.left.left) == numbering.of(tree.left.right.arguments[0])

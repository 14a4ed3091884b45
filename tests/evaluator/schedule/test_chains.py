"""Chains are calculated in one go, and give what the formulas give one by one."""

import random
from itertools import pairwise

import numpy as np
import pytest

from sheetgpt import Book, Calculator
from sheetgpt.book.address import at
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.evaluator.schedule import scheduler

ROWS = 210


def ledger(text: str, **cells: Value) -> Book:
    """A start in E1, amounts in C and D, and a formula filled down in E."""
    book = Book()
    sheet = book.add("Sheet1")
    draw = random.Random(3)
    sheet.grid[1, 5] = 100.0
    for row in range(2, ROWS + 1):
        sheet.grid[row, 3], sheet.grid[row, 4] = round(draw.uniform(0, 9), 2), round(draw.uniform(0, 9), 2)
        sheet.put_formula(at(row, 5), text.format(r=row, b=row - 1))
    for cell, value in cells.items():
        sheet.grid[int(cell[1:]), "ABCDEF".index(cell[0]) + 1] = value
    return book


def column(book: Book, number: int = 5, rows: int = ROWS) -> list:
    return [book.sheets["Sheet1"].grid[row, number] for row in range(1, rows + 1)]


def test_balances_are_sums_one_after_the_other_in_few_batches() -> None:
    book = ledger("E{b}+C{r}-D{r}")
    calculator = Calculator(book)
    calculator.recalculate()
    balance, expected = 100.0, [100.0]
    for paid, taken in zip(column(book, 3)[1:], column(book, 4)[1:], strict=True):
        balance = balance + paid - taken
        expected.append(balance)
    assert column(book) == expected
    assert calculator.statistics.batches < 5
    calculator.recalculate()
    assert column(book) == expected


FORMS = [
    "E{b}+C{r}-D{r}",
    "E{b}*(1+C{r}%)-D{r}",
    "-E{b}/(D{r}-4)+C{r}",
    "E{b}/C{r}/D{r}*3",
    "(E{b}+E{b})/2-$C$2",
    "E{b}*E{b}/E{b}-1",
    "ROUND(E{b}*1.01,2)",
    "IF(C{r}>3,E{b}+C{r},E{b})",
    "E{b}+C{r}-SUM($D$2:D{r})",
]
SPOILT: list[dict[str, Value]] = [
    {},
    {"C20": "text", "D90": None, "C91": True, "D200": ErrorValue.NA},
    {"C20": 0.0, "D20": 4.0, "C50": 1e308},
]


@pytest.mark.parametrize("text", FORMS)
@pytest.mark.parametrize("cells", SPOILT)
def test_a_chain_gives_what_its_formulas_give_alone(
    text: str, cells: dict[str, Value], monkeypatch: pytest.MonkeyPatch
) -> None:
    book, alone = ledger(text, **cells), ledger(text, **cells)
    Calculator(book).recalculate()
    monkeypatch.setattr(scheduler, "LEAST", 1 << 30)
    Calculator(alone).recalculate()
    assert column(book) == column(alone)


@pytest.mark.parametrize("cells", SPOILT)
def test_changes_go_through_a_chain_as_far_as_they_reach(cells: dict[str, Value]) -> None:
    book = ledger("E{b}+C{r}-D{r}", **cells)
    calculator = Calculator(book)
    calculator.update()
    changes: list[tuple[str, Value]] = [
        ("C150", 7.0),
        ("C150", 7.0),
        ("D150", "no"),
        ("D150", 1.0),
        ("E1", -5.0),
        ("C20", 2.5),
    ]
    for cell, value in changes:
        calculator.set(f"Sheet1!{cell}", value)
        calculator.update()
        fresh = ledger("E{b}+C{r}-D{r}", **cells)
        for sheet in fresh.sheets.values():
            for place, kept in book.sheets["Sheet1"].grid.items():
                if place[1] != 5 or place[0] == 1:
                    sheet.grid[place] = kept
        Calculator(fresh).recalculate()
        assert column(book) == column(fresh), cell


def test_a_value_that_stays_stops_the_change() -> None:
    book = ledger("E{b}*0+C{r}")
    calculator = Calculator(book)
    calculator.update()
    calculator.set("Sheet1!C100", 3.25)
    calculator.update()
    assert column(book)[99] == 3.25
    assert column(book)[100:] == column(book, 3)[100:]


@pytest.mark.parametrize("step", [(-1, 0), (0, 1), (0, -1), (1, 1)])
def test_chains_go_any_way(step: tuple[int, int]) -> None:
    book = Book()
    sheet = book.add("Sheet1")
    down, across = step
    cells = [(60 + down * k, 60 + across * k) for k in range(50)]
    sheet.grid[cells[0]] = 1.0
    for before, cell in pairwise(cells):
        sheet.put_formula(at(*cell), f"{at(*before)}*1.5")
    Calculator(book).recalculate()
    assert [sheet.grid[cell] for cell in cells] == np.multiply.accumulate([1.0, *[1.5] * 49]).tolist()


def test_what_is_nearly_nothing_at_the_end_of_a_formula_is_nothing_in_a_chain() -> None:
    book = Book()
    sheet = book.add("Sheet1")
    sheet.grid[1, 1] = 1.0
    for row in range(2, 30):
        sheet.put_formula(at(row, 1), f"A{row - 1}-0.1")
    Calculator(book).recalculate()
    assert sheet.grid[11, 1] == pytest.approx(1.4e-16, abs=1e-17)  # 0.1 - 0.1 with all the errors before is not near 0
    assert sheet.grid[12, 1] == pytest.approx(-0.1)


def test_two_columns_that_need_each_other() -> None:
    book = Book()
    sheet = book.add("Sheet1")
    sheet.grid[1, 1], sheet.grid[1, 2] = 1000.0, 0.0
    for row in range(2, 100):
        sheet.put_formula(at(row, 2), f"A{row - 1}*1%")
        sheet.put_formula(at(row, 1), f"A{row - 1}+B{row}-20")
    Calculator(book).recalculate()
    balance = 1000.0
    for _ in range(98):
        balance = balance + balance * 1.0 / 100 - 20
    assert sheet.grid[99, 1] == pytest.approx(balance, rel=1e-13)  # 1% is another number than 1/100 of the product


@pytest.mark.parametrize("value", [5.0, "text"])
def test_a_chain_beside_what_cannot_be_calculated(value: Value) -> None:
    book = ledger("E{b}+C{r}-D{r}", D150=value)
    sheet = book.sheets["Sheet1"]
    sheet.grid[200, 4] = 2.5
    sheet.put_formula(at(200, 4), "NO.SUCH.FUNCTION(1)")
    calculator = Calculator(book, strict=False)
    calculator.recalculate(keep=False)
    fresh = ledger("E{b}+C{r}-D{r}", D150=value, D200=2.5)
    Calculator(fresh).recalculate()
    assert column(book) == column(fresh)
    assert "Sheet1!D200" in calculator.taken_over.taken.ranges
    assert calculator.taken_over.resting.formulas == ROWS - 199

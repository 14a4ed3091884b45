"""Books made at random in which some formulas cannot be calculated, against the same books without such gaps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from evaluator.test_random_books import Content, Place, acyclic, book_of, contents
from sheetgpt.book.address import at
from sheetgpt.book.book import Book
from sheetgpt.evaluator import Calculator

# What makes of a formula one that cannot be calculated: its text names all that it reads, or does not.
LACKING, BROKEN = "NOSUCH({})", "({}"


def with_gaps(content: Content, gaps: dict[Place, str]) -> Book:
    """The book with the values that its formulas have, some of which then become others that cannot be calculated."""
    book = book_of(content, list(content))
    Calculator(book).recalculate()
    sheet = book.sheets["S"]
    sheet.formulas = [
        replace(formula, text=gaps.get((formula.rect.top, formula.rect.left), "{}").format(formula.text))
        for formula in sheet.formulas
    ]
    return book


def values(book: Book, content: Content) -> dict[Place, Any]:
    return {place: book.sheets["S"].grid[place] for place in content}


def unknown(calculator: Calculator) -> set[Place]:
    marks = calculator._kept.unknown  # type: ignore[union-attr]
    return {formula.rect[:2] for number, formula in enumerate(calculator.workbook.formulas) if marks[number]}


@settings(max_examples=60, deadline=None)
@given(contents, st.randoms(use_true_random=False))
def test_what_is_said_to_be_known_is_right(content: Content, random: Any) -> None:
    """Every value but those that are not known is that of the book without gaps, before a change and after it."""
    content = acyclic(content)
    formulas = [place for place, what in content.items() if not isinstance(what, float)]
    gaps = {place: random.choice([LACKING, LACKING, BROKEN]) for place in formulas if random.random() < 0.2}
    whole, gapped = with_gaps(content, {}), with_gaps(content, gaps)
    calculator, exact = Calculator(gapped, strict=False), Calculator(whole)
    calculator.recalculate()
    assert values(gapped, content) == values(whole, content)
    if not any(content[place][0] in ("if", "index") for place in gaps):  # else it may hold itself up
        assert unknown(calculator) == set()
    inputs = [place for place, what in content.items() if isinstance(what, float)]
    for place in random.sample(inputs, min(3, len(inputs))):
        number = float(random.randint(-3, 9))
        for each in (calculator, exact):
            each.set(("S", at(*place)), number)
        if acyclic({**content, place: number}) != {**content, place: number}:
            return  # OFFSET has become a circle
        content = {**content, place: number}
        calculator.update()
        exact.recalculate()
        found, right, open_ones = values(gapped, content), values(whole, content), unknown(calculator)
        assert {at_: found[at_] for at_ in content if at_ not in open_ones} == {
            at_: right[at_] for at_ in content if at_ not in open_ones
        }
        if not gaps:
            assert open_ones == set()

"""Formulas bound in bulk are bound as they are one by one, and array formulas of one cell are like ordinary ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sheetgpt.book.address import Rect, at
from sheetgpt.book.book import Book, Formula
from sheetgpt.book.table import Table
from sheetgpt.errors import FormulaSyntaxError
from sheetgpt.evaluator import Calculator
from sheetgpt.evaluator.compile.alike import alike
from sheetgpt.evaluator.compile.binder import Area, Binder
from sheetgpt.evaluator.compile.bulk_binder import bind_all
from sheetgpt.evaluator.index.indexed_book import IndexedBook
from sheetgpt.gpt2.model import Model
from sheetgpt.layout.build_book import build_book
from sheetgpt.layout.options import LayoutOptions
from support.exact import exact

rows = st.sampled_from(["1", "2", "3", "12", "07", "0", "1048576", "1048577", "9999999"])
columns = st.sampled_from(["A", "B", "$C", "AA", "XFD", "XFE", "b"])
cells = st.builds("{}{}{}".format, columns, st.sampled_from(["", "$"]), rows)
operands = st.one_of(
    cells,
    st.builds("{}:{}".format, cells, cells),
    st.builds("'Sheet 2'!{}".format, cells),
    st.builds("Sheet{}!A{}".format, st.sampled_from("13"), rows),
    st.builds("{0}:{0}".format, columns),
    st.builds("{}:{}".format, rows, rows),
    st.sampled_from(["name.1", "name.2", "relative", "constant", "unknown.1", '"▢1"', '"A1 7"', "TRUE", "#REF!"]),
    st.builds("Sheet1:Sheet3!{}".format, cells),
    st.sampled_from(
        ["T[[#This Row],[a1]]", "T[[#This Row],[a2]]", "T[a1]", "t[@a2]", "[@a1]", "T[#This Row]", "T[x]", "T"]
    ),
    st.sampled_from(["own", "sheets.1", "areas"]),
    st.sampled_from(["1", "2", "12", "1.5", "1E3", "1E03", "123456789012345678901", "12345678901234567"]),
)
texts = st.one_of(
    operands,
    st.builds("{}+{}*{}".format, operands, operands, operands),
    st.builds("SUM({},{})".format, operands, operands),
    st.builds("LOG{}({})&{}".format, st.sampled_from(["10", "2"]), operands, operands),
    st.builds("IF({}>{},{},)".format, operands, operands, operands),
)


def book_of(formulas: list[tuple[str, bool]]) -> Book:
    book = Book()
    sheet = book.add("Sheet1")
    book.add("Sheet 2")
    book.add("Sheet3")
    book.names = {
        "name.1": "Sheet3!$A$1:$B$2",
        "name.2": "Sheet3!$A$2:$B$3",
        "relative": "Sheet1!A2",
        "constant": "Sheet3!$A$1*2+1",
        "own": "T[[#This Row],[a1]]",
        "sheets.1": "'Sheet 2:Sheet3'!$A$1",
        "areas": "Sheet1!$A$1,Sheet3!$A$3",
    }
    book.tables["T"] = Table("Sheet1", Rect(2, 28, 6, 29), ("a1", "a2"), 1, 1)
    for row, (text, array) in enumerate(formulas, 1):
        sheet.put_formula(at(row, 30), text, array=array)
    return book


def one_by_one(workbook: IndexedBook) -> list[tuple[int, list[Area]]] | None:
    binder = Binder(workbook)
    try:
        found = [binder.bind(sheet, f) for sheet, f in zip(workbook.sheet_of, workbook.formulas, strict=True)]
    except FormulaSyntaxError:
        return None
    return [(plan.number, list(areas)) for plan, areas in found]


def together(workbook: IndexedBook) -> list[tuple[int, list[Area]]] | None:
    try:
        bindings = bind_all(workbook)
    except FormulaSyntaxError:
        return None
    found = []
    for formula, plan in enumerate(bindings.plan_numbers.tolist()):
        areas = bindings.areas[bindings.starts[formula] : bindings.starts[formula + 1]].tolist()
        found.append((plan, [(int(bindings.sheets[area]), Rect(*bindings.rects[area].tolist())) for area in areas]))
    return found


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(texts, st.booleans()), min_size=1, max_size=12), st.integers(1, 3))
def test_bulk_is_one_by_one(formulas: list[tuple[str, bool]], times: int) -> None:
    workbook = IndexedBook(book_of(formulas * times))
    expected, found = one_by_one(workbook), together(workbook)
    assert (expected is None) == (found is None)
    assume(expected is not None)
    assert expected is not None
    assert found is not None
    assert [areas for _, areas in found] == [areas for _, areas in expected]
    pairs = {(a, b) for (a, _), (b, _) in zip(found, expected, strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})  # the same plans share


def test_formulas_that_were_filled_down() -> None:
    texts = [f"SUM($A{row}:B{row + 1})*2+'Sheet 2'!C{row}&A{row % 3 + 1}&A2" for row in range(1, 40)]
    workbook = IndexedBook(book_of([(text, False) for text in texts]))
    assert together(workbook) == one_by_one(workbook)
    assert len(bind_all(workbook).plans) == 2  # A2 twice in every third formula


def test_alike_texts_differ_in_their_numbers_only() -> None:
    groups, alone = alike(["A1+2", "B1", "A22+3", "A1+" + "9" * 18, "A+", "A33+2", "A1+2"], [0, 0, 0, 0, 0, 0, 1])
    assert [(group.members.tolist(), group.numbers.tolist()) for group in groups] == [
        ([0, 2, 5], [[1, 2], [22, 3], [33, 2]])
    ]
    assert alone == [1, 3, 4, 6]
    assert [part.members.tolist() for part in groups[0].by_numbers([1])] == [[0, 5], [2]]
    assert alike(["A1\0", "A1"], [0, 0]) == ([], [0, 1])


def test_the_first_cell_with_a_mistake_is_named() -> None:
    formulas = [("A1+1", False), ("A2+1", False), ("LOG10(", False), ("A3+", False), ("A4+", False)]
    with pytest.raises(FormulaSyntaxError, match=r"Sheet1!AD3: =LOG10\("):
        bind_all(IndexedBook(book_of(formulas)))


def as_array(formula: Formula) -> Formula:
    return replace(formula, array=True)


def test_array_formulas_of_one_cell_are_like_ordinary_ones(small_model: Model) -> None:
    """The same values, calculated in as few batches."""
    book, arrays = (
        build_book(small_model, LayoutOptions(prompt="the prompt", ids=[3, 4, 5], rows=6)) for _ in range(2)
    )
    for sheet in arrays.sheets.values():
        sheet.formulas = [as_array(formula) for formula in sheet.formulas]
    ordinary, other = Calculator(book), Calculator(arrays)
    ordinary.recalculate()
    other.recalculate()
    assert {name: exact(sheet.grid) for name, sheet in arrays.sheets.items()} == {
        name: exact(sheet.grid) for name, sheet in book.sheets.items()
    }
    assert other.statistics == ordinary.statistics
    assert len(other.graph.bindings.plans) <= len(ordinary.graph.bindings.plans)

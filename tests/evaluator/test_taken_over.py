"""Formulas that cannot be calculated: what keeps its value, what is calculated all the same, what is not known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sheetgpt.book.address import Rect, parse_a1
from sheetgpt.book.book import Book
from sheetgpt.book.fold import fold, range_list, range_texts
from sheetgpt.book.settings import DataTable
from sheetgpt.book.values import Value
from sheetgpt.errors import SheetgptError
from sheetgpt.evaluator import Calculator

Cells = Mapping[str, Any]  # a value, or a formula and its stored value


def book_of(cells: Cells, names: Mapping[str, str] | None = None) -> Book:
    book = Book(names=dict(names or {}))
    sheet = book.add("S")
    for cell, content in cells.items():
        rect = parse_a1(cell)
        if isinstance(content, tuple):
            sheet.put_formula(rect, content[0].strip("{}"), array=content[0].startswith("{"))
            sheet.put(rect, content[1])
        else:
            sheet.put(rect, content)
    return book


def calculated(cells: Cells, names: Mapping[str, str] | None = None) -> Calculator:
    calculator = Calculator(book_of(cells, names), strict=False)
    calculator.recalculate()
    return calculator


def value(calculator: Calculator, cell: str) -> Value:
    rect = parse_a1(cell)
    return calculator.book.sheets["S"].grid[rect.top, rect.left]


# A cell with a formula that cannot be calculated, and the reason.
KINDS = {
    "a function that is lacking": ("NOSUCH(A1)+1", "NOSUCH"),
    "a text that ends too early": ("A1+", "ends too early"),
    "a sign where none can be": ("A1+*2", "unexpected"),
    "a quotation mark that is open": ('A1&"x', "quotation mark is not closed"),
    "too many arguments": ("PI(A1)", "PI takes 0"),
    "another workbook": ("[1]Data!A1*A1", "another workbook of which the file keeps no values"),
    "a name of another workbook": ("[1]!rate*A1", "another workbook of which the file keeps no values"),
    "a name that is no formula": ("broken+A1", "in the name 'broken'"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_keeps_its_value_and_stops_nothing_else(kind: str) -> None:
    text, reason = KINDS[kind]
    cells = {"A1": 2.0, "B1": (text, 10.0), "C1": ("B1*A1", 20.0), "D1": ("A1*3", 6.0), "E1": ("D1+1", None)}
    with pytest.raises(SheetgptError):
        Calculator(book_of(cells, {"broken": "1+"})).recalculate()
    calculator = calculated(cells, {"broken": "1+"})
    assert [value(calculator, cell) for cell in ("B1", "C1", "D1", "E1")] == [10.0, 20.0, 6.0, 7.0]
    found = calculator.taken_over
    assert found.taken == (1, ["S!B1"])
    assert reason in "".join([*found.functions, *found.reasons])
    assert not found.complete
    if not calculator.graph.bindings.refused and not calculator.graph.volatile:  # else the new value of E1 may matter
        assert (found.resting, found.unknown.formulas) == ((1, ["S!C1"]), 0)


def test_what_depends_on_it_keeps_its_value_whatever_it_is() -> None:
    calculator = calculated({"A1": 2.0, "B1": ("NOSUCH()", 10.0), "C1": ("B1*A1", 999.0), "C2": ("SUM(C1)", 5.0)})
    assert [value(calculator, cell) for cell in ("C1", "C2")] == [999.0, 5.0]
    assert calculator.taken_over.resting == (2, ["S!C1:C2"])
    assert calculator.as_before() == {("S", parse_a1(cell)) for cell in ("B1", "C1", "C2")}
    calculator.recalculate(keep=False)
    assert [value(calculator, cell) for cell in ("C1", "C2")] == [20.0, 20.0]


def test_what_depends_on_it_is_calculated_where_something_else_has_changed() -> None:
    calculator = calculated({"A1": 2.0, "B1": ("NOSUCH()", 10.0), "C1": ("B1*A1", 20.0), "C2": ("C1+1", 21.0)})
    calculator.set("S!A1", 3.0)
    calculator.update()
    assert [value(calculator, cell) for cell in ("B1", "C1", "C2")] == [10.0, 30.0, 31.0]
    assert calculator.taken_over.resting.formulas == 2
    assert calculator.taken_over.unknown.formulas == 0


def test_a_value_of_before_a_change_is_not_known_nor_what_depends_on_it() -> None:
    cells = {"A1": 2.0, "A2": ("A1+1", 3.0), "B1": ("NOSUCH(A2)", 10.0), "C1": ("B1*A1", 20.0), "D1": ("A2", 3.0)}
    calculator = calculated(cells)
    assert calculator.taken_over.unknown.formulas == 0
    calculator.set("S!A1", 2.0)  # the value that it has
    calculator.update()
    assert calculator.taken_over.unknown.formulas == 0
    calculator.set("S!A1", 5.0)
    calculator.update()
    assert [value(calculator, cell) for cell in ("A2", "B1", "C1", "D1")] == [6.0, 10.0, 20.0, 6.0]
    assert calculator.taken_over.unknown == (2, ["S!B1:C1"])
    assert "NOT KNOWN: 2 formulas" in "\n".join(calculator.taken_over.lines())
    calculator.set("S!B1", 7.0)  # whoever knows the value can put it in
    calculator.update()
    assert value(calculator, "C1") == 35.0
    assert calculator.taken_over.complete


def test_rounding_is_no_change() -> None:
    third = ("A1/3", 0.33333333333333337)  # not the last digit that we get
    calculator = calculated({"A1": 1.0, "A2": third, "B1": ("NOSUCH(A2)", 10.0)})
    assert value(calculator, "A2") == 1 / 3 != third[1]
    assert calculator.taken_over.unknown.formulas == 0


def test_a_stored_value_that_its_inputs_no_longer_give_is_a_change() -> None:
    calculator = calculated({"A1": 1.0, "A2": ("A1/3", 8.0), "B1": ("NOSUCH(A2)", 10.0), "C1": ("B1", 10.0)})
    assert calculator.taken_over.unknown == (2, ["S!B1:C1"])


def test_without_a_stored_value_nothing_is_known() -> None:
    cells = {"A1": 2.0, "B1": ("NOSUCH(A1)", None), "C1": ("B1*A1", None), "D1": ("A1*3", None), "E1": ("B2&B1", "")}
    calculator = calculated(cells)
    assert [value(calculator, cell) for cell in ("B1", "C1", "D1", "E1")] == [None, None, 6.0, ""]
    assert calculator.taken_over.unknown == (3, ["S!B1:C1", "S!E1"])


def test_a_branch_that_is_not_taken_does_not_count() -> None:
    cells = {
        "A1": 1.0,
        "B1": ("NOSUCH()", 10.0),
        "C1": ("IF(A1=1,5,B1)", 0.0),
        "C2": ("C1+1", 0.0),
        "C3": ("CHOOSE(A1,A1,B1)", 0.0),
        "C4": ("IFERROR(A1,B1)", 0.0),
        "C5": ("INDEX(A1:B1,1)", 0.0),
        "D1": ("IF(A1=1,B1,5)", 0.0),
        "D2": ("INDEX(A1:B1,2)", 0.0),
    }
    calculator = calculated(cells)
    assert [value(calculator, f"C{row}") for row in range(1, 6)] == [5.0, 6.0, 1.0, 1.0, 1.0]
    assert [value(calculator, f"D{row}") for row in (1, 2)] == [10.0, 10.0]
    assert calculator.taken_over.resting.ranges == ["S!D1:D2"]
    calculator.set("S!A1", 2.0)
    calculator.update()
    assert calculator.taken_over.resting.ranges == ["S!C1:C3", "S!D2"]


def test_what_is_reached_at_run_time_counts() -> None:
    cells = {"A1": 1.0, "B1": ("NOSUCH()", 10.0), "B2": 5.0, "D1": 1.0, "D2": 2.0}
    calls = {f"C{row}": (f'INDIRECT("B"&D{row})', 0.0) for row in (1, 2)}
    moves = {f"E{row}": (f"OFFSET(A1,D{row}-1,1)", 0.0) for row in (1, 2)}
    calculator = calculated(cells | calls | moves)
    assert [value(calculator, cell) for cell in ("C1", "C2", "E1", "E2")] == [10.0, 5.0, 10.0, 5.0]
    assert calculator.taken_over.resting == (2, ["S!C1", "S!E1"])
    assert calculator.taken_over.taken.formulas == 1


def test_array_formulas() -> None:
    cells = {
        "A1": 1.0,
        "A2": 2.0,
        "B1:B2": ("{NOSUCH(A1:A2)}", 7.0),
        "C1:C2": ("{B1:B2*A1:A2}", 9.0),
        "D1:D2": ("{A1:A2*2}", 0.0),
        "E1": ("A1+B2", 8.0),
    }
    calculator = calculated(cells)
    found = {cell: value(calculator, cell) for cell in ("B2", "C1", "C2", "D2", "E1")}
    assert found == {"B2": 7.0, "C1": 9.0, "C2": 9.0, "D2": 4.0, "E1": 8.0}
    assert calculator.taken_over.resting == (2, ["S!C1:C2", "S!E1"])


def test_a_circle_holds_up_only_itself() -> None:
    cells = {"A1": 1.0, "B1": ("B2+A1", 4.0), "B2": ("B1*2", 5.0), "C1": ("B2+A1", 6.0), "D1": ("A1+1", 0.0)}
    calculator = calculated(cells)
    assert [value(calculator, cell) for cell in ("B1", "B2", "C1", "D1")] == [4.0, 5.0, 6.0, 2.0]
    assert calculator.taken_over.reasons == {"a circular reference": (2, ["S!B1:B2"])}
    assert calculator.taken_over.resting == (1, ["S!C1"])
    calculator.set("S!A1", 2.0)
    calculator.update()
    assert calculator.taken_over.unknown == (3, ["S!B1:B2", "S!C1"])
    assert value(calculator, "D1") == 3.0


def test_a_fault_of_one_formula_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from sheetgpt.evaluator.schedule.executor import Executor

    evaluate = Executor._evaluate

    def fails(self: Executor, formulas: list[int], places: object, guard: object) -> list[bool]:
        if 2 in formulas:
            raise IndexError("beyond the end")
        return evaluate(self, formulas, places, guard)  # type: ignore[arg-type]

    monkeypatch.setattr(Executor, "_evaluate", fails)
    cells = {"A1": 1.0, **{f"B{row}": (f"$A$1+{row}", 0.0) for row in range(1, 6)}}
    calculator = calculated(cells)
    assert [value(calculator, f"B{row}") for row in range(1, 6)] == [2.0, 3.0, 0.0, 5.0, 6.0]
    assert calculator.taken_over.reasons == {"a fault in sheetgpt (IndexError: beyond the end)": (1, ["S!B3"])}


def test_many_formulas_alike_are_folded_and_bound_once() -> None:
    cells: dict[str, Any] = {f"A{row}": float(row) for row in range(1, 401)}
    cells |= {f"B{row}": (f"NOSUCH(A{row})", 1.0) for row in range(1, 401)}
    cells |= {f"C{row}": (f"A{row}+", 1.0) for row in range(1, 401)}
    cells |= {f"D{row}": (f"B{row}+C{row}", 2.0) for row in range(1, 401)}
    cells |= {f"E{row}": (f"A{row}*2", 0.0) for row in range(1, 401)}
    calculator = calculated(cells)
    assert calculator.taken_over.functions == {"NOSUCH": (400, ["S!B1:B400"])}
    assert calculator.taken_over.taken.ranges == ["S!B1:C400"]
    assert value(calculator, "E400") == 800.0


def test_a_formula_put_in_place_of_one_that_cannot_be_calculated() -> None:
    calculator = calculated({"A1": 2.0, "B1": ("NOSUCH(A1)", 10.0), "C1": ("B1*A1", 20.0), "D1": ("1+", 4.0)})
    calculator.set_formula("S!B1", "A1+1")
    calculator.update()
    assert [value(calculator, cell) for cell in ("B1", "C1")] == [3.0, 6.0]
    assert calculator.taken_over.taken.ranges == ["S!D1"]
    calculator.set_formula("S!B1", "NOSUCH(A1)")  # what the cell holds is no value of this formula
    calculator.update()
    assert [value(calculator, cell) for cell in ("B1", "C1")] == [3.0, 6.0]
    assert calculator.taken_over.unknown.ranges == ["S!B1:D1"]  # and who can say what D1 reads


def test_values_of_a_file_are_taken_to_be_right() -> None:
    book = book_of({"A1": 2.0, "B1": ("NOSUCH(A1)", 10.0), "C1": ("B1*A1", 20.0), "D1": ("A1*3", 6.0)})
    calculator = Calculator(book, calculated=True, strict=False)
    assert calculator.taken_over.resting == (1, ["S!C1"])
    assert calculator.update() == 0
    calculator.set("S!A1", 3.0)
    assert calculator.update() == 1
    assert calculator.taken_over.unknown == (2, ["S!B1:C1"])


def test_a_data_table_over_a_gap_stays_as_it_is() -> None:
    """A1 goes into both tables; the first one shows a formula that cannot be calculated, the second one does not."""
    cells = {"A1": 2.0, "B1": ("NOSUCH(A1)", 10.0), "D1": ("B1*2", 20.0), "C2": 5.0, "H1": ("A1*3", 6.0), "G2": 5.0}
    book = book_of({**cells, "D2": 50.0, "H2": 0.0})
    tables = [DataTable(parse_a1(cell), None, parse_a1("A1")) for cell in ("D2", "H2")]
    book.sheets["S"].data_tables += tables
    calculator = Calculator(book, strict=False)
    calculator.recalculate()
    assert [value(calculator, cell) for cell in ("D1", "D2", "H2")] == [20.0, 50.0, 15.0]
    reason = "it shows formulas that cannot be calculated for the values of its inputs"
    assert calculator.taken_over.tables == {reason: (0, ["S!D2"])}
    assert ("S", parse_a1("D2")) in calculator.as_before()
    assert f"NOT KNOWN: the data table S!D2: {reason}" in calculator.taken_over.lines()


def test_ranges_are_folded() -> None:
    cells = [("S", parse_a1(cell)) for cell in ("A1", "A2", "A3", "B1", "B2", "B3", "D5", "D7")]
    assert range_texts([*cells, ("My sheet", Rect(1, 1, 2, 2))]) == ["S!A1:B3", "S!D5", "S!D7", "'My sheet'!A1:B2"]
    assert fold([]) == []
    assert range_list([f"S!A{row}" for row in range(1, 40, 2)], most=2) == "S!A1, S!A3 and 18 more ranges"

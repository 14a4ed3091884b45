"""Spilled arrays: dynamic formulas fill what they need, give way, and are #SPILL! where they cannot.

What is right is Microsoft's "Dynamic array formulas and spilled array behavior" and "How to correct a #SPILL! error".
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sheetgpt.book.address import Rect, parse_a1
from sheetgpt.book.book import Book, Formula, Sheet
from sheetgpt.book.settings import DataTable
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.errors import CircularReferenceError, UsageError
from sheetgpt.evaluator import Calculator

SPILL, REF, CALC = ErrorValue.SPILL, ErrorValue.REF, ErrorValue.CALC


def book_of(dynamic: dict[str, str], plain: dict[str, str] | None = None) -> Book:
    """B1:B5 hold 10 to 50, C1:C5 whether they are chosen; formulas besides."""
    book = Book()
    sheet = book.add("S")
    for row in range(1, 6):
        sheet.grid[row, 2], sheet.grid[row, 3] = row * 10.0, row <= 3
    sheet.formulas += [Formula(parse_a1(cell), text, True, True) for cell, text in dynamic.items()]
    sheet.formulas += [Formula(parse_a1(cell), text) for cell, text in (plain or {}).items()]
    return book


def opened(dynamic: dict[str, str], plain: dict[str, str] | None = None) -> tuple[Calculator, Sheet]:
    calculator = Calculator(book_of(dynamic, plain))
    calculator.recalculate()
    return calculator, calculator.book.sheets["S"]


def column(sheet: Sheet, cells: str) -> list[Value]:
    return sheet.grid.read(parse_a1(cells)).ravel().tolist()


def test_it_grows_and_shrinks_with_its_result() -> None:
    calculator, sheet = opened({"A1": "FILTER(B1:B5,C1:C5)"}, {"E1": "SUM(A1:A9)", "E2": "COUNTA(A1:A9)", "E3": "A3"})
    assert column(sheet, "A1:A6") == [10, 20, 30, None, None, None]
    assert column(sheet, "E1:E3") == [60, 3, 30]
    calculator.set("S!C2", False)
    calculator.update()
    assert column(sheet, "A1:A6") == [10, 30, None, None, None, None]
    assert column(sheet, "E1:E3") == [40, 2, 0]
    calculator.set("S!C1:C5", True)
    calculator.update()
    assert column(sheet, "A1:A6") == [10, 20, 30, 40, 50, None]
    assert column(sheet, "E1:E3") == [150, 5, 30]
    calculator.set("S!C1:C5", False)
    calculator.update()
    assert column(sheet, "A1:A3") == [CALC, None, None]
    assert [str(formula.rect) for formula in sheet.formulas if formula.dynamic] == ["A1"]


@pytest.mark.parametrize("way", ["update", "recalculate"])
@pytest.mark.parametrize("obstacle", ["value", "formula", "empty text"])
def test_a_cell_in_the_way(obstacle: str, way: str) -> None:
    calculator, sheet = opened({"A1": "B1:B5+1"}, {"E1": "SUM(A2:A5)", "E2": "IFERROR(A1,7)"})
    if obstacle == "formula":
        calculator.set_formula("S!A4", "5+1")
    else:
        calculator.set("S!A4", "" if obstacle == "empty text" else 6.0)
    getattr(calculator, way)()
    kept: Value = "" if obstacle == "empty text" else 6.0
    assert column(sheet, "A1:A6") == [SPILL, None, None, kept, None, None]
    assert column(sheet, "E1:E2") == [0.0 if kept == "" else 6.0, 7]
    calculator.set("S!A4", None)
    getattr(calculator, way)()
    assert column(sheet, "A1:A6") == [11, 21, 31, 41, 51, None]
    assert column(sheet, "E1:E2") == [144, 11]


def test_another_spill_in_the_way_gives_way() -> None:
    calculator, sheet = opened({"A1": "SEQUENCE(G1)", "A4": "SEQUENCE(2)*100"})
    assert column(sheet, "A1:A6") == [CALC, None, None, 100, 200, None]
    calculator.set("S!G1", 3.0)
    calculator.update()
    assert column(sheet, "A1:A6") == [1, 2, 3, 100, 200, None]
    calculator.set("S!G1", 4.0)
    calculator.update()
    assert column(sheet, "A1:A6") == [SPILL, None, None, 100, 200, None]
    calculator.set("S!A4", None)
    calculator.update()
    assert column(sheet, "A1:A6") == [1, 2, 3, 4, None, None]


def test_one_that_shrinks_makes_room_for_another() -> None:
    calculator, sheet = opened({"A1": "SEQUENCE(1,G1)", "B3": "SEQUENCE(2)"}, {})
    calculator.set("S!B3", None)
    calculator.set("S!B1:C5", None)
    calculator.set("S!G1", 3.0)
    calculator.update()
    calculator.set_formula("S!C2", "1")
    calculator.set_formula("S!B1", "SEQUENCE(3)", dynamic=True)  # typed over a part of A1's
    calculator.update()
    assert column(sheet, "A1:C1") == [SPILL, 1, None]
    assert column(sheet, "B1:B3") == [1, 2, 3]
    calculator.set("S!B1", None)
    calculator.update()
    assert column(sheet, "A1:C1") == [1, 2, 3]


def test_of_two_that_want_the_same_cells_the_first_gets_them() -> None:
    _, sheet = opened({"F2": "SEQUENCE(1,3)", "G1": "SEQUENCE(3)"})
    assert column(sheet, "F2:H2") == [SPILL, 2, None]
    assert column(sheet, "G1:G3") == [1, 2, 3]


def test_the_edge_of_the_sheet() -> None:
    _, sheet = opened({"A1048575": "SEQUENCE(3)", "A1048570": "SEQUENCE(2)"})
    assert column(sheet, "A1048575") == [SPILL]
    assert column(sheet, "A1048570:A1048571") == [1, 2]
    _, sheet = opened({"XFD1": "SEQUENCE(1,2)", "XFD2": "SEQUENCE(2)"})
    assert column(sheet, "XFD1:XFD4") == [SPILL, 1, 2, None]


def test_typing_over_its_own_cell_and_over_the_others() -> None:
    calculator, sheet = opened({"A1": "SEQUENCE(3)"}, {"E1": "SUM(A1:A3)"})
    calculator.set("S!A2", 9.0)
    calculator.update()
    assert column(sheet, "A1:A3") == [SPILL, 9, None]
    assert sheet.grid[1, 5] is SPILL
    calculator.set("S!A2", None)
    calculator.update()
    assert column(sheet, "A1:A3") == [1, 2, 3]
    calculator.set("S!A1", 5.0)
    calculator.update()
    assert column(sheet, "A1:A3") == [5, None, None]
    assert column(sheet, "E1") == [5]
    assert [formula.text for formula in sheet.formulas] == ["SUM(A1:A3)"]


def test_a_formula_that_cannot_be_takes_nothing_away() -> None:
    calculator, sheet = opened({"A1": "SEQUENCE(3)"})
    with pytest.raises(Exception, match="ends too early"):
        calculator.set_formula("S!A2", "1+")
    assert calculator.update() == 0
    assert column(sheet, "A1:A3") == [1, 2, 3]
    assert [str(formula.rect) for formula in sheet.formulas] == ["A1:A3"]


def test_array_formulas_of_old_keep_their_cells() -> None:
    book = book_of({})
    book.sheets["S"].formulas.append(Formula(parse_a1("A1:A6"), "B1:B5", array=True))
    calculator = Calculator(book)
    calculator.recalculate()
    assert column(book.sheets["S"], "A1:A6") == [10, 20, 30, 40, 50, ErrorValue.NA]
    with pytest.raises(UsageError):
        calculator.set("S!A2", 1.0)


def test_references_to_spill_ranges() -> None:
    texts = {
        "G1": "SUM(A1#)",
        "G2": "SUM(ANCHORARRAY($A$1))",
        "G3": "ROWS(S!A1#)",
        "G4": "SUM(Spilled)",
        "G5": "SUM(B1#)",
    }
    texts |= {"G6": "SUM(OFFSET(A2,-1,0)#)", "G7": 'SUM(INDIRECT("A1#"))', "G8": "SUM(A1#:B1)", "G9": "SUM(A2#)"}
    book = book_of({"A1": "FILTER(B1:B5,C1:C5)", "J1": "A1#*2"}, texts)
    book.names["Spilled"] = "S!$A$1#"
    calculator, sheet = Calculator(book), book.sheets["S"]
    calculator.recalculate()
    assert column(sheet, "G1:G9") == [60, 60, 3, 60, REF, 60, 60, 120, REF]
    assert column(sheet, "J1:J4") == [20, 40, 60, None]
    calculator.set("S!C5", True)
    calculator.update()
    assert column(sheet, "G1:G9") == [110, 110, 4, 110, REF, 110, 110, 210, REF]
    assert column(sheet, "J1:J5") == [20, 40, 60, 100, None]
    calculator.set("S!A2", 1.0)
    calculator.update()
    assert column(sheet, "G1:G4") == [SPILL, SPILL, 1, SPILL]
    assert column(sheet, "J1:J2") == [SPILL, None]
    calculator.set("S!A2", None)
    calculator.update()
    assert column(sheet, "G1:G3") == [110, 110, 4]
    assert column(sheet, "J1:J5") == [20, 40, 60, 100, None]


def test_spills_that_follow_from_one_another() -> None:
    """Each is as long as the one before and 1 more; all start as one cell, as programs write them that do not know."""
    letters = "EFGHIJKLMN"
    chain = {f"{letter}1": f"SEQUENCE(ROWS({before}1#)+1)" for before, letter in pairwise(letters)}
    calculator, sheet = opened({"E1": "SEQUENCE(D1)"} | chain)
    assert column(sheet, "E1:N1") == [CALC] + [1] * 9
    calculator.set("S!D1", 4.0)
    calculator.update()
    sizes = [formula.rect.rows for formula in sorted(sheet.formulas, key=lambda one: one.rect)]
    assert sizes == list(range(4, 14))


def test_it_is_calculated_at_its_own_cell() -> None:
    """Microsoft, "Dynamic array formulas vs. legacy CSE": ROW() is that of its own cell, not one for each."""
    _, sheet = opened({"A3": "SEQUENCE(2)+ROW()", "G2": "@B1:B5+{1;2}"})
    assert column(sheet, "A3:A4") == [4, 5]
    assert column(sheet, "G2:G3") == [21, 22]


def test_a_spill_that_reads_itself_is_a_circle() -> None:
    with pytest.raises(CircularReferenceError):
        opened({"A1": "SEQUENCE(COUNT(A3:A5)+5)"})
    with pytest.raises(CircularReferenceError):
        opened({"G1": "SEQUENCE(IF(I1=0,3,1))"}, {"I1": "COUNT(G2:G9)"})


def test_values_taken_from_a_file_as_calculated() -> None:
    """One that was #SPILL! in the file is tried again when something changes."""
    book = book_of({"A1": "B1:B3"})
    book.sheets["S"].grid[1, 1], book.sheets["S"].grid[3, 1] = ErrorValue.VALUE, 5.0  # how older readers see it
    calculator = Calculator(book, calculated=True)
    calculator.update()
    assert column(book.sheets["S"], "A1:A3") == [SPILL, None, 5]
    calculator.set("S!A3", None)
    calculator.update()
    assert column(book.sheets["S"], "A1:A3") == [10, 20, 30]


def test_the_calculator_is_right_after_any_changes() -> None:
    """Against a book calculated anew after each step."""
    dynamic = {"A1": "FILTER(B1:B5,C1:C5)", "E1": 'A1#&""', "G1": "SEQUENCE(COUNTA(E1:E9))", "I1": "TRANSPOSE(A1#)"}
    plain = {"A9": "SUM(G1:G8)", "I3": "COLUMNS(I1#)"}
    calculator, sheet = opened(dynamic, plain)
    steps: list[tuple[str, Value]] = [("C5", True), ("C1", False), ("K1", 1.0), ("G3", "x"), ("C4", True), ("C1", True)]
    steps += [("G3", None), ("A5", 1.0), ("K1", None), ("C2", False), ("A5", None), ("C3", False), ("E2", "y")]
    values: dict[str, Value] = {}
    for cell, value in steps:
        calculator.set(f"S!{cell}", value)
        calculator.update()
        values[cell] = value
        fresh = book_of(dynamic, plain)
        for place, known in values.items():
            rect: Rect = parse_a1(place)
            fresh.sheets["S"].grid.write(rect, known)
        Calculator(fresh).recalculate()
        assert fresh.sheets["S"].grid == sheet.grid, (cell, value)
        assert fresh.sheets["S"] == sheet


def test_truths_stay_truths_when_the_range_is_resized() -> None:
    """Spilled, shrunk, grown, and typed as an array of numpy."""
    plain = {"E1": "ISLOGICAL(A1)", "E2": "COUNT(A1#)", "E3": "COUNTIF(A1#,TRUE)", "E4": 'A3&""', "E5": "SUM(A1#)"}
    calculator, sheet = opened({"A1": "B1:B5>20"}, plain)
    assert column(sheet, "A1:A5") == [False, False, True, True, True]
    assert [type(value) for value in column(sheet, "A1:A5")] == [bool] * 5
    assert column(sheet, "E1:E5") == [True, 0.0, 3.0, "TRUE", 0.0]
    calculator, sheet = opened({"A1": "FILTER(B1:B5,C1:C5)>10"}, plain)
    calculator.set("S!C2:C5", np.array([[False], [True], [True], [True]]))
    calculator.update()
    assert sheet.grid.read(parse_a1("C2:C5")).tolist() == [[False], [True], [True], [True]]
    assert [type(value) for value in column(sheet, "A1:A4")] == [bool] * 4
    assert column(sheet, "E1:E5") == [True, 0.0, 3.0, "TRUE", 0.0]


@pytest.mark.parametrize(
    "text",
    ['SUM(INDIRECT("A5:A9"))', "SUM(OFFSET(A1:A4,4,0))", "SUM(OFFSET(D1,4,-3,5,1))", 'ROWS(INDIRECT("A1#"))+5'],
)
def test_what_reads_by_offset_or_indirect_sees_a_range_that_grows(text: str) -> None:
    calculator, sheet = opened({"A1": "SEQUENCE(D1)"}, {"E1": text, "E2": "IF(E1=0,0,1)"})
    for rows in (6, 3, 7, 1):
        calculator.set("S!D1", float(rows))
        calculator.update()
        below = sum(range(5, rows + 1))
        assert column(sheet, "E1:E2") == [rows + 5 if "#" in text else below, float("#" in text or below > 0)]
    sheet = opened({"A1": "SEQUENCE(6)"}, {"E1": text})[1]
    assert sheet.grid[1, 5] == 11


def test_a_data_table_is_in_the_way() -> None:
    book = Book()
    sheet = book.add("S")
    sheet.grid[1, 2], sheet.grid[5, 5] = 4.0, 1.0
    sheet.put_formula(parse_a1("F4"), "B1*2")
    sheet.data_tables.append(DataTable(parse_a1("F5:F6"), None, parse_a1("B1")))
    sheet.formulas.append(Formula(parse_a1("D6"), "SEQUENCE(1,B1)", True, True))
    Calculator(book).recalculate()
    assert sheet.grid[6, 4] is SPILL


def test_the_size_of_what_is_not_known_is_not_known() -> None:
    book = book_of({"A1": "NO.SUCH.FUNCTION(FILTER(B1:B5,C1:C5))"}, {"E1": "ROWS(A1#)", "E2": "E1+1", "E3": "B1"})
    sheet = book.sheets["S"]
    sheet.formulas[0] = Formula(parse_a1("A1:A3"), sheet.formulas[0].text, True, True)
    sheet.grid.write(parse_a1("A1:A3"), 1.0)
    calculator = Calculator(book, strict=False)
    calculator.recalculate()
    calculator.set("S!C2", False)
    calculator.update()
    assert [calculator.knows(("S", parse_a1(cell))) for cell in ("A1", "E1", "E2", "E3")] == [False, False, False, True]

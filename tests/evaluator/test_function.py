"""A workbook as a function: what it says is what typing each scenario and calculating says."""

from __future__ import annotations

import random

import numpy as np
import pytest

from sheetgpt import Book, Calculator, ErrorValue
from sheetgpt.book.address import at, parse_a1
from sheetgpt.book.book import Formula
from sheetgpt.book.settings import DataTable
from sheetgpt.book.values import Value
from sheetgpt.errors import AddressError, FormulaError, UsageError

INPUTS: dict[str, Value] = {"A1": 0.05, "A2": 1000.0, "A3": 3.0, "A4": "b", "A5": True}
# What the formulas of people are made of; B1 ... in order, each may read those before it.
FORMULAS = [
    "A2*(1+A1)^A3",
    "IF(B1>1200,B1/2,A3)",
    'IF(A4="b",B2,NA())',
    "SUM(A:A)+SUM(B1:B2)",
    "VLOOKUP(A3,D1:E6,2,TRUE)",
    "VLOOKUP(A4,F1:G4,2,FALSE)",
    "INDEX(E1:E6,MATCH(A3,D1:D6,1))",
    "INDEX(B1:B3,A3)",
    "IFERROR(B6/A1,-1)",
    'A4&"-"&TEXT(A2,"0.00")',
    "SUMIF(F1:F4,A4,G1:G4)",
    "SUMPRODUCT((E1:E6>A3)*(D1:D6))",
    "SUMIF(D:D,A3,Other!A:A)+SUMIF(D:D,A3,E:E)",
    "SUMPRODUCT((D:D>A3)*1)",
    "COUNTIF(Other!A1:A9,A2)+MATCH(A4,F:F,0)",
    "SUBTOTAL(9,B1:B2)+SUBTOTAL(109,B1:B3)",
    "CHOOSE(IF(ISNUMBER(A3),MAX(1,MIN(3,A3)),1),B1,B4,A2)",
    "SUM(B1:INDEX(B1:B4,MAX(1,MIN(4,N(A3)))))",
    "OFFSET(A1,1,0)*2",
    'INDIRECT("A"&3)',
    "AND(A5,B2>0)",
    "ISBLANK(A3)",
    'COUNTIF(B1:B4,">"&A2)',
    "Other!A1+SUM(Other!B1:B2)",
    "MAX(B1,B2)-A2%",
    "LEN(B10)",
    "ROUND(PMT(A1/12,12,-A2),2)",
]
ARRAYS = {"I1:I6": "D1:D6*A3", "J1:K2": "MMULT(D1:E2,D1:E2)*A2", "L1:L3": "TRANSPOSE(A1:C1)"}
OUTPUTS = [f"S!B{row}" for row in range(1, len(FORMULAS) + 1)] + ["S!I1:I6", "S!J1:K2", "S!L1:L3", "Other!B2", "S!A2"]
SCENARIOS: dict[str, list[Value]] = {
    "A1": [0.05, 0.0, 0.1, -0.5, 1e308, "x", None, ErrorValue.NUM],
    "A2": [1000.0, 2000.0, -5.0, 0.0, "7", None, True, ErrorValue.NA],
    "A3": [3.0, 1.0, 2.0, 6.0, 0.0, -1.0, 99.0, "a", None],
    "A4": ["b", "B", "a", "z", "", 2.0, None, ErrorValue.REF],
    "A5": [True, False, 0.0, "TRUE", None],
}


def example() -> Book:
    """A book with the inputs and the formulas, and tables beside them."""
    book = Book()
    sheet, other = book.add("S"), book.add("Other")
    for cell, value in INPUTS.items():
        sheet.put(parse_a1(cell), value)
    sheet.put(parse_a1("C1"), "label")
    for row in range(1, 7):
        sheet.put(at(row, 4), float(row))
        sheet.put(at(row, 5), float(row * row))
    for row, text in enumerate("abcb", 1):
        sheet.put(at(row, 6), text)
        sheet.put(at(row, 7), row * 10.0)
    for row, formula in enumerate(FORMULAS, 1):
        sheet.put_formula(at(row, 2), formula)
    for cells, formula in ARRAYS.items():
        sheet.put_formula(parse_a1(cells), formula, array=True)
    other.put_formula(parse_a1("A1"), "S!A2*3")
    other.put(parse_a1("B1"), 5.0)
    other.put_formula(parse_a1("B2"), "IF(S!A5,A1,B1)")
    book.define("rate", "S", at(1, 1))
    return book


def drawn(count: int, seed: int) -> list[np.ndarray]:
    """Values for the inputs of so many scenarios."""
    rng = random.Random(seed)
    columns = [[rng.choice(choices) for _ in range(count)] for choices in SCENARIOS.values()]
    return [np.array(column, dtype=object) for column in columns]


def typed(book: Book, values: list[np.ndarray]) -> list[list[list[Value]]]:
    """For each scenario the values of each output, typed and calculated one by one."""
    calculator = Calculator(book)
    found = []
    for scenario in zip(*values, strict=True):
        for cell, value in zip(INPUTS, scenario, strict=True):
            calculator.set(f"S!{cell}", value)
        calculator.update()
        found.append([book.read(output).ravel().tolist() for output in OUTPUTS])
    return found


def same(found: Value, expected: Value) -> bool:
    """Equal in kind, and in value but for the last digits of sums."""
    if isinstance(found, float) and isinstance(expected, float):
        return abs(found - expected) <= 1e-12 * max(1.0, abs(expected))
    return type(found) is type(expected) and found == expected


@pytest.mark.parametrize("seed", range(3))
def test_scenarios_are_as_if_typed_one_by_one(seed: int) -> None:
    book, values = example(), drawn(60, seed)
    calculator = Calculator(book)
    calculator.recalculate()
    before = example()
    Calculator(before).recalculate()
    function = calculator.function([f"S!{cell}" for cell in INPUTS], OUTPUTS)
    found = function(*values)
    assert isinstance(found, tuple)
    assert function.calculated_together
    assert book == before  # as it was
    for number, expected in enumerate(typed(before, values)):
        for output, own, wanted in zip(OUTPUTS, found, expected, strict=True):
            cells = np.asarray(own[number], dtype=object).ravel().tolist()
            assert list(map(same, cells, wanted)) == [True] * len(wanted), (output, number, cells, wanted)


ALONE = {
    "a random number": ["A1+RAND()*0", "B1*2"],
    "a circle that scenarios do not enter": ["IF(A1>5,B2,A1)", "IF(A1>5,A1,B1)"],
    "a reference that is not known beforehand": ["OFFSET(B3,1,0)", "B1*2", "1", "B5*A1", "A1+1"],
    "the number of a sheet": ["SHEET()*A1", "B1*2"],
    "the text of a formula": ["LEN(FORMULATEXT(B2))*A1", "B1*2"],
}


@pytest.mark.parametrize("formulas", ALONE.values(), ids=list(ALONE))
def test_where_scenarios_do_not_go_together_each_is_calculated(formulas: list[str]) -> None:
    book = Book()
    sheet = book.add("S")
    sheet.put(at(1, 1), 1.0)
    for row, formula in enumerate(formulas, 1):
        sheet.put_formula(at(row, 2), formula)
    calculator = Calculator(book)
    function = calculator.function(["A1"], ["B2"])
    values = np.array([1.0, 2.0, 3.0, 8.0, 9.0])
    found = function(values)
    assert not function.calculated_together
    expected = []
    for value in values.tolist():
        calculator.set("S!A1", value)
        calculator.update()
        expected.append(book.read("S!B2").item())
    assert isinstance(found, np.ndarray)
    assert found.tolist() == expected


def test_a_data_table_is_filled_for_each_scenario() -> None:
    book = Book()
    sheet = book.add("S")
    sheet.put(at(1, 1), 1.0)
    sheet.put(at(2, 1), 10.0)
    sheet.put_formula(at(1, 4), "A1*A2")
    sheet.put(at(2, 3), 5.0)
    sheet.data_tables.append(DataTable(at(2, 4), row_input=None, column_input=at(1, 1)))
    function = Calculator(book).function(["A2"], ["D2"])
    assert np.array_equal(function([1.0, 2.0, 3.0, 4.0, 5.0]), [5.0, 10.0, 15.0, 20.0, 25.0])


def test_a_dynamic_formula_has_as_many_cells_as_a_scenario_needs() -> None:
    book = Book()
    sheet = book.add("S")
    sheet.put(at(1, 1), 2.0)
    sheet.formulas.append(Formula(at(1, 2), "SEQUENCE(A1)", True, True))
    sheet.put_formula(at(1, 3), "SUM(B1:B9)")
    function = Calculator(book).function(["A1"], ["C1", "B1:B3"])
    total, cells = function([1.0, 2.0, 3.0, 4.0, 5.0])
    assert total.tolist() == [1.0, 3.0, 6.0, 10.0, 15.0]
    assert cells[0].ravel().tolist() == [1.0, None, None]
    assert book.read("S!B1:B3").ravel().tolist() == [1.0, 2.0, None]


def test_shapes_are_those_of_the_scenarios() -> None:
    function = Calculator(example()).function(["rate", "S!A2", "S!D1:D2"], ["S!B1", "S!I1:I6"])
    one, column = function(0.1, 100, 1)
    assert isinstance(one, float)
    assert column.shape == (6, 1)
    some, columns = function([0.1, 0.2], 100, [[1], [2]])
    assert some.dtype == np.float64
    assert (some.shape, columns.shape) == ((2,), (2, 6, 1))
    grid, _ = function(np.linspace(0, 1, 5)[:, None], [1, 2, 3], np.ones((2, 1)))
    assert grid.shape == (5, 3)
    named = function(0.1, **{"S!A2": 100, "S!D1:D2": 1})
    assert isinstance(named, tuple)
    assert named[0] == one
    empty, _ = function(np.zeros(0), 1, 1)
    assert empty.shape == (0,)
    alone = Calculator(example()).function(["rate"], "S!B10")
    assert alone(0.5) == "b-1000.00"
    assert list(alone([0.5, 0.6])) == ["b-1000.00"] * 2


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((), "0 values for 2 inputs"),
        ((1, 2, 3), "3 values for 2 inputs"),
        (([1, 2], [1, 2, 3]), r"do not fit: rate \[2\], S!A2 \[3\]"),
        ((float("nan"), 1), "rate cannot hold nan"),
        ((np.array([1.0, np.inf]), 1), "rate cannot hold an infinite number"),
        ((1, {}), "S!A2 cannot hold {}"),
    ],
)
def test_values_that_do_not_fit_are_refused(values: tuple[object, ...], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Calculator(example()).function(["rate", "S!A2"], ["S!B1"])(*values)


def test_inputs_that_cannot_be_are_refused() -> None:
    calculator = Calculator(example())
    with pytest.raises(UsageError, match=r"S!B1 holds a formula: S!B1 =A2\*\(1\+A1\)\^A3"):
        calculator.function(["S!B1"], ["S!B2"])
    with pytest.raises(UsageError, match="rate and S!A1:A2 have cells in common"):
        calculator.function(["rate", "S!A1:A2"], ["S!B2"])
    with pytest.raises(AddressError, match="neither a defined name nor a cell"):
        calculator.function(["A1"], ["S!B2"])  # of which sheet?
    with pytest.raises(UsageError, match=r"S!D1:D2 is 2 x 1 cells, not 3"):
        calculator.function(["S!D1:D2"], ["S!B2"])([1, 2, 3])
    with pytest.raises(UsageError, match="rate is given twice"):
        calculator.function(["rate"], ["S!B2"])(1, rate=2)
    with pytest.raises(UsageError, match="growth is given though it is no input"):
        calculator.function(["rate"], ["S!B2"])(1, growth=2)


def test_the_book_is_put_back_after_an_error() -> None:
    book = Book()
    sheet = book.add("S")
    sheet.put(at(1, 1), 1.0)
    sheet.put_formula(at(1, 2), "IF(A1>1,B2,A1)")
    sheet.put_formula(at(2, 2), "B1+1")
    function = Calculator(book).function(["A1"], ["B2"])
    with pytest.raises(FormulaError):
        function([1.0, 2.0, 1.0, 1.0, 1.0])
    assert book.read("S!A1:B2").tolist() == [[1.0, 1.0], [None, 2.0]]
    assert function(0.0) == 1.0


def test_an_output_that_is_taken_over_is_refused() -> None:
    book = Book()
    sheet = book.add("S")
    sheet.put(at(1, 1), 1.0)
    sheet.put_formula(at(1, 2), 'CUBEVALUE("a")')
    sheet.put_formula(at(2, 2), "B1+A1")
    sheet.put_formula(at(3, 2), "A1*2")
    calculator = Calculator(book, strict=False)
    values = [1.0, 2.0, 3.0, 4.0, 5.0]
    assert np.array_equal(calculator.function(["A1"], ["B3"])(values), [2.0, 4.0, 6.0, 8.0, 10.0])
    with pytest.raises(FormulaError, match=r"the value of S!B[12] is not known"):
        calculator.function(["A1"], ["B2"])(values)


def test_many_scenarios_are_calculated_in_fewer_batches() -> None:
    """A chain of 50 formulas, 10,000 scenarios: what takes the time is 50 batches, not 500,000 formulas."""
    book = Book()
    sheet = book.add("S")
    sheet.put(at(1, 1), 0.01)
    for row in range(1, 51):
        sheet.put_formula(at(row, 2), f"B{row - 1}*(1+$A$1)" if row > 1 else "100*(1+$A$1)")
    function = Calculator(book).function(["A1"], ["B50"])
    rates = np.linspace(-0.1, 0.1, 10_000)
    found = function(rates)
    assert function.calculated_together
    assert isinstance(found, np.ndarray)
    assert np.allclose(found, 100 * (1 + rates) ** 50, rtol=1e-13, atol=0)  # the closed form; 50 roundings


def test_no_more_values_are_read_at_a_time_than_memory_has(monkeypatch: pytest.MonkeyPatch) -> None:
    book, values = example(), drawn(20, 5)
    calculator = Calculator(book)
    expected = calculator.function([f"S!{cell}" for cell in INPUTS], OUTPUTS)(*values)
    monkeypatch.setattr("sheetgpt.evaluator.scenarios.scenario_book._MOST_VALUES", 7)
    monkeypatch.setattr("sheetgpt.evaluator.scenarios.together._MOST_VALUES", 200)  # some scenarios at a time
    function = calculator.function([f"S!{cell}" for cell in INPUTS], OUTPUTS)
    found = function(*values)
    assert function.calculated_together
    assert all(map(np.array_equal, found, expected))

"""SORT, SORTBY, UNIQUE, WRAPROWS, EXPAND, TRIMRANGE, XMATCH, XLOOKUP; from Microsoft's pages, and by Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator import recalculate
from sheetgpt.witnesses import ironcalc
from sheetgpt.xlsx.reader import read
from support.calling import DIV0, NA, NUM, REF, VALUE, Case, check, excel

CALC = ErrorValue.CALC
MIXED = [["b"], [True], [2], [None], [DIV0], ["A"], [False], [1]]
REGIONS = [["East", 3], ["North", 1], ["east", 2], ["North", 1]]


def column(*values: object) -> list[list]:
    return [[value] for value in values]


ORDER: list[Case] = [
    ("SORT", [MIXED], column(1.0, 2.0, "A", "b", False, True, DIV0, None)),
    ("SORT", [MIXED, 1, -1], column(DIV0, True, False, "b", "A", 2.0, 1.0, None)),
    ("SORT", [REGIONS, [1, 2], [1, -1]], [["East", 3.0], ["east", 2.0], ["North", 1.0], ["North", 1.0]]),
    ("SORT", [REGIONS, [2, 1], -1], [["East", 3.0], ["east", 2.0], ["North", 1.0], ["North", 1.0]]),
    ("SORT", [[3, 1, 2]], [[3.0, 1.0, 2.0]]),
    ("SORT", [[3, 1, 2], 1, 1, True], [[1.0, 2.0, 3.0]]),
    ("SORT", [[3, 1, 2], 4], VALUE),
    ("SORT", [[3, 1, 2], 0], VALUE),
    ("SORT", [[3, 1, 2], 1, 0], VALUE),
    ("SORT", [[3, 1, 2], NA], NA),
    ("SORT", [[3, 1, 2], [1, 2], [1, 1, 1]], VALUE),
    # Letters first, then accents, then hyphens and apostrophes; case does not count.
    (
        "SORT",
        [column("Zoe", "Émile", "emil", "co-op", "coop", "cool")],
        column("cool", "coop", "co-op", "emil", "Émile", "Zoe"),
    ),
    ("SORT", [column("a1", "_", "A 1", "1a", "+")], column("_", "+", "1a", "A 1", "a1")),
    ("SORTBY", [column("Tom", "Fred", "Amy"), column(52, 65, 22)], column("Amy", "Tom", "Fred")),
    (
        "SORTBY",
        [column("Tom", "Fred", "Amy"), column(1, 1, 2), -1, column("x", "a", "b")],
        column("Amy", "Fred", "Tom"),
    ),
    ("SORTBY", [["a", "b", "c"], [3, 1, 2]], [["b", "c", "a"]]),
    ("SORTBY", [column("a", "b"), [1, 2]], VALUE),
    ("SORTBY", [column("a", "b"), column(1, 2), 3], VALUE),
    ("SORTBY", [[[1, 2], [3, 4]], [[1, 2], [3, 4]]], VALUE),
    ("UNIQUE", [column("a", "A", 1, True, None, 1, "1", NA, NA)], column("a", 1.0, True, None, "1", NA)),
    ("UNIQUE", [REGIONS], [["East", 3.0], ["North", 1.0], ["east", 2.0]]),
    ("UNIQUE", [[1, 2, 1]], [[1.0, 2.0, 1.0]]),
    ("UNIQUE", [[1, 2, 1], True], [[1.0, 2.0]]),
    ("UNIQUE", [column(1, 2, 1), False, True], 2.0),
    ("UNIQUE", [column(1, 1), None, True], CALC),
]
SHAPES: list[Case] = [
    ("WRAPROWS", [["A", "B", "C", "D", "E", "F", "G"], 3], [["A", "B", "C"], ["D", "E", "F"], ["G", NA, NA]]),
    ("WRAPCOLS", [["A", "B", "C", "D", "E", "F", "G"], 3, "x"], [["A", "D", "G"], ["B", "E", "x"], ["C", "F", "x"]]),
    ("WRAPROWS", [[[1, 2], [3, 4]], 2], VALUE),
    ("WRAPROWS", [[1, 2], 0], NUM),
    ("WRAPROWS", [[1, 2], 1e300], NUM),
    ("EXPAND", [[[1, 2], [3, 4]], 3, 3], [[1.0, 2.0, NA], [3.0, 4.0, NA], [NA, NA, NA]]),
    ("EXPAND", [1, 2, 2, "-"], [[1.0, "-"], ["-", "-"]]),
    ("EXPAND", [[1, 2], 2], [[1.0, 2.0], [NA, NA]]),
    ("EXPAND", [[1, 2], None, 1], VALUE),
    ("EXPAND", [1, 1e300, 1], NUM),
    ("TRIMRANGE", [[[None, None, None], [None, 1, None], [None, None, None], [None, 2, None]]], column(1.0, None, 2.0)),
    ("TRIMRANGE", [[[None, None], [None, 1], [None, None]], 1, 0], [[None, 1.0], [None, None]]),
    ("TRIMRANGE", [[[None, ""], [None, 1]]], column("", 1.0)),
    ("TRIMRANGE", [[None, None]], REF),
    ("TRIMRANGE", [[1], 4], VALUE),
    ("FILTER", [["a", 2, "b", 4], column(0, 1, 0, 1)], VALUE),
    ("FILTER", [column(1, 2, 3), [1, 0, 1]], VALUE),
    ("FILTER", [[[1, 2], [3, 4]], [1, 0]], column(1.0, 3.0)),
    ("FILTER", [[[1, 2], [3, 4]], column(0, 1)], [[3.0, 4.0]]),
    ("FILTER", [[1, 2], 1], [[1.0, 2.0]]),
    ("CHOOSEROWS", [[1, 2], 1e300], VALUE),
    ("CHOOSEROWS", [[1, 2], "x"], VALUE),  # a text that is no number
    ("CHOOSECOLS", [[1, 2], (1, "x")], VALUE),
]
LOOKUP: list[Case] = [
    ("XMATCH", ["[A-Z]+", column("ab", "CD", "EF"), 3], 2.0),
    ("XMATCH", ["[A-Z]+", column("ab", "CD", "EF"), 3, -1], 3.0),
    ("XMATCH", [["(", "^.b$"], column("ab", "CD"), 3], [[VALUE, 1.0]]),
    ("XMATCH", ["a", column("a"), 3, 2], VALUE),
    ("XMATCH", [[None, "b"], column("a", None, "b")], [[2.0, 3.0]]),
    ("XMATCH", [[None], column(None, "a", None), 0, -1], 3.0),
    ("XMATCH", [[NA, 7], column(7)], [[NA, 1.0]]),
    ("XLOOKUP", [r"\d", column("a", "b2"), column(1, 2), "none", 3], 2.0),
    ("XLOOKUP", ["(", column("a", "b2"), column(1, 2), "none", 3], VALUE),
    ("XLOOKUP", [[NA, 2, 9], column(1, 2), column("a", "b"), "none"], [[NA, "b", "none"]]),
    (
        "XLOOKUP",
        [46523, column(9700, 39475, 84200, 160726, 204100), column(0.1, 0.22, 0.24, 0.32, 0.35), 0, 1, 1],
        0.24,
    ),
    ("XLOOKUP", [2, [1, 2], [[1, 2], [3, 4]]], [[2.0], [4.0]]),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), ORDER + SHAPES + LOOKUP)
def test_function(name: str, arguments: list, expected: Any) -> None:
    check(excel(name, *arguments), expected)


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=30), st.sampled_from([1, -1]))
def test_sort_keeps_equal_rows_in_their_order(numbers: list[int], order: int) -> None:
    rows = [[number, place] for place, number in enumerate(numbers)]
    got = excel("SORT", rows, 1, order)
    assert got == [[float(n), float(place)] for n, place in sorted(rows, key=lambda row: order * row[0])]


@given(st.lists(st.sampled_from([1.0, 2.0, "a", "B", "b", True, None]), min_size=1, max_size=20))
def test_unique_has_each_value_once(values: list) -> None:
    seen = [str(value).lower() for value in values]
    firsts = [value for place, value in enumerate(values) if seen.index(seen[place]) == place]
    alone = [value for place, value in enumerate(values) if seen.count(seen[place]) == 1]
    assert flat(excel("UNIQUE", column(*values))) == firsts
    assert flat(excel("UNIQUE", column(*values), False, True)) == (alone or [CALC])


def flat(value: Any) -> list:
    return [one for row in value for one in row] if isinstance(value, list) else [value]


FORMULAS = {
    "ROWS(_xlfn._TRO_TRAILING(A1:A100))": 6.0,
    "ROWS(_xlfn._TRO_LEADING(A1:A10))": 8.0,
    "ROWS(_xlfn._TRO_ALL(A:A))": 4.0,
    "SUM(_xlfn.TRIMRANGE(A1:A10))": 3.0,
    "INDEX(_xlfn._xlws.SORT(A3:A6,1,-1),1)": "x",
    "_xlfn.XLOOKUP(2,A:A,A:A)": 2.0,
    "ROWS(_xlfn.UNIQUE(A:A))": 4.0,  # a blank cell among them, as Excel has it
    "ROWS(_xlfn.UNIQUE(A:A,FALSE,TRUE))": 3.0,
    "COLUMNS(_xlfn.UNIQUE(3:3,TRUE))": 3.0,
}


def test_formulas_of_excel_365(tmp_path: Path) -> None:
    """The operators .: :. and .:. stand in files as functions that begin with _TRO_."""
    path = tmp_path / "trimmed.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("S")
        sheet.write_column(2, 0, [1, 2])
        sheet.write(5, 0, "x")
        for row, formula in enumerate(FORMULAS):
            sheet.write_formula(row, 3, f"={formula}")
    book = read(path)
    recalculate(book)
    assert [book.sheets["S"].grid[row, 4] for row in range(1, len(FORMULAS) + 1)] == list(FORMULAS.values())


COLUMNS = {"A": [3, "b", "a", True, None, 1, "B", -2], "B": [1, "x", "X", 1, None, 2, True, "x"]}
WITH_IRONCALC = [
    "_xlfn.ARRAYTOTEXT(_xlfn._xlws.SORT(A1:A8),1)",
    "_xlfn.ARRAYTOTEXT(_xlfn._xlws.SORT(A1:A8,1,-1),1)",
    "_xlfn.ARRAYTOTEXT(_xlfn.SORTBY(A1:A8,B1:B8,-1),1)",
    "_xlfn.ARRAYTOTEXT(_xlfn.UNIQUE(B1:B8),1)",
    "_xlfn.ARRAYTOTEXT(_xlfn.UNIQUE(B1:B8,FALSE,TRUE),1)",
    "_xlfn.ARRAYTOTEXT(_xlfn.UNIQUE(A1:B8))",
    "_xlfn.ARRAYTOTEXT(_xlfn.WRAPROWS(A1:A8,3),1)",
    "_xlfn.ARRAYTOTEXT(_xlfn.WRAPROWS(A1:A3,5),1)",
    "_xlfn.ARRAYTOTEXT(_xlfn.WRAPCOLS(A1:A8,3,0),1)",
    "_xlfn.ARRAYTOTEXT(_xlfn.EXPAND(A1:A2,3,2),1)",
    "_xlfn.ARRAYTOTEXT(_xlfn.TRIMRANGE(A1:B20),1)",
    '_xlfn.ARRAYTOTEXT(_xlfn.REGEXEXTRACT("a1b22","[0-9]+",1),1)',
    '_xlfn.REGEXREPLACE("xaxbx","x","-")',
    '_xlfn.XMATCH("[A-Z]+",A1:A8,3)',
    "_xlfn.PERCENTOF(A1:A3,A1:A8)",
]


def test_arrays_are_those_of_ironcalc(tmp_path: Path) -> None:
    """Another program's order of kinds, blanks and equal rows; one workbook, calculated once by each."""
    if not ironcalc.available():
        pytest.skip(f"needs IronCalc: {ironcalc.how_to_install}")
    path = tmp_path / "arrays.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("S")
        for column_number, values in enumerate(COLUMNS.values()):
            sheet.write_column(0, column_number, values)
        for row, formula in enumerate(WITH_IRONCALC):
            sheet.write_formula(row, 3, f"={formula}")
    book = read(path)
    recalculate(book)
    cells = [(row, 4) for row in range(1, len(WITH_IRONCALC) + 1)]
    ours, theirs = book.sheets["S"].grid, ironcalc.recalculate(path)["S"]
    different = {formula: (ours[cell], theirs[cell]) for formula, cell in zip(WITH_IRONCALC, cells, strict=True)}
    assert {formula: pair for formula, pair in different.items() if pair[0] != pair[1]} == {}

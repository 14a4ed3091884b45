"""The rows marked "tested" in docs/engines.md: formulas that the sheets may use, in each outside engine."""

from __future__ import annotations

import math
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import xlsxwriter

from sheetgpt.book.values import ErrorValue
from sheetgpt.witnesses import ironcalc
from sheetgpt.witnesses.program import ENGINES
from sheetgpt.witnesses.values import Values

ROW = np.array([0.1, 0.25, -1.5, 3.0, 2.2, -0.7])
MATRIX = np.array([[1.5, 2, 3], [4, 5.25, 6], [7, 8, 9.125], [1, 0, -1], [0.5, 0.25, 2], [3, 1, 4]])
IDS = np.array([5.0, 3, 9, 3, 7, 1, 3, 9])
NORMAL = (ROW - ROW.mean()) / np.sqrt(ROW.var() + 1e-5)
SOFTMAX = np.exp(ROW - ROW.max()) / np.exp(ROW - ROW.max()).sum()
GELU = 0.5 * ROW * (1 + np.tanh(math.sqrt(2 / math.pi) * (ROW + 0.044715 * ROW**3)))

# An array formula over the range r (Data!A11:F11), ids (Data!A1:A8), positions (Data!B1:B8, 0 to 7) and its value.
ARRAYS: list[tuple[str, object]] = [
    ("MMULT(r,h.0.w.weight)+Data!A11:C11", ROW @ MATRIX + ROW[:3]),
    ("TRANSPOSE(h.0.w.weight)", MATRIX.T),
    ("MMULT(Data!A11:C11,TRANSPOSE('h.0.w'!$A$1:$C$4))*0.125", MATRIX[:4] @ ROW[:3] * 0.125),
    ("TRANSPOSE(MMULT(h.0.w.weight,TRANSPOSE(Data!A11:C11)))", MATRIX @ ROW[:3]),
    ("INDEX(h.0.w.weight,3,0)", MATRIX[2]),
    ("INDEX(h.0.w.weight,Data!B4,0)+INDEX(h.0.w.weight,1,0)", MATRIX[2] + MATRIX[0]),
    ("MMULT(INDEX(h.0.w.weight,2,0),TRANSPOSE(h.0.w.weight))", MATRIX[1] @ MATRIX.T),
    ("IF(Data!A1>9,INDEX(h.0.w.weight,2,0),0)", np.zeros(3)),
    ("(r-AVERAGE(r))/SQRT(VARP(r)+1E-5)", NORMAL),
    ("(r-AVERAGE(r))/SQRT(_xlfn.VAR.P(r)+1E-5)", NORMAL),
    ("(r-AVERAGE(r))/SQRT(DEVSQ(r)/6+1E-5)", NORMAL),
    ("EXP(r-MAX(r))/SUM(EXP(r-MAX(r)))", SOFTMAX),
    ("0.5*r*(1+TANH(SQRT(2/PI())*(r+0.044715*r^3)))", GELU),
    ("MIN(IF((ids=3)*(positions>1),positions,1E+9))", 3.0),
    ("MIN(IF((ids=3)*(positions>6),positions,1E+9))", 1e9),
    ("MATCH(MAX(r),r,0)", 4.0),
    ("SUM(ids)", np.full(3, IDS.sum())),
    ("IFERROR(ids/positions,0)", np.divide(IDS, np.arange(8), out=np.zeros(8), where=np.arange(8) > 0)[:, None]),
]
SINGLES: list[tuple[str, object]] = [
    ("LARGE(r,2)", 2.2),
    ('Data!A21&Data!A22&"|"', " hello=1+1|"),
    ("_xlfn.UNICODE(MID(Data!A23,2,2))", 128512.0),
    ("_xlfn.UNICHAR(32)&_xlfn.UNICHAR(8364)", " €"),
    ('HYPERLINK("#Data!A1","go")', "go"),
    ("1=1", True),
    ("Data!A1=Data!A9", False),
    ("NA()", ErrorValue.NA),
    ("1/0", ErrorValue.DIV0),
    ("0.1+0.2", 0.1 + 0.2),
]
CHAIN = 60
Measured = tuple[dict[str, tuple[int, int]], Values]


def write(path: Path) -> dict[str, tuple[int, int]]:
    """The workbook of all cases; formula -> its first cell on the sheet Calc."""
    book = xlsxwriter.Workbook(str(path))
    data, calc, weight, chain = (book.add_worksheet(name) for name in ("Data", "Calc", "h.0.w", "Chain"))
    for position, token in enumerate(IDS.tolist()):
        data.write_row(position, 0, [token, position])
    data.write_row(10, 0, ROW.tolist())
    for row, text in enumerate([" hello", "=1+1", "é😀"], 20):
        data.write_string(row, 0, text)
    for row, values in enumerate(MATRIX.tolist()):
        weight.write_row(row, 0, values)
    for name, target in (
        ("h.0.w.weight", "'h.0.w'!$A$1:$C$6"),
        ("ids", "Data!$A$1:$A$8"),
        ("positions", "Data!$B$1:$B$8"),
        ("n", "Chain!$A$1"),
    ):
        book.define_name(name, "=" + target)
    places, row = {}, 0
    for formula, value in ARRAYS:
        height, width = np.array(value, ndmin=2).shape
        calc.write_array_formula(row, 1, row + height - 1, width, "{=" + _spelled(formula) + "}")
        places[formula], row = (row + 1, 2), row + height
    for formula, _ in SINGLES:
        calc.write_formula(row, 1, "=" + _spelled(formula))
        places[formula], row = (row + 1, 2), row + 1
    _write_chain(chain)
    book.close()
    return places


def _spelled(formula: str) -> str:
    """With r in full: Excel refuses it as a name, since r and c mean row and column."""
    return re.sub(r"\br\b(?!\.)", "Data!$A$11:$F$11", formula)


def _write_chain(sheet: xlsxwriter.worksheet.Worksheet) -> None:
    """Row t + 1 reads a token that row t predicts, unless one is typed (column B, the first n rows)."""
    sheet.write_number(0, 0, 3)
    for t in range(CHAIN):
        row = t + 2
        sheet.write_row(row - 1, 0, [t, t * 5 % 8])
        sheet.write_formula(row - 1, 2, f"=IF(A{row}<n,B{row},F{row - 1})" if t else f"=B{row}")
        sheet.write_array_formula(row - 1, 3, row - 1, 3, f"{{=INDEX(ids,C{row}+1,0)}}")
        sheet.write_array_formula(row - 1, 4, row - 1, 4, f"{{=SUM($D$2:$D{row})}}")
        sheet.write_formula(row - 1, 5, f"=E{row}-8*INT(E{row}/8)")


def _chain() -> list[float]:
    tokens: list[float] = []
    total = 0.0
    for t in range(CHAIN):
        tokens.append(float(t * 5 % 8) if t < 3 else total % 8)
        total += IDS[int(tokens[-1])]
    return tokens


@pytest.fixture(scope="module", params=ENGINES)
def measured(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Measured:
    engine = ENGINES[request.param]
    if engine.available() is None:
        pytest.skip(f"needs {request.param}: {engine.how_to_install}")
    path = tmp_path_factory.mktemp("facts") / "facts.xlsx"
    places = write(path)
    return places, engine.recalculate(path)


@pytest.mark.parametrize(("formula", "expected"), ARRAYS)
def test_array_formulas(measured: Measured, formula: str, expected: object) -> None:
    places, values = measured
    expected = np.atleast_2d(np.asarray(expected, dtype=float))
    row, column = places[formula]
    found = values["Calc"].numbers[row - 1 : row - 1 + expected.shape[0], column - 1 : column - 1 + expected.shape[1]]
    # sums of at most 9 terms near 1, in any order, and functions good to an ulp or two: 1e-14 of the largest
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-14 * max(1.0, np.abs(expected).max()))


@pytest.mark.parametrize(("formula", "expected"), SINGLES)
def test_formulas_of_one_cell(measured: Measured, formula: str, expected: object) -> None:
    places, values = measured
    found = values["Calc"][places[formula]]
    assert found == expected
    assert type(found) is type(expected)


def test_a_chain_in_which_each_row_feeds_the_next(measured: Measured) -> None:
    values = measured[1]["Chain"]
    assert [values[t + 2, 3] for t in range(CHAIN)] == _chain()


def test_nothing_here_is_beyond_an_engine(measured: Measured) -> None:
    assert measured[1].not_covered == {}


@pytest.mark.skipif(ironcalc.available() is None, reason=f"needs IronCalc: {ironcalc.how_to_install}")
def test_what_ironcalc_lacks_is_not_covered(tmp_path: Path) -> None:
    path = tmp_path / "lacks.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("S")
    sheet.write_row(0, 0, [65, 66])
    sheet.write_array_formula("A2:B2", "{=_xlfn.UNICHAR(A1:B1+0)}")
    sheet.write_formula("A3", "=AGGREGATE(14,6,A1:B1,1)")
    sheet.write_formula("A4", "=SUM((A1,B1))")
    sheet.write_formula("A5", "=A5+1")
    sheet.write_formula("A6", "=1/0")
    book.close()
    values = ironcalc.recalculate(path)
    reasons = {cell: reason.split(":")[0] for cell, reason in values.not_covered.items()}
    assert reasons == {
        ("S", 2, 1): "#N/IMPL!",
        ("S", 2, 2): "#N/IMPL!",
        ("S", 3, 1): "#NAME?",
        ("S", 4, 1): "#ERROR!",
        ("S", 5, 1): "#CIRC!",
    }
    assert all(isinstance(values["S"][row, 1], ErrorValue) for row in range(2, 7))


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_is_a_module_of_one_shape(name: str) -> None:
    engine = ENGINES[name]
    assert isinstance(engine, ModuleType)
    assert engine.how_to_install
    if engine.available() is None:
        pytest.skip(f"needs {name}")
    assert name in str(engine.available())

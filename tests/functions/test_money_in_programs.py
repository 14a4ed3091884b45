"""One workbook of some 1,400 values of functions of money and statistics, in LibreOffice and IronCalc.

IronCalc's functions of money agree with Excel's values where Microsoft's pages say nothing; LibreOffice goes other
ways there, which a table says. Both are compared to 1e-9: rates are found to 1e-10 by them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest
import xlsxwriter

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.evaluator import recalculate
from sheetgpt.witnesses.program import ENGINES
from sheetgpt.witnesses.values import Values
from sheetgpt.xlsx.reader import read

# Serials of days: 15.2.2008, 31.8.2007, 29.2.2012 and 15.11.2017, 29.2.2016, 31.5.2013.
STARTS, ENDS = [39493, 39325, 40968], [43054, 42429, 41425]
BASES, WHEN = range(5), [0, 1]
LOAN = [[0.01, 0.1], [1, 5, 12], [12], [1000], [0, 100], WHEN]
ASSET = [[2400], [39679], [39813], [300]]

# Function and the lists of its arguments; every combination is one formula.
GRIDS: list[tuple[str, list]] = [
    ("PMT", [[0.01, 0, -0.02, 0.5], [12, 360], [1000], [0, -500], WHEN]),
    ("PV", [[0.01, 0, 0.3], [12, 2.5], [-100], [0, 500], WHEN]),
    ("FV", [[0.01, 0, -0.1], [12, 3], [-100], [0, 500], WHEN]),
    ("NPER", [[0.01, 0, 0.05], [-100], [1000], [0, -200], WHEN]),
    ("RATE", [[24, 360], [-100], [2000, 12000], [0, -500], WHEN]),
    ("IPMT", LOAN),
    ("PPMT", LOAN),
    ("CUMIPMT", [[0.01], [24], [1000], [1, 5], [5, 24], WHEN]),
    ("CUMPRINC", [[0.01], [24], [1000], [1, 5], [5, 24], WHEN]),
    ("EFFECT", [[0.05, 0.2], [1, 4, 12.7]]),
    ("NOMINAL", [[0.05, 0.2], [1, 4, 12.7]]),
    ("RRI", [[5, 10.5], [100], [150, 80]]),
    ("PDURATION", [[0.02], [100], [150, 120]]),
    ("ISPMT", [[0.1], [0, 1, 3], [3], [1000]]),
    ("SLN", [[1000], [100], [7]]),
    ("SYD", [[1000], [100], [7], [1, 3, 7]]),
    ("DB", [[10000], [1000], [6], [1, 3, 6], [7, 12]]),
    ("DDB", [[10000], [1000, 3000], [6], [1, 3, 6], [1.5, 2]]),
    ("VDB", [[10000], [1000], [6], [0, 2], [3, 4.5, 6], [1.5, 2], ["FALSE", "TRUE"]]),
    ("AMORLINC", [*ASSET, [0, 1, 5, 6, 7], [0.15], [0, 1, 3, 4]]),
    ("AMORDEGRC", [*ASSET, [0, 1, 3, 5, 6], [0.15, 0.3], [0, 1, 3, 4]]),
    *((name, [STARTS, ENDS, [2, 4], BASES]) for name in ("COUPDAYBS", "COUPDAYS", "COUPDAYSNC")),
    *((name, [STARTS, ENDS, [2, 4]]) for name in ("COUPNCD", "COUPPCD", "COUPNUM")),
    ("PRICE", [STARTS, ENDS, [0.0575], [0.065], [100], [1, 2, 4], BASES]),
    ("YIELD", [STARTS, ENDS[:2], [0.0575], [95.04], [100], [2], BASES]),
    ("DURATION", [STARTS, ENDS, [0.08], [0.09], [1, 2], BASES]),
    ("MDURATION", [STARTS, ENDS[:1], [0.08], [0.09], [2], BASES]),
    *((name, [STARTS, ENDS, [97.5], [100], BASES]) for name in ("DISC", "INTRATE", "YIELDDISC")),
    ("RECEIVED", [STARTS, ENDS[2:], [1000], [0.05], BASES]),
    ("PRICEDISC", [STARTS, ENDS, [0.05], [100], BASES]),
    ("PRICEMAT", [[39493], [39767], [39325], [0.06], [0.065], BASES]),
    ("YIELDMAT", [[39493], [39767], [39325], [0.06], [99.5], BASES]),
    ("ACCRINTM", [[39325], [39507, 39934], [0.06], [1000], BASES]),
    ("ACCRINT", [[39508, 39233], [39691], [39569], [0.1], [1000], [1, 2, 4], BASES]),
    ("ODDFPRICE", [[39763], [44256], [39736, 39370], [39873], [0.0785], [0.0625], [100], [2], BASES]),
    ("ODDLPRICE", [[39485], [39614], [39370], [0.0375], [0.0405], [100], [1, 2, 4], BASES]),
    ("ODDLYIELD", [[39485], [39614], [39370], [0.0375], [99.8], [100], [1, 2, 4], BASES]),
    ("TBILLEQ", [[39538], [39600, 39873], [0.09]]),
    ("TBILLPRICE", [[39538], [39600], [0.09]]),
    ("TBILLYIELD", [[39538], [39600], [98.45]]),
    ("DOLLARDE", [[1.02, -3.11, 5.5], [16, 32, 1, 100]]),
    ("DOLLARFR", [[1.125, -3.3, 5.5], [16, 32, 1, 100]]),
    ("NPV", [[0.1], ["A1:A6", "D1:D6"]]),
    ("IRR", [["A1:A6"], [0.1, -0.1]]),
    ("MIRR", [["A1:A6"], [0.1], [0.12]]),
    ("XNPV", [[0.09], ["A1:A6"], ["B1:B6"]]),
    ("XIRR", [["A1:A6"], ["B1:B6"], [0.1]]),
    ("FVSCHEDULE", [[100], ["C1:C3"]]),
    ("TRIMMEAN", [["E1:E6"], [0.1, 0.4]]),
    *((name, [["E1:E6"]]) for name in ("SKEW.P", "SKEW", "KURT")),
    *((name, [["C1:C6"], ["D1:D6", "E1:E6"]]) for name in ("F.TEST", "FTEST", "CHISQ.TEST")),
    *((name, [["D1:D6"], ["E1:E6"], [1, 2], [1, 2, 3]]) for name in ("T.TEST", "TTEST")),
    ("PERCENTRANK.EXC", [["C1:C6"], [2, 3.3, 6], [2, 3, 5]]),
    ("BINOM.DIST.RANGE", [[60, 2000], [0.75, 0.3], [45], [50, 60]]),
    ("BINOM.INV", [[6, 100], [0.5, 0.1], [0.1, 0.5, 0.75, 0.999]]),
    ("NEGBINOM.DIST", [[10, 0], [5, 1], [0.25, 0.5], ["TRUE", "FALSE"]]),
    ("DSUM", [["G1:I7"], ['"Score"', 2], ["K1:L2", "K1:L3", "L1:L2"]]),
    *((name, [["G1:I7"], ['"Score"'], ["K1:L2", "K1:L3"]]) for name in ("DAVERAGE", "DCOUNT", "DMIN", "DVARP")),
    ("PRICE", [[39493], [39400, 43000], [0.05, -0.05], [0.06], [100], [2, 3], [0, 5]]),
    ("PMT", [[0.1], [0], [100]]),
    ("IPMT", [[0.1], [0, 11], [10], [100]]),
]
# Array formulas with the size of their results.
ARRAYS: list[tuple[str, int, int]] = [
    (f"{name}(Data!E1:E6,Data!{x},{constant},TRUE)", 5, 2 + (x == "C1:D6"))
    for name, x, constant in product(("LINEST", "LOGEST"), ("C1:C6", "C1:D6"), ("TRUE", "FALSE"))
]
NEWER = ("SKEW.P", "F.TEST", "CHISQ.TEST", "T.TEST", "PERCENTRANK.EXC", "BINOM", "NEGBINOM.DIST", "RRI", "PDURATION")
COLUMNS: list[list] = [
    [-70000, 12000, 15000, 18000, 21000, 26000],
    [39448, 39508, 39751, 39859, 39904, 40179],
    [1, 2, 3, 4, 5, 7],
    [3, 1, 4, 1, 5, 9],
    [2.1, 3.9, 6.2, 7.8, 10.1, 14.2],
    [],
    ["Name", "Ann", "Bert", "anna", "Cy", "Ann", "Dan"],
    ["Score", 5, 7, 2.5, 8, "x", 1],
    ["Age", 20, 31, 42, 53, 64, 75],
    [],
    ["Name", "=Ann", "=Bert"],
    ["Age", ">15", "<60"],
]

_BY_YEARFRAC = "takes the years of YEARFRAC, and DURATION's last coupon from them"
_ENDS = "has ends of months in years of 360 days, and mean years, as YEARFRAC"
_FURTHER = "goes on to the last digits; Excel stops at 1e-8"
# Functions that a program calculates in another way than Excel; Excel's values are in test_money.py, test_database.py.
LIBREOFFICE = {
    "AMORDEGRC": "has no coefficient of 1.5 for a life of 3 to 4 years when that is rounded up, and 29 February",
    "COUPDAYSNC": "has what is left of the period in the European year; Excel counts to the next coupon",
    "PRICE": "counts the days to the next coupon in bases 2 and 3; Excel takes what is left of the period",
    "YIELD": "as PRICE",
    "DURATION": _BY_YEARFRAC,
    "MDURATION": _BY_YEARFRAC,
    **dict.fromkeys(["INTRATE", "RECEIVED", "PRICEDISC", "PRICEMAT", "YIELDMAT"], _ENDS),
    "ACCRINTM": _ENDS,
    "ACCRINT": "takes no notice of coupon periods",
    "ODDFPRICE": "does not know it",
    "ODDLPRICE": "has one period only",
    "ODDLYIELD": "has one period only",
    "TBILLEQ": "has the formula for half a year for longer ones too",
    "PERCENTRANK.EXC": "rounds to the digits wanted; Excel cuts",
    "XIRR": _FURTHER,
}
IRONCALC = {
    **dict.fromkeys(["DSUM", "DAVERAGE", "DCOUNT", "DMIN", "DVARP"], 'has "=Ann" for the beginning of "Anna"'),
    "XIRR": _FURTHER,
}
ELSEWHERE = {"LibreOffice": LIBREOFFICE, "IronCalc": IRONCALC}


def formulas() -> Iterator[str]:
    for name, lists in GRIDS:
        for arguments in product(*lists):
            yield f"{name}({','.join(_spelled(one) for one in arguments)})"


def _spelled(argument: object) -> str:
    return f"Data!{argument}" if ":" in str(argument) else str(argument)


def _in_file(formula: str) -> str:
    return f"=_xlfn.{formula}" if formula.startswith(NEWER) else f"={formula}"


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[tuple[int, int], str]]:
    """The file, and the formula of each cell on the sheet Calc."""
    path, places = tmp_path_factory.mktemp("money") / "money.xlsx", {}
    book = xlsxwriter.Workbook(str(path))
    calc, data = book.add_worksheet("Calc"), book.add_worksheet("Data")
    for column, values in enumerate(COLUMNS):
        for row, value in enumerate(values):
            (data.write_string if isinstance(value, str) else data.write_number)(row, column, value)
    for row, formula in enumerate(formulas()):
        calc.write_formula(row, 0, _in_file(formula))
        places[row + 1, 1] = formula
    for number, (formula, height, width) in enumerate(ARRAYS):
        top = 6 * number
        calc.write_array_formula(top, 2, top + height - 1, 1 + width, "{" + _in_file(formula) + "}")
        places |= {(top + 1 + i, 3 + j): formula for i in range(height) for j in range(width)}
    book.close()
    return path, places


@pytest.mark.parametrize("program", ENGINES)
def test_a_program_says_the_same(program: str, workbook: tuple[Path, dict[tuple[int, int], str]]) -> None:
    engine, (path, places) = ENGINES[program], workbook
    if engine.available() is None:
        pytest.skip(f"needs {program}: {engine.how_to_install}")
    book = read(path)
    recalculate(book)
    ours, theirs = book.sheets["Calc"].grid, engine.recalculate(path)
    left_out = ELSEWHERE[program]
    compared = [cell for cell in places if ("Calc", *cell) not in theirs.not_covered]
    different = {places[cell] for cell in compared if not agrees(ours[cell], theirs["Calc"][cell])}
    assert {formula for formula in different if formula.partition("(")[0] not in left_out} == set()
    assert {formula.partition("(")[0] for formula in different} == set(left_out) & _names(theirs, places)
    assert len(compared) > 1250


def _names(theirs: Values, places: dict[tuple[int, int], str]) -> set[str]:
    return {places[cell].partition("(")[0] for cell in places if ("Calc", *cell) not in theirs.not_covered}


def agrees(ours: Value, theirs: Value) -> bool:
    """Kinds of errors are not compared: docs/engines.md."""
    if isinstance(ours, ErrorValue) or isinstance(theirs, ErrorValue):
        return isinstance(ours, ErrorValue) and isinstance(theirs, ErrorValue)
    return ours == pytest.approx(theirs, rel=1e-9, abs=1e-10)

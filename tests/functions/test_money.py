"""Functions of money: documented values, values that Excel gives, errors, batches."""

from itertools import product

import numpy as np
import pytest

from sheetgpt.functions import FUNCTIONS, Operand
from sheetgpt.functions.money import LOANS_AND_FLOWS, SECURITIES
from support.calling import DIV0, NA, NUM, VALUE, Case, check, excel, plain, strictly
from support.days import serial as d

FLOWS, DAYS = (
    [-10000, 2750, 4250, 3250, 2750],
    [d(2008, 1, 1), d(2008, 3, 1), d(2008, 10, 30), d(2009, 2, 15), d(2009, 4, 1)],
)
SHOP = [-70000, 12000, 15000, 18000, 21000, 26000]
ODD_FIRST = [d(2008, 11, 11), d(2021, 3, 1), d(2008, 10, 15), d(2009, 3, 1)]
ASSET = [2400, d(2008, 8, 19), d(2008, 12, 31), 300]

# As Microsoft's page on each function prints it.
DOCUMENTED: list[Case] = [
    ("PMT", [0.08 / 12, 10, 10000], -1037.03),
    ("PMT", [0.08 / 12, 10, 10000, 0, 1], -1030.16),
    ("PMT", [0.06 / 12, 18 * 12, 0, 50000], -129.08),
    ("IPMT", [0.1 / 12, 1, 36, 8000], -66.67),
    ("IPMT", [0.1, 3, 3, 8000], -292.45),
    ("PPMT", [0.1 / 12, 1, 24, 2000], -75.62),
    ("PPMT", [0.08, 10, 10, 200000], -27598.05),
    ("PV", [0.08 / 12, 12 * 20, 500, None, 0], -59777.15),
    ("FV", [0.06 / 12, 10, -200, -500, 1], 2581.40),
    ("FV", [0.12 / 12, 12, -1000], 12682.50),
    ("FV", [0.11 / 12, 35, -2000, None, 1], 82846.25),
    ("NPER", [0.01, -100, -1000, 10000, 1], 59.6738657),
    ("NPER", [0.01, -100, -1000, 10000], 60.0821229),
    ("NPER", [0.01, -100, -1000], -9.57859404),
    ("RATE", [48, -200, 8000], 0.0077014725),
    ("CUMIPMT", [0.09 / 12, 360, 125000, 13, 24, 0], -11135.23213),
    ("CUMPRINC", [0.09 / 12, 360, 125000, 13, 24, 0], -934.1071234),
    ("CUMPRINC", [0.09 / 12, 360, 125000, 1, 1, 0], -68.27827118),
    ("EFFECT", [0.0525, 4], 0.0535427),
    ("NOMINAL", [0.053543, 4], 0.05250032),
    ("FVSCHEDULE", [1, [0.09, 0.11, 0.1]], 1.33089),
    ("NPV", [0.1, -10000, 3000, 4200, 6800], 1188.44),
    ("NPV", [0.08, [8000, 9200, 10000, 12000, 14500]], 41922.06),
    ("IRR", [SHOP[:5]], -0.021244848),
    ("IRR", [SHOP], 0.086630948),
    ("IRR", [SHOP[:3], -0.1], -0.443506941),
    ("MIRR", [[-120000, 39000, 30000, 21000, 37000, 46000], 0.1, 0.12], 0.126094),
    ("MIRR", [[-120000, 39000, 30000, 21000], 0.1, 0.12], -0.048044655),
    ("XNPV", [0.09, FLOWS, DAYS], 2086.647602),
    ("XIRR", [FLOWS, DAYS, 0.1], 0.373362535),  # 0.3733625335 would be right: Excel stops at 1e-8
    ("RRI", [96, 10000, 11000], 0.0009933),
    ("PDURATION", [0.025, 2000, 2200], 3.859866163),
    ("ISPMT", [0.1 / 12, 1, 36, 8000000], -64814.8148),
    ("SLN", [30000, 7500, 10], 2250.0),
    ("SYD", [30000, 7500, 10, 1], 4090.91),
    ("SYD", [30000, 7500, 10, 10], 409.09),
    *(
        ("DB", [1000000, 100000, 6, year, 7], value)
        for year, value in enumerate([186083.33, 259639.42, 176814.44, 120410.64, 81999.64, 55841.76, 15845.10], 1)
    ),
    ("DDB", [2400, 300, 3650, 1], 1.32),
    ("DDB", [2400, 300, 10, 2, 1.5], 306.0),
    ("DDB", [2400, 300, 10, 10], 22.12),
    ("VDB", [2400, 300, 3650, 0, 1], 1.32),
    ("VDB", [2400, 300, 120, 6, 18], 396.31),
    ("VDB", [2400, 300, 120, 6, 18, 1.5], 311.81),
    ("VDB", [2400, 300, 10, 0, 0.875, 1.5], 315.0),
    ("AMORLINC", [*ASSET, 1, 0.15, 1], 360.0),
    ("AMORDEGRC", [*ASSET, 1, 0.15, 1], 776.0),
    ("DISC", [d(2018, 7, 1), d(2048, 1, 1), 97.975, 100, 1], 0.000686384),
    ("INTRATE", [d(2008, 2, 15), d(2008, 5, 15), 1000000, 1014420, 2], 0.05768),
    ("RECEIVED", [d(2008, 2, 15), d(2008, 5, 15), 1000000, 0.0575, 2], 1014584.65),
    ("PRICEDISC", [d(2008, 2, 16), d(2008, 3, 1), 0.0525, 100, 2], 99.795833),
    ("YIELDDISC", [d(2008, 2, 16), d(2008, 3, 1), 99.795, 100, 2], 0.052823),
    ("PRICEMAT", [d(2008, 2, 15), d(2008, 4, 13), d(2007, 11, 11), 0.061, 0.061, 0], 99.98449888),
    ("YIELDMAT", [d(2008, 3, 15), d(2008, 11, 3), d(2007, 11, 8), 0.0625, 100.0123, 0], 0.06095433),
    ("ACCRINT", [d(2008, 3, 1), d(2008, 8, 31), d(2008, 5, 1), 0.1, 1000, 2, 0], 16.666667),
    ("ACCRINT", [d(2008, 3, 1), d(2008, 8, 31), d(2008, 5, 1), 0.1, None, 2], 16.666667),
    ("ACCRINT", [d(2008, 3, 5), d(2008, 8, 31), d(2008, 5, 1), 0.1, 1000, 2, 0, False], 15.555556),
    ("ACCRINT", [d(2008, 4, 5), d(2008, 8, 31), d(2008, 5, 1), 0.1, 1000, 2, 0, True], 7.2222222),
    ("ACCRINTM", [d(2008, 4, 1), d(2008, 6, 15), 0.1, 1000, 3], 20.54794521),
    ("PRICE", [d(2008, 2, 15), d(2017, 11, 15), 0.0575, 0.065, 100, 2, 0], 94.63436),
    ("YIELD", [d(2008, 2, 15), d(2016, 11, 15), 0.0575, 95.04287, 100, 2, 0], 0.065),
    ("DURATION", [d(2018, 7, 1), d(2048, 1, 1), 0.08, 0.09, 2, 1], 10.9191453),
    ("MDURATION", [d(2008, 1, 1), d(2016, 1, 1), 0.08, 0.09, 2, 1], 5.73567),
    ("COUPDAYBS", [d(2011, 1, 25), d(2011, 11, 15), 2, 1], 71.0),
    ("COUPDAYS", [d(2011, 1, 25), d(2011, 11, 15), 2, 1], 181.0),
    ("COUPDAYSNC", [d(2011, 1, 25), d(2011, 11, 15), 2, 1], 110.0),
    ("COUPNCD", [d(2011, 1, 25), d(2011, 11, 15), 2, 1], d(2011, 5, 15)),
    ("COUPNUM", [d(2007, 1, 25), d(2008, 11, 15), 2, 1], 4.0),
    ("COUPPCD", [d(2011, 1, 25), d(2011, 11, 15), 2, 1], d(2010, 11, 15)),
    (
        "ODDFPRICE",
        [d(2008, 11, 11), d(2021, 3, 1), d(2008, 10, 15), d(2009, 3, 1), 0.0785, 0.0625, 100, 2, 1],
        113.5977,
    ),
    ("ODDFYIELD", [d(2008, 11, 11), d(2021, 3, 1), d(2008, 10, 15), d(2009, 3, 1), 0.0575, 84.5, 100, 2, 0], 0.0772455),
    ("ODDLPRICE", [d(2008, 2, 7), d(2008, 6, 15), d(2007, 10, 15), 0.0375, 0.0405, 100, 2, 0], 99.87829),
    ("ODDLYIELD", [d(2008, 4, 20), d(2008, 6, 15), d(2007, 12, 24), 0.0375, 99.875, 100, 2, 0], 0.0451922),
    ("TBILLEQ", [d(2008, 3, 31), d(2008, 6, 1), 0.0914], 0.09415149),
    ("TBILLPRICE", [d(2008, 3, 31), d(2008, 6, 1), 0.09], 98.45),
    ("TBILLYIELD", [d(2008, 3, 31), d(2008, 6, 1), 98.45], 0.091417),
    ("DOLLARDE", [1.02, 16], 1.125),
    ("DOLLARDE", [1.1, 32], 1.3125),
    ("DOLLARFR", [1.125, 16], 1.02),
    ("DOLLARFR", [-1.125, 32], -1.04),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), DOCUMENTED)
def test_documented_value(name: str, arguments: list, expected: float) -> None:
    digits = len(str(expected).split(".")[1])
    got = excel(name, *arguments)
    assert isinstance(got, float)
    assert abs(got - expected) <= 0.51 * 10**-digits


LATER = [d(1970, 4, 1), d(1972, 2, 12), d(1980, 4, 23), d(1983, 3, 30)]
LONG_FIRST = [d(1999, 2, 28), d(2010, 6, 30), d(1998, 2, 28), d(2009, 6, 30), 0.07]
# What Excel 2010 gave, to 13 digits, for what its pages leave open; kept with the library ExcelFinancialFunctions.
EXCELS: list[Case] = [
    ("ODDFPRICE", [*LONG_FIRST, 0.03, 100, 1, 2], 127.9031273745),
    ("ODDFPRICE", [*LONG_FIRST, 0.03, 100, 1, 0], 128.0105899192),
    ("ODDFPRICE", [*LONG_FIRST, 0.03, 100, 2, 1], 127.7049586143),
    ("ODDFPRICE", [*LONG_FIRST, 0.1, 67, 4, 1], 45.82111612857),
    ("ODDFPRICE", [*LONG_FIRST, 0.1, 67, 4, 0], 45.84551487913),
    ("ODDFPRICE", [*LONG_FIRST, 0.1, 67, 4, 3], 45.82439147473),
    ("ACCRINT", [d(1990, 3, 4), d(1993, 3, 31), d(1992, 3, 4), 0.07, 10000, 2, 2], 1394.166666667),
    ("ACCRINT", [d(1990, 3, 4), d(1993, 3, 31), d(1992, 3, 4), 0.07, 10000, 2, 0], 1401.944444444),
    ("ACCRINT", [d(1990, 3, 4), d(2010, 7, 5), d(1992, 3, 4), 0.07, 10000, 2, 1], 1287.845303867),
    ("ACCRINT", [d(1990, 3, 4), d(2010, 7, 5), d(1995, 3, 1), 0.07, 10000, 4, 1], 3458.376068376),
    ("COUPPCD", [d(1980, 2, 15), d(2000, 2, 28), 2], d(1979, 8, 28)),
    ("COUPPCD", [d(1980, 2, 15), d(2008, 2, 29), 2], d(1979, 8, 31)),
    *(
        ("YEARFRAC", [d(1993, 2, 28), d(1996, 3, 31), basis], value)
        for basis, value in enumerate([3.086111111111, 3.085557837098, 3.130555555556, 3.087671232877, 3.088888888889])
    ),
    ("YEARFRAC", [d(1993, 2, 28), d(2000, 2, 29), 0], 7.0),
    ("YEARFRAC", [d(1980, 3, 4), d(1998, 3, 31), 0], 18.075),
    ("YEARFRAC", [d(2000, 2, 28), d(2000, 2, 29), 1], 0.002732240437158),
    ("YEARFRAC", [d(1993, 12, 31), d(1995, 3, 2), 1], 1.167123287671),
    ("YEARFRAC", [d(1993, 12, 31), d(1996, 3, 31), 1], 2.247775496235),
    *(
        ("XIRR", [[-100, back, 10, 100], LATER, guess], value)
        for back, guess, value in (
            *((10, 0.15, 0.01563509255648), (10, 0.5, 0.015635099262), (10, 0, 0.01563509277344)),
            *((-10, 0.15, 4.470348358154e-09), (-10, 0.5, 3.725290298462e-09), (-10, 0, 4.8828125e-09)),
        )
    ),
    ("XIRR", [[-1, 3, 4], [d(1970, 3, 2), d(1988, 2, 3), d(1999, 3, 5)], 0.14], 0.08833194077015),
    ("RATE", [1, 10, 100, -100, 0, 0.15], -0.1),
    ("RATE", [5, 20, 120, -50, 1, 0], -0.3356185414527),
    ("RATE", [25, -40, -200, 100, 1, 0.15], -0.2857595837824),
    *(("IRR", [[-100, 10, 10, 100], guess], 0.06886017912484) for guess in (0.15, 0.5, 0)),
    ("IRR", [[-200, 0, 10, -10, 300], 0.5], 0.1077814124169),
    ("DDB", [100, 10, 12.7, 2, 4.5], 22.87804575609),
    ("DDB", [100, 50, 13, 2, 4.5], 15.38461538462),
    ("DDB", [200, 0, 40, 13, 4.5], 5.372827023739),
    ("VDB", [100, 10, 12.7, 2, 4.2, 1], 15.39423676978),
    ("VDB", [100, 10, 12.7, 2, 4.2, 1, True], 13.97382753709),
    ("VDB", [100, 10, 13, 10, 13, 1], 20.5110274341),
    ("VDB", [100, 10, 13, 10, 13, 1, True], 9.58786086707),
    ("VDB", [100, 10, 40, 0, 20, 1], 45.36596037946),
    ("VDB", [100, 10, 1, 0, 0.8, 50.3], 72.0),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), EXCELS)
def test_value_of_excel(name: str, arguments: list, expected: float) -> None:
    assert excel(name, *arguments) == pytest.approx(expected, rel=1e-12)


def test_yields_below_0() -> None:
    """Excel's own last step is 1e-11 off: its prices at its yields are not those that were asked for."""
    terms = [d(1980, 2, 15), d(2010, 6, 30), 0.07, 364.906836773092, 130, 4, 0]
    assert excel("YIELD", *terms) == pytest.approx(-0.00297404851120256, abs=1e-10)
    terms = [d(1981, 3, 31), d(2009, 10, 1), 0.07, 368.592218203111, 130, 2, 0]
    assert excel("YIELD", *terms) == pytest.approx(-0.00552516891151121, abs=1e-10)


def test_a_broken_start_of_vdb() -> None:
    """Excel's parts of the first year are 0.1479 less than the whole, where the second one begins anew."""
    whole, first, second = (excel("VDB", 100, 10, 13, *span, 1) for span in ((0, 1), (0, 0.5), (0.5, 1)))
    assert whole - first - second == pytest.approx(0.1479, abs=5e-5)  # type: ignore[operator]


S, M = d(2008, 2, 15), d(2017, 11, 15)
INVALID: list[Case] = [
    ("PMT", [0.1, 0, 100], NUM),
    ("PMT", ["x", 1, 100], VALUE),
    ("PMT", [0.1, NA, 100], NA),
    ("PMT", [0.1, 12, 100, None, True], -100 / 6.813692 / 1.1),
    ("IPMT", [0.1, 0, 10, 100], NUM),
    ("IPMT", [0.1, 11, 10, 100], NUM),
    ("NPER", [0.1, -1, 100], NUM),
    ("RATE", [10, 1, 1], NUM),
    ("RATE", [0, -100, 1000], NUM),
    ("NPV", [-1, 5], DIV0),
    ("NPV", [0.1, ["x", True, None, 5]], 5 / 1.1),
    ("NPV", [0.1, 5, "x"], VALUE),
    ("IRR", [[1, 2]], NUM),
    ("IRR", [[-1, NA]], NA),
    ("IRR", [[-100, "x", None, True, 110]], 0.1),
    ("MIRR", [[1, 2], 0.1, 0.1], DIV0),
    ("XNPV", [0, FLOWS, DAYS], NUM),
    ("XNPV", [0.1, FLOWS, DAYS[:4]], NUM),
    ("XNPV", [0.1, [-1, 2], [d(2008, 1, 2), d(2008, 1, 1)]], NUM),
    ("XIRR", [[1, 2], DAYS[:2]], NUM),
    ("XIRR", [["x", 2], DAYS[:2]], VALUE),
    ("FVSCHEDULE", [1, [0.1, "x"]], VALUE),
    ("FVSCHEDULE", [1, [0.1, None]], 1.1),
    ("SLN", [1, 2, 0], DIV0),
    ("ISPMT", [0.1, 1, 0, 100], DIV0),
    ("SYD", [100, 10, 5, 6], NUM),
    ("DB", [100, 10, 5, 6], NUM),
    ("DB", [100, 10, 5, 7, 6], NUM),
    ("DB", [0, 10, 5, 1], 0.0),
    ("DDB", [100, 10, 5, 6], NUM),
    ("DDB", [100, 10, 13, 0.3], 200 / 13),
    ("VDB", [100, 10, 5, 3, 2], NUM),
    ("AMORLINC", [*ASSET, 1, 0.15, 2], NUM),
    ("AMORDEGRC", [*ASSET, 1, 0.4], NUM),
    ("AMORDEGRC", [*ASSET, 1, 0.22], NUM),
    ("EFFECT", [0, 4], NUM),
    ("EFFECT", [True, 4], VALUE),
    ("EFFECT", [[0.1, 0.2], 4], VALUE),  # the Analysis ToolPak takes no ranges
    ("EFFECT", [(0.1, 0.2), 1], [[0.1, 0.2]]),
    ("EFFECT", [None, 4], NA),
    ("NOMINAL", [0.1, 0.9], NUM),
    ("CUMIPMT", [0.01, 12, 100, 0, 3, 0], NUM),
    ("CUMIPMT", [0.01, 12, 100, 1, 3, 2], NUM),
    ("PRICE", [M, S, 0.05, 0.06, 100, 2], NUM),
    ("PRICE", [S, M, 0.05, 0.06, 100, 3], NUM),
    ("PRICE", [S, M, -0.05, 0.06, 100, 2], NUM),
    ("PRICE", [S, M, 0.05, 0.06, 100, 2, 5], NUM),
    ("PRICE", ["x", M, 0.05, 0.06, 100, 2], VALUE),
    ("PRICE", [-1, M, 0.05, 0.06, 100, 2], NUM),
    ("YIELD", [S, M, 0.05, 0, 100, 2], NUM),
    ("ODDFPRICE", [S, M, d(2008, 1, 1), d(2008, 5, 16), 0.05, 0.06, 100, 2], NUM),  # no coupon of this maturity
    ("TBILLEQ", [d(2008, 1, 1), d(2009, 1, 2), 0.05], NUM),
    ("DOLLARDE", [1, 0.5], DIV0),
    ("DOLLARDE", [1, -1], NUM),
    ("RRI", [0, 1, 2], NUM),
    ("PDURATION", [0, 1, 2], NUM),
    ("COUPNUM", ["2008-02-15", "2017-11-15", 2.9], 20.0),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), INVALID)
def test_argument(name: str, arguments: list, expected: object) -> None:
    check(excel(name, *arguments), expected, tolerance=1e-6)


def rows_of(name: str, cases: list[list[float]]) -> tuple[list[object], list[object]]:
    """A function's values of many rows of arguments at once, and of each row alone."""
    columns = [np.array(column, dtype=float).reshape(-1, 1, 1) for column in zip(*cases, strict=True)]
    with strictly():
        whole = FUNCTIONS[name].call(*[Operand(column, True) for column in columns])
        alone = [
            plain(FUNCTIONS[name].call(*[Operand(column[i], True) for column in columns])) for i in range(len(cases))
        ]
    return [plain(one) for one in whole], alone


SINGLE = [case for case in DOCUMENTED + EXCELS if all(isinstance(argument, int | float) for argument in case[1])]


@pytest.mark.parametrize("name", sorted({case[0] for case in SINGLE}))
def test_many_rows_at_once_are_what_each_is_alone(name: str) -> None:
    """The documented arguments, and some that are wrong between them."""
    given_ = [arguments for case, arguments, _ in SINGLE if case == name]
    longest = max(map(len, given_))
    rows = [row for row in given_ if len(row) == longest]
    rows += [[value * factor for value in row] for row, factor in product(rows, [-1, 0, 1.01])]
    whole, alone = rows_of(name, rows)
    for one, other in zip(whole, alone, strict=True):
        check(one, other, tolerance=1e-13)


def test_a_loan_book_with_a_bad_row() -> None:
    """100,000 rows, one of them without periods: #NUM! there, and nowhere else."""
    rate, nper = np.linspace(0.001, 0.02, 100_000).reshape(-1, 1, 1), np.full((100_000, 1, 1), 360.0)
    nper[77] = 0
    with strictly():
        payments = FUNCTIONS["PMT"].call(Operand(rate), Operand(nper), Operand(np.array([[1e5]])))
    assert [i for i, value in enumerate(payments.ravel().tolist()) if value is NUM] == [77]
    assert payments[0, 0, 0] == pytest.approx(-1e5 * 0.001 / (1 - 1.001**-360), rel=1e-12)


def test_every_financial_function_is_there() -> None:
    """Those of Excel's category, but for STOCKHISTORY, which asks a web service."""
    names = """ACCRINT ACCRINTM AMORDEGRC AMORLINC COUPDAYBS COUPDAYS COUPDAYSNC COUPNCD COUPNUM COUPPCD CUMIPMT
    CUMPRINC DB DDB DISC DOLLARDE DOLLARFR DURATION EFFECT FV FVSCHEDULE INTRATE IPMT IRR ISPMT
    MDURATION MIRR NOMINAL NPER NPV ODDFPRICE ODDFYIELD ODDLPRICE ODDLYIELD PDURATION PMT PPMT PRICE
    PRICEDISC PRICEMAT PV RATE RECEIVED RRI SLN SYD TBILLEQ TBILLPRICE TBILLYIELD VDB XIRR XNPV YIELD
    YIELDDISC YIELDMAT"""
    assert {*LOANS_AND_FLOWS, *SECURITIES} == {*names.split()}

"""LINEST, LOGEST, TREND and GROWTH: certified values of NIST, exact fractions, columns that follow from others."""

from fractions import Fraction

import numpy as np
import pytest

from sheetgpt.functions.regression import fit
from support.calling import DIV0, NA, NUM, REF, VALUE, Case, check, excel

# NIST Statistical Reference Datasets, Longley: employment by deflator, product, unemployed, forces, population, year.
LONGLEY = [
    [60323, 83.0, 234289, 2356, 1590, 107608, 1947],
    [61122, 88.5, 259426, 2325, 1456, 108632, 1948],
    [60171, 88.2, 258054, 3682, 1616, 109773, 1949],
    [61187, 89.5, 284599, 3351, 1650, 110929, 1950],
    [63221, 96.2, 328975, 2099, 3099, 112075, 1951],
    [63639, 98.1, 346999, 1932, 3594, 113270, 1952],
    [64989, 99.0, 365385, 1870, 3547, 115094, 1953],
    [63761, 100.0, 363112, 3578, 3350, 116219, 1954],
    [66019, 101.2, 397469, 2904, 3048, 117388, 1955],
    [67857, 104.6, 419180, 2822, 2857, 118734, 1956],
    [68169, 108.4, 442769, 2936, 2798, 120445, 1957],
    [66513, 110.8, 444546, 4681, 2637, 121950, 1958],
    [68655, 112.6, 482704, 3813, 2552, 123366, 1959],
    [69564, 114.2, 502601, 3931, 2514, 125368, 1960],
    [69331, 115.7, 518173, 4806, 2572, 127852, 1961],
    [70551, 116.9, 554894, 4007, 2827, 130081, 1962],
]
CERTIFIED = [
    [
        *(1829.15146461355, -0.0511041056535807, -1.03322686717359, -2.02022980381683, -0.0358191792925910),
        *(15.0618722713733, -3482258.63459582),
    ],
    [
        *(455.478499142212, 0.226073200069370, 0.214274163161675, 0.488399681651699, 0.0334910077722432),
        *(84.9149257747669, 890420.383607373),
    ],
    [0.995479004577296, 304.854073561965],
    [330.285339234588, 9.0],
    [184172401.944494, 836424.055505915],
]


def table(rows: list[list[float]]) -> list[list[object]]:
    """Rows of different lengths filled up with #N/A, as LINEST has it."""
    return [[*row, *[NA] * (len(rows[0]) - len(row))] for row in rows]


def test_longley_by_columns_and_by_rows() -> None:
    """To 1e-10: the columns are alike to one part in 10^4, which costs some of the digits."""
    y, x = [row[:1] for row in LONGLEY], [row[1:] for row in LONGLEY]
    check(excel("LINEST", y, x, True, True), table(CERTIFIED), tolerance=1e-10)
    across = [[row[0] for row in LONGLEY]], [list(column) for column in zip(*x, strict=True)]
    check(excel("LINEST", *across, True, True), table(CERTIFIED), tolerance=1e-10)
    check(excel("LINEST", y, x), CERTIFIED[:1], tolerance=1e-10)


def exact_line(x: list[int], y: list[int], with_constant: bool) -> list[list[Fraction]]:
    """Slope and constant, their variances, r2, variance of y, F, freedom and sums of squares, in fractions."""
    n = len(x)
    mx, my = (Fraction(sum(x), n), Fraction(sum(y), n)) if with_constant else (Fraction(0), Fraction(0))
    zero = Fraction(0)
    sxx = sum(((a - mx) ** 2 for a in x), zero)
    slope = sum(((a - mx) * (b - my) for a, b in zip(x, y, strict=True)), zero) / sxx
    total = sum(((b - my) ** 2 for b in y), zero)
    rest = sum(((b - my - slope * (a - mx)) ** 2 for a, b in zip(x, y, strict=True)), zero)
    freedom = n - 1 - with_constant
    variance = rest / freedom
    return [
        [slope, my - slope * mx],
        [variance / sxx, variance * (Fraction(1, n) + mx**2 / sxx)],
        [(total - rest) / total, variance],
        [(total - rest) / variance, Fraction(freedom)],
        [total - rest, rest],
    ]


@pytest.mark.parametrize("with_constant", [True, False])
def test_a_line_is_exact(with_constant: bool) -> None:
    x, y = [1, 2, 4, 7, 11], [3, 1, 4, 1, 5]
    found = excel("LINEST", [[float(b)] for b in y], [[float(a)] for a in x], with_constant, True)
    exact = exact_line(x, y, with_constant)
    expected = [[float(value) for value in row] for row in exact]
    expected[1] = [value**0.5 for value in expected[1]]
    expected[2][1] **= 0.5
    if not with_constant:
        expected[1][1] = NA  # type: ignore[call-overload]
    check(found, expected, tolerance=1e-13)


CASES: list[Case] = [
    # Excel's page on LINEST
    ("LINEST", [[1, 9, 5, 7], [0, 4, 2, 3], None, False], [[2.0, 1.0]]),
    ("LINEST", [[3, 5, 7]], [[2.0, 1.0]]),
    ("LINEST", [[2, 4], [1, 2], False], [[2.0, 0.0]]),
    ("LOGEST", [[6, 18, 54], [1, 2, 3]], [[3.0, 2.0]]),
    ("LOGEST", [[3, 9, 27], [1, 2, 3], False], [[3.0, 1.0]]),
    ("LOGEST", [[6, -18], [1, 2]], NUM),
    ("LINEST", [[1, 2], [1, 2, 3]], REF),
    ("LINEST", [[1, "x"], [1, 2]], VALUE),
    ("LINEST", [[1, NA], [1, 2]], NA),
    ("LINEST", [[1, 2], [1, 2], "x"], VALUE),
    ("LINEST", [None], VALUE),
    # no degree of freedom is left
    ("LINEST", [[1, 3], [1, 2], True, True], [[2.0, -1.0], [0.0, 0.0], [1.0, 0.0], [NUM, 0.0], [2.0, 0.0]]),
    ("TREND", [[2, 4, 6], [1, 2, 3], [4, 5], True], [[8.0, 10.0]]),
    ("GROWTH", [[[2], [4], [8]], [[1], [2], [3]], [[4]]], 16.0),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_case(name: str, arguments: list, expected: object) -> None:
    check(excel(name, *arguments), expected, tolerance=1e-12)


def test_documented_line() -> None:
    """Excel's page on LINEST, example 3: what offices are worth, by floor space, offices, entrances and age."""
    x = [[2310, 2, 2, 20], [2333, 2, 2, 12], [2356, 3, 1.5, 33], [2379, 3, 2, 43], [2402, 2, 3, 53], [2425, 4, 2, 23]]
    x += [[2448, 2, 1.5, 99], [2471, 2, 2, 34], [2494, 3, 3, 23], [2517, 4, 4, 55], [2540, 2, 3, 22]]
    y = [142000, 144000, 151000, 150000, 139000, 169000, 126000, 142900, 163000, 169000, 149000]
    found = excel("LINEST", [[value] for value in y], x, True, True)
    assert isinstance(found, list)
    printed = [[-234.2371645, 2553.21066, 12529.76817, 27.64138737, 52317.83051]]
    printed += [[13.26801148, 530.6691519, 400.0668382, 5.429374042, 12237.3616]]
    for got, row in zip(found, printed, strict=False):
        assert got == pytest.approx(row, rel=5e-9)  # ten digits are printed
    assert found[2][:2] == pytest.approx([0.996747993, 970.5784629], rel=1e-8)
    assert found[3][:2] == pytest.approx([459.7536742, 6], rel=1e-8)
    assert found[4][:2] == pytest.approx([1732393319, 5652135], rel=1e-6)


@pytest.mark.parametrize(
    ("x", "dropped"),
    [
        ([[1, 2], [3, 6], [4, 8], [6, 12], [7, 14]], 0),  # twice the other: what spreads more stays
        ([[2, 1], [6, 3], [8, 4], [12, 6], [14, 7]], 1),
        ([[1, 1], [3, 3], [4, 4], [6, 6], [7, 7]], 1),
        ([[5, 1], [5, 3], [5, 4], [5, 6], [5, 7]], 0),  # the constant has it already
    ],
)
def test_a_column_that_follows_from_others_counts_nothing(x: list[list[float]], dropped: int) -> None:
    y = [[1], [2], [3], [4], [5]]
    found = excel("LINEST", y, x, True, True)
    alone = excel("LINEST", y, [[row[1 - dropped]] for row in x], True, True)
    assert isinstance(found, list)
    assert isinstance(alone, list)
    at, other = 1 - dropped, dropped  # the last variable comes first
    for row in (0, 1):
        assert found[row][at] == 0
        assert [found[row][other], found[row][2]] == pytest.approx(alone[row], rel=1e-12)
    assert [row[:2] for row in found[2:]] == [pytest.approx(row, rel=1e-12) for row in alone[2:]]


def test_polynomials_of_years_are_no_combinations() -> None:
    """The cube of a year has 1e-6 of its spread to itself; that is enough."""
    years = np.arange(2000.0, 2011.0)
    x = np.column_stack([years, years**2, years**3])
    found = fit(x, (years - 2005) ** 3, True)
    assert found.freedom == 7
    assert found.at(x) == pytest.approx((years - 2005) ** 3, abs=1e-3)


MORE: list[Case] = [
    # Excel's pages; the digits that they print
    ("TRIMMEAN", [[4, 5, 6, 7, 2, 3, 4, 5, 1, 2, 3], 0.2], 3.778),
    ("SKEW.P", [[3, 4, 5, 2, 3, 4, 5, 6, 4, 7]], 0.303193),
    ("PERCENTRANK.EXC", [[1, 2, 3, 6, 6, 6, 7, 8, 9], 7], 0.7),
    ("PERCENTRANK.EXC", [[1, 2, 3, 6, 6, 6, 7, 8, 9], 5.43], 0.381),
    ("PERCENTRANK.EXC", [[1, 2, 3, 6, 6, 6, 7, 8, 9], 5.43, 1], 0.3),
    ("F.TEST", [[6, 7, 9, 15, 21], [20, 28, 31, 38, 40]], 0.64831785),
    ("T.TEST", [[3, 4, 5, 8, 9, 1, 2, 4, 5], [6, 19, 3, 2, 14, 4, 5, 17, 1], 2, 1], 0.196016),
    ("CHISQ.TEST", [[[58, 35], [11, 25], [10, 23]], [[45.35, 47.65], [17.56, 18.44], [16.09, 16.91]]], 0.000308192),
    ("BINOM.DIST.RANGE", [60, 0.75, 48], 0.084),
    ("BINOM.DIST.RANGE", [60, 0.75, 45, 50], 0.524),
    ("NEGBINOM.DIST", [10, 5, 0.25, True], 0.3135141),
    ("NEGBINOM.DIST", [10, 5, 0.25, False], 0.0550487),
    ("NEGBINOMDIST", [10, 5, 0.25], 0.0550487),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), MORE)
def test_documented_value(name: str, arguments: list, expected: float) -> None:
    digits = len(str(expected).split(".")[1])
    got = excel(name, *arguments)
    assert isinstance(got, float)
    assert abs(got - expected) <= 0.51 * 10**-digits


def test_binomials_are_exact() -> None:
    """Against fractions: all probabilities are multiples of 4^-60."""
    share = Fraction(3, 4)
    ways = [Fraction(1)]
    for k in range(60):
        ways.append(ways[-1] * (60 - k) / (k + 1))
    each = [ways[k] * share**k * (1 - share) ** (60 - k) for k in range(61)]
    assert excel("BINOM.DIST.RANGE", 60, 0.75, 40, 50) == pytest.approx(float(sum(each[40:51])), rel=1e-14)
    below = [sum(each[: k + 1]) for k in range(61)]
    for wanted in (0.001, 0.25, 0.5, 0.999):
        assert excel("BINOM.INV", 60, 0.75, wanted) == next(k for k in range(61) if below[k] >= Fraction(wanted))
    assert excel("CRITBINOM", 6, 0.5, 42 / 64) == 3.0  # a probability that is met exactly
    negative = Fraction(1001) * Fraction(1, 4) ** 5 * Fraction(3, 4) ** 10
    assert excel("NEGBINOM.DIST", 10, 5, 0.25, False) == pytest.approx(float(negative), rel=1e-14)


ERRORS: list[Case] = [
    ("TRIMMEAN", [[1, 2], 1], NUM),
    ("TRIMMEAN", [[1, 2], -0.1], NUM),
    ("TRIMMEAN", [["x"], 0.1], NUM),
    ("SKEW.P", [[1, 2]], DIV0),
    ("SKEW.P", [[1, 1, 1]], DIV0),
    ("SKEW", [[1, 1, 1]], DIV0),
    ("KURT", [[1, 1, 1, 1]], DIV0),
    ("PERCENTRANK.EXC", [[1, 2], 3], NA),
    ("F.TEST", [[1], [1, 2]], DIV0),
    ("F.TEST", [[1, 1], [1, 2]], DIV0),
    ("T.TEST", [[1, 2], [1, 2, 3], 1, 1], NA),
    ("T.TEST", [[1, 2], [1, 2, 3], 3, 1], NUM),
    ("T.TEST", [[1, 2], [1, 2, 3], 2, 4], NUM),
    ("T.TEST", [[1, 1], [1, 1], 2, 2], DIV0),
    ("CHISQ.TEST", [[1], [1]], NA),
    ("CHISQ.TEST", [[1, 2], [1, 2, 3]], NA),
    ("CHISQ.TEST", [[1, 2], [0, 2]], DIV0),
    ("CHISQ.TEST", [[1, 2], [-1, 2]], NUM),
    ("BINOM.INV", [6, 0.5, 1.1], NUM),
    ("BINOM.INV", [57, 0.3, 1], 57.0),  # only all of them are certain
    ("BINOM.INV", [57, 0, 1], 0.0),
    ("BINOM.DIST.RANGE", [6, 0.5, 4, 3], NUM),
    ("NEGBINOM.DIST", [-1, 1, 0.5, True], NUM),
    ("NEGBINOM.DIST", [1, 0, 0.5, True], NUM),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), ERRORS)
def test_error(name: str, arguments: list, expected: object) -> None:
    check(excel(name, *arguments), expected)

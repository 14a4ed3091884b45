"""Ranks, quantiles, regression and distributions; values from Excel's documentation."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetgpt.functions.core.special_functions import beta_lower, gamma_lower, gamma_upper, normal, normal_inverse
from support.calling import DIV0, NA, NUM, REF, VALUE, Case, check, excel

DATA = [[3], [5], [3], [5], [4], [4], [2], [4], [6], [7]]
SCORES = [79, 85, 78, 85, 50, 81, 95, 88, 97]
Y, X = [2, 3, 9, 1, 8, 7, 5], [6, 5, 11, 7, 5, 4, 4]

STATISTICS: list[Case] = [
    ("LARGE", [DATA, 3], 5.0),
    ("LARGE", [DATA, 11], NUM),
    ("LARGE", [DATA, [1, 2]], [[7.0, 6.0]]),
    ("LARGE", [DATA, [[10, 2.5], [1, 1]]], [[2.0, 5.0], [7.0, 7.0]]),
    ("LARGE", [DATA, [1, 11, 0]], [[7.0, NUM, NUM]]),
    ("SMALL", [DATA, [9, 4]], [[6.0, 4.0]]),
    ("SMALL", [[3, 4, "x", 5, 2], 1], 2.0),
    ("SMALL", [[1, NA], 1], NA),
    ("RANK", [3.5, [7, 3.5, 3.5, 1, 2], 1], 3.0),
    ("RANK.EQ", [7, [7, 3.5, 3.5, 1, 2], 1], 5.0),
    ("RANK.AVG", [3.5, [7, 3.5, 3.5, 1, 2]], 2.5),
    ("RANK", [9, [1, 2]], NA),
    ("PERCENTILE", [[1, 2, 3, 4], 0.3], 1.9),
    ("PERCENTILE.EXC", [[6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], 0.25], 15.0),
    ("PERCENTILE.EXC", [[1, 2], 0.1], NUM),
    ("QUARTILE", [[1, 2, 4, 7, 8, 9, 10, 12], 1], 3.5),
    ("QUARTILE", [[1, 2], 5], NUM),
    ("QUARTILE.EXC", [[6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], 3], 43.0),
    ("PERCENTRANK", [[13, 12, 11, 8, 4, 3, 2, 1, 1, 1], 2], 0.333),
    ("PERCENTRANK", [[13, 12, 11, 8, 4, 3, 2, 1, 1, 1], 5], 0.583),
    ("MODE", [[5.6, 4, 4, 3, 2, 4]], 4.0),
    ("MODE", [[1, 2]], NA),
    ("MODE.MULT", [[1, 2, 3, 4, 3, 2, 1, 2, 3]], [[2.0], [3.0]]),
    ("FREQUENCY", [SCORES, [70, 79, 89]], [[1.0], [2.0], [4.0], [2.0]]),
    ("FREQUENCY", [SCORES, [89, 70, 79]], [[4.0], [1.0], [2.0], [2.0]]),
    ("COVARIANCE.P", [[3, 2, 4, 5, 6], [9, 7, 12, 15, 17]], 5.2),
    ("COVARIANCE.S", [[2, 4, 8], [5, 11, 12]], 29 / 3),
    ("CORREL", [[3, 2, 4, 5, 6], [9, 7, 12, 15, 17]], 0.9970544855015815),
    ("CORREL", [[1, 1], [2, 3]], DIV0),
    ("PEARSON", [[1, 2], [1, 2, 3]], NA),
    ("RSQ", [Y, X], 0.05795019157088122),
    ("SLOPE", [Y, X], 0.3055555555555556),
    ("INTERCEPT", [[2, 3, 9, 1, 8], [6, 5, 11, 7, 5]], 0.04838709677419217),
    ("STEYX", [Y, X], 3.305718950210041),
    ("FORECAST", [30, [6, 7, 9, 15, 21], [20, 28, 31, 38, 40]], 10.607253086419755),
    ("TREND", [[1, 3, 5]], [[1.0, 3.0, 5.0]]),
    ("TREND", [[1, 3, 5], [1, 2, 3], [4, 5]], [[7.0, 9.0]]),
    ("TREND", [[[2], [4]], [[1], [2]], [[10]], False], 20.0),
    ("GROWTH", [[1, 2, 4], [0, 1, 2], [3, 10]], [[8.0, 1024.0]]),
    ("GROWTH", [[1, -2]], NUM),
    ("TREND", [[1, 2], [1, 2, 3]], REF),
    ("PROB", [[0, 1, 2, 3], [0.2, 0.3, 0.1, 0.4], 1, 3], 0.8),
    ("PROB", [[0, 1], [0.2, 0.3], 1], NUM),
]

# As Excel's documentation prints them: at most 9 digits.
PRINTED: list[Case] = [
    ("NORM.DIST", [42, 40, 1.5, True], 0.9087888),
    ("NORM.DIST", [42, 40, 1.5, False], 0.10934),
    ("NORM.S.DIST", [1.333333, True], 0.908788726),
    ("NORM.S.DIST", [1.333333, False], 0.164010148),
    ("NORM.INV", [0.908789, 40, 1.5], 42.000002),
    ("NORM.S.INV", [0.908788726], 1.333333),
    ("LOGNORM.DIST", [4, 3.5, 1.2, True], 0.0390836),
    ("LOGNORM.INV", [0.039084, 3.5, 1.2], 4.0000252),
    ("EXPON.DIST", [0.2, 10, True], 0.86466472),
    ("WEIBULL.DIST", [105, 20, 100, True], 0.929581),
    ("POISSON.DIST", [2, 5, True], 0.124652),
    ("POISSON.DIST", [2, 5, False], 0.084224),
    ("BINOM.DIST", [6, 10, 0.5, False], 0.2050781),
    ("HYPGEOM.DIST", [1, 4, 8, 20, True], 0.4654),
    ("HYPGEOM.DIST", [1, 4, 8, 20, False], 0.3633),
    ("GAMMA.DIST", [10.00001131, 9, 2, True], 0.068094),
    ("GAMMA.DIST", [10.00001131, 9, 2, False], 0.032639),
    ("GAMMA.INV", [0.068094, 9, 2], 10.0000112),
    ("BETA.DIST", [2, 8, 10, True, 1, 3], 0.6854706),
    ("BETA.INV", [0.685470581, 8, 10, 1, 3], 2.0),
    ("CHISQ.DIST", [0.5, 1, True], 0.52049988),
    ("CHISQ.DIST.RT", [18.307, 10], 0.0500006),
    ("CHISQ.INV", [0.93, 1], 3.28302029),
    ("CHISQ.INV.RT", [0.050001, 10], 18.306973),
    ("T.DIST", [60, 1, True], 0.99469533),
    ("T.DIST.2T", [1.959999998, 60], 0.054645),
    ("T.DIST.RT", [1.959999998, 60], 0.027322),
    ("T.INV", [0.75, 2], 0.8164966),
    ("T.INV.2T", [0.546449, 60], 0.606533),
    ("F.DIST", [15.20686486, 6, 4, True], 0.99),
    ("F.DIST", [15.20686486, 6, 4, False], 0.0012238),
    ("F.INV.RT", [0.01, 6, 4], 15.20686),
    ("CONFIDENCE.NORM", [0.05, 2.5, 50], 0.692951912),
    ("CONFIDENCE.T", [0.05, 1, 50], 0.284196855),
    ("Z.TEST", [[3, 6, 7, 8, 6, 5, 4, 2, 1, 9], 4], 0.090574),
    ("GAUSS", [2], 0.47725),
    ("PHI", [0.75], 0.301137432),
    ("FISHER", [0.75], 0.9729551),
    ("FISHERINV", [0.972955], 0.75),
    ("ERF", [0.745], 0.70792892),
    ("STANDARDIZE", [42, 40, 1.5], 1.33333333),
]

INVALID: list[Case] = [
    ("NORM.DIST", [1, 1, 0, True], NUM),
    ("NORM.S.INV", [0], NUM),
    ("NORM.S.INV", [1], NUM),
    ("GAMMA", [0], NUM),
    ("GAMMA", [-2], NUM),
    ("GAMMA", [172], NUM),
    ("GAMMALN", [0], NUM),
    ("BETA.DIST", [4, 1, 1, True], NUM),
    ("T.DIST", [1, 0, True], NUM),
    ("T.DIST.2T", [-1, 5], NUM),
    ("CHISQ.INV", [1, 3], NUM),
    ("POISSON.DIST", [-1, 5, True], NUM),
    ("BINOM.DIST", [11, 10, 0.5, True], NUM),
    ("HYPGEOM.DIST", [5, 4, 8, 20, True], NUM),
    ("CONFIDENCE.T", [0.05, 1, 1], DIV0),
    ("Z.TEST", [["x"], 4], NA),
    ("STANDARDIZE", [1, 1, 0], NUM),
    ("EXPON.DIST", ["x", 1, True], VALUE),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), STATISTICS + INVALID)
def test_function(name, arguments, expected):
    check(excel(name, *arguments), expected, tolerance=1e-12)  # least squares lose a digit


@pytest.mark.parametrize(("name", "arguments", "expected"), PRINTED)
def test_documented_value(name, arguments, expected):
    digits = len(str(expected).split(".")[1])
    got = excel(name, *arguments)
    assert isinstance(got, float)
    assert abs(got - expected) <= 0.51 * 10**-digits


@given(st.floats(0.01, 200), st.floats(0.01, 400))
def test_incomplete_gamma_and_its_complement_add_to_one(a, x):
    assert gamma_lower(a, x) + gamma_upper(a, x) == pytest.approx(1, abs=1e-12)


@given(st.floats(0.001, 0.999), st.floats(0.1, 100), st.floats(0.1, 100))
def test_incomplete_beta_is_symmetric(x, a, b):
    # log gamma of numbers near 200 is about 900, its rounding error 1e-13, and so that of the result.
    assert beta_lower(x, a, b) == pytest.approx(1 - beta_lower(1 - x, b, a), abs=2e-12)


@given(st.floats(0.001, 50))
def test_incomplete_gamma_of_one_is_exponential(x):
    assert gamma_lower(1.0, x) == pytest.approx(-math.expm1(-x), rel=1e-13)


@given(st.floats(1e-300, 1, exclude_max=True))
def test_the_normal_inverse_inverts(p):
    # The density at z magnifies the error of z; for p = 1e-300 the factor is z squared, about 1400.
    assert normal(normal_inverse(p)) == pytest.approx(p, rel=1e-11)


_INVERSES = [
    ("GAMMA.DIST", "GAMMA.INV", [2.5, 3]),
    ("BETA.DIST", "BETA.INV", [2, 3]),
    ("CHISQ.DIST", "CHISQ.INV", [7]),
    ("T.DIST", "T.INV", [9]),
    ("F.DIST", "F.INV", [5, 8]),
    ("LOGNORM.DIST", "LOGNORM.INV", [0.5, 2]),
]


@pytest.mark.parametrize(("distribution", "inverse", "parameters"), _INVERSES)
@given(p=st.floats(1e-6, 1 - 1e-6))
def test_inverses_invert(distribution, inverse, parameters, p):
    x = excel(inverse, p, *parameters)
    assert excel(distribution, x, *parameters, True) == pytest.approx(p, rel=1e-12)

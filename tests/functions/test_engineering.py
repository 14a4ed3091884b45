"""Complex numbers, Bessel functions, units; from Excel's documentation, mpmath, closed forms, and IronCalc."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.evaluator import recalculate
from sheetgpt.functions.core.bessel import bessel_i, bessel_j, bessel_k, bessel_y
from sheetgpt.functions.units import UNITS_BY_NAME
from sheetgpt.witnesses import ironcalc
from sheetgpt.xlsx.reader import read
from support.calling import DIV0, NA, NUM, VALUE, Case, check, excel

# From https://support.microsoft.com/office/ pages of each function, in the digits printed there.
COMPLEX: list[Case] = [
    ("COMPLEX", [3, 4], "3+4i"),
    ("COMPLEX", [3, 4, "j"], "3+4j"),
    ("COMPLEX", [3, 4, ""], "3+4i"),
    ("COMPLEX", [3, 4, False], VALUE),  # neither "i" nor "j", says the page
    ("COMPLEX", [3, 4, 0], VALUE),
    ("COMPLEX", [0, 1], "i"),
    ("COMPLEX", [1, 0], "1"),
    ("COMPLEX", [0, -1], "-i"),
    ("COMPLEX", [1, 2, "I"], VALUE),
    ("COMPLEX", [True, 2], VALUE),
    ("IMABS", ["5+12i"], 13.0),
    ("IMAGINARY", ["3+4i"], 4.0),
    ("IMAGINARY", ["0-j"], -1.0),
    ("IMAGINARY", [4], 0.0),
    ("IMARGUMENT", ["3+4i"], 0.9272952180016122),
    ("IMARGUMENT", [0], DIV0),
    ("IMCONJUGATE", ["3+4i"], "3-4i"),
    ("IMCOS", ["1+i"], "0.833730025131149-0.988897705762865i"),
    ("IMCOSH", ["4+3i"], "-27.0349456030742+3.85115333481178i"),
    ("IMCOT", ["4+3i"], "0.00490118239430447-0.999266927805902i"),
    ("IMCSC", ["4+3i"], "-0.0754898329158637+0.0648774713706355i"),
    ("IMCSC", [0], NUM),
    ("IMCSCH", ["4+3i"], "-0.036275889628626-0.0051744731840194i"),
    ("IMDIV", ["-238+240i", "10+24i"], "5+12i"),
    ("IMDIV", ["1+i", 0], NUM),
    ("IMEXP", ["1+i"], "1.46869393991589+2.28735528717884i"),
    ("IMLN", ["3+4i"], "1.6094379124341+0.927295218001612i"),
    ("IMLN", [0], NUM),
    ("IMLOG10", ["3+4i"], "0.698970004336019+0.402719196273373i"),
    ("IMLOG2", ["3+4i"], "2.32192809488736+1.33780421245098i"),
    ("IMPOWER", ["2+3i", 3], "-46+9.00000000000001i"),
    ("IMPOWER", ["2+3i", "x"], VALUE),
    ("IMPOWER", [0, 0], NUM),
    ("IMPRODUCT", ["3+4i", "5-3i"], "27+11i"),
    ("IMPRODUCT", ["1+2i", 30], "30+60i"),
    ("IMREAL", ["6-9i"], 6.0),
    ("IMREAL", ["6 - 9i"], NUM),
    ("IMREAL", [""], NUM),
    ("IMREAL", [True], VALUE),
    ("IMREAL", [[None]], 0.0),
    ("IMSEC", ["4+3i"], "-0.065294027857947-0.0752249603027732i"),
    ("IMSECH", ["4+3i"], "-0.0362534969158689-0.00516434460775318i"),
    ("IMSIN", ["4+3i"], "-7.61923172032141-6.548120040911i"),
    ("IMSINH", ["4+3i"], "-27.0168132580039+3.85373803791938i"),
    ("IMSQRT", ["1+i"], "1.09868411346781+0.455089860562227i"),
    ("IMSUB", ["13+4i", "5+3i"], "8+i"),
    ("IMSUM", ["3+4i", "5-3i"], "8+i"),
    ("IMSUM", [["1+2i", None, 3]], "4+2i"),
    ("IMSUM", ["i", "j"], VALUE),
    ("IMSUM", ["i", "I"], NUM),
]
OTHERS: list[Case] = [
    ("DELTA", [5, 4], 0.0),
    ("DELTA", [5, 5], 1.0),
    ("DELTA", [0.5], 0.0),
    ("GESTEP", [5, 4], 1.0),
    ("GESTEP", [-4, -5], 1.0),
    ("GESTEP", [-1], 0.0),
    ("MULTINOMIAL", [2, 3, 4], 1260.0),
    ("MULTINOMIAL", [[2.9, None, 3]], 10.0),
    ("MULTINOMIAL", [-1], NUM),
    ("MULTINOMIAL", [500, 600], NUM),
    ("PERCENTOF", [[1, "x", 2], [[3], [9]]], 0.25),
    ("PERCENTOF", [1, 0], DIV0),
    ("BESSELI", [1, -1], NUM),
    ("BESSELK", [0, 1], NUM),
    ("BESSELY", [-1, 1], NUM),
    ("BESSELJ", ["x", 1], VALUE),
    ("BESSELI", [1e6, 0], NUM),
    ("BESSELJ", [2**27, 0], NUM),
]
CONVERT: list[Case] = [
    ("CONVERT", [1, "lbm", "kg"], 0.45359237),
    ("CONVERT", [68, "F", "C"], 20.0),
    ("CONVERT", [2.5, "ft", "sec"], NA),
    ("CONVERT", [100, "ft^2", "m^2"], 9.290304),
    ("CONVERT", [6, "C", "F"], 42.8),
    ("CONVERT", [6, "tsp", "tbs"], 2.0),
    ("CONVERT", [6, "gal", "l"], 22.712470704),
    ("CONVERT", [6, "mi", "km"], 9.656064),
    ("CONVERT", [6, "in", "ft"], 0.5),
    ("CONVERT", [6, "cm", "in"], 2.3622047244094490),
    ("CONVERT", [100, "Rank", "K"], 100 / 1.8),
    ("CONVERT", [80, "Reau", "F"], 212.0),
    ("CONVERT", [1, "kK", "K"], 1000.0),
    ("CONVERT", [1, "kC", "C"], NA),
    ("CONVERT", [1, "km2", "ha"], 100.0),
    ("CONVERT", [1, "dm^3", "l"], 1.0),
    ("CONVERT", [1, "kibyte", "bit"], 8192.0),
    ("CONVERT", [1, "kim", "m"], NA),
    ("CONVERT", [1, "dah", "W"], NA),
    ("CONVERT", [1, "em", "m"], 10.0),
    ("CONVERT", [1, "M", "m"], NA),
    ("CONVERT", [True, "m", "m"], VALUE),
]
# mpmath 1.3 with 40 digits.
BESSEL = [
    (bessel_j, 1.9, 2, 0.32992572769238732),
    (bessel_j, 30.5, 3, 0.14480319093297493),
    (bessel_j, 0.001, 4, 2.604166536458336e-15),
    (bessel_j, -2.5, 1, -0.49709410246427404),
    (bessel_y, 2.5, 1, 0.14591813796678577),
    (bessel_y, 0.01, 0, -3.0054556370836459),
    (bessel_i, 1.5, 1, 0.98166642857790759),
    (bessel_i, 700, 1, 1.5285003902339008e302),
    (bessel_k, 1.5, 1, 0.27738780045684382),
    (bessel_k, 100, 1, 4.6798537356369090e-45),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), COMPLEX + OTHERS)
def test_function(name: str, arguments: list, expected: Any) -> None:
    check(excel(name, *arguments), expected)


@pytest.mark.parametrize(("name", "arguments", "expected"), CONVERT)
def test_convert(name: str, arguments: list, expected: Any) -> None:
    check(excel(name, *arguments), expected)


@pytest.mark.parametrize(("function", "x", "n", "expected"), BESSEL)
def test_bessel_functions_of_mpmath(function: Any, x: float, n: int, expected: float) -> None:
    assert function(x, n) == pytest.approx(expected, rel=1e-13)


@given(st.floats(0.05, 300), st.integers(0, 60))
def test_bessel_functions_obey_their_wronskians(x: float, n: int) -> None:
    """DLMF 10.5.2 and 10.28.2, which tie two functions of neighbouring orders to each other."""
    first, second = bessel_j(x, n + 1) * bessel_y(x, n), bessel_j(x, n) * bessel_y(x, n + 1)
    assert first - second == pytest.approx(2 / (math.pi * x), rel=1e-11)
    first, second = bessel_i(x, n) * bessel_k(x, n + 1), bessel_i(x, n + 1) * bessel_k(x, n)
    assert first + second == pytest.approx(1 / x, rel=1e-11)


@given(st.floats(0.05, 200), st.integers(0, 40))
def test_bessel_j_is_its_integral(x: float, n: int) -> None:
    """DLMF 10.9.2: the mean of cos(x sin t - n t), which a sum over equal steps gives exactly."""
    steps = 700
    mean = math.fsum(math.cos(x * math.sin(t) - n * t) for t in (math.pi * (k + 0.5) / steps for k in range(steps)))
    assert bessel_j(x, n) == pytest.approx(mean / steps, abs=1e-13)


@given(st.complex_numbers(max_magnitude=1e6, min_magnitude=1e-3))
def test_complex_numbers_are_read_as_they_are_written(number: complex) -> None:
    text = excel("COMPLEX", number.real, number.imag)
    assert excel("IMREAL", text) == pytest.approx(number.real, rel=1e-14)
    assert excel("IMAGINARY", text) == pytest.approx(number.imag, rel=1e-14)


@given(
    st.complex_numbers(max_magnitude=1e3, min_magnitude=0.1), st.complex_numbers(max_magnitude=1e3, min_magnitude=0.1)
)
def test_complex_arithmetic_is_pythons(a: complex, b: complex) -> None:
    texts = [excel("COMPLEX", number.real, number.imag) for number in (a, b)]
    for name, value in (("IMSUM", a + b), ("IMSUB", a - b), ("IMPRODUCT", a * b), ("IMDIV", a / b)):
        got = excel(name, *texts)
        real, imaginary = excel("IMREAL", got), excel("IMAGINARY", got)
        assert isinstance(real, float)
        assert isinstance(imaginary, float)
        parts = complex(real, imaginary)
        assert abs(parts - value) <= 1e-13 * (abs(a) + abs(b) + abs(value))


# Where IronCalc 0.9 does otherwise than Excel's page says (temperatures too: it takes 0 °C for 273.5 K).
NOT_IRONCALCS = {"hweight"}


def test_units_are_those_of_ironcalc(tmp_path: Path) -> None:
    """Every unit against the first of its kind; IronCalc took its numbers from workbooks that Excel saved."""
    if not ironcalc.available():
        pytest.skip(f"needs IronCalc: {ironcalc.how_to_install}")
    first: dict[str, str] = {}
    for name, unit in UNITS_BY_NAME.items():
        first.setdefault(unit.kind, name)
    path = tmp_path / "units.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("S")
        for row, (name, unit) in enumerate(UNITS_BY_NAME.items()):
            sheet.write_formula(row, 0, f'=CONVERT(1,"{name}","{first[unit.kind]}")')
    book = read(path)
    recalculate(book)
    ours, theirs = (
        _column(grid, len(UNITS_BY_NAME)) for grid in (book.sheets["S"].grid, ironcalc.recalculate(path)["S"])
    )
    kinds = {name: unit.kind for name, unit in UNITS_BY_NAME.items()}
    different = {
        name
        for name, mine, other in zip(kinds, ours, theirs, strict=True)
        if kinds[name] != "temperature" and not _close(mine, other)
    }
    assert different == NOT_IRONCALCS
    assert len(kinds) > 150


def _column(grid: Any, rows: int) -> list[Value]:
    return [grid[row + 1, 1] for row in range(rows)]


def _close(mine: Value, other: Value) -> bool:
    if isinstance(mine, ErrorValue) or isinstance(other, ErrorValue):
        return mine is other
    return isinstance(mine, float) and isinstance(other, float) and math.isclose(mine, other, rel_tol=1e-13)

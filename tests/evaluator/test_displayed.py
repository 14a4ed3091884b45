"""Precision as displayed: formulas' values are rounded to the number formats of their cells.

https://support.microsoft.com/office/set-rounding-precision; the roundings are what each format shows.
"""

from pathlib import Path

import pytest

from sheetgpt import Calculator, check, read, recalc
from sheetgpt.functions.core.displayed import as_displayed
from support.packages import package, rows, styles

THIRD = 1 / 3
SHOWN = [
    (THIRD, "0.00", 0.33),
    (2.5, "0", 3.0),
    (-2.5, "0", -3.0),
    (1.005, "0.00", 1.01),
    (1234567.8, "#,##0", 1234568.0),
    (1234567.8, "#,##0,", 1235000.0),
    (1234567.8, "0.0,,", 1200000.0),
    (0.12345, "0.0%", 0.123),
    (12345.678, "0.00E+00", 12300.0),
    (12345.678, "##0.0E+0", 12300.0),
    (0.00012345, "0.0E+00", 0.00012),
    (0.3333, "# ?/?", THIRD),
    (0.3, "# ?/4", 0.25),
    (-1.239, "0.00;[Red](0.0)", -1.2),
    (0.0, '0.00;-0.00;"nothing"', 0.0),
    (1.26, "[<1]0.00;[>=1]0.0", 1.3),
    (0.126, "[<1]0.00;[>=1]0.0", 0.13),
    (3.14159, '"about" 0.0" m"', 3.1),
    (1.26, '_(* #,##0.0_);_(* (#,##0.00);_(* "-"??_);_(@_)', 1.3),
    (1e300, "0.00", 1e300),
    (1e-20, "0.00", 0.0),
    (THIRD, "General", THIRD),
    (THIRD, "@", THIRD),
    (45000.123, "m/d/yyyy", 45000.123),
    (1.51, "[h]:mm", 1.51),
    (7.77, ";;;", 7.77),
]


@pytest.mark.parametrize(("number", "layout", "shown"), SHOWN)
def test_what_a_format_shows(number: float, layout: str, shown: float) -> None:
    assert as_displayed(number, layout) == shown


CELLS: dict[str, object] = {
    "A1": "=1/3",
    "B1": "=A1*3",
    "A2": "=2/3",
    "B2": "=SUM(A1:A2)",
    "A3": 10.0,
    "B3": "=A3/3",
    "C3": "=B3*3",
    "D1": '=A1&""',
    "D2": "=1/3=A1",
}
FORMATS = {"A1": 1, "A2": 1, "B3": 2}


def file(path: Path, precision: str = "0") -> Path:
    sheet = '<cols><col min="6" max="6" style="2"/></cols>' + rows(CELLS | {"F1": "=10/3"}, {}, FORMATS)
    return package(path, {"S": sheet}, after=f'<calcPr fullPrecision="{precision}"/>', style=styles("0.00", "0.0%"))


def test_values_are_rounded_before_others_read_them(tmp_path: Path) -> None:
    book = read(file(tmp_path / "a.xlsx"))
    calculator = Calculator(book)
    calculator.update()
    values = {place: book.read(f"S!{place}").tolist()[0][0] for place in (*CELLS, "F1")}
    assert values == {
        "A1": 0.33,
        "B1": pytest.approx(0.99, rel=1e-15),
        "A2": 0.67,
        "B2": 1.0,
        "A3": 10.0,
        "B3": 3.333,
        "C3": pytest.approx(9.999, rel=1e-15),
        "D1": "0.33",
        "D2": False,
        "F1": 10 / 3,  # the cell is there and has the plain format, whatever its column has
    }
    calculator.set("S!A3", 20.0)
    calculator.update()
    assert book.read("S!B3").tolist() == [[6.667]]


def test_only_where_the_file_asks_for_it(tmp_path: Path) -> None:
    book = read(file(tmp_path / "a.xlsx", "1"))
    Calculator(book).update()
    assert book.read("S!B1").tolist() == [[1.0]]


def test_typed_numbers_become_what_their_cells_show(tmp_path: Path) -> None:
    sheet = rows({"A1": 1.0, "B1": "=A1*100"}, {}, {"A1": 1})
    path = package(tmp_path / "a.xlsx", {"S": sheet}, after='<calcPr fullPrecision="0"/>', style=styles("0.0"))
    recalc(path, tmp_path / "b.xlsx", set={"S!A1": 1.26})
    assert read(tmp_path / "b.xlsx").read("S!A1:B1").tolist() == [[1.3, 130.0]]
    book = read(path)
    calculator = Calculator(book)
    calculator.set("S!A1", 1.26)
    calculator.update()
    assert book.read("S!A1:B1").tolist() == [[1.3, 130.0]]


def test_a_check_calculates_so_too(tmp_path: Path) -> None:
    recalc(file(tmp_path / "a.xlsx"), tmp_path / "b.xlsx")
    report = check(tmp_path / "b.xlsx", skip=("LibreOffice", "IronCalc"))
    assert report.agrees, report.as_text()


def test_many_cells_with_different_formats(tmp_path: Path) -> None:
    """Formulas that are calculated together have each their own format."""
    cells = {f"A{row}": "=2/3" for row in range(1, 301)}
    formats = {f"A{row}": row % 3 for row in range(1, 301)}
    path = package(
        tmp_path / "a.xlsx",
        {"S": rows(cells, {}, formats)},
        after='<calcPr fullPrecision="0"/>',
        style=styles("0.0", "0.000"),
    )
    book = read(path)
    Calculator(book).update()
    wanted = [[2 / 3, 0.7, 0.667][row % 3] for row in range(1, 301)]
    assert book.read("S!A1:A300").ravel().tolist() == wanted

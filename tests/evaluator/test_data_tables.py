"""What-if data tables: calculated by putting the values around them into their input cells.

https://support.microsoft.com/office/calculate-multiple-results-by-using-a-data-table; LibreOffice, which makes
MULTIPLE.OPERATIONS of them, calculates the same file once.
"""

from pathlib import Path

import numpy as np
import pytest

from sheetgpt import Calculator, read, recalc
from sheetgpt.book.address import parse_a1
from sheetgpt.book.book import Book
from sheetgpt.book.settings import DataTable
from sheetgpt.commands.show import show
from sheetgpt.errors import CircularReferenceError, UnsupportedFunctionError, UsageError
from sheetgpt.witnesses import libreoffice
from support.packages import package, rows

RATES, YEARS = [0.02, 0.03, 0.055], [10.0, 15.0, 20.0, 30.0]


def payment(rate: float, years: float, loan: float = 200_000.0) -> float:
    """What a loan costs each year."""
    return loan * rate / float(1 - (1 + rate) ** -years)


def table(kind: str, ref: str, first: str, second: str = "") -> str:
    """The element of a table's first cell: of one "column", one "row", or "both"."""
    two, across = kind == "both", kind != "column"
    inputs = f'r1="{first}"' + (f' r2="{second}"' if second else "")
    return f'<f t="dataTable" ref="{ref}" dt2D="{int(two)}" dtr="{int(across)}" {inputs}/>'


def loan_plan() -> dict[str, object]:
    """Inputs in B1:B3, the payment in B5 by way of two cells; one table of each kind, and sums over them."""
    cells: dict[str, object] = {"B1": 0.05, "B2": 25.0, "B3": 200_000.0, "B4": "=(1+B1)^-B2", "B5": "=B3*B1/(1-B4)"}
    cells |= {"E1": "=B5", "F1": "=B5*B2", "B20": "=B5"}
    for row, rate in enumerate(RATES, 2):
        cells |= {f"D{row}": rate, f"E{row}": 0.0, f"F{row}": 0.0}
    cells["E2"] = table("column", "E2:F4", "B1")
    cells["E6"] = "=SUM(E2:E4)"
    for column, years in zip("IJKL", YEARS, strict=True):
        cells |= {f"{column}1": years, f"{column}2": 0.0, f"{column}9": years}
        cells |= {f"{column}{row}": 0.0 for row in range(10, 13)}
    cells["H2"] = "=B5"
    cells["I2"] = table("row", "I2:L2", "B2")
    cells["H9"] = "=B5"
    cells |= {f"H{row}": rate for row, rate in enumerate(RATES, 10)}
    cells["I10"] = table("both", "I10:L12", "B2", "B1")
    cells["H15"] = "=MAX(I10:L12)-E6"
    return cells


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package(tmp_path_factory.mktemp("tables") / "a.xlsx", {"S": rows(loan_plan())})


@pytest.fixture(scope="module")
def book(file: Path) -> Book:
    book = read(file)
    Calculator(book).update()
    return book


def assert_right(book: Book, loan: float = 200_000.0) -> None:
    """All tables, and what is calculated from them."""
    column = [[payment(rate, 25, loan), payment(rate, 25, loan) * 25] for rate in RATES]
    both = [[payment(rate, years, loan) for years in YEARS] for rate in RATES]
    np.testing.assert_allclose(book.read("S!E2:F4"), column, rtol=1e-13)
    np.testing.assert_allclose(book.read("S!I2:L2"), [[payment(0.05, years, loan) for years in YEARS]], rtol=1e-13)
    np.testing.assert_allclose(book.read("S!I10:L12"), both, rtol=1e-13)
    total = sum(row[0] for row in column)
    np.testing.assert_allclose(book.read("S!E6"), total, rtol=1e-13)
    np.testing.assert_allclose(book.read("S!H15"), np.max(both) - total, rtol=1e-10)  # a difference of near numbers
    np.testing.assert_allclose(book.read("S!B5"), payment(0.05, 25, loan), rtol=1e-13)


def test_tables_of_each_kind(book: Book) -> None:
    assert_right(book)
    assert book.read("S!B1:B3").ravel().tolist() == [0.05, 25.0, 200_000.0]
    assert show(book, "S!J11").formula == "{=TABLE(B2,B1)}"
    assert show(book, "S!F3").formula == "{=TABLE(,B1)}"


@pytest.mark.skipif(libreoffice.available() is None, reason=f"needs LibreOffice: {libreoffice.how_to_install}")
def test_libreoffice_says_the_same(file: Path, book: Book) -> None:
    values = libreoffice.recalculate(file)["S"]
    for place in ("E2:F4", "I2:L2", "I10:L12", "E6", "H15"):
        rect = parse_a1(place)
        np.testing.assert_allclose(book.sheets["S"].grid.read(rect), values.read(rect), rtol=1e-10, err_msg=place)


def test_a_change_reaches_the_tables(file: Path) -> None:
    book = read(file)
    calculator = Calculator(book)
    calculator.update()
    calculator.set("S!B3", 100_000.0)
    assert calculator.update() > 0
    assert_right(book, 100_000.0)
    calculator.set("S!D2", 0.04)
    calculator.update()
    assert book.read("S!E2")[0, 0] == pytest.approx(payment(0.04, 25, 100_000.0), rel=1e-13)


def test_recalc_writes_them(file: Path, tmp_path: Path) -> None:
    recalc(file, tmp_path / "b.xlsx", set={"S!B3": 1000.0})
    again = read(tmp_path / "b.xlsx")
    assert_right(again, 1000.0)
    assert [one.rect for one in again.sheets["S"].data_tables] == [
        one.rect for one in read(file).sheets["S"].data_tables
    ]


def test_cells_of_a_table_cannot_be_set(file: Path, tmp_path: Path) -> None:
    calculator = Calculator(read(file))
    for refused in (
        lambda: calculator.set("S!E3", 1.0),
        lambda: calculator.set_formula("S!E3", "1"),
        lambda: recalc(file, tmp_path / "b.xlsx", set={"S!E3": 1.0}),
    ):
        with pytest.raises(UsageError, match=r"E3 is part of the data table in S!E2:F4"):
            refused()


def one_table(inside: dict[str, object], *tables: DataTable) -> Book:
    book = Book()
    sheet = book.add("S")
    for place, content in inside.items():
        rect = parse_a1(place)
        if isinstance(content, str) and content.startswith("="):
            sheet.put_formula(rect, content[1:])
        else:
            sheet.put(rect, content)
    sheet.data_tables = list(tables)
    return book


A1 = parse_a1("A1")


def test_an_input_that_holds_a_formula_and_texts() -> None:
    cells = {"A1": "=C9", "C9": 1.0, "B1": '=A1&"!"', "A2": "x", "A3": True, "A4": 2.5}
    book = one_table(cells, DataTable(parse_a1("B2:B5"), None, A1))
    Calculator(book).update()
    assert book.read("S!B2:B5").ravel().tolist() == ["x!", "TRUE!", "2.5!", "!"]
    assert book.read("S!A1:B1").tolist() == [[1.0, "1!"]]


def test_a_table_that_reads_another_one_is_calculated_within_it() -> None:
    """The second table asks for the sum of the first one for other values of E1, which that reads."""
    first = {"A1": 0.0, "E1": 1.0, "B1": "=A1*E1", "A2": 1.0, "A3": 2.0, "G1": "=SUM(B2:B3)", "F2": 10.0, "F3": 100.0}
    one, other = DataTable(parse_a1("B2:B3"), None, A1), DataTable(parse_a1("G2:G3"), None, parse_a1("E1"))
    for tables in ((one, other), (other, one)):
        book = one_table(first, *tables)
        Calculator(book).update()
        assert book.read("S!B2:B3").ravel().tolist() == [1.0, 2.0]
        assert book.read("S!G1:G3").ravel().tolist() == [3.0, 30.0, 300.0]


def test_each_row_draws_other_numbers() -> None:
    """Tables over an empty cell repeat a simulation."""
    cells = {"B1": "=RAND()", "A2": 1.0, "A3": 2.0, "A4": 3.0, "C1": "=AVERAGE(B2:B4)"}
    drawn = []
    for _ in range(2):
        book = one_table(cells, DataTable(parse_a1("B2:B4"), None, parse_a1("Z1")))
        Calculator(book, seed=3).update()
        drawn.append(book.read("S!B1:B4").ravel().tolist())
        assert book.read("S!C1")[0, 0] == np.mean(drawn[-1][1:])
    assert len(set(drawn[0])) == 4
    assert drawn[0] == drawn[1]


def test_a_table_that_cannot_be_calculated() -> None:
    lost = one_table({"B1": "=A1"}, DataTable(parse_a1("B2:B3"), None, None))
    with pytest.raises(UnsupportedFunctionError, match="S!B2:B3 has lost an input cell"):
        Calculator(lost).update()
    growing = one_table({"B1": "=A1+SUM(B2:B3)", "A2": 1.0, "A3": 2.0}, DataTable(parse_a1("B2:B3"), None, A1))
    with pytest.raises(CircularReferenceError, match="data tables depend on themselves"):
        Calculator(growing).update()


def test_a_deleted_input_is_read_as_lost(tmp_path: Path) -> None:
    element = '<f t="dataTable" ref="B2:B3" dt2D="0" dtr="0" r1="A1" del1="1"/>'
    book = read(package(tmp_path / "a.xlsx", {"S": rows({"B1": "=A1", "A2": 1.0, "B2": element, "B3": 1.0})}))
    assert book.sheets["S"].data_tables == [DataTable(parse_a1("B2:B3"), None, None)]


def test_a_table_over_what_is_not_known_is_not_known() -> None:
    """B1 cannot be calculated; the table shows B1 + C1 for other values of C1."""
    book = Book()
    sheet = book.add("S")
    sheet.grid.write(parse_a1("A1:C1"), np.array([[1.0, 10.0, 2.0]]))
    sheet.put_formula(parse_a1("B1"), "NO.SUCH.FUNCTION(A1*10)")
    sheet.put_formula(parse_a1("E4"), "B1+C1")
    sheet.put_formula(parse_a1("G1"), "SUM(E5:E7)")
    sheet.grid.write(parse_a1("D5:D7"), np.array([[0.0], [1.0], [2.0]]))
    sheet.grid.write(parse_a1("E4:E7"), np.array([[12.0], [10.0], [11.0], [12.0]]))
    sheet.grid[1, 7] = 33.0
    sheet.data_tables.append(DataTable(parse_a1("E5:E7"), None, parse_a1("C1")))
    calculator = Calculator(book, calculated=True, strict=False)
    calculator.set("S!D7", 5.0)
    calculator.update()
    assert sheet.grid.read(parse_a1("E5:E7")).ravel().tolist() == [10, 11, 15]  # B1 is as it was
    assert sheet.grid[1, 7] == 36
    assert all(calculator.knows(("S", parse_a1(cells))) for cells in ("E5:E7", "G1"))
    calculator.set("S!A1", 7.0)
    calculator.update()
    assert not any(calculator.knows(("S", parse_a1(cell))) for cell in ("B1", "E4", "E6", "G1"))
    assert "S!E5:E7" in "\n".join(calculator.taken_over.lines())

"""NOW, TODAY, RAND, RANDBETWEEN, RANDARRAY: with a clock and a seed that are given, whatever is calculated together.

By https://support.microsoft.com/office/randbetween-function, .../randarray-function, .../now-function.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from sheetgpt import Book, Calculator, check, recalc, write
from sheetgpt.book.address import Rect, at, parse_a1
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import FormulaSyntaxError, UsageError
from sheetgpt.evaluator import recalculate
from sheetgpt.functions.core.date_serial import from_date

NOON = datetime(2026, 1, 31, 12)
CALC, NA, NUM, VALUE = ErrorValue.CALC, ErrorValue.NA, ErrorValue.NUM, ErrorValue.VALUE


def book_of(formulas: Mapping[str, str], arrays: Mapping[str, str] | None = None) -> Book:
    book = Book()
    sheet = book.add("S")
    for place, text in formulas.items():
        sheet.put_formula(parse_a1(place), text)
    for place, text in (arrays or {}).items():
        sheet.put_formula(parse_a1(place), text, array=True)
    return book


def value(text: str, **clock: object) -> object:
    book = book_of({"A1": text})
    Calculator(book, **clock).update()  # type: ignore[arg-type]
    return book.sheets["S"].grid[1, 1]


def test_the_time_that_is_given() -> None:
    assert value("TODAY()", now=NOON) == from_date(2026, 1, 31)
    assert value("NOW()-TODAY()", now=NOON) == 0.5
    assert value('TEXT(NOW(),"yyyy-mm-dd hh:mm:ss")', now=datetime(1900, 2, 28, 1, 2, 3)) == "1900-02-28 01:02:03"


def test_the_present_time_goes_on() -> None:
    before = datetime.now()
    calculator = Calculator(book_of({"A1": "NOW()"}))
    times = []
    for _ in range(2):
        calculator.update()
        times.append(calculator.sources.now)
    assert before <= times[0] < times[1] <= datetime.now()


@pytest.mark.parametrize("time", [datetime(2026, 1, 1, tzinfo=UTC), datetime(1899, 12, 31)])
def test_a_time_that_no_cell_can_hold(time: datetime) -> None:
    with pytest.raises(UsageError, match="no time of a cell"):
        Calculator(book_of({}), now=time)


def numbers(book: Book, place: str = "A1:A300", **clock: object) -> np.ndarray:
    Calculator(book, **clock).update()  # type: ignore[arg-type]
    return book.read(f"S!{place}").astype(float)


def test_each_cell_draws_its_own_number_and_the_seed_says_which() -> None:
    def column() -> Book:
        return book_of({f"A{row}": "RAND()" for row in range(1, 2001)})

    drawn = numbers(column(), "A1:A2000")
    assert len(np.unique(drawn)) == 2000
    assert (numbers(column(), "A1:A2000") == drawn).all()
    assert not (numbers(column(), "A1:A2000", seed=1) == drawn).any()
    assert ((drawn >= 0) & (drawn < 1)).all()
    # of 2,000 even numbers: mean within five standard errors, tenths within five deviations, neighbours uncorrelated
    assert abs(drawn.mean() - 0.5) < 5 / np.sqrt(12 * 2000)
    assert (abs(np.histogram(drawn, 10, (0, 1))[0] - 200) < 5 * np.sqrt(180)).all()
    assert abs(np.corrcoef(drawn[:-1, 0], drawn[1:, 0])[0, 1]) < 5 / np.sqrt(2000)


def test_a_number_does_not_depend_on_what_is_calculated_with_it() -> None:
    alone = numbers(book_of({"A7": "RANDBETWEEN(1,1000000)"}), "A7")
    many = book_of({f"A{row}": "RANDBETWEEN(1,1000000)" for row in range(1, 301)})
    assert numbers(many, "A7") == alone
    others = book_of({"A7": "RANDBETWEEN(1,1000000)", "A1": "IF(A7>0,RAND(),1)", "B1": "RAND()", "C1": "A7+RAND()"})
    assert numbers(others, "A7") == alone
    chosen = {f"B{row}": f"IF(A{row},RAND(),-RAND())" for row in range(1, 9)}
    together, apart = book_of(chosen), [book_of({place: text}) for place, text in chosen.items()]
    for some in (together, *apart):
        some.sheets["S"].put(Rect(1, 1, 8, 1), np.array([[1.0, 0.0] * 4]).T)
        recalculate(some)
    assert together.read("S!B1:B8").ravel().tolist() == [
        book.sheets["S"].grid[row, 2] for row, book in enumerate(apart, 1)
    ]


def test_each_mention_draws() -> None:
    assert value("RAND()-RAND()") != 0
    assert value("SUMPRODUCT(--(RANDARRAY(9,9)=RANDARRAY(9,9)))") == 0
    book = book_of({"A1": "die-die"})
    book.names["die"] = "RANDBETWEEN(1,10^12)"
    recalculate(book)
    assert book.sheets["S"].grid[1, 1] != 0


def test_each_calculation_draws_anew_the_same_way() -> None:
    histories = []
    for _ in range(2):
        book = book_of({"A1": "RAND()", "A2": "B1+1"})
        calculator = Calculator(book)
        history = []
        for step in range(3):
            calculator.set("S!B1", float(step))
            calculator.update()
            history.append(book.sheets["S"].grid[1, 1])
        histories.append(history)
    assert histories[0] == histories[1]
    assert len(set(histories[0])) == 3


def test_a_formula_put_in_later_keeps_clock_and_seed() -> None:
    book = book_of({"A1": "RAND()"})
    calculator = Calculator(book, now=NOON, seed=5)
    calculator.update()
    calculator.set_formula("S!A2", "NOW()")
    calculator.update()
    assert book.sheets["S"].grid[2, 1] == (from_date(2026, 1, 31) or 0) + 0.5
    assert calculator.sources.seed == 5


BETWEEN = [
    ("RANDBETWEEN(3,3)", 3.0),
    ("RANDBETWEEN(-2,-2)", -2.0),
    ("RANDBETWEEN(0.1,0.9)", 1.0),
    ("RANDBETWEEN(2.5,3.5)", 3.0),
    ("RANDBETWEEN(2,1)", NUM),
    ('RANDBETWEEN("4","4")', 4.0),
    ("RANDBETWEEN(TRUE,1)", VALUE),
    ('RANDBETWEEN("x",1)', VALUE),
    ("RANDBETWEEN(#N/A,1)", NA),
    ("RANDBETWEEN(,1)", NA),
    ("RANDARRAY(0)", CALC),
    ("RANDARRAY(-1)", VALUE),
    ("RANDARRAY(1,1,2,1)", VALUE),
    ("RANDARRAY(1,1,0.5,2,TRUE)", VALUE),
    ("RANDARRAY(1,1,7,7,TRUE)", 7.0),
    ("RANDARRAY(,,7,7)", 7.0),
    ("COUNT(RANDARRAY(3,4))", 12.0),
    ("ROWS(RANDARRAY(3.9,4))", 3.0),
    ("COLUMNS(RANDARRAY(3,4))", 4.0),
]


@pytest.mark.parametrize(("text", "expected"), BETWEEN)
def test_bounds(text: str, expected: object) -> None:
    assert value(text) == expected


def test_every_whole_number_between_comes() -> None:
    dice = numbers(book_of({f"A{row}": "RANDBETWEEN(1,6)" for row in range(1, 301)}))
    assert set(dice.ravel()) == {1, 2, 3, 4, 5, 6}
    field = numbers(book_of({}, {"A1:T15": "RANDARRAY(15,20,-1,1,TRUE)"}), "A1:T15")
    assert set(field.ravel()) == {-1, 0, 1}
    share = numbers(book_of({}, {"A1:T15": "RANDARRAY(15,20,2,4)"}), "A1:T15")
    assert ((share >= 2) & (share < 4)).all()
    assert len(np.unique(share)) == 300


def test_array_formulas() -> None:
    """RAND() alone fills an array formula with different numbers (Microsoft's article Q58365)."""
    assert len(np.unique(numbers(book_of({}, {"A1:A9": "RAND()"}), "A1:A9"))) == 9
    assert len(np.unique(numbers(book_of({}, {"A1:A9": "RANDBETWEEN(ROW(A1:A9)^0,10^12)"}), "A1:A9"))) == 9


def test_a_wrong_number_of_arguments() -> None:
    with pytest.raises(FormulaSyntaxError, match="RAND takes 0 arguments, not 1"):
        value("RAND(1)")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with formulas of both kinds, calculated with a clock and a seed."""
    book = book_of({"B1": "A1*2", "B2": "NOW()", "B3": "RAND()", "B4": "B2+1", "B5": "OFFSET(A1,0,0)", "B6": "B3&B1"})
    book.sheets["S"].put(at(1, 1), 2.0)
    folder = tmp_path_factory.mktemp("clock")
    write(book, folder / "a.xlsx")
    done = recalc(folder / "a.xlsx", folder / "b.xlsx", now=NOON, seed=7)
    assert (done.formulas, done.sources.counts) == (6, {"random numbers": 1, "the clock": 1})
    assert done.sources.lines() == [
        "1 formula uses random numbers, seed 7",
        "1 formula uses the clock, which says 2026-01-31 12:00:00",
    ]
    return folder / "b.xlsx"


def test_a_check_leaves_out_what_cannot_be_repeated(mixed: Path) -> None:
    report = check(mixed, skip=("LibreOffice",))
    assert report.agrees, report.as_text()
    assert {found.not_covered for found in report.comparisons.values()} == {4}
    assert "4 of 6 formula cells depend on the clock, random numbers or the machine: left out" in report.as_text()
    assert report.as_dict()["unrepeatable"] == 4


def test_a_check_with_the_clock_and_the_seed(mixed: Path) -> None:
    skip = ("LibreOffice", "IronCalc")
    assert check(mixed, skip=skip, now=NOON, seed=7).comparisons["evaluator"].cells == 6
    assert check(mixed, skip=skip, now=NOON, seed=7).agrees
    assert check(mixed, skip=skip, now=NOON, seed=7).as_text().count("machine: compared by the evaluator alone\n") == 1
    assert "alone, 2 of them by nobody" in check(mixed, skip=skip, seed=7).as_text()
    assert check(mixed, skip=skip, seed=7).comparisons["evaluator"].cells == 4
    assert check(mixed, skip=skip, seed=7).agrees
    assert not check(mixed, skip=skip, seed=8).agrees
    assert not check(mixed, skip=skip, now=datetime(2026, 2, 1)).agrees


def test_nothing_can_be_compared_where_all_depends_on_chance(tmp_path: Path) -> None:
    book = book_of({"A1": "RAND()", "A2": "A1+1"})
    recalculate(book)
    write(book, tmp_path / "a.xlsx")
    report = check(tmp_path / "a.xlsx", skip=("LibreOffice",))
    assert report.outcome.status == 2
    assert "all of its formula cells depend on" in report.as_text()

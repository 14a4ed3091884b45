"""Workbooks whose dates count from 1904: serial numbers are 1,462 smaller than in the 1900 system.

https://support.microsoft.com/office/date-systems-in-excel; LibreOffice calculates the same file once.
"""

import re
from datetime import date, datetime
from pathlib import Path

import pytest

from sheetgpt import Calculator, check, read, recalc, write
from sheetgpt.book.address import parse_a1
from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue
from sheetgpt.evaluator import recalculate
from sheetgpt.evaluator.compile.known import find_function, known_functions
from sheetgpt.functions.dates_1904 import DATE_ARGUMENTS, DATES_1904, GIVES_DATE
from sheetgpt.witnesses import ironcalc, libreoffice
from support.packages import package, rows

NA, NUM, VALUE = ErrorValue.NA, ErrorValue.NUM, ErrorValue.VALUE


def serial(year: int, month: int, day: int) -> float:
    """A day of the 1904 system, counted by Python's calendar."""
    return float((date(year, month, day) - date(1904, 1, 1)).days)


DAY = serial(2024, 6, 19)  # in A1; the next day in A2, a text in A3, a time in A4
CELLS: dict[str, object] = {"A1": DAY, "A2": DAY + 1, "A3": "2024-06-19", "A4": DAY + 0.75}
CASES: list[tuple[str, object]] = [
    ("YEAR(A1)", 2024.0),
    ("MONTH(A1)", 6.0),
    ("DAY(A1)", 19.0),
    ("YEAR(A3)", 2024.0),
    ('YEAR("44000")', 2024.0),
    ("YEAR(A9)", 1904.0),
    ("YEAR(0)", 1904.0),
    ("YEAR(-1)", NUM),
    ("YEAR(TRUE)", 1904.0),
    ("HOUR(A4)", 18.0),
    ('TEXT(A1,"yyyy-mm-dd")', "2024-06-19"),
    ('TEXT(A4,"d mmm yyyy h:mm")', "19 Jun 2024 18:00"),
    ('TEXT(A1,"0")', f"{DAY:.0f}"),
    ('TEXT(A1,"0.0 ""days""")', f"{DAY:.1f} days"),
    ('TEXT(1.5,"[h]:mm")', "36:00"),
    ('TEXT(0.25,"h:mm")', "6:00"),
    ("DATE(2024,6,19)", DAY),
    ("DATE(1904,1,1)", 0.0),
    ("DATE(1903,12,31)", NUM),
    ("DATE(2024,6,19)-A1", 0.0),
    ("YEAR(DATE(2024,6,19))", 2024.0),
    ('DATEVALUE("2024-06-19")', DAY),
    ('VALUE("2024-06-19")', DAY),
    ('VALUE("6:00")', 0.25),
    ('VALUE("44000")', 44000.0),
    ('"2024-06-19"+0', DAY),
    ('-"2024-06-19"', -DAY),
    ('A2-"2024-06-19"', 1.0),
    ("A3*1", DAY),
    ('INT("2024-06-19 18:00")', DAY),
    ('SUM("2024-06-19",1)', DAY + 1),
    ("EDATE(A1,1)", serial(2024, 7, 19)),
    ("EOMONTH(A1,0)", serial(2024, 6, 30)),
    ("EDATE(TRUE,1)", VALUE),
    ("EDATE(,1)", NA),
    ("WEEKDAY(A1)", 4.0),
    ("WEEKDAY(0)", 6.0),
    ("WEEKNUM(A1)", 25.0),
    ("ISOWEEKNUM(A1)", 25.0),
    ("DAYS(A2,A1)", 1.0),
    ('DAYS("2024-06-20",A1)', 1.0),
    ("DAYS360(A1,EDATE(A1,12))", 360.0),
    ("YEARFRAC(A1,EDATE(A1,12))", 1.0),
    ("NETWORKDAYS(A1,A1+6,A2)", 4.0),
    ("NETWORKDAYS(A1,A1+6,A8:A9)", 5.0),
    ("WORKDAY(A1,1,A2)", DAY + 2),
    ('DATEDIF(A1,A2,"d")', 1.0),
    ('COUNTIF(A1:A2,">=2024-06-20")', 1.0),
    ('SUMIF(A1:A2,"2024-06-19")', DAY),
    ("IFS(YEAR(A1)=2024,DATE(2024,1,2))", serial(2024, 1, 2)),
    ("A1+1=A2", True),
    ('A3="2024-06-19"', True),
    ("SUMPRODUCT(--(YEAR(A1:A2)=2024))", 2.0),
]
# What LibreOffice 7.4 calculates otherwise, or cannot show.
OTHERWISE = {
    "YEAR(-1)": "dates before 1904 exist",
    "DATE(1903,12,31)": "dates before 1904 exist",
    "EDATE(TRUE,1)": "booleans count as numbers",
    "EDATE(,1)": "an argument left empty is 0",
    'SUM("2024-06-19",1)': "text is no number there",
}
# Negative dates and times have a sign in this system only; LibreOffice shows them otherwise.
NEGATIVE: list[tuple[str, object]] = [
    ('TEXT(-0.5,"h:mm")', "-12:00"),
    ('TEXT(-1,"yyyy-mm-dd")', "-1904-01-02"),
    ('TEXT(-1,"0")', "-1"),
]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    newer = re.compile(r"\b(DAYS|ISOWEEKNUM|IFS)\(")  # than the format of files: they have a prefix there
    texts = [newer.sub(r"_xlfn.\1(", text) for text, _ in CASES + NEGATIVE]
    formulas = {f"C{row}": f"={text}" for row, text in enumerate(texts, 1)}
    path = tmp_path_factory.mktemp("1904") / "a.xlsx"
    return package(path, {"S": rows(CELLS | formulas)}, before='<workbookPr date1904="1"/>')


@pytest.fixture(scope="module")
def book(file: Path) -> Book:
    book = read(file)
    Calculator(book, now=datetime(2024, 6, 19, 12)).update()
    return book


@pytest.mark.parametrize(("row", "case"), list(enumerate(CASES + NEGATIVE, 1)), ids=[t for t, _ in CASES + NEGATIVE])
def test_value(book: Book, row: int, case: tuple[str, object]) -> None:
    value = book.sheets["S"].grid[row, 3]
    assert (value, type(value)) == (case[1], type(case[1]))


@pytest.mark.skipif(libreoffice.available() is None, reason=f"needs LibreOffice: {libreoffice.how_to_install}")
def test_libreoffice_says_the_same(file: Path, book: Book) -> None:
    values = libreoffice.recalculate(file)["S"]
    pairs = [(text, book.sheets["S"].grid[row, 3], values[row, 3]) for row, (text, _) in enumerate(CASES, 1)]
    different = [pair for pair in pairs if pair[1] != pair[2] and pair[0] not in OTHERWISE]
    assert not different, "\n".join(map(str, different))


def test_the_clock_counts_so_too() -> None:
    book = Book()
    book.settings.date1904 = True
    book.add("S").put_formula(parse_a1("A1"), "NOW()")
    Calculator(book, now=datetime(2024, 6, 19, 12)).update()
    assert book.sheets["S"].grid[1, 1] == DAY + 0.5


def test_a_copy_and_a_book_that_is_written_keep_the_system(tmp_path: Path, file: Path) -> None:
    recalc(file, tmp_path / "b.xlsx")
    book = read(tmp_path / "b.xlsx")
    assert book.settings.date1904
    write(book, tmp_path / "c.xlsx")
    again = read(tmp_path / "c.xlsx")
    recalculate(again)
    assert again.settings.date1904
    assert again.sheets["S"].grid[1, 3] == 2024.0


def test_dates_in_iso_form(tmp_path: Path) -> None:
    cell = '<sheetData><row r="1"><c r="A1" t="d"><v>2024-06-19</v></c></row></sheetData>'
    book = read(package(tmp_path / "a.xlsx", {"S": cell}, before='<workbookPr date1904="true"/>'))
    assert book.read("S!A1").tolist() == [[DAY]]


def test_every_function_of_dates_is_known_as_one() -> None:
    """What a date's serial number may decide; a new function of dates has to be put into the table."""
    taking = {name for name in known_functions() if name in DATE_ARGUMENTS}
    assert {"YEAR", "WORKDAY", "YEARFRAC", "DATEDIF"} <= taking
    for name, places in DATE_ARGUMENTS.items():
        if spec := find_function(name):
            assert max(places) < len(spec.parameters), name
    assert {"DATE", "DATEVALUE"} <= GIVES_DATE
    assert not set(DATES_1904) & set(known_functions())


def test_a_check_says_who_does_not_know_the_system(tmp_path: Path, file: Path) -> None:
    recalc(file, tmp_path / "b.xlsx")
    report = check(tmp_path / "b.xlsx", skip=("LibreOffice",))
    assert report.comparisons["evaluator"].differing == 0
    if ironcalc.available():
        assert report.failed["IronCalc"].startswith("IronCalc does not know dates that count from 1904")

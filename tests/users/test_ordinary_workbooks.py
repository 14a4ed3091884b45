"""Eight workbooks as people write them, calculated by the command line, against LibreOffice cell by cell.

Where LibreOffice 7.4 has no verdict or another one than Excel documents, `KNOWN` says what is right, and why; each of
its values is worked out by hand or in plain Python. The functions of Excel 365 are not in LibreOffice: the workbook of
spilled arrays is held against Python alone (`support/ordinary/spilling.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from sheetgpt.book.address import at, reference
from sheetgpt.book.book import Book
from sheetgpt.book.values import ErrorValue, Value
from sheetgpt.evaluator import Calculator
from sheetgpt.witnesses import libreoffice
from sheetgpt.witnesses.values import Values
from sheetgpt.xlsx.reader import read
from support.command_line import call
from support.ordinary import budget, grades, inventory, loan, model, project, report, spilling

BOOKS = {
    "budget": budget.write,
    "loan": loan.write,
    "grades": grades.write,
    "inventory": inventory.write,
    "report": lambda path: report.write(path, date.today()),
    "project": project.write,
    "model": model.write,
    "spilling": spilling.write,
}
IN_LIBREOFFICE = [name for name in BOOKS if name != "spilling"]
AT_LEAST = 200  # formulas in each

# Sums of at most 120 numbers, added in another order; and the rounding of what cancels out (variances of money).
RELATIVE, ABSOLUTE = 1e-11, 1e-9
# XIRR, which ends where it is near enough; circles, which end where nothing changes much.
SETTLED = 1e-7

PART = "LibreOffice 7.4 does not know #All and #Headers where they stand alone"
BY_HAND = "rows hidden by hand count in SUBTOTAL(9, ...); LibreOffice takes them for filtered inside of a table"
AS_ARRAY = "INDEX(array,0) calculates its argument as an array; LibreOffice only in an array formula"

# What LibreOffice has otherwise: the right value, and why.
KNOWN: dict[str, dict[str, tuple[Value, str]]] = {
    "inventory": {
        "Report!B12": (22.0, PART),  # 20 items, heads, totals
        "Report!B13": (14.0, PART),
        "Report!B14": ("After", PART),
        "Report!B18": (sum(float(item.split(";")[4]) * float(item.split(";")[6]) for item in inventory.ITEMS), BY_HAND),
    },
    "project": {
        f"People!G{row}": (
            max((task for task in project.TASKS if task[1] == owner), key=lambda task: task[2])[0],
            AS_ARRAY,
        )
        for row, owner in enumerate(("Ana", "Ben", "Cleo", "Dov"), 2)
    },
    "model": {"Value!B22": (8.0, AS_ARRAY)},  # what is paid in comes back by the sale in the last year
}

# What is typed into them; None empties a cell.
TYPED: dict[str, dict[str, Value]] = {
    "budget": {"Summary!B3": 11.0},
    "loan": {"Rate": 0.0525, "Plan!F30": 40000.0},
    "grades": {"Marks!J15": 64.0, "Report card!B1": "Ito, Yuki", "Marks!C6": None},
    "inventory": {"Stock!E4": 10.0, "Moves!A8": "G-600", "Look up!A5": "T-900"},
    "report": {"Jan!B5": 500.0, "Invoices!D8": -50.0},
    "project": {"Start": 45761.0, "Hours!B8": 0.9, "Hours!C8": 0.2, "Lists!B4": None, "People!B7": "Done"},
    "model": {"Inputs!B2": 3.0, "Inputs!F9": 0.08},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ordinary")
    for name, write in BOOKS.items():
        write(folder / f"{name}.xlsx")
    return folder


@pytest.fixture(scope="module")
def theirs(folder: Path) -> dict[str, tuple[Values, Values]]:
    """LibreOffice's values of all that it can calculate, as saved and with what is typed; by one LibreOffice."""
    if libreoffice.available() is None:
        pytest.skip(f"needs LibreOffice: {libreoffice.how_to_install}")
    found = {}
    with libreoffice.Session() as session:
        for name in IN_LIBREOFFICE:
            path = folder / f"{name}.xlsx"
            session.open(path)
            saved, book = session.values(), read(path)
            for place, value in TYPED[name].items():
                sheet, rect = book.locate(place)
                session.set(sheet, (rect.top, rect.left), value)
            session.recalculate()
            found[name] = saved, session.values()
    return found


def recalculated(path: Path, *options: str) -> Book:
    """The copy that the command line writes; it takes every formula, and says how many there are."""
    copy = path.with_suffix(".out.xlsx")
    result = call("recalc", path, "-o", copy, *options)
    assert result.exit_code == 0, result.output
    book = read(copy)
    count = sum(len(sheet.formulas) for sheet in book.sheets.values())
    assert result.stdout.startswith(f"{copy}: {count} formulas calculated\n")
    assert count >= AT_LEAST
    return book


def when(values: Values) -> str:
    """The time that LibreOffice had: the day of its TODAY, and the half of it."""
    day = datetime(1899, 12, 30) + timedelta(days=float(str(values["Invoices"][2, 2])))
    return f"{day:%Y-%m-%d}T{'09' if 'morning' in str(values['Invoices'][3, 1]) else '15'}:00"


def places(book: Book) -> Iterator[tuple[str, int, int]]:
    """The cells of all formulas."""
    for name, sheet in book.sheets.items():
        for formula in sheet.formulas:
            rows, columns = (range(a, b + 1) for a, b in zip(formula.rect[:2], formula.rect[2:], strict=True))
            yield from ((name, row, column) for row in rows for column in columns)


def agrees(ours: Value, theirs: Value, within: float = ABSOLUTE) -> bool:
    """Whether two values are the same; LibreOffice has numbers for TRUE, no texts "", other kinds of errors."""
    ours, theirs = (
        None if value == "" else float(value) if isinstance(value, int) else value for value in (ours, theirs)
    )
    if isinstance(ours, ErrorValue) or isinstance(theirs, ErrorValue):
        return isinstance(ours, ErrorValue) and isinstance(theirs, ErrorValue)
    if isinstance(ours, float) and isinstance(theirs, float):
        return math.isclose(ours, theirs, rel_tol=RELATIVE, abs_tol=within)
    return type(ours) is type(theirs) and ours == theirs


def different(name: str, book: Book, values: Values) -> dict[str, tuple[Value, Value]]:
    """Where LibreOffice has another value than a book, or none: ours and theirs."""
    found = {}
    for sheet, row, column in places(book):
        ours = book.sheets[sheet].grid[row, column]
        within = SETTLED if name == "model" else ABSOLUTE
        if (sheet, row, column) in values.not_covered or not agrees(ours, values[sheet][row, column], within):
            found[reference(sheet, at(row, column), absolute=False)] = ours, values[sheet][row, column]
    return found


@pytest.mark.parametrize("name", IN_LIBREOFFICE)
def test_every_formula_is_libreoffices(name: str, folder: Path, theirs: dict[str, tuple[Values, Values]]) -> None:
    values, _ = theirs[name]
    book = recalculated(folder / f"{name}.xlsx", *(["--now", when(values)] if name == "report" else []))
    found, known = different(name, book, values), KNOWN.get(name, {})
    assert {cell: pair for cell, pair in found.items() if cell not in known} == {}
    assert {cell: pair[0] for cell, pair in found.items()} == pytest.approx(
        {cell: value for cell, (value, _) in known.items()}
    )


@pytest.mark.parametrize("name", IN_LIBREOFFICE)
def test_what_is_typed_has_libreoffices_effect(
    name: str, folder: Path, theirs: dict[str, tuple[Values, Values]]
) -> None:
    """By the command line, and by a calculator that calculates what changes reach only."""
    _, values = theirs[name]
    path = folder / f"{name}.xlsx"
    typed = [f"{place}={'' if value is None else value}" for place, value in TYPED[name].items()]
    now = ["--now", when(values)] if name == "report" else []
    book = recalculated(path, *(part for text in typed for part in ("--set", text)), *now)
    assert set(different(name, book, values)) == set(KNOWN.get(name, {}))
    recalculated(path, *now)
    updated = read(path.with_suffix(".out.xlsx"))
    calculator = Calculator(updated, calculated=True, now=datetime.fromisoformat(now[1]) if now else None)
    for place, value in TYPED[name].items():
        calculator.set(place, value)
    assert calculator.update() > 20
    assert set(different(name, updated, values)) == set(KNOWN.get(name, {}))


def test_every_formula_is_pythons(folder: Path) -> None:
    book = recalculated(folder / "spilling.xlsx")
    expected = {(sheet, row, column): value for sheet, row, column, value in spilling.expected()}
    assert set(places(book)) == set(expected)
    found = {cell: book.sheets[cell[0]].grid[cell[1], cell[2]] for cell in expected}
    wrong = {
        cell: (found[cell], value) for cell, value in expected.items() if not agrees(found[cell], cast(Value, value))
    }
    assert wrong == {}

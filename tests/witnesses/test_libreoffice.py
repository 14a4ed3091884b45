"""LibreOffice, driven as a user drives it."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import xlsxwriter

from sheetgpt.book.address import Rect, at
from sheetgpt.book.values import ErrorValue
from sheetgpt.errors import EngineError
from sheetgpt.witnesses import libreoffice
from sheetgpt.witnesses.canary import falsified_copy
from sheetgpt.witnesses.libreoffice import Session

pytestmark = pytest.mark.skipif(
    libreoffice.available() is None, reason=f"needs LibreOffice: {libreoffice.how_to_install}"
)


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A1:A3 are inputs; column B calculates; every stored value is a lie."""
    path = tmp_path_factory.mktemp("libreoffice") / "book.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet, notes = book.add_worksheet("S"), book.add_worksheet("Notes")
    sheet.write_number("A1", 0.1)
    sheet.write_string("A2", "text")
    sheet.write_boolean("A3", True)
    sheet.write_formula("B1", "=A1+0.2", None, 5)
    sheet.write_formula("B2", '=A2&"!"', None, "no")
    sheet.write_formula("B3", "=NOT(A3)", None, True)
    sheet.write_formula("B4", "=1/0", None, 3)
    sheet.write_formula("B5", '=""', None, "no")
    sheet.write_formula("B6", "=A3*1", None, 9)
    sheet.write_formula("B7", "=NOSUCH(1)", None, 9)
    sheet.write_formula("B8", "=B8+1", None, 9)
    sheet.write_array_formula("C1:D2", "{=MMULT({1,2;3,4},{1,0;0,1})*A1}", None, 9)
    sheet.write_formula("XFD1048576", "=A1*2", None, 9)
    notes.write_string("A1", "only text here")
    book.close()
    return path


@pytest.fixture(scope="module")
def session(workbook: Path) -> Session:
    with Session() as one:
        one.open(workbook)
        yield one


def test_values_of_every_kind(session: Session) -> None:
    values = session.values()
    grid = values["S"]
    assert list(values) == ["S"]  # Notes holds no formula
    assert [grid[row, 1] for row in (1, 2, 3, 4)] == [0.1, "text", True, None]
    assert grid[1, 2] == 0.1 + 0.2  # every bit
    assert [grid[row, 2] for row in (2, 3, 4, 5, 6)] == ["text!", False, ErrorValue.DIV0, "", 1.0]
    assert type(grid[3, 2]) is bool
    assert type(grid[6, 2]) is float
    assert grid[1_048_576, 16_384] == 0.2


def test_what_it_cannot_calculate_is_not_covered(session: Session) -> None:
    reasons = session.values().not_covered
    assert set(reasons) == {("S", 7, 2), ("S", 8, 2)}
    assert "does not know" in reasons["S", 7, 2]
    assert "circular" in reasons["S", 8, 2]


def test_read_a_rectangle(session: Session) -> None:
    np.testing.assert_array_equal(session.read("S", Rect(1, 3, 2, 4)), [[0.1, 0.2], [3 * 0.1, 0.4]])
    assert session.read("S", Rect(2, 1, 2, 2)).tolist() == [["text", "text!"]]
    assert session.sheets() == ["S", "Notes"]


def test_asked_for_a_sheet_without_formulas(session: Session) -> None:
    assert session.values(["Notes"])["Notes"][1, 1] == "only text here"


@pytest.mark.parametrize("text", ["=1+1", "'x", "12", "TRUE", " two ", "1/2", "é😀", "#N/A", "a\nb"])
def test_typed_text_stays_text(workbook: Path, session: Session, text: str) -> None:
    session.set("S", (2, 1), text)
    session.recalculate()
    assert session.read("S", Rect(2, 1, 2, 2)).tolist() == [[text, text + "!"]]
    session.set("S", (2, 1), "text")
    session.recalculate()


def test_typed_values_move_what_depends_on_them(session: Session) -> None:
    session.set("S", (1, 1), 7)
    session.set("S", (3, 1), False)
    session.recalculate()
    assert session.read("S", at(1, 2))[0, 0] == 7.2
    assert session.read("S", Rect(3, 1, 3, 2)).tolist() == [[False, True]]
    session.set("S", (1, 1), None)
    session.recalculate()
    assert session.read("S", Rect(1, 1, 1, 2)).tolist() == [[None, 0.2]]
    session.set("S", (1, 1), 0.1)
    session.set("S", (3, 1), True)
    session.recalculate()


def test_an_error_cannot_be_typed(session: Session) -> None:
    with pytest.raises(EngineError, match="cannot be typed into S!A1"):
        session.set("S", (1, 1), ErrorValue.NA)


def test_a_sheet_that_is_not_there(session: Session) -> None:
    with pytest.raises(EngineError, match="Nope"):
        session.read("Nope", at(1, 1))
    assert session.read("S", at(1, 1))[0, 0] == 0.1  # the session goes on


def test_recalculate_with_changes(workbook: Path) -> None:
    values = libreoffice.recalculate(workbook, {"S": {(1, 1): 2, (2, 1): "=A1"}}, ["S"])
    assert values["S"][1, 2] == 2.2
    assert values["S"][2, 2] == "=A1!"


def test_a_program_that_trusts_stored_values_is_caught(workbook: Path) -> None:
    with Session(recalculate_on_load=False) as session:
        copy = session._folder / "trusted.xlsx"
        session._canary = falsified_copy(workbook, copy)
        session._ask(do="open", path=str(copy))  # without the calculation that `open` asks for
        with pytest.raises(EngineError, match="trusted the file's stored values"):
            session.values()
        session.recalculate()
        assert session.values()["S"][1, 2] == 0.1 + 0.2


def test_two_at_once_and_nothing_left_behind(workbook: Path) -> None:
    def run(value: float) -> tuple[object, list[subprocess.Popen[bytes]], Path]:
        with Session() as session:
            session.open(workbook)
            session.set("S", (1, 1), value)
            session.recalculate()
            return session.read("S", at(1, 2))[0, 0], list(session._processes), session._folder

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(run, [1.0, 2.0]))
    assert [outcome[0] for outcome in outcomes] == [1.2, 2.2]
    assert all(process.returncode is not None for outcome in outcomes for process in outcome[1])
    assert not any(outcome[2].exists() for outcome in outcomes)


def test_too_slow_is_an_error_and_ends_the_program(workbook: Path) -> None:
    with Session(timeout=0.05) as session:  # it cannot even start in that time
        with pytest.raises(EngineError, match=r"within 0\.05 s\nHint: give it a longer timeout"):
            session.open(workbook)
        processes = list(session._processes)
    assert all(process.returncode is not None for process in processes)


def test_a_program_that_dies_is_an_error(workbook: Path) -> None:
    with Session() as session:
        session.open(workbook)
        libreoffice_process = session._processes[0]
        from sheetgpt.witnesses.libreoffice.session import _kill

        _kill(libreoffice_process)
        libreoffice_process.wait()
        with pytest.raises(EngineError, match="LibreOffice"):
            session.recalculate()


def test_a_closed_session_says_so(workbook: Path) -> None:
    session = Session()
    session.close()
    session.close()
    with pytest.raises(EngineError, match="closed"):
        session.sheets()


def test_many_cells_arrive_exactly(tmp_path: Path) -> None:
    numbers = np.random.default_rng(0).normal(size=(700, 600)).astype(np.float32).astype(np.float64)
    path = tmp_path / "many.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("S")
    for row, values in enumerate(numbers.tolist()):
        sheet.write_row(row, 0, values)
    sheet.write_string(700, 0, "end")
    sheet.write_formula(701, 0, "=COUNT(A1:WB700)")
    book.close()
    grid = libreoffice.recalculate(path)["S"]
    # XlsxWriter's 16 digits identify a float32; both programs read them as the double nearest to the text
    np.testing.assert_array_equal(grid.numbers[:700, :600].astype(np.float32), numbers.astype(np.float32))
    assert grid[701, 1] == "end"
    assert grid[702, 1] == numbers.size

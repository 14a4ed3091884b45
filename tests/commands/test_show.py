"""`show` for workbooks as people write them: days, tables, spilled cells, names for formulas."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from support.command_line import assert_refused, call


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("show") / "book.xlsx"
    with xlsxwriter.Workbook(path, {"use_future_functions": True}) as book:
        sheet = book.add_worksheet("Sales")
        day, hours = book.add_format({"num_format": "d mmm yyyy"}), book.add_format({"num_format": "[h]:mm"})
        columns = [{"header": "Item"}, {"header": "Net, EUR"}]
        sheet.add_table("A1:B4", {"name": "Items", "columns": columns, "data": [["x", 7], ["y", 8], ["z", 9]]})
        sheet.write("D1", 45000, day)
        sheet.write_formula("D2", "=D1*1", hours, 45000)
        sheet.write("D3", "no day", day)
        sheet.write_dynamic_array_formula("F1:F3", "=SORT(A2:A4)", None, "x")
        sheet.write_formula("G1", "=ROWS(_xlfn.ANCHORARRAY(F1))", None, 3)
        book.define_name("Rate", "=0.2")
        book.define_name("Moving", "=OFFSET(Sales!$A$1,1,0,3,1)")
    return path


def lines(path: Path, place: str) -> dict[str, str]:
    """What is shown, by its title; a title stands for the lines below it too."""
    result = call("show", path, place)
    assert result.exit_code == 0, result.output
    shown: dict[str, str] = {}
    title = ""
    for line in result.stdout.splitlines():
        title = line[:9].strip() or title
        shown[title] = f"{shown[title]}, {line[9:]}" if title in shown else line[9:]
    return shown


def test_days_and_times_as_their_cells_show_them(workbook: Path) -> None:
    assert lines(workbook, "Sales!D1")["looks"] == "15 Mar 2023"
    assert lines(workbook, "Sales!D2")["looks"] == "1080000:00"
    assert "looks" not in lines(workbook, "Sales!D3")
    assert "looks" not in lines(workbook, "Sales!B2")


def test_days_that_count_from_1904_and_values_that_are_not_there(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    book.active["A1"], book.active["A1"].number_format = 43538, "yyyy-mm-dd"
    book.active["B1"] = "=A1+1"
    book.save(tmp_path / "book.xlsx")
    assert lines(tmp_path / "book.xlsx", "B1")["value"].startswith("none in the file")
    assert lines(tmp_path / "book.xlsx", "B2")["value"] == "blank"
    assert lines(tmp_path / "book.xlsx", "A1")["looks"] == "2023-03-15"


def test_parts_of_tables(workbook: Path) -> None:
    assert lines(workbook, "Items")["cell"] == "Sales!A2"
    assert lines(workbook, "items[net, eur]")["cell"] == "Sales!B2"
    assert lines(workbook, "Items[#Headers]")["value"] == "'Item'"
    assert_refused(call("show", workbook, "Items[Gross]"), r"no part \[Gross\]\nHint: its columns are: Item, Net, EUR")
    assert_refused(call("show", workbook, "Items[#Totals]"), r"no part \[#Totals\]")


def test_spilled_cells(workbook: Path) -> None:
    for place in ("Sales!F1", "Sales!F2", "Sales!F1#"):
        shown = lines(workbook, place)
        assert (shown["formula"], shown["fills"]) == ("=SORT(A2:A4)", "Sales!F1:F3")
    assert lines(workbook, "Sales!G1") == {
        "cell": "Sales!G1",
        "value": "3.0",
        "formula": "=ROWS(F1#)",
        "fills": "Sales!G1",
        "reads": "Sales!F1:F3",
    }


def test_a_name_for_a_formula_is_said_to_be_one(workbook: Path) -> None:
    assert_refused(call("show", workbook, "rate"), r"rate is a name for =0\.2, not for cells")
    assert_refused(call("show", workbook, "Moving"), r"Moving is a name for =OFFSET\(.*\), not for cells")
    copy = workbook.with_name("copy.xlsx")
    assert_refused(call("recalc", workbook, "-o", copy, "--set", "Rate=1"), r"Rate is a name for =0\.2, not for cells")

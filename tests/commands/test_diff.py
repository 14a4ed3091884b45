"""`sheetgpt diff`: causes before what follows, looks, workbooks that are not there."""

from __future__ import annotations

import json
import os
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from sheetgpt import Book, Calculator, write
from sheetgpt.book.address import at
from sheetgpt.commands.diff import WorkbookDiff, diff
from sheetgpt.comparison.sheet_diff import Wanted
from support.command_line import assert_refused, call
from support.plan_file import Edit, plan


def compared(folder: Path, edit: Edit, **options: object) -> WorkbookDiff:
    return diff(plan(folder / "a.xlsx"), plan(folder / "b.xlsx", edit), **options)  # type: ignore[arg-type]


def lines(found: WorkbookDiff) -> list[str]:
    return found.as_text("a", "b").splitlines()[2:]


def test_equal_files(tmp_path: Path) -> None:
    found = compared(tmp_path, lambda book: None)
    assert (found.changes, found.not_compared, found.as_text("a", "b")) == ([], [], "")


def test_what_follows_stands_behind_its_cause_in_one_line(tmp_path: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["Report"]["B1"] = 0.5

    assert lines(compared(tmp_path, edit)) == [
        "@@ Report!B1 @@",
        "-0.25",
        "+0.5",
        "5 values follow: Plan!D2:D5, Report!A1",
        "changed: 1 constant; 5 values follow",
    ]
    shown = compared(tmp_path, edit).as_text("a", "b", effects=True)
    assert "@@ Report!A1 @@\n-8.125\n+9.75" in shown


def test_a_changed_formula_and_what_follows(tmp_path: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        for row in (2, 3, 4):
            book["Plan"][f"D{row}"] = f"=B{row}*C{row}"

    found = lines(compared(tmp_path, edit))
    assert found[:3] == ["@@ Plan!D2:D4 @@", "-=B2*C2*(1+tax)", "+=B2*C2"]
    assert found[3:] == ["5 values follow: Plan!D2:D5, Report!A1", "changed: 3 formulas; 5 values follow"]


def test_a_row_taken_out_and_what_follows(tmp_path: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        sheet = book["Plan"]
        sheet.delete_rows(3)
        sheet["D3"], sheet["D4"] = "=B3*C3*(1+tax)", "=SUM(D2:D3)"
        book["Report"]["A1"] = "=Plan!D4/12"

    assert lines(compared(tmp_path, edit)) == [
        "@@ Plan: row 3 deleted @@",
        '-"nut" 1 30 =B3*C3*(1+tax)',
        "2 values follow: Plan!D4, Report!A1",
        "changed: 1 place with other rows; 2 values follow",
    ]


def test_another_name_is_a_cause(tmp_path: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book.defined_names["tax"] = DefinedName("tax", attr_text="0.5")

    found = lines(compared(tmp_path, edit))
    assert found[:3] == ["@@ name tax @@", "-Report!$B$1", "+0.5"]
    assert found[-1] == "changed: 1 defined name; 5 values follow"


def test_a_value_that_nothing_explains(tmp_path: Path) -> None:
    from sheetgpt.xlsx.patch import patch

    plan(tmp_path / "a.xlsx")
    patch(tmp_path / "a.xlsx", tmp_path / "b.xlsx", {"Report": {(2, 1): 99.0}, "Plan": {(2, 2): 3.0}})
    found = diff(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    assert lines(found)[-1] == "changed: 1 constant; 1 value differs, and nothing that it reads was changed"
    assert "@@ Report!A2 @@" in lines(found)


def test_values_that_a_file_does_not_store_are_not_compared(tmp_path: Path) -> None:
    plan(tmp_path / "a.xlsx")
    openpyxl.load_workbook(tmp_path / "a.xlsx").save(tmp_path / "b.xlsx")  # without values
    found = diff(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    assert found.changes == []
    assert found.not_compared == [f"6 values of formulas that {tmp_path / 'b.xlsx'} does not store"]
    result = call("diff", tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "equal, but not compared: 6 values" in result.stderr


def _percent(book: openpyxl.Workbook) -> None:
    for (cell,) in book["Plan"]["B2:B4"]:
        cell.number_format = "0%"


def _validation(book: openpyxl.Workbook) -> None:
    rule = DataValidation(type="whole", operator="greaterThan", formula1="0")
    rule.add("C2:C4")
    book["Plan"].add_data_validation(rule)


LOOKS: list[tuple[Edit, str]] = [
    (lambda book: setattr(book["Plan"]["B2"], "number_format", "0.00"), "Plan!B2: number format"),
    (_percent, "Plan!B2:B4: number format"),
    (lambda book: setattr(book["Plan"]["A1"], "font", Font(name="Calibri", size=11, bold=True)), "Plan!A1: font"),
    (lambda book: setattr(book["Plan"]["A1"], "fill", PatternFill("solid", fgColor="FFFF00")), "Plan!A1: fill"),
    (lambda book: setattr(book["Plan"]["F9"], "fill", PatternFill("solid", fgColor="FFFF00")), "Plan!F9: fill"),
    (lambda book: setattr(book["Plan"]["A1"], "border", Border(top=Side("thin"))), "Plan!A1: border"),
    (lambda book: setattr(book["Plan"]["A1"], "alignment", Alignment(horizontal="right")), "Plan!A1: alignment"),
    (lambda book: setattr(book["Plan"]["A1"], "protection", Protection(locked=False)), "Plan!A1: protection"),
    (lambda book: setattr(book["Plan"]["A1"], "comment", Comment("why?", "me")), "Plan!A1: comment"),
    (lambda book: setattr(book["Plan"]["A1"], "hyperlink", "https://example.org"), "Plan!A1: link"),
    (lambda book: book["Plan"].merge_cells("A7:C7"), "Plan!A7:C7: merged cells"),
    (_validation, "Plan!C2:C4: data validation"),
    (
        lambda book: book["Plan"].conditional_formatting.add("B2:B4", CellIsRule(operator="lessThan", formula=["5"])),
        "Plan!B2:B4: conditional format",
    ),
    (lambda book: setattr(book["Plan"].auto_filter, "ref", "A1:D4"), "Plan!A1:D4: filter"),
    (lambda book: setattr(book["Plan"].protection, "sheet", True), "Plan: protection of the sheet"),
    (lambda book: setattr(book["Report"], "sheet_state", "hidden"), "Report: the sheet"),
    (lambda book: setattr(book["Plan"].row_dimensions[3], "hidden", True), "Plan: hidden rows 3:3"),
    (lambda book: setattr(book["Plan"].column_dimensions["C"], "hidden", True), "Plan: hidden columns C:C"),
    (lambda book: setattr(book.calculation, "calcMode", "manual"), "calculation"),
]


@pytest.mark.parametrize(("edit", "where"), LOOKS, ids=[where for _, where in LOOKS])
def test_each_kind_of_looks_is_seen(edit: Edit, where: str, tmp_path: Path) -> None:
    """The other way round too; a link also has a font of its own in openpyxl, a hidden column a width."""
    found = compared(tmp_path, edit)
    assert where in [change.where for change in found.changes]
    back = diff(tmp_path / "b.xlsx", tmp_path / "a.xlsx")
    assert where in [change.where for change in back.changes]
    assert diff(tmp_path / "a.xlsx", tmp_path / "b.xlsx", looks=False).changes == []


def test_a_sign_in_front_of_the_formula_of_a_rule_is_no_difference(tmp_path: Path) -> None:
    for name, sign in (("a", ""), ("b", "=")):
        book = openpyxl.Workbook()
        rule = DataValidation(type="list", formula1=f"{sign}$C$1:$C$3", showErrorMessage=True)
        rule.add("A1")
        book.active.add_data_validation(rule)
        book.save(tmp_path / f"{name}.xlsx")
    assert not diff(tmp_path / "a.xlsx", tmp_path / "b.xlsx").changes


def test_looks_that_cannot_be_read_do_not_stop_the_rest(tmp_path: Path) -> None:
    plan(tmp_path / "a.xlsx")
    with ZipFile(plan(tmp_path / "whole.xlsx")) as whole, ZipFile(tmp_path / "b.xlsx", "w") as broken:
        for name in whole.namelist():
            data = whole.read(name)
            broken.writestr(name, data[: len(data) // 2] if name == "xl/styles.xml" else data)
    found = diff(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    assert found.changes == []
    assert found.not_compared[0].startswith("all looks, for those of")


def test_charts(tmp_path: Path) -> None:
    from openpyxl.chart import BarChart, LineChart, Reference

    def chart(kind: type, last: int) -> Edit:
        def edit(book: openpyxl.Workbook) -> None:
            made = kind()
            made.add_data(Reference(book["Plan"], min_col=2, min_row=1, max_row=last), titles_from_data=True)
            book["Report"].add_chart(made, "D2")

        return edit

    found = compared(tmp_path, chart(BarChart, 4))
    assert [change.where for change in found.changes] == ["Report: chart 1"]
    plan(tmp_path / "c.xlsx", chart(BarChart, 3))
    (change,) = diff(tmp_path / "b.xlsx", tmp_path / "c.xlsx").changes
    assert (change.a, change.b) == ("barChart of plan!B1, plan!B2:B4", "barChart of plan!B1, plan!B2:B3")
    plan(tmp_path / "d.xlsx", chart(LineChart, 4))
    assert diff(tmp_path / "b.xlsx", tmp_path / "d.xlsx").changes


def test_what_is_not_compared_is_said_and_what_is_lost_is_a_difference(tmp_path: Path) -> None:
    import xlsxwriter

    def make(name: str, text: str | None) -> Path:
        book = xlsxwriter.Workbook(tmp_path / name)
        sheet, bold = book.add_worksheet("S"), book.add_format({"bold": True})
        if text:
            sheet.write_rich_string("A1", text, bold, "rest")
        else:
            sheet.write("A1", "onerest")
        book.close()
        return tmp_path / name

    a, b, c = make("a.xlsx", "one"), make("b.xlsx", "two"), make("c.xlsx", None)
    found = diff(a, b)
    assert ([change.where for change in found.changes], found.not_compared) == (["S!A1"], ["texts in several fonts"])
    assert [(change.where, change.a, change.b) for change in diff(a, c).changes] == [
        ("texts in several fonts", "there", None)
    ]


def test_formats_move_with_their_rows(tmp_path: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["Plan"]["B4"].number_format = "0.00"
        book["Plan"]["A4"].comment = Comment("why?", "me")
        book["Plan"].merge_cells("A7:B7")

    def put_in(book: openpyxl.Workbook) -> None:
        sheet = book["Plan"]
        sheet.insert_rows(3)
        for row in (4, 5):
            sheet[f"D{row}"] = f"=B{row}*C{row}*(1+tax)"
        sheet["D6"], book["Report"]["A1"] = "=SUM(D2:D5)", "=Plan!D6/12"
        sheet["B5"].number_format = "0.00"
        sheet["A5"].comment = Comment("why?", "me")
        sheet.merge_cells("A8:B8")

    a, b = plan(tmp_path / "a.xlsx", edit), plan(tmp_path / "b.xlsx", put_in)
    assert [change.where for change in diff(a, b).changes] == ["Plan: row 3 inserted"]


def test_json(tmp_path: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["Report"]["B1"] = 0.5
        book["Plan"]["A1"].number_format = "0.00"

    compared(tmp_path, edit)
    result = call("diff", tmp_path / "a.xlsx", tmp_path / "b.xlsx", "--json")
    entries = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (entries["equal"], entries["differences"]) == (False, 4)
    assert entries["values"]["follow"] == 5
    assert [(one["where"], one.get("why")) for one in entries["listed"]] == [
        ("Report!B1", None),
        ("Plan!A1: number format", None),
        ("Plan!D2:D5", "follows"),
        ("Report!A1", "follows"),
    ]


def test_a_workbook_that_is_not_there(tmp_path: Path) -> None:
    plan(tmp_path / "a.xlsx")
    for sides, sign in (((os.devnull, tmp_path / "a.xlsx"), "+"), ((tmp_path / "a.xlsx", "/dev/null"), "-")):
        result = call("diff", *sides)
        assert result.exit_code == 1
        assert f"@@ sheet Plan @@\n{sign}A1:D5 cells, 4 formulas" in result.stdout
    assert call("diff", "/dev/null", "/dev/null").exit_code == 0
    assert_refused(call("diff", tmp_path / "a.xlsx", tmp_path / "none.xlsx"), "there is no file")


def test_tolerance_and_values_as_asked(tmp_path: Path) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["Report"]["B1"] = 0.2500001

    assert compared(tmp_path, edit, wanted=Wanted(rel_tol=1e-3)).changes == []
    assert len(diff(tmp_path / "a.xlsx", tmp_path / "b.xlsx", Wanted(values=False)).changes) == 1


def test_what_reads_by_offset_follows_from_a_change_too(tmp_path: Path) -> None:
    def with_offset(start: float) -> Path:
        book = Book()
        sheet = book.add("S")
        sheet.grid[1, 1] = start
        sheet.put_formula(at(2, 1), "OFFSET(A1,0,0)*2")
        sheet.put_formula(at(3, 1), "A2+1")
        Calculator(book).recalculate()
        write(book, tmp_path / f"{start}.xlsx")
        return tmp_path / f"{start}.xlsx"

    found = diff(with_offset(1.0), with_offset(2.0)).as_text("a", "b").splitlines()
    assert found[-2:] == ["2 values follow: S!A2:A3", "changed: 1 constant; 2 values follow"]

"""Workbooks that openpyxl or LibreOffice has read and saved again: no difference but real ones."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from sheetgpt.commands.diff import diff
from sheetgpt.commands.recalc import recalc


def budget(path: Path) -> None:
    """Formats, notes, rules and a chart as openpyxl writes them; a hidden sheet with formulas."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "My Budget"
    sheet.append(["item", "plan", "paid", "left", "over"])
    for row in range(2, 12):
        sheet.append([f"item {row}", row * 100, row * 90.5, f"=B{row}-C{row}", f"=IF(C{row}>B{row},TRUE,FALSE)"])
        sheet.cell(row, 2).number_format = "#,##0.00"
        sheet.cell(row, 3).number_format = '#,##0.00\\ "kr"'
        sheet.cell(row, 4).number_format = "#,##0;[Red]-#,##0"
    sheet["B12"], sheet["C12"] = "=SUM(B2:B11)", "=SUM('My Budget'!C2:C11)"
    sheet["D12"] = '=SUMPRODUCT((A2:A11<>"")*(B2:B11-C2:C11))'
    for cell in sheet[1]:
        cell.font = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="4472C4")
        cell.alignment = Alignment(horizontal="center", wrap_text=True)
    for cell in sheet[12]:
        cell.border = Border(top=Side("thin"), bottom=Side("double"))
    _rules(sheet)
    rates = book.create_sheet("Rates")
    rates["A1"], rates["B1"], rates["C1"] = 0.25, "=rate*2", "=1E+20/4"
    rates["D1"], rates["E1"] = "=-(A1^2)+ROUND(rate,1)", '=IF(A1>0.1,"big",)'
    rates["A1"].number_format = "0.0%"
    rates.sheet_state = "hidden"
    rates.row_dimensions[3].hidden = rates.column_dimensions["D"].hidden = True
    book.defined_names["rate"] = DefinedName("rate", attr_text="Rates!$A$1")
    book.save(path)


def _rules(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
    """What lies on the cells of the budget."""
    sheet["B3"].comment = Comment("why so much?", "me")
    for kind, cells, options in (
        ("list", "F2:F11", {"formula1": '"yes,no"', "allow_blank": True}),
        ("whole", "B2:B11", {"operator": "between", "formula1": "0", "formula2": "5000"}),
    ):
        rule = DataValidation(type=kind, showErrorMessage=True, **options)
        rule.add(cells)
        sheet.add_data_validation(rule)
    red = PatternFill(bgColor="FFC7CE")
    sheet.conditional_formatting.add("D2:D11", CellIsRule(operator="lessThan", formula=["0"], fill=red))
    sheet.conditional_formatting.add("A2:E11", FormulaRule(formula=["$C2>$B2"], font=Font(bold=True)))
    scale = ColorScaleRule(start_type="min", start_color="FFFFFF", end_type="max", end_color="63BE7B")
    sheet.conditional_formatting.add("B2:B11", scale)
    sheet.merge_cells("A14:E14")
    sheet["G1"].hyperlink = "https://example.org/x"
    chart = BarChart()
    chart.title = "Plan"
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=11), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=11))
    sheet.add_chart(chart, "I2")
    sheet.auto_filter.ref = "A1:E11"


def grades(path: Path) -> None:
    """Dates, newer functions, an array formula, protection, formats of rows."""
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Grades")
    date, share = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "0%", "italic": True})
    head = book.add_format({"text_wrap": True, "valign": "top", "indent": 1, "border": 1, "bg_color": "#DDEBF7"})
    sheet.write_row(0, 0, ["name", "date", "a", "b", "mean", "grade"], head)
    for row in range(1, 21):
        sheet.write_row(row, 0, [f"pupil {row}", 45000 + row, row % 7 * 10, row % 5 * 20])
        sheet.write_number(row, 1, 45000 + row, date)
        sheet.write_formula(row, 4, f"=AVERAGE(C{row + 1}:D{row + 1})/100", share)
        sheet.write_formula(row, 5, f'=IF(E{row + 1}>=0.5,"pass","fail")')
    for row, text in enumerate(
        [
            "=_xlfn.STDEV.S(C2:C21)",
            '=COUNTIF(F2:F21,"pass")',
            '=_xlfn.IFNA(VLOOKUP("pupil 3",A2:F21,5,FALSE),0)',
            '=IFERROR(1/0,"-")',
            '=_xlfn.CEILING.MATH(2.5)+CEILING(2.5,1)+_xlfn.NUMBERVALUE("2.5",".")',
            '=TEXT(B2,"yyyy")&" "&LEFT(A2,5)',
            "=INDEX($A$2:$F$21,MATCH(MAX(E:E),E:E,0)-1,1)",
            "=SUM(C2:INDEX(C:C,5))",
        ]
    ):
        sheet.write_formula(row, 7, text)
    sheet.write_array_formula("J1:J3", "{=TRANSPOSE(C2:E2)}")
    sheet.freeze_panes(1, 1)
    sheet.set_row(25, None, date)
    sheet.write_comment("A2", "absent\nonce")
    sheet.protect()
    book.close()


def stock(path: Path) -> None:
    """A table, names, rules and a chart as XlsxWriter writes them; operators and constants of all kinds."""
    book = xlsxwriter.Workbook(str(path))
    sheet, money = book.add_worksheet("Stock"), book.add_format({"num_format": "$#,##0.00", "font_color": "#9C0006"})
    value = "=Parts[[#This Row],[count]]*Parts[[#This Row],[price]]"
    columns = [{"header": "part"}, {"header": "count"}, {"header": "price"}, {"header": "value", "formula": value}]
    sheet.add_table("A1:D6", {"columns": columns, "name": "Parts"})
    for row, entry in enumerate(
        [("bolt", 10, 0.5), ("nut", 20, 0.25), ("cog", 3, 12), ("pin", 9, 1), ("cam", 2, 40)], 1
    ):
        sheet.write_row(row, 0, entry, money if row % 2 else None)
    formulas = ["SUM(Parts[value])", 'SUMIFS(D2:D6,B2:B6,">5")', "-2^2+50%", "#N/A", "SUM(B2:C4 C3:D5)"]
    for row, text in enumerate([*formulas, "SUM({1,2;3,4}*1)", "+B2+C2", "'Other One'!A1"], 0):
        sheet.write_formula(row, 5, f"={text}")
    sheet.write_row(11, 5, ["'quoted", True, -0.0])
    sheet.data_validation("H1", {"validate": "decimal", "criteria": ">", "value": 0, "input_message": "positive"})
    sheet.conditional_format("B2:B6", {"type": "top", "value": 2, "format": money})
    sheet.conditional_format("C2:C6", {"type": "data_bar"})
    sheet.conditional_format("A2:A6", {"type": "text", "criteria": "containing", "value": "c", "format": money})
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=Stock!$B$2:$B$6", "categories": "=Stock!$A$2:$A$6", "name": "counts"})
    chart.set_title({"name": "Counts"})
    sheet.insert_chart("J2", chart)
    book.add_worksheet("Other One").write_formula("A1", "=SUM(Stock!B2:B6)+'Other One'!B1")
    book.define_name("total", "=Stock!$F$1")
    book.define_name("twice", "=Stock!$F$1*2")
    book.close()


BOOKS: tuple[Callable[[Path], None], ...] = (budget, grades, stock)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The books, with the values that their formulas have where we can calculate them."""
    made = tmp_path_factory.mktemp("books")
    for make in BOOKS:
        make(made / f"{make.__name__}.xlsx")
        recalc(made / f"{make.__name__}.xlsx", made / f"{make.__name__}.xlsx")
    return made


@pytest.fixture(scope="module")
def libreoffice(folder: Path) -> Path:
    """A folder with the books as LibreOffice saves them: one start for all."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("LibreOffice is not installed")
    out = folder / "again"
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(out)]
    subprocess.run([*command, *map(str, folder.glob("*.xlsx"))], check=True, capture_output=True, timeout=300)
    return out


def _different(a: Path, b: Path) -> list[tuple[str, object, object]]:
    return [(change.where, change.a, change.b) for change in diff(a, b).changes]


@pytest.mark.parametrize("name", [make.__name__ for make in BOOKS])
def test_saved_by_openpyxl(name: str, folder: Path, tmp_path: Path) -> None:
    """It stores no values of formulas."""
    openpyxl.load_workbook(folder / f"{name}.xlsx").save(tmp_path / "again.xlsx")
    assert _different(folder / f"{name}.xlsx", tmp_path / "again.xlsx") == []


@pytest.mark.parametrize("name", [make.__name__ for make in BOOKS])
def test_saved_by_libreoffice(name: str, folder: Path, libreoffice: Path) -> None:
    """It rounds values to 15 digits."""
    from sheetgpt.comparison.sheet_diff import Wanted

    found = diff(folder / f"{name}.xlsx", libreoffice / f"{name}.xlsx", Wanted(rel_tol=1e-14))
    assert [(change.where, change.a, change.b) for change in found.changes] == []


def test_a_real_change_is_seen_in_a_book_saved_again(folder: Path, libreoffice: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(libreoffice / "budget.xlsx")
    sheet = book["My Budget"]
    sheet["B4"], sheet["D5"] = 7.0, "=B5-C5-1"
    sheet["B6"].number_format = "0"
    book.save(tmp_path / "changed.xlsx")
    found = [where for where, _, _ in _different(folder / "budget.xlsx", tmp_path / "changed.xlsx")]
    assert found == ["'My Budget'!D5", "'My Budget'!B4", "'My Budget'!B6: number format"]

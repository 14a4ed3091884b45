"""A department's budget as people write it: months, totals, variances, texts that say how it goes."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter as letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
LINES = {  # name: group, plan of January, spent in the months so far
    "Salaries": ("People", 18500, [18500, 18500, 18750, 18500, 18500, 19230.5, 18500, 18500]),
    "Training": ("People", 400, [0, 1250, 0, 390, 0, 0, 875.25, 0]),
    "Rent": ("Premises", 3200, [3200, 3200, 3200, 3200, 3200, 3200, 3296, 3296]),
    "Electricity": ("Premises", 310, [402.13, 388.6, 351.9, 290.05, 240.4, 231.77, 255.1, 262.38]),
    "Cleaning": ("Premises", 180, [180, 180, 180, 180, 225, 180, 180, 180]),
    "Software": ("IT", 950, [950, 950, 950, 1310, 950, 950, 950, 1022.4]),
    "Hardware": ("IT", 600, [0, 0, 4125.99, 0, 0, 0, 0, 312]),
    "Travel": ("Other", 750, [120.4, 0, 980.15, 1404.6, 350, 90, 0, 0]),
    "Catering": ("Other", 90, [64.2, 71, 88.35, 101.1, 95.4, 80, 42.5, 60.75]),
}
FIRST, LAST = 5, 4 + len(LINES)
TOTAL = LAST + 1


def write(path: Path) -> None:
    book = Workbook()
    for title, values in (("Budget", _plan), ("Actual", _spent)):
        sheet = book.active if title == "Budget" else book.create_sheet(title)
        sheet.title = title
        _grid(sheet, values)
    _variance(book.create_sheet("Variance"))
    _summary(book.create_sheet("Summary"))
    book.defined_names["Tolerance"] = DefinedName("Tolerance", attr_text="Summary!$B$4")
    book.defined_names["ThisMonth"] = DefinedName("ThisMonth", attr_text="Summary!$B$3")
    book.save(path)


def _plan(row: int, column: int, plan: float, _: list[float]) -> float | str | None:
    if column == 1:
        return plan
    previous = f"{letter(column)}{row}"
    return f"=ROUND({previous}*(1+IF({letter(column + 1)}$3=7,3%,0)),2)"


def _spent(_: int, column: int, __: float, spent: list[float]) -> float | str | None:
    return spent[column - 1] if column <= len(spent) else None


def _grid(sheet: Worksheet, values) -> None:  # type: ignore[no-untyped-def]
    """Lines by months, with totals below and on the right."""
    sheet["A1"], sheet["A1"].font = f"{sheet.title} 2025, EUR", Font(bold=True, size=14)
    sheet["A4"] = "Line"
    for column, month in enumerate(MONTHS, 1):
        sheet.cell(3, column + 1, column if column == 1 else f"={letter(column)}3+1")
        sheet.cell(4, column + 1, month).font = Font(bold=True)
    for title, column in (("Year", 14), ("Average", 15), ("Share", 16)):
        sheet.cell(4, column, title)
    for row, (name, (_, plan, spent)) in enumerate(LINES.items(), FIRST):
        sheet.cell(row, 1, name)
        for column in range(1, 13):
            sheet.cell(row, column + 1, values(row, column, plan, spent)).number_format = "#,##0.00"
        sheet.cell(row, 14, f"=SUM(B{row}:M{row})")
        sheet.cell(row, 15, f"=AVERAGE(B{row}:M{row})")
        sheet.cell(row, 16, f"=N{row}/N${TOTAL}").number_format = "0.0%"
    sheet.cell(TOTAL, 1, "Total")
    for column in range(2, 15):
        sheet.cell(TOTAL, column, f"=SUM({letter(column)}{FIRST}:{letter(column)}{LAST})").font = Font(bold=True)
    sheet.freeze_panes = "B5"


def _variance(sheet: Worksheet) -> None:
    sheet["A1"] = '="Actual less budget, up to "&INDEX(Budget!B4:M4,ThisMonth)'
    for column in range(2, 14):
        sheet.cell(4, column, f"=Budget!{letter(column)}4")
        for row in range(FIRST, TOTAL + 1):
            there = f"{letter(column)}{row}"
            sheet.cell(row, column, f'=IF({letter(column)}$3>ThisMonth,"",Actual!{there}-Budget!{there})')
        sheet.cell(3, column, f'=MONTH(DATEVALUE("2025-{column - 1:02}-01"))')
    for row in range(FIRST, TOTAL + 1):
        sheet.cell(row, 1, f"=Budget!A{row}")
        sheet.cell(row, 14, f"=SUM(B{row}:M{row})")
    red = PatternFill("solid", bgColor="FFC7CE")
    sheet.conditional_formatting.add(
        f"B{FIRST}:M{TOTAL}", CellIsRule(operator="greaterThan", formula=["Tolerance"], fill=red)
    )


def _summary(sheet: Worksheet) -> None:
    sheet["A1"], sheet["A3"], sheet["B3"], sheet["A4"], sheet["B4"] = "Summary", "Month", 8, "Tolerance", 0.05
    sheet["C3"] = '=INDEX(Budget!$B$4:$M$4,ThisMonth)&" "&2025'
    sheet["B4"].number_format = "0%"
    sheet["B4"].comment = Comment("agreed with the board in January", "Controller")
    months = DataValidation(type="whole", operator="between", formula1="1", formula2="12")
    months.add("B3")
    sheet.add_data_validation(months)
    heads = [
        "Line",
        "Group",
        "Budget to date",
        "Actual to date",
        "Variance",
        "%",
        "Status",
        "Rank",
        "Bar",
        "Forecast",
        "Left",
    ]
    for column, head in enumerate(heads, 1):
        sheet.cell(6, column, head)
    for row, (name, (group, *_)) in enumerate(LINES.items(), 7):
        _line(sheet, row, row - 2, name, group)
    _groups(sheet)
    _facts(sheet)
    sheet.conditional_formatting.add("A7:K15", FormulaRule(formula=["$E7>0"], font=Font(color="9C0006")))
    chart = BarChart()
    chart.add_data(Reference(sheet, min_col=3, max_col=4, min_row=6, max_row=15), titles_from_data=True)
    sheet.add_chart(chart, "M2")


def _line(sheet: Worksheet, row: int, there: int, name: str, group: str) -> None:
    sheet.cell(row, 1, name)
    sheet.cell(row, 2, group)
    sheet.cell(row, 3, f"=SUM(Budget!B{there}:INDEX(Budget!B{there}:M{there},ThisMonth))")
    sheet.cell(row, 4, f'=SUMIF(Actual!$B$3:$M$3,"<="&ThisMonth,Actual!B{there}:M{there})')
    sheet.cell(row, 5, f"=D{row}-C{row}")
    sheet.cell(row, 6, f'=IF(C{row}=0,"n/a",E{row}/C{row})').number_format = "0.0%"
    status = f'"over by "&TEXT(E{row},"#,##0.00"),"under by "&TEXT(-E{row},"#,##0.00")'
    sheet.cell(row, 7, f'=IF(ABS(F{row})<=Tolerance,"on track",IF(E{row}>0,{status}))')
    sheet.cell(row, 8, f"=RANK(F{row},$F$7:$F$15)")
    sheet.cell(row, 9, f'=REPT("|",ROUND(D{row}/MAX($D$7:$D$15)*40,0))&" "&TEXT(D{row}/SUM(D$7:D$15),"0.0%")')
    sheet.cell(row, 10, f"=D{row}+SUMPRODUCT((Budget!$B$3:$M$3>ThisMonth)*Budget!B{there}:M{there})")
    sheet.cell(row, 11, f"=MAX(0,Budget!N{there}-D{row})")


def _groups(sheet: Worksheet) -> None:
    for row, group in enumerate(("People", "Premises", "IT", "Other"), 18):
        sheet.cell(row, 1, group)
        sheet.cell(row, 2, f"=COUNTIF($B$7:$B$15,A{row})")
        for column in "CDE":
            sheet[f"{column}{row}"] = f"=SUMIF($B$7:$B$15,$A{row},{column}$7:{column}$15)"
        sheet[f"F{row}"] = f"=E{row}/C{row}"
        sheet[f"G{row}"] = (
            f'=IF(AND(F{row}>Tolerance,E{row}>500),"Talk to "&UPPER(A{row}),IF(OR(F{row}<-0.2,E{row}<-1000),"spare","fine"))'
        )
    for column in "BCDE":
        sheet[f"{column}22"] = f"=SUM({column}18:{column}21)"
    sheet["F22"] = '=IF(ROUND(E22-SUM(E7:E15),2)=0,"adds up","check!")'


def _facts(sheet: Worksheet) -> None:
    facts = {
        "Dearest month": "=INDEX(Actual!B4:M4,MATCH(MAX(Actual!B14:M14),Actual!B14:M14,0))",
        "Cheapest month so far": "=INDEX(Actual!B4:M4,MATCH(MIN(OFFSET(Actual!B14,0,0,1,ThisMonth)),Actual!B14:M14,0))",
        "Lines over": '=COUNTIF(G7:G15,"over*")&" of "&COUNTA(G7:G15)',
        "Lines on track": '=COUNTIF(G7:G15,"on track")',
        "Largest overrun": "=INDEX(A7:A15,MATCH(1,H7:H15,0))",
        "Median of lines": "=MEDIAN(D7:D15)",
        "Without the largest": "=(SUM(D7:D15)-LARGE(D7:D15,1))/(COUNT(D7:D15)-1)",
        "Monthly deviation": "=STDEV(OFFSET(Actual!B14,0,0,1,ThisMonth))",
        "Trend per month": "=SLOPE(Actual!B14:I14,Actual!B3:I3)",
        "Next month by trend": "=FORECAST(9,Actual!B14:I14,Actual!B3:I3)",
        "Year in words": '=PROPER("forecast ")&TEXT(SUM(J7:J15),"#,##0")&" of "&TEXT(Budget!N14,"#,##0")&", "&IF(SUM(J7:J15)>Budget!N14,"too much","within budget")',
        "Months left": "=12-ThisMonth",
        "Per month left": '=IFERROR(ROUNDDOWN(SUM(K7:K15)/B36,-1),"year is over")',
        "Worst percent": "=MAX(F7:F15)",
        "Quarter spent": "=SUMPRODUCT((ROUNDUP(Actual!B3:M3/3,0)=ROUNDUP(ThisMonth/3,0))*Actual!B14:M14)",
        "Zero months": "=SUMPRODUCT(--(Actual!B5:I13=0))",
    }
    for row, (name, formula) in enumerate(facts.items(), 25):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2, formula)

"""A small financial model as people write it: three statements, scenarios, a value, interest on the average debt.

Interest is paid on debt that depends on interest: the file asks for iterative calculation.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter as letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import DataTableFormula
from openpyxl.worksheet.worksheet import Worksheet

YEARS = 8
COLUMNS = [letter(column) for column in range(3, 3 + YEARS)]
ASSUMPTIONS = [  # name, defined name, three scenarios
    ("Growth", "Growth", 0.08, 0.05, -0.01), ("Cost of goods", "Cogs", 0.54, 0.56, 0.6), ("Overheads", "Overheads", 310, 320, 335),
    ("Inflation", "Inflation", 0.02, 0.025, 0.04), ("Tax rate", "Tax", 0.24, 0.25, 0.27), ("Interest", "Interest", 0.045, 0.055, 0.07),
    ("Investments", "Investments", 140, 120, 90), ("Days of receivables", "Receivable", 42, 45, 60), ("Days of stock", "Stock", 50, 55, 70),
    ("Discount rate", "Wacc", 0.085, 0.09, 0.11), ("Growth after", "Terminal", 0.02, 0.015, 0.005),
]  # fmt: skip
_LAST = letter(2 + YEARS)


def write(path: Path) -> None:
    book = Workbook()
    inputs = book.active
    inputs.title = "Inputs"
    _inputs(inputs, book)
    for title, lines in (("P&L", INCOME), ("Balance", BALANCE), ("Cash", CASH)):
        _statement(book.create_sheet(title), lines)
    _value(book.create_sheet("Value"))
    book.calculation.iterate = True
    book.calculation.iterateCount = 200
    book.calculation.iterateDelta = 1e-12
    book.save(path)


def _inputs(sheet: Worksheet, book: Workbook) -> None:
    sheet["A1"], sheet["A2"], sheet["B2"] = "Assumptions", "Scenario", 2
    sheet["C2"] = '=CHOOSE(B2,"Good","Base","Bad")&" case"'
    for row, (name, defined, *scenarios) in enumerate(ASSUMPTIONS, 4):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2, f"=CHOOSE($B$2,D{row},E{row},F{row})" if row % 2 else f"=INDEX(D{row}:F{row},1,$B$2)")
        for column, value in enumerate(scenarios, 4):
            sheet.cell(row, column, value)
        book.defined_names[defined] = DefinedName(defined, attr_text=f"Inputs!$B${row}")
    sheet["G3"] = "Good against bad"
    for row in range(4, 4 + len(ASSUMPTIONS)):
        sheet[f"G{row}"] = (
            f'=IF(D{row}>F{row},"higher","lower")&" by "&TEXT(ABS(D{row}-F{row}),IF(ABS(D{row})<1,"0.0%","0"))'
        )


# name, formula of the first year, formula of the others; {c} is this column, {p} the one before
Lines = list[tuple[str, str, str | int | None]]
INCOME: Lines = [
    ("Sales", "=1850*(1+Growth)", "={p}4*(1+Growth)"),
    ("Cost of goods", "=-{c}4*Cogs", None),
    ("Gross profit", "=SUM({c}4:{c}5)", None),
    ("Overheads", "=-Overheads", "={p}7*(1+Inflation)"),
    ("EBITDA", "={c}6+{c}7", None),
    ("Depreciation", "=-Balance!{p}4*10%", None),
    ("EBIT", "={c}8+{c}9", None),
    ("Interest", "=-AVERAGE(Balance!{p}12,Balance!{c}12)*Interest", None),
    ("Before tax", "={c}10+{c}11", None),
    ("Tax", "=-MAX(0,{c}12)*Tax", None),
    ("Net profit", "={c}12+{c}13", None),
    ("Margin", "=IFERROR({c}14/{c}4,0)", None),
    ("Cover", '=IF({c}11=0,"no debt",-{c}10/{c}11)', None),
]
BALANCE: Lines = [  # the column before the first year holds numbers
    ("Fixed assets", "={p}4+Investments+'P&L'!{c}9", 900),
    ("Stock", "=-'P&L'!{c}5*Stock/365", 150),
    ("Receivables", "='P&L'!{c}4*Receivable/365", 220),
    ("Cash", "=Cash!{c}16", 60),
    ("Assets", "=SUM({c}4:{c}7)", None),
    ("Payables", "=-'P&L'!{c}5*30/365", 85),
    ("Capital", "={p}10", 400),
    ("Reserves", "={p}11+'P&L'!{c}14+Cash!{c}12", 225),
    ("Debt", "={p}12+Cash!{c}11", 620),
    ("Funds", "=SUM({c}9:{c}12)", None),
    ("Check", '=IF(ABS({c}8-{c}13)<0.001,"ok","off by "&TEXT({c}8-{c}13,"0.00"))', None),
    ("Debt to equity", "={c}12/({c}10+{c}11)", None),
]
CASH: Lines = [
    ("Net profit", "='P&L'!{c}14", None),
    ("Depreciation", "=-'P&L'!{c}9", None),
    ("Working capital", "=(Balance!{p}5+Balance!{p}6-Balance!{p}9)-(Balance!{c}5+Balance!{c}6-Balance!{c}9)", None),
    ("Operations", "=SUM({c}4:{c}6)", None),
    ("Investments", "=-Investments", None),
    ("Before funding", "={c}7+{c}8", None),
    ("Cash to hold", "=0.03*'P&L'!{c}4", None),
    ("Debt drawn", "=MAX(-Balance!{p}12,{c}10-Balance!{p}7-{c}9-{c}12)", None),
    ("Dividend", "=-MAX(0,'P&L'!{p}14)*0.3", "=-MAX(0,'P&L'!{p}14)*0.3"),
    ("Funding", "={c}11+{c}12", None),
    ("Change", "={c}9+{c}13", None),
    ("Opening", "=Balance!{p}7", None),
    ("Closing", "={c}14+{c}15", None),
]


def _statement(sheet: Worksheet, lines: Lines) -> None:
    sheet["A1"] = f'="{sheet.title}, "&Inputs!C2'
    sheet["B3"] = 2024
    for before, column in zip(["B", *COLUMNS], COLUMNS, strict=False):
        sheet[f"{column}3"] = f"={before}3+1"
    for row, (name, first, other) in enumerate(lines, 4):
        sheet.cell(row, 1, name)
        if isinstance(other, int):
            sheet.cell(row, 2, other)
        elif sheet.title == "Balance":
            sheet.cell(row, 2, first.format(c="B", p="A"))
        for before, column in zip(["B", *COLUMNS], COLUMNS, strict=False):
            text = other if isinstance(other, str) and column != "C" else first
            sheet[f"{column}{row}"] = text.format(c=column, p=before)
            sheet[f"{column}{row}"].number_format = "#,##0.0;(#,##0.0);-"


def _value(sheet: Worksheet) -> None:
    """What the business is worth, by scenario and by rates."""
    first, last = COLUMNS[0], _LAST
    for row, name in enumerate(("Free cash flow", "Discount factor", "Present value", "Date", "Flow to owners"), 4):
        sheet.cell(row, 1, name)
    sheet["B7"], sheet["B8"] = date(2024, 12, 31), -780
    sheet["B3"] = 0
    for before, column in zip(["B", *COLUMNS], COLUMNS, strict=False):
        sheet[f"{column}3"] = f"={before}3+1"
        sheet[f"{column}4"] = f"=Cash!{column}9-'P&L'!{column}11*(1-Tax)"
        sheet[f"{column}5"] = f"=1/(1+Wacc)^{column}3"
        sheet[f"{column}6"] = f"={column}4*{column}5"
        sheet[f"{column}7"] = f"=EDATE($B$7,12*{column}3)"
        sheet[f"{column}8"] = (
            f"=-Cash!{column}12" if column != last else f"=-Cash!{column}12+(B15-Balance!{column}12)*0.9"
        )
    facts = {
        "Sum of present values": f"=SUM({first}6:{last}6)",
        "By NPV": f"=NPV(Wacc,{first}4:{last}4)",
        "Terminal value": f"={last}4*(1+Terminal)/(Wacc-Terminal)",
        "Its present value": f"=B12*{last}5",
        "Enterprise": "=B10+B13",
        "At the end": "=B12",
        "Equity": "=B14-Balance!B12+Balance!B7",
        "IRR": f"=IRR(B8:{last}8)",
        "MIRR": f"=MIRR(B8:{last}8,Interest,Wacc)",
        "XIRR": f"=XIRR(B8:{last}8,B7:{last}7)",
        "XNPV": f"=XNPV(Wacc,B8:{last}8,B7:{last}7)",
        "Mean growth": f"=_xlfn.RRI({YEARS - 1},'P&L'!{first}4,'P&L'!{last}4)",
        "Payback": f'=IFERROR(INDEX(B3:{last}3,MATCH(TRUE,INDEX(SUBTOTAL(9,OFFSET(B8,0,0,1,COLUMN(B8:{last}8)-1))>0,0),0)),"never")',
        "All balanced": f'=IF(COUNTIF(Balance!B14:{last}14,"ok")={YEARS + 1},"all years","look at the balance")',
        "In words": '="Equity of "&TEXT(B16,"#,##0")&" in the "&LOWER(Inputs!C2)&IF(B17>Wacc,", pays"," , does not pay")',
        "Highest debt": f"=INDEX(Balance!B3:{last}3,MATCH(MAX(Balance!B12:{last}12),Balance!B12:{last}12,0))",
    }
    for row, (name, formula) in enumerate(facts.items(), 10):
        sheet.cell(row, 1, name)
        sheet.cell(row, 2, formula)
    _sensitivity(sheet)


def _sensitivity(sheet: Worksheet) -> None:
    """A payment by rate and term as a data table of Excel, and the value by both rates with formulas."""
    sheet["A30"], sheet["A31"], sheet["B30"], sheet["B31"] = "Rate", "Years", 0.05, 8
    sheet["D29"] = "=PMT(B30/12,B31*12,-620)"
    for column, years in zip("EFGH", (5, 8, 10, 15), strict=True):
        sheet[f"{column}29"] = years
    for row, rate in enumerate((0.03, 0.04, 0.05, 0.06, 0.07), 30):
        sheet[f"D{row}"] = rate
    table = DataTableFormula("E30:H34", dt2D=True, dtr=True, r1="B31", r2="B30")
    sheet["E30"] = table
    sheet["D37"] = "Equity"
    for column, growth in zip("EFGH", (0, 0.01, 0.015, 0.02), strict=True):
        sheet[f"{column}37"] = growth
    for row in range(38, 43):
        sheet[f"D{row}"] = f"=Wacc+{(row - 40) / 100}"
        for column in "EFGH":
            value = f"NPV($D{row},$C$4:${_LAST}$4)+${_LAST}$4*(1+{column}$37)/($D{row}-{column}$37)/(1+$D{row})^{YEARS}"
            sheet[f"{column}{row}"] = f"={value}-Balance!$B$12+Balance!$B$7"

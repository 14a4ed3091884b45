"""A loan plan as people write it: a payment, ten years of months with extra payments, what each year costs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

MONTHS = 120
FIRST, LAST = 12, 11 + MONTHS
EXTRA = {7: 2000, 19: 5000, 20: 250, 43: 12500.5, 60: 1000}  # month: paid besides
INPUTS = {"Principal": 185000, "Rate": 0.0365, "Years": 10, "Start": date(2023, 1, 31), "Fee": 1.5}


def write(path: Path) -> None:
    with xlsxwriter.Workbook(path) as book:
        money, day = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "d mmm yyyy"})
        plan, years, checks = (book.add_worksheet(name) for name in ("Plan", "By year", "Checks"))
        _inputs(plan, day, money)
        for row, (name, _) in enumerate(INPUTS.items(), 3):
            book.define_name(name, f"=Plan!$B${row}")
        book.define_name("Payment", "=Plan!$E$3")
        for number in range(1, MONTHS + 1):
            _month(plan, number, day, money)
        _by_year(years, money)
        _checks(checks, money)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": f"=Plan!$H${FIRST}:$H${LAST}", "categories": f"=Plan!$B${FIRST}:$B${LAST}"})
        years.insert_chart("J2", chart)


def _inputs(sheet: Worksheet, day, money) -> None:  # type: ignore[no-untyped-def]
    sheet.write("A1", "Loan plan")
    for row, (name, value) in enumerate(INPUTS.items(), 2):
        sheet.write(row, 0, name)
        sheet.write(row, 1, value, day if isinstance(value, date) else money)
    facts = {
        "Monthly payment": "=-PMT(Rate/12,Years*12,Principal)",
        "Total interest": f"=SUM(D{FIRST}:D{LAST})",
        "Last payment": f"=MAX(B{FIRST}:B{LAST})",
        "Months needed": f'=COUNTIF(C{FIRST}:C{LAST},">0.005")',
        "Saved by extra payments": "=Payment*Years*12-Principal-E4",
        "In words": '="Paid off in "&INT(E6/12)&" years and "&MOD(E6,12)&" months, on "&TEXT(E5,"d mmmm yyyy")',
    }
    for row, (name, formula) in enumerate(facts.items(), 2):
        sheet.write(row, 3, name)
        sheet.write_formula(row, 4, formula, day if name == "Last payment" else money)
    heads = ["No.", "Date", "Opening", "Interest", "Principal", "Extra", "Paid", "Closing", "Year", "Interest so far"]
    sheet.write_row(FIRST - 2, 0, heads)
    sheet.freeze_panes(FIRST - 1, 2)


def _month(sheet: Worksheet, number: int, day, money) -> None:  # type: ignore[no-untyped-def]
    """One row: nothing is left to pay after the last payment, and the cells stay empty-looking."""
    row = FIRST + number - 1
    above = row - 1
    sheet.write(row - 1, 0, 1) if number == 1 else sheet.write_formula(
        row - 1, 0, f'=IF(N(H{above})>0.005,A{above}+1,"")'
    )
    there = f'=IF(A{row}="","",'
    opening = "Principal" if number == 1 else f"H{above}"
    formulas = {
        "B": f"{there}EDATE(Start,A{row}-1))",
        "C": f"{there}{opening})",
        "D": f"{there}ROUND(C{row}*Rate/12,2))",
        "E": f"{there}MIN(C{row},ROUND(Payment,2)-D{row}))",
        "G": f"{there}D{row}+E{row}+MIN(N(F{row}),C{row}-E{row}))",
        "H": f"{there}ROUND(C{row}-E{row}-MIN(N(F{row}),C{row}-E{row}),2))",
        "I": f"{there}YEAR(B{row}))",
        "J": f"{there}SUM(D${FIRST}:D{row}))",
    }
    for column, formula in formulas.items():
        sheet.write_formula(f"{column}{row}", formula, day if column == "B" else money)
    if number in EXTRA:
        sheet.write(f"F{row}", EXTRA[number], money)


def _by_year(sheet: Worksheet, money) -> None:  # type: ignore[no-untyped-def]
    sheet.write_row(
        "A1", ["Year", "Interest", "Principal", "Extra", "Payments", "Balance", "Share of interest", "Text"]
    )
    columns = {"B": "D", "C": "E", "D": "F"}
    for row in range(2, 13):
        sheet.write_formula(f"A{row}", "=YEAR(Start)" if row == 2 else f"=A{row - 1}+1")
        for here, there in columns.items():
            at = f"Plan!${there}${FIRST}:${there}${LAST}"
            formula = f"=SUMIFS({at},Plan!$I${FIRST}:$I${LAST},$A{row})"
            sheet.write_formula(f"{here}{row}", formula, money)
        dates = f"Plan!$B${FIRST}:$B${LAST}"
        sheet.write_formula(f"E{row}", f'=COUNTIFS({dates},">="&DATE(A{row},1,1),{dates},"<="&DATE(A{row},12,31))')
        last = f"=IF(E{row}=0,0,INDEX(Plan!$H${FIRST}:$H${LAST},SUM(E$2:E{row})))"
        sheet.write_formula(f"F{row}", last, money)
        sheet.write_formula(f"G{row}", f'=IFERROR(B{row}/(B{row}+C{row}),"")')
        text = f'=IF(E{row}=0,"nothing in "&A{row},TEXT(B{row},"#,##0.00")&" of "&TEXT(B{row}+C{row}+D{row},"$#,##0"))'
        sheet.write_formula(f"H{row}", text)
    for column in "BCDE":
        sheet.write_formula(f"{column}13", f"=SUM({column}2:{column}12)", money)
    sheet.write_formula("G13", "=B13/(B13+C13)")
    sheet.write_formula("H13", '=IF(ROUND(C13+D13-Principal,2)=0,"all paid","open: "&TEXT(Principal-C13-D13,"0.00"))')


def _checks(sheet: Worksheet, money) -> None:  # type: ignore[no-untyped-def]
    """The plan without extra payments by the functions for it, month by month, and what they must add up to."""
    sheet.write_row("A1", ["Month", "IPMT", "PPMT", "Sum", "Left by FV", "Same as payment"])
    for row in range(2, 38):
        sheet.write(f"A{row}", row - 1)
        sheet.write_formula(f"B{row}", f"=IPMT(Rate/12,A{row},Years*12,-Principal)", money)
        sheet.write_formula(f"C{row}", f"=PPMT(Rate/12,A{row},Years*12,-Principal)", money)
        sheet.write_formula(f"D{row}", f"=B{row}+C{row}", money)
        sheet.write_formula(f"E{row}", f"=-FV(Rate/12,A{row},-Payment,Principal)", money)
        sheet.write_formula(f"F{row}", f"=ABS(D{row}-Payment)<0.000001")
    facts = {
        "Interest of year 1": "=-CUMIPMT(Rate/12,Years*12,Principal,1,12,0)",
        "Principal of year 1": "=-CUMPRINC(Rate/12,Years*12,Principal,1,12,0)",
        "The rate again": "=RATE(Years*12,-Payment,Principal)*12",
        "The months again": "=NPER(Rate/12,-Payment,Principal)",
        "The loan again": "=PV(Rate/12,Years*12,-Payment)",
        "Effective": "=EFFECT(Rate,12)",
        "Nominal again": "=NOMINAL(H7,12)",
        "With the fee": "=RATE(Years*12,-Payment,Principal*(1-Fee/100))*12",
        "At the start of months": "=-PMT(Rate/12,Years*12,Principal,0,1)",
        "With a last payment": "=-PMT(Rate/12,Years*12,Principal,-20000)",
        "Interest only": "=-ISPMT(Rate/12,0,Years*12,Principal)",
        "Last month above 400": f"=LOOKUP(2,1/(Plan!D{FIRST}:D{FIRST + 50}>400),Plan!A{FIRST}:A{FIRST + 50})",
        "End of the first month": "=EOMONTH(Start,0)",
        "Weekday of the first": '=CHOOSE(WEEKDAY(Start,2),"Mon","Tue","Wed","Thu","Fri","Sat","Sun")',
        "Half paid": f"=INDEX(Plan!B{FIRST}:B{LAST},MATCH(Principal/2,Plan!H{FIRST}:H{LAST},-1)+1)",
    }
    for row, (name, formula) in enumerate(facts.items(), 2):
        sheet.write(f"G{row}", name)
        sheet.write_formula(f"H{row}", formula)
